"""May a session go ahead, and who of a day's people is not ready yet?"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from actions.facts import patient_facts
from care.facts import PatientFacts, SessionFacts
from care.readiness import Readiness, judge
from care.times import wall
from models import Clinic, Patient, Session, db


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One session of a day, with its patient and whether it may go ahead."""

    session: Session
    patient: Patient
    readiness: Readiness


def readiness(session: Session, *, now: datetime) -> Readiness:
    """The verdict on one session, with every step, who must act and by when."""
    patient = db.session.get_one(Patient, (session.clinic_id, session.patient_id))
    facts = patient_facts(patient)
    return judge(_of(facts, session.id), facts, now)


def board(clinic_id: UUID, day: date, *, now: datetime) -> list[BoardLine]:
    """A local day's sessions in order of time; each patient's facts are read once."""
    zone = db.session.get_one(Clinic, clinic_id).zone
    begins, ends = wall(day, time(), zone), wall(day + timedelta(days=1), time(), zone)
    rows = db.session.execute(
        select(Session, Patient)
        .join(Patient, (Patient.clinic_id == Session.clinic_id) & (Patient.id == Session.patient_id))
        .where(Session.clinic_id == clinic_id, Session.starts_at >= begins, Session.starts_at < ends)
        .order_by(Session.starts_at, Session.id)
    ).all()
    known = {patient.id: patient_facts(patient) for _, patient in rows}
    return [
        BoardLine(session, patient, judge(_of(known[patient.id], session.id), known[patient.id], now))
        for session, patient in rows
    ]


def _of(facts: PatientFacts, session_id: UUID) -> SessionFacts:
    return next(one for one in facts.sessions if one.id == session_id)
