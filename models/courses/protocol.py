"""By which rules is somebody treated? A clinic's versions of protocols, and what it changed for one course."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, LargeBinary, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from models.columns import Json, Moment, Owned, Word, refers
from models.database import Base
from models.sealed import Sealed


class Protocol(Owned, Base):
    """A clinic's version of a protocol: its differences from the shipped `base`, and the whole as it was resolved that day.

    A version never changes; an edit is the next one. `safety`: running courses on earlier versions give no dose until a
    clinician adopts it or declines with a reason.
    """

    __tablename__ = "protocol"
    name: Mapped[str] = mapped_column(Word)
    version: Mapped[int] = mapped_column(Integer)
    base: Mapped[str] = mapped_column(Word)
    differences: Mapped[dict[str, Any]] = mapped_column(Json)
    resolved: Mapped[dict[str, Any]] = mapped_column(Json)
    safety: Mapped[bool] = mapped_column(Boolean, default=False)
    made_at: Mapped[datetime | None] = mapped_column(Moment)  # None: as it was shipped
    staff_id: Mapped[UUID | None] = mapped_column(Uuid)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason = Sealed()

    __table_args__ = (refers("staff_id", "staff"), UniqueConstraint("clinic_id", "name", "version"))


class Adoption(Owned, Base):
    """A clinician adopted a protocol's version for a course, or declined it with a reason."""

    __tablename__ = "adoption"
    course_id: Mapped[UUID] = mapped_column(Uuid)
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    protocol_id: Mapped[UUID] = mapped_column(Uuid)
    adopted: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(Moment)
    staff_id: Mapped[UUID] = mapped_column(Uuid)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason = Sealed()

    __table_args__ = (
        refers("course_id", "course"),
        refers("patient_id", "patient"),
        refers("protocol_id", "protocol"),
        refers("staff_id", "staff"),
        CheckConstraint("adopted OR reason_sealed IS NOT NULL", name="declined_has_a_reason"),
        Index("ix_adoption_course", "clinic_id", "course_id", "protocol_id"),
    )


class Override(Owned, Base):
    """One number of the protocol that is another for one course, with who said so and why. `path` is the field's."""

    __tablename__ = "override"
    course_id: Mapped[UUID] = mapped_column(Uuid)
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    path: Mapped[str] = mapped_column(String(80))
    value: Mapped[Any] = mapped_column(Json)
    made_at: Mapped[datetime] = mapped_column(Moment)
    staff_id: Mapped[UUID] = mapped_column(Uuid)
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by_id: Mapped[UUID | None] = mapped_column(Uuid)
    reason = Sealed()

    __table_args__ = (
        refers("course_id", "course"),
        refers("patient_id", "patient"),
        refers("staff_id", "staff"),
        refers("ended_by_id", "staff"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_names_who"),
        Index(
            "uq_override_in_force",
            "clinic_id",
            "course_id",
            "path",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_override_patient", "clinic_id", "patient_id"),
    )
