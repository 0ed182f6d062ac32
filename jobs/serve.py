"""How does one process run it all, and how does a dispatcher run alone? Both stop cleanly when told to."""

import signal
from collections.abc import Callable
from typing import Any

import click
import flask_migrate
import waitress
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from jobs.clock import schedule
from jobs.seed import seed_demo
from models.clock import machine_now
from models.database import db

THREADS = 8


def serve(app: Flask) -> None:
    """Migrate, seed a demonstration, serve; with EMBEDDED_DISPATCHER also send."""
    flask_migrate.upgrade()
    if app.config["DEMO"] and seed_demo(machine_now()):
        click.echo("The demonstration clinic is set up.")
    db.session.remove()  # on SQLite even a look at the clinics holds the one pen, and this thread now serves for good
    scheduler = BackgroundScheduler(timezone="UTC") if app.config["EMBEDDED_DISPATCHER"] else None
    if scheduler is not None:
        schedule(scheduler, app)
        scheduler.start()
    _say_where(app)
    _stop_on_signals(_leave)
    try:
        waitress.serve(app, host=_host(app), port=app.config["PORT"], threads=THREADS, ident=None)
    finally:
        if scheduler is not None:
            scheduler.shutdown(wait=True)
        app.extensions["steadfast.webhooks"].close()
        app.extensions["steadfast.feeds"].close()
        app.extensions["steadfast.dispatcher"].close()


def dispatch_forever(app: Flask) -> None:
    """A dispatcher of its own: look, send, look again, until the process is told to stop."""
    scheduler = BlockingScheduler(timezone="UTC")
    schedule(scheduler, app)
    _stop_on_signals(lambda: scheduler.shutdown(wait=False))
    click.echo(f"Dispatching every {app.config['TICK_S']} s.")
    scheduler.start()
    app.extensions["steadfast.webhooks"].close()
    app.extensions["steadfast.feeds"].close()
    app.extensions["steadfast.dispatcher"].close()


def _host(app: Flask) -> str:
    """A demonstration answers this machine alone, unless it was made public on purpose."""
    return "127.0.0.1" if app.config["DEMO"] and not app.config["DEMO_PUBLIC"] else "0.0.0.0"  # noqa: S104


def _say_where(app: Flask) -> None:
    base = app.config["PUBLIC_BASE_URL"]
    places = [("Console", "/"), ("API", "/docs")]
    if app.config["DEMO"]:
        places.insert(1, ("Phones", "/phones"))
    click.echo("\n".join(["", "Steadfast is running.", *(f"  {name:8} {base}{path}" for name, path in places), ""]))


def _stop_on_signals(stop: Callable[[], Any]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def _leave() -> None:
    raise SystemExit(0)
