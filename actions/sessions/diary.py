"""What do the resources of a clinic have before them? Read once in a few queries, asked for many sessions.

The rows come as plain columns through Core, times as seconds since 1970: a month of a clinic is thousands of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, cast, extract, or_, select

from care.course.slots import (
    ANY,
    OtherDay,
    Piece,
    ResourceFacts,
    Slot,
    SlotWish,
    Start,
    Stretch,
    WeeklyRule,
    every_start,
    free_slots,
    held_whole,
    open_hours,
    overlap,
    piece,
)
from care.protocol import Visit
from care.times import local_date
from models import Availability, Booking, BusyTime, Clinic, Closure, OtherHours, Resource, db

# What a protocol may ask for at most: a resource four hours before the start, and for eighteen hours after it.
BEFORE, AFTER = timedelta(hours=4), timedelta(hours=18)
LONGEST = BEFORE + AFTER
DAY = timedelta(days=1)

Booked = dict[int, list[Piece]]  # by lane


class Diary:
    """The free times of a clinic between two instants, from `now` on; sessions `without` count as having no place.

    What is taken or given back counts in every later answer.
    """

    def __init__(
        self,
        clinic_id: UUID,
        from_at: datetime,
        until_at: datetime,
        *,
        now: datetime,
        without: Collection[UUID] = (),
    ) -> None:
        self.within = max(from_at, now), until_at
        self.zone = db.session.get_one(Clinic, clinic_id).zone
        self._booked = _booked(clinic_id, reach(self.within), now, without)
        self.resources = resources(clinic_id, reach(self.within), self.zone, booked=self._booked)

    def free(self, visit: Visit, wish: SlotWish = ANY, *, within: Stretch | None = None) -> list[Slot]:
        """Free times for one kind of session, in order; `within` is a part of the diary's own time."""
        return free_slots(visit, self.resources, self._part(within), wish, zone=self.zone)

    def every_start(self, visit: Visit, wish: SlotWish = ANY, *, within: Stretch | None = None) -> list[Start]:
        """Every start, free or not, with what is missing."""
        return every_start(visit, self.resources, self._part(within), wish, zone=self.zone)

    def take(self, slot: Slot) -> None:
        """Count the slot's seats as taken."""
        for seat in slot.seats:
            self._booked[seat.resource_id].setdefault(seat.lane, []).append(piece((seat.from_at, seat.until_at)))

    def give_back(self, slot: Slot) -> None:
        """Count the slot's seats as free, where they were taken just so."""
        for seat in slot.seats:
            lane, mine = self._booked[seat.resource_id].get(seat.lane, []), piece((seat.from_at, seat.until_at))
            if mine in lane:
                lane.remove(mine)

    def _part(self, within: Stretch | None) -> Stretch:
        return (max(within[0], self.within[0]), min(within[1], self.within[1])) if within else self.within


def resources(
    clinic_id: UUID,
    within: Stretch,
    zone: str,
    *,
    booked: defaultdict[UUID, Booked] | None = None,
    only: Collection[UUID] | None = None,
) -> list[ResourceFacts]:
    """The clinic's resources (or `only` those) in a stable order, with their hours and what closes them in that time."""
    first, last = local_date(within[0], zone) - DAY, local_date(within[1], zone)
    rows = _of_clinic(Resource, clinic_id, only, Resource.id).add_columns(
        Resource.kind, Resource.lanes, Resource.retired_on
    )
    rules, others = _weekly_rules(clinic_id, only), _other_days(clinic_id, only, first, last)
    closed, busy = _closed(clinic_id, within), _busy(clinic_id, within, only)
    taken = defaultdict(dict) if booked is None else booked
    return [
        ResourceFacts(
            id_,
            kind,
            lanes,
            open_hours(tuple(rules[id_]), tuple(others[id_]), first, last, zone, retired_on),
            booked=taken[id_],
            closed=(*closed[None], *closed[id_]),
            busy=busy[id_],
        )
        for id_, kind, lanes, retired_on in _rows(rows.order_by(Resource.id))
    ]


def works(slot: Slot, known: Iterable[ResourceFacts]) -> bool:
    """Whether every resource of the slot is open at its part of it, and not closed."""
    of = {one.id: one for one in known}
    parts = [(of[seat.resource_id], piece((seat.from_at, seat.until_at))) for seat in slot.seats]
    return all(held_whole(part, one.open) and not overlap(part, one.closed) for one, part in parts)


def busy_kinds(slot: Slot, clinic_id: UUID) -> list[str]:
    """The kinds of those in the slot whose own calendars say that they are elsewhere."""
    if not slot.seats:
        return []
    busy = _busy(clinic_id, reach((slot.starts_at, slot.starts_at)), {seat.resource_id for seat in slot.seats})
    clash = [seat for seat in slot.seats if overlap(piece((seat.from_at, seat.until_at)), busy[seat.resource_id])]
    return list(dict.fromkeys(seat.kind for seat in clash))


def reach(within: Stretch) -> Stretch:
    """The time that all starts in this one may need."""
    return within[0] - BEFORE, within[1] + AFTER


def _booked(clinic_id: UUID, within: Stretch, now: datetime, without: Collection[UUID]) -> defaultdict[UUID, Booked]:
    """What sessions have and hold. None is longer than `LONGEST`, so that its start bounds the search in the index."""
    rows = select(Booking.resource_id, Booking.lane, _seconds(Booking.starts_at), _seconds(Booking.ends_at)).where(
        Booking.clinic_id == clinic_id,
        Booking.starts_at < within[1],
        Booking.starts_at > within[0] - LONGEST,
        Booking.ends_at > within[0],
        Booking.closure_id.is_(None),
        or_(Booking.held_until.is_(None), Booking.held_until > now),
    )
    if without:
        rows = rows.where(Booking.session_id.not_in(without))
    booked: defaultdict[UUID, Booked] = defaultdict(dict)
    for resource_id, lane, begin, until in _rows(rows):
        booked[resource_id].setdefault(lane, []).append((begin, until))
    return booked


def _seconds(column: Any) -> ColumnElement[int]:
    """Sessions begin and end on whole seconds."""
    return cast(extract("epoch", column), BigInteger)


def _closed(clinic_id: UUID, within: Stretch) -> defaultdict[UUID | None, list[Piece]]:
    """By resource, and under None what closes them all."""
    rows = select(Closure.resource_id, Closure.starts_at, Closure.ends_at).where(
        Closure.clinic_id == clinic_id,
        Closure.starts_at < within[1],
        Closure.ends_at > within[0],
        Closure.lifted_at.is_(None),
    )
    return _by_resource(_rows(rows))


def _busy(clinic_id: UUID, within: Stretch, only: Collection[UUID] | None) -> defaultdict[UUID | None, list[Piece]]:
    rows = _of_clinic(BusyTime, clinic_id, only, BusyTime.resource_id).add_columns(BusyTime.starts_at, BusyTime.ends_at)
    overlapping = rows.where(BusyTime.starts_at < within[1], BusyTime.ends_at > within[0])
    return _by_resource(_rows(overlapping))


def _by_resource(rows: Iterable[Any]) -> defaultdict[UUID | None, list[Piece]]:
    found: defaultdict[UUID | None, list[Piece]] = defaultdict(list)
    for resource_id, begin, until in rows:
        found[resource_id].append(piece((begin, until)))
    return found


def _weekly_rules(clinic_id: UUID, only: Collection[UUID] | None) -> defaultdict[UUID, list[WeeklyRule]]:
    rows = _of_clinic(Availability, clinic_id, only, Availability.resource_id).add_columns(
        Availability.weekday, Availability.opens, Availability.closes, Availability.valid_from, Availability.valid_until
    )
    found: defaultdict[UUID, list[WeeklyRule]] = defaultdict(list)
    for resource_id, weekday, opens, closes, valid_from, valid_until in _rows(rows):
        found[resource_id].append(WeeklyRule(weekday, opens, closes, valid_from or date.min, valid_until))
    return found


def _other_days(
    clinic_id: UUID, only: Collection[UUID] | None, first: date, last: date
) -> defaultdict[UUID, list[OtherDay]]:
    rows = _of_clinic(OtherHours, clinic_id, only, OtherHours.resource_id).add_columns(
        OtherHours.on_date, OtherHours.opens, OtherHours.closes
    )
    found: defaultdict[UUID, list[OtherDay]] = defaultdict(list)
    for resource_id, *day in _rows(rows.where(OtherHours.on_date.between(first, last))):
        found[resource_id].append(OtherDay(*day))
    return found


def _rows(wanted: Any) -> Iterator[Any]:
    """Past the objects of the unit of work: each row is a tuple as it came."""
    return iter(db.session.connection().execute(wanted))


def _of_clinic(table: Any, clinic_id: UUID, only: Collection[UUID] | None, resource_id: Any) -> Select[Any]:
    """Rows of the clinic, of `only` these resources where that is said; the resource's id comes first."""
    rows = select(resource_id).where(table.clinic_id == clinic_id)
    return rows if only is None else rows.where(resource_id.in_(only))
