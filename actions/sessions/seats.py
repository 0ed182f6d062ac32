"""How do sessions come to other seats? In one step: in line, what they had and expired holds given back, every seat or none."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, or_, text

from actions.lanes import lines
from care.course.slots import Seat, Slot
from models import Booking, Session, db
from models.columns import uuid7

# One round trip where every booking makes it. The locks are taken first, because both later parts ask for their count; what
# is deleted is out of the way of the constraint, because the insert asks for the count of that.
SWAP = text("""
    WITH line AS MATERIALIZED (
        SELECT pg_advisory_xact_lock(place) FROM unnest(CAST(:lines AS bigint[])) AS place
    ), gone AS (
        DELETE FROM booking
        WHERE clinic_id = :clinic_id AND (held_until <= :now OR session_id = ANY(CAST(:session_ids AS uuid[])))
            AND (SELECT count(*) FROM line) >= 0
        RETURNING id
    )
    INSERT INTO booking (clinic_id, id, session_id, resource_id, lane, starts_at, ends_at)
    SELECT :clinic_id, seat.*
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:of AS uuid[]), CAST(:resource_ids AS uuid[]), CAST(:lanes AS integer[]),
        CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[])
    ) AS seat, (SELECT count(*) FROM line) AS stood, (SELECT count(*) FROM gone) AS made_way
""")

Taken = Sequence[tuple[Session, Slot]]


def swap_seats(taken: Taken, *, now: datetime) -> None:
    """The seats of these slots for these sessions of one clinic. Their other seats and holds, and everyone's expired holds, go.

    What the unit of work still holds is written first. Raises `IntegrityError` when somebody else has one of the seats.
    """
    db.session.flush()
    if not taken:
        return
    clinic_id, seats = taken[0][0].clinic_id, _in_order(taken)
    if db.session.connection().dialect.name == "postgresql":
        _at_once(clinic_id, [session.id for session, _ in taken], seats, now)
    else:
        _one_by_one(clinic_id, [session.id for session, _ in taken], seats, now)


def write_seats(taken: Taken, *, held_until: datetime | None = None) -> None:
    """The seats of these slots, beside whatever their sessions have; whoever calls stood in line and made way.

    What the unit of work still holds is written first. Raises `IntegrityError` when somebody else has one of the seats.
    """
    db.session.flush()
    if taken:
        _insert(taken[0][0].clinic_id, _in_order(taken), held_until)


def _in_order(taken: Taken) -> list[tuple[UUID, Seat]]:
    """In one order for everybody, so that two never wait for each other."""
    seats = ((session.id, seat) for session, slot in taken for seat in slot.seats)
    return sorted(seats, key=lambda one: (one[1].resource_id, one[1].lane, one[1].from_at))


def _at_once(clinic_id: UUID, session_ids: Sequence[UUID], seats: Iterable[tuple[UUID, Seat]], now: datetime) -> None:
    seats = list(seats)
    db.session.connection().execute(
        SWAP,
        {
            "lines": lines(seat for _, seat in seats),
            "clinic_id": clinic_id,
            "now": now,
            "session_ids": session_ids,
            "ids": [uuid7() for _ in seats],
            "of": [id_ for id_, _ in seats],
            "resource_ids": [seat.resource_id for _, seat in seats],
            "lanes": [seat.lane for _, seat in seats],
            "begins": [seat.from_at for _, seat in seats],
            "ends": [seat.until_at for _, seat in seats],
        },
    )


def _one_by_one(
    clinic_id: UUID, session_ids: Sequence[UUID], seats: Iterable[tuple[UUID, Seat]], now: datetime
) -> None:
    """SQLite has one writer at a time, and a statement there costs no way."""
    gone = or_(Booking.held_until <= now, Booking.session_id.in_(session_ids))
    db.session.execute(delete(Booking).where(Booking.clinic_id == clinic_id, gone))
    _insert(clinic_id, seats, None)


def _insert(clinic_id: UUID, seats: Iterable[tuple[UUID, Seat]], held_until: datetime | None) -> None:
    rows = [
        {
            "clinic_id": clinic_id,
            "id": uuid7(),
            "session_id": id_,
            "resource_id": seat.resource_id,
            "lane": seat.lane,
            "starts_at": seat.from_at,
            "ends_at": seat.until_at,
            "held_until": held_until,
        }
        for id_, seat in seats
    ]
    if rows:
        db.session.execute(insert(Booking), rows)
