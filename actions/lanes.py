"""In which order do takers of the same lanes come? One after another: the database refuses, and need not break a deadlock."""

from collections.abc import Iterable
from datetime import UTC, timedelta
from hashlib import blake2b

from sqlalchemy import text

from care.course.slots import Seat
from models import db

IN_LINE = text("SELECT pg_advisory_xact_lock(place) FROM unnest(CAST(:places AS bigint[])) AS place")


def stand_in_line(seats: Iterable[Seat]) -> None:
    """Wait for whoever is taking one of these lanes on these days, until the end of the transaction.

    Two that insert overlapping rows at the same instant wait for each other under an exclusion constraint until PostgreSQL
    ends one after a second. Whoever takes many seats stands in all lines at once, before the first is taken: the order of
    the lines is the same for everyone. SQLite has one writer at a time.
    """
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(IN_LINE, {"places": lines(seats)})


def lines(seats: Iterable[Seat]) -> list[int]:
    """The numbers to stand in line for, in the order that is everyone's."""
    return sorted({place for seat in seats for place in _places(seat)})


def _places(seat: Seat) -> Iterable[int]:
    """A number for each day (in UTC) that the seat touches."""
    first, last = seat.from_at.astimezone(UTC).date(), seat.until_at.astimezone(UTC).date()
    for days in range((last - first).days + 1):
        day = (first + timedelta(days=days)).toordinal()
        named = seat.resource_id.bytes + seat.lane.to_bytes(2, "big") + day.to_bytes(4, "big")
        yield int.from_bytes(blake2b(named, digest_size=8).digest(), "big", signed=True)
