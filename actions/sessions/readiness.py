"""May a session go ahead, and who of a day's people is not ready yet?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from actions.courses.reviews import refusal_of
from actions.facts import patient_facts
from actions.protocols.safety import safety_stops
from care.facts import OpenReason, PatientFacts, SessionFacts
from care.readiness import Readiness, judge
from care.refusals import Refusal
from care.times import wall
from models import Clinic, Patient, Review, Session, Task, TaskReason, TaskState, db


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One session of a day, with its patient and whether it may go ahead."""

    session: Session
    patient: Patient
    readiness: Readiness


def readiness(session: Session, *, now: datetime) -> Readiness:
    """The verdict on one session, with every step, who must act and by when."""
    patient = db.session.get_one(Patient, (session.clinic_id, session.patient_id))
    facts = _known([patient])[patient.id]
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
    known = _known([patient for _, patient in rows])
    return [
        BoardLine(session, patient, judge(_of(known[patient.id], session.id), known[patient.id], now))
        for session, patient in rows
    ]


def _known(patients: Sequence[Patient]) -> dict[UUID, PatientFacts]:
    """Each patient's facts, with why their tasks are open and what their doses wait for; each read in one statement."""
    reasons, stops = _open_reasons(patients), _stops(patients)
    return {
        patient.id: replace(patient_facts(patient), reasons=tuple(reasons[patient.id]), stops=stops[patient.id])
        for patient in dict.fromkeys(patients)
    }


def _open_reasons(patients: Sequence[Patient]) -> dict[UUID, list[OpenReason]]:
    found: dict[UUID, list[OpenReason]] = defaultdict(list)
    if not patients:
        return found
    rows = db.session.execute(
        select(Task.patient_id, Task.session_id, TaskReason.code, TaskReason.step, TaskReason.at)
        .join(TaskReason, (TaskReason.clinic_id == Task.clinic_id) & (TaskReason.task_id == Task.id))
        .where(
            Task.clinic_id == patients[0].clinic_id,
            Task.patient_id.in_({patient.id for patient in patients}),
            Task.state == TaskState.OPEN,
            TaskReason.met_at.is_(None),
        )
        .order_by(TaskReason.at, TaskReason.id)
    )
    for patient_id, session_id, code, step, at in rows:
        if patient_id is not None:
            found[patient_id].append(OpenReason(code, session_id, step, at))
    return found


def _stops(patients: Sequence[Patient]) -> dict[UUID, dict[UUID, tuple[Refusal, ...]]]:
    """By patient and course: what its doses wait for."""
    found = _undecided(patients)
    waiting = safety_stops(patients[0].clinic_id, (patient.id for patient in patients)) if patients else {}
    for patient_id, courses in waiting.items():
        for course_id, refusal in courses.items():
            found[patient_id][course_id] = (*found[patient_id].get(course_id, ()), refusal)
    return found


def _undecided(patients: Sequence[Patient]) -> dict[UUID, dict[UUID, tuple[Refusal, ...]]]:
    """By patient and course: the reviews that nobody has decided."""
    found: dict[UUID, dict[UUID, tuple[Refusal, ...]]] = defaultdict(dict)
    if not patients:
        return found
    open_ = select(Review).where(
        Review.clinic_id == patients[0].clinic_id,
        Review.patient_id.in_({patient.id for patient in patients}),
        Review.decided_at.is_(None),
    )
    for review in db.session.scalars(open_.order_by(Review.due_at, Review.id)):
        known = found[review.patient_id].get(review.course_id, ())
        found[review.patient_id][review.course_id] = (*known, refusal_of(review))
    return found


def _of(facts: PatientFacts, session_id: UUID) -> SessionFacts:
    return next(one for one in facts.sessions if one.id == session_id)
