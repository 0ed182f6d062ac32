"""Several courses are hit by one closure: whose turn is it, and do two of them do better the other way round?

The order is fair and stated: courses with a hit session inside the freeze period first, then by their earliest hit session,
then those with fewest free times for it, then by id. Each takes its least disturbing plan among what is left. Then any two
courses are tried in the other order, and that stays where it disturbs both together less, until no exchange helps or the
tries are used up. Nobody loses a place or has more moved so that somebody else is nearer to the time they had. The whole is
never worse than the first round; it is not the best there could be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import combinations
from uuid import UUID

from care.course.closing.placing import NOTHING, Cost, Diary, HitCourse, Places, Placing, cost_of, total_of
from care.course.slots import Slot
from care.times import local_date, wall

LIMIT = 20_000  # starts tried for one course, as in `care.course.reflow`
TRIES = 60  # exchanges looked at


@dataclass(frozen=True, slots=True)
class Proposal:
    """The new place of every session that changes; None: it finds none. `cost` is that of all courses together."""

    places: Mapping[UUID, Slot | None]
    cost: Cost
    exchanges: int  # how many helped


def propose(
    courses: Sequence[HitCourse], diary: Diary, zone: str, *, limit: int = LIMIT, tries: int = TRIES
) -> Proposal:
    """Places for all sessions that are hit and those that must follow.

    The diary counts as taken what is closed and every booking but those of the sessions given here; it is used up.
    """
    table = _Table(diary, zone, limit)
    for course in courses:
        table.seat(course, {one.id: None if one.hit else one.has for one in course.sittings})
    alone = {course.id: table.best_alone(course) for course in courses}
    order = sorted(courses, key=table.turn)
    for course in order:
        table.place(course)
    helped = _exchange(order, table, alone, tries)
    changed = {
        one.id: table.places[course.id][one.id]
        for course in courses
        for one in course.sittings
        if table.places[course.id][one.id] != one.has
    }
    return Proposal(changed, table.cost(courses), helped)


def _exchange(order: Sequence[HitCourse], table: "_Table", alone: Mapping[UUID, Cost], tries: int) -> int:
    """Try pairs of which the later is worse off than if it had chosen first; how many exchanges helped."""
    helped, left = 0, tries
    again = True
    while again and left > 0:
        again = False
        for first, second in combinations(order, 2):
            if left == 0 or table.cost([second]) <= alone[second.id]:
                continue
            left -= 1
            if table.exchange(first, second):
                helped, again = helped + 1, True
    return helped


@dataclass
class _Table:
    """Who sits where at this point of the search."""

    diary: Diary
    zone: str
    limit: int
    places: dict[UUID, Places] = field(default_factory=dict)
    choices: dict[UUID, int] = field(default_factory=dict)

    def cost(self, courses: Sequence[HitCourse]) -> Cost:
        total = NOTHING
        for course in courses:
            total = total_of(total, cost_of(course, self.places[course.id], self.zone))
        return total

    def turn(self, course: HitCourse) -> tuple[bool, datetime, int, str]:
        """The place of a course in the fair order: the least comes first."""
        hit = [one for one in course.sittings if one.hit]
        earliest = min(one.has.starts_at for one in hit)
        return not any(one.frozen for one in hit), earliest, self.choices[course.id], course.id.hex

    def best_alone(self, course: HitCourse) -> Cost:
        """What the plan would cost if the course had the first choice."""
        self._count_choices(course)
        before = self.places[course.id]
        self.place(course)
        cost = self.cost([course])
        self.lift(course)
        self.seat(course, before)
        return cost

    def place(self, course: HitCourse) -> None:
        """Out of its places, and into the best there are now."""
        self.lift(course)
        self.seat(course, Placing(course, self.diary, self.zone, self.limit).places())

    def exchange(self, first: HitCourse, second: HitCourse) -> bool:
        """The other order of these two, kept when it costs both together less."""
        before = {one.id: self.places[one.id] for one in (first, second)}
        costs = [self.cost([one]) for one in (first, second)]
        self._empty(first, second)
        for course in (second, first):
            self.place(course)
        if _less(costs, [self.cost([one]) for one in (first, second)]):
            return True
        self._empty(first, second)
        for one in (first, second):
            self.seat(one, before[one.id])
        return False

    def _empty(self, *courses: HitCourse) -> None:
        """Back to what is not hit: those keep their claim on their own times while the other one chooses."""
        for course in courses:
            self.lift(course)
            self.seat(course, {one.id: None if one.hit else one.has for one in course.sittings})

    def seat(self, course: HitCourse, places: Places) -> None:
        self.places[course.id] = places
        for slot in places.values():
            if slot is not None:
                self.diary.take(slot)

    def lift(self, course: HitCourse) -> None:
        for slot in self.places.pop(course.id).values():
            if slot is not None:
                self.diary.give_back(slot)

    def _count_choices(self, course: HitCourse) -> None:
        first = min((one for one in course.sittings if one.hit), key=lambda one: one.has.starts_at)
        begin, end = first.span[0], first.span[1] + timedelta(days=1)
        span = wall(begin, time(), self.zone), wall(end, time(), self.zone)
        days = (local_date(slot.starts_at, self.zone) for slot in self.diary.free(first.visit, within=span))
        self.choices[course.id] = sum(first.span[0] <= day <= first.span[1] for day in days)


def _less(before: Sequence[Cost], after: Sequence[Cost]) -> bool:
    """Fewer unplaced or moved together; or the same for each of the two, and less shift together."""
    counts = [[cost[:4] for cost in costs] for costs in (before, after)]
    together = [tuple(map(sum, zip(*costs, strict=True))) for costs in counts]
    if together[0] != together[1]:
        return together[1] < together[0]
    return counts[0] == counts[1] and sum(cost[4] for cost in after) < sum(cost[4] for cost in before)
