"""Who is treated, who stands by them, and where do texts reach them?"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    UniqueConstraint,
    Uuid,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.columns import Moment, Owned, Word, belongs, one_of, refers
from models.database import Base, db
from models.sealed import Sealed, blind_index


class Topic(StrEnum):
    """What a contact agreed to hear about; opting out of one counts for all until asked again."""

    CARE = "care"
    LOGIN = "login"


class SupportState(StrEnum):
    NAMED = "named"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REMOVED = "removed"


class Contact(Owned, Base):
    """A phone number as a person's address. In one clinic a number is one contact, whoever answers it."""

    __tablename__ = "contact"
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    number_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(Word)
    consented_at: Mapped[datetime | None] = mapped_column(Moment)
    opted_out_at: Mapped[datetime | None] = mapped_column(Moment)
    unusable_why: Mapped[str | None] = mapped_column(Word)  # a landline, a number that is gone
    greeted_at: Mapped[datetime | None] = mapped_column(Moment)  # when the first text, with its expected line, went out
    takeover_until: Mapped[datetime | None] = mapped_column(Moment)  # until then a bare digit is ambiguous
    number = Sealed()

    __table_args__ = (
        UniqueConstraint("clinic_id", "number_index"),
        CheckConstraint("length(number_index) = 32", name="number_index_is_a_digest"),
    )

    @staticmethod
    def index_of(number: str) -> bytes:
        return blind_index("contact.number", number)

    @classmethod
    def at(cls, clinic_id: UUID, number: str) -> "Contact | None":
        """The clinic's contact with this number, written in E.164."""
        found = select(cls).where(cls.clinic_id == clinic_id, cls.number_index == cls.index_of(number))
        return db.session.scalar(found)


class ConsentEvent(Owned, Base):
    """Somebody gave or took back consent. Append-only."""

    __tablename__ = "consent_event"
    contact_id: Mapped[UUID] = mapped_column(Uuid)
    topic: Mapped[str] = mapped_column(Word)
    given: Mapped[bool] = mapped_column(Boolean)
    source: Mapped[str] = mapped_column(Word)  # desk, app, text, provider
    wording: Mapped[str] = mapped_column(Word)  # the version of the words that were agreed to
    at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (refers("contact_id", "contact"), one_of("topic", Topic))


class Patient(Owned, Base):
    """`change_no` numbers the patient's changes without gaps and grows under the row's lock."""

    __tablename__ = "patient"
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    contact_id: Mapped[UUID] = mapped_column(Uuid)
    change_no: Mapped[int] = mapped_column(Integer, default=0)
    stale: Mapped[bool] = mapped_column(Boolean, default=False)  # a clinic-wide change waits to be reconciled
    external_ref: Mapped[str | None] = mapped_column(String(80))  # their name in the system they were imported from
    edition: Mapped[int] = mapped_column(Integer, default=1)
    name = Sealed()

    contact: Mapped[Contact] = belongs("Patient", "contact_id", "Contact")

    __table_args__ = (
        refers("contact_id", "contact"),
        UniqueConstraint("clinic_id", "external_ref"),
        Index("ix_patient_stale", "clinic_id", "id", sqlite_where=text("stale"), postgresql_where=text("stale")),
    )
    __mapper_args__ = {"version_id_col": edition}

    @classmethod
    def locked(cls, clinic_id: UUID, patient_id: UUID) -> Select["Patient"]:
        """The patient's row, locked until the transaction ends: one change of a patient at a time."""
        mine = select(cls).where(cls.clinic_id == clinic_id, cls.id == patient_id)
        return mine.with_for_update().execution_options(populate_existing=True)


class SupportPerson(Owned, Base):
    """The adult who stays, in order of preference for one course."""

    __tablename__ = "support_person"
    patient_id: Mapped[UUID] = mapped_column(Uuid)
    course_id: Mapped[UUID] = mapped_column(Uuid)
    contact_id: Mapped[UUID] = mapped_column(Uuid)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    position: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Word, default=SupportState.NAMED)
    named_at: Mapped[datetime] = mapped_column(Moment)
    name = Sealed()

    contact: Mapped[Contact] = belongs("SupportPerson", "contact_id", "Contact")

    __table_args__ = (
        refers("patient_id", "patient"),
        refers("course_id", "course"),
        refers("contact_id", "contact"),
        one_of("state", SupportState),
        UniqueConstraint("clinic_id", "course_id", "position"),
        Index("ix_support_person_patient", "clinic_id", "patient_id"),
        Index("ix_support_person_contact", "clinic_id", "contact_id"),
    )
