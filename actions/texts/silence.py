"""What becomes of silence and absence? One task per session and role, made once."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from actions.ask import About, ask
from actions.facts import rules_of, session_facts
from actions.reconcile_questions import UNANSWERED
from actions.record import lock
from actions.texts.outcome import ended
from care.course.overdue import Overdue, overdue
from care.facts import Role
from care.tasks import TaskCode
from models import Course, Message, Outcome, Patient, Question, Session, Stage, Task, TaskReason, db

UNREPORTED_AFTER = timedelta(hours=72)


def ask_about_silence(clinic_id: UUID, patient_id: UUID, question_id: UUID, *, now: datetime) -> None:
    """Nobody answered in time: somebody asks in another way. A silence that goes on is a second reason on the same task."""
    patient = lock(clinic_id, patient_id)
    question = db.session.get_one(Question, (clinic_id, question_id), populate_existing=True)
    if question.state not in UNANSWERED:
        return
    about, role = _about(question, patient), Role(question.role)
    if not question.task_made and question.task_at <= now:
        question.task_made = True
        ask(role, TaskCode(question.task_code), about, subject_id=question.id, step=question.step, now=now)
    if question.task_made and question.then_at is not None and question.then_code and question.then_at <= now:
        ask(role, TaskCode(question.then_code), about, subject_id=question.id, step=question.step, now=now)
        question.then_at = None
    db.session.flush()


def _about(question: Question, patient: Patient) -> About:
    if question.session_id is None:
        return patient
    return db.session.get_one(Session, (question.clinic_id, question.session_id))


def ask_about_absence(session: Session, *, now: datetime) -> None:
    """A dose did not go on to its next step: nobody came, nothing was given, or nobody was seen leaving. Somebody looks.

    Nobody is marked as missed, dosed or discharged by this.
    """
    if _lacking(session, now) is None:
        return
    lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    lacking = _lacking(session, now)
    if lacking is not None:
        ask(lacking.role, lacking.code, session, subject_id=session.id, urgent=True, now=now)


def _lacking(session: Session, now: datetime) -> Overdue | None:
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    lacking = overdue(session_facts(session, rules_of(course)))
    return lacking if lacking and lacking.at <= now and not _was_asked(session, lacking.code) else None


def _was_asked(session: Session, code: str) -> bool:
    """Also when a person has closed it since: they know."""
    asked = (
        select(TaskReason.id)
        .join(Task, (Task.clinic_id == TaskReason.clinic_id) & (Task.id == TaskReason.task_id))
        .where(
            Task.clinic_id == session.clinic_id,
            Task.patient_id == session.patient_id,
            TaskReason.code == code,
            TaskReason.subject_id == session.id,
            TaskReason.at >= session.since,
        )
    )
    return db.session.scalar(asked.limit(1)) is not None


def end_unreported(clinic_id: UUID, patient_id: UUID, message_id: UUID, *, now: datetime) -> None:
    """For three days the network has said nothing of a text that it took in: that is its outcome."""
    lock(clinic_id, patient_id)
    message = db.session.get_one(Message, (clinic_id, message_id), populate_existing=True)
    if message.stage == Stage.SENT and message.sent_at is not None and message.sent_at + UNREPORTED_AFTER <= now:
        ended(message, Outcome.UNREPORTED, "the network said nothing for 72 h", now=now)
