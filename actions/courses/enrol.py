"""How does a treatment begin? A patient is enrolled in a protocol, with the people who will stand by them."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from actions.consent import consent, contact_at
from actions.courses.follow import follow
from actions.courses.plan import Plan, plan_of, preferences_of, write
from actions.courses.support import named_for
from actions.courses.wish import Enrolment
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.store import stored
from care.course.given import given_refusals
from care.facts import SessionKind
from care.protocol import Protocol as Rules
from care.protocols import as_json, from_json, resolve, shipped
from care.refusals import Code, Refusal, refuse_if_any
from care.times import local_date
from models import Clinic, Course, CourseStatus, Patient, Protocol, db


def enrol(clinic: Clinic, wish: Enrolment, *, by: Actor, now: datetime) -> Course:
    """Write patient, course, sessions and support people; invitations are due at once.

    Of sessions given before nothing is said or asked. Raises `Refused` with every reason: the patient has an active
    course, it would begin before today, its name in another system is taken, what was given cannot have been.
    """
    rules = protocol_rules(clinic, wish.protocol)
    patient = lock(clinic.id, wish.patient_id) if wish.patient_id else None
    refuse_if_any([*enrolment_refusals(clinic, wish, rules, now=now), *_active_course(patient)])
    patient = patient or _new_patient(clinic, wish, now=now)
    plan = plan_of(clinic, wish, rules, now=now)
    course = _course(clinic, wish, patient, plan)
    db.session.add(course)
    db.session.flush()
    note(Verb.ENROL, by=by, now=now, patient=patient, subject_id=course.id, facts=_counted(plan))
    supports = [
        named_for(course, patient, named, position, by=by, now=now) for position, named in enumerate(wish.supports, 1)
    ]
    write(course, plan, supports[0].id if supports else None, now=now)
    follow(course, patient, by=by, now=now)
    remind(patient, now=now)
    return course


def enrolment_refusals(clinic: Clinic, wish: Enrolment, rules: Rules, *, now: datetime) -> list[Refusal]:
    """Every reason against this course, whoever the patient is."""
    late = wish.starts_on < local_date(now, clinic.zone) and not wish.goes_on
    wants = preferences_of(wish.preferences)
    return [
        *([Refusal(Code.IN_THE_PAST)] if late else []),
        *given_refusals(rules, wish.given, wants, clinic.zone, now),
        *_taken_ref(clinic, wish),
    ]


def _taken_ref(clinic: Clinic, wish: Enrolment) -> list[Refusal]:
    if wish.external_ref is None:
        return []
    same = select(Course.id).where(Course.clinic_id == clinic.id, Course.external_ref == wish.external_ref)
    course_id = db.session.scalar(same)
    return [Refusal(Code.REF_TAKEN, {"course_id": str(course_id)})] if course_id else []


def _active_course(patient: Patient | None) -> list[Refusal]:
    if patient is None:
        return []
    active = select(Course.id).where(
        Course.clinic_id == patient.clinic_id,
        Course.patient_id == patient.id,
        Course.status.in_((CourseStatus.ACTIVE, CourseStatus.PAUSED)),
    )
    course_id = db.session.scalar(active)
    return [Refusal(Code.ALREADY_ACTIVE, {"course_id": str(course_id)})] if course_id else []


def _new_patient(clinic: Clinic, wish: Enrolment, *, now: datetime) -> Patient:
    contact = contact_at(clinic, wish.number, wish.zone, wish.language)
    if wish.consented and contact.consented_at is None:
        consent(contact, source=wish.source, now=now)
    patient = Patient(
        clinic_id=clinic.id,
        name=wish.name,
        contact_id=contact.id,
        external_ref=wish.patient_ref,
        change_no=0,
        stale=False,
    )
    db.session.add(patient)
    db.session.flush()
    return patient


def _course(clinic: Clinic, wish: Enrolment, patient: Patient, plan: Plan) -> Course:
    begun = [local_date(each.at, clinic.zone) for each in plan.given if each.kind is SessionKind.DOSING]
    return Course(
        clinic_id=clinic.id,
        id=wish.course_id,
        patient_id=patient.id,
        protocol_id=protocol_row(clinic, wish.protocol).id,
        status=CourseStatus.ACTIVE,
        starts_on=min([*begun, wish.starts_on]),
        phase=plan.phase,
        phase_from=plan.phase_from,
        preferences=wish.preferences,
        external_ref=wish.external_ref,
    )


def _counted(plan: Plan) -> dict[str, Any]:
    given = {"given_before": len(plan.given)} if plan.given else {}
    return {"sessions": len(plan.planned), **given}


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
