"""Which sessions does a course begin with? What was given before, and the plan of its protocol from there on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from actions.courses.wish import Enrolment
from actions.rows import write_rows
from care.course.given import Given, placed
from care.course.plan import PlannedSession, Preferences, phase_reached
from care.course.plan import plan as planned_by
from care.facts import Cause, SessionKind, Status
from care.protocol import Protocol
from care.times import local_date
from models import Clinic, Course, Session, db
from models.columns import uuid7

HORIZON_DAYS = 90  # how far ahead an open phase is planned where the clinic does not say

Place = tuple[SessionKind, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a wish comes to. `ids` by kind and number, made before anything is written."""

    rules: Protocol
    given: tuple[Given, ...]
    planned: tuple[PlannedSession, ...]
    phase: str
    phase_from: date
    ids: Mapping[Place, UUID]


def plan_of(clinic: Clinic, wish: Enrolment, rules: Protocol, *, now: datetime, beyond: bool = False) -> Plan:
    """The plan of a wish that was judged. An open phase is planned to the horizon once it is under way; `beyond`: before."""
    zone, today, wants = clinic.zone, local_date(now, clinic.zone), preferences_of(wish.preferences)
    given, start = placed(rules, wish.given, wants, zone, now), max(wish.starts_on, today)
    phase, _ = phase_reached(rules, start, zone, given, phase=wish.phase)
    is_open = next(each for each in rules.phases if each.name == phase).sessions is None
    until = start + horizon(clinic) if beyond or is_open else None
    planned = planned_by(rules, start, wants, zone, given, phase=wish.phase, today=today, until=until)
    phase, since = phase_reached(rules, start, zone, given, planned, wish.phase)
    places = [*((each.kind, each.number) for each in given), *((each.kind, each.number) for each in planned)]
    return Plan(rules, given, planned, phase, since, {place: uuid7() for place in places})


def horizon(clinic: Clinic) -> timedelta:
    """How far ahead the sessions of an open phase are planned."""
    return timedelta(days=clinic.settings.get("horizon_days", HORIZON_DAYS))


def write(course: Course, plan: Plan, support_id: UUID | None, *, now: datetime) -> None:
    """Write the sessions in one statement: a course has dozens, and rows one by one cost several times as much."""
    write_rows(Session, [*_given_rows(course, plan), *_planned_rows(course, plan, support_id, now)])


def preferences_of(stored: Mapping[str, Any]) -> Preferences:
    """`{"weekdays": [1, 4], "around": "10:00"}` as the rules want it; weekdays count from Monday = 0."""
    return Preferences(tuple(stored.get("weekdays", ())), time.fromisoformat(stored.get("around", "10:00")))


def _planned_rows(course: Course, plan: Plan, support_id: UUID | None, now: datetime) -> Iterable[dict[str, Any]]:
    for each in plan.planned:
        yield {
            **_row(course, plan, each.kind, each.number, each.phase, each.of_number),
            "status": Status.PLANNED,
            "since": now,
            "target_on": each.target_on,
            "earliest_on": each.earliest_on,
            "latest_on": each.latest_on,
            "support_person_id": support_id if each.kind is SessionKind.DOSING else None,
        }


def _given_rows(course: Course, plan: Plan) -> Iterable[dict[str, Any]]:
    zone = db.session.get_one(Clinic, course.clinic_id).zone
    for each in plan.given:
        day = local_date(each.at, zone)
        minutes = plan.rules.visits[each.kind.value].minutes
        yield {
            **_row(course, plan, each.kind, each.number, each.phase, each.of_number),
            "status": status_of(each),
            "cause": Cause.OTHER if each.missed else None,
            "since": each.until,
            "target_on": day,
            "earliest_on": day,
            "latest_on": day,
            "starts_at": each.at,
            "ends_at": each.at + timedelta(minutes=minutes),
            "dosed_at": each.at if each.counts else None,
            "discharged_at": None if each.missed else each.until,
            "given_before": True,
        }


def status_of(each: Given) -> Status:
    """What became of a session given before."""
    if each.missed:
        return Status.MISSED
    return Status.DISCHARGED if each.kind is SessionKind.DOSING else Status.ATTENDED


# Every column, because rows of one statement all have the same.
_EMPTY: dict[str, Any] = dict.fromkeys(
    ("cause", "starts_at", "ends_at", "dosed_at", "discharged_at", "support_person_id")
)


def _row(
    course: Course, plan: Plan, kind: SessionKind, number: int, phase: str, of_number: int | None
) -> dict[str, Any]:
    return _EMPTY | {
        "clinic_id": course.clinic_id,
        "id": plan.ids[kind, number],
        "course_id": course.id,
        "patient_id": course.patient_id,
        "kind": kind,
        "number": number,
        "phase": phase,
        "setting": plan.rules.setting,
        "version": 1,
        "of_session_id": plan.ids[SessionKind.DOSING, of_number] if of_number else None,
        "given_before": False,
        "edition": 1,
    }
