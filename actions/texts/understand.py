"""What does a person's text mean here and now, and what follows? Crisis and opt-out words first, at any hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from actions.ask import About, ask
from actions.facts import person_of
from actions.record import Actor
from actions.sessions.confirm import Said, record_answer
from actions.texts.contacts import Hearer, hearers, lock_contact, lock_patients, opt_in, opt_out
from actions.texts.tell import tell
from care.facts import How, Part, Person, Role, Status, Step, Value
from care.reminders import Ask
from care.times import local_date
from care.words.replies import Intent, Meaning, understand
from models import (
    Answer,
    Clinic,
    Contact,
    Message,
    Patient,
    Question,
    QuestionState,
    Reminder,
    Reply,
    Session,
    Stage,
    SupportPerson,
    Told,
    db,
)

REMEMBERED = timedelta(days=3)  # an answer this late may still be to what was asked last
RECENT = timedelta(days=1)
VALUES = {Intent.YES: Value.YES, Intent.NO: Value.NO, Intent.CALL: Value.CALL, Intent.URGENT: Value.URGENT}
STILL_AHEAD = (Status.BOOKED, Status.ARRIVED, Status.DOSED, Status.DISCHARGED)
PUT = (QuestionState.SUPERSEDED, QuestionState.ANSWERED, QuestionState.LAPSED)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A text, who may have written it, and what they were asked. All patients at the contact are locked."""

    reply: Reply
    contact: Contact
    people: Sequence[Hearer]
    patients: dict[UUID, Patient]
    asked: tuple[Question, ...]  # the open question, then those that the same digit answers
    now: datetime

    @property
    def speaker(self) -> Hearer:
        """Whom the open question was put to, else the first at this number."""
        person_id = self.asked[0].person_id if self.asked else None
        return next((each for each in self.people if each.person_id == person_id), self.people[0])

    @property
    def patient(self) -> Patient:
        return self.patients[self.speaker.patient_id]

    @property
    def about(self) -> About:
        """The visit that was asked about, else the patient."""
        session_id = self.asked[0].session_id if self.asked else None
        if session_id is None:
            return self.patient
        return db.session.get_one(Session, (self.contact.clinic_id, session_id))


def understand_reply(reply: Reply, *, now: datetime) -> None:
    """Do what a stored text asks for, once; what is not surely understood goes to a person."""
    contact = lock_contact(reply.clinic_id, reply.contact_id) if reply.contact_id else None
    db.session.refresh(reply, with_for_update=True)
    if reply.understood_at is not None:
        return
    reply.understood_at = now
    people = hearers(contact.clinic_id, [contact.id]).get(contact.id, []) if contact else []
    if contact is None or not people:
        _hear_stranger(reply, contact, now)
        return
    patients = {patient.id: patient for patient in lock_patients(contact.clinic_id, people)}
    heard = _Heard(reply, contact, people, patients, _asked(contact), now)
    steps = frozenset(Step(question.step) for question in heard.asked)
    meaning = understand(reply.body, open_steps=steps or None, opted_out=contact.opted_out_at is not None)
    reply.question_id = heard.asked[0].id if heard.asked else None
    reply.meaning = _follow(heard, meaning)
    db.session.flush()


def _hear_stranger(reply: Reply, contact: Contact | None, now: datetime) -> None:
    """Nobody we know has this number: a person reads it, and its wish to hear nothing is kept all the same."""
    meaning = understand(reply.body, open_steps=None, opted_out=False)
    if contact is not None and meaning.opt_out:
        opt_out(contact, source="text", now=now)
    clinic = db.session.get_one(Clinic, reply.clinic_id)
    in_danger = meaning.intent in (Intent.CRISIS, Intent.URGENT)
    role = Role.CLINICIAN if in_danger else Role.COORDINATOR
    ask(role, "unknown_sender", clinic, subject_id=reply.id, detail=reply.body, urgent=in_danger, now=now)
    reply.meaning = "stranger"


def _asked(contact: Contact) -> tuple[Question, ...]:
    """What the contact's one open question asks, once its text is past the point where it could still be dropped."""
    open_ones = select(Question).where(
        Question.clinic_id == contact.clinic_id,
        Question.contact_id == contact.id,
        Question.state == QuestionState.OPEN,
    )
    leader = db.session.scalar(open_ones.execution_options(populate_existing=True))
    if leader is None or not _was_put(leader):
        return ()
    joined = select(Question).where(
        Question.clinic_id == contact.clinic_id,
        Question.leader_id == leader.id,
        Question.state == QuestionState.JOINED,
    )
    return leader, *db.session.scalars(joined.execution_options(populate_existing=True).order_by(Question.id))


def _was_put(question: Question) -> bool:
    texts = select(Message.id).where(
        Message.clinic_id == question.clinic_id, Message.question_id == question.id, Message.stage != Stage.CLAIMED
    )
    return db.session.scalar(texts.limit(1)) is not None


# What follows


def _follow(heard: _Heard, meaning: Meaning) -> str:
    """Act on the meaning; its name as it is kept with the reply."""
    if meaning.intent is Intent.CRISIS:
        _call_for_help(heard, "crisis_words")
    if meaning.opt_out:
        opt_out(heard.contact, source="text", now=heard.now, may_cancel=meaning.cancel_word)
    elif meaning.intent is Intent.OPT_IN:
        _follow_opt_in(heard)
    elif meaning.intent is Intent.HELP:
        _say(heard, "help_text", unique=f"{heard.now:%Y%m%d%H}")
    elif meaning.intent in VALUES:
        return _follow_answer(heard, meaning, VALUES[meaning.intent])
    elif meaning.intent is Intent.UNCLEAR and not meaning.words:
        return _leave_to_a_person(heard, "unclear_reply")
    return meaning.intent


def _call_for_help(heard: _Heard, code: str) -> None:
    """The clinic's crisis text goes out at any hour, and a clinician is called upon."""
    ask(
        Role.CLINICIAN,
        code,
        heard.about,
        subject_id=heard.reply.id,
        detail=heard.reply.body,
        urgent=True,
        now=heard.now,
    )
    _say(heard, "crisis_text", unique=str(heard.reply.id))


def _follow_opt_in(heard: _Heard) -> None:
    if heard.contact.opted_out_at is not None:
        opt_in(heard.contact, source="text", now=heard.now)
    _say(heard, "opted_in_text", unique=f"{heard.now:%Y%m%d%H}")


def _leave_to_a_person(heard: _Heard, code: str) -> str:
    """A person reads it; the writer hears so, once a day, so that two machines never talk to each other for long."""
    ask(
        Role.COORDINATOR,
        code,
        heard.about,
        subject_id=heard.reply.id,
        detail=heard.reply.body,
        now=heard.now,
    )
    _say(heard, "unclear_answer", unique=local_date(heard.now, heard.contact.zone).isoformat())
    return code


def _say(heard: _Heard, kind: str, *, unique: str) -> None:
    person = _person(heard)
    tell(heard.patient, kind, person, subject_id=person.id, unique=unique, now=heard.now)


def _person(heard: _Heard) -> Person:
    speaker = heard.speaker
    return _as_person(heard, speaker.person_id, is_support=speaker.part is Part.SUPPORT)


def _as_person(heard: _Heard, person_id: UUID, *, is_support: bool) -> Person:
    key = (heard.contact.clinic_id, person_id)
    row = db.session.get_one(SupportPerson, key) if is_support else db.session.get_one(Patient, key)
    return person_of(row, heard.contact)


# Answers


def _follow_answer(heard: _Heard, meaning: Meaning, value: Value) -> str:
    """Bind an answer to what was asked; to nothing rather than to the wrong thing."""
    if heard.contact.takeover_until is not None and heard.now < heard.contact.takeover_until:
        return _leave_to_a_person(heard, "ambiguous_reply")
    if heard.asked:
        _answer(heard, heard.asked, value)
        return meaning.intent
    if value is Value.URGENT:
        _call_for_help(heard, "urgent_reply")
        return meaning.intent
    return _answer_late(heard, meaning, value)


def _answer(heard: _Heard, questions: Sequence[Question], value: Value) -> None:
    for question in questions:
        patient = heard.patients[question.patient_id]
        record_answer(patient, _said(heard, question, value), by=_actor(heard, question), now=heard.now)
    if value is Value.URGENT:
        _call_for_help(heard, "urgent_reply")
    elif value is Value.NO and questions[0].step == Step.INVITATION:
        _say(heard, "thanks_answer", unique=str(heard.reply.id))
    elif value in (Value.NO, Value.CALL):  # a yes is not answered: that would double the texts
        _say(heard, "call_answer", unique=str(heard.reply.id))


def _said(heard: _Heard, question: Question, value: Value) -> Said:
    return Said(
        subject_id=question.subject_id,
        version=question.version,
        step=Step(question.step),
        value=value,
        how=How.TEXT,
        person_id=question.person_id,
        session_id=question.session_id,
        contact_id=heard.contact.id,
        question_id=question.id,
    )


def _actor(heard: _Heard, question: Question) -> Actor:
    part = Part.SUPPORT if question.support_person_id else Part.PATIENT
    return Actor(part, question.person_id, heard.contact.clinic_id)


def _answer_late(heard: _Heard, meaning: Meaning, value: Value) -> str:
    """Nothing is open: it is about an earlier time, a second thought, or for a person to read."""
    last = _last_put(heard)
    if last is not None and last.state == QuestionState.SUPERSEDED and last.session_id is not None:
        _say_what_holds(heard, last)
        return "about_earlier_time"
    if last is not None and last.state == QuestionState.ANSWERED and _still_holds(last):
        return _think_again(heard, last, meaning, value)
    code = "wants_call" if value is Value.CALL else "unclear_reply"
    return _leave_to_a_person(heard, code)


def _last_put(heard: _Heard) -> Question | None:
    """What this contact was asked last. None when an unanswered one of the same day makes that unsure."""
    put = select(Question).where(
        Question.clinic_id == heard.contact.clinic_id,
        Question.contact_id == heard.contact.id,
        Question.state.in_(PUT),
        Question.asked_at > heard.now - REMEMBERED,
    )
    found = list(db.session.scalars(put.order_by(Question.asked_at.desc(), Question.id)))
    unsure = any(each.state == QuestionState.LAPSED and _is_recent(each, heard.now) for each in found)
    return None if unsure or not found else found[0]


def _is_recent(question: Question, now: datetime) -> bool:
    return question.asked_at is not None and question.asked_at > now - RECENT


def _still_holds(question: Question) -> bool:
    if question.session_id is None:
        return True
    session = db.session.get_one(Session, (question.clinic_id, question.session_id))
    return session.version == question.version and session.status in STILL_AHEAD


def _think_again(heard: _Heard, last: Question, meaning: Meaning, value: Value) -> str:
    """The same answer twice is one; another answer is a change of mind, and the latest counts."""
    together = db.session.scalars(
        select(Question).where(
            Question.clinic_id == last.clinic_id,
            Question.contact_id == last.contact_id,
            Question.asked_at == last.asked_at,
            Question.state == QuestionState.ANSWERED,
        )
    ).all()
    if all(_last_value(question) == value for question in together):
        return "repeated"
    _answer(heard, together, value)
    return meaning.intent


def _last_value(question: Question) -> str | None:
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


# An answer to an earlier time


def _say_what_holds(heard: _Heard, asked: Question) -> None:
    """A yes to the old time does not count for the new one: the new one is told and asked about."""
    session = db.session.get_one(Session, (asked.clinic_id, asked.session_id))
    patient = heard.patients[asked.patient_id]
    person = _as_person(heard, asked.person_id, is_support=asked.support_person_id is not None)
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
                task_code="new_time_unanswered",
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
