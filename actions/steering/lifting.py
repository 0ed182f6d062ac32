"""How does a session that has not begun lose its time, or its turn, when something happens to its whole course?"""

from datetime import datetime
from uuid import UUID

from actions.courses.known import Known
from actions.record import Actor, Verb, note
from actions.sessions.book import free
from care.facts import Cause, SessionKind, Status
from care.refusals import Code, Refusal
from models import Patient, Session, db

OFF = {Verb.CANCEL: Status.CANCELLED, Verb.OMIT: Status.OMITTED}


def under_way_refusals(facts: Known) -> list[Refusal]:
    """A dose whose patient is here is brought to its end first."""
    row = facts.under_way
    return [Refusal(Code.DOSE_UNDER_WAY, {"session_id": str(row.id)})] if row else []


def ahead(facts: Known, now: datetime, *statuses: Status) -> list[Session]:
    """The sessions that have not begun, without those that follow a dose already given: their care still goes on."""
    given = {row.id for row in facts.rows if row.status == Status.DISCHARGED}
    open_ = [row for row in facts.rows if row.status in statuses and (row.starts_at is None or row.starts_at > now)]
    return [row for row in open_ if row.of_session_id not in given]


def lift(session: Session, patient: Patient, *, by: Actor, now: datetime, reason: str | None) -> None:
    """Give its time back: what was said about that time no longer counts, and its people hear that it is off."""
    was = session.starts_at
    free(session, now=now)
    session.status, session.since, session.version = Status.PLANNED, now, session.version + 1
    session.starts_at = session.ends_at = session.arrive_at = None
    db.session.flush()
    facts = {"was": was, "to": None}
    note(Verb.MOVE, by=by, now=now, patient=patient, subject_id=session.id, facts=facts, reason=reason)


def call_off(
    session: Session, verb: Verb, cause: Cause, patient: Patient, *, by: Actor, now: datetime, reason: str | None
) -> None:
    """Its turn does not come: `verb` is cancel or omit."""
    free(session, now=now)
    session.status, session.cause, session.since = OFF[verb], cause, now
    db.session.flush()
    note(verb, by=by, now=now, patient=patient, subject_id=session.id, facts={"cause": cause}, reason=reason)


def after_given(facts: Known) -> list[Session]:
    """Integration sessions of given doses that have not been held."""
    given: set[UUID] = {row.id for row in facts.rows if row.status == Status.DISCHARGED}
    open_ = (Status.PLANNED, Status.BOOKED)
    return [
        row
        for row in facts.rows
        if row.kind == SessionKind.INTEGRATION and row.status in open_ and row.of_session_id in given
    ]
