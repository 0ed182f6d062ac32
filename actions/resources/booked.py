"""For which sessions is a resource booked? What a change of it would hit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import or_, select

from models import Booking, Resource, Session, db


@dataclass(frozen=True, slots=True)
class Booked:
    """One lane of a resource, taken for a session, or held for it."""

    booking_id: UUID
    session_id: UUID
    patient_id: UUID
    lane: int
    from_at: datetime
    until_at: datetime
    starts_at: datetime | None  # of the session; None while a planned one is only held

    def said(self) -> dict[str, Any]:
        """What a refusal says of it."""
        return {"session_id": self.session_id, "at": self.from_at}


def booked(resource: Resource, since: datetime, *, now: datetime) -> list[Booked]:
    """Every booking and living hold of the resource that ends after `since`, in order of time."""
    mine = (
        select(
            Booking.id,
            Booking.session_id,
            Session.patient_id,
            Booking.lane,
            Booking.starts_at,
            Booking.ends_at,
            Session.starts_at,
        )
        .join(Session, (Session.clinic_id == Booking.clinic_id) & (Session.id == Booking.session_id))
        .where(
            Booking.clinic_id == resource.clinic_id,
            Booking.resource_id == resource.id,
            Booking.ends_at > since,
            or_(Booking.held_until.is_(None), Booking.held_until > now),
        )
    )
    rows = db.session.execute(mine.order_by(Booking.starts_at, Booking.lane)).all()
    return [Booked(*cast(Any, row)) for row in rows]


def counted(hit: Sequence[Booked]) -> dict[str, Any]:
    """How many sessions, and which: every refusal for their sake says so."""
    sessions = {one.session_id: one.said() for one in hit}
    return {"count": len(sessions), "sessions": list(sessions.values())}


def patients_of(hit: Iterable[Booked]) -> list[UUID]:
    """Whom it concerns, in the order in which they are locked."""
    return sorted({one.patient_id for one in hit})
