"""What went out and what came back? Messages with their attempts, the network's receipts, and people's replies."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from models.columns import Moment, Owned, Word, one_of, refers
from models.database import Base
from models.reminder import Outcome, Stage
from models.sealed import Sealed


class Verdict(StrEnum):
    """What a provider call came to."""

    POSTING = "posting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"  # the provider said no
    NOT_SENT = "not_sent"  # proved that nothing was taken in
    UNKNOWN = "unknown"  # the answer was lost


class Message(Owned, Base):
    """One text to one contact, carrying one or more reminders."""

    __tablename__ = "message"
    contact_id: Mapped[UUID] = mapped_column(Uuid)
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    sender_id: Mapped[UUID] = mapped_column(Uuid)
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    segments: Mapped[int] = mapped_column(Integer)
    load: Mapped[str] = mapped_column(Word)  # how the caps count it
    stage: Mapped[str] = mapped_column(Word, default=Stage.CLAIMED)
    outcome: Mapped[str | None] = mapped_column(Word)
    status: Mapped[str | None] = mapped_column(Word)  # the network's furthest word
    error_code: Mapped[int | None] = mapped_column(Integer)
    not_after: Mapped[datetime] = mapped_column(Moment)
    made_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)  # care clock: when it was handed over
    claim: Mapped[UUID] = mapped_column(Uuid)
    lease_until: Mapped[datetime] = mapped_column(Moment)  # machine clock
    looks: Mapped[int] = mapped_column(Integer, default=0)  # how often the provider was asked about a lost answer
    question_id: Mapped[UUID | None] = mapped_column(Uuid)
    body = Sealed()

    __table_args__ = (
        refers("contact_id", "contact"),
        refers("patient_id", "patient"),
        refers("sender_id", "sender"),
        refers("question_id", "question"),
        one_of("stage", [stage for stage in Stage if stage != Stage.WAITING]),
        one_of("outcome", Outcome, nullable=True),
        CheckConstraint("(stage = 'ended') = (outcome IS NOT NULL)", name="ended_has_one_outcome"),
        Index("ix_message_contact", "clinic_id", "contact_id", "sent_at"),
        Index(
            "ix_message_unfinished",
            "stage",
            "lease_until",
            sqlite_where=text("stage IN ('claimed', 'posting', 'unconfirmed')"),
            postgresql_where=text("stage IN ('claimed', 'posting', 'unconfirmed')"),
        ),
        Index(
            "ix_message_unreported",
            "sent_at",
            sqlite_where=text("stage = 'sent'"),
            postgresql_where=text("stage = 'sent'"),
        ),
    )


class Attempt(Owned, Base):
    """One call of the provider for one message, written before the call; its token comes back in every receipt."""

    __tablename__ = "attempt"
    message_id: Mapped[UUID] = mapped_column(Uuid)
    sender_id: Mapped[UUID] = mapped_column(Uuid)
    number: Mapped[int] = mapped_column(Integer)
    token: Mapped[str] = mapped_column(String(32))
    verdict: Mapped[str] = mapped_column(Word, default=Verdict.POSTING)
    sid: Mapped[str | None] = mapped_column(String(34))
    code: Mapped[int | None] = mapped_column(Integer)
    posted_at: Mapped[datetime] = mapped_column(Moment)  # machine clock, as the provider's listing is
    answered_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        refers("message_id", "message"),
        refers("sender_id", "sender"),
        one_of("verdict", Verdict),
        UniqueConstraint("token"),
        UniqueConstraint("clinic_id", "message_id", "number"),
        UniqueConstraint("sender_id", "sid"),
        # at most one attempt of a message was ever taken in by the provider
        Index(
            "uq_attempt_accepted",
            "clinic_id",
            "message_id",
            unique=True,
            sqlite_where=text("verdict IN ('posting', 'accepted', 'unknown')"),
            postgresql_where=text("verdict IN ('posting', 'accepted', 'unknown')"),
        ),
    )


class Receipt(Owned, Base):
    """What the network said of a message, stored before it is interpreted. A repeated one cannot be stored."""

    __tablename__ = "receipt"
    sender_id: Mapped[UUID] = mapped_column(Uuid)
    token: Mapped[str] = mapped_column(String(32), default="")
    sid: Mapped[str] = mapped_column(String(34))
    status: Mapped[str] = mapped_column(Word)
    error_code: Mapped[int] = mapped_column(Integer, default=0)
    received_at: Mapped[datetime] = mapped_column(Moment)
    interpreted_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        refers("sender_id", "sender"),
        UniqueConstraint("sender_id", "sid", "status", "error_code"),
        Index(
            "ix_receipt_new",
            "received_at",
            sqlite_where=text("interpreted_at IS NULL"),
            postgresql_where=text("interpreted_at IS NULL"),
        ),
    )


class Reply(Owned, Base):
    """What a person texted back, stored before it is understood."""

    __tablename__ = "reply"
    sender_id: Mapped[UUID] = mapped_column(Uuid)
    sid: Mapped[str] = mapped_column(String(34))
    contact_id: Mapped[UUID | None] = mapped_column(Uuid)  # None: a stranger
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    media: Mapped[int] = mapped_column(Integer, default=0)
    received_at: Mapped[datetime] = mapped_column(Moment)
    understood_at: Mapped[datetime | None] = mapped_column(Moment)
    meaning: Mapped[str | None] = mapped_column(Word)
    question_id: Mapped[UUID | None] = mapped_column(Uuid)
    number = Sealed()
    body = Sealed()

    __table_args__ = (
        refers("sender_id", "sender"),
        refers("contact_id", "contact"),
        refers("question_id", "question"),
        UniqueConstraint("sender_id", "sid"),
        Index("ix_reply_contact", "clinic_id", "contact_id", "received_at"),
        Index(
            "ix_reply_new",
            "received_at",
            sqlite_where=text("understood_at IS NULL"),
            postgresql_where=text("understood_at IS NULL"),
        ),
    )
