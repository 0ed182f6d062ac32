"""How are all starts of a month looked at in one step? As the bits of one integer, so that a stretch is a shift.

Bit k is the start `first + k x step`. Which starts a stretch of open time allows, or a taken one forbids, follows from where
it begins and ends, without looking at any of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice

from care.course.slots.opening import WeeklyRule, ahead_of_utc, local_day, open_hours
from care.course.slots.pieces import Piece, Stretch, first_second
from care.course.slots.values import SlotWish

AROUND = timedelta(hours=2)
WHOLE_DAY = time(), time()


@dataclass(frozen=True, slots=True)
class Grid:
    """The starts that are looked at."""

    first: int  # seconds
    step: int
    count: int

    @property
    def all(self) -> int:
        return (1 << self.count) - 1

    def starts(self, bits: int) -> Iterator[tuple[int, int]]:
        """The places of the set bits and the starts that they are, in order."""
        written = f"{bits:b}"[::-1]
        place = written.find("1")
        while place >= 0:
            yield place, self.first + place * self.step
            place = written.find("1", place + 1)

    def earliest(self, bits: int, limit: int | None) -> int:
        """The first `limit` of the set bits; all when it is None."""
        if limit is None or bits.bit_count() <= limit:
            return bits
        places = [place for place, _ in islice(self.starts(bits), limit)]
        return bits & ((2 << places[-1]) - 1) if places else 0

    def fitting(self, pieces: Iterable[Piece], begin: int, until: int) -> int:
        """The starts from which the time between `begin` and `until` seconds after the start lies whole in a piece."""
        # the first one at or after the piece's own beginning, the last one that ends with it
        return self._between(pieces, self.first + begin - self.step + 1, self.first + until)

    def touched(self, pieces: Iterable[Piece], begin: int, until: int) -> int:
        """The starts from which the time between `begin` and `until` seconds after the start meets a piece."""
        # the first one that ends after the piece's beginning, the last one that begins before its end
        return self._between(pieces, self.first + until - self.step, self.first + begin + 1)

    def _between(self, pieces: Iterable[Piece], to_low: int, to_high: int) -> int:
        """The bits from one place to another for each piece. Asked for every booking of a month, so it is plain arithmetic."""
        bits, most, step = 0, self.count - 1, self.step
        for begin, until in pieces:
            low, high = (begin - to_low) // step, (until - to_high) // step
            if low < 0 or high > most:
                low, high = max(low, 0), min(high, most)
            if low <= high:
                bits |= ((2 << high - low) - 1) << low
        return bits


def grid(within: Stretch, zone: str, step_minutes: int) -> Grid:
    """Every start in `within` on whole steps from the full hour of the zone's clocks."""
    begin, until = (first_second(at) for at in within)
    step = step_minutes * 60
    ahead = ahead_of_utc(zone, begin) % step
    first = -((-begin - ahead) // step) * step - ahead
    return Grid(first, step, max(0, -((first - until) // step)))


def is_on_step(starts_at: datetime, zone: str, step_minutes: int) -> bool:
    """Whether a search would look at this start at all."""
    at, step = starts_at.timestamp(), step_minutes * 60
    return (at + ahead_of_utc(zone, int(at))) % step == 0


def wished(wish: SlotWish, starts: Grid, zone: str) -> int:
    """The starts on the days and at the clock times that are wished, as the clocks of the wish's zone show them."""
    zone = wish.zone or zone
    bits = starts.all
    if wish.weekdays:
        bits &= _shown(starts, zone, [(day, *WHOLE_DAY) for day in wish.weekdays])
    if wish.from_time or wish.until_time:
        bits &= _shown(starts, zone, _daily(wish.from_time or time(), wish.until_time or time()))
    if wish.around is not None:
        bits &= _shown(starts, zone, _daily(*_near(wish.around)))
    return bits


def _shown(starts: Grid, zone: str, hours: Iterable[tuple[int, time, time]]) -> int:
    """The starts at which clocks show a time within these hours of the week: open hours, asked for by a person."""
    rules = tuple(WeeklyRule(*each) for each in sorted(hours))
    last = starts.first + starts.count * starts.step
    first_day, last_day = (local_day(at, zone) for at in (starts.first, last))
    open_then = open_hours(rules, (), first_day - timedelta(days=1), last_day, zone)
    return starts.touched(open_then, 0, 1)


def _daily(begin: time, until: time) -> list[tuple[int, time, time]]:
    return [(weekday, begin, until) for weekday in range(7)]


def _near(around: time) -> tuple[time, time]:
    """Not more than two hours from it, both ends included."""
    on_some_day = timedelta(hours=around.hour, minutes=around.minute)
    begin, until = on_some_day - AROUND, on_some_day + AROUND + timedelta(minutes=1)
    return _clock(begin), _clock(until)


def _clock(since_midnight: timedelta) -> time:
    minutes = since_midnight // timedelta(minutes=1) % 1440
    return time(minutes // 60, minutes % 60)
