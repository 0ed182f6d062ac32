"""On which days should the doses of a phase be, beside those that are fixed?

Only dates are decided. A phase by the week keeps the days of its course weeks; one by interval counts from the dose before.
No day is aimed at that breaks the spacing beside the doses before it, whatever they were.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, combinations, count

from care.course.spacing import course_week, doses_in, far_enough
from care.protocol import Phase, Protocol, Spacing
from care.times import local_date, wall

WEEK = 7
DAY = timedelta(days=1)
BESIDE = (
    0,
    -1,
    1,
    -2,
    2,
    -3,
    3,
)  # how far from its interval a dose may be put onto a day that suits, the nearest first

Offsets = tuple[int, ...]  # days from the first day of a course week


@dataclass(frozen=True, slots=True)
class Preferences:
    """`weekdays` a patient can come (Monday 0; none named: any) and the time of day to stay near."""

    weekdays: tuple[int, ...] = ()
    around: time = time(10)

    def suits(self, day: date) -> bool:
        return not self.weekdays or day.weekday() in self.weekdays


@dataclass(frozen=True, slots=True)
class Ahead:
    """So many doses of a phase are still to come; `begun`: some of it were before."""

    phase: Phase
    count: int
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Aim:
    """A dose before it has its number: its day, and the earliest it may come."""

    phase: Phase
    day: date
    earliest: date


def first_day(start: date, preferences: Preferences) -> date:
    """The first day on or after `start` that suits."""
    return next(day for day in _days_from(start) if preferences.suits(day))


def aims(
    protocol: Protocol, ahead: Iterable[Ahead], doses: Sequence[datetime], start: date, wish: Preferences, zone: str
) -> Iterator[Aim]:
    """The doses that are ahead, none before `start`; `doses` are the instants of those that count beside them."""
    calendar = _Calendar(protocol.spacing, sorted(doses), wish.around, zone)
    for each in ahead:
        for place in range(each.count):
            aim = _next(protocol, each, calendar, start, wish, begun=each.begun or place > 0)
            calendar.add(aim.day)
            yield aim


class _Calendar:
    """The doses of a course so far, given or aimed at, and whether one more fits beside them."""

    def __init__(self, rules: Spacing, doses: Sequence[datetime], around: time, zone: str) -> None:
        self.rules, self.around, self.zone = rules, around, zone
        self.instants = list(doses)
        self.days = [local_date(at, zone) for at in doses]

    @property
    def first(self) -> date:
        return self.days[0]

    @property
    def last(self) -> date:
        return self.days[-1]

    def add(self, day: date) -> None:
        self.days.append(day)
        self.instants.append(wall(day, self.around, self.zone))

    def fits(self, day: date, most_in_week: int) -> bool:
        return self._in_week(day) < most_in_week and not self._crowded(day) and self._apart(day)

    def _in_week(self, day: date) -> int:
        week = course_week(day, self.first)
        return sum(course_week(each, self.first) == week for each in self.days)

    def _crowded(self, day: date) -> bool:
        near = [each for each in self.days if abs(day - each) < DAY * WEEK]
        runs = (day - DAY * back for back in range(WEEK))
        return any(doses_in(run, near) >= self.rules.max_in_seven_days for run in runs)

    def _apart(self, day: date) -> bool:
        """Gaps in dates are compared first: few doses are so near that their clock times matter."""
        close = [at for each, at in zip(self.days, self.instants, strict=True) if self._is_close(each, day)]
        if not close:
            return True
        here = wall(day, self.around, self.zone)
        return all(far_enough(self.rules, min(here, at), max(here, at), self.zone) for at in close)

    def _is_close(self, each: date, day: date) -> bool:
        return abs(day - each) <= DAY * self.rules.min_gap_days


def _next(protocol: Protocol, ahead: Ahead, calendar: _Calendar, start: date, wish: Preferences, *, begun: bool) -> Aim:
    if not calendar.days:
        day = first_day(start, wish)
        return Aim(ahead.phase, day, day)
    if ahead.phase.per_week:
        return _in_a_week(protocol, ahead.phase, calendar, start, wish, begun=begun)
    return _after_an_interval(protocol, ahead.phase, calendar, start, wish)


def _in_a_week(
    protocol: Protocol, phase: Phase, calendar: _Calendar, start: date, wish: Preferences, *, begun: bool
) -> Aim:
    """A phase by the week begins with a course week."""
    first, most = calendar.first, min(phase.per_week, protocol.spacing.max_in_course_week)
    pattern = _thinned(_fullest_pattern(protocol, first, wish), phase.per_week)
    begins = calendar.last + DAY if begun else _week_of(calendar.last, first) + DAY * WEEK
    days = (day for day in _days_from(max(begins, start)) if (day - first).days % WEEK in pattern)
    day = next(day for day in days if calendar.fits(day, most))
    return Aim(phase, day, max(start, _week_of(day, first)))


def _after_an_interval(protocol: Protocol, phase: Phase, calendar: _Calendar, start: date, wish: Preferences) -> Aim:
    """On the day that suits nearest to the interval after the dose before; it may come up to half an interval early."""
    every, most = phase.every_days[0], protocol.spacing.max_in_course_week
    nominal, latest = calendar.last + DAY * every, calendar.last + DAY * max(every, phase.max_gap_days)
    beside = [day for shift in BESIDE if start <= (day := nominal + DAY * shift) <= latest]
    suiting = (day for day in beside or _days_from(start, WEEK) if wish.suits(day))
    day = next(day for day in chain(suiting, _days_from(max(nominal, start))) if calendar.fits(day, most))
    return Aim(phase, day, max(start, day - DAY * (every // 2)))


def _week_of(day: date, first: date) -> date:
    """The first day of its course week."""
    return first + DAY * WEEK * course_week(day, first)


def _days_from(start: date, most: int | None = None) -> Iterator[date]:
    return (start + DAY * number for number in (count() if most is None else range(most)))


def _fullest_pattern(protocol: Protocol, first: date, wish: Preferences) -> Offsets:
    """The days of the busiest course week; quieter weeks use some of them, so that no seven dates ever hold more.

    A course week begins with the first dose, so its own weekday is one of them wherever it suits.
    """
    busiest = max((1, *(phase.per_week for phase in protocol.phases)))
    wanted = {(weekday - first.weekday()) % WEEK for weekday in wish.weekdays} or set(range(WEEK))
    least = min(protocol.spacing.min_gap_days, WEEK)
    choices = _patterns(range(WEEK), busiest) if 0 in wanted else combinations(range(WEEK), busiest)
    spaced = (one for one in choices if _least_gap(one) >= least)
    return min(spaced, key=lambda pattern: (len(set(pattern) - wanted), -_least_gap(pattern), pattern))


def _thinned(fullest: Offsets, number: int) -> Offsets:
    return min(_patterns(fullest, number), key=lambda pattern: (-_least_gap(pattern), pattern))


def _patterns(days: Sequence[int], number: int) -> Iterator[Offsets]:
    """Every choice of so many days with the first among them."""
    return ((days[0], *others) for others in combinations(days[1:], max(number, 1) - 1))


def _least_gap(pattern: Offsets) -> int:
    """The least number of days between two doses when the pattern repeats every week."""
    return min(later - earlier for earlier, later in zip(pattern, (*pattern[1:], pattern[0] + WEEK), strict=True))
