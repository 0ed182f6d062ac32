"""When could a session take place? Free times with the resources they need, and the tokens by which they are chosen.

A token is judged again when it is taken: by what the visit needs, by weekly and other hours, retirement and closures here, by
bookings in the database. Busy times of a resource's own calendar are never offered to patients; staff may book over them with a
reason, because such calendars are often wrong and always late.
"""

import base64
import binascii
import struct
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from actions.facts import rules_of
from actions.sessions.diary import Diary, busy_kinds, reach, resources, works
from care.course.slots import ANY, STEP_MINUTES, Seat, Slot, SlotWish, Why, fitted, is_on_step
from care.protocol import Visit
from care.refusals import Code, Refusal, Refused
from models import Booking, Clinic, Course, Resource, Session, db

__all__ = ["Diary", "busy_refusals", "slot_of", "slots", "taken_by", "token", "visit_of"]

HEAD, SEAT = struct.Struct(">I"), struct.Struct(">16sB")  # a start in seconds, until 2106; a resource and its lane

Chosen = list[tuple[UUID, int]]


def visit_of(session: Session) -> Visit:
    """How long this session takes and what it needs."""
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    return rules_of(course).visits[session.kind]


def slots(
    session: Session, from_at: datetime, until_at: datetime, *, now: datetime, wish: SlotWish = ANY
) -> list[Slot]:
    """Free times for this session between two instants, its own present booking not counted as taken."""
    return Diary(session.clinic_id, from_at, until_at, now=now, without={session.id}).free(visit_of(session), wish)


def taken_by(session: Session) -> Slot | None:
    """The slot that the session has now, its seats in the order of its needs."""
    if session.starts_at is None or session.ends_at is None:
        return None
    mine = select(Booking, Resource.kind).join(
        Resource, (Resource.clinic_id == Booking.clinic_id) & (Resource.id == Booking.resource_id)
    )
    mine = mine.where(
        Booking.clinic_id == session.clinic_id, Booking.session_id == session.id, Booking.held_until.is_(None)
    )
    seats = [
        Seat(row.resource_id, kind, row.lane, row.starts_at, row.ends_at) for row, kind in db.session.execute(mine)
    ]
    order = [need.kind for need in visit_of(session).needs]
    return Slot(session.starts_at, session.ends_at, tuple(sorted(seats, key=lambda seat: order.index(seat.kind))))


def token(slot: Slot) -> str:
    """A slot as an opaque word: its start and its seats. It promises nothing; it is judged again when taken."""
    seats = b"".join(SEAT.pack(seat.resource_id.bytes, seat.lane) for seat in slot.seats)
    packed = HEAD.pack(int(slot.starts_at.timestamp())) + seats
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def slot_of(word: str, session: Session) -> Slot:
    """The slot that a token names, for this session. Raises `Refused` when nobody works then or it could never be."""
    starts_at, chosen = _unpacked(word)
    slot = _open(starts_at, chosen, visit_of(session), session.clinic_id)
    if slot is None:
        raise Refused([Refusal(Code.SLOT_NOT_OFFERED, {"starts_at": starts_at})])
    return slot


def busy_refusals(slot: Slot, clinic_id: UUID, *, by_staff: bool, reasoned: bool) -> list[Refusal]:
    """What speaks against the slot when somebody is busy elsewhere: nothing, once staff gave a reason."""
    kinds = [] if by_staff and reasoned else busy_kinds(slot, clinic_id)
    if kinds and not by_staff:
        return [Refusal(Code.SLOT_NOT_OFFERED, {"starts_at": slot.starts_at})]
    return [Refusal(Code.RESOURCE_MISSING, {"kind": kind, "why": Why.BUSY.value}) for kind in kinds]


def _unpacked(word: str) -> tuple[datetime, Chosen]:
    try:
        packed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        (seconds,) = HEAD.unpack_from(packed)
        seats = [(UUID(bytes=raw), lane) for raw, lane in SEAT.iter_unpack(packed[HEAD.size :])]
        return datetime.fromtimestamp(seconds, UTC), seats
    except (binascii.Error, struct.error, ValueError, OverflowError, OSError) as error:
        raise Refused([Refusal(Code.SLOT_NOT_OFFERED)]) from error


def _open(starts_at: datetime, chosen: Chosen, visit: Visit, clinic_id: UUID) -> Slot | None:
    """The slot rebuilt from its seats, where they fit the visit and everybody works then."""
    zone, ids = db.session.get_one(Clinic, clinic_id).zone, {id_ for id_, _ in chosen}
    known = {one.id: one for one in resources(clinic_id, reach((starts_at, starts_at)), zone, only=ids)}
    if any(id_ not in known for id_, _ in chosen) or not is_on_step(starts_at, zone, STEP_MINUTES):
        return None
    slot = fitted(visit, starts_at, [(known[id_], lane) for id_, lane in chosen])
    return slot if slot and works(slot, known.values()) else None
