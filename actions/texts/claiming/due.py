"""What is due, at whom, and is it free to be decided on? Locked in the order contact, patient, reminder."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, select

from actions.texts.contacts import Hearer, hearers
from care.facts import ClinicFacts, Part
from care.pacing import TOGETHER, Waiting
from care.protocol import Gate
from care.reminders import Ask
from models import Contact, Patient, Reminder, Sender, Stage, SupportPerson, db

COLUMNS = (
    Reminder.id,
    Reminder.kind,
    Reminder.person_id,
    Reminder.patient_id,
    Reminder.part,
    Reminder.subject_id,
    Reminder.repeat,
    Reminder.due_at,
    Reminder.look_at,
    Reminder.not_before,
    Reminder.not_after,
    Reminder.fills,
    Reminder.asks,
    Reminder.gate,
    Reminder.says,
)


@dataclass(frozen=True, slots=True)
class Round:
    """What all contacts of one batch have in common."""

    sender: Sender
    clinic: ClinicFacts
    now: datetime
    lease_until: datetime


def senders_due(now: datetime) -> list[UUID]:
    """The senders that have something to look at and are not paused."""
    due = _due(now).with_only_columns(Reminder.sender_id).distinct()
    return list(db.session.scalars(due.join(Sender, Sender.id == Reminder.sender_id).where(Sender.paused_at.is_(None))))


def _due(now: datetime) -> Any:
    """Waiting reminders to look at whose patients are not stale: what those should hear is about to be judged anew."""
    return (
        select(Reminder.id)
        .join(Patient, and_(Patient.clinic_id == Reminder.clinic_id, Patient.id == Reminder.patient_id))
        .where(Reminder.stage == Stage.WAITING, Reminder.look_at <= now, Patient.stale.is_(False))
    )


def contacts_due(sender: Sender, now: datetime, limit: int, besides: Collection[UUID] = ()) -> list[UUID]:
    """The contacts to look at, by their earliest deadline; those of `besides` were looked at in vain."""
    contact_id = func.coalesce(SupportPerson.contact_id, Patient.contact_id)
    most_urgent = (
        _due(now)
        .with_only_columns(contact_id)
        .outerjoin(
            SupportPerson,
            and_(SupportPerson.clinic_id == Reminder.clinic_id, SupportPerson.id == Reminder.support_person_id),
        )
        .where(Reminder.sender_id == sender.id, contact_id.not_in(besides))
        .group_by(contact_id)
        .order_by(func.min(Reminder.not_after), contact_id)
        .limit(limit)
    )
    return list(db.session.scalars(most_urgent))


def lock_free(clinic_id: UUID, contact_ids: list[UUID]) -> tuple[list[Contact], dict[UUID, list[Hearer]]]:
    """Contacts first, then the patients of everyone there; a contact with a busy patient waits for the next round."""
    wanted = select(Contact).where(Contact.clinic_id == clinic_id, Contact.id.in_(contact_ids)).order_by(Contact.id)
    fresh = {"populate_existing": True}
    contacts = db.session.scalars(
        wanted.with_for_update(skip_locked=True, key_share=True).execution_options(**fresh)
    ).all()
    people = hearers(clinic_id, [contact.id for contact in contacts])
    ids = {each.patient_id for there in people.values() for each in there}
    mine = select(Patient).where(Patient.clinic_id == clinic_id, Patient.id.in_(ids)).order_by(Patient.id)
    got = db.session.scalars(mine.with_for_update(skip_locked=True, key_share=True).execution_options(**fresh)).all()
    free = {patient.id for patient in got if not patient.stale}
    whole = [contact for contact in contacts if all(each.patient_id in free for each in people[contact.id])]
    return whole, {contact.id: people[contact.id] for contact in whole}


def waiting_at(moment: Round, people: Mapping[UUID, list[Hearer]]) -> dict[UUID, list[Row[Any]]]:
    """By contact, all that is due within three hours, held back or not: it may ride along."""
    contact_of = {each.person_id: contact_id for contact_id, there in people.items() for each in there}
    mine = (
        select(*COLUMNS)
        .where(
            Reminder.clinic_id == moment.clinic.id,
            Reminder.sender_id == moment.sender.id,
            Reminder.person_id.in_(contact_of),
            Reminder.stage == Stage.WAITING,
            Reminder.due_at <= moment.now + TOGETHER,
        )
        .order_by(Reminder.id)
        .with_for_update(skip_locked=True)
    )
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in db.session.execute(mine):
        found[contact_of[row.person_id]].append(row)
    return found


def as_waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        id=row.id,
        kind=row.kind,
        person_id=row.person_id,
        part=Part(row.part),
        repeat=row.repeat,
        due_at=row.due_at,
        not_before=row.not_before,
        not_after=row.not_after,
        fills=row.fills,
        asks=tuple(Ask.from_json(said) for said in row.asks),
        gate=Gate(row.gate),
        says=row.says,
    )
