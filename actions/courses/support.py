"""Who stands by a course? Adults whom the patient named, in order of preference; each is invited and says yes themselves."""

from datetime import datetime

from sqlalchemy import func, or_, select

from actions.consent import contact_at
from actions.courses.wish import SupportNamed
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from care.refusals import Code, Refusal, Refused
from models import Clinic, Contact, Course, CourseStatus, Patient, Session, SupportPerson, SupportState, db


def name_support(course: Course, named: SupportNamed, *, by: Actor, now: datetime) -> SupportPerson:
    """The patient named another adult: they are invited, and stand by the sessions that have nobody yet."""
    patient = lock(course.clinic_id, course.patient_id)
    db.session.refresh(course)
    if course.status not in (CourseStatus.ACTIVE, CourseStatus.PAUSED):
        raise Refused([Refusal(Code.COURSE_NOT_ACTIVE, {"status": course.status})])
    last = select(func.max(SupportPerson.position)).where(
        SupportPerson.clinic_id == course.clinic_id, SupportPerson.course_id == course.id
    )
    support = named_for(course, patient, named, (db.session.scalar(last) or 0) + 1, by=by, now=now)
    _stand_by_the_unattended(course, support)
    remind(patient, now=now)
    return support


def named_for(
    course: Course, patient: Patient, named: SupportNamed, position: int, *, by: Actor, now: datetime
) -> SupportPerson:
    """Write one support person of a locked patient's course."""
    clinic = db.session.get_one(Clinic, course.clinic_id)
    lives_in = db.session.get_one(Contact, (patient.clinic_id, patient.contact_id)).zone
    contact = contact_at(clinic, named.number, named.zone or lives_in, named.language)
    support = SupportPerson(
        clinic_id=course.clinic_id,
        patient_id=patient.id,
        course_id=course.id,
        contact_id=contact.id,
        name=named.name,
        position=position,
        state=SupportState.NAMED,
        named_at=now,
    )
    db.session.add(support)
    db.session.flush()
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
