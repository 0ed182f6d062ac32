"""What do the rules need to know of a patient? Rows turned into the plain values of `care.facts`."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from care.course.progress.phases import chosen
from care.facts import (
    AnswerFacts,
    Caps,
    ClinicFacts,
    How,
    Part,
    PatientFacts,
    Person,
    QuietHours,
    SessionFacts,
    SessionKind,
    Status,
    Step,
    SupportFacts,
    ToldFacts,
    Value,
)
from care.kinds import KINDS, Load
from care.protocol import Protocol as Rules
from care.protocols import from_json
from care.protocols.overriding import overriding
from models import (
    Answer,
    Clinic,
    Contact,
    Course,
    Patient,
    Protocol,
    Reminder,
    Session,
    Stage,
    SupportPerson,
    Told,
    db,
)

_pinned: dict[UUID, Rules] = {}  # a version of a protocol never changes, so it is read from its row once


def rules_of(course: Course) -> Rules:
    """What the course follows: its pinned version, the overrides in force for it, and what a clinician chose for its phase."""
    rules = rules_under(course.clinic_id, course.protocol_id, course.overridden)
    return chosen(rules, course.phase, every_days=course.every_days, per_week=course.per_week)


def rules_under(clinic_id: UUID, protocol_id: UUID, overridden: Mapping[str, Any]) -> Rules:
    """A version with some of its numbers overridden."""
    pinned = _version(clinic_id, protocol_id)
    return _with(protocol_id, json.dumps(overridden, sort_keys=True)) if overridden else pinned


def _version(clinic_id: UUID, protocol_id: UUID) -> Rules:
    if protocol_id not in _pinned:
        row = db.session.get_one(Protocol, (clinic_id, protocol_id))
        _pinned[protocol_id] = from_json(row.resolved)
    return _pinned[protocol_id]


@lru_cache(maxsize=4096)
def _with(protocol_id: UUID, overridden: str) -> Rules:
    return overriding(_pinned[protocol_id], json.loads(overridden))


def clinic_facts(clinic: Clinic) -> ClinicFacts:
    settings = clinic.settings
    lengths = {"notice_delay_s": ("notice_delay", timedelta(seconds=1)), "freeze_hours": ("freeze", timedelta(hours=1))}
    return ClinicFacts(
        id=clinic.id,
        short_name=clinic.short_name,
        phone=clinic.phone,
        zone=clinic.zone,
        quiet=_quiet(settings.get("quiet", {})),
        caps=Caps(**settings.get("caps", {})),
        safety_check=clinic.safety_on_call_id is not None,
        shared_phone_ok=bool(settings.get("shared_phone_ok", False)),
        **{name: settings[key] * unit for key, (name, unit) in lengths.items() if key in settings},
    )


def _quiet(hours: Mapping[str, str]) -> QuietHours:
    usual = QuietHours()
    start, end = hours.get("start"), hours.get("end")
    return QuietHours(
        time.fromisoformat(start) if start else usual.start,
        time.fromisoformat(end) if end else usual.end,
    )


def person_of(row: Patient | SupportPerson, contact: Contact | None = None) -> Person:
    """The patient or support person as someone who hears, in their contact's zone and language."""
    contact = contact or db.session.get_one(Contact, (row.clinic_id, row.contact_id))
    part = Part.PATIENT if isinstance(row, Patient) else Part.SUPPORT
    return Person(row.id, part, contact.id, contact.zone, contact.language)


def support_facts(row: SupportPerson) -> SupportFacts:
    return SupportFacts(person_of(row), row.position, row.state, row.named_at)


def session_facts(row: Session, rules: Rules) -> SessionFacts:
    """The session under the rules of its course, or under those it was held under when the course followed others."""
    return SessionFacts(
        id=row.id,
        course_id=row.course_id,
        number=row.number,
        kind=SessionKind(row.kind),
        phase=row.phase,
        status=Status(row.status),
        version=row.version,
        protocol=_held_under(row) if row.held_under else rules,
        since=row.since,
        starts_at=row.starts_at,
        arrive_at=row.arrive_at,
        ends_at=row.ends_at,
        arrived_at=row.arrived_at,
        dosed_at=row.dosed_at,
        discharged_at=row.discharged_at,
        of_session_id=row.of_session_id,
        support_person_id=row.support_person_id,
        given_before=row.given_before,
        elsewhere_on=row.elsewhere_on,
    )


def _held_under(row: Session) -> Rules:
    held = row.held_under or {}
    return rules_under(row.clinic_id, UUID(held["protocol_id"]), held["overridden"])


def sessions_of(patient: Patient) -> list[Session]:
    """Every session of the patient, in order of their place in the course."""
    mine = select(Session).where(Session.clinic_id == patient.clinic_id, Session.patient_id == patient.id)
    return list(db.session.scalars(mine.order_by(Session.target_on, Session.number)))


def all_sessions(patient: Patient) -> tuple[SessionFacts, ...]:
    """Every session of the patient under its own course's rules, final ones included."""
    rules = {course.id: rules_of(course) for course in _mine(Course, patient)}
    return tuple(session_facts(row, rules[row.course_id]) for row in sessions_of(patient))


def patient_facts(patient: Patient) -> PatientFacts:
    """Everything that reminders, notices, questions and readiness of this patient are judged from."""
    clinic = db.session.get_one(Clinic, patient.clinic_id)
    return PatientFacts(
        clinic=clinic_facts(clinic),
        patient=person_of(patient),
        supports=tuple(
            support_facts(row) for row in sorted(_mine(SupportPerson, patient), key=lambda row: row.position)
        ),
        sessions=all_sessions(patient),
        answers=tuple(answer_facts(row) for row in sorted(_mine(Answer, patient), key=lambda row: (row.at, row.id))),
        told=(*_told(patient), *_maybe_told(patient)),
        switches=clinic.settings.get("switches", {}),
    )


def _told(patient: Patient) -> Iterator[ToldFacts]:
    for row in sorted(_mine(Told, patient), key=lambda row: (row.at, row.id)):
        yield ToldFacts(row.person_id, row.session_id, row.version, row.starts_at, row.at)


def _maybe_told(patient: Patient) -> Iterator[ToldFacts]:
    """News that cannot be called back any more: whatever it says may be what the person believes."""
    on_the_way = select(Reminder).where(
        Reminder.clinic_id == patient.clinic_id,
        Reminder.patient_id == patient.id,
        Reminder.stage.in_((Stage.POSTING, Stage.UNCONFIRMED)),
    )
    for row in db.session.scalars(on_the_way.order_by(Reminder.due_at, Reminder.id)):
        for session_id, starts_at in times_said(row):
            yield ToldFacts(row.person_id, session_id, version_said(row, session_id), starts_at, row.due_at)


def times_said(reminder: Reminder) -> list[tuple[UUID, datetime | None]]:
    """The sessions whose times this reminder tells, each with its time; None says that it is off."""
    said = {UUID(each): line["starts_at"] for each, line in _lines(reminder)}
    if reminder.kind == "moved_answer" and reminder.session_id is not None:
        said[reminder.session_id] = reminder.fills["starts_at"]
    return [(each, datetime.fromisoformat(at) if at else None) for each, at in said.items()]


def _lines(reminder: Reminder) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if KINDS[reminder.kind].load is Load.CHANGE:
        yield from zip(reminder.session_ids, reminder.fills["lines"], strict=True)


def version_said(reminder: Reminder, session_id: UUID) -> int:
    """The version that it asks about, else the one that holds now."""
    asked = [ask["version"] for ask in reminder.asks if ask["session_id"] == str(session_id)]
    return int(asked[0]) if asked else db.session.get_one(Session, (reminder.clinic_id, session_id)).version


def _mine(table: Any, patient: Patient) -> list[Any]:
    rows = select(table).where(table.clinic_id == patient.clinic_id, table.patient_id == patient.id)
    return list(db.session.scalars(rows))


def answer_facts(row: Answer) -> AnswerFacts:
    return AnswerFacts(
        row.subject_id,
        row.version,
        Step(row.step),
        row.person_id,
        Value(row.value),
        How(row.how),
        row.at,
        row.contact_id,
    )
