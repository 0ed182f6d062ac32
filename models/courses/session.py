"""Which visits make up a course, and what was said about each?"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, Index, Integer, LargeBinary, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from care.facts import Cause, How, SessionKind, Status, Step, Value
from care.protocol import Setting
from models.columns import Json, Moment, Owned, Word, belongs, one_of, refers
from models.courses.course import Course
from models.database import Base
from models.sealed import Sealed


class Session(Owned, Base):
    """One visit. `starts_at` is the planned dose (or start); what really happened has its own columns."""

    __tablename__ = "session"
    course_id: Mapped[UUID] = mapped_column(Uuid)
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Word)
    number: Mapped[int] = mapped_column(Integer)  # within its kind in the course; never shifts
    phase: Mapped[str] = mapped_column(Word)
    setting: Mapped[str] = mapped_column(Word)
    status: Mapped[str] = mapped_column(Word, default=Status.PLANNED)
    cause: Mapped[str | None] = mapped_column(Word)
    version: Mapped[int] = mapped_column(Integer, default=1)
    since: Mapped[datetime] = mapped_column(Moment)  # when this version or this final status came to be
    target_on: Mapped[date] = mapped_column(Date)
    earliest_on: Mapped[date] = mapped_column(Date)
    latest_on: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime | None] = mapped_column(Moment)
    arrive_at: Mapped[datetime | None] = mapped_column(Moment)
    ends_at: Mapped[datetime | None] = mapped_column(Moment)
    arrived_at: Mapped[datetime | None] = mapped_column(Moment)
    dosed_at: Mapped[datetime | None] = mapped_column(Moment)
    discharged_at: Mapped[datetime | None] = mapped_column(Moment)  # or the actual end of an attended one
    of_session_id: Mapped[UUID | None] = mapped_column(Uuid)  # integration: its dosing session
    replaces_id: Mapped[UUID | None] = mapped_column(Uuid)
    support_person_id: Mapped[UUID | None] = mapped_column(Uuid)
    given_before: Mapped[bool] = mapped_column(
        Boolean, default=False
    )  # before the course was entered: nothing is said of it
    # {protocol_id, overridden} that it was held under, once its course follows other rules: the past keeps its own
    held_under: Mapped[dict[str, Any] | None] = mapped_column(Json)
    elsewhere_on: Mapped[date | None] = mapped_column(Date)  # integration: with one's own therapist, on this day
    edition: Mapped[int] = mapped_column(Integer, default=1)

    course: Mapped[Course] = belongs("Session", "course_id", "Course")

    __table_args__ = (
        refers("course_id", "course"),
        refers("patient_id", "patient"),
        refers("of_session_id", "session"),
        refers("replaces_id", "session"),
        refers("support_person_id", "support_person"),
        one_of("kind", SessionKind),
        one_of("status", Status),
        one_of("setting", Setting),
        one_of("cause", Cause, nullable=True),
        UniqueConstraint("clinic_id", "course_id", "kind", "number"),
        CheckConstraint(
            "status IN ('planned', 'deferred', 'omitted', 'cancelled') OR starts_at IS NOT NULL",
            name="booked_has_a_time",
        ),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="a_time_has_an_end"),
        CheckConstraint(
            "ends_at > starts_at AND (arrive_at IS NULL OR arrive_at <= starts_at)", name="times_run_forward"
        ),
        CheckConstraint(
            "arrived_at <= dosed_at AND dosed_at <= discharged_at AND arrived_at <= discharged_at",
            name="facts_run_forward",
        ),
        CheckConstraint("earliest_on <= latest_on", name="span_runs_forward"),
        CheckConstraint(
            "elsewhere_on IS NULL OR (kind = 'integration' AND status <> 'booked')", name="elsewhere_is_not_here"
        ),
        CheckConstraint(
            "NOT given_before OR status IN ('discharged', 'attended', 'missed', 'omitted')", name="given_before_is_over"
        ),
        CheckConstraint("(kind = 'integration') = (of_session_id IS NOT NULL)", name="integration_belongs_to_a_dose"),
        CheckConstraint("status <> 'dosed' OR dosed_at IS NOT NULL", name="dosed_has_its_moment"),
        CheckConstraint(
            "status NOT IN ('discharged', 'attended') OR discharged_at IS NOT NULL", name="ended_has_its_moment"
        ),
        CheckConstraint(
            "status NOT IN ('missed', 'deferred', 'omitted', 'cancelled') OR cause IS NOT NULL",
            name="final_has_a_cause",
        ),
        Index("ix_session_patient", "clinic_id", "patient_id"),
        Index("ix_session_day", "clinic_id", "starts_at"),
    )
    __mapper_args__ = {"version_id_col": edition}


class Answer(Owned, Base):
    """What was said about a step of one version of a session (or of an invitation). The latest counts."""

    __tablename__ = "answer"
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    subject_id: Mapped[UUID] = mapped_column(Uuid)  # a session, or the support person who was invited
    version: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(Word)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)  # None: staff confirmed it
    value: Mapped[str] = mapped_column(Word)
    how: Mapped[str] = mapped_column(Word)
    at: Mapped[datetime] = mapped_column(Moment)
    contact_id: Mapped[UUID | None] = mapped_column(Uuid)
    question_id: Mapped[UUID | None] = mapped_column(Uuid)
    staff_id: Mapped[UUID | None] = mapped_column(Uuid)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = Sealed()

    __table_args__ = (
        refers("patient_id", "patient"),
        refers("contact_id", "contact"),
        refers("question_id", "question"),
        refers("staff_id", "staff"),
        one_of("step", Step),
        one_of("value", Value),
        one_of("how", How),
        CheckConstraint("(how = 'staff') = (staff_id IS NOT NULL)", name="staff_answers_name_their_staff"),
        Index("ix_answer_patient", "clinic_id", "patient_id", "at"),
    )
