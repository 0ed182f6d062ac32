"""Who answers at a number, and may we text it?

A number in a clinic is one contact, whoever picks it up: consent, opt-out and faults of the number count for all of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, literal, select, union_all, update

from actions.ask import ask, meet, uninformed
from actions.consent import consent, withdraw_consent
from actions.record import Verb, note, system
from actions.remind import remind
from care.facts import Part, Role, Status
from care.tasks import TaskCode
from models import (
    Contact,
    Outcome,
    Patient,
    Question,
    QuestionState,
    Reminder,
    Session,
    Stage,
    SupportPerson,
    SupportState,
    db,
)

SAID_TO_THE_OPTED_OUT = ("login_code", "opted_in_text", "crisis_text")
OPTED_OUT, NUMBER_UNUSABLE = TaskCode.OPTED_OUT, TaskCode.NUMBER_UNUSABLE


@dataclass(frozen=True, slots=True)
class Hearer:
    """Someone whom this number reaches: the patient, or a support person of that patient."""

    contact_id: UUID
    person_id: UUID
    part: Part
    patient_id: UUID


def hearers(clinic_id: UUID, contact_ids: Iterable[UUID]) -> dict[UUID, list[Hearer]]:
    """Everyone at these numbers, patients first; support people who were removed are no longer there."""
    found: dict[UUID, list[Hearer]] = defaultdict(list)
    for row in db.session.execute(_answering(clinic_id, list(contact_ids))):
        found[row.contact_id].append(Hearer(row.contact_id, row.id, Part(row.part), row.patient_id))
    for people in found.values():
        people.sort(key=lambda each: (each.part is not Part.PATIENT, each.person_id))
    return found


def _answering(clinic_id: UUID, contact_ids: list[UUID]) -> CompoundSelect[Any]:
    patients = select(
        Patient.contact_id, Patient.id, literal(Part.PATIENT.value).label("part"), Patient.id.label("patient_id")
    ).where(Patient.clinic_id == clinic_id, Patient.contact_id.in_(contact_ids))
    supports = select(
        SupportPerson.contact_id, SupportPerson.id, literal(Part.SUPPORT.value).label("part"), SupportPerson.patient_id
    ).where(
        SupportPerson.clinic_id == clinic_id,
        SupportPerson.contact_id.in_(contact_ids),
        SupportPerson.state != SupportState.REMOVED,
    )
    return union_all(patients, supports)


def lock_contact(clinic_id: UUID, contact_id: UUID) -> Contact:
    """The contact's row, locked to the end of the transaction: always before any patient's."""
    mine = select(Contact).where(Contact.clinic_id == clinic_id, Contact.id == contact_id)
    locked = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.execute(locked).scalar_one()


def lock_patients(clinic_id: UUID, people: Iterable[Hearer]) -> list[Patient]:
    """Every patient whom someone at the contact belongs to, locked in order of their ids."""
    ids = {each.patient_id for each in people}
    mine = select(Patient).where(Patient.clinic_id == clinic_id, Patient.id.in_(ids)).order_by(Patient.id)
    locked = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def opt_out(contact: Contact, *, source: str, now: datetime, may_cancel: bool = False, said: str | None = None) -> None:
    """No more texts to this number, from this moment on, about anyone. The contact is locked.

    `may_cancel`: the word may have meant the visit instead; a person asks at once, and nothing is cancelled.
    `said`: the text itself, for whoever looks after it.
    """
    people = hearers(contact.clinic_id, [contact.id]).get(contact.id, [])
    patients = lock_patients(contact.clinic_id, people)
    if contact.opted_out_at is None:
        withdraw_consent(contact, source=source, now=now)
        _silence(contact, people, now)
    code = TaskCode.OPTED_OUT_MAY_CANCEL if may_cancel else OPTED_OUT
    for patient in patients:
        note(Verb.OPT_OUT, by=system(contact.clinic_id), now=now, patient=patient, subject_id=contact.id)
        ask(Role.COORDINATOR, code, patient, subject_id=contact.id, detail=said, urgent=may_cancel, now=now)


def _silence(contact: Contact, people: Sequence[Hearer], now: datetime) -> None:
    """What waits or was claimed is suppressed; what is already on its way cannot be called back."""
    db.session.execute(
        update(Reminder)
        .where(
            Reminder.clinic_id == contact.clinic_id,
            Reminder.person_id.in_([each.person_id for each in people]),
            Reminder.stage.in_((Stage.WAITING, Stage.CLAIMED)),
            Reminder.kind.not_in(SAID_TO_THE_OPTED_OUT),
        )
        .values(stage=Stage.ENDED, outcome=Outcome.SUPPRESSED, reason=OPTED_OUT, ended_at=now, message_id=None)
        .execution_options(synchronize_session="fetch")
    )
    db.session.execute(
        update(Question)
        .where(
            Question.clinic_id == contact.clinic_id,
            Question.contact_id == contact.id,
            Question.state.in_((QuestionState.OPEN, QuestionState.JOINED)),
        )
        .values(state=QuestionState.LAPSED, leader_id=None)
        .execution_options(synchronize_session="fetch")
    )


def opt_in(contact: Contact, *, source: str, now: datetime) -> list[Patient]:
    """The person wants texts again: what was silenced and is still ahead waits again. The contact is locked."""
    people = hearers(contact.clinic_id, [contact.id]).get(contact.id, [])
    patients = lock_patients(contact.clinic_id, people)
    consent(contact, source=source, now=now)
    meet(contact.clinic_id, contact.id, how="texts are wanted again", now=now)
    _speak_again(contact, people, now)
    for patient in patients:
        note(Verb.OPT_IN, by=system(contact.clinic_id), now=now, patient=patient, subject_id=contact.id)
        remind(patient, now=now)
    return patients


def _speak_again(contact: Contact, people: Sequence[Hearer], now: datetime) -> None:
    """What is still worth saying waits again, and goes at once where it was due meanwhile; the rest is for a call."""
    for reminder in db.session.scalars(_silenced(contact, people)).all():
        if reminder.not_after > now:
            reminder.stage, reminder.outcome, reminder.reason, reminder.ended_at = Stage.WAITING, None, None, None
            reminder.look_at = max(reminder.due_at, now)
            meet(contact.clinic_id, reminder.id, how="texts are wanted again", now=now)
        elif _is_news(reminder, now):
            uninformed(reminder, reason="it was due while no texts were wanted", now=now)
    db.session.flush()


def _silenced(contact: Contact, people: Sequence[Hearer]) -> Select[Reminder]:
    return select(Reminder).where(
        Reminder.clinic_id == contact.clinic_id,
        Reminder.person_id.in_([each.person_id for each in people]),
        Reminder.outcome == Outcome.SUPPRESSED,
        Reminder.reason == OPTED_OUT,
        Reminder.message_id.is_(None),
    )


def _is_news(reminder: Reminder, now: datetime) -> bool:
    """What was to be told of a visit that is still ahead; a question that nobody heard has a task of its own."""
    if reminder.session_id is None or reminder.asks:
        return False
    session = db.session.get_one(Session, (reminder.clinic_id, reminder.session_id))
    return session.status == Status.BOOKED and session.starts_at is not None and session.starts_at > now


def unusable(contact: Contact, why: str, *, now: datetime) -> None:
    """Nothing can be texted to this number: a person has to find another way. The contact is locked."""
    people = hearers(contact.clinic_id, [contact.id]).get(contact.id, [])
    contact.unusable_why = why
    for patient in lock_patients(contact.clinic_id, people):
        ask(Role.COORDINATOR, NUMBER_UNUSABLE, patient, subject_id=contact.id, detail=why, now=now)


def usable_after_all(contact: Contact, *, now: datetime) -> None:
    """A text arrived there, so the number is good whatever was said before."""
    if contact.unusable_why is not None:
        contact.unusable_why = None
        meet(contact.clinic_id, contact.id, code=NUMBER_UNUSABLE, how="a text arrived", now=now)
