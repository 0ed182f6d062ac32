"""What would a whole course bring, before anything is written? Every session, text, task and gate with its time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from actions.courses.enrol import Enrolment, SupportNamed, protocol_rules
from actions.courses.plan import preferences_of
from actions.facts import clinic_facts, patient_facts
from care.course.plan import PlannedSession, plan
from care.facts import Part, PatientFacts, Person, SessionFacts, SessionKind, Status, SupportFacts
from care.protocol import Protocol
from care.rehearse import Rehearsal, booked, rehearse
from models import Clinic, Course, Patient, db
from models.columns import uuid7

LINK_LENGTH = 22  # of a real link's token
AFTERWARDS = timedelta(days=7)  # how long after the last session something may still be said


@dataclass(frozen=True, slots=True)
class DryRun:
    """`sessions` as they would be planned, doses at their preferred times; `rehearsal` as if everyone said yes."""

    sessions: tuple[SessionFacts, ...]
    rehearsal: Rehearsal


def dry_run(clinic: Clinic, wish: Enrolment, *, base_url: str, now: datetime) -> DryRun:
    """An enrolment played through to its end without a row being written. Raises KeyError for an unknown protocol."""
    rules = protocol_rules(clinic, wish.protocol)
    zone = wish.zone or clinic.zone
    supports = tuple(_support(named, zone, place, now) for place, named in enumerate(wish.supports, 1))
    sessions = _sessions(clinic, wish, rules, supports, now)
    facts = PatientFacts(
        clinic=clinic_facts(clinic),
        patient=Person(uuid7(), Part.PATIENT, uuid7(), zone, wish.language),
        supports=supports,
        sessions=sessions,
        switches=clinic.settings.get("switches", {}),
    )
    return DryRun(sessions, _rehearsed(facts, wish.name, base_url, now))


def dry_run_course(course: Course, *, base_url: str, now: datetime) -> DryRun:
    """What the rest of a course would bring as it is booked today."""
    patient = db.session.get_one(Patient, (course.clinic_id, course.patient_id))
    facts = patient_facts(patient)
    return DryRun(facts.sessions, _rehearsed(facts, patient.name, base_url, now, since=now))


def _rehearsed(
    facts: PatientFacts, name: str, base_url: str, now: datetime, *, since: datetime | None = None
) -> Rehearsal:
    """Played through with links as long as real ones, that open nothing. `since`: what was due before is not repeated."""
    link = f"{base_url}/go/{'x' * LINK_LENGTH}"
    names, links = {"patient": first_name(name)}, {"integration": link, "invite": link}
    return rehearse(facts, _until(facts.sessions, now), since=since, names=names, links=links)


def first_name(name: str) -> str:
    """What a support person's text may call the patient."""
    return (name.split(maxsplit=1) or [name])[0]


def _until(sessions: Iterable[SessionFacts], now: datetime) -> datetime:
    return max((one.end for one in sessions if one.end), default=now) + AFTERWARDS


def _support(named: SupportNamed, patient_zone: str, place: int, now: datetime) -> SupportFacts:
    person = Person(uuid7(), Part.SUPPORT, uuid7(), named.zone or patient_zone, named.language)
    return SupportFacts(person, place, "named", now)


def _sessions(
    clinic: Clinic, wish: Enrolment, rules: Protocol, supports: tuple[SupportFacts, ...], now: datetime
) -> tuple[SessionFacts, ...]:
    wanted = plan(rules, wish.starts_on, preferences_of(wish.preferences), clinic.zone)
    ids = {(each.kind, each.number): uuid7() for each in wanted}
    course_id, stands_by = uuid7(), supports[0].person.id if supports else None
    return tuple(_session(each, rules, ids, course_id, stands_by, now) for each in wanted)


def _session(
    each: PlannedSession,
    rules: Protocol,
    ids: dict[tuple[SessionKind, int], UUID],
    course_id: UUID,
    stands_by: UUID | None,
    now: datetime,
) -> SessionFacts:
    planned = SessionFacts(
        id=ids[each.kind, each.number],
        course_id=course_id,
        number=each.number,
        kind=each.kind,
        phase=each.phase,
        status=Status.PLANNED,
        version=1,
        protocol=rules,
        since=now,
        of_session_id=ids[SessionKind.DOSING, each.of_number] if each.of_number else None,
        support_person_id=stands_by if each.kind is SessionKind.DOSING else None,
    )
    return replace(booked(planned, each.target_at, now), version=1) if each.kind is SessionKind.DOSING else planned
