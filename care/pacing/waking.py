"""When are the quiet hours over, and when have so many waking hours passed?"""

from datetime import datetime, timedelta

from care.facts import QuietHours
from care.hours import quiet_span
from care.times import local_date, wall

QUESTION_HOLDS = timedelta(hours=4)  # waking hours in which an open question keeps other asks back


def lapses_at(asked_at: datetime, zone: str, quiet: QuietHours) -> datetime:
    """When an unanswered question stops holding its contact: four waking hours after it was asked."""
    at, left = quiet_over(asked_at, zone, quiet), QUESTION_HOLDS
    while (bedtime := _next_quiet(at, zone, quiet)) - at < left:
        left -= bedtime - at
        at = quiet_over(bedtime, zone, quiet)
    return at + left


def quiet_over(at: datetime, zone: str, quiet: QuietHours) -> datetime:
    """The instant itself, or the end of the quiet hours it falls into."""
    span = quiet_span(at, zone, quiet)
    return span[1] if span else at


def _next_quiet(at: datetime, zone: str, quiet: QuietHours) -> datetime:
    today = local_date(at, zone)
    starts = (wall(today + timedelta(days=ahead), quiet.start, zone) for ahead in range(3))
    return next(start for start in starts if start > at)
