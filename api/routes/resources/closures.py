"""When is nobody served? A closure is shown before it happens, carried out as it was shown, and lifted again."""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify
from sqlalchemy import or_

from actions.resources.closing import ClosureIsStale, close, lift_closure, preview_closure
from actions.resources.hit import Wished
from actions.sessions.slots import slot_of
from api.auth import caller, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.editions import etag, expects_edition, judge_edition
from api.reach import find, reachable
from api.repeats import repeatable
from api.routes.resources.keeping import coordinators
from api.shapes.resources import (
    ClosureAgreed,
    ClosureDone,
    ClosureList,
    ClosurePreviewShown,
    ClosureQuery,
    ClosureShown,
    ClosureWished,
    closure_preview_fields,
    closure_preview_shown,
    closure_shown,
    stale_closure,
)
from care.refusals import Code
from models import Closure, Resource, Session, db

closures = Blueprint("closures", "Times in which nobody is served, by one resource or in the whole clinic")
closures.register_error_handler(ClosureIsStale, stale_closure)

WISHES = (Code.IN_THE_PAST, Code.NOT_HIT, Code.SLOT_TAKEN, Code.SLOT_NOT_OFFERED, Code.TOO_SOON, Code.OUTSIDE_SPAN)


@closures.route("/closures")
@staff
@closures.arguments(ClosureQuery, location="query")
@closures.response(200, ClosureList)
def list_closures(query: dict[str, Any]) -> dict[str, Any]:
    """Closures

    Those that last beyond `from`, lifted ones too, in order of time.
    """
    rows = reachable(Closure).where(Closure.ends_at > query.get("from_at", g.now))
    if "resource" in query:
        rows = rows.where(or_(Closure.resource_id.is_(None), Closure.resource_id == query["resource"]))
    found = db.session.scalars(rows.order_by(Closure.starts_at, Closure.id).limit(500))
    return {"items": [closure_shown(row) for row in found]}


@closures.route("/closures/<uuid:closure_id>")
@staff
@says(404)
@closures.response(200, ClosureShown)
def get_closure(closure_id: UUID) -> tuple[dict[str, Any], dict[str, str]]:
    """One closure

    Its ETag is needed to lift it.
    """
    closure = find(Closure, closure_id)
    return closure_shown(closure), etag(closure)


@closures.route("/closures/preview", methods=["POST"])
@coordinators
@says(404)
@closures.arguments(ClosureWished)
@closures.response(200, ClosurePreviewShown)
@may_refuse(Code.SLOT_NOT_OFFERED)
def preview_one(given: dict[str, Any]) -> Response:
    """What would a closure bring?

    Every session that it hits, with another time for each where there is one: exactly per course, courses in a fair order,
    then exchanges between two. Writes nothing. Its `token` agrees to exactly this plan.
    """
    preview = preview_closure(_wished(given), by=caller().actor, now=g.now)
    return jsonify(closure_preview_shown(preview))


@closures.route("/closures", methods=["POST"])
@coordinators
@says(404, 412)
@repeatable
@closures.arguments(ClosureAgreed)
@closures.response(201, ClosureDone)
@may_refuse(*WISHES, Code.PLAN_IS_STALE)
def add_closure(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Close, as previewed

    All of it or none. When something that the plan was made of has changed, also by a booking at this moment, the answer is
    412 with the new preview. Each person hears of all their new times at once. From then on nobody can book into it.
    """
    closure, done = close(_wished(given), given["plan"], by=caller().actor, now=g.now, reason=given["reason"])
    return closure_shown(closure) | {"done": closure_preview_fields(done)}, etag(closure)


@closures.route("/closures/<uuid:closure_id>", methods=["DELETE"])
@coordinators
@says(404)
@expects_edition
@closures.response(204)
@may_refuse(Code.ALREADY_LIFTED)
def lift_one(closure_id: UUID) -> str:
    """Lift a closure

    What another closure needs stays closed. Nobody is moved back.
    """
    closure = find(Closure, closure_id)
    judge_edition(closure)
    lift_closure(closure, by=caller().actor, now=g.now)
    return ""


def _wished(given: dict[str, Any]) -> Wished:
    """Ids of another clinic answer like missing ones."""
    if given.get("resource_id") is not None:
        find(Resource, given["resource_id"])
    chosen = {each["session_id"]: find(Session, each["session_id"]) for each in given["choices"]}
    return Wished(
        clinic_id=caller().clinic.id,
        resource_id=given.get("resource_id"),
        starts_at=given["from_at"],
        ends_at=given["until_at"],
        leave=frozenset(given["leave"]),
        choices={each["session_id"]: slot_of(each["slot"], chosen[each["session_id"]]) for each in given["choices"]},
    )
