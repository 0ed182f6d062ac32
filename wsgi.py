"""How do the rooms become one application? The only file that knows them all. Any WSGI server runs `wsgi:app`."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

import api
import jobs
import logs
import models
import settings
import web
from models.database import db, reading

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOKS = ("/preview", "/proposal", "/dry-run")  # may think for seconds, and writes nothing: no writer waits for it


class App(Flask):
    def dispatch_request(self) -> Any:
        """A request that returns is kept; one that raises is forgotten."""
        if request.method in SAFE_METHODS or request.path.endswith(LOOKS):
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
    if app.config["DEMO"] and not app.config["DEMO_PUBLIC"]:
        app.before_request(_only_for_this_machine)
    for room in (models, api, web, jobs):
        room.init_app(app)
    app.after_request(_safe_headers)
    return app


def _only_for_this_machine() -> None:
    """A demonstration has doors without keys: until DEMO_PUBLIC opens it, it answers this machine under its own names alone.

    The name is looked at too, because a page from elsewhere can have its name lead here.
    """
    if urlsplit(f"//{request.host}").hostname not in settings.LOOPBACK or not _is_loopback(request.remote_addr):
        abort(403, "This demonstration is for the machine it runs on; DEMO_PUBLIC=1 shows it to others.")


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


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
