"""Which starts are free, and who and what would be there?

A slot is computed when asked. Lanes, the places at once of a resource, are numbered from 1 and searched one by one.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from care.protocol import Need, Visit
from care.times import utc, wall

Stretch = tuple[datetime, datetime]  # from, until; the end is not part of it
Busy = Mapping[UUID, Sequence[tuple[int, datetime, datetime]]]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WeeklyRule:
    """Open each week on `weekday` (Monday 0), by wall clock; a close not after the opening is on the next day."""

    weekday: int
    opens: time
    closes: time
    valid_from: date
    valid_until: date | None = None  # the last day; None: until changed


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    id: UUID
    kind: str  # chair | clinician | therapist | guide
    lanes: int
    open: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class Seat:
    """One lane of one resource for its part of the session."""

    resource_id: UUID
    kind: str
    lane: int
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    starts_at: datetime
    ends_at: datetime
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class _Lane:
    """The free stretches of one place, in order, with their beginnings apart for a quick search."""

    resource_id: UUID
    kind: str
    number: int
    free: Sequence[Stretch]
    begins: Sequence[datetime]

    def covers(self, begin: datetime, until: datetime) -> bool:
        at = bisect_right(self.begins, begin) - 1
        return at >= 0 and until <= self.free[at][1]


def free_slots(
    visit: Visit, resources: Sequence[ResourceFacts], busy: Busy, within: Stretch, *, step_minutes: int = 30
) -> list[Slot]:
    """Every start in `within` at which all needs of the visit find a free lane, in order of time.

    Starts lie on whole steps from the full hour in UTC. Resources are tried in the order given, then lane by lane, so
    that the same question has the same answer.
    """
    lanes = [lane for resource in resources for lane in _lanes(resource, busy.get(resource.id, ()))]
    offered = (_slot(visit, start, lanes) for start in _starts(within, timedelta(minutes=step_minutes)))
    return [slot for slot in offered if slot]


def open_hours(rules: Iterable[WeeklyRule], first: date, last: date, zone: str) -> list[Stretch]:
    """The stretches in which weekly rules open the days from `first` to `last`, as instants, overlaps joined."""
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    return joined(_opened(rule, day, zone) for rule in rules for day in days if _holds(rule, day))


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time in as few stretches as can be, in order."""
    whole: list[Stretch] = []
    for begin, until in sorted(stretch for stretch in stretches if stretch[0] < stretch[1]):
        if whole and begin <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(whole[-1][1], until)
        else:
            whole.append((begin, until))
    return whole


def without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """What is left of the stretches outside the taken ones: closures, or what is busy."""
    holes = joined(taken)
    return [part for stretch in joined(stretches) for part in _left(stretch, holes)]


def _left(stretch: Stretch, holes: Sequence[Stretch]) -> Iterator[Stretch]:
    begin, until = stretch
    for hole_begin, hole_until in holes:
        if hole_until <= begin or hole_begin >= until:
            continue
        if begin < hole_begin:
            yield begin, hole_begin
        begin = hole_until
    if begin < until:
        yield begin, until


def _lanes(resource: ResourceFacts, busy: Sequence[tuple[int, datetime, datetime]]) -> Iterator[_Lane]:
    for number in range(1, resource.lanes + 1):
        taken = [(begin, until) for lane, begin, until in busy if lane == number]
        free = without(resource.open, taken)
        yield _Lane(resource.id, resource.kind, number, free, [begin for begin, _ in free])


def _starts(within: Stretch, step: timedelta) -> Iterator[datetime]:
    begin, until = utc(within[0]), utc(within[1])
    at = EPOCH + step * -((EPOCH - begin) // step)
    while at < until:
        yield at
        at += step


def _slot(visit: Visit, start: datetime, lanes: Sequence[_Lane]) -> Slot | None:
    ends_at = start + timedelta(minutes=visit.minutes)
    seats = _seats(visit.needs, start, ends_at, lanes)
    return None if seats is None else Slot(start, ends_at, seats)


def _seats(
    needs: Sequence[Need], start: datetime, ends_at: datetime, lanes: Sequence[_Lane]
) -> tuple[Seat, ...] | None:
    """A lane for each need, no lane twice; the first choice that leaves room for the needs after it."""
    if not needs:
        return ()
    need, *rest = needs
    for lane in lanes:
        seat = _seat(need, start, ends_at, lane)
        if seat is None:
            continue
        others = _seats(rest, start, ends_at, [one for one in lanes if one is not lane])
        if others is not None:
            return (seat, *others)
    return None


def _seat(need: Need, start: datetime, ends_at: datetime, lane: _Lane) -> Seat | None:
    if lane.kind != need.kind:
        return None
    begin = start + timedelta(minutes=need.from_minutes)
    until = ends_at if need.until_minutes is None else start + timedelta(minutes=need.until_minutes)
    return Seat(lane.resource_id, lane.kind, lane.number, begin, until) if lane.covers(begin, until) else None


def _holds(rule: WeeklyRule, day: date) -> bool:
    valid = rule.valid_from <= day and (rule.valid_until is None or day <= rule.valid_until)
    return valid and day.weekday() == rule.weekday


def _opened(rule: WeeklyRule, day: date, zone: str) -> Stretch:
    closing_day = day if rule.closes > rule.opens else day + timedelta(days=1)
    return wall(day, rule.opens, zone), wall(closing_day, rule.closes, zone, late=True)
