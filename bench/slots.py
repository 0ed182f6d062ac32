"""How long does it take to find the free times of a month, beside reading the rows, and beside looking at every minute?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from actions.sessions.diary import AFTER, BEFORE, LONGEST, Diary
from bench.clinics import NOW, clinic
from bench.harness import Ground, Line, at_least, at_most, bench, side_by_side
from bench.minutes import scan
from care.course.slots import Slot, free_slots
from care.protocols import load
from models import Availability, Booking, BusyTime, Clinic, Closure, OtherHours, Resource, db

VISIT = load("iv_6").visits["dosing"]
WITHIN = NOW, NOW + timedelta(days=30)
ROUNDS = {10: 40, 100: 15, 1_000: 5}
SCAN_ROUNDS = {10: 3, 100: 2}
REPEATED = 10  # a search is over too soon to be timed alone
SCANNED_OF_THOUSAND = 50  # of 1,000 resources only so many are scanned, and their time is taken as many times over


@bench("slots")
def slots(ground: Ground) -> Iterator[Line]:
    """Free times of 30 days for 10, 100 and 1,000 resources, against a plain read of the rows and a scan by the minute."""
    for kind in ground.kinds:
        for resources, rounds in ROUNDS.items():
            with ground.app(kind):
                clinic_id = clinic(resources)
                yield from _beside_the_read(kind, resources, clinic_id, rounds)
                if kind == ground.kinds[-1]:
                    yield from _beside_the_scan(kind, resources, clinic_id)


def _beside_the_read(kind: str, resources: int, clinic_id: UUID, rounds: int) -> Iterator[Line]:
    times = side_by_side(rounds, search=lambda: _search(clinic_id), read=lambda: _read(clinic_id))
    name = f"slots, {resources:,} resources, {kind}"
    yield times["search"].against(times["read"], name, "a plain read of the same rows", at_most(2))


def _beside_the_scan(kind: str, resources: int, clinic_id: UUID) -> Iterator[Line]:
    """Rows already read, so that looking is compared with looking."""
    diary = Diary(clinic_id, *WITHIN, now=NOW)
    looked_at = diary.resources[: SCANNED_OF_THOUSAND if resources == 1_000 else None]
    _same(free_slots(VISIT, looked_at, WITHIN, zone=diary.zone), scan(VISIT, looked_at, WITHIN))
    times = side_by_side(
        SCAN_ROUNDS.get(resources, 1),
        search=lambda: [diary.free(VISIT) for _ in range(REPEATED)],
        scan=lambda: scan(VISIT, looked_at, WITHIN),
    )
    search = times["search"].times(1 / REPEATED)
    part = len(diary.resources) // len(looked_at)
    what = "a scan by the minute" + (f", {len(looked_at)} of them scanned, times {part}" if part > 1 else "")
    whole = times["scan"].times(part)
    yield search.times_faster_than(whole, f"slots in memory, {resources:,} resources", what, at_least(100))


def _search(clinic_id: UUID) -> list[Slot]:
    db.session.expunge_all()
    return Diary(clinic_id, *WITHIN, now=NOW).free(VISIT)


def _read(clinic_id: UUID) -> list[list[Any]]:
    """The rows that the search is made of, as anyone would read them."""
    db.session.expunge_all()
    connection = db.session.connection()
    return [list(connection.execute(rows)) for rows in _rows(clinic_id, WITHIN[0] - BEFORE, WITHIN[1] + AFTER)]


def _rows(clinic_id: UUID, begin: datetime, until: datetime) -> list[Any]:
    return [
        select(Clinic.zone).where(Clinic.id == clinic_id),
        select(Resource.id, Resource.kind, Resource.lanes, Resource.retired_on).where(Resource.clinic_id == clinic_id),
        select(Availability.resource_id, Availability.weekday, Availability.opens, Availability.closes).where(
            Availability.clinic_id == clinic_id
        ),
        select(OtherHours.resource_id, OtherHours.on_date, OtherHours.opens, OtherHours.closes).where(
            OtherHours.clinic_id == clinic_id, OtherHours.on_date.between(begin.date(), until.date())
        ),
        select(Closure.resource_id, Closure.starts_at, Closure.ends_at).where(
            Closure.clinic_id == clinic_id, Closure.starts_at < until, Closure.ends_at > begin
        ),
        select(BusyTime.resource_id, BusyTime.starts_at, BusyTime.ends_at).where(
            BusyTime.clinic_id == clinic_id, BusyTime.starts_at < until, BusyTime.ends_at > begin
        ),
        select(Booking.resource_id, Booking.lane, Booking.starts_at, Booking.ends_at).where(
            Booking.clinic_id == clinic_id,
            Booking.starts_at < until,
            Booking.starts_at > begin - LONGEST,
            Booking.ends_at > begin,
        ),
    ]


def _same(found: list[Slot], scanned: list[Any]) -> None:
    """What is measured must be the same answer."""
    seats = [(slot.starts_at, tuple((seat.resource_id, seat.lane) for seat in slot.seats)) for slot in found]
    if seats != scanned:
        raise AssertionError("the scan by the minute and the search do not agree")
