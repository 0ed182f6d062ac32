"""What does one cell say? Each reader gives a value, or raises ValueError with what would be right."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import available_timezones

from care.course.given import GivenBefore
from care.facts import SessionKind
from care.names import is_a_name
from care.refusals import Refused
from care.times import exact

FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(r"(20[0-9]{2}-[0-9]{2}-[0-9]{2})[ T]([0-2][0-9]:[0-5][0-9])")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = frozenset(name for name in available_timezones() if "/" in name)  # looked up once: it reads a folder
LIST = "|"  # between the entries of one cell
KINDS = {kind.value: kind for kind in (SessionKind.CONSULT, SessionKind.PREPARATION, SessionKind.INTEGRATION)}

Read = Callable[[str], Any]


def words(most: int) -> Read:
    """One line of text that no spreadsheet program takes for a formula."""

    def read(cell: str) -> str:
        if cell.startswith(FORMULA):
            raise ValueError(f"begins with {cell[0]!r}, which spreadsheet programs take for a formula")
        if len(cell) > most:
            raise ValueError(f"has {len(cell)} characters; at most {most}")
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in cell):
            raise ValueError("has line ends or other control characters")
        return cell

    return read


def person(cell: str) -> str:
    name: str = words(120)(cell)
    if not is_a_name(name):
        raise ValueError("must be a person's name, without hidden characters or addresses")
    return name


def phone(cell: str) -> str:
    """E.164; blanks, hyphens and brackets are taken out."""
    number = re.sub(r"[ ().-]", "", cell)
    if not NUMBER.fullmatch(number):
        raise ValueError("must be a number with + and country code, such as +12025550143")
    return number


def day(cell: str) -> date:
    if not DAY.fullmatch(cell):
        raise ValueError(f"must be a day such as 2027-02-02, not {cell[:20]!r}")
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"no calendar has {cell}") from None


def clock(cell: str) -> str:
    try:
        return time.fromisoformat(cell.zfill(5)).strftime("%H:%M")
    except ValueError:
        raise ValueError("must be a time of day such as 09:30") from None


def choice(*allowed: str) -> Read:
    def read(cell: str) -> str:
        if cell.lower() not in allowed:
            raise ValueError(f"must be one of: {', '.join(allowed)}")
        return cell.lower()

    return read


def yes_or_no(cell: str) -> bool:
    return bool(choice("yes", "no")(cell) == "yes")


def zone(cell: str) -> str:
    if cell not in ZONES:
        raise ValueError("must be an IANA time zone such as America/New_York")
    return cell


def weekdays(cell: str) -> tuple[int, ...]:
    """`Tue Fri`, in any order."""
    named = [each[:3].lower() for each in re.split(r"[\s|/]+", cell) if each]
    if any(each not in WEEKDAYS for each in named):
        raise ValueError("must be days such as Tue Fri")
    return tuple(sorted({WEEKDAYS.index(each) for each in named}))


def several(most: int) -> Read:
    return lambda cell: tuple(words(most)(each) for each in entries(cell))


def entries(cell: str) -> list[str]:
    return [entry for each in cell.split(LIST) if (entry := each.strip())]


def times(at_zone: str) -> Read:
    """Local times at the clinic, such as `2027-02-02 10:00 | 2027-02-05 10:00`."""
    return lambda cell: tuple(sorted(moment(entry, at_zone) for entry in entries(cell)))


def moment(entry: str, at_zone: str) -> datetime:
    """A local time at the clinic as an instant; one that clocks skip or show twice is refused."""
    found = MOMENT.fullmatch(entry)
    if not found:
        raise ValueError(f"must be a local time such as 2027-02-02 10:00, not {entry[:30]!r}")
    try:
        return exact(day(found[1]), time.fromisoformat(found[2]), at_zone)
    except Refused as refused:
        raise ValueError(f"the clocks of {at_zone} do not show {entry} exactly once") from refused


def given(at_zone: str) -> Read:
    """`2027-01-05 | #4 2027-01-08 10:00 | 2027-01-12 missed | consult 2027-01-02`."""
    return lambda cell: tuple(_given(entry.split(), at_zone) for entry in entries(cell))


def _given(parts: Sequence[str], at_zone: str) -> GivenBefore:
    kind, number, left = SessionKind.DOSING, None, list(parts)
    if left and left[0] in KINDS:
        kind = KINDS[left.pop(0)]
    elif left and re.fullmatch(r"#[1-9][0-9]{0,2}", left[0]):
        number = int(left.pop(0)[1:])
    missed = bool(left) and left[-1] == "missed"
    when = " ".join(left[:-1] if missed else left)
    if DAY.fullmatch(when):
        return GivenBefore(on=day(when), kind=kind, number=number, missed=missed)
    return GivenBefore(at=moment(when, at_zone), kind=kind, number=number, missed=missed)
