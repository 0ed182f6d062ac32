"""How should a time read on a phone? Written here anew, so that the walk does not believe the texts it judges."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

HERE = ZoneInfo("America/New_York")


def parsed(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)


def sent(at: datetime) -> str:
    """An instant as the API takes it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def local(at: datetime, clock: str, *, days: int = 0) -> datetime:
    """That clock time at the clinic, so many days after the instant's own day."""
    day = at.astimezone(HERE).date() + timedelta(days=days)
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), HERE).astimezone(UTC)  # noqa: DTZ007


def when(at: datetime) -> str:
    """Tue, Jan 12 at 10:00 AM."""
    here = at.astimezone(HERE)
    return f"{here:%a, %b} {here.day} at {clock(at)}"


def day(at: datetime) -> str:
    here = at.astimezone(HERE)
    return f"{here:%a, %b} {here.day}"


def weekday(at: datetime) -> str:
    return f"{at.astimezone(HERE):%A}"


def clock(at: datetime) -> str:
    """10:00 AM."""
    here = at.astimezone(HERE)
    return f"{here.hour % 12 or 12}:{here:%M %p}"


def is_quiet(at: datetime) -> bool:
    """From nine in the evening to eight in the morning."""
    return not 8 <= at.astimezone(HERE).hour < 21
