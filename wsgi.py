"""How do the rooms become one application? The only file that knows them all. Any WSGI server runs `wsgi:app`."""

import os
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

import api
import jobs
import logs
import models
import settings
import web
from models.database import db, reading

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class App(Flask):
    def dispatch_request(self) -> Any:
        """A request that returns is kept; one that raises is forgotten."""
        if request.method in SAFE_METHODS:
            with reading():
                return self._kept()
        return self._kept()

    def _kept(self) -> Any:
        try:
            answer = super().dispatch_request()
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        return answer


def create_app(**given: Any) -> App:
    """The application, from the environment and what is given; raises `settings.SettingsError` naming what is wrong."""
    app = App("steadfast", root_path=str(Path(__file__).resolve().parent))
    app.config.from_mapping(settings.read(os.environ, given))
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    if not app.testing:
        logs.init_app(app)
    for room in (models, api, web, jobs):
        room.init_app(app)
    app.after_request(_safe_headers)
    return app


def _safe_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    return response


def __getattr__(name: str) -> Any:
    """`wsgi:app` is built when a server asks for it, and not when a test imports `create_app`."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = create_app()
    return globals()["app"]
