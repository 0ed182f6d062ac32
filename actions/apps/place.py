"""Where is a session, and with whom? What its bookings say."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from care.protocol import Setting
from models import Booking, Clinic, Resource, ResourceKind, Session, db

PEOPLE = (ResourceKind.CLINICIAN, ResourceKind.MONITOR, ResourceKind.THERAPIST, ResourceKind.GUIDE)


@dataclass(frozen=True, slots=True)
class Place:
    """`address` None: the clinic's own rooms, or the patient's home. `online`: by video."""

    name: str
    address: str | None
    room: str | None
    online: bool
    at_home: bool
    people: tuple[Resource, ...]


def place_of(session: Session) -> Place:
    """The place of a session that has a time."""
    return places_of([session])[session.id]


def places_of(sessions: Iterable[Session]) -> dict[UUID, Place]:
    """The places of sessions of one clinic, in one statement for all their resources."""
    rows = list(sessions)
    if not rows:
        return {}
    clinic = db.session.get_one(Clinic, rows[0].clinic_id)
    found: dict[UUID, list[Resource]] = {row.id: [] for row in rows}
    for session_id, resource in db.session.execute(_resources(clinic.id, list(found))):
        found[session_id].append(resource)
    return {row.id: _place(row, clinic, found[row.id]) for row in rows}


def _resources(clinic_id: UUID, session_ids: list[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(Booking.session_id, Resource)
        .join(Resource, (Resource.clinic_id == Booking.clinic_id) & (Resource.id == Booking.resource_id))
        .where(Booking.clinic_id == clinic_id, Booking.session_id.in_(session_ids), Booking.held_until.is_(None))
        .order_by(Booking.starts_at, Resource.kind, Resource.id)
    )


def _place(session: Session, clinic: Clinic, resources: list[Resource]) -> Place:
    here = list(dict.fromkeys(resources))
    rooms = [each for each in here if each.kind == ResourceKind.CHAIR]
    return Place(
        name=clinic.short_name,
        address=next((each.address for each in here if each.address), None),
        room=rooms[0].name if rooms else None,
        online=any(each.online for each in here),
        at_home=session.setting == Setting.HOME and not rooms,
        people=tuple(each for each in here if each.kind in PEOPLE),
    )
