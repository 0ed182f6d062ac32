"""The sessions that the rules are tried on: an invented course, by its own protocol."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from care.facts import SessionFacts, SessionKind, Status
from care.protocol import Protocol
from care.protocols import load
from care.times import wall
from tests.care.clocks import NEW_YORK

COURSE = UUID(int=900)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def at(text: str, zone: str = NEW_YORK) -> datetime:
    """ "2027-02-09 10:00" by the clock in `zone`."""
    day, clock = text.split()
    return wall(date.fromisoformat(day), time.fromisoformat(clock), zone)


def session(
    number: int,
    starts_at: datetime | None,
    *,
    kind: SessionKind = SessionKind.DOSING,
    protocol: Protocol | None = None,
    **known: Any,
) -> SessionFacts:
    """A booked session whose id is its number, or another hundred for another kind; `ends_at` by its protocol."""
    followed = protocol or load("iv_6")
    visit = followed.visits[kind]
    times: dict[str, Any] = {
        "starts_at": starts_at,
        "arrive_at": starts_at and starts_at - timedelta(minutes=visit.arrive_minutes),
        "ends_at": starts_at and starts_at + timedelta(minutes=visit.minutes),
        "status": Status.BOOKED if starts_at else Status.PLANNED,
    }
    identity = UUID(int=number + 100 * list(SessionKind).index(kind))
    fixed: dict[str, Any] = {
        "course_id": COURSE,
        "phase": "induction",
        "version": 1,
        "since": LONG_AGO,
        "protocol": followed,
    }
    return SessionFacts(id=identity, number=number, kind=kind, **(fixed | times | known))
