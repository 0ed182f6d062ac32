"""What do people see? Server-rendered pages: the console for staff, one-question links, and the demonstration's phones."""

from flask import Flask

from web import assets, go, phones, start, trouble
from web.console import (
    changes,
    closures,
    courses,
    enrolment,
    move,
    patients,
    phase,
    protocols,
    resources,
    rules,
    today,
    visits,
    worklist,
)
from web.pages import pages

__all__ = [
    "assets",
    "changes",
    "closures",
    "courses",
    "enrolment",
    "go",
    "init_app",
    "move",
    "patients",
    "phase",
    "phones",
    "protocols",
    "resources",
    "rules",
    "start",
    "today",
    "visits",
    "worklist",
]


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)
    trouble.init_app(app)
