"""Which times does somebody's calendar call taken? Read in a process of its own, with little time and memory.

A calendar that somebody else wrote may repeat itself without end, or be made to: the process that reads it is ended, and nothing
else is kept waiting. What the times are for is never looked at.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Taken = tuple[datetime, datetime]

MOST_EVENTS, MOST_TIMES = 5_000, 20_000
CPU_S, WALL_S, MEMORY = 10, 20, 1 << 30
DAY = timedelta(days=1)
TIMES = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})


class Unreadable(Exception):
    """This is no calendar whose times could be relied on; `why` in a word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def taken_times(body: bytes, zone: str, first: datetime, last: datetime) -> list[Taken]:
    """What the calendar calls taken between two instants. Raises `Unreadable`.

    Days and times without a zone of their own are the clinic's.
    """
    command = [sys.executable, "-I", str(Path(__file__).resolve()), zone, first.isoformat(), last.isoformat()]
    try:
        read = subprocess.run(command, input=body, capture_output=True, timeout=WALL_S, check=False, env={})  # noqa: S603  ourselves
        said = json.loads(read.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:  # out of time or memory
        raise Unreadable("too_much") from error
    if "wrong" in said:
        raise Unreadable(said["wrong"])
    return [(datetime.fromisoformat(begin), datetime.fromisoformat(until)) for begin, until in said["taken"]]


def find(body: bytes, zone: str, first: datetime, last: datetime) -> list[Taken]:
    """The same, here and now."""
    import recurring_ical_events  # type: ignore[import-untyped]  # it carries no types

    calendar = _calendar(body)
    clocks = ZoneInfo(zone)
    try:
        events = recurring_ical_events.of(calendar).between(first - DAY, last + DAY)
        taken = {_span(event, clocks) for event in events if _counts(event)}
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise Unreadable("broken_event") from error
    if len(taken) > MOST_TIMES:
        raise Unreadable("too_much")
    return sorted((begin, until) for begin, until in taken if begin < until and begin < last and first < until)


def _calendar(body: bytes) -> Any:
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(body)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Unreadable("not_a_calendar") from error
    events = calendar.walk("VEVENT") if calendar.name == "VCALENDAR" else None
    if events is None:
        raise Unreadable("not_a_calendar")
    if len(events) > MOST_EVENTS:
        raise Unreadable("too_much")
    if any("DTSTART" not in event or _broken(event.errors) for event in events):
        raise Unreadable("broken_event")  # a taken time would be missing, and nobody would know
    return calendar


def _broken(errors: Iterable[tuple[str | None, str]]) -> bool:
    return any((name or "").upper() in TIMES for name, _ in errors)


def _counts(event: Any) -> bool:
    """Neither called off nor marked as free."""
    words = [str(event.get(name, "")).upper() for name in ("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")]
    return words[0] != "CANCELLED" and words[1] != "TRANSPARENT" and words[2] != "FREE"


def _span(event: Any, clocks: ZoneInfo) -> Taken:
    return _instant(event.start, clocks, late=False), _instant(event.end, clocks, late=True)


def _instant(at: date | datetime, clocks: ZoneInfo, *, late: bool) -> datetime:
    """A day begins and a time without a zone is at the clinic's clocks; shown twice, the longer stretch is taken."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    if at.tzinfo is None:
        at = at.replace(tzinfo=clocks, fold=int(late))
    return at.astimezone(UTC)


def _answer(body: bytes, zone: str, first: str, last: str) -> Iterator[str]:
    try:
        taken = find(body, zone, datetime.fromisoformat(first), datetime.fromisoformat(last))
    except Unreadable as unreadable:
        yield json.dumps({"wrong": unreadable.why})
    else:
        yield json.dumps({"taken": [(begin.isoformat(), until.isoformat()) for begin, until in taken]})


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    _limit()
    sys.stdout.writelines(_answer(sys.stdin.buffer.read(), *sys.argv[1:4]))
