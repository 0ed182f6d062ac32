"""Who and what is taken when? A week of every chair and person: sessions, closures, and what their own calendars say."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import g, request
from sqlalchemy import Select, select

from care.times import wall
from models import Booking, BusyTime, Clinic, Closure, Patient, Resource, Session, db
from web import rows, show
from web.auth import staff
from web.forms import day_or
from web.pages import pages
from web.say import Times
from web.words import resources as words

DAYS = 7
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """What takes a resource on one day, from and until as the day sees them. One of session, closure and busy time."""

    from_at: datetime
    until_at: datetime
    session: Session | None = field(default=None, compare=False)
    name: str = field(default="", compare=False)  # of the patient
    closure: Closure | None = field(default=None, compare=False)
    all_day: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One resource with its days."""

    resource: Resource
    days: list[list[Entry]]


@dataclass(frozen=True, slots=True)
class Week:
    """The local days that are shown, as instants: each from its first to its last."""

    days: list[date]
    zone: str

    @property
    def bounds(self) -> list[tuple[datetime, datetime]]:
        return [(wall(day, time(), self.zone), wall(day + DAY, time(), self.zone)) for day in self.days]

    @property
    def whole(self) -> tuple[datetime, datetime]:
        return self.bounds[0][0], self.bounds[-1][1]

    def split(self, entry: Entry) -> Iterator[tuple[int, Entry]]:
        """The entry's part of each day, by the day's place."""
        for place, (begin, end) in enumerate(self.bounds):
            if entry.from_at < end and begin < entry.until_at:
                from_at, until_at = max(entry.from_at, begin), min(entry.until_at, end)
                whole = (from_at, until_at) == (begin, end)
                yield place, Entry(from_at, until_at, entry.session, entry.name, entry.closure, whole)


@pages.get("/console/resources")
@staff
def resources() -> str:
    clinic = rows.own_clinic()
    today = Times(clinic.zone).local_date(g.now)
    first = day_or(request.args.get("from"), today - timedelta(days=today.weekday()))
    week = Week([first + timedelta(days=count) for count in range(DAYS)], clinic.zone)
    return show.console(
        "resources.html",
        kinds=_by_kind(_lines(clinic, week)),
        days=week.days,
        today=today,
        first=first,
        earlier=first - timedelta(days=DAYS),
        later=first + timedelta(days=DAYS),
        resource_words=words,
    )


def listed(clinic: Clinic) -> list[Resource]:
    """Everyone and everything that sessions may need, by kind and name."""
    mine = select(Resource).where(Resource.clinic_id == clinic.id)
    found = db.session.scalars(mine.order_by(Resource.name, Resource.id)).all()
    return sorted(found, key=lambda row: list(words.KIND).index(row.kind))


def _by_kind(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.resource.kind].append(line)
    return found


def _lines(clinic: Clinic, week: Week) -> Iterator[Line]:
    """Those that still work in that week, or are taken in it all the same."""
    entries = _entries(clinic, week)
    for resource in listed(clinic):
        days: list[list[Entry]] = [[] for _ in week.days]
        for entry in [*entries[resource.id], *entries[None]]:
            for place, part in week.split(entry):
                days[place].append(part)
        if resource.retired_on is None or resource.retired_on > week.days[0] or entries[resource.id]:
            yield Line(resource, [sorted(day) for day in days])


def _entries(clinic: Clinic, week: Week) -> defaultdict[UUID | None, list[Entry]]:
    """By resource, and under None what closes them all."""
    found: defaultdict[UUID | None, list[Entry]] = defaultdict(list)
    for booking, session, patient in db.session.execute(_booked(clinic, week)):
        found[booking.resource_id].append(Entry(booking.starts_at, booking.ends_at, session, patient.name))
    closed = select(Closure).where(*_in(Closure, clinic, week), Closure.lifted_at.is_(None))
    for closure in db.session.scalars(closed):
        found[closure.resource_id].append(Entry(closure.starts_at, closure.ends_at, closure=closure))
    for busy in db.session.scalars(select(BusyTime).where(*_in(BusyTime, clinic, week))):
        found[busy.resource_id].append(Entry(busy.starts_at, busy.ends_at))
    return found


def _booked(clinic: Clinic, week: Week) -> Select[Booking, Session, Patient]:
    """Whoever holds a place for some minutes is not shown: that may come to nothing."""
    return (
        select(Booking, Session, Patient)
        .join(Session, (Session.clinic_id == Booking.clinic_id) & (Session.id == Booking.session_id))
        .join(Patient, (Patient.clinic_id == Session.clinic_id) & (Patient.id == Session.patient_id))
        .where(*_in(Booking, clinic, week), Booking.held_until.is_(None))
    )


def _in(table: Any, clinic: Clinic, week: Week) -> Iterable[Any]:
    begin, end = week.whole
    return table.clinic_id == clinic.id, table.starts_at < end, table.ends_at > begin
