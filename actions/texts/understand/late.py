"""What was this contact asked lately, and what was answered? For texts that come while no question is open."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from actions.texts.understand.heard import Heard
from care.facts import Status
from models import Answer, Question, QuestionState, Session, db

REMEMBERED = timedelta(days=3)  # an answer this late may still be to what was asked last
RECENT = timedelta(days=1)
STILL_AHEAD = (Status.BOOKED, Status.ARRIVED, Status.DOSED, Status.DISCHARGED)
PUT = (QuestionState.SUPERSEDED, QuestionState.ANSWERED, QuestionState.LAPSED)


def put_lately(heard: Heard) -> list[Question]:
    """What this contact was asked in the last days, the latest first."""
    put = select(Question).where(
        Question.clinic_id == heard.contact.clinic_id,
        Question.contact_id == heard.contact.id,
        Question.state.in_(PUT),
        Question.asked_at > heard.now - REMEMBERED,
    )
    return list(db.session.scalars(put.order_by(Question.asked_at.desc(), Question.id)))


def unsure(put: Iterable[Question], now: datetime) -> bool:
    """An unanswered one of the same day makes it unsure which of them a digit means."""
    return any(each.state == QuestionState.LAPSED and _is_recent(each, now) for each in put)


def _is_recent(question: Question, now: datetime) -> bool:
    return question.asked_at is not None and question.asked_at > now - RECENT


def still_holds(question: Question) -> bool:
    if question.session_id is None:
        return True
    session = db.session.get_one(Session, (question.clinic_id, question.session_id))
    return session.version == question.version and session.status in STILL_AHEAD


def put_with(last: Question) -> Sequence[Question]:
    """What was asked in the same text and answered by the same digit."""
    together = select(Question).where(
        Question.clinic_id == last.clinic_id,
        Question.contact_id == last.contact_id,
        Question.asked_at == last.asked_at,
        Question.state == QuestionState.ANSWERED,
    )
    return db.session.scalars(together).all()


def last_value(question: Question) -> str | None:
    return db.session.scalar(
        select(Answer.value)
        .where(
            Answer.clinic_id == question.clinic_id,
            Answer.subject_id == question.subject_id,
            Answer.version == question.version,
            Answer.step == question.step,
        )
        .order_by(Answer.at.desc(), Answer.id.desc())
        .limit(1)
    )
