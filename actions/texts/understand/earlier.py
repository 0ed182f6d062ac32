"""What is said to an answer about a time that no longer holds? What holds now, with the question anew."""

from datetime import datetime, timedelta

from sqlalchemy import select

from actions.texts.tell import tell
from actions.texts.understand.heard import Heard, as_person
from care.facts import Role, Status, Step
from care.reminders import Ask
from care.tasks import TaskCode
from models import Question, QuestionState, Reminder, Session, Told, db


def say_what_holds(heard: Heard, asked: Question) -> None:
    """A yes to the old time does not count for the new one: the new one is told and asked about."""
    session = db.session.get_one(Session, (asked.clinic_id, asked.session_id))
    patient = heard.patients[asked.patient_id]
    person = as_person(heard, asked.person_id, is_support=asked.support_person_id is not None)
    on = session.status == Status.BOOKED and session.starts_at is not None
    if on:
        _plan_question(asked, session, heard.now)
    tell(
        patient,
        "moved_answer",
        person,
        subject_id=session.id,
        session_id=session.id,
        fills={
            "was": _time_asked_about(asked, session).isoformat(),
            "starts_at": session.starts_at.isoformat() if on and session.starts_at else None,
            "session_kind": session.kind,
        },
        asks=[Ask(session.id, session.version, Step.NEW_TIME, session.id)] if on else (),
        unique=str(heard.reply.id),
        now=heard.now,
    )


def _plan_question(asked: Question, session: Session, now: datetime) -> None:
    """Whether the new time suits, where the rules did not plan that question themselves."""
    known = select(Question.id).where(
        Question.clinic_id == asked.clinic_id,
        Question.person_id == asked.person_id,
        Question.subject_id == session.id,
        Question.version == session.version,
        Question.step == Step.NEW_TIME,
    )
    if db.session.scalar(known) is None:
        db.session.add(
            Question(
                clinic_id=asked.clinic_id,
                patient_id=asked.patient_id,
                support_person_id=asked.support_person_id,
                person_id=asked.person_id,
                subject_id=session.id,
                session_id=session.id,
                version=session.version,
                step=Step.NEW_TIME,
                gate=asked.gate,
                state=QuestionState.PLANNED,
                task_at=now + timedelta(hours=4),
                task_code=TaskCode.NEW_TIME_UNANSWERED,
                role=Role.COORDINATOR,
                task_made=False,
            )
        )
        db.session.flush()


def _time_asked_about(asked: Question, session: Session) -> datetime:
    """The time that the person answered to: what they had been told, or what the text itself said."""
    told = select(Told.starts_at).where(
        Told.clinic_id == asked.clinic_id,
        Told.person_id == asked.person_id,
        Told.session_id == session.id,
        Told.version <= asked.version,
        Told.starts_at.is_not(None),
    )
    known = db.session.scalar(told.order_by(Told.at.desc(), Told.id.desc()).limit(1))
    return known or _time_in_text(asked) or session.starts_at or asked.task_at


def _time_in_text(asked: Question) -> datetime | None:
    texts = select(Reminder).where(
        Reminder.clinic_id == asked.clinic_id,
        Reminder.person_id == asked.person_id,
        Reminder.session_id == asked.session_id,
        Reminder.message_id.is_not(None),
    )
    for reminder in db.session.scalars(texts.order_by(Reminder.due_at.desc())):
        versions = {ask["version"] for ask in reminder.asks}
        if asked.version in versions and reminder.fills.get("starts_at"):
            return datetime.fromisoformat(reminder.fills["starts_at"])
    return None
