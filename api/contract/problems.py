"""How does the API say no? RFC 9457 problems with stable types; every refusal with its code, its words and what to act on."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, json
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from api.contract.fields import At, Id, Whole, Word
from api.contract.shape import Shown
from api.contract.voice import told_refusal
from care.facts import SessionKind
from care.refusals import Code, Refusal

MEDIA_TYPE = "application/problem+json"
URN = "urn:steadfast:problem:"


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to say no: its stable name, its HTTP status and its title."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        return URN + self.name


UNREADABLE = Kind("unreadable", 400, "The request could not be read")
KEY_MISSING = Kind("idempotency-key-missing", 400, "This request needs an Idempotency-Key")
NOT_SIGNED_IN = Kind("not-signed-in", 401, "Sign in first")
SIGN_IN_FAILED = Kind("sign-in-failed", 401, "This does not open the door")
NOT_ALLOWED = Kind("not-allowed", 403, "Your role may not do this")
BAD_SIGNATURE = Kind("bad-signature", 403, "The signature does not match")
NOT_FOUND = Kind("not-found", 404, "There is nothing here for you")
WRONG_METHOD = Kind("wrong-method", 405, "This address does not take this method")
REFUSED = Kind("refused", 409, "The rules say no")
TWIN_RUNNING = Kind("same-key-running", 409, "The same request is still running")
STALE = Kind("stale", 412, "It changed since you looked")
PLAN_STALE = Kind("plan-stale", 412, "The plan changed since you saw it")
TOO_LARGE = Kind("too-large", 413, "The request is too large")
WRONG_MEDIA = Kind("wrong-media-type", 415, "Send application/json")
WRONG_LOCAL_TIME = Kind("wrong-local-time", 422, "No clock there shows this time, or it shows it twice")
INVALID = Kind("invalid", 422, "Some fields are not right")
KEY_REUSED = Kind("idempotency-key-reused", 422, "This Idempotency-Key belongs to another request")
EDITION_MISSING = Kind("if-match-missing", 428, "Say which edition you saw")
FAULT = Kind("fault", 500, "Something broke on our side")
UNAVAILABLE = Kind("unavailable", 503, "Not available right now")

KINDS = (
    UNREADABLE, KEY_MISSING, NOT_SIGNED_IN, SIGN_IN_FAILED, NOT_ALLOWED, BAD_SIGNATURE, NOT_FOUND, WRONG_METHOD,
    REFUSED, TWIN_RUNNING, STALE, PLAN_STALE, TOO_LARGE, WRONG_MEDIA, WRONG_LOCAL_TIME, INVALID, KEY_REUSED,
    EDITION_MISSING, FAULT, UNAVAILABLE,
)  # fmt: skip

_USUAL = {kind.status: kind for kind in reversed(KINDS)} | {
    400: UNREADABLE,
    401: NOT_SIGNED_IN,
    403: NOT_ALLOWED,
    422: INVALID,
}


class Problem(HTTPException):
    """Raised by a door. `more` are members beside the standard ones, such as `refusals` or `preview`."""

    def __init__(self, kind: Kind, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.code, self.kind, self.headers, self.more = kind.status, kind, headers or {}, more


def refused(refusals: Iterable[Refusal], kind: Kind = REFUSED, **more: Any) -> Problem:
    """Every reason at once; the first one's words are the detail."""
    told = [told_refusal(refusal) for refusal in refusals]
    return Problem(kind, " ".join(each["say"] for each in told), refusals=told, **more)


def answer(problem: HTTPException) -> Response:
    """The problem as a response; headers of the error, such as Allow, are kept."""
    status = problem.code or 500
    kind = problem.kind if isinstance(problem, Problem) else _USUAL.get(status, _unlisted(status))
    more = problem.more if isinstance(problem, Problem) else {}
    members = {"type": kind.type, "title": kind.title, "status": status, "detail": _detail(problem, status), **more}
    response = Response(json.dumps(members), status=status, mimetype=MEDIA_TYPE)
    kept = [(name, value) for name, value in problem.get_headers() if name.lower() != "content-type"]
    response.headers.extend(kept)
    response.headers.update(problem.headers if isinstance(problem, Problem) else {})
    return response


def _detail(problem: HTTPException, status: int) -> str:
    """Werkzeug's own words, except where they would tell what broke."""
    return (
        "The fault was noted; try again later."
        if status >= 500 and not isinstance(problem, Problem)
        else (problem.description or HTTPStatus(status).phrase)
    )


def _unlisted(status: int) -> Kind:
    phrase = HTTPStatus(status).phrase
    return Kind(phrase.lower().replace(" ", "-"), status, phrase)


class RefusalShape(Shown):
    """One reason a rule says no."""

    code = Word(Code, about="the stable name of the reason")
    say = fields.String(metadata={"description": "the reason in your language", "example": "That is too soon."})
    data = fields.Dict(metadata={"description": "what to act on; docs/refusals.md lists it for each code"})


class FieldShape(Shown):
    """One field that is not right."""

    where = fields.String(metadata={"description": "json, query or headers", "example": "json"})
    field = fields.String(metadata={"description": "dotted path of the field", "example": "patient.number"})
    say = fields.String(metadata={"description": "what is wrong", "example": "Missing data for required field."})


class DiffersShape(Shown):
    """One session that is not as it was when a plan was shown."""

    session_id = Id()
    row = fields.Boolean(metadata={"description": "somebody changed the session", "example": True})
    plan = fields.Boolean(metadata={"description": "the plan says something else of it now", "example": False})


class InsteadShape(Shown):
    """A free time that every rule allows. Its `id` is judged again when it is taken."""

    id = fields.String(metadata={"example": "AAAAAGmvAWABl6PCWx59QIoxbC8OnUsXAQ"})
    starts_at = At()
    ends_at = At()


class ConflictShape(Shown):
    """One session of several that cannot have the slot chosen for it."""

    session_id = Id()
    kind = Word(SessionKind)
    number = Whole(1, 999)
    refusals = fields.List(fields.Nested(RefusalShape))
    alternatives = fields.List(fields.Nested(InsteadShape))


class ProblemShape(Schema):
    """A problem (RFC 9457)."""

    type = Word(
        [kind.type for kind in KINDS], named="ProblemType", required=True, about="the stable name of the problem"
    )
    title = fields.String(required=True, metadata={"example": REFUSED.title})
    status = fields.Integer(strict=True, required=True, metadata={"example": 409})
    detail = fields.String(required=True, metadata={"example": "That is too soon after the session before."})
    refusals = fields.List(fields.Nested(RefusalShape), metadata={"description": "every reason a rule gave"})
    fields_ = fields.List(
        fields.Nested(FieldShape), data_key="fields", metadata={"description": "every field that is not right"}
    )
    preview = fields.Dict(metadata={"description": "with `plan-stale`: what the change would be now"})
    differs = fields.List(
        fields.Nested(DiffersShape),
        metadata={"description": "with `plan-stale`: the sessions that are not as they were, or planned otherwise now"},
    )
    alternatives = fields.List(
        fields.Nested(InsteadShape),
        metadata={"description": "with a refused booking: the nearest times that can be had instead"},
    )
    conflicts = fields.List(
        fields.Nested(ConflictShape),
        metadata={"description": "with several sessions that cannot be booked together: what is against each"},
    )
    proposal = fields.Dict(metadata={"description": "with several sessions: what would be proposed now"})
