"""How does a treatment begin? A patient is enrolled in a protocol, with the people who will stand by them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from actions.courses.plan import plan
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.store import stored
from care.protocol import Protocol as Rules
from care.protocols import as_json, from_json, resolve, shipped
from care.refusals import Code, Refusal, Refused
from care.times import local_date
from models import (
    Clinic,
    ConsentEvent,
    Contact,
    Course,
    CourseStatus,
    Patient,
    Protocol,
    Session,
    SupportPerson,
    SupportState,
    Topic,
    db,
)

CONSENT_WORDING = "2026-11"


@dataclass(frozen=True, slots=True)
class SupportNamed:
    """An adult whom the patient named. Numbers are E.164; `zone` None: they live where the patient does."""

    name: str
    number: str
    language: str = "en"
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a coordinator knows at the desk. `consented`: the patient agreed to texts, in the words of `CONSENT_WORDING`."""

    name: str
    number: str
    protocol: str
    starts_on: date
    weekdays: tuple[int, ...] = ()
    around: str = "10:00"
    zone: str | None = None
    language: str = "en"
    consented: bool = True
    supports: tuple[SupportNamed, ...] = ()
    patient_id: UUID | None = None  # a patient who comes back for another course
    course_id: UUID | None = None  # the id it shall have, so that one wish sent twice is one course

    @property
    def preferences(self) -> dict[str, Any]:
        """The preferences as a course keeps them."""
        return {"weekdays": list(self.weekdays), "around": self.around}


def enrol(clinic: Clinic, wish: Enrolment, *, by: Actor, now: datetime) -> Course:
    """Write patient, course, planned sessions and support people; invitations are due at once.

    Raises `Refused` when the patient already has an active course, or when it would begin before today.
    """
    if wish.starts_on < local_date(now, clinic.zone):
        raise Refused([Refusal(Code.IN_THE_PAST)])
    patient = _patient(clinic, wish, by=by, now=now)
    _refuse_second_course(patient)
    protocol = protocol_row(clinic, wish.protocol)
    course = Course(
        clinic_id=clinic.id,
        id=wish.course_id,
        patient_id=patient.id,
        protocol_id=protocol.id,
        status=CourseStatus.ACTIVE,
        starts_on=wish.starts_on,
        phase=from_json(protocol.resolved).phases[0].name,
        phase_from=wish.starts_on,
        preferences=wish.preferences,
    )
    db.session.add(course)
    db.session.flush()
    sessions = plan(course, now=now)
    note(Verb.ENROL, by=by, now=now, patient=patient, subject_id=course.id, facts={"sessions": len(sessions)})
    for named in wish.supports:
        _name(course, patient, clinic, named, by=by, now=now)
    remind(patient, now=now)
    return course


def name_support(course: Course, named: SupportNamed, *, by: Actor, now: datetime) -> SupportPerson:
    """The patient named another adult: they are invited, and stand by the sessions that have nobody yet."""
    patient = lock(course.clinic_id, course.patient_id)
    db.session.refresh(course)
    if course.status not in (CourseStatus.ACTIVE, CourseStatus.PAUSED):
        raise Refused([Refusal(Code.COURSE_NOT_ACTIVE, {"status": course.status})])
    clinic = db.session.get_one(Clinic, course.clinic_id)
    support = _name(course, patient, clinic, named, by=by, now=now)
    remind(patient, now=now)
    return support


def protocol_row(clinic: Clinic, name: str) -> Protocol:
    """The clinic's newest version of a protocol; the shipped one becomes its first. Raises KeyError for unknown names."""
    return _newest(clinic, name) or adopt_shipped(clinic, name)


def protocol_rules(clinic: Clinic, name: str) -> Rules:
    """The rules a course enrolled today would follow; nothing is written. Raises KeyError for unknown names."""
    row = _newest(clinic, name)
    return from_json(row.resolved) if row else shipped()[name]


def _newest(clinic: Clinic, name: str) -> Protocol | None:
    versions = select(Protocol).where(Protocol.clinic_id == clinic.id, Protocol.name == name)
    return db.session.scalar(versions.order_by(Protocol.version.desc()).limit(1))


def adopt_shipped(clinic: Clinic, name: str, differences: dict[str, Any] | None = None) -> Protocol:
    """Keep a shipped protocol as this clinic's first version of it."""
    differences = differences or {}
    resolved = as_json(resolve(shipped()[name], differences))
    row = Protocol(clinic_id=clinic.id, name=name, base=name, version=1, differences=differences, resolved=resolved)
    return row if stored(row) else _newest(clinic, name) or row


def contact_at(clinic: Clinic, number: str, zone: str | None, language: str) -> Contact:
    """The one contact of this number in the clinic."""
    known = Contact.at(clinic.id, number)
    if known is not None:
        return known
    contact = Contact(
        clinic_id=clinic.id,
        number=number,
        number_index=Contact.index_of(number),
        zone=zone or clinic.zone,
        language=language,
    )
    return contact if stored(contact) else Contact.at(clinic.id, number) or contact


def consent(contact: Contact, *, source: str, now: datetime) -> None:
    """The person at this number agreed to texts about care."""
    contact.consented_at, contact.opted_out_at = now, None
    db.session.add(_consent_event(contact, source, now, given=True))


def withdraw_consent(contact: Contact, *, source: str, now: datetime) -> None:
    """The person at this number wants no more texts, about anyone."""
    contact.opted_out_at = now
    db.session.add(_consent_event(contact, source, now, given=False))


def _consent_event(contact: Contact, source: str, now: datetime, *, given: bool) -> ConsentEvent:
    return ConsentEvent(
        clinic_id=contact.clinic_id,
        contact_id=contact.id,
        topic=Topic.CARE,
        given=given,
        source=source,
        wording=CONSENT_WORDING,
        at=now,
    )


def _patient(clinic: Clinic, wish: Enrolment, *, by: Actor, now: datetime) -> Patient:
    if wish.patient_id is not None:
        return lock(clinic.id, wish.patient_id)
    contact = contact_at(clinic, wish.number, wish.zone, wish.language)
    if wish.consented and contact.consented_at is None:
        consent(contact, source="desk", now=now)
    patient = Patient(clinic_id=clinic.id, name=wish.name, contact_id=contact.id, change_no=0, stale=False)
    db.session.add(patient)
    db.session.flush()
    return patient


def _refuse_second_course(patient: Patient) -> None:
    active = select(Course.id).where(
        Course.clinic_id == patient.clinic_id,
        Course.patient_id == patient.id,
        Course.status.in_((CourseStatus.ACTIVE, CourseStatus.PAUSED)),
    )
    course_id = db.session.scalar(active)
    if course_id is not None:
        raise Refused([Refusal(Code.ALREADY_ACTIVE, {"course_id": str(course_id)})])


def _name(
    course: Course, patient: Patient, clinic: Clinic, named: SupportNamed, *, by: Actor, now: datetime
) -> SupportPerson:
    lives_in = db.session.get_one(Contact, (patient.clinic_id, patient.contact_id)).zone
    contact = contact_at(clinic, named.number, named.zone or lives_in, named.language)
    last = select(func.max(SupportPerson.position)).where(
        SupportPerson.clinic_id == course.clinic_id, SupportPerson.course_id == course.id
    )
    support = SupportPerson(
        clinic_id=course.clinic_id,
        patient_id=patient.id,
        course_id=course.id,
        contact_id=contact.id,
        name=named.name,
        position=(db.session.scalar(last) or 0) + 1,
        state=SupportState.NAMED,
        named_at=now,
    )
    db.session.add(support)
    db.session.flush()
    _stand_by_the_unattended(course, support)
    note(Verb.NAME_SUPPORT, by=by, now=now, patient=patient, subject_id=support.id)
    return support


def _stand_by_the_unattended(course: Course, support: SupportPerson) -> None:
    """Sessions ahead that have nobody, or somebody who declined or was taken off."""
    gone = select(SupportPerson.id).where(
        SupportPerson.clinic_id == course.clinic_id,
        SupportPerson.course_id == course.id,
        SupportPerson.state.in_((SupportState.DECLINED, SupportState.REMOVED)),
    )
    alone = select(Session).where(
        Session.clinic_id == course.clinic_id,
        Session.course_id == course.id,
        Session.kind == "dosing",
        Session.status.in_(("planned", "booked")),
        or_(Session.support_person_id.is_(None), Session.support_person_id.in_(gone)),
    )
    for session in db.session.scalars(alone).all():
        session.support_person_id = support.id
