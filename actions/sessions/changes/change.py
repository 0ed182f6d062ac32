"""How is a change carried out? All or nothing, by the plan that was shown.

It makes the same preview again and compares its token, so that nobody agrees to one plan and gets another.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from actions.ask import ask, meet
from actions.courses.follow import follow
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.sessions.changes.carrying import add_all, carry_out, end_all, slide, take_seats
from actions.sessions.changes.preview import ChangePreview, reading_for, shown
from actions.sessions.changes.reading import Reading
from actions.sessions.changes.tokens import Differs, differing
from care.course.changes.plans import Plan, Slide
from care.course.changes.wishes import Change, ChangeVerb, Scope
from care.facts import Status
from care.refusals import Code, Refusal, Refused, refuse_if_any
from care.tasks import TaskCode
from models import Course, Session, db

ENDED_BY = {
    Status.CANCELLED: Verb.CANCEL,
    Status.OMITTED: Verb.OMIT,
    Status.DEFERRED: Verb.DEFER,
    Status.MISSED: Verb.MISS,
}


class PlanIsStale(Refused):
    """The plan changed since it was shown; `preview` is the new one, `differs` the sessions in which they part."""

    def __init__(self, preview: ChangePreview, differs: tuple[Differs, ...]) -> None:
        super().__init__([Refusal(Code.PLAN_IS_STALE)])
        self.preview, self.differs = preview, differs


def change(wish: Change, token: str, *, by: Actor, now: datetime, reason: str | None) -> ChangePreview:
    """Carry out what was shown. Raises `Refused` with every reason, `PlanIsStale` when it is no longer what follows."""
    reading = _locked(wish, by=by, now=now, reason=reason)
    preview = shown(wish, reading)
    refuse_if_any(preview.refusals)
    agreed = next((each for each in (preview, preview.alternative) if each and each.token == token), None)
    if agreed is None:
        raise PlanIsStale(preview, differing(token, preview.plan, reading))
    return _done(wish, agreed, reading, by=by, now=now, reason=reason)


def change_at_once(wish: Change, *, by: Actor, now: datetime, reason: str | None) -> ChangePreview:
    """Carry out what follows now, whatever it is: for whoever had nothing to agree to. Raises `Refused`."""
    reading = _locked(wish, by=by, now=now, reason=reason)
    preview = shown(wish, reading)
    refuse_if_any(preview.refusals)
    return _done(wish, preview, reading, by=by, now=now, reason=reason)


def _locked(wish: Change, *, by: Actor, now: datetime, reason: str | None) -> Reading:
    """What is known under the patient's lock; what was read before it may be old."""
    course = db.session.get_one(Course, (by.clinic_id, wish.course_id))
    lock(course.clinic_id, course.patient_id)
    db.session.flush()
    db.session.expire_all()
    return reading_for(wish, by=by, now=now, reason=reason)


def _done(
    wish: Change, preview: ChangePreview, reading: Reading, *, by: Actor, now: datetime, reason: str | None
) -> ChangePreview:
    made = _written(wish, preview.plan, reading, now=now)
    with db.session.no_autoflush:  # all entries go in one statement
        _note_all(wish, preview.plan, reading, made, by=by, now=now, reason=reason)
    for asked in preview.asks:
        row = reading.rows[asked.session_id]
        ask(asked.role, asked.code, row, subject_id=row.id, now=now)
    if wish.verb is ChangeVerb.DEFER and wish.session_id is not None:
        meet(by.clinic_id, wish.session_id, code=TaskCode.NOT_DOSED, how="deferred", now=now)
    follow(reading.course, reading.patient, by=by, now=now)
    remind(reading.patient, now=now)
    return preview


def _written(wish: Change, plan: Plan, reading: Reading, *, now: datetime) -> list[Session]:
    rows, course = reading.rows, reading.course
    slide(plan.slides, rows)
    carry_out(plan.moves, rows, now=now)
    take_seats(plan.reseats, rows, now=now)
    end_all(plan.ends, rows, wish.cause, now=now)
    if wish.scope is Scope.FROM and (wish.weekdays or wish.around):
        course.preferences = _preferred(wish, course)
    return add_all(plan.adds, course, reading.around.rules.setting, rows, now=now)


def _preferred(wish: Change, course: Course) -> dict[str, Any]:
    """What is planned later follows the new preferences too."""
    weekdays = {"weekdays": list(wish.weekdays)} if wish.weekdays else {}
    around = {"around": wish.around.isoformat("minutes")} if wish.around else {}
    return {**course.preferences, **weekdays, **around}


def _note_all(
    wish: Change, plan: Plan, reading: Reading, made: list[Session], *, by: Actor, now: datetime, reason: str | None
) -> None:
    """One entry for every session touched, by what happened to it."""
    verb = Verb(wish.verb.value)

    def noted(what: Verb, subject_id: UUID, facts: dict[str, Any]) -> None:
        note(what, by=by, now=now, patient=reading.patient, subject_id=subject_id, facts=facts, reason=reason)

    pushing = verb if verb is Verb.DEFER else Verb.MOVE
    slid = {each.session_id: _slid(each, wish) for each in plan.slides}
    for move in plan.moves:
        noted(pushing, move.session_id, {"was": move.was, "to": move.to, **slid.pop(move.session_id, {})})
    for session_id, days in slid.items():
        noted(pushing, session_id, days)
    for reseat in plan.reseats:
        seats = [{"resource_id": str(seat.resource_id), "lane": seat.lane} for seat in reseat.slot.seats]
        noted(Verb.RESEAT, reseat.session_id, {"seats": seats})
    for end in plan.ends:
        noted(ENDED_BY[end.becomes], end.session_id, {"cause": wish.cause, **_policy(plan, end.session_id, wish)})
    for row in made:
        facts = {"kind": row.kind, "number": row.number, "target_on": row.target_on.isoformat()}
        noted(Verb.ADD, row.id, facts | ({"replaces_id": row.replaces_id} if row.replaces_id else {}))
    if wish.scope is Scope.FROM and (wish.weekdays or wish.around):
        noted(Verb.MOVE, reading.course.id, {"preferences": reading.course.preferences})


def _slid(each: Slide, wish: Change) -> dict[str, Any]:
    days = {"was_on": each.was.target_on.isoformat(), "target_on": each.to.target_on.isoformat()}
    return days | ({"after": wish.session_id} if wish.session_id else {})


def _policy(plan: Plan, session_id: UUID, wish: Change) -> dict[str, Any]:
    """What follows, where somebody decided or the protocol proposed it."""
    named = session_id == wish.session_id and plan.follows is not None
    return {"then": plan.follows.policy.value} if named and plan.follows else {}
