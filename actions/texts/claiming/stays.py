"""What becomes of what does not go now? It is looked at later, or this was the last word."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from actions.texts.outcome import call_instead, expire, suppress
from care.pacing import Fate, Pace, Stay
from models import Outcome, Reminder, Stage, SupportPerson, SupportState, db

A_WHILE = timedelta(minutes=1)


def keep(decision: Pace, now: datetime) -> None:
    """Held ones are looked at again later; for the others this was the last word."""
    held = {id_: until for id_, until in decision.held.items() if isinstance(id_, UUID)}
    for reminder_id, until in held.items():
        later = update(Reminder).where(Reminder.id == reminder_id, Reminder.stage == Stage.WAITING)
        db.session.execute(later.values(look_at=max(until, now + timedelta(seconds=1))))
    for reminder in _rows([id_ for id_ in decision.stays if id_ not in held]):
        _end(reminder, decision.stays[reminder.id], now)


def _end(reminder: Reminder, stay: Stay, now: datetime) -> None:
    match stay.fate:
        case Fate.EXPIRED:
            expire(reminder, now=now, reason=stay.reason)
        case Fate.CALL:
            call_instead(reminder, stay.reason, now=now)
        case _:
            suppress(reminder, stay.reason, now=now)


def call_all(rows: Sequence[Row[Any]], reason: str, now: datetime) -> None:
    """A person calls instead of every one of these texts."""
    for reminder in _rows([row.id for row in rows]):
        call_instead(reminder, reason, now=now)


def look_later(ids: Sequence[UUID], now: datetime) -> None:
    """Pacing has said nothing of these: whatever the reason, they do not stand in the way of others."""
    if ids:
        undecided = update(Reminder).where(Reminder.id.in_(ids), Reminder.stage == Stage.WAITING)
        db.session.execute(undecided.values(look_at=now + A_WHILE))


def end_unheard(clinic_id: UUID, now: datetime) -> None:
    """What was to be said to a support person who was removed: nobody is there to hear it, and nobody is missed."""
    removed = select(SupportPerson.id).where(
        SupportPerson.clinic_id == clinic_id, SupportPerson.state == SupportState.REMOVED
    )
    unheard = select(Reminder.id).where(
        Reminder.clinic_id == clinic_id,
        Reminder.person_id.in_(removed),
        Reminder.stage == Stage.WAITING,
        Reminder.look_at <= now,
    )
    ids = db.session.scalars(unheard.order_by(Reminder.id).with_for_update(skip_locked=True)).all()
    if ids:
        ended = {"stage": Stage.ENDED, "outcome": Outcome.CANCELLED, "reason": "they were removed", "ended_at": now}
        db.session.execute(update(Reminder).where(Reminder.id.in_(ids)).values(**ended))


def _rows(ids: Iterable[Any]) -> Sequence[Reminder]:
    ids = list(ids)
    mine = select(Reminder).where(Reminder.id.in_(ids)).order_by(Reminder.id)
    return db.session.scalars(mine.execution_options(populate_existing=True)).all() if ids else ()
