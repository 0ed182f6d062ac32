"""Where do sessions go that change their time together? Doses by the exact reflow, then what follows them, one by one."""

import operator
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from care.course.booking import place_of
from care.course.changes.around import (
    Around,
    Standing,
    is_dose_of,
    lasts,
    move_of,
    occupied,
    overlaps,
)
from care.course.changes.plans import Days, Move
from care.course.moving import Between, window_after
from care.course.reflow import Candidate, Reflow, ToPlace, both_plans
from care.course.slots import Slot
from care.facts import ENDED_WITHOUT_HAPPENING, SessionKind, Status
from care.times import local, local_date, wall

DAY = timedelta(days=1)
OWN = "own"

Placed = dict[UUID, Slot | None]


@dataclass(frozen=True, slots=True)
class Pull:
    """Where a session in scope would rather be than where it is: at an instant, or near its day on one of these weekdays
    around that clock."""

    at: datetime | None = None
    on: date | None = None
    weekdays: tuple[int, ...] = ()
    around: time | None = None

    def off(self, start: datetime, zone: str) -> bool:
        return bool(self.weekdays) and local_date(start, zone).weekday() not in self.weekdays

    def far(self, start: datetime, zone: str) -> int:
        """Seconds from the instant; or whole days from the day, and the clock's distance."""
        if self.at is not None:
            return round(abs((start - self.at).total_seconds()))
        shown = local(start, zone)
        days = abs((shown.date() - self.on).days) if self.on else 0
        return days * 86_400 + (_apart(shown.time(), self.around) if self.around else 0)


def _apart(one: time, other: time) -> int:
    return abs((one.hour - other.hour) * 3600 + (one.minute - other.minute) * 60)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a plan makes of the sessions: those that change, those without a time by the day they are meant for now."""

    moves: tuple[Move, ...]
    meant_for: Mapping[UUID, date]
    optimal: bool


@dataclass
class Placing:
    """Sessions that change their time together.

    `settled`: whose new place was chosen. `pulls`: who would rather be elsewhere. `yielding`: doses that give way as
    little as they must. `days`: spans that change with it. Everything else of the patient stays.
    """

    around: Around
    settled: Mapping[UUID, Slot]
    pulls: Mapping[UUID, Pull]
    yielding: Sequence[UUID]
    days: Mapping[UUID, Days] = field(default_factory=dict)

    def __post_init__(self) -> None:
        around = self.around
        self.wanting = [around.by_id[id_] for id_ in (*self.pulls, *self.yielding) if id_ not in self.settled]
        self.doses = sorted(
            (one for one in self.wanting if is_dose_of(around.course_id, one.facts)),
            key=lambda one: place_of(one.facts),
        )
        changing = {*self.settled, *(one.id for one in self.doses)}
        self.bound = around.bound_to(changing, Status.BOOKED)
        self.others = [one for one in self.wanting if one not in self.doses and one.facts.starts_at is not None]
        self.lifted = frozenset(changing | {one.id for one in (*self.bound, *self.others)})
        self.staying = [one for one in around.sessions if one.id not in self.lifted]
        self.rooms = around.rooms(self.lifted, *self._stretch())

    def outcomes(self) -> tuple[Outcome, Outcome | None]:
        """Keeping the rule of seven dates; and breaking it, where that disturbs fewer."""
        for slot in self.settled.values():
            self.rooms.take(slot)
        fixed = self._fixed()
        found = {one.id: self._candidates(one, fixed) for one in self.doses}
        to_place = [self._to_place(one, found[one.id]) for one in self.doses]
        starts = [start for start, _ in fixed]
        keeping, breaking = both_plans(to_place, starts, self.around.rules, min(starts, default=None), self.around.zone)
        slots = {one.id: {_token(one, slot): slot for slot in found[one.id]} for one in self.doses}
        return self._outcome(keeping, slots), self._outcome(breaking, slots) if breaking else None

    def days_of(self, one: Standing) -> Days:
        return self.days.get(one.id, one.days)

    # Doses

    def _fixed(self) -> list[tuple[datetime, tuple[int, int]]]:
        """The doses whose time is settled, each with its place in the course."""
        doses = [one for one in self.around.doses() if one.facts.status not in ENDED_WITHOUT_HAPPENING]
        given = [(self._settled_at(one), place_of(one.facts)) for one in doses if one not in self.doses]
        return [(at, place) for at, place in given if at is not None]

    def _settled_at(self, one: Standing) -> datetime | None:
        return self.settled[one.id].starts_at if one.id in self.settled else one.facts.dose_at

    def _candidates(self, one: Standing, fixed: Sequence[tuple[datetime, tuple[int, int]]]) -> list[Slot]:
        """Free places in its span, in the order of the course, while the patient is nowhere else; first of all its own."""
        if one.facts.status is Status.PLANNED:
            return self._days_for(one)
        place = place_of(one.facts)
        after = max((at for at, other in fixed if other < place), default=None)
        before = min((at for at, other in fixed if other > place), default=None)
        taken = [*occupied(self.staying), *self._taken_by_settled()]
        days = self.days_of(one)
        free = _between(self._free_for_doses, *self._instants(days.earliest_on, days.latest_on))
        offered = self._with_its_own(one, free, days.earliest_on, days.latest_on)
        return [
            slot
            for slot in offered
            if (after is None or slot.starts_at > after)
            and (before is None or slot.starts_at < before)
            and not overlaps(lasts(one, slot), taken)
        ]

    @cached_property
    def _free_for_doses(self) -> Sequence[Slot]:
        """Asked once for all of them: they are never at the same time."""
        return self.rooms.free(SessionKind.DOSING, *self._stretch())

    def _with_its_own(self, one: Standing, free: Sequence[Slot], first: date, last: date) -> list[Slot]:
        """What is free, and at the time that it has the seats that it has."""
        own = one.slot
        if own is None or own.starts_at <= self.around.now:
            return list(free)
        if not first <= local_date(own.starts_at, self.around.zone) <= last:
            return list(free)
        return [own, *(slot for slot in free if slot.starts_at != own.starts_at)]

    def _instants(self, first: date, last: date) -> Between:
        """From the first moment of a local day to the first after another."""
        zone = self.around.zone
        return wall(first, time(), zone), wall(last + DAY, time(), zone)

    def _days_for(self, one: Standing) -> list[Slot]:
        """The days that a session without a time may be meant for, as slots without seats."""
        clock, days = self._clock_of(one), self.days_of(one)
        count = (days.latest_on - days.earliest_on).days + 1
        every = (wall(days.earliest_on + DAY * number, clock, self.around.zone) for number in range(count))
        return [Slot(at, at, ()) for at in every if at > self.around.now]

    def _clock_of(self, one: Standing) -> time:
        return self.pulls[one.id].around or self.around.clock

    def _to_place(self, one: Standing, free: Iterable[Slot]) -> ToPlace:
        pulled, days, at = one.id in self.pulls, self.days_of(one), one.facts.starts_at
        booked = one.facts.status is Status.BOOKED
        return ToPlace(
            id=one.id,
            number=one.facts.number,
            current=at if booked else None,
            booked=booked and not pulled,
            confirmed=one.confirmed and not pulled,
            frozen=not pulled and at is not None and at - self.around.now < self.around.terms.freeze,
            span=(days.earliest_on, days.latest_on),
            target=days.target_on,
            candidates=tuple(self._candidate(one, slot) for slot in free),
            seat=OWN if one.slot else None,
        )

    def _candidate(self, one: Standing, slot: Slot) -> Candidate:
        pull = self.pulls.get(one.id)
        if pull is None:
            return Candidate(slot.starts_at, _token(one, slot))
        zone = self.around.zone
        return Candidate(
            slot.starts_at, _token(one, slot), pull.off(slot.starts_at, zone), pull.far(slot.starts_at, zone)
        )

    # What follows

    def _outcome(self, plan: Reflow, slots: Mapping[UUID, Mapping[str, Slot]]) -> Outcome:
        chosen = {
            one.id: slots[one.id][plan.placed[one.id].token] if one.id in plan.placed else None for one in self.doses
        }
        timed: Placed = {one.id: chosen[one.id] for one in self.doses if one.facts.status is Status.BOOKED}
        places: Placed = {**self.settled, **timed}
        followed = self._followed(places)
        whole = {**places, **followed}
        meant_for = {id_: local_date(slot.starts_at, self.around.zone) for id_, slot in chosen.items() if slot}
        return Outcome(tuple(self._changed(whole)), meant_for, plan.optimal)

    def _changed(self, places: Placed) -> Iterable[Move]:
        moves = [move_of(self.around.by_id[id_], slot) for id_, slot in places.items()]
        return [move for move in moves if move.to != move.was or move.session_id in self.settled]

    def _followed(self, places: Placed) -> Placed:
        """Integration sessions go with their dose, then come the others; each takes its place before the next looks."""
        held = [slot for id_, slot in places.items() if slot is not None and id_ not in self.settled]
        for slot in held:
            self.rooms.take(slot)
        taken = [*occupied(self.staying), *self._stretches(places)]
        followed: Placed = {}
        for one in (*self._by_time(self.bound), *self._by_time(self.others)):
            found = followed[one.id] = self._nearest(one, places, taken)
            if found is not None:
                self.rooms.take(found)
                held.append(found)
                taken.append(lasts(one, found))
        for slot in held:
            self.rooms.give_back(slot)
        return followed

    def _nearest(self, one: Standing, places: Placed, taken: Sequence[Between]) -> Slot | None:
        """Nearest to where it would rather be, else to where it is; None when nothing is free where it belongs."""
        window = self._belongs(one, places)
        if window is None:
            return None
        pull = self.pulls.get(one.id) or self._along(one, places)
        zone = self.around.zone
        first, last = local_date(window[0], zone), local_date(window[1], zone)
        offered = self._with_its_own(one, self.rooms.free(one.facts.kind, first, last), first, last)
        free = [slot for slot in offered if self._still_free(one, slot, places)]
        inside = [slot for slot in free if window[0] <= slot.starts_at <= window[1]]
        lawful = [slot for slot in inside if not overlaps(lasts(one, slot), taken)]
        return min(
            lawful,
            key=lambda slot: (pull.off(slot.starts_at, zone), pull.far(slot.starts_at, zone), slot.starts_at),
            default=None,
        )

    def _still_free(self, one: Standing, slot: Slot, places: Placed) -> bool:
        """Its own seats are its own, unless one that changes too takes them first."""
        others = [other for other in places.values() if other is not None]
        return slot != one.slot or not any(_share_a_seat(slot, other) for other in others)

    def _along(self, one: Standing, places: Placed) -> Pull:
        """By itself it stays; when its dose is pulled it goes along by as many local days and clock hours."""
        at = one.facts.starts_at
        dose_id = one.facts.of_session_id
        slot = places.get(dose_id) if dose_id else None
        dose = self.around.by_id[dose_id].facts.starts_at if dose_id else None
        if at is None or slot is None or dose is None or dose_id not in {*self.pulls, *self._pulling()}:
            return Pull(at=at)
        return Pull(at=shifted(at, wall_delta(dose, slot.starts_at, self.around.zone), self.around.zone))

    def _pulling(self) -> set[UUID]:
        """The settled ones count as pulled when others are."""
        return set(self.settled) if self.pulls else set()

    def _belongs(self, one: Standing, places: Placed) -> Between | None:
        """The window after its dose; for the others their span."""
        dose_id = one.facts.of_session_id
        if dose_id is None:
            opens, closes = self._instants(self.days_of(one).earliest_on, self.days_of(one).latest_on)
            return opens, closes - timedelta(seconds=1)
        slot = places.get(dose_id)
        return None if slot is None else window_after(self.around.by_id[dose_id].facts, slot.starts_at, slot.ends_at)

    def _by_time(self, sessions: Iterable[Standing]) -> list[Standing]:
        return sorted(sessions, key=lambda one: (one.facts.starts_at or self.around.now, one.facts.number))

    def _taken_by_settled(self) -> list[Between]:
        return self._stretches(dict(self.settled))

    def _stretches(self, places: Placed) -> list[Between]:
        return [lasts(self.around.by_id[id_], slot) for id_, slot in places.items() if slot is not None]

    def _stretch(self) -> tuple[date, date]:
        """The local days in which anything could be looked for."""
        spans = [self.days_of(self.around.by_id[id_]) for id_ in self.lifted]
        chosen = [local_date(slot.starts_at, self.around.zone) for slot in self.settled.values()]
        long = timedelta(hours=self.around.rules.integration.window_until_h) + 2 * DAY
        firsts, lasts_ = [span.earliest_on for span in spans], [span.latest_on for span in spans]
        today = local_date(self.around.now, self.around.zone)
        first = max(today, min([*firsts, *chosen], default=today))
        return first, max([first, *lasts_, *chosen]) + long


def shifted(at: datetime, delta: timedelta, zone: str) -> datetime:
    """The instant whose wall clock is so much later: over a clock change it keeps its time of day."""
    shown = local(at, zone).replace(tzinfo=None) + delta
    return wall(shown.date(), shown.time(), zone)


def wall_delta(was: datetime, to: datetime, zone: str) -> timedelta:
    """How many days and clock hours lie between two instants, as clocks on the wall show them."""
    return local(to, zone).replace(tzinfo=None) - local(was, zone).replace(tzinfo=None)


def _token(one: Standing, slot: Slot) -> str:
    """Names a slot for the search: a start is offered once, its own seats before all others."""
    return OWN if slot is one.slot else slot.starts_at.isoformat()


def _between(slots: Sequence[Slot], begins: datetime, ends: datetime) -> Sequence[Slot]:
    """Those of the slots, in order of time, that start in this stretch."""
    starts = operator.attrgetter("starts_at")
    return slots[bisect_left(slots, begins, key=starts) : bisect_left(slots, ends, key=starts)]


def _share_a_seat(one: Slot, other: Slot) -> bool:
    return any(
        mine.resource_id == theirs.resource_id
        and mine.lane == theirs.lane
        and mine.from_at < theirs.until_at
        and theirs.from_at < mine.until_at
        for mine in one.seats
        for theirs in other.seats
    )
