"""How do tests speak to the app as a stranger would? Each request and command has a context and session of its own."""

from collections.abc import Callable
from contextvars import Context
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient, FlaskCliRunner

from models.database import db


def apart(call: Callable[[], Any]) -> Any:
    """Call without the test's own app context; what the test wrote is committed first, as if by earlier requests."""
    if has_app_context():
        db.session.commit()
    return Context().run(call)


class Client(FlaskClient):
    def open(self, *args: Any, **kwargs: Any) -> Any:
        return apart(lambda: super(Client, self).open(*args, **kwargs))


class CliRunner(FlaskCliRunner):
    def invoke(self, *args: Any, **kwargs: Any) -> Any:
        return apart(lambda: super(CliRunner, self).invoke(*args, **kwargs))
