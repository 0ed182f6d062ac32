"""Who did or saw what, when and why? Append-only; each entry carries its own MAC from the moment it is written."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from models.columns import Json, Moment, Owned, Word, refers
from models.database import Base
from models.sealed import Sealed, keyed_digest


class RecordEntry(Owned, Base):
    """`facts` hold ids, codes and times; free words are sealed in `reason`. `change_no` numbers a patient's changes."""

    __tablename__ = "record_entry"
    at: Mapped[datetime] = mapped_column(Moment)
    verb: Mapped[str] = mapped_column(Word)
    actor_kind: Mapped[str] = mapped_column(Word)  # patient, support, coordinator, clinician, system
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    patient_id: Mapped[UUID | None] = mapped_column(Uuid)
    change_no: Mapped[int | None] = mapped_column(Integer)
    subject_id: Mapped[UUID | None] = mapped_column(Uuid)
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))
    reason = Sealed()

    __table_args__ = (
        refers("patient_id", "patient"),
        UniqueConstraint("clinic_id", "patient_id", "change_no"),
        Index("ix_record_entry_subject", "clinic_id", "subject_id"),
        Index("ix_record_entry_at", "clinic_id", "at"),
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.mac = self.expected_mac()

    def expected_mac(self) -> bytes:
        """The MAC over everything that the entry says."""
        said = [
            str(part) if part is not None else None
            for part in (
                self.clinic_id,
                self.id,
                self.at.astimezone(UTC).isoformat(),
                self.verb,
                self.actor_kind,
                self.actor_id,
                self.patient_id,
                self.change_no,
                self.subject_id,
                json.dumps(self.facts, sort_keys=True),
                self.reason_sealed.hex() if self.reason_sealed else None,
            )
        ]
        return keyed_digest("record", json.dumps(said).encode())
