"""Which app backends have to hear that a patient changed? Written with the change itself, so that none is ever forgotten."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.dialects import postgresql, sqlite

from models import Call, Endpoint, Patient, db
from models.columns import uuid7

WAITING = text("ended_at IS NULL AND tries = 0")  # as the index says it


def call_backends(patient: Patient, *, now: datetime) -> None:
    """One call waits for each endpoint; one that waits already will say the new number."""
    for endpoint_id in db.session.scalars(_endpoints(patient.clinic_id)).all():
        _call(endpoint_id, patient, now)


def _endpoints(clinic_id: UUID) -> Select[UUID]:
    return select(Endpoint.id).where(Endpoint.clinic_id == clinic_id, Endpoint.ended_at.is_(None))


def _call(endpoint_id: UUID, patient: Patient, now: datetime) -> None:
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    wanted = insert(Call).values(
        clinic_id=patient.clinic_id,
        id=uuid7(),
        endpoint_id=endpoint_id,
        patient_id=patient.id,
        change_no=patient.change_no,
        made_at=now,
        due_at=now,
        tries=0,
    )
    db.session.execute(
        wanted.on_conflict_do_update(
            index_elements=["clinic_id", "endpoint_id", "patient_id"],
            index_where=WAITING,
            set_={"change_no": wanted.excluded.change_no},
        )
    )
