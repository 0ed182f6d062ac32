"""What is still to be said, what was said, and what was asked? The row is the queue."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from care.facts import Part, Role, Step
from care.kinds import KINDS
from care.protocol import Gate
from models.columns import Json, Moment, Owned, Word, one_of, refers
from models.database import Base


class Stage(StrEnum):
    """How far a reminder or message is. `posting` is the point of no return."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    POSTING = "posting"
    UNCONFIRMED = "unconfirmed"  # the answer was lost; resolved by callback, listing, then policy
    SENT = "sent"
    ENDED = "ended"


class Outcome(StrEnum):
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    UNREPORTED = "unreported"  # the network said nothing for 72 h
    UNCONFIRMED = "unconfirmed"  # the answer was lost and never found; a task
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


class Reminder(Owned, Base):
    """One thing to say to one person. Its key makes a second one impossible; its words are made from `fills` when it goes."""

    __tablename__ = "reminder"
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    support_person_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    part: Mapped[str] = mapped_column(Word)
    sender_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Word)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)  # the first session it concerns
    session_ids: Mapped[list[str]] = mapped_column(
        Json, default=list
    )  # all of them; a notice's are in order of its lines
    repeat: Mapped[int] = mapped_column(Integer, default=0)
    says: Mapped[str] = mapped_column(String(32))
    fills: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    asks: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)  # subject_id, session_id, version, step
    gate: Mapped[str] = mapped_column(Word)
    why: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    not_before: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    not_after: Mapped[datetime] = mapped_column(Moment)
    look_at: Mapped[datetime] = mapped_column(Moment)  # due_at, or later while pacing holds it
    made_at: Mapped[datetime] = mapped_column(Moment)
    stage: Mapped[str] = mapped_column(Word, default=Stage.WAITING)
    outcome: Mapped[str | None] = mapped_column(Word)
    reason: Mapped[str | None] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    message_id: Mapped[UUID | None] = mapped_column(Uuid)

    __table_args__ = (
        refers("patient_id", "patient"),
        refers("support_person_id", "support_person"),
        refers("sender_id", "sender"),
        refers("session_id", "session"),
        refers("message_id", "message"),
        UniqueConstraint("clinic_id", "person_id", "kind", "subject_id", "repeat", "says"),
        one_of("kind", KINDS),
        one_of("part", Part),
        one_of("gate", Gate),
        one_of("stage", Stage),
        one_of("outcome", Outcome, nullable=True),
        CheckConstraint("person_id = coalesce(support_person_id, patient_id)", name="person_is_named_once"),
        CheckConstraint("(stage = 'ended') = (outcome IS NOT NULL)", name="ended_has_one_outcome"),
        CheckConstraint("outcome IS NULL OR outcome = 'delivered' OR reason IS NOT NULL", name="outcome_says_why"),
        CheckConstraint("due_at <= not_after", name="due_while_useful"),
        CheckConstraint("stage IN ('waiting', 'ended') OR message_id IS NOT NULL", name="claimed_has_a_message"),
        Index(
            "ix_reminder_due",
            "sender_id",
            "look_at",
            sqlite_where=text("stage = 'waiting'"),
            postgresql_where=text("stage = 'waiting'"),
        ),
        Index(
            "ix_reminder_useful",
            "sender_id",
            "not_after",
            sqlite_where=text("stage = 'waiting'"),
            postgresql_where=text("stage = 'waiting'"),
        ),
        Index("ix_reminder_patient", "clinic_id", "patient_id"),
        Index("ix_reminder_person", "clinic_id", "person_id", "stage"),
        Index("ix_reminder_message", "clinic_id", "message_id"),
    )


class Told(Owned, Base):
    """What a person was told of a session, in order of time. Notices are the difference between the last and what holds."""

    __tablename__ = "told"
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    session_id: Mapped[UUID] = mapped_column(Uuid)
    version: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime | None] = mapped_column(Moment)  # None: that it is off
    at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        refers("patient_id", "patient"),
        refers("session_id", "session"),
        Index("ix_told_patient", "clinic_id", "patient_id", "at"),
    )


class QuestionState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    JOINED = "joined"  # asked together with the open one; the same digit answers it
    ANSWERED = "answered"
    SUPERSEDED = "superseded"
    LAPSED = "lapsed"


class Question(Owned, Base):
    """What is asked of one person about one version of a session. At most one is open per contact."""

    __tablename__ = "question"
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    support_person_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    version: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(Word)
    gate: Mapped[str] = mapped_column(Word)
    state: Mapped[str] = mapped_column(Word, default=QuestionState.PLANNED)
    contact_id: Mapped[UUID | None] = mapped_column(Uuid)  # whom it was put to, once it was
    leader_id: Mapped[UUID | None] = mapped_column(Uuid)  # the open question it is asked with
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    task_at: Mapped[datetime] = mapped_column(Moment)
    task_code: Mapped[str] = mapped_column(Word)
    role: Mapped[str] = mapped_column(Word)
    then_at: Mapped[datetime | None] = mapped_column(Moment)  # when going on being silent adds `then_code` to the task
    then_code: Mapped[str | None] = mapped_column(Word)
    task_made: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        refers("patient_id", "patient"),
        refers("support_person_id", "support_person"),
        refers("session_id", "session"),
        refers("contact_id", "contact"),
        refers("leader_id", "question"),
        UniqueConstraint("clinic_id", "person_id", "subject_id", "version", "step"),
        one_of("step", Step),
        one_of("gate", Gate),
        one_of("state", QuestionState),
        one_of("role", Role),
        CheckConstraint("state NOT IN ('open', 'joined') OR contact_id IS NOT NULL", name="open_is_put_to_someone"),
        CheckConstraint("(state = 'joined') = (leader_id IS NOT NULL)", name="joined_has_a_leader"),
        Index(
            "uq_question_open",
            "clinic_id",
            "contact_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_question_silent",
            "task_at",
            sqlite_where=text("NOT task_made AND state IN ('planned', 'open', 'joined', 'lapsed')"),
            postgresql_where=text("NOT task_made AND state IN ('planned', 'open', 'joined', 'lapsed')"),
        ),
        Index(
            "ix_question_going_on",
            "then_at",
            sqlite_where=text("task_made AND then_at IS NOT NULL"),
            postgresql_where=text("task_made AND then_at IS NOT NULL"),
        ),
        Index("ix_question_patient", "clinic_id", "patient_id"),
    )
