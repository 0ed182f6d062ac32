"""When is a call to an app backend made again, and when is it given up?

The waits are those that the Standard Webhooks specification recommends; each is stretched by up to a fifth, so that many calls
that failed together do not come back together.
"""

from datetime import timedelta
from uuid import UUID

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)  # 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h
STRETCH = 0.2
LONGEST_WISH = timedelta(days=1)
TOO_LONG = timedelta(days=2)  # so long without an answer, a person should know


def wait_after(tries: int, call_id: UUID, *, wished: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many failed tries; None: give up. `wished` is what the other side asked for (Retry-After)."""
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1] * (1 + STRETCH * _share(call_id, tries))
    return max(wait, min(wished, LONGEST_WISH)) if wished else wait


def _share(call_id: UUID, tries: int) -> float:
    """From 0 to 1, the same whenever it is asked, and another for every call and try."""
    return (call_id.int >> (tries * 6)) % 64 / 63


def retry_after(header: str | None) -> timedelta | None:
    """Retry-After in seconds; a date there is ignored."""
    return timedelta(seconds=int(header)) if header and header.isdigit() and len(header) < 8 else None
