"""Where would a session rather be than where it is, and how far is a start from there?"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from care.times import local, local_date, wall


@dataclass(frozen=True, slots=True)
class Pull:
    """Where a session in scope would rather be than where it is: at an instant, or near its day on one of these weekdays
    around that clock."""

    at: datetime | None = None
    on: date | None = None
    weekdays: tuple[int, ...] = ()
    around: time | None = None

    def off(self, start: datetime, zone: str) -> bool:
        return bool(self.weekdays) and local_date(start, zone).weekday() not in self.weekdays

    def far(self, start: datetime, zone: str) -> int:
        """Seconds from the instant; or whole days from the day, and the clock's distance."""
        if self.at is not None:
            return round(abs((start - self.at).total_seconds()))
        shown = local(start, zone)
        days = abs((shown.date() - self.on).days) if self.on else 0
        return days * 86_400 + (_apart(shown.time(), self.around) if self.around else 0)


def _apart(one: time, other: time) -> int:
    return abs((one.hour - other.hour) * 3600 + (one.minute - other.minute) * 60)


def shifted(at: datetime, delta: timedelta, zone: str) -> datetime:
    """The instant whose wall clock is so much later: over a clock change it keeps its time of day."""
    shown = local(at, zone).replace(tzinfo=None) + delta
    return wall(shown.date(), shown.time(), zone)


def wall_delta(was: datetime, to: datetime, zone: str) -> timedelta:
    """How many days and clock hours lie between two instants, as clocks on the wall show them."""
    return local(to, zone).replace(tzinfo=None) - local(was, zone).replace(tzinfo=None)
