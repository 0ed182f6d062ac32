"""Who may ask again, come in, or follow a link? Keys for repeats, one-time codes, refresh tokens and links."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from models.columns import Moment, Owned, Word, one_of, refers
from models.database import Base
from models.sealed import Sealed, keyed_digest


class IdempotencyKey(Owned, Base):
    """A request that creates or books, written first in its own transaction; its answer is kept sealed."""

    __tablename__ = "idempotency_key"
    actor: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(80))
    request_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int | None] = mapped_column(Integer)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Moment)  # machine clock
    answer = Sealed()

    __table_args__ = (
        Index("uq_idempotency_key_actor_key", "clinic_id", "actor", "key", unique=True),
        Index("ix_idempotency_key_made_at", "made_at"),
    )


class LoginCode(Owned, Base):
    """A one-time code, kept as a digest, bound to its challenge; guesses are counted before they are compared."""

    __tablename__ = "login_code"
    contact_id: Mapped[UUID | None] = mapped_column(Uuid)  # None: an unknown number, answered alike
    patient_id: Mapped[UUID | None] = mapped_column(Uuid)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    guesses: Mapped[int] = mapped_column(Integer, default=0)
    made_at: Mapped[datetime] = mapped_column(Moment)  # machine clock, like the next
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        refers("contact_id", "contact"),
        refers("patient_id", "patient"),
        CheckConstraint("guesses <= 5", name="five_guesses"),
        Index("ix_login_code_contact", "clinic_id", "contact_id", "made_at"),
    )

    @staticmethod
    def digits(challenge_id: UUID) -> str:
        """The eight digits of a challenge: computed for the text and for the comparison, kept nowhere."""
        return f"{int.from_bytes(keyed_digest('login_code.digits', challenge_id.bytes)[:8]) % 10**8:08d}"


class RefreshToken(Owned, Base):
    """One link of a rotating family; the use of a spent one ends the family."""

    __tablename__ = "refresh_token"
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    family_id: Mapped[UUID] = mapped_column(Uuid)
    actor_kind: Mapped[str] = mapped_column(Word)
    actor_id: Mapped[UUID] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    spent_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (Index("ix_refresh_token_family", "clinic_id", "family_id"),)


class LinkPurpose(StrEnum):
    INTEGRATION = "integration"  # choose a time; subject: the integration session
    INVITATION = "invitation"  # accept as support person; subject: the support person


class Link(Base):
    """The directory of one-question links: which clinic and which question a token opens. Holds nothing of a patient."""

    __tablename__ = "link"
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    clinic_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("clinic.id"))
    purpose: Mapped[str] = mapped_column(Word)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    expires_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (one_of("purpose", LinkPurpose),)
