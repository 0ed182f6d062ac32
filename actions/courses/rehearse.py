"""What would a whole course bring, before anything is written? Every session, text, task and gate with its time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from actions.courses.enrol import enrolment_refusals, protocol_rules
from actions.courses.plan import Plan, plan_of, preferences_of, status_of
from actions.courses.wish import Enrolment, SupportNamed
from actions.facts import clinic_facts, patient_facts, sessions_of
from care.course.given import Given, given_warnings
from care.course.plan import PlannedSession
from care.facts import Part, PatientFacts, Person, SessionFacts, SessionKind, Status, SupportFacts
from care.protocols.overriding import overriding
from care.refusals import Refusal, refuse_if_any
from care.rehearse import Rehearsal, booked, rehearse
from care.times import wall
from models import Clinic, Course, Patient, Session, db
from models.columns import uuid7

LINK_LENGTH = 22  # of a real link's token
AFTERWARDS = timedelta(days=7)  # how long after the last session something may still be said


@dataclass(frozen=True, slots=True)
class DryRun:
    """`sessions` as they would be planned, doses at their preferred times; `rehearsal` as if everyone said yes.

    `assumed`: the sessions that have no time yet and were given the preferred one. `warnings`: rules of spacing that were
    broken before the course came here.
    """

    sessions: tuple[SessionFacts, ...]
    rehearsal: Rehearsal
    patient_id: UUID
    assumed: frozenset[UUID] = frozenset()
    warnings: tuple[Refusal, ...] = ()


def dry_run(
    clinic: Clinic, wish: Enrolment, *, base_url: str, now: datetime, overrides: Mapping[str, Any] | None = None
) -> DryRun:
    """An enrolment played through to its end without a row being written, an open phase up to the clinic's horizon.

    `overrides`: field path -> value, as for one course. Raises KeyError for an unknown protocol, `ProtocolError` for bad
    overrides and `Refused` as the enrolment would, whoever the patient is.
    """
    rules = protocol_rules(clinic, wish.protocol)
    rules = overriding(rules, overrides) if overrides else rules
    refuse_if_any(enrolment_refusals(clinic, wish, rules, now=now))
    plan = plan_of(clinic, wish, rules, now=now, beyond=True)
    zone = wish.zone or clinic.zone
    supports = tuple(_support(named, zone, place, now) for place, named in enumerate(wish.supports, 1))
    sessions = _sessions(plan, supports, now)
    facts = PatientFacts(
        clinic=clinic_facts(clinic),
        patient=Person(uuid7(), Part.PATIENT, uuid7(), zone, wish.language),
        supports=supports,
        sessions=sessions,
        switches=clinic.settings.get("switches", {}),
    )
    assumed = frozenset(each.id for each in sessions if each.status is Status.BOOKED)
    warnings = tuple(given_warnings(rules, plan.given, clinic.zone))
    return DryRun(sessions, _rehearsed(facts, wish.name, base_url, now), facts.patient.id, assumed, warnings)


def dry_run_course(course: Course, *, base_url: str, now: datetime, assume: bool = False) -> DryRun:
    """What the rest of a course would bring as it is booked today; `assume`: what has no time gets its preferred one."""
    patient = db.session.get_one(Patient, (course.clinic_id, course.patient_id))
    facts = patient_facts(patient)
    timed = _on_target(course, patient, now) if assume else {}
    sessions = tuple(booked(each, timed[each.id], now) if each.id in timed else each for each in facts.sessions)
    rehearsal = _rehearsed(replace(facts, sessions=sessions), patient.name, base_url, now, since=now)
    return DryRun(sessions, rehearsal, patient.id, frozenset(timed))


def _on_target(course: Course, patient: Patient, now: datetime) -> dict[UUID, datetime]:
    """The preferred time of every planned session whose day is still to come; integration is offered after its dose."""
    zone, around = db.session.get_one(Clinic, course.clinic_id).zone, preferences_of(course.preferences).around
    waiting = [each for each in sessions_of(patient) if _waits(each, course)]
    times = {each.id: wall(each.target_on, around, zone) for each in waiting}
    return {session_id: at for session_id, at in times.items() if at > now}


def _waits(session: Session, course: Course) -> bool:
    mine = session.course_id == course.id and session.status == Status.PLANNED
    return mine and session.kind != SessionKind.INTEGRATION


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


def _sessions(plan: Plan, supports: Sequence[SupportFacts], now: datetime) -> tuple[SessionFacts, ...]:
    course_id, stands_by = uuid7(), supports[0].person.id if supports else None
    were = (_given(each, plan, course_id) for each in plan.given)
    coming = (_planned(each, plan, course_id, stands_by, now) for each in plan.planned)
    return (*were, *coming)


def _given(each: Given, plan: Plan, course_id: UUID) -> SessionFacts:
    over = None if each.missed else each.until
    minutes = plan.rules.visits[each.kind.value].minutes
    return SessionFacts(
        id=plan.ids[each.kind, each.number],
        course_id=course_id,
        number=each.number,
        kind=each.kind,
        phase=each.phase,
        status=status_of(each),
        version=1,
        protocol=plan.rules,
        since=each.until,
        starts_at=each.at,
        ends_at=each.at + timedelta(minutes=minutes),
        dosed_at=each.at if each.counts else None,
        discharged_at=over,
        of_session_id=plan.ids[SessionKind.DOSING, each.of_number] if each.of_number else None,
        given_before=True,
    )


def _planned(each: PlannedSession, plan: Plan, course_id: UUID, stands_by: UUID | None, now: datetime) -> SessionFacts:
    """All but integration sessions have their preferred time; those are offered once the dose was given."""
    planned = SessionFacts(
        id=plan.ids[each.kind, each.number],
        course_id=course_id,
        number=each.number,
        kind=each.kind,
        phase=each.phase,
        status=Status.PLANNED,
        version=1,
        protocol=plan.rules,
        since=now,
        of_session_id=plan.ids[SessionKind.DOSING, each.of_number] if each.of_number else None,
        support_person_id=stands_by if each.kind is SessionKind.DOSING else None,
    )
    if each.kind is SessionKind.INTEGRATION or each.target_at <= now:
        return planned
    return replace(booked(planned, each.target_at, now), version=1)
