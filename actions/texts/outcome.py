"""How did it end, and who has to know? Every exit that leaves a person uninformed writes its task here.

Rows of `Message` and `Reminder` are those of a locked patient.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from actions.ask import ask, meet, uninformed
from actions.facts import times_said, version_said
from actions.record import lock
from actions.remind import remind
from care.delivery import outweighs
from care.facts import Role, Status
from care.kinds import KINDS, Load
from care.tasks import TaskCode
from models import (
    Clinic,
    Contact,
    Message,
    Outcome,
    Patient,
    Purpose,
    Question,
    QuestionState,
    Reminder,
    Sender,
    Session,
    Stage,
    Told,
    db,
)

NEEDS_NO_ONE = frozenset({"later_repeat", "cap"})  # a newer text says it, or it was only advice
WITHOUT_NEWS = frozenset({Outcome.DELIVERED, Outcome.UNREPORTED, Outcome.CANCELLED})


def reminders_in(message: Message) -> Sequence[Reminder]:
    """What the text says, in order of id, as it is now in the database."""
    mine = select(Reminder).where(Reminder.clinic_id == message.clinic_id, Reminder.message_id == message.id)
    return db.session.scalars(mine.order_by(Reminder.id).execution_options(populate_existing=True)).all()


def handed_over(message: Message, *, now: datetime) -> None:
    """The provider took the text in: from now on the person counts as told."""
    message.stage = Stage.SENT
    for reminder in reminders_in(message):
        reminder.stage = Stage.SENT
    _count_as_told(message, now)


def found_after_all(message: Message, *, now: datetime) -> None:
    """It had been given up, and the provider had taken it in: whoever got it was told, only later than was known."""
    ended(message, Outcome.UNREPORTED, "found after its time", now=now)
    _count_as_told(message, now)


def _count_as_told(message: Message, now: datetime) -> None:
    """What was said is remembered; where it holds no longer, what holds is told at once."""
    message.sent_at = now
    _greet(message, now)
    news = [_tell(reminder, now) for reminder in reminders_in(message)]
    db.session.flush()
    if not all(news):
        remind(lock(message.clinic_id, message.patient_id), now=now)


def _greet(message: Message, now: datetime) -> None:
    """The first text about care says what such texts are; a login code before it does not count."""
    contact = db.session.get_one(Contact, (message.clinic_id, message.contact_id))
    if contact.greeted_at is None and db.session.get_one(Sender, message.sender_id).purpose == Purpose.CARE:
        contact.greeted_at = now


def _tell(reminder: Reminder, now: datetime) -> bool:
    """Remember what was said of which session; False when the rest of the plan has to follow from it."""
    said = times_said(reminder)
    for session_id, starts_at in said:
        _told(reminder, session_id, starts_at, now)
    if reminder.kind == "moved_answer" and said:
        # the notice of the same news is needed no more; the next reconciliation sees that
        db.session.get_one(Patient, (reminder.clinic_id, reminder.patient_id)).stale = True
    return all(_still_holds(reminder.clinic_id, session_id, starts_at) for session_id, starts_at in said)


def _still_holds(clinic_id: UUID, session_id: UUID, starts_at: datetime | None) -> bool:
    """It may have been moved back while the text was on its way."""
    session = db.session.get_one(Session, (clinic_id, session_id), populate_existing=True)
    return (session.starts_at if session.status == Status.BOOKED else None) == starts_at


def _told(reminder: Reminder, session_id: UUID, starts_at: datetime | None, now: datetime) -> None:
    told = Told(
        clinic_id=reminder.clinic_id,
        patient_id=reminder.patient_id,
        person_id=reminder.person_id,
        session_id=session_id,
        version=version_said(reminder, session_id),
        starts_at=starts_at,
        at=now,
    )
    db.session.add(told)


def ended(message: Message, outcome: Outcome, reason: str, *, now: datetime, code: int | None = None) -> bool:
    """Record how the text ended, unless more is known already; whether it was recorded.

    Unless it was delivered somebody is to call; a late delivery takes that back.
    """
    if message.stage == Stage.ENDED and not outweighs(outcome, code, message.outcome, message.error_code):
        return False
    message.stage, message.outcome, message.error_code = Stage.ENDED, outcome, code
    for reminder in reminders_in(message):
        _end(reminder, outcome, reason, now)
    db.session.flush()
    return True


def _end(reminder: Reminder, outcome: Outcome, reason: str, now: datetime) -> None:
    reminder.stage, reminder.outcome, reminder.reason, reminder.ended_at = Stage.ENDED, outcome, reason, now
    if outcome is Outcome.DELIVERED:
        meet(reminder.clinic_id, reminder.id, how="it was delivered after all", now=now)
    elif _leaves_uninformed(reminder, outcome):
        _call(reminder, reason, now)
    elif outcome is Outcome.UNREPORTED:
        meet(reminder.clinic_id, reminder.id, how="it was found to have gone out", now=now)


def _call(reminder: Reminder, reason: str, now: datetime) -> None:
    """Somebody says it instead; whoever was to get the crisis numbers is called by a clinician, now."""
    if reminder.kind != "crisis_text":
        uninformed(reminder, reason=reason, now=now)
        return
    key = (reminder.clinic_id, reminder.session_id or reminder.patient_id)
    about = db.session.get_one(Session, key) if reminder.session_id else db.session.get_one(Patient, key)
    ask(Role.CLINICIAN, TaskCode.CRISIS_TEXT_LOST, about, subject_id=reminder.id, detail=reason, urgent=True, now=now)


def _leaves_uninformed(reminder: Reminder, outcome: Outcome) -> bool:
    """What is said back to someone who wrote just then needs no call when it is lost; a crisis text does."""
    return outcome not in WITHOUT_NEWS and KINDS[reminder.kind].load is not Load.ANSWER


def expire(reminder: Reminder, *, now: datetime, reason: str = "too_late") -> None:
    """Its last useful moment has passed. While its sender is paused it joins the clinic's one call list."""
    sender = db.session.get_one(Sender, reminder.sender_id)
    listed = _leaves_uninformed(reminder, Outcome.EXPIRED) and reminder.kind != "crisis_text"
    if sender.paused_at is None or not listed:
        _end(reminder, Outcome.EXPIRED, reason, now)
        return
    reminder.stage, reminder.outcome, reminder.reason, reminder.ended_at = Stage.ENDED, Outcome.EXPIRED, "paused", now
    clinic = db.session.get_one(Clinic, reminder.clinic_id)
    ask(
        Role.COORDINATOR,
        TaskCode.NOT_TOLD,
        clinic,
        subject_id=reminder.id,
        step=reminder.kind,
        detail="paused",
        now=now,
    )


def suppress(reminder: Reminder, reason: str, *, now: datetime) -> None:
    """It is not to be said: opted out, never consented, outdone by a later repeat, or over the caps."""
    if reason in NEEDS_NO_ONE:
        reminder.stage, reminder.outcome = Stage.ENDED, Outcome.SUPPRESSED
        reminder.reason, reminder.ended_at = reason, now
    else:
        _end(reminder, Outcome.SUPPRESSED, reason, now)


def call_instead(reminder: Reminder, reason: str, *, now: datetime) -> None:
    """No text can say it in time: a person calls."""
    _end(reminder, Outcome.EXPIRED, reason, now)


def give_back(message: Message, *, look_at: datetime | None = None) -> None:
    """Nothing of it went out: what it was to say waits again, its question was not put.

    A text that no attempt was made for leaves no trace; `look_at` is when its reminders may be looked at again.
    """
    again = {"look_at": look_at} if look_at else {}
    db.session.execute(
        update(Reminder)
        .where(
            Reminder.clinic_id == message.clinic_id,
            Reminder.message_id == message.id,
            Reminder.stage != Stage.ENDED,
        )
        .values(stage=Stage.WAITING, message_id=None, **again)
        .execution_options(synchronize_session="fetch")
    )
    _take_question_back(message)


def remove(message: Message) -> None:
    """A text that never reached its point of no return goes without a trace."""
    db.session.execute(
        update(Reminder)
        .where(Reminder.clinic_id == message.clinic_id, Reminder.message_id == message.id)
        .values(message_id=None)
        .execution_options(synchronize_session="fetch")
    )
    db.session.execute(delete(Message).where(Message.clinic_id == message.clinic_id, Message.id == message.id))


def _take_question_back(message: Message) -> None:
    """It was never read by anyone, unless an earlier text had put it."""
    if message.question_id is None or _was_put_before(message):
        return
    leader = db.session.get_one(Question, (message.clinic_id, message.question_id))
    put = select(Question).where(
        Question.clinic_id == message.clinic_id,
        (Question.id == leader.id) | (Question.leader_id == leader.id),
        Question.state.in_((QuestionState.OPEN, QuestionState.JOINED)),
    )
    for question in db.session.scalars(put).all():
        question.state, question.leader_id, question.asked_at = QuestionState.PLANNED, None, None


def _was_put_before(message: Message) -> bool:
    earlier = select(Message.id).where(
        Message.clinic_id == message.clinic_id,
        Message.contact_id == message.contact_id,
        Message.question_id == message.question_id,
        Message.id != message.id,
        Message.stage.in_((Stage.POSTING, Stage.UNCONFIRMED, Stage.SENT, Stage.ENDED)),
        Message.outcome.is_distinct_from(Outcome.CANCELLED),
    )
    return db.session.scalar(earlier.limit(1)) is not None
