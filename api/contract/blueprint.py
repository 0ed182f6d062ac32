"""What is the same for every route of the API? Strict reading, problems instead of pages, documentation with examples."""

import logging
from collections.abc import Mapping
from typing import Any

import flask_smorest
from flask import Response, request
from flask_smorest.utils import resolve_schema_instance
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from api.contract.documented import add_manners, camel
from api.contract.problems import REFUSED, STALE, UNAVAILABLE, WRONG_LOCAL_TIME, Problem, answer, refused
from api.contract.reading import READER
from api.contract.shape import example_of
from care.refusals import Code, Refusal, Refused
from models.guards import NO_LANE_TWICE, NO_PATIENT_TWICE

JUDGED = {
    NO_LANE_TWICE.name: Code.SLOT_TAKEN,
    NO_PATIENT_TWICE.name: Code.PATIENT_BUSY,
    "uq_course_active": Code.ALREADY_ACTIVE,
}
SOON = {"Retry-After": "2"}
NO_SUCH_TIME = frozenset({Code.IMPOSSIBLE_LOCAL_TIME, Code.AMBIGUOUS_LOCAL_TIME})

log = logging.getLogger(__name__)


class Blueprint(flask_smorest.Blueprint):
    """The routes of one noun under `/v1`, or beside it."""

    ARGUMENTS_PARSER = READER

    def __init__(self, name: str, about: str, *, prefix: str = "/v1") -> None:
        super().__init__(name, __name__, url_prefix=prefix or None, description=about)
        self._prepare_doc_cbks.append(self._prepare_manners_doc)
        self.register_error_handler(Refused, refused_by_rules)
        self.register_error_handler(StaleDataError, changed_meanwhile)
        self.register_error_handler(IntegrityError, refused_by_database)
        self.register_error_handler(OperationalError, database_away)
        self.after_request(_unchanged)

    def arguments(self, schema: Any, *, location: str = "json", **options: Any) -> Any:
        if location == "json" and "example" not in options:
            options["example"] = example_of(resolve_schema_instance(schema), incoming=True)
        return super().arguments(schema, location=location, **options)

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Any:
        if schema is not None and "example" not in options and not isinstance(schema, Mapping | str):
            options["example"] = example_of(resolve_schema_instance(schema), incoming=False)
        return super().response(status_code, schema, **options)

    def alt_response(self, status_code: int, response: Any = None, *, schema: Any = None, **options: Any) -> Any:
        if schema is not None and "example" not in options:
            options["example"] = example_of(resolve_schema_instance(schema), incoming=False)
        return super().alt_response(status_code, response, schema=schema, **options)

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method, about in self._docs[endpoint].items():
            if method != "parameters":
                about.setdefault("manual_doc", {}).setdefault("operationId", camel(endpoint))

    @staticmethod
    def _prepare_manners_doc(doc: dict[str, Any], doc_info: dict[str, Any], **_: Any) -> dict[str, Any]:
        return add_manners(doc, doc_info)


def refused_by_rules(said: Refused) -> Response:
    no_such_time = all(refusal.code in NO_SUCH_TIME for refusal in said.refusals)
    return answer(refused(said.refusals, WRONG_LOCAL_TIME if no_such_time else REFUSED))


def changed_meanwhile(said: StaleDataError) -> Response:
    return answer(Problem(STALE, "It changed while you were changing it; look again."))


def refused_by_database(said: IntegrityError) -> Response:
    """The database judged a race: a guard's verdict is a refusal with a name; what another wrote first is tried again."""
    verdict = str(said.orig)
    for guard, code in JUDGED.items():
        if guard in verdict:
            return answer(refused([Refusal(code)]))
    if "unique" in verdict.lower():
        return answer(Problem(UNAVAILABLE, "Somebody wrote the same at this moment; try again.", headers=SOON))
    raise said


def database_away(said: OperationalError) -> Response:
    log.warning("the database did not answer", extra={"kind": type(said.orig).__name__})
    return answer(Problem(UNAVAILABLE, "The database does not answer; try again.", headers=SOON))


def _unchanged(response: Response) -> Response:
    """A reader who has this edition already gets 304."""
    if request.method == "GET" and response.status_code == 200 and response.headers.get("ETag"):
        response.make_conditional(request)
    return response
