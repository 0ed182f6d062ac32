"""Do sessions that get their times together keep every rule, beside each other and beside what is booked already?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from care.course.booking import Terms, booking_refusals
from care.course.together.wish import Unbooked
from care.facts import SessionFacts, SessionKind, Status
from care.refusals import Code, Refusal

Times = Mapping[UUID, datetime]


def judged(one: Unbooked, start: datetime, course: Sequence[SessionFacts], terms: Terms) -> list[Refusal]:
    """Every rule's reason against one of them at this start; `course` holds the others with the times they would have."""
    if _has_no_dose(one.session, course):
        return [Refusal(Code.DOSE_UNBOOKED)]
    return booking_refusals(one.session, start, course, one.span, terms)


def conflicts(
    chosen: Sequence[tuple[Unbooked, datetime]], known: Sequence[SessionFacts], terms: Terms
) -> dict[UUID, list[Refusal]]:
    """Every reason against every choice, each beside all the others; those without a reason are left out."""
    course = with_times(known, {one.session.id: start for one, start in chosen})
    found = {one.session.id: judged(one, start, course, terms) for one, start in chosen}
    return {session_id: refusals for session_id, refusals in found.items() if refusals}


def nearest(
    one: Unbooked, starts: Iterable[datetime], course: Sequence[SessionFacts], terms: Terms, *, most: int
) -> tuple[datetime, ...]:
    """The first of these starts that keep every rule, with the rest of the course as it is."""
    return tuple(islice((start for start in starts if keeps_all(one, start, course, terms)), most))


def keeps_all(one: Unbooked, start: datetime, course: Sequence[SessionFacts], terms: Terms) -> bool:
    """No rule speaks against the start, and what follows this dose stays inside its window."""
    if judged(one, start, course, terms):
        return False
    moved = with_times(course, {one.session.id: start})
    bound = [each for each in moved if each.of_session_id == one.session.id and each.starts_at and not _over(each)]
    return not any(_leaves_its_window(each, moved, terms) for each in bound)


def with_times(known: Sequence[SessionFacts], times: Times) -> tuple[SessionFacts, ...]:
    """The sessions as they would be with these times."""
    return tuple(_booked(one, times[one.id]) if one.id in times else one for one in known)


def _booked(one: SessionFacts, start: datetime) -> SessionFacts:
    visit = one.protocol.visits[one.kind]
    arrive = start - timedelta(minutes=visit.arrive_minutes) if visit.arrive_minutes else None
    ends = start + timedelta(minutes=visit.minutes)
    return replace(one, status=Status.BOOKED, starts_at=start, arrive_at=arrive, ends_at=ends)


def _has_no_dose(one: SessionFacts, course: Iterable[SessionFacts]) -> bool:
    """It belongs to a dose that has no time: nobody knows its window."""
    if one.kind is not SessionKind.INTEGRATION:
        return False
    dose = next((each for each in course if each.id == one.of_session_id), None)
    return dose is None or dose.end is None


def _over(one: SessionFacts) -> bool:
    return one.status is not Status.BOOKED


def _leaves_its_window(one: SessionFacts, course: Sequence[SessionFacts], terms: Terms) -> bool:
    if one.starts_at is None:
        return False
    found = booking_refusals(one, one.starts_at, course, None, replace(terms, by_staff=True, seven_day_reason=True))
    return any(each.code in (Code.OUTSIDE_INTEGRATION_WINDOW, Code.PATIENT_BUSY) for each in found)
