"""When is nobody served? A closure is asked for, shown with all that it brings, said yes to, and lifted again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import g, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from actions.resources.closing import ClosurePreview, close, lift_closure, preview_closure
from actions.resources.hit import Wished
from care.course.changes.plans import Move
from models import Closure, Patient, Resource, Session, db
from web import rows, show
from web.auth import guarded, staff
from web.console.resources import listed
from web.forms import Form, Unreadable
from web.pages import pages
from web.trouble import again
from web.words import resources as words


@dataclass(frozen=True, slots=True)
class Met:
    """One session that a closure meets, with its patient; `move` is where it goes."""

    session: Session
    patient: Patient
    move: Move | None = None


@pages.get("/console/closures")
@staff
def closures() -> str:
    clinic = rows.own_clinic()
    wished, wrong = _asked()
    preview = _preview(wished) if wished else None
    return show.console(
        "closures.html",
        closures=_in_force(),
        names={row.id: row.name for row in listed(clinic)},
        resources=[("", "the whole clinic"), *((str(row.id), row.name) for row in listed(clinic))],
        wished=wished,
        wrong=wrong,
        preview=preview,
        moves=[_met(move.session_id, move) for move in preview.moves] if preview else [],
        reseated=[_met(move.session_id, move) for move in preview.reseated] if preview else [],
        begun=[_met(session_id) for session_id in preview.begun] if preview else [],
        stale=g.get("new_plan") is not None,
        done=words.DONE.get(request.args.get("done", "")),
    )


@pages.post("/console/closures")
@guarded("coordinator")
@again(closures)
def close_it() -> Response:
    form = Form(request.form)
    wished = _wished(form)
    plan = form.words("plan", ask="Please look first at what it would bring.")
    reason = form.words("reason", most=200, ask="Please say why, for the record.")
    form.refuse_if_wrong()
    close(wished, plan, by=g.who, now=g.now, reason=reason)
    return redirect(url_for("pages.closures", done="closed"), 303)


@pages.post("/console/closures/<uuid:closure_id>/lift")
@guarded("coordinator")
@again(closures)
def lift_it(closure_id: UUID) -> Response:
    lift_closure(rows.own(Closure, closure_id), by=g.who, now=g.now)
    return redirect(url_for("pages.closures", done="lifted"), 303)


def _asked() -> tuple[Wished | None, dict[str, str]]:
    """The closure that the form asks for; None while it says too little, with what is wrong in it."""
    if "from" not in request.values:
        return None, {}
    form = Form(request.values)
    wished = _wished(form)
    try:
        form.refuse_if_wrong()
    except Unreadable as unreadable:
        return None, unreadable.complaints
    return wished, {}


def _wished(form: Form) -> Wished:
    clinic = rows.own_clinic()
    resource_id = rows.own(Resource, form.key("resource")).id if form.given.get("resource") else None
    from_at, until_at = form.local_moment("from", clinic.zone), form.local_moment("until", clinic.zone)
    if not form.complaints and from_at >= until_at:
        form.complaints["until"] = "Please give an end after the beginning."
    return Wished(clinic.id, resource_id, _minute(from_at), _minute(until_at), leave=frozenset(_left(form)))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _left(form: Form) -> list[UUID]:
    """Sessions that a person will find a time for."""
    try:
        return [UUID(each) for each in form.given.getlist("leave")]
    except ValueError:
        form.complaints["leave"] = "Please choose some of these."
        return []


def _preview(wished: Wished) -> ClosurePreview:
    """What would follow, or after a plan went stale the one that its refusal brought."""
    new: ClosurePreview | None = g.get("new_plan")
    return new or preview_closure(wished, by=g.who, now=g.now)


def _met(session_id: UUID, move: Move | None = None) -> Met:
    session = rows.own(Session, session_id)
    return Met(session, rows.patient_of(session), move)


def _in_force() -> list[Closure]:
    """Those that are not lifted and not over, in order of time."""
    mine = select(Closure).where(
        Closure.clinic_id == g.who.clinic_id, Closure.lifted_at.is_(None), Closure.ends_at > g.now
    )
    return list(db.session.scalars(mine.order_by(Closure.starts_at, Closure.id)))
