"""What is still to be asked of whom? A patient's questions are reconciled to what the rules say.

Same key kept, what nobody is asked any more superseded, new ones planned; an answer stays as it was given.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from actions.ask import meet
from care.facts import Part, PatientFacts
from care.questions import QuestionWanted, questions
from models import Patient, Question, QuestionState, Reminder, Stage, SupportPerson, db

UNANSWERED = (QuestionState.PLANNED, QuestionState.OPEN, QuestionState.JOINED, QuestionState.LAPSED)


def reconcile_questions(patient: Patient, facts: PatientFacts, *, now: datetime) -> None:
    """Plan what is to be asked of a locked patient's people, and supersede what is no longer so."""
    wanted = {(want.person.id, want.subject_id, want.version, want.step): want for want in questions(facts)}
    mine = select(Question).where(Question.clinic_id == patient.clinic_id, Question.patient_id == patient.id)
    kept = {(row.person_id, row.subject_id, row.version, row.step): row for row in db.session.scalars(mine)}
    for key, row in kept.items():
        if key not in wanted and row.state in UNANSWERED:
            _supersede(row, now)
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


def _supersede(question: Question, now: datetime) -> None:
    """What it asked about is no longer so; its contact is free for the next question."""
    question.state, question.leader_id = QuestionState.SUPERSEDED, None
    meet(question.clinic_id, question.id, how="no longer asked", now=now)
    if question.contact_id is not None:
        db.session.flush()
        release_held(question.contact_id, question.clinic_id)


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
