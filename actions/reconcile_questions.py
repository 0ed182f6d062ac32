"""What is still to be asked of whom? A patient's questions are reconciled to what the rules say.

Same key kept, what nobody is asked any more superseded, new ones planned; an answer stays as it was given.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from actions.ask import meet
from care.facts import Part, PatientFacts
from care.questions import QuestionWanted, questions
from models import Patient, Question, QuestionState, Reminder, Stage, SupportPerson, TaskReason, db

UNANSWERED = (QuestionState.PLANNED, QuestionState.OPEN, QuestionState.JOINED, QuestionState.LAPSED)


def reconcile_questions(patient: Patient, facts: PatientFacts, *, now: datetime) -> None:
    """Plan what is to be asked of a locked patient's people, and supersede what is no longer so."""
    wanted = {(want.person.id, want.subject_id, want.version, want.step): want for want in questions(facts)}
    mine = select(Question).where(Question.clinic_id == patient.clinic_id, Question.patient_id == patient.id)
    kept = {(row.person_id, row.subject_id, row.version, row.step): row for row in db.session.scalars(mine)}
    _supersede([row for key, row in kept.items() if key not in wanted and row.state in UNANSWERED], patient, now)
    for key, want in wanted.items():
        if key not in kept:
            db.session.add(_question(patient, want))
        elif not kept[key].task_made:
            kept[key].task_at, kept[key].gate = want.task_at, want.gate
            kept[key].then_at, kept[key].then_code = want.then_at, want.then_code


def release_held(contact_id: UUID, clinic_id: UUID) -> None:
    """The contact's question is out of the way: what pacing held back may be looked at again."""
    patients = select(Patient.id).where(Patient.clinic_id == clinic_id, Patient.contact_id == contact_id)
    supports = select(SupportPerson.id).where(
        SupportPerson.clinic_id == clinic_id, SupportPerson.contact_id == contact_id
    )
    db.session.execute(
        update(Reminder)
        .where(
            Reminder.clinic_id == clinic_id,
            Reminder.person_id.in_(patients.union(supports)),
            Reminder.stage == Stage.WAITING,
            Reminder.look_at > Reminder.due_at,
        )
        .values(look_at=Reminder.due_at)
        .execution_options(synchronize_session="fetch")
    )


def _supersede(questions: Sequence[Question], patient: Patient, now: datetime) -> None:
    """What they asked about is no longer so; their contacts are free for the next question."""
    for question in questions:
        question.state, question.leader_id = QuestionState.SUPERSEDED, None
    for question_id in _with_a_reason_open(questions, patient):
        meet(patient.clinic_id, question_id, how="no longer asked", now=now)
    contacts = {question.contact_id for question in questions if question.contact_id is not None}
    if contacts:
        db.session.flush()
    for contact_id in sorted(contacts):
        release_held(contact_id, patient.clinic_id)


def _with_a_reason_open(questions: Sequence[Question], patient: Patient) -> Sequence[UUID]:
    """A course that moves leaves many questions behind, and hardly one of them is on somebody's list."""
    if not questions:
        return []
    unmet = select(TaskReason.subject_id).where(
        TaskReason.clinic_id == patient.clinic_id,
        TaskReason.subject_id.in_([question.id for question in questions]),
        TaskReason.met_at.is_(None),
    )
    return db.session.scalars(unmet.distinct()).all()


def _question(patient: Patient, want: QuestionWanted) -> Question:
    return Question(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        person_id=want.person.id,
        support_person_id=want.person.id if want.person.part is Part.SUPPORT else None,
        subject_id=want.subject_id,
        session_id=want.session_id,
        version=want.version,
        step=want.step,
        gate=want.gate,
        state=QuestionState.PLANNED,
        task_at=want.task_at,
        task_code=want.task_code,
        role=want.role,
        then_at=want.then_at,
        then_code=want.then_code,
        task_made=False,
    )
