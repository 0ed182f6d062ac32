"""Who runs the treatment? The clinic, its senders, its staff and whom to page."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from care.facts import Role
from models.columns import Json, Moment, Owned, Word, one_of, uuid7
from models.database import Base
from models.sealed import Sealed


class Transport(StrEnum):
    PHONES = "phones"
    TWILIO = "twilio"


class Purpose(StrEnum):
    """Login codes go by a sender of their own: STOP to reminders must not lock anyone out."""

    CARE = "care"
    LOGIN = "login"


class Clinic(Base):
    """The one who owns everything else. Kind 20 is on exactly while `safety_on_call_id` names somebody to page."""

    __tablename__ = "clinic"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    short_name: Mapped[str] = mapped_column(String(24))  # neutral: names no specialty
    zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(Word, default="en")
    phone: Mapped[str] = mapped_column(String(24))
    crisis_text: Mapped[dict[str, str]] = mapped_column(Json, default=dict)  # language -> words; empty: ours
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # what differs from care.facts.ClinicFacts
    safety_on_call_id: Mapped[UUID | None] = mapped_column(Uuid)
    edition: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        # use_alter: clinic and on_call name each other
        ForeignKeyConstraint(
            ["id", "safety_on_call_id"],
            ["on_call.clinic_id", "on_call.id"],
            name="fk_clinic_safety_on_call",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
    )
    __mapper_args__ = {"version_id_col": edition}


class OnCall(Owned, Base):
    """Somebody to page about an urgent answer, in order of `position`."""

    __tablename__ = "on_call"
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    position: Mapped[int] = mapped_column(Integer)
    name = Sealed()
    number = Sealed()

    __table_args__ = (UniqueConstraint("clinic_id", "position"),)


class Staff(Owned, Base):
    __tablename__ = "staff"
    role: Mapped[str] = mapped_column(Word)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    signed_out_at: Mapped[datetime | None] = mapped_column(Moment)  # machine clock; cookies from before open nothing
    name = Sealed()

    __table_args__ = (one_of("role", Role),)


class Sender(Base):
    """A clinic's own provider account and numbers. Claims go by sender, at the rate that was bought."""

    __tablename__ = "sender"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    clinic_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("clinic.id"))
    purpose: Mapped[str] = mapped_column(Word)
    transport: Mapped[str] = mapped_column(Word)
    account_sid: Mapped[str] = mapped_column(String(34), default="")
    messaging_service_sid: Mapped[str] = mapped_column(String(34), default="")
    auth_token_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    segments_per_second: Mapped[float] = mapped_column(Float, default=1.0)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_why: Mapped[str | None] = mapped_column(String(200))
    auth_token = Sealed()

    __table_args__ = (
        UniqueConstraint("clinic_id", "purpose"),
        UniqueConstraint("clinic_id", "id"),
        one_of("purpose", Purpose),
        one_of("transport", Transport),
        CheckConstraint(
            "transport = 'phones' OR (account_sid <> '' AND messaging_service_sid <> '' AND auth_token_sealed IS NOT NULL)",
            name="twilio_is_complete",
        ),
    )

    def __init__(self, **values: Any) -> None:
        self.id, self.clinic_id = values.pop("id", None) or uuid7(), values.pop("clinic_id")
        super().__init__(**values)
