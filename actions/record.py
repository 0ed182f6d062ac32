"""Who is acting, on whose row, and how is it remembered?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models import Patient, RecordEntry, db

STAFF = frozenset({"coordinator", "clinician"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `kind` is patient, support, coordinator, clinician or system (which has no id)."""

    kind: str
    id: UUID | None
    clinic_id: UUID

    @property
    def is_staff(self) -> bool:
        return self.kind in STAFF


def system(clinic_id: UUID) -> Actor:
    """What happens by itself."""
    return Actor("system", None, clinic_id)


def lock(clinic_id: UUID, patient_id: UUID) -> Patient:
    """The patient's row, locked to the end of the transaction. Every verb that changes a patient's facts begins so."""
    return db.session.execute(Patient.locked(clinic_id, patient_id)).scalar_one()


def note(
    verb: str,
    *,
    by: Actor,
    now: datetime,
    patient: Patient | None = None,
    subject_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> RecordEntry:
    """Write what happened in the same transaction; for a (locked) patient it gets the next change number."""
    if patient is not None:
        patient.change_no += 1
    entry = RecordEntry(
        clinic_id=by.clinic_id,
        at=now,
        verb=verb,
        actor_kind=by.kind,
        actor_id=by.id,
        patient_id=patient.id if patient else None,
        change_no=patient.change_no if patient else None,
        subject_id=subject_id,
        facts={name: _plain(value) for name, value in (facts or {}).items()},
        reason=reason,
    )
    db.session.add(entry)
    return entry


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
