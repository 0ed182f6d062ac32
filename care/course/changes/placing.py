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
    instants,
    is_dose_of,
    lasts,
    move_of,
    occupied,
    overlaps,
    with_its_own,
)
from care.course.changes.following import Following, Placed, stretches
from care.course.changes.plans import Days, Move
from care.course.changes.pulls import Pull
from care.course.reflow import Candidate, Reflow, ToPlace, both_plans
from care.course.slots import Slot
from care.facts import ENDED_WITHOUT_HAPPENING, SessionKind, Status
from care.times import local_date, wall

DAY = timedelta(days=1)
OWN = "own"


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
        taken = [*occupied(self.staying), *stretches(dict(self.settled), self.around)]
        days = self.days_of(one)
        free = _between(self._free_for_doses, *instants(days.earliest_on, days.latest_on, self.around.zone))
        offered = with_its_own(one, free, days.earliest_on, days.latest_on, self.around)
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
        held = [slot for slot in timed.values() if slot is not None]
        whole = {**places, **self.following.followed(places, self._in_time(), held)}
        meant_for = {id_: local_date(slot.starts_at, self.around.zone) for id_, slot in chosen.items() if slot}
        return Outcome(tuple(self._changed(whole)), meant_for, plan.optimal)

    @property
    def following(self) -> Following:
        """When some are pulled, those that are settled pull theirs along too."""
        along = frozenset({*self.pulls, *(self.settled if self.pulls else ())})
        return Following(self.around, self.rooms, self.staying, self.pulls, along, self.days)

    def _in_time(self) -> list[Standing]:
        """What follows: integration sessions first, each group in order of time."""
        now = self.around.now
        groups = (
            sorted(each, key=lambda one: (one.facts.starts_at or now, one.facts.number))
            for each in (self.bound, self.others)
        )
        return [one for group in groups for one in group]

    def _changed(self, places: Placed) -> Iterable[Move]:
        moves = [move_of(self.around.by_id[id_], slot) for id_, slot in places.items()]
        return [move for move in moves if move.to != move.was or move.session_id in self.settled]

    def _stretch(self) -> tuple[date, date]:
        """The local days in which anything could be looked for."""
        spans = [self.days_of(self.around.by_id[id_]) for id_ in self.lifted]
        chosen = [local_date(slot.starts_at, self.around.zone) for slot in self.settled.values()]
        long = timedelta(hours=self.around.rules.integration.window_until_h) + 2 * DAY
        firsts, lasts_ = [span.earliest_on for span in spans], [span.latest_on for span in spans]
        today = local_date(self.around.now, self.around.zone)
        first = max(today, min([*firsts, *chosen], default=today))
        return first, max([first, *lasts_, *chosen]) + long


def _token(one: Standing, slot: Slot) -> str:
    """Names a slot for the search: a start is offered once, its own seats before all others."""
    return OWN if slot is one.slot else slot.starts_at.isoformat()


def _between(slots: Sequence[Slot], begins: datetime, ends: datetime) -> Sequence[Slot]:
    """Those of the slots, in order of time, that start in this stretch."""
    starts = operator.attrgetter("starts_at")
    return slots[bisect_left(slots, begins, key=starts) : bisect_left(slots, ends, key=starts)]
