"""How does one booked session change its time, or its chair and staff? By the plan that was shown, as every change is."""

from collections.abc import Callable
from datetime import datetime

from actions.record import Actor
from actions.sessions.changes.carrying import carry_out
from actions.sessions.changes.change import PlanIsStale, change, change_at_once
from actions.sessions.changes.preview import ChangePreview, preview_change
from actions.sessions.changes.reading import read
from care.course.changes.moves import judged
from care.course.changes.plans import Move
from care.course.changes.wishes import Change, ChangeVerb
from care.course.slots import Slot
from care.refusals import Refusal
from models import Course, Patient, Session, db

__all__ = ["Move", "PlanIsStale", "carry_out", "move", "moving_judge", "preview", "reseat"]


def preview(session: Session, slot: Slot, *, by: Actor, now: datetime, reason: str | None = None) -> ChangePreview:
    """What a move would bring, without writing anything."""
    return preview_change(_moving(session, slot), by=by, now=now, reason=reason)


def move(session: Session, slot: Slot, plan_token: str, *, by: Actor, now: datetime, reason: str) -> ChangePreview:
    """Carry out the plan that was shown. Raises `Refused` with every reason, `PlanIsStale` when it is no longer the plan."""
    return change(_moving(session, slot), plan_token, by=by, now=now, reason=reason)


def reseat(session: Session, slot: Slot, *, by: Actor, now: datetime, reason: str | None = None) -> ChangePreview:
    """Another chair or other staff at the time that it has: there is nothing to agree to but the slot itself."""
    wish = Change(ChangeVerb.RESEAT, session.course_id, session.id, slot=slot)
    return change_at_once(wish, by=by, now=now, reason=reason)


def moving_judge(
    session: Session, patient: Patient, *, by: Actor, now: datetime, reason: str | None = None
) -> Callable[[Slot], list[Refusal]]:
    """What is known read once, to judge many new times for one booked session; later doses would give way."""
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    around = read(course, patient, by=by, now=now, reason=reason).around
    me = around.by_id[session.id]
    return lambda slot: judged(me, slot, around)


def _moving(session: Session, slot: Slot) -> Change:
    return Change(ChangeVerb.MOVE, session.course_id, session.id, slot=slot)
