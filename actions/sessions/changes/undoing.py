"""What was made of a missed dose, and how is it undone when the patient comes after all?"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from actions.ask import ask, meet
from actions.record import Actor, Verb, note
from actions.sessions.book import free, seat_again
from care.facts import Cause, Role, Status
from care.tasks import TaskCode
from models import Patient, RecordEntry, Session, db


def undo_miss(session: Session, missed_at: datetime, patient: Patient, *, by: Actor, now: datetime) -> None:
    """The patient came, or was marked wrongly: no replacement, no slide; integration belongs to this dose again.

    `missed_at`: when the miss was noted. The session gets its seats again where they are still free.
    """
    for replacement in _unused(_replacements(session)):
        for each in (replacement, *_bound(replacement, Status.PLANNED, Status.BOOKED)):
            _give_up(each, patient, by=by, now=now)
    for integration in _cancelled_with(session, missed_at):
        _plan_again(integration, now=now)
    _slide_back(session, missed_at, patient)
    for code in (TaskCode.MISSED_CALL, TaskCode.MISSED_REVIEW):
        meet(session.clinic_id, session.id, code=code, how="they came after all", now=now)
    if not seat_again(session, now=now):
        ask(Role.COORDINATOR, TaskCode.SEAT_TAKEN, session, subject_id=session.id, urgent=True, now=now)


def _give_up(session: Session, patient: Patient, *, by: Actor, now: datetime) -> None:
    free(session, now=now)
    session.status, session.cause, session.since = Status.CANCELLED, Cause.OTHER, now
    db.session.flush()
    why = {"cause": Cause.OTHER, "why": "the dose it replaced takes place"}
    note(Verb.CANCEL, by=by, now=now, patient=patient, subject_id=session.id, facts=why)


def _plan_again(session: Session, *, now: datetime) -> None:
    """Without a time: the one it had was given back."""
    session.status, session.cause, session.since = Status.PLANNED, None, now
    if session.starts_at is not None:
        session.starts_at = session.ends_at = session.arrive_at = None
        session.version += 1
    db.session.flush()


def _slide_back(session: Session, missed_at: datetime, patient: Patient) -> None:
    """What was meant for later because of the miss, and has no time yet, is meant for its day again."""
    entries = select(RecordEntry).where(
        RecordEntry.clinic_id == session.clinic_id,
        RecordEntry.patient_id == patient.id,
        RecordEntry.verb == Verb.MOVE,
        RecordEntry.at == missed_at,
    )
    for entry in db.session.scalars(entries).all():
        row = db.session.get(Session, (session.clinic_id, entry.subject_id))
        if row is not None and row.status == Status.PLANNED and entry.facts.get("after") == str(session.id):
            _back_by(row, row.target_on - date.fromisoformat(entry.facts["was_on"]))


def _back_by(row: Session, days: timedelta) -> None:
    row.target_on, row.earliest_on, row.latest_on = row.target_on - days, row.earliest_on - days, row.latest_on - days


def _replacements(session: Session) -> Sequence[Session]:
    mine = select(Session).where(Session.clinic_id == session.clinic_id, Session.replaces_id == session.id)
    return db.session.scalars(mine).all()


def _unused(sessions: Sequence[Session]) -> list[Session]:
    return [each for each in sessions if each.status in (Status.PLANNED, Status.BOOKED)]


def _bound(session: Session, *statuses: Status) -> Sequence[Session]:
    """The integration sessions of this dose, in these statuses."""
    mine = select(Session).where(
        Session.clinic_id == session.clinic_id, Session.of_session_id == session.id, Session.status.in_(statuses)
    )
    return db.session.scalars(mine).all()


def _cancelled_with(session: Session, missed_at: datetime) -> list[Session]:
    """The integration sessions that the miss itself called off."""
    return [each for each in _bound(session, Status.CANCELLED) if each.since == missed_at]
