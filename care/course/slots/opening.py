"""When does somebody work? Weekly hours and other hours by the clinic's clocks, as stretches of real time.

The rule across clock changes: a resource is open at an instant exactly when the clinic's clocks show a time within its hours
of that date. Hours that a clock change skips are not there; hours that it shows twice are there twice; a day that begins at
1:00 because midnight was skipped is open from then on. So nothing is ever offered at a time that the hours do not name.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from care.course.slots.pieces import SECOND, Piece, instant, joined

DAY = 86_400
EPOCH_DAY = date(1970, 1, 1).toordinal()
CHUNK = 128 * DAY
SAMPLE = 6 * 3600  # no zone changes its clocks twice in six hours

Run = tuple[int, int, int]  # from, until, and by how many seconds clocks are ahead of UTC between them


class WeeklyRule(NamedTuple):
    """Open each week on `weekday` (Monday 0), by wall clock; a close not after the opening is on the next day."""

    weekday: int
    opens: time
    closes: time
    valid_from: date = date.min
    valid_until: date | None = None  # the last day; None: until changed


class OtherDay(NamedTuple):
    """What holds on one date instead of all weekly rules; closed when both times are None. A date may have several."""

    on: date
    opens: time | None
    closes: time | None


@lru_cache(maxsize=4096)
def open_hours(
    rules: tuple[WeeklyRule, ...],
    others: tuple[OtherDay, ...],
    first: date,
    last: date,
    zone: str,
    retired_on: date | None = None,
) -> tuple[Piece, ...]:
    """When the days from `first` to `last` are open, in order, overlaps joined. From `retired_on` on nothing is.

    Kept by what it depends on, because most resources of a clinic keep the same hours.
    """
    last = last if retired_on is None else min(last, retired_on - timedelta(days=1))
    shown = joined(hours for day in _days(first, last) for hours in _hours_of(day, rules, others))
    end = None if retired_on is None else _shown(retired_on, time())
    return tuple(joined(real_time(((a, b if end is None else min(b, end)) for a, b in shown), zone)))


def real_time(shown: Iterable[Piece], zone: str) -> list[Piece]:
    """The instants at which clocks in `zone` show a time within the stretches, those counted as if clocks showed UTC."""
    wanted = list(shown)
    if not wanted:
        return []
    runs = clock_runs(zone, wanted[0][0] - DAY, wanted[-1][1] + DAY)
    moved = ((max(a - ahead, begin), min(b - ahead, until)) for begin, until, ahead in runs for a, b in wanted)
    return [piece for piece in moved if piece[0] < piece[1]]


def clock_runs(zone: str, begin: int, until: int) -> list[Run]:
    """How far clocks are ahead of UTC, from change to change, over at least this stretch."""
    return [run for chunk in range(begin // CHUNK, until // CHUNK + 1) for run in _runs(zone, chunk)]


def ahead_of_utc(zone: str, at: int) -> int:
    """By how many seconds clocks in `zone` are ahead of UTC."""
    offset = instant(at).astimezone(ZoneInfo(zone)).utcoffset()
    return (offset or timedelta()) // SECOND


@lru_cache(maxsize=256)
def _runs(zone: str, chunk: int) -> tuple[Run, ...]:
    begin, until = chunk * CHUNK, (chunk + 1) * CHUNK
    changes = [
        _change(zone, low, high)
        for low, high in pairwise(range(begin, until + 1, SAMPLE))
        if ahead_of_utc(zone, low) != ahead_of_utc(zone, high)
    ]
    return tuple((one, two, ahead_of_utc(zone, one)) for one, two in pairwise([begin, *changes, until]))


def _change(zone: str, low: int, high: int) -> int:
    """The first second at which clocks no longer show what they showed at `low`, by halving."""
    before = ahead_of_utc(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if ahead_of_utc(zone, middle) == before else (low, middle)
    return high


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((last - first).days + 1))


def _hours_of(day: date, rules: Sequence[WeeklyRule], others: Sequence[OtherDay]) -> Iterator[Piece]:
    """By clock reading. One entry for the date itself, even a closed one, puts all weekly rules aside."""
    instead = [other for other in others if other.on == day]
    for rule in instead or rules:
        if isinstance(rule, OtherDay):
            if rule.opens is not None and rule.closes is not None:
                yield _between(day, rule.opens, rule.closes)
        elif rule.weekday == day.weekday() and rule.valid_from <= day <= (rule.valid_until or date.max):
            yield _between(day, rule.opens, rule.closes)


def _between(day: date, opens: time, closes: time) -> Piece:
    until = _shown(day, closes)
    return _shown(day, opens), until if closes > opens else until + DAY


def _shown(day: date, clock: time) -> int:
    """The clock reading in whole seconds, as if it were UTC."""
    return (day.toordinal() - EPOCH_DAY) * DAY + clock.hour * 3600 + clock.minute * 60 + clock.second


def local_day(at: int, zone: str) -> date:
    """The local date of an instant."""
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone)).date()
