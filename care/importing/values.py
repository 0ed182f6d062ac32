"""One line of a file of courses, and what is wrong with one."""

from dataclasses import dataclass
from datetime import date, datetime

from care.course.given import GivenBefore


@dataclass(frozen=True, slots=True)
class Complaint:
    """What cannot be read or done, in words for whoever made the file. `column` None: about the whole line."""

    line: int
    column: str | None
    say: str


class Unreadable(Exception):
    """The file cannot be read on from here."""

    def __init__(self, line: int, say: str) -> None:
        self.complaint = Complaint(line, None, say)
        super().__init__(say)


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course as one line tells it, with names where we have ids."""

    line: int
    external_ref: str
    patient_ref: str
    name: str
    number: str  # as written; whether it can exist is judged later
    language: str
    zone: str | None
    protocol: str
    phase: str | None
    starts_on: date
    weekdays: tuple[int, ...]
    around: str
    consented: bool
    support_name: str | None
    support_number: str | None
    support_language: str
    resources: tuple[str, ...]
    given: tuple[GivenBefore, ...]
    booked: tuple[datetime, ...]  # aware UTC, in order


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read, with all that is wrong."""

    line: int
    external_ref: str | None
    complaints: tuple[Complaint, ...]
