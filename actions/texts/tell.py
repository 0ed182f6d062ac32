"""What is said at once, to someone who wrote or asked? A reminder that is due now and answers nothing but that."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from actions.remind import person_columns, sender_of
from care.facts import Person
from care.kinds import KINDS
from care.protocol import Gate
from care.reminders import Ask, says
from models import Patient, Purpose, Reminder, Stage, db

STAYS_USEFUL = timedelta(hours=4)


def tell(
    patient: Patient,
    kind: str,
    person: Person,
    *,
    subject_id: UUID,
    now: datetime,
    fills: Mapping[str, Any] | None = None,
    session_id: UUID | None = None,
    asks: Sequence[Ask] = (),
    not_after: datetime | None = None,
    unique: str = "",
) -> Reminder:
    """Say this to this person now. The same of the same subject is said once; `unique` makes it another one.

    A login code (its subject is the code's row) goes by a sender of its own, which STOP to reminders does not silence.
    """
    fills = dict(fills or {})
    digest = says({**fills, "unique": unique}, asks)
    return _said_already(patient, kind, person, subject_id, digest) or _say(
        patient, kind, person, subject_id, digest, fills, session_id, asks, not_after or now + STAYS_USEFUL, now
    )


def _said_already(patient: Patient, kind: str, person: Person, subject_id: UUID, digest: str) -> Reminder | None:
    return db.session.scalar(
        select(Reminder).where(
            Reminder.clinic_id == patient.clinic_id,
            Reminder.person_id == person.id,
            Reminder.kind == kind,
            Reminder.subject_id == subject_id,
            Reminder.repeat == 0,
            Reminder.says == digest,
        )
    )


def _say(
    patient: Patient,
    kind: str,
    person: Person,
    subject_id: UUID,
    digest: str,
    fills: dict[str, Any],
    session_id: UUID | None,
    asks: Sequence[Ask],
    not_after: datetime,
    now: datetime,
) -> Reminder:
    purpose = Purpose.LOGIN if kind == "login_code" else Purpose.CARE
    reminder = Reminder(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        **person_columns(person),
        sender_id=sender_of(patient.clinic_id, purpose).id,
        kind=kind,
        subject_id=subject_id,
        session_id=session_id,
        session_ids=[str(session_id)] if session_id else [],
        repeat=0,
        says=digest,
        fills=fills,
        asks=[ask.to_json() for ask in asks],
        gate=Gate.SOFT if asks else KINDS[kind].gate,
        why={"rule": "answer", "since": now.isoformat()},
        not_before=now,
        due_at=now,
        look_at=now,
        not_after=not_after,
        made_at=now,
        stage=Stage.WAITING,
    )
    db.session.add(reminder)
    db.session.flush()
    return reminder
