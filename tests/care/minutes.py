"""Free starts as a person with a clock would find them: every start, every choice of lanes, every minute, one by one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

from care.course.slots import ResourceFacts, Seat, Slot, piece
from care.protocol import Need, Visit
from care.times import local

MINUTE = timedelta(minutes=1)


def each_minute(begin: datetime, until: datetime) -> Iterator[datetime]:
    while begin < until:
        yield begin
        begin += MINUTE


def is_open(rules, others, at, zone) -> bool:
    """Whether the clock on the wall shows a time within the hours of its date, or of a night that began the day before."""
    shown = local(at, zone).replace(tzinfo=None)
    return any(
        _covers(day, opens, closes, shown)
        for day in (shown.date(), shown.date() - timedelta(days=1))
        for opens, closes in _hours(rules, others, day)
    )


def _hours(rules, others, day):
    instead = [(other.opens, other.closes) for other in others if other.on == day]
    if instead:
        return [hours for hours in instead if hours[0] is not None]
    return [
        (rule.opens, rule.closes)
        for rule in rules
        if rule.weekday == day.weekday()
        and rule.valid_from <= day
        and (rule.valid_until is None or day <= rule.valid_until)
    ]


def _covers(day, opens, closes, shown) -> bool:
    until = day if closes > opens else day + timedelta(days=1)
    return datetime.combine(day, opens) <= shown < datetime.combine(until, closes)


def taken(resource: ResourceFacts, lane: int, at: datetime) -> bool:
    second = piece((at, at))[0]
    pieces = (*resource.booked.get(lane, ()), *resource.closed, *resource.busy)
    return any(begin < second + 60 and second < until for begin, until in pieces)


def free_each_minute(resource, lane, begin, until) -> bool:
    return all(
        any(opens <= piece((at, at))[0] < closes for opens, closes in resource.open) and not taken(resource, lane, at)
        for at in each_minute(begin, until)
    )


def part(need: Need, visit: Visit, at: datetime) -> tuple[datetime, datetime]:
    until = visit.minutes if need.until_minutes is None else need.until_minutes
    return at + timedelta(minutes=need.from_minutes), at + timedelta(minutes=until)


def slot_at(visit: Visit, resources, at: datetime) -> Slot | None:
    """The first choice of different lanes, in their order, that is free in each of its minutes."""
    lanes = [(resource, lane) for resource in resources for lane in range(1, resource.lanes + 1)]
    parts = [part(need, visit, at) for need in visit.needs]
    fitting = [
        [(one, lane) for one, lane in lanes if one.kind == need.kind and free_each_minute(one, lane, *mine)]
        for need, mine in zip(visit.needs, parts, strict=True)
    ]
    for chosen in product(*fitting):
        if len({(one.id, lane) for one, lane in chosen}) == len(chosen):
            seats = (Seat(one.id, one.kind, lane, *mine) for (one, lane), mine in zip(chosen, parts, strict=True))
            return Slot(at, at + timedelta(minutes=visit.minutes), tuple(seats))
    return None


def scan(visit: Visit, resources, within, *, step_minutes: int = 30) -> list[Slot]:
    """Every free start on the step."""
    starts = (at for at in each_minute(*within) if at.minute % step_minutes == 0)
    return [slot for slot in (slot_at(visit, resources, at) for at in starts) if slot]
