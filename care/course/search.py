"""How is the least disturbing plan found, and proved to be one?

Best-first search over the sessions in order: a partial plan is judged by its cost plus the least cost that each later
session could have by itself, which never says too much, so the first whole plan reached is the best one. A session's
starts are tried cheapest first and only as far as needed. A partial plan is dropped when one no worse leaves open
everything that it leaves open. Days are ordinals and costs one integer each, so that a step takes microseconds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import accumulate, count
from operator import le
from typing import NamedTuple

Tie = tuple[int, bool, str]  # start, reseated, token: what decides between equal costs

WEEK = 7
NEVER = -(1 << 62)
LAST_TIE: Tie = (1 << 62, True, "")


@dataclass(frozen=True, slots=True)
class Option:
    """One start of one session, or with all None the way out of leaving it unplaced."""

    cost: int
    tie: Tie
    at: int | None  # seconds
    day: int | None  # ordinal of the local date
    number: int | None  # of the candidate


@dataclass(frozen=True, slots=True)
class Rules:
    gap_days: int
    gap_seconds: int
    most_in_course_week: int
    most_in_seven: int | None  # None: the rule is broken with a reason
    fixed: tuple[int, ...]  # local days of the doses that stay
    first: int | None  # the first dosing day; None: the earliest of all


class Partial(NamedTuple):
    """A plan for the first `depth` sessions, and all that the rules need to know of it."""

    depth: int = 0
    cost: int = 0
    ties: tuple[Tie, ...] = ()
    chosen: tuple[int | None, ...] = ()
    at: int = NEVER  # seconds of the last start
    day: int = NEVER  # its local day
    first: int | None = None  # the first dosing day, once there is one
    week: int = NEVER  # course week of the last start
    in_week: int = 0  # how many starts of this plan are in it
    recent: tuple[int, ...] = ()  # days of the last starts, latest first, as far as seven dates reach


class Search:
    """The options of each session, cheapest first, and the rules between them."""

    def __init__(self, choices: Sequence[Sequence[Option]], rules: Rules) -> None:
        self.choices, self.rules = choices, rules
        cheapest = [options[0].cost for options in choices]
        self._least = [*accumulate(reversed(cheapest), initial=0)][::-1]  # of all sessions from each depth on
        self._kept: list[list[Partial]] = [[] for _ in range(len(choices) + 1)]
        self._waiting: list[tuple[int, tuple[Tie, ...], int, Partial, int]] = []
        self._serial = count()
        self._weeks: dict[int, Counter[int]] = {}
        self._runs: dict[int, int] = {}

    def best(self, limit: int) -> tuple[tuple[int | None, ...], bool]:
        """Which candidate each session takes (None: unplaced), and whether no better plan exists."""
        furthest = Partial(first=self._first_fixed())
        self._await(furthest, 0)
        for _ in range(limit):
            if furthest.depth == len(self.choices):
                return furthest.chosen, True
            furthest = max(furthest, self._next(), key=lambda plan: plan.depth)
        return self._completed(furthest), False

    def _first_fixed(self) -> int | None:
        return min(self.rules.fixed, default=None) if self.rules.first is None else self.rules.first

    def _next(self) -> Partial:
        """The most promising option is taken: the plan it makes, or where that is needless the plan it came from."""
        _, _, _, parent, number = heappop(self._waiting)
        self._await(parent, number + 1)
        plan = self._extended(parent, self.choices[parent.depth][number])
        if not self._keeps(plan):
            return parent
        self._await(plan, 0)
        return plan

    def _await(self, plan: Partial, number: int) -> None:
        """Puts the plan's next lawful option, from `number` on, where its bound says."""
        if plan.depth == len(self.choices):
            return
        options = self.choices[plan.depth]
        lawful = next((one for one in range(number, len(options)) if self._allows(plan, options[one])), None)
        if lawful is not None:
            bound = plan.cost + options[lawful].cost + self._least[plan.depth + 1]
            heappush(self._waiting, (bound, (*plan.ties, options[lawful].tie), next(self._serial), plan, lawful))

    def _completed(self, plan: Partial) -> tuple[int | None, ...]:
        """Each session that is left takes the cheapest start that the plan so far allows."""
        while plan.depth < len(self.choices):
            options = self.choices[plan.depth]
            plan = self._extended(plan, next(option for option in options if self._allows(plan, option)))
        return plan.chosen

    def _allows(self, plan: Partial, option: Option) -> bool:
        """Whether order, gap, course week and seven dates let the option follow the plan."""
        if option.at is None or option.day is None:
            return True
        late_enough = option.at - plan.at >= self.rules.gap_seconds and option.day - plan.day >= self.rules.gap_days
        return late_enough and self._week_has_room(plan, option.day) and self._dates_have_room(plan, option.day)

    def _week_has_room(self, plan: Partial, day: int) -> bool:
        first = day if plan.first is None else min(plan.first, day)
        week, fixed = (day - first) // WEEK, self._fixed_weeks(first)
        here = fixed[week] + (plan.in_week if week == plan.week else 0) + 1
        if here > self.rules.most_in_course_week:
            return False
        # A new first dosing day shifts the weeks of the fixed doses too.
        return day != first or max(fixed.values(), default=0) <= self.rules.most_in_course_week

    def _dates_have_room(self, plan: Partial, day: int) -> bool:
        most = self.rules.most_in_seven
        return most is None or all(
            self._fixed_run(run) + sum(one >= run for one in plan.recent) < most
            for run in range(day - WEEK + 1, day + 1)
        )

    def _extended(self, plan: Partial, option: Option) -> Partial:
        depth, cost = plan.depth + 1, plan.cost + option.cost
        ties, chosen = (*plan.ties, option.tie), (*plan.chosen, option.number)
        if option.at is None or option.day is None:
            return Partial(depth, cost, ties, chosen, *plan[4:])
        first = option.day if plan.first is None else min(plan.first, option.day)
        week = (option.day - first) // WEEK
        in_week = plan.in_week + 1 if week == plan.week else 1
        recent = self._recent(plan, option.day)
        return Partial(depth, cost, ties, chosen, option.at, option.day, first, week, in_week, recent)

    def _recent(self, plan: Partial, day: int) -> tuple[int, ...]:
        if self.rules.most_in_seven is None:
            return ()
        return day, *(one for one in plan.recent if one > day - WEEK)

    def _keeps(self, plan: Partial) -> bool:
        """Whether no plan kept before, which is no worse, leaves open everything that this one leaves open."""
        kept = self._kept[plan.depth]
        if any(_leaves_more_open(before, plan) for before in kept):
            return False
        kept.append(plan)
        return True

    def _fixed_weeks(self, first: int) -> Counter[int]:
        if first not in self._weeks:
            self._weeks[first] = Counter((day - first) // WEEK for day in self.rules.fixed)
        return self._weeks[first]

    def _fixed_run(self, run: int) -> int:
        if run not in self._runs:
            self._runs[run] = sum(run <= day < run + WEEK for day in self.rules.fixed)
        return self._runs[run]


def _leaves_more_open(one: Partial, other: Partial) -> bool:
    """Whether every continuation that the rules allow the other, they allow the one."""
    if one.first != other.first or one.at > other.at:
        return False
    roomier = one.week < other.week or (one.week == other.week and one.in_week <= other.in_week)
    recent = [day for day in one.recent if day > other.day - WEEK]
    return roomier and len(recent) <= len(other.recent) and all(map(le, recent, other.recent))
