"""What becomes of silence and absence? One task per session and role, made once."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from actions.ask import About, ask
from actions.record import lock
from actions.remind import UNANSWERED
from actions.texts.outcome import ended
from care.facts import Role, SessionKind, Status
from models import Message, Outcome, Patient, Question, Session, Stage, Task, TaskReason, db

NOT_ARRIVED = "not_arrived"
LATE = timedelta(minutes=15)  # after the start of a dose
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
        ask(role, question.task_code, about, subject_id=question.id, step=question.step, now=now)
    if question.task_made and question.then_at is not None and question.then_code and question.then_at <= now:
        ask(role, question.then_code, about, subject_id=question.id, step=question.step, now=now)
        question.then_at = None
    db.session.flush()


def _about(question: Question, patient: Patient) -> About:
    if question.session_id is None:
        return patient
    return db.session.get_one(Session, (question.clinic_id, question.session_id))


def ask_about_absence(session: Session, *, now: datetime) -> None:
    """A quarter of an hour after the start nobody has come: somebody calls. Nobody is marked as missed."""
    lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    overdue = session.status == Status.BOOKED and session.kind == SessionKind.DOSING
    if overdue and session.starts_at is not None and session.starts_at + LATE <= now and not _was_asked(session):
        ask(Role.COORDINATOR, NOT_ARRIVED, session, subject_id=session.id, urgent=True, now=now)


def _was_asked(session: Session) -> bool:
    """Also when a person has closed it since: they know."""
    asked = (
        select(TaskReason.id)
        .join(Task, (Task.clinic_id == TaskReason.clinic_id) & (Task.id == TaskReason.task_id))
        .where(
            Task.clinic_id == session.clinic_id,
            Task.patient_id == session.patient_id,
            TaskReason.code == NOT_ARRIVED,
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
