"""What does a resource's own calendar say, and what follows where somebody is booked then?

Only when it is taken is kept. A reading changes no edition: nobody who edits the resource meanwhile is sent back for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, exists, insert, or_, select, update

from actions.ask import ask, meet
from actions.record import lock
from care.facts import Role, Status
from care.tasks import TaskCode
from models import Booking, BusyTime, Clinic, Resource, Session, db
from models.columns import uuid7

Taken = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar to read, its days and loose times by the clocks of `zone`."""

    clinic_id: UUID
    resource_id: UUID
    address: str
    zone: str
    read_at: datetime | None  # when it was last read whole


def feeds_due(machine_now: datetime, every: timedelta) -> Select[UUID, UUID]:
    """The resources whose calendars are to be read: clinic and id, the longest unread first."""
    tried = Resource.busy_tried_at
    return (
        select(Resource.clinic_id, Resource.id)
        .where(
            Resource.busy_feed_sealed.is_not(None),
            or_(Resource.retired_on.is_(None), Resource.retired_on >= machine_now.date()),
            or_(tried.is_(None), tried <= machine_now - every),
        )
        .order_by(tried.is_not(None), tried, Resource.id)
    )


def claim_feed(clinic_id: UUID, resource_id: UUID, machine_now: datetime, every: timedelta) -> Feed | None:
    """The calendar, for whoever asks first; None for those after them."""
    due = feeds_due(machine_now, every).whereclause
    mine = update(Resource).where(Resource.clinic_id == clinic_id, Resource.id == resource_id)
    if due is not None:
        mine = mine.where(due)
    claimed: Any = db.session.execute(mine.values(busy_tried_at=machine_now), execution_options=LOOSE)
    if claimed.rowcount != 1:
        return None
    row = db.session.get_one(Resource, (clinic_id, resource_id), populate_existing=True)
    zone = db.session.get_one(Clinic, clinic_id).zone
    return Feed(clinic_id, resource_id, row.busy_feed or "", zone, row.busy_read_at)


def keep_busy(feed: Feed, taken: Sequence[Taken], *, now: datetime) -> None:
    """These times instead of those known before. Whoever is booked in a new one becomes a task; where one went, it is met."""
    if not _is_still(feed):
        return
    before = _booked_over(feed, now)
    _replace(feed, taken)
    after = _booked_over(feed, now)
    for patient_id, session_id in sorted(before ^ after):  # patients are locked in one order by everybody
        lock(feed.clinic_id, patient_id)
        if (patient_id, session_id) in before:
            _meet_if_free(feed.clinic_id, session_id, now)
        else:
            session = db.session.get_one(Session, (feed.clinic_id, session_id))
            ask(Role.COORDINATOR, TaskCode.CALENDAR_BUSY, session, subject_id=session_id, now=now)
    _set(feed, busy_read_at=now, busy_wrong=None)


def keep_unchanged(feed: Feed) -> None:
    """The calendar says that it has not changed."""
    if _is_still(feed):
        _set(feed, busy_wrong=None)


def keep_wrong(feed: Feed, why: str) -> None:
    """It could not be read: what was known before holds."""
    if _is_still(feed):
        _set(feed, busy_wrong=why)


LOOSE = {"synchronize_session": False}


def _set(feed: Feed, **values: Any) -> None:
    mine = update(Resource).where(Resource.clinic_id == feed.clinic_id, Resource.id == feed.resource_id)
    db.session.execute(mine.values(**values), execution_options=LOOSE)


def _is_still(feed: Feed) -> bool:
    """Somebody may have taken the calendar away, or named another, while it was read."""
    row = db.session.get(Resource, (feed.clinic_id, feed.resource_id), populate_existing=True)
    return row is not None and row.busy_feed == feed.address


def _replace(feed: Feed, taken: Iterable[Taken]) -> None:
    mine = (BusyTime.clinic_id == feed.clinic_id, BusyTime.resource_id == feed.resource_id)
    db.session.execute(delete(BusyTime).where(*mine), execution_options=LOOSE)
    known = {"clinic_id": feed.clinic_id, "resource_id": feed.resource_id}
    rows = [{**known, "id": uuid7(), "starts_at": begin, "ends_at": until} for begin, until in taken]
    if rows:
        db.session.execute(insert(BusyTime), rows)


def _booked_over(feed: Feed, now: datetime) -> set[tuple[UUID, UUID]]:
    """The booked sessions to come that lie in a busy time of this resource: patient and session."""
    lying = (
        select(Session.patient_id, Session.id)
        .join(Booking, (Booking.clinic_id == Session.clinic_id) & (Booking.session_id == Session.id))
        .where(
            Session.clinic_id == feed.clinic_id,
            Session.status == Status.BOOKED,
            Booking.resource_id == feed.resource_id,
            Booking.held_until.is_(None),
            Booking.ends_at > now,
            _busy_then(),
        )
    )
    return {(patient_id, session_id) for patient_id, session_id in db.session.execute(lying)}


def _busy_then() -> Any:
    return exists().where(
        BusyTime.clinic_id == Booking.clinic_id,
        BusyTime.resource_id == Booking.resource_id,
        BusyTime.starts_at < Booking.ends_at,
        BusyTime.ends_at > Booking.starts_at,
    )


def _meet_if_free(clinic_id: UUID, session_id: UUID, now: datetime) -> None:
    """Another of its resources may be busy then as well."""
    mine = select(Booking.id).where(Booking.clinic_id == clinic_id, Booking.session_id == session_id, _busy_then())
    if db.session.scalar(mine.limit(1)) is None:
        meet(clinic_id, session_id, code=TaskCode.CALENDAR_BUSY, how="the calendar is free then", now=now)
