"""What does a session take up? Resources with their lanes and weekly hours, and the bookings that the database keeps apart."""

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Delete, Index, Integer, String, Time, Uuid, delete
from sqlalchemy.orm import Mapped, mapped_column

from models.columns import Moment, Owned, Word, one_of, refers
from models.database import Base


class ResourceKind(StrEnum):
    CHAIR = "chair"
    CLINICIAN = "clinician"
    THERAPIST = "therapist"
    GUIDE = "guide"


class Resource(Owned, Base):
    """Something a session needs. `lanes` is how many sessions it can serve at once."""

    __tablename__ = "resource"
    kind: Mapped[str] = mapped_column(Word)
    name: Mapped[str] = mapped_column(String(80))
    lanes: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (one_of("kind", ResourceKind), CheckConstraint("lanes BETWEEN 1 AND 50", name="lanes_in_range"))


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


class Booking(Owned, Base):
    """One lane of one resource for one session. With `held_until` it is a hold, kept for minutes while someone decides."""

    __tablename__ = "booking"
    session_id: Mapped[UUID] = mapped_column(Uuid)
    resource_id: Mapped[UUID] = mapped_column(Uuid)
    lane: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    held_until: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        refers("session_id", "session"),
        refers("resource_id", "resource"),
        CheckConstraint("starts_at < ends_at", name="times_run_forward"),
        CheckConstraint("lane >= 0", name="lane_in_range"),
        Index("ix_booking_session", "clinic_id", "session_id"),
        Index("ix_booking_resource", "clinic_id", "resource_id", "lane", "starts_at"),
    )

    @classmethod
    def expired_holds(cls, clinic_id: UUID, now: datetime) -> Delete:
        """Holds whose time is over: they go before anything is taken, because a constraint cannot see that they expired."""
        return delete(cls).where(cls.clinic_id == clinic_id, cls.held_until <= now)

    @classmethod
    def of_session(cls, clinic_id: UUID, session_id: UUID, *, holds_only: bool = False) -> Delete:
        mine = delete(cls).where(cls.clinic_id == clinic_id, cls.session_id == session_id)
        return mine.where(cls.held_until.is_not(None)) if holds_only else mine
