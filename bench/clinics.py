"""Which clinic are searches measured in? Teams of ten resources, three quarters booked on every weekday of seven weeks.

A team: four chairs, two clinicians with a lunch break, one who watches four rooms, two therapists, one guide. Now and then a day
has other hours, a calendar of one's own says busy, and a chair is closed for repair.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from care.facts import Status
from care.times import wall
from models import (
    Availability,
    Booking,
    BusyTime,
    Clinic,
    Closure,
    Contact,
    Course,
    OtherHours,
    Patient,
    Protocol,
    Resource,
    Session,
    db,
)
from models.columns import uuid7

ZONE = "America/New_York"
NOW = datetime(2027, 3, 1, 13, tzinfo=UTC)  # a Monday; the clocks change within the month
FIRST, DAYS = date(2027, 2, 22), 49
TEAM = (("chair", 4, 1), ("clinician", 2, 1), ("monitor", 1, 4), ("therapist", 2, 1), ("guide", 1, 1))
HOURS = {"clinician": ((time(8), time(12)), (time(12, 30), time(17, 30))), "therapist": ((time(9), time(17)),)}
USUAL_HOURS = ((time(8), time(18)),)
BATCH = 5_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Team:
    """The ids of its ten, by kind."""

    chairs: Sequence[UUID]
    clinicians: Sequence[UUID]
    monitor: UUID
    therapists: Sequence[UUID]
    guide: UUID


def clinic(resources: int, seed: int = 1) -> UUID:
    """A clinic with so many resources, a multiple of ten, and all that stands in their calendars; committed."""
    random, row = Random(seed), Clinic(short_name="Harbor", zone=ZONE, phone="212-555-0100")
    db.session.add(row)
    db.session.flush()
    course = _course(row.id)
    teams = [_team(row.id) for _ in range(resources // 10)]
    for team in teams:
        _oddities(row.id, team, random)
    visits = [visit for team in teams for day in _weekdays() for visit in _visits(team, day, random)]
    visits.sort(
        key=lambda visit: visit[0][1], reverse=True
    )  # the latest first: the guards on SQLite look at what is earlier
    _book(row.id, course, visits)
    db.session.commit()
    return row.id


def _course(clinic_id: UUID) -> Course:
    """One patient to whom all sessions belong: whose they are is nothing to a search."""
    contact = Contact(clinic_id=clinic_id, zone=ZONE, language="en", number_index=b"0" * 32, number="+12125550101")
    patient = Patient(clinic_id=clinic_id, contact_id=contact.id, name="Ada Example")
    protocol = Protocol(clinic_id=clinic_id, name="iv_6", version=1, base="iv_6", differences={}, resolved={})
    course = Course(
        clinic_id=clinic_id,
        patient_id=patient.id,
        protocol_id=protocol.id,
        starts_on=FIRST,
        phase="induction",
        phase_from=FIRST,
    )
    db.session.add_all([contact, patient, protocol, course])
    db.session.flush()
    return course


def _team(clinic_id: UUID) -> Team:
    rows = [
        Resource(clinic_id=clinic_id, kind=kind, name=f"{kind} {number}", lanes=lanes)
        for kind, count, lanes in TEAM
        for number in range(count)
    ]
    db.session.add_all(rows)
    db.session.flush()
    hours = [
        {"resource_id": row.id, "weekday": weekday, "opens": opens, "closes": closes}
        for row in rows
        for weekday in range(5)
        for opens, closes in HOURS.get(row.kind, USUAL_HOURS)
    ]
    _write(Availability, clinic_id, hours)
    chairs, clinicians, (monitor,), therapists, (guide,) = (
        [row.id for row in rows if row.kind == kind] for kind, _, _ in TEAM
    )
    return Team(chairs, clinicians, monitor, therapists, guide)


def _oddities(clinic_id: UUID, team: Team, random: Random) -> None:
    """A day off, a short day, two appointments elsewhere, an afternoon of repair."""
    off, short, away, repair = random.sample(list(_weekdays()), 4)
    _write(OtherHours, clinic_id, [
        {"resource_id": team.clinicians[0], "on_date": off, "opens": None, "closes": None},
        {"resource_id": team.therapists[0], "on_date": short, "opens": time(9), "closes": time(12)},
    ])  # fmt: skip
    _write(BusyTime, clinic_id, [
        {"resource_id": who, "starts_at": _at(away, 12, 30), "ends_at": _at(away, 14)}
        for who in (team.clinicians[1], team.therapists[1])
    ])  # fmt: skip
    _write(Closure, clinic_id, [
        {"resource_id": team.chairs[3], "starts_at": _at(repair, 18), "ends_at": _at(repair, 20), "reason": "repair",
         "made_at": NOW, "edition": 1},
    ])  # fmt: skip


Seat = tuple[UUID, datetime, datetime, int]  # resource, from, until, lane


def _visits(team: Team, day: date, random: Random) -> Iterator[list[Seat]]:
    """Doses every two and a half hours in each chair, half an hour apart, and an hour with a therapist now and then."""
    for chair, resource_id in enumerate(team.chairs):
        for start in (_at(day, 8, 30 + 30 * chair + 150 * turn) for turn in range(3)):
            ends = start + timedelta(hours=2)
            if random.random() < 0.75:
                yield [
                    (resource_id, start - timedelta(minutes=15), ends, 1),
                    (team.clinicians[chair % 2], start, start + timedelta(hours=1), 1),
                    (team.monitor, start, ends, chair + 1),
                ]
    for therapist in team.therapists:
        for start in (_at(day, hour) for hour in range(9, 17)):
            if random.random() < 0.7:
                yield [(therapist, start, start + timedelta(minutes=50), 1)]
    for start in (_at(day, 9), _at(day, 14)):
        yield [(team.guide, start, start + timedelta(hours=2), 1)]


def _book(clinic_id: UUID, course: Course, visits: Sequence[list[Seat]]) -> None:
    for number in range(0, len(visits), BATCH):
        part = visits[number : number + BATCH]
        ids = [uuid7() for _ in part]
        _write(Session, clinic_id, [_session(course, id_, number + count) for count, id_ in enumerate(ids, 1)])
        _write(Booking, clinic_id, [
            {"session_id": id_, "resource_id": who, "starts_at": begin, "ends_at": until, "lane": lane}
            for id_, seats in zip(ids, part, strict=True)
            for who, begin, until, lane in seats
        ])  # fmt: skip


def _session(course: Course, id_: UUID, number: int) -> Row:
    return {
        "id": id_,
        "course_id": course.id,
        "patient_id": course.patient_id,
        "kind": "dosing",
        "number": number,
        "phase": "induction",
        "setting": "clinic",
        "status": Status.PLANNED,
        "version": 1,
        "edition": 1,
        "since": NOW,
        "target_on": FIRST,
        "earliest_on": FIRST,
        "latest_on": FIRST,
    }


def _write(table: Any, clinic_id: UUID, rows: Sequence[Row]) -> None:
    """Core rows in batches: a year of a large clinic is many."""
    db.session.execute(insert(table.__table__), [{"clinic_id": clinic_id, "id": uuid7(), **row} for row in rows])


def _weekdays() -> Iterator[date]:
    days = (FIRST + timedelta(days=count) for count in range(DAYS))
    return (day for day in days if day.weekday() < 5)


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return wall(day, time(hour + minute // 60, minute % 60), ZONE)
