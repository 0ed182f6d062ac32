"""How are the routes documented as one OpenAPI 3.1 document, and how do errors outside them answer?"""

from collections.abc import Callable
from http import HTTPStatus
from threading import RLock
from typing import Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_smorest.utils import prepare_response
from werkzeug.exceptions import HTTPException

from api.contract.documented import IDEMPOTENCY_KEY, IF_MATCH
from api.contract.problems import KINDS, MEDIA_TYPE, ProblemShape, answer
from api.contract.words import word2ref

OURS = ("/v1/", "/twilio/", "/calendar/", "/healthz", "/readyz", "/openapi.json")
VERSION = "1.0.0"

ABOUT = """The backend of a treatment programme: courses, sessions, reminders, and what people answered.

Times go out as `{at, local, zone, say}` and come in as RFC 3339 with offset. Every refusal says why, in your language.
Tolerate fields and words that you do not know: new ones come without notice, removals take twelve months.
"""


class Shapes(MarshmallowPlugin):
    """Shapes as the document tells them: each list of words once, by its name."""

    def init_spec(self, spec: Any) -> None:
        super().init_spec(spec)
        self.converter.add_attribute_function(word2ref)  # type: ignore[union-attr]  # it is there from now on


class Api(flask_smorest.Api):
    """Our manners on flask-smorest's machinery: RFC 9457 problems, also in the documentation."""

    ERROR_SCHEMA = ProblemShape
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        self._undocumented: list[flask_smorest.Blueprint] = []
        self._documenting = RLock()
        app.config.update(API_TITLE="Steadfast", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
        super().__init__(app, spec_kwargs=_frame(app) | {"marshmallow_plugin": Shapes(_short_name)})
        _add_parameters(self.spec)

    def register_blueprint(self, blp: flask_smorest.Blueprint, **options: Any) -> None:
        """Routes work at once; they are documented when somebody asks, because that takes longer than all the rest."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)
        self._undocumented.append(blp)

    @property
    def spec(self) -> Any:
        """The document with every route that is registered by now."""
        with self._documenting:
            while self._undocumented:
                blp = self._undocumented.pop(0)
                blp.register_views_in_doc(self, self._app, self._spec, name=blp.name, parameters=None)
                self._spec.tag({"name": blp.name, "description": blp.description})
        return self._spec

    @spec.setter
    def spec(self, whole: Any) -> None:
        self._spec = whole

    def handle_http_exception(self, error: HTTPException) -> ResponseReturnValue:
        """Problems for our own addresses; pages keep theirs."""
        if request.path.startswith(OURS):
            return answer(error)
        page: Callable[[HTTPException], ResponseReturnValue] = self._app.extensions.get(
            "steadfast.page_error", _plainly
        )
        return page(error)

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= 400:
                titles = [kind.title for kind in KINDS if kind.status == status] or [status.phrase]
                response = {"description": ", or: ".join(titles), "schema": self.ERROR_SCHEMA}
                prepare_response(response, self.spec, MEDIA_TYPE)
                self.spec.components.response(status.name, response, lazy=True)

    def _register_pagination_header(self) -> None:
        """Lists carry their cursor in the body."""

    def _register_etag_headers(self) -> None:
        """Our ETags are editions; `api.editions` documents them."""


def _short_name(schema: Any) -> str:
    """What a shape is called in the document: `SessionShown` is `Session` there."""
    shape: Any = resolve_schema_cls(schema)
    return str(shape.__name__).removesuffix("Shown").removesuffix("Shape")


def _plainly(error: HTTPException) -> ResponseReturnValue:
    return error.get_response()


def _frame(app: Flask) -> dict[str, Any]:
    return {
        "info": {
            "description": ABOUT,
            "contact": {"name": "Steadfast", "url": app.config["PUBLIC_BASE_URL"]},
            "license": {"name": "Proprietary to its owner", "identifier": "LicenseRef-Steadfast"},
        },
        "servers": [{"url": app.config["PUBLIC_BASE_URL"]}],
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "POST /v1/auth/tokens",
                }
            }
        },
        "security": [{"bearer": []}],
    }


def _add_parameters(spec: Any) -> None:
    spec.components.parameter(
        IDEMPOTENCY_KEY,
        "header",
        {
            "name": "Idempotency-Key",
            "required": True,
            "description": "A word of your own, new for each thing you want done and the same when you repeat the request. "
            "For 48 hours a repeat gets the first success again and changes nothing.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,80}$", "example": "3c9d1f6a-booking-1"},
        },
        lazy=True,
    )
    spec.components.parameter(
        IF_MATCH,
        "header",
        {
            "name": "If-Match",
            "required": True,
            "description": "The ETag that you saw last: the row's `edition` in double quotes.",
            "schema": {"type": "string", "example": '"3"'},
        },
        lazy=True,
    )
