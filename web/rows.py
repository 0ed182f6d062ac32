"""Which rows does a page show? Every look-up is scoped to the clinic of whoever looks; another clinic's row is like none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import abort, g
from sqlalchemy import func, select

from actions.texts.shown import bodies_for_staff
from care.course.slots import Slot
from models import (
    Booking,
    Clinic,
    Contact,
    Course,
    Message,
    Patient,
    RecordEntry,
    Reminder,
    Reply,
    Resource,
    Session,
    Staff,
    SupportPerson,
    SupportState,
    Task,
    TaskState,
    db,
)

Row = TypeVar("Row", bound=Any)
Person = Patient | SupportPerson


def own_clinic() -> Clinic:
    return db.session.get_one(Clinic, g.who.clinic_id)


def own(table: type[Row], row_id: UUID) -> Row:
    """The clinic's row, or the answer 404."""
    row = db.session.get(table, (g.who.clinic_id, row_id))
    if row is None:
        abort(404)
    return row


def patient_of(session: Session) -> Patient:
    return db.session.get_one(Patient, (session.clinic_id, session.patient_id))


def patients(clinic_id: UUID) -> list[Patient]:
    return list(db.session.scalars(select(Patient).where(Patient.clinic_id == clinic_id).order_by(Patient.id)))


def patients_at(clinic_id: UUID, number: str) -> list[str]:
    """The names of the patients whose number it is."""
    contact = Contact.at(clinic_id, number) if number else None
    if contact is None:
        return []
    there = select(Patient).where(Patient.clinic_id == clinic_id, Patient.contact_id == contact.id)
    return [row.name for row in db.session.scalars(there.order_by(Patient.id))]


def staff_names(clinic_id: UUID) -> dict[UUID, str]:
    return {row.id: row.name for row in db.session.scalars(select(Staff).where(Staff.clinic_id == clinic_id))}


def courses(patient: Patient) -> list[Course]:
    """The patient's courses, the latest first."""
    mine = select(Course).where(Course.clinic_id == patient.clinic_id, Course.patient_id == patient.id)
    return list(db.session.scalars(mine.order_by(Course.starts_on.desc(), Course.id.desc())))


def supports(patient: Patient) -> list[SupportPerson]:
    mine = select(SupportPerson).where(
        SupportPerson.clinic_id == patient.clinic_id, SupportPerson.patient_id == patient.id
    )
    return list(db.session.scalars(mine.order_by(SupportPerson.position)))


def people(patient: Patient) -> list[Person]:
    """The patient and all who stand or stood by them."""
    return [patient, *supports(patient)]


def standing_by(patient: Patient) -> list[SupportPerson]:
    """The support people who have not been taken off."""
    return [row for row in supports(patient) if row.state != SupportState.REMOVED]


def contact_of(row: Person) -> Contact:
    return db.session.get_one(Contact, (row.clinic_id, row.contact_id))


def reminders(patient: Patient) -> list[Reminder]:
    """All that was, is or would be said about this patient, the latest first."""
    mine = select(Reminder).where(Reminder.clinic_id == patient.clinic_id, Reminder.patient_id == patient.id)
    return list(db.session.scalars(mine.order_by(Reminder.due_at.desc(), Reminder.id)))


def record(patient: Patient, most: int) -> list[RecordEntry]:
    mine = select(RecordEntry).where(RecordEntry.clinic_id == patient.clinic_id, RecordEntry.patient_id == patient.id)
    return list(db.session.scalars(mine.order_by(RecordEntry.change_no.desc()).limit(most)))


def seats(session: Session) -> list[tuple[str, str]]:
    """The names and kinds of the resources that a session has booked."""
    booked = (
        select(Resource.name, Resource.kind)
        .join(Booking, (Booking.clinic_id == Resource.clinic_id) & (Booking.resource_id == Resource.id))
        .where(Booking.clinic_id == session.clinic_id, Booking.session_id == session.id, Booking.held_until.is_(None))
    )
    return [(name, kind) for name, kind in db.session.execute(booked.order_by(Resource.kind, Resource.name))]


def resource_names(slot: Slot) -> tuple[str, ...]:
    """Who and what a slot would take up."""
    ids = [seat.resource_id for seat in slot.seats]
    mine = select(Resource.name).where(Resource.clinic_id == g.who.clinic_id, Resource.id.in_(ids))
    return tuple(db.session.scalars(mine.order_by(Resource.kind, Resource.name)))


def open_tasks(clinic_id: UUID) -> list[Task]:
    """What waits for a person, urgent first, then by when it is due."""
    waiting = select(Task).where(Task.clinic_id == clinic_id, Task.state == TaskState.OPEN)
    return list(db.session.scalars(waiting.order_by(Task.urgent.desc(), Task.due_at, Task.id)))


def count_open_tasks(clinic_id: UUID) -> int:
    waiting = select(func.count()).select_from(Task).where(Task.clinic_id == clinic_id, Task.state == TaskState.OPEN)
    return db.session.scalar(waiting) or 0


@dataclass(frozen=True, slots=True)
class Said:
    """One text, either way. `state` is how far ours got, or what theirs was understood as."""

    at: datetime
    contact_id: UUID
    ours: bool
    body: str
    segments: int
    state: str | None


def conversation(
    clinic_id: UUID, contact_ids: Iterable[UUID], *, most: int, patient_id: UUID | None = None
) -> list[Said]:
    """The latest texts with these contacts in order of time, as their phones show them.

    With `patient_id` as staff may read them: ours are only those about that patient, and login codes are hidden.
    """
    ids = set(contact_ids)
    ours = select(Message).where(
        Message.clinic_id == clinic_id, Message.contact_id.in_(ids), Message.sent_at.is_not(None)
    )
    if patient_id is not None:
        ours = ours.where(Message.patient_id == patient_id)
    theirs = select(Reply).where(Reply.clinic_id == clinic_id, Reply.contact_id.in_(ids))
    sent = db.session.scalars(ours.order_by(Message.sent_at.desc(), Message.id.desc()).limit(most)).all()
    bodies = bodies_for_staff(clinic_id, sent) if patient_id else {row.id: row.body for row in sent}
    heard = db.session.scalars(theirs.order_by(Reply.received_at.desc(), Reply.id.desc()).limit(most))
    texts = [*(_from_us(row, bodies[row.id]) for row in sent), *map(_from_them, heard)]
    return sorted(texts, key=lambda text: text.at)[-most:]


def _from_us(message: Message, body: str) -> Said:
    at = message.sent_at or message.made_at
    return Said(at, message.contact_id, True, body, message.segments, message.outcome or message.stage)


def _from_them(reply: Reply) -> Said:
    return Said(reply.received_at, reply.contact_id or reply.id, False, reply.body, 0, reply.meaning)
