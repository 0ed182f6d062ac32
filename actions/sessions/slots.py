"""When could a session take place? Free times with the resources they need, and the tokens by which they are chosen."""

import base64
import binascii
import struct
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from actions.facts import rules_of
from care.course.slots import ResourceFacts, Seat, Slot, WeeklyRule, free_slots, open_hours
from care.protocol import Need, Visit
from care.refusals import Code, Refusal, Refused
from care.times import local_date
from models import Availability, Booking, Clinic, Course, Resource, Session, db

Busy = dict[UUID, list[tuple[int, datetime, datetime]]]

HEAD, SEAT = struct.Struct(">I"), struct.Struct(">16sB")  # a start in seconds, until 2106; a resource and its lane


def visit_of(session: Session) -> Visit:
    """How long this session takes and what it needs."""
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    return rules_of(course).visits[session.kind]


def slots(session: Session, from_at: datetime, until_at: datetime, *, now: datetime) -> list[Slot]:
    """Free times for this session between two instants, its own present booking not counted as taken."""
    return Diary(session.clinic_id, from_at, until_at, now=now, without={session.id}).free(visit_of(session))


class Diary:
    """The resources of a clinic over a stretch of time, read once and asked for many sessions."""

    def __init__(
        self, clinic_id: UUID, from_at: datetime, until_at: datetime, *, now: datetime, without: set[UUID]
    ) -> None:
        self.within = (max(from_at, now), until_at)
        self.resources = _resources(clinic_id, self.within)
        self.busy = _busy(clinic_id, self.within, now, without)

    def free(self, visit: Visit) -> list[Slot]:
        """Free times for one kind of session, in order."""
        return free_slots(visit, self.resources, self.busy, self.within)

    def take(self, slot: Slot) -> None:
        """Count a slot as taken in what this diary answers from now on."""
        for seat in slot.seats:
            self.busy.setdefault(seat.resource_id, []).append((seat.lane, seat.from_at, seat.until_at))


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
    """The slot that a token names, for this session. Raises `Refused` when it never could have been offered."""
    starts_at, chosen = _unpacked(word)
    visit = visit_of(session)
    slot = _slot(starts_at, chosen, visit, session.clinic_id)
    if slot is None or not _open(slot, session.clinic_id):
        raise Refused([Refusal(Code.SLOT_NOT_OFFERED, {"starts_at": starts_at})])
    return slot


def _unpacked(word: str) -> tuple[datetime, list[tuple[UUID, int]]]:
    try:
        packed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        (seconds,) = HEAD.unpack_from(packed)
        seats = [(UUID(bytes=raw), lane) for raw, lane in SEAT.iter_unpack(packed[HEAD.size :])]
        return datetime.fromtimestamp(seconds, UTC), seats
    except (binascii.Error, struct.error, ValueError, OverflowError, OSError) as error:
        raise Refused([Refusal(Code.SLOT_NOT_OFFERED)]) from error


def _slot(starts_at: datetime, chosen: Sequence[tuple[UUID, int]], visit: Visit, clinic_id: UUID) -> Slot | None:
    """The slot rebuilt from its seats, when they fit the needs of the visit one by one."""
    if len(chosen) != len(visit.needs):
        return None
    ends_at = starts_at + timedelta(minutes=visit.minutes)
    seats = [_seat(need, *seat, starts_at, ends_at, clinic_id) for need, seat in zip(visit.needs, chosen, strict=True)]
    whole = tuple(seat for seat in seats if seat is not None)
    return Slot(starts_at, ends_at, whole) if len(whole) == len(seats) else None


def _seat(
    need: Need, resource_id: UUID, lane: int, starts_at: datetime, ends_at: datetime, clinic_id: UUID
) -> Seat | None:
    resource = db.session.get(Resource, (clinic_id, resource_id))
    if resource is None or resource.kind != need.kind or not 1 <= lane <= resource.lanes:
        return None
    from_at = starts_at + timedelta(minutes=need.from_minutes)
    until_at = ends_at if need.until_minutes is None else starts_at + timedelta(minutes=need.until_minutes)
    return Seat(resource_id, need.kind, lane, from_at, until_at)


def _open(slot: Slot, clinic_id: UUID) -> bool:
    """Whether every resource works at those hours."""
    within = (
        (min(seat.from_at for seat in slot.seats), max(seat.until_at for seat in slot.seats)) if slot.seats else None
    )
    if within is None:
        return True
    hours = {resource.id: resource.open for resource in _resources(clinic_id, within)}
    return all(
        any(opens <= seat.from_at and seat.until_at <= closes for opens, closes in hours.get(seat.resource_id, ()))
        for seat in slot.seats
    )


def _resources(clinic_id: UUID, within: tuple[datetime, datetime]) -> list[ResourceFacts]:
    zone = db.session.get_one(Clinic, clinic_id).zone
    first, last = (local_date(at, zone) for at in within)
    rules = _weekly_rules(clinic_id)
    rows = db.session.scalars(select(Resource).where(Resource.clinic_id == clinic_id).order_by(Resource.id))
    return [
        ResourceFacts(row.id, row.kind, row.lanes, open_hours(rules[row.id], first, last, zone))
        for row in rows
        if row.id in rules
    ]


def _weekly_rules(clinic_id: UUID) -> dict[UUID, list[WeeklyRule]]:
    rules: dict[UUID, list[WeeklyRule]] = defaultdict(list)
    for row in db.session.scalars(select(Availability).where(Availability.clinic_id == clinic_id)):
        rules[row.resource_id].append(
            WeeklyRule(row.weekday, row.opens, row.closes, row.valid_from or date.min, row.valid_until)
        )
    return rules


def _busy(clinic_id: UUID, within: tuple[datetime, datetime], now: datetime, without: set[UUID]) -> Busy:
    """What is taken or held, as plain columns: a month of a clinic is thousands of rows."""
    taken = select(Booking.resource_id, Booking.lane, Booking.starts_at, Booking.ends_at).where(
        Booking.clinic_id == clinic_id,
        Booking.starts_at < within[1],
        Booking.ends_at > within[0],
        or_(Booking.held_until.is_(None), Booking.held_until > now),
        Booking.session_id.not_in(without),
    )
    busy: Busy = defaultdict(list)
    for resource_id, lane, starts_at, ends_at in db.session.execute(taken):
        busy[resource_id].append((lane, starts_at, ends_at))
    return busy
