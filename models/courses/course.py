"""Which treatment is under way? A course under one pinned version of a protocol, and what clinicians decided on its way."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, Index, Integer, LargeBinary, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from care.course.progress.reviews import Decision, ReviewKind
from care.facts import Cause
from models.columns import Json, Moment, Owned, Word, belongs, one_of, refers
from models.courses.protocol import Protocol
from models.database import Base
from models.sealed import Sealed


class CourseStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    DISCONTINUED = "discontinued"


class Course(Owned, Base):
    """`phase` is the one under way; `every_days` and `per_week` are what a clinician chose among its choices (None: the
    protocol's own). `external_ref` is its name in the system it was imported from. `look_at`: when something will follow by
    itself, a lapse or the next sessions of an open phase, unless something else happens before.
    """

    __tablename__ = "course"
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    protocol_id: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(Word, default=CourseStatus.ACTIVE)
    starts_on: Mapped[date] = mapped_column(Date)
    preferences: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # weekdays (0 = Monday), around "HH:MM"
    external_ref: Mapped[str | None] = mapped_column(String(80))
    phase: Mapped[str] = mapped_column(Word)
    phase_from: Mapped[date] = mapped_column(Date)
    every_days: Mapped[int | None] = mapped_column(Integer)
    per_week: Mapped[int | None] = mapped_column(Integer)
    # Field path -> value of the overrides in force, written with them, so that rules cost no query
    overridden: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_until: Mapped[date | None] = mapped_column(Date)  # as it was meant; nothing goes on by itself on that day
    look_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_cause: Mapped[str | None] = mapped_column(Word)
    edition: Mapped[int] = mapped_column(Integer, default=1)

    protocol: Mapped[Protocol] = belongs("Course", "protocol_id", "Protocol")

    __table_args__ = (
        refers("patient_id", "patient"),
        refers("protocol_id", "protocol"),
        one_of("status", CourseStatus),
        one_of("ended_cause", Cause, nullable=True),
        CheckConstraint("every_days > 0 AND per_week > 0", name="cadence_is_positive"),
        CheckConstraint("(status = 'paused') = (paused_at IS NOT NULL)", name="paused_has_its_moment"),
        CheckConstraint("paused_until IS NULL OR paused_at IS NOT NULL", name="until_belongs_to_a_pause"),
        CheckConstraint(
            "(status IN ('completed', 'discontinued')) = (ended_at IS NOT NULL)", name="ended_has_its_moment"
        ),
        UniqueConstraint("clinic_id", "external_ref"),
        Index("ix_course_look_at", "look_at"),
        # one active course at a time: two would let spacing rules pass each other unseen
        Index(
            "uq_course_active",
            "clinic_id",
            "patient_id",
            unique=True,
            sqlite_where=text("status IN ('active', 'paused')"),
            postgresql_where=text("status IN ('active', 'paused')"),
        ),
    )
    __mapper_args__ = {"version_id_col": edition}


class Review(Owned, Base):
    """A clinician's look at a course. Until `decided_at` the next dose is stopped, not its booking, unless the clinic says so.

    `after` makes it once only: how many doses were given before it, or for a phase and its misses how many of the phase's
    doses were over, or were missed.
    """

    __tablename__ = "review"
    course_id: Mapped[UUID] = mapped_column(Uuid)
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Word)
    after: Mapped[int] = mapped_column(Integer)
    phase: Mapped[str] = mapped_column(Word)
    due_at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decision: Mapped[str | None] = mapped_column(Word)
    every_days: Mapped[int | None] = mapped_column(Integer)
    per_week: Mapped[int | None] = mapped_column(Integer)
    staff_id: Mapped[UUID | None] = mapped_column(Uuid)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    edition: Mapped[int] = mapped_column(Integer, default=1)
    note = Sealed()

    __table_args__ = (
        refers("course_id", "course"),
        refers("patient_id", "patient"),
        refers("staff_id", "staff"),
        one_of("kind", ReviewKind),
        one_of("decision", Decision, nullable=True),
        CheckConstraint(
            "(decided_at IS NULL) = (decision IS NULL) AND (decided_at IS NULL) = (staff_id IS NULL)",
            name="decided_names_who_and_what",
        ),
        UniqueConstraint("clinic_id", "course_id", "kind", "phase", "after"),
        Index("ix_review_patient", "clinic_id", "patient_id"),
    )
    __mapper_args__ = {"version_id_col": edition}


class CourseRequest(Owned, Base):
    """A patient asked for a session in a phase where they come as needed. Open until a clinician decides."""

    __tablename__ = "course_request"
    course_id: Mapped[UUID] = mapped_column(Uuid)
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    granted: Mapped[bool | None] = mapped_column(Boolean)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)  # the one that was added
    staff_id: Mapped[UUID | None] = mapped_column(Uuid)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    edition: Mapped[int] = mapped_column(Integer, default=1)
    words = Sealed()
    note = Sealed()

    __table_args__ = (
        refers("course_id", "course"),
        refers("patient_id", "patient"),
        refers("session_id", "session"),
        refers("staff_id", "staff"),
        CheckConstraint(
            "(decided_at IS NULL) = (granted IS NULL) AND (decided_at IS NULL) = (staff_id IS NULL)",
            name="decided_names_who_and_what",
        ),
        CheckConstraint("session_id IS NULL OR granted", name="only_what_is_granted_is_added"),
        Index("ix_course_request_patient", "clinic_id", "patient_id"),
        Index(
            "uq_course_request_open",
            "clinic_id",
            "course_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )
    __mapper_args__ = {"version_id_col": edition}
