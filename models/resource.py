"""What does a session take up? Resources with their lanes and hours, closures, and the bookings that the database keeps apart."""

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Delete,
    Index,
    Integer,
    LargeBinary,
    String,
    Time,
    UniqueConstraint,
    Uuid,
    delete,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.columns import Moment, Owned, Word, one_of, refers
from models.database import Base
from models.sealed import Sealed


class ResourceKind(StrEnum):
    CHAIR = "chair"
    CLINICIAN = "clinician"
    MONITOR = "monitor"  # watches the whole observation, several rooms at once: its lanes
    THERAPIST = "therapist"
    GUIDE = "guide"


class Resource(Owned, Base):
    """Something or somebody a session needs. `lanes` is how many sessions it can serve at once.

    `busy_feed` is the address of a calendar (RFC 5545) whose times count as taken; whoever knows it can read it, so it is
    sealed. Retired ones are offered no more from `retired_on`.
    """

    __tablename__ = "resource"
    kind: Mapped[str] = mapped_column(Word)
    name: Mapped[str] = mapped_column(String(80))
    lanes: Mapped[int] = mapped_column(Integer, default=1)
    address: Mapped[str | None] = mapped_column(String(200))  # where to go; None: the clinic's own rooms
    online: Mapped[bool] = mapped_column(Boolean, default=False)  # by video, whatever the address
    retired_on: Mapped[date | None] = mapped_column(Date)
    busy_feed_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    busy_read_at: Mapped[datetime | None] = mapped_column(Moment)  # when the feed was last read whole
    busy_tried_at: Mapped[datetime | None] = mapped_column(Moment)
    busy_wrong: Mapped[str | None] = mapped_column(Word)  # why the last try failed; None: it did not
    edition: Mapped[int] = mapped_column(Integer, default=1)
    busy_feed = Sealed()

    __table_args__ = (one_of("kind", ResourceKind), CheckConstraint("lanes BETWEEN 1 AND 50", name="lanes_in_range"))
    __mapper_args__ = {"version_id_col": edition}


class Availability(Owned, Base):
    """A weekly rule in the clinic's local time: open on `weekday` (0 = Monday) from `opens` to `closes`."""

    __tablename__ = "availability"
    resource_id: Mapped[UUID] = mapped_column(Uuid)
    weekday: Mapped[int] = mapped_column(Integer)
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        refers("resource_id", "resource"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_in_range"),
        CheckConstraint("opens < closes", name="hours_run_forward"),
        Index("ix_availability_resource", "clinic_id", "resource_id"),
    )


class OtherHours(Owned, Base):
    """What holds on one date instead of the weekly rules: open from `opens` to `closes`, or closed when both are None."""

    __tablename__ = "other_hours"
    resource_id: Mapped[UUID] = mapped_column(Uuid)
    on_date: Mapped[date] = mapped_column(Date)
    opens: Mapped[time | None] = mapped_column(Time)
    closes: Mapped[time | None] = mapped_column(Time)

    __table_args__ = (
        refers("resource_id", "resource"),
        CheckConstraint("(opens IS NULL) = (closes IS NULL)", name="both_or_closed"),
        CheckConstraint("opens < closes", name="hours_run_forward"),
        UniqueConstraint("clinic_id", "resource_id", "on_date", "opens"),
    )


class Closure(Owned, Base):
    """Nobody is served from `starts_at` to `ends_at`: by one resource, or in the whole clinic (`resource_id` None).

    It takes every lane by bookings of its own, so that the database itself refuses sessions in it.
    """

    __tablename__ = "closure"
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(String(200))  # for staff: it names no patient
    made_at: Mapped[datetime] = mapped_column(Moment)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    edition: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        refers("resource_id", "resource"),
        CheckConstraint("starts_at < ends_at", name="times_run_forward"),
        Index("ix_closure_day", "clinic_id", "starts_at"),
    )
    __mapper_args__ = {"version_id_col": edition}


class BusyTime(Owned, Base):
    """A time that a resource's own calendar calls taken. Replaced at each reading; what it is for is not kept."""

    __tablename__ = "busy_time"
    resource_id: Mapped[UUID] = mapped_column(Uuid)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        refers("resource_id", "resource"),
        CheckConstraint("starts_at < ends_at", name="times_run_forward"),
        Index("ix_busy_time_resource", "clinic_id", "resource_id", "starts_at"),
    )


class Booking(Owned, Base):
    """One lane of one resource for one session, or for a closure. With `held_until` it is a hold, kept for minutes while
    someone decides.
    """

    __tablename__ = "booking"
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    closure_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID] = mapped_column(Uuid)
    lane: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    held_until: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        refers("session_id", "session"),
        refers("closure_id", "closure"),
        refers("resource_id", "resource"),
        CheckConstraint("(session_id IS NULL) <> (closure_id IS NULL)", name="for_a_session_or_a_closure"),
        CheckConstraint("held_until IS NULL OR session_id IS NOT NULL", name="sessions_are_held"),
        CheckConstraint("starts_at < ends_at", name="times_run_forward"),
        CheckConstraint("lane >= 0", name="lane_in_range"),
        Index("ix_booking_session", "clinic_id", "session_id"),
        Index("ix_booking_resource", "clinic_id", "resource_id", "lane", "starts_at"),
        Index("ix_booking_day", "clinic_id", "starts_at"),
        # holds are few among all bookings, and whoever takes a place first looks for expired ones
        Index(
            "ix_booking_held",
            "clinic_id",
            "held_until",
            sqlite_where=text("held_until IS NOT NULL"),
            postgresql_where=text("held_until IS NOT NULL"),
        ),
    )

    @classmethod
    def expired_holds(cls, clinic_id: UUID, now: datetime) -> Delete:
        """Holds whose time is over: they go before anything is taken, because a constraint cannot see that they expired."""
        return delete(cls).where(cls.clinic_id == clinic_id, cls.held_until <= now)

    @classmethod
    def of_session(cls, clinic_id: UUID, session_id: UUID, *, holds_only: bool = False) -> Delete:
        mine = delete(cls).where(cls.clinic_id == clinic_id, cls.session_id == session_id)
        return mine.where(cls.held_until.is_not(None)) if holds_only else mine
