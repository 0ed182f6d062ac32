"""Where do the sessions of one course go, while the times of all other courses stay as they are?

Doses by the least disturbing plan; integration sessions after their dose; other visits to the nearest free time in their span.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import add
from typing import Protocol
from uuid import UUID

from care.course.changes.pulls import Pull
from care.course.moving import Between, window_after
from care.course.reflow import Candidate, Reflow, ToPlace, reflow
from care.course.slots import Slot
from care.facts import ENDED_WITHOUT_HAPPENING, SessionFacts, SessionKind
from care.protocol import Protocol as Rules
from care.protocol import Visit
from care.times import local, local_date, wall
from care.windows import integration_window

Cost = tuple[int, int, int, int, int]  # unplaced, moved inside the freeze, moved confirmed, moved, shift as `shift_of`
Places = dict[UUID, Slot | None]
NOTHING: Cost = (0, 0, 0, 0, 0)


class Diary(Protocol):
    """The free times of a clinic; what is taken or given back counts in every later answer."""

    def free(self, visit: Visit, *, within: Between | None = None) -> list[Slot]: ...
    def take(self, slot: Slot) -> None: ...
    def give_back(self, slot: Slot) -> None: ...


@dataclass(frozen=True, slots=True)
class Sitting:
    """A booked session that is hit, or that may have to follow one that is; `has` is its present place.

    `only`: what a person chose for it. None: any free time; empty: it is to be left without one.
    """

    facts: SessionFacts
    has: Slot
    hit: bool
    span: tuple[date, date]  # earliest and latest local day
    target: date
    confirmed: bool
    frozen: bool  # inside the clinic's freeze period
    only: tuple[Slot, ...] | None = None

    @property
    def id(self) -> UUID:
        return self.facts.id

    @property
    def visit(self) -> Visit:
        return self.facts.protocol.visits[self.facts.kind]


@dataclass(frozen=True, slots=True)
class HitCourse:
    """A course with sessions that are hit.

    `doses`: the booked ones from the first that is hit, in their order. `others`: the booked integration sessions of those, and
    whatever else is hit. `known`: all other sessions of the patient; they stay.
    """

    id: UUID
    rules: Rules
    doses: tuple[Sitting, ...]
    others: tuple[Sitting, ...]
    known: tuple[SessionFacts, ...]

    @property
    def sittings(self) -> tuple[Sitting, ...]:
        return (*self.doses, *self.others)


@dataclass
class Placing:
    """One course among free times, in a diary in which nothing of it is taken."""

    course: HitCourse
    diary: Diary
    zone: str
    limit: int

    def places(self) -> Places:
        """A place for every session of the course, None where there is none. The diary is left as it was."""
        doses = self._doses()
        with_doses = [slot for slot in doses.values() if slot is not None]
        for slot in with_doses:
            self.diary.take(slot)
        try:
            return self._with_others(doses)
        finally:
            for slot in with_doses:
                self.diary.give_back(slot)

    def _doses(self) -> Places:
        """The hit ones alone, and only where one of them finds no place, the later ones with them.

        The first is as exact: no plan that moves a later dose too disturbs less than one that places all without.
        """
        hit = [one for one in self.course.doses if one.hit]
        if not hit:
            return {one.id: one.has for one in self.course.doses}
        staying = [one for one in self.course.sittings if not one.hit]
        alone = self._beside(hit, staying)
        if all(alone[one.id] for one in hit):
            return alone
        return self._beside(list(self.course.doses), [])

    def _beside(self, to_place: list[Sitting], staying: list[Sitting]) -> Places:
        """The least disturbing plan for these doses while those stay."""
        for one in staying:
            self.diary.take(one.has)
        found = self.diary.free(to_place[0].visit, within=self._reach(to_place))  # all are doses of one protocol
        free = {one.id: list(self._choices(one, staying, found)) for one in to_place}
        for one in staying:
            self.diary.give_back(one.has)
        plan = self._plan(to_place, free, [one for one in staying if one.facts.kind is SessionKind.DOSING])
        places: Places = {one.id: one.has for one in staying if one in self.course.doses}
        return places | {one.id: _chosen(one, free[one.id], plan) for one in to_place}

    def _plan(self, to_place: Sequence[Sitting], free: Mapping[UUID, list[Slot]], staying: list[Sitting]) -> Reflow:
        earlier = [one.dose_at for one in self._fixed_doses() if one.dose_at is not None]
        fixed = [*earlier, *(one.has.starts_at for one in staying)]
        wanted = [_to_place(one, free[one.id], self.zone) for one in to_place]
        return reflow(wanted, fixed, self.course.rules, min(earlier, default=None), self.zone, limit=self.limit)

    def _fixed_doses(self) -> list[SessionFacts]:
        return [one for one in self.course.known if one.course_id == self.course.id and _is_dose(one)]

    def _choices(self, one: Sitting, staying: Sequence[Sitting], free: Sequence[Slot]) -> Iterator[Slot]:
        """Free times on the days of its span that keep the order of doses and leave the patient in one place."""
        elsewhere = [*_taken(self.course.known), *(_around(each, each.has) for each in staying)]
        after, before = self._neighbours(one, staying)
        for slot in self._offered(one, free):
            in_order = after < slot.starts_at < before
            if in_order and self._on_its_days(one, slot) and patient_is_free(one, slot, elsewhere):
                yield slot

    def _neighbours(self, one: Sitting, staying: Sequence[Sitting]) -> tuple[datetime, datetime]:
        """Between which doses of the course that stay it has to lie."""
        doses = [each for each in self._fixed_doses() if each.dose_at]
        doses += [each.facts for each in staying if each.facts.kind is SessionKind.DOSING]
        lower = [each.dose_at for each in doses if each.number < one.facts.number and each.dose_at]
        upper = [each.dose_at for each in doses if each.number > one.facts.number and each.dose_at]
        return max(lower, default=one.has.starts_at - FAR), min(upper, default=one.has.starts_at + FAR)

    @staticmethod
    def _offered(one: Sitting, free: Sequence[Slot]) -> list[Slot]:
        """What is free, or what of it a person chose; its own present place first, so that nobody changes seats without need."""
        if one.only is not None:
            wanted = {slot.starts_at for slot in one.only}
            return [slot for slot in free if slot.starts_at in wanted]
        if one.hit:
            return list(free)
        return [one.has, *(slot for slot in free if slot.starts_at != one.has.starts_at)]

    def _reach(self, sittings: Sequence[Sitting]) -> Between:
        """From the first day of their spans to the end of the last."""
        first, last = min(one.span[0] for one in sittings), max(one.span[1] for one in sittings)
        return wall(first, time(), self.zone), wall(last + timedelta(days=1), time(), self.zone)

    def _on_its_days(self, one: Sitting, slot: Slot) -> bool:
        """Inside its span; what lies outside already may stay where it is."""
        return slot == one.has or one.span[0] <= local_date(slot.starts_at, self.zone) <= one.span[1]

    def _with_others(self, doses: Places) -> Places:
        """The sessions that follow a dose, and the other visits, one after another."""
        places = dict(doses)
        taken = []
        for one in self.course.others:
            slot = self._place_other(one, places)
            places[one.id] = slot
            if slot is not None:
                self.diary.take(slot)
                taken.append(slot)
        for slot in taken:
            self.diary.give_back(slot)
        return places

    def _place_other(self, one: Sitting, places: Places) -> Slot | None:
        elsewhere = [*_taken(self.course.known), *self._now_at(one, places)]
        window = self._window(one, places)
        if window is None:
            return None
        if not one.hit and _within(window, one.has) and patient_is_free(one, one.has, elsewhere):
            return one.has
        free = self.diary.free(one.visit, within=(window[0], window[1] + timedelta(minutes=1)))
        inside = [slot for slot in self._offered(one, free) if _within(window, slot)]
        allowed = [
            slot for slot in inside if patient_is_free(one, slot, elsewhere) and self._may_be_on(one, slot, places)
        ]
        was = one.has.starts_at
        return min(allowed, key=lambda slot: (shift_of(was, slot, self.zone), slot.starts_at), default=None)

    def _now_at(self, one: Sitting, places: Places) -> Iterator[Between]:
        """Where the patient is by this plan, in the sessions placed before this one."""
        for each in self.course.sittings:
            slot = places.get(each.id)
            if each.id != one.id and slot is not None:
                yield _around(each, slot)

    def _may_be_on(self, one: Sitting, slot: Slot, places: Places) -> bool:
        """Its span binds it, except where its dose went elsewhere."""
        return self._dose_moved(one, places) or self._on_its_days(one, slot)

    def _dose_moved(self, one: Sitting, places: Places) -> bool:
        dose = next((each for each in self.course.doses if each.id == one.facts.of_session_id), None)
        return dose is not None and places[dose.id] != dose.has

    def _window(self, one: Sitting, places: Places) -> Between | None:
        """Between which instants it may start; None when its dose has no time any more."""
        always = self._reach([one])
        if one.facts.of_session_id is None:
            return always
        dose = next((each for each in self.course.doses if each.id == one.facts.of_session_id), None)
        if dose is not None:
            slot = places[dose.id]
            return None if slot is None else window_after(dose.facts, slot.starts_at, slot.ends_at)
        given = next((each for each in self.course.known if each.id == one.facts.of_session_id), None)
        return always if given is None or given.end is None else integration_window(given)


FAR = timedelta(days=3650)


def cost_of(course: HitCourse, places: Mapping[UUID, Slot | None], zone: str) -> Cost:
    """How much the plan disturbs this course; another chair at the same time disturbs nobody."""
    total = NOTHING
    for one in course.sittings:
        total = total_of(total, _cost(one, places[one.id], zone))
    return total


def total_of(one: Cost, other: Cost) -> Cost:
    a, b, c, d, e = map(add, one, other)
    return a, b, c, d, e


def _cost(one: Sitting, slot: Slot | None, zone: str) -> Cost:
    moves = slot is None or slot.starts_at != one.has.starts_at
    shift = 0 if slot is None else shift_of(one.has.starts_at, slot, zone)
    return int(slot is None), int(moves and one.frozen), int(moves and one.confirmed), int(moves), shift


def shift_of(was: datetime, slot: Slot, zone: str) -> int:
    """Days and the distance on the clock, as seconds: whoever comes in the afternoon is not put in the early morning
    because that is fewer hours away."""
    shown = local(was, zone)
    return Pull(on=shown.date(), around=shown.time()).far(slot.starts_at, zone)


def patient_is_free(one: Sitting, slot: Slot, elsewhere: Iterable[Between]) -> bool:
    """A patient is in one place at a time, from arrival to the end."""
    begins, ends = _around(one, slot)
    return not any(begins < until and since < ends for since, until in elsewhere)


def _around(one: Sitting, slot: Slot) -> Between:
    return slot.starts_at - timedelta(minutes=one.visit.arrive_minutes), slot.ends_at


def _taken(known: Iterable[SessionFacts]) -> Iterator[Between]:
    for one in known:
        if one.starts_at and one.end and one.status not in ENDED_WITHOUT_HAPPENING:
            yield one.arrive_at or one.starts_at, one.end


def _within(window: Between, slot: Slot) -> bool:
    return window[0] <= slot.starts_at <= window[1]


def _is_dose(one: SessionFacts) -> bool:
    return one.kind is SessionKind.DOSING and one.status not in ENDED_WITHOUT_HAPPENING


def _to_place(one: Sitting, free: Iterable[Slot], zone: str) -> ToPlace:
    """The choices keep to the span already; here it reaches to where the session is."""
    today = local_date(one.has.starts_at, zone)
    return ToPlace(
        id=one.id,
        number=one.facts.number,
        current=one.has.starts_at,
        booked=True,
        confirmed=one.confirmed,
        frozen=one.frozen,
        span=(min(one.span[0], today), max(one.span[1], today)),
        target=one.target,
        candidates=tuple(
            Candidate(slot.starts_at, seat_word(slot), far=shift_of(one.has.starts_at, slot, zone)) for slot in free
        ),
        seat=seat_word(one.has),
    )


def _chosen(one: Sitting, free: Iterable[Slot], plan: Reflow) -> Slot | None:
    found = plan.placed.get(one.id)
    return next((slot for slot in free if found and _is(slot, found)), None)


def _is(slot: Slot, candidate: Candidate) -> bool:
    return slot.starts_at == candidate.starts_at and seat_word(slot) == candidate.token


def seat_word(slot: Slot) -> str:
    """The seats of a slot as a word that tells them apart."""
    return ",".join(sorted(f"{seat.resource_id.hex}/{seat.lane}" for seat in slot.seats))
