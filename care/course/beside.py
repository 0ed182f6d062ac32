"""Which sessions stand beside the doses: integration after them, a consult or a preparation before the first?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care.course.cadence import DAY, Preferences
from care.facts import SessionKind
from care.protocol import Integration, Preceding, Protocol
from care.times import wall


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
class Dosed:
    """A dose as what stands beside it has to know it."""

    number: int
    phase: str
    target_on: date
    earliest_on: date
    latest_on: date


def integrations(
    rule: Integration, doses: Iterable[Dosed], wish: Preferences, zone: str, numbers_from: int = 1
) -> Iterator[PlannedSession]:
    """One after every n-th dose; its span follows that of the dose, the exact window comes with the dose's time."""
    followed = [dose for dose in doses if follows(rule, dose.number)]
    for number, dose in enumerate(followed, numbers_from):
        yield _integration(number, dose, rule, wish, zone)


def follows(rule: Integration, number: int) -> bool:
    """Whether an integration session belongs after the dose of this number."""
    return rule.after_each > 0 and number % rule.after_each == 0


def last_integration_day(rule: Integration, dose_on: date) -> date:
    return dose_on + _days_up(rule.window_until_h)


def _integration(number: int, dose: Dosed, rule: Integration, wish: Preferences, zone: str) -> PlannedSession:
    target = dose.target_on + _days_up(rule.window_from_h)
    earliest = dose.earliest_on + timedelta(days=rule.window_from_h // 24)
    latest = last_integration_day(rule, dose.latest_on)
    at = wall(target, wish.around, zone)
    return PlannedSession(SessionKind.INTEGRATION, number, dose.phase, target, earliest, latest, dose.number, at)


def _days_up(count: float) -> timedelta:
    return timedelta(days=-(-count // 24))


def lead_days(protocol: Protocol, held: Mapping[SessionKind, int]) -> int:
    """How many days before the first dose there must be for what has to come before it."""
    rules = ((rule, rule.sessions - held.get(SessionKind(kind), 0)) for kind, rule in protocol.preceding.items())
    return max((rule.until_days + count - 1 for rule, count in rules if count > 0), default=0)


def preceding(
    protocol: Protocol, first: date, held: Mapping[SessionKind, int], today: date | None, wish: Preferences, zone: str
) -> Iterator[PlannedSession]:
    """What comes before the first dose, each on a day of its own; `held`: how many of a kind have been already."""
    taken: set[date] = set()
    for kind in map(SessionKind, sorted(protocol.preceding)):  # a consult before a preparation
        rule, before = protocol.preceding[kind], held.get(kind, 0)
        days = _days_of(rule, first, today)
        for number in range(before + 1, rule.sessions + 1):
            target = _spread(days, number - before, rule.sessions - before, taken, wish)
            taken.add(target)
            at = wall(target, wish.around, zone)
            phase = protocol.phases[0].name
            yield PlannedSession(kind, number, phase, target, days[0], days[-1], None, at)


def _days_of(rule: Preceding, first: date, today: date | None) -> list[date]:
    """Its days before the first dose, none of them past."""
    begins, last = first - DAY * rule.from_days, first - DAY * rule.until_days
    if today is not None:
        begins = min(max(begins, today), last)
    return [begins + DAY * count for count in range((last - begins).days + 1)]


def _spread(days: Sequence[date], place: int, of: int, taken: set[date], wish: Preferences) -> date:
    """The day nearest to its even share of the stretch, of those that suit and are not taken, where there are any."""
    even = days[0] + (days[-1] - days[0]) * (2 * place - 1) / (2 * of)
    return min(days, key=lambda day: (day in taken, not wish.suits(day), abs(day - even), day))
