"""How is a session booked, held, let go and answered over HTTP? Alike for patients and staff, who come by doors of their own."""

from typing import Any
from uuid import UUID

from flask import current_app, g

from actions.sessions.book import book, hold, release
from actions.sessions.confirm import confirm
from actions.sessions.elsewhere import come_back, go_elsewhere
from actions.sessions.slots import slot_of
from api.auth import caller
from api.editions import etag, judge_edition
from api.reach import find_locked
from care.facts import How, Step, Value
from care.refusals import Code
from models import Answer, Session

STEP = f"<any({', '.join(step.value for step in Step if step is not Step.INVITATION)}):step>"
SPACING = (
    Code.TOO_SOON,
    Code.TOO_MANY_IN_COURSE_WEEK,
    Code.TOO_MANY_IN_SEVEN_DAYS,
    Code.OUTSIDE_SPAN,
    Code.OUT_OF_ORDER,
)
TIMING = (*SPACING, Code.OUTSIDE_INTEGRATION_WINDOW, Code.IN_THE_PAST, Code.COURSE_NOT_ACTIVE)
RACES = (Code.SLOT_TAKEN, Code.SLOT_NOT_OFFERED, Code.PATIENT_BUSY)
CLOCKS = (Code.IMPOSSIBLE_LOCAL_TIME, Code.AMBIGUOUS_LOCAL_TIME)

WithEdition = tuple[Session, dict[str, str]]


def booked(session_id: UUID, wished: dict[str, Any]) -> WithEdition:
    """The session with its new time. 412 when the caller saw another edition; raises `Refused` with every reason."""
    session = find_locked(Session, session_id)
    judge_edition(session)
    book(session, slot_of(wished["slot"], session), by=caller().actor, now=g.now, reason=wished.get("reason"))
    return session, etag(session)


def held(session_id: UUID, wished: dict[str, Any]) -> dict[str, Any]:
    """Until when the slot is kept."""
    session = find_locked(Session, session_id)
    slot, minutes = slot_of(wished["slot"], session), current_app.config["HOLD_MINUTES"]
    return {"held_until": hold(session, slot, by=caller().actor, minutes=minutes, now=g.now)}


def released(session_id: UUID) -> str:
    release(find_locked(Session, session_id), by=caller().actor, now=g.now)
    return ""


def gone_elsewhere(session_id: UUID, given: dict[str, Any]) -> WithEdition:
    """Integration is with the patient's own therapist on that day. 412 when the caller saw another edition."""
    session = find_locked(Session, session_id)
    judge_edition(session)
    go_elsewhere(session, given["on"], by=caller().actor, now=g.now)
    return session, etag(session)


def back_here(session_id: UUID) -> WithEdition:
    """The session wants a time here again. 412 when the caller saw another edition."""
    session = find_locked(Session, session_id)
    judge_edition(session)
    come_back(session, by=caller().actor, now=g.now)
    return session, etag(session)


def answered(session_id: UUID, step: str, given: dict[str, Any], *, how: How) -> Answer:
    """The answer to a step of the version that the caller saw."""
    return confirm(
        find_locked(Session, session_id),
        Step(step),
        Value(given["value"]),
        by=caller().actor,
        how=how,
        now=g.now,
        version=given["version"],
        note=given.get("note"),
    )
