"""When may a text go to someone? Quiet hours on their own clock, and how each policy keeps out of them."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from care.facts import QuietHours
from care.kinds import Quiet
from care.times import local_date, utc, wall

LEAD = timedelta(hours=2)  # an earlier text goes so long before the quiet hours begin
SPREAD = timedelta(hours=1)  # and not all of them in the same minute
SOON = timedelta(hours=24)  # a visit this near is told of at once, at any hour
INSTANT = timedelta(seconds=1)


def in_quiet(at: datetime, zone: str, quiet: QuietHours) -> bool:
    """Does `at` fall into the quiet hours of a person in `zone`? Their first moment is quiet, their end is not."""
    return quiet_span(at, zone, quiet) is not None


def quiet_span(at: datetime, zone: str, quiet: QuietHours) -> tuple[datetime, datetime] | None:
    """The quiet hours that hold `at`, as instants from and until; None when it is none of them.

    A clock that is turned back inside them makes them longer, never shorter. Equal hours mean no quiet hours.
    """
    if quiet.start == quiet.end:
        return None
    today = local_date(at, zone)
    nights = (_begun_on(today - timedelta(days=ago), zone, quiet) for ago in (0, 1))
    return next(((start, end) for start, end in nights if start <= at < end), None)


def last_evening(at: datetime, zone: str, quiet: QuietHours) -> datetime:
    """When the quiet hours last began before `at`: the eve of what happens then."""
    today = local_date(at, zone)
    begun = (wall(today - timedelta(days=ago), quiet.start, zone) for ago in range(3))
    return next(start for start in begun if start < at)


@lru_cache(maxsize=4096)  # a course asks hundreds of times about the same few nights
def _begun_on(day: date, zone: str, quiet: QuietHours) -> tuple[datetime, datetime]:
    """The quiet hours that begin on this local day."""
    ends_on = day + timedelta(days=1) if quiet.start > quiet.end else day
    return wall(day, quiet.start, zone), wall(ends_on, quiet.end, zone, late=True)


def shift(due: datetime, policy: Quiet, zone: str, quiet: QuietHours, key: str) -> datetime | None:
    """The moment to send what is due at `due`; None when no moment before it is outside quiet hours.

    Earlier: from two hours before the quiet hours, spread by `key` over an hour. Later: when they end.
    """
    span = quiet_span(due, zone, quiet)
    if span is None or policy is Quiet.EXEMPT:
        return utc(due)
    start, end = span
    return end if policy is Quiet.LATER else _before(start, zone, quiet, key)


def last_lawful(not_after: datetime, zone: str, quiet: QuietHours) -> datetime:
    """`not_after`, or the last second before the quiet hours that it falls into."""
    last = utc(not_after)
    while (span := quiet_span(last, zone, quiet)) is not None:
        last = span[0] - INSTANT
    return last


def settled(since: datetime, starts_at: datetime, delay: timedelta) -> datetime:
    """When a change counts as made: after `delay`, so that three moves are told as one; at once when the visit is near."""
    return since if starts_at - since < SOON else since + delay


def _before(start: datetime, zone: str, quiet: QuietHours, key: str) -> datetime | None:
    moment = start - LEAD + _spread(key)
    span = quiet_span(moment, zone, quiet)
    if span is None:
        return moment
    return span[1] if span[1] < start else None


def _spread(key: str) -> timedelta:
    seconds = int.from_bytes(sha256(key.encode()).digest()[:4]) % int(SPREAD.total_seconds())
    return timedelta(seconds=seconds)
