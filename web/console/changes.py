"""How do staff end sessions, push them back, add one, or change a course from a day on? What follows is shown before the yes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from uuid import UUID

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from actions.facts import sessions_of
from actions.sessions.changes.change import change
from actions.sessions.changes.preview import ChangePreview, preview_change
from care.course.changes.wishes import Addition, Change, ChangeVerb, Scope
from care.facts import ENDED_WITHOUT_HAPPENING, Cause, SessionKind
from care.protocol import MissedPolicy
from care.refusals import Refused
from models import Course, Patient, Session, db
from web import rows, show, words
from web.auth import staff
from web.console.visits import back_to_session
from web.forms import Form, day_or
from web.pages import pages
from web.say import Times
from web.trouble import again

OVER = "any(cancel, defer, omit, miss)"
WISHED = ("verb", "from_on", "weekdays", "around", "days", "kind", "target_on", "latest_on", "of")


@dataclass(frozen=True, slots=True)
class Parted:
    """One session that is not as it was when a plan was shown."""

    session: Session
    row: bool
    plan: bool


@pages.get(f"/console/sessions/<uuid:session_id>/<{OVER}:verb>")
@staff
def show_end(session_id: UUID, verb: str) -> str:
    visit = rows.own(Session, session_id)
    patient, wish = rows.patient_of(visit), _ending(visit, verb)
    return show.console(
        "end.html",
        session=visit,
        patient=patient,
        verb=verb,
        scope=wish.scope.value,
        days=wish.by_days,
        then=wish.then,
        preview=preview_of(wish),
        causes=tuple(words.CAUSE.items()),
        names={row.id: row.name for row in rows.people(patient)},
        seats_of=rows.resource_names,
        stale_plan=parted(),
    )


@pages.post(f"/console/sessions/<uuid:session_id>/<{OVER}:verb>")
@staff
@again(show_end)
def end_session(session_id: UUID, verb: str) -> Response:
    form = Form(request.form)
    cause = Cause(form.one_of("cause", tuple(Cause)))
    reason = form.words("reason", most=500, ask="Please say why, for the record.")
    form.refuse_if_wrong()
    wish = _ending(rows.own(Session, session_id), verb, cause)
    change(wish, request.form.get("plan", ""), by=g.who, now=g.now, reason=reason)
    return back_to_session(session_id, verb)


@pages.get("/console/courses/<uuid:course_id>/changes")
@staff
def show_course_change(course_id: UUID) -> str:
    course = rows.own(Course, course_id)
    patient = db.session.get_one(Patient, (course.clinic_id, course.patient_id))
    wish = _course_wish(course)
    return show.console(
        "change_course.html",
        course=course,
        patient=patient,
        verb=wish.verb.value if wish else "",
        from_on=wish.from_on if wish else None,
        preview=_course_preview(wish) if wish else None,
        wished=list(_wished()),
        tomorrow=Times(rows.own_clinic().zone).local_date(g.now) + timedelta(days=1),
        around=course.preferences.get("around", "10:00"),
        chosen_days=request.values.getlist("weekdays") or [str(day) for day in course.preferences.get("weekdays", ())],
        doses=list(_doses(course, patient)),
        names={row.id: row.name for row in rows.people(patient)},
        seats_of=rows.resource_names,
        stale_plan=parted(),
    )


@pages.post("/console/courses/<uuid:course_id>/changes")
@staff
@again(show_course_change)
def change_course(course_id: UUID) -> Response:
    form, course = Form(request.form), rows.own(Course, course_id)
    reason = form.words("reason", most=500, ask="Please say why, for the record.")
    wish = _course_wish(course)
    if wish is None:
        form.complaints["verb"] = "Please say what is to change."
    form.refuse_if_wrong()
    if wish is not None:
        change(wish, request.form.get("plan", ""), by=g.who, now=g.now, reason=reason)
    done = "add" if wish is not None and wish.verb is ChangeVerb.ADD else "change"
    return redirect(url_for("pages.patient", patient_id=course.patient_id, done=done), 303)


def preview_of(wish: Change, reason: str | None = None) -> ChangePreview:
    """What would follow, or after a plan went stale the one that its refusal brought."""
    new: ChangePreview | None = g.get("new_plan")
    return new or preview_change(wish, by=g.who, now=g.now, reason=reason)


def parted() -> list[Parted] | None:
    """The sessions in which a plan that went stale and the new one part; None when nothing went stale."""
    if g.get("new_plan") is None:
        return None
    return [Parted(rows.own(Session, each.session_id), each.row, each.plan) for each in g.get("differs", ())]


def scope_of(name: str | None) -> Scope:
    return Scope.FOLLOWING if name == Scope.FOLLOWING else Scope.THIS


def _ending(visit: Session, verb: str, cause: Cause = Cause.OTHER) -> Change:
    given = request.values
    scope = scope_of(given.get("scope"))
    then = given.get("then", "")
    return Change(
        verb=ChangeVerb(verb),
        course_id=visit.course_id,
        session_id=visit.id,
        scope=scope,
        by_days=_days(given.get("days")) if verb == ChangeVerb.DEFER and scope is Scope.FOLLOWING else None,
        cause=cause,
        then=MissedPolicy(then) if then in set(MissedPolicy) else None,
    )


def _course_wish(course: Course) -> Change | None:
    """What the form asks for; None while it says too little."""
    given = request.values
    verb = given.get("verb", "")
    if verb == ChangeVerb.ADD:
        addition = _addition()
        return Change(ChangeVerb.ADD, course.id, addition=addition) if addition else None
    from_on = day_or(given.get("from_on"), None)
    if verb not in words.FROM_A_DAY or from_on is None:
        return None
    moving = verb == ChangeVerb.MOVE
    return Change(
        verb=ChangeVerb(verb),
        course_id=course.id,
        scope=Scope.FROM,
        from_on=from_on,
        weekdays=tuple(sorted({int(day) for day in given.getlist("weekdays") if day in "0123456"})) if moving else (),
        around=_clock(given.get("around")) if moving else None,
        by_days=(_days(given.get("days")) or 7) if verb == ChangeVerb.DEFER else None,
        cause=_cause(given.get("cause")),
    )


def _addition() -> Addition | None:
    given = request.values
    kind, target = given.get("kind", ""), day_or(given.get("target_on"), None)
    if kind not in set(SessionKind) or target is None:
        return None
    of = given.get("of", "") if kind == SessionKind.INTEGRATION else ""
    latest = day_or(given.get("latest_on"), None) or target
    return Addition(SessionKind(kind), target, target, latest, of_session_id=_id(of))


def _course_preview(wish: Change) -> ChangePreview | None:
    try:
        return preview_of(wish)
    except Refused as refused:
        g.refusals = refused.refusals
        return None


def _wished() -> Iterator[tuple[str, str]]:
    return ((name, value) for name in WISHED for value in request.values.getlist(name))


def _doses(course: Course, patient: Patient) -> Iterator[tuple[str, str]]:
    for row in sessions_of(patient):
        if row.course_id == course.id and row.kind == SessionKind.DOSING and row.status not in ENDED_WITHOUT_HAPPENING:
            yield str(row.id), f"{words.SESSION[row.kind]} {row.number}"


def _days(given: str | None) -> int | None:
    return int(given) if given and given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= 365 else None


def _clock(given: str | None) -> time | None:
    try:
        return time.fromisoformat(given or "")
    except ValueError:
        return None


def _cause(given: str | None) -> Cause:
    return Cause(given) if given in set(Cause) else Cause.OTHER


def _id(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
