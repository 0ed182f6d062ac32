"""Which sessions does a course have, and on which days should they be?

Only dates are decided here; slots come later. Every date a plan aims at obeys the protocol's own spacing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations

from care.facts import SessionKind
from care.protocol import Integration, Phase, Protocol
from care.times import wall

WEEK = 7

Offsets = tuple[int, ...]  # days from the first day of a course week, the first is always 0


@dataclass(frozen=True, slots=True)
class Preferences:
    """`weekdays` a patient can come (Monday 0; none named: any) and the time of day to stay near."""

    weekdays: tuple[int, ...] = ()
    around: time = time(10)


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """`number` counts within the kind; `of_number` is the dose an integration session belongs to.

    `target_at` is the preferred time of day on the target day, as an instant.
    """

    kind: SessionKind
    number: int
    phase: str
    target_on: date
    earliest_on: date
    latest_on: date
    of_number: int | None
    target_at: datetime


@dataclass(frozen=True, slots=True)
class _Aim:
    """A dose before it has its number: days counted from the first dosing day."""

    phase: Phase
    day: int
    earliest: int


def plan(protocol: Protocol, start: date, preferences: Preferences, zone: str) -> tuple[PlannedSession, ...]:
    """The sessions of a course from its first preferred weekday on or after `start`, in order of their target.

    A phase that is open-ended plans nothing now: its sessions are added one by one.
    """
    first = _first_day(start, preferences.weekdays)
    aims = enumerate(_aims(protocol, first, preferences), 1)
    doses = [_dose(number, aim, first, preferences.around, zone) for number, aim in aims]
    later = _integrations(protocol.integration, doses, preferences.around, zone)
    return tuple(sorted((*doses, *later), key=lambda one: (one.target_on, one.kind is not SessionKind.DOSING)))


def _first_day(start: date, weekdays: Sequence[int]) -> date:
    days = (start + timedelta(days=count) for count in range(WEEK))
    return next((day for day in days if day.weekday() in weekdays), start)


def _aims(protocol: Protocol, first: date, preferences: Preferences) -> Iterator[_Aim]:
    """The doses of all phases. A phase by the week begins with a course week; one by interval counts on from before."""
    fullest = _fullest_pattern(protocol, first, preferences)
    last: int | None = None
    for phase in protocol.phases:
        for aim in _weekly(phase, fullest, last) if phase.per_week else _by_interval(phase, last):
            yield aim
            last = aim.day


def _weekly(phase: Phase, fullest: Offsets, after: int | None) -> Iterator[_Aim]:
    block = 0 if after is None else _next_block(after, fullest)
    pattern = _thinned(fullest, phase.per_week)
    for count in range(phase.sessions or 0):
        week, place = divmod(count, phase.per_week)
        begins = block + WEEK * week
        yield _Aim(phase, begins + pattern[place], begins)


def _by_interval(phase: Phase, after: int | None) -> Iterator[_Aim]:
    """Each may come up to half an interval early."""
    every = phase.every_days[0]
    begins = 0 if after is None else after + every
    for count in range(phase.sessions or 0):
        day = begins + every * count
        yield _Aim(phase, day, max(0, day - every // 2))


def _next_block(after: int, fullest: Offsets) -> int:
    """The first course week that may follow: a whole week later unless the last dose kept the pattern."""
    block = after - after % WEEK + WEEK
    return block if after % WEEK in fullest else block + WEEK


def _fullest_pattern(protocol: Protocol, first: date, preferences: Preferences) -> Offsets:
    """The days of the busiest course week; quieter weeks use some of them, so that no seven dates ever hold more."""
    busiest = max((phase.per_week for phase in protocol.phases), default=1)
    wanted = {(weekday - first.weekday()) % WEEK for weekday in preferences.weekdays} or set(range(WEEK))
    spaced = (
        one for one in _patterns(range(WEEK), busiest) if _least_gap(one) >= min(protocol.spacing.min_gap_days, WEEK)
    )
    return min(spaced, key=lambda pattern: (len(set(pattern) - wanted), -_least_gap(pattern), pattern))


def _thinned(fullest: Offsets, count: int) -> Offsets:
    return min(_patterns(fullest, count), key=lambda pattern: (-_least_gap(pattern), pattern))


def _patterns(days: Sequence[int], count: int) -> Iterator[Offsets]:
    """Every choice of so many days with the first among them: the first dose begins the course week."""
    return ((0, *others) for others in combinations(days[1:], max(count, 1) - 1))


def _least_gap(pattern: Offsets) -> int:
    """The least number of days between two doses when the pattern repeats every week."""
    return min(later - earlier for earlier, later in zip(pattern, (*pattern[1:], WEEK), strict=True))


def _dose(number: int, aim: _Aim, first: date, around: time, zone: str) -> PlannedSession:
    target, earliest = first + timedelta(days=aim.day), first + timedelta(days=aim.earliest)
    latest = target + timedelta(days=aim.phase.max_gap_days)
    at = wall(target, around, zone)
    return PlannedSession(SessionKind.DOSING, number, aim.phase.name, target, earliest, latest, None, at)


def _integrations(
    rule: Integration, doses: Sequence[PlannedSession], around: time, zone: str
) -> Iterator[PlannedSession]:
    """One after every n-th dose; its span follows that of the dose, the exact window comes with the dose's time."""
    followed = [dose for dose in doses if rule.after_each and dose.number % rule.after_each == 0]
    for number, dose in enumerate(followed, 1):
        yield _integration(number, dose, rule, around, zone)


def _integration(number: int, dose: PlannedSession, rule: Integration, around: time, zone: str) -> PlannedSession:
    soonest, last = timedelta(days=rule.window_from_h // 24), timedelta(days=-(-rule.window_until_h // 24))
    target = dose.target_on + timedelta(days=-(-rule.window_from_h // 24))
    earliest, latest = dose.earliest_on + soonest, dose.latest_on + last
    at = wall(target, around, zone)
    return PlannedSession(SessionKind.INTEGRATION, number, dose.phase, target, earliest, latest, dose.number, at)
