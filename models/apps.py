"""Who outside is told that something changed? A clinic's app backends, and people's calendars."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from models.columns import Moment, Owned, Word, one_of, refers
from models.database import Base
from models.sealed import Sealed


class Endpoint(Owned, Base):
    """Where a clinic's app backend hears that a patient's facts changed. `secret` signs it (Standard Webhooks); until
    `old_until` the one before it signs too, so that the backend can change its own in peace.
    """

    __tablename__ = "endpoint"
    url: Mapped[str] = mapped_column(String(500))
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    old_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_until: Mapped[datetime | None] = mapped_column(Moment)
    made_at: Mapped[datetime] = mapped_column(Moment)
    failing_since: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_why: Mapped[str | None] = mapped_column(Word)  # gone: it answered 410; removed: staff took it off
    edition: Mapped[int] = mapped_column(Integer, default=1)
    secret = Sealed()
    old_secret = Sealed()

    __table_args__ = (CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended_says_why"),)
    __mapper_args__ = {"version_id_col": edition}


class Call(Owned, Base):
    """What one endpoint is to hear about one patient: that they changed, up to `change_no`. Its id stays the same in every
    try. At most one waits per endpoint and patient: later changes only raise the number. Without a patient it is a test.
    """

    __tablename__ = "call"
    endpoint_id: Mapped[UUID] = mapped_column(Uuid)
    patient_id: Mapped[UUID | None] = mapped_column(Uuid)
    change_no: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)  # machine clock
    answered: Mapped[int | None] = mapped_column(Integer)  # the last HTTP status; None: no answer
    why: Mapped[str | None] = mapped_column(Word)  # there was none
    ended_at: Mapped[datetime | None] = mapped_column(Moment)  # heard, or given up
    heard: Mapped[bool | None] = mapped_column()

    __table_args__ = (
        refers("endpoint_id", "endpoint"),
        refers("patient_id", "patient"),
        CheckConstraint("(ended_at IS NULL) = (heard IS NULL)", name="ended_says_how"),
        CheckConstraint("(patient_id IS NULL) = (change_no IS NULL)", name="a_change_is_somebodys"),
        Index("ix_call_endpoint", "clinic_id", "endpoint_id", "patient_id"),
        Index(
            "uq_call_waiting",
            "clinic_id",
            "endpoint_id",
            "patient_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND tries = 0"),
            postgresql_where=text("ended_at IS NULL AND tries = 0"),
        ),
        Index(
            "ix_call_due",
            "due_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Reader(StrEnum):
    """Whose calendar it is."""

    PATIENT = "patient"
    SUPPORT = "support"
    RESOURCE = "resource"  # a clinician's, therapist's or guide's own working day


class CalendarLink(Base):
    """The directory of calendar feeds: which person's sessions a token shows, until it is revoked."""

    __tablename__ = "calendar_link"
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    clinic_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("clinic.id"))
    reader: Mapped[str] = mapped_column(Word)
    reader_id: Mapped[UUID] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (one_of("reader", Reader), Index("ix_calendar_link_reader", "clinic_id", "reader_id"))
