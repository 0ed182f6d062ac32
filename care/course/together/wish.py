"""How far is a start from what somebody wished for? "Tuesdays and Fridays near 10", by the clocks of the zone they said it in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from care.facts import SessionFacts, SessionKind
from care.times import local, local_date, utc, wall

DAY = timedelta(days=1)
STEP = timedelta(minutes=30)  # starts lie on whole steps from the full hour in UTC
A_DAY = 24 * 60  # minutes
UNWISHED = 3 * A_DAY  # a day of the week that nobody wished for weighs like three days away from the target
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wish:
    """Days of the week (Monday 0; none: any) and a time of day to stay near, as clocks in `zone` (IANA) show them."""

    zone: str
    weekdays: tuple[int, ...] = ()
    around: time = time(10)


@dataclass(frozen=True, slots=True)
class Unbooked:
    """A session without a time, and the starts at which its resources are free, in order."""

    session: SessionFacts
    span: tuple[date, date]  # earliest and latest local day at the clinic
    target: date
    starts: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Aim:
    """What one session should be near: its day at the clinic, and the wish."""

    day: date
    wish: Wish
    zone: str  # the clinic's

    def distance(self, start: datetime) -> int:
        """Minutes by which a start misses the wish: whole days from the target, the day of the week, the time of day."""
        there = local(start, self.wish.zone)
        days = abs((local_date(start, self.zone) - self.day).days)
        off = bool(self.wish.weekdays) and there.weekday() not in self.wish.weekdays
        return days * A_DAY + off * UNWISHED + _apart(there.time(), self.wish.around)

    def wished_at(self, days: Iterable[date]) -> datetime | None:
        """The start that the wish asks for itself, on one of these days at the clinic; None when there are none."""
        known = set(days)
        starts = [start for start in self._starts(known) if local_date(start, self.zone) in known]
        return min(starts, key=lambda start: (self.distance(start), start), default=None)

    def _starts(self, days: set[date]) -> Iterator[datetime]:
        """At the wished time on every day, and on those beside them, which another zone may see as one of them."""
        for day in sorted({one + DAY * shift for one in days for shift in (-1, 0, 1)}):
            yield on_step(wall(day, self.wish.around, self.wish.zone))


def aim_of(one: Unbooked, wish: Wish, zone: str, window: tuple[datetime, datetime] | None) -> Aim:
    """A session after a dose follows that dose whatever the day of the week; all others follow the wish."""
    if one.session.kind is not SessionKind.INTEGRATION or window is None:
        return Aim(one.target, wish, zone)
    any_day = Wish(wish.zone, (), wish.around)
    return Aim(local_date(_first_in(window, any_day), zone), any_day, zone)


def days_between(first: date, last: date) -> list[date]:
    return [first + DAY * count for count in range((last - first).days + 1)]


def on_step(at: datetime) -> datetime:
    """The nearest start that can be offered at all."""
    return EPOCH + STEP * round((utc(at) - EPOCH) / STEP)


def _first_in(window: tuple[datetime, datetime], wish: Wish) -> datetime:
    """The first time in the window at which clocks show the wished time, else its opening."""
    opens, shuts = window
    days = days_between(local_date(opens, wish.zone), local_date(shuts, wish.zone))
    inside = (at for day in days if opens <= (at := wall(day, wish.around, wish.zone)) <= shuts)
    return next(inside, opens)


def _apart(one: time, other: time) -> int:
    """Minutes between two times of day, the shorter way round."""
    apart = abs((one.hour - other.hour) * 60 + one.minute - other.minute)
    return min(apart, A_DAY - apart)
