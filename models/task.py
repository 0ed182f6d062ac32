"""What waits for a person? At most one open task per session and role; reasons are added to it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, LargeBinary, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from care.facts import Role
from models.columns import Moment, Owned, Word, one_of, refers
from models.database import Base
from models.sealed import Sealed


class TaskState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Task(Owned, Base):
    """An item on the worklist. `about_id` is the session, else the patient or the clinic itself."""

    __tablename__ = "task"
    role: Mapped[str] = mapped_column(Word)
    about_id: Mapped[UUID] = mapped_column(Uuid)
    patient_id: Mapped[UUID | None] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[str] = mapped_column(Word, default=TaskState.OPEN)
    due_at: Mapped[datetime] = mapped_column(Moment)
    made_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    edition: Mapped[int] = mapped_column(Integer, default=1)

    reasons: Mapped[list["TaskReason"]] = relationship(
        primaryjoin="and_(foreign(TaskReason.task_id) == Task.id, TaskReason.clinic_id == Task.clinic_id)",
        viewonly=True,
        order_by="TaskReason.at",
    )

    __table_args__ = (
        refers("patient_id", "patient"),
        refers("session_id", "session"),
        one_of("role", Role),
        one_of("state", TaskState),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_its_moment"),
        Index(
            "uq_task_open",
            "clinic_id",
            "about_id",
            "role",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_task_patient", "clinic_id", "patient_id"),
    )
    __mapper_args__ = {"version_id_col": edition}


class TaskReason(Owned, Base):
    """Why the task is there. It closes itself when the last reason is met."""

    __tablename__ = "task_reason"
    task_id: Mapped[UUID] = mapped_column(Uuid)
    code: Mapped[str] = mapped_column(Word)
    subject_id: Mapped[UUID] = mapped_column(Uuid)  # the question, reminder or reply it came from
    step: Mapped[str | None] = mapped_column(String(40))
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Moment)
    met_at: Mapped[datetime | None] = mapped_column(Moment)
    met_how: Mapped[str | None] = mapped_column(String(80))
    detail = Sealed()

    __table_args__ = (refers("task_id", "task"), UniqueConstraint("clinic_id", "task_id", "code", "subject_id"))
