"""Whose text is it, and what kind of thing does it say? Every text is understood once, whoever gets to it first."""

from datetime import datetime

from sqlalchemy import select

from actions.ask import ask
from actions.texts.contacts import hearers, lock_contact, lock_patients, opt_out
from actions.texts.understand.answers import VALUES, follow_answer
from actions.texts.understand.heard import Heard, leave_to_a_person
from actions.texts.understand.opt_out import follow_opt_in, follow_opt_out
from actions.texts.understand.safety import call_for_help, follow_help
from care.facts import Role, Step
from care.tasks import TaskCode
from care.words.replies import Intent, Meaning, understand
from models import Clinic, Contact, Message, Question, QuestionState, Reply, Stage, db


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
    heard = Heard(reply, contact, people, patients, _asked(contact), now)
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
    ask(role, TaskCode.UNKNOWN_SENDER, clinic, subject_id=reply.id, detail=reply.body, urgent=in_danger, now=now)
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


def _follow(heard: Heard, meaning: Meaning) -> str:
    """Act on the meaning; its name as it is kept with the reply."""
    if meaning.intent is Intent.CRISIS:
        call_for_help(heard, TaskCode.CRISIS_WORDS)
    if meaning.opt_out:
        follow_opt_out(heard, meaning)
    elif meaning.intent is Intent.OPT_IN:
        follow_opt_in(heard)
    elif meaning.intent is Intent.HELP:
        return follow_help(heard, meaning)
    elif meaning.intent in VALUES:
        return follow_answer(heard, meaning)
    elif meaning.intent is Intent.UNCLEAR and not meaning.words:
        return leave_to_a_person(heard, TaskCode.UNCLEAR_REPLY)
    return meaning.intent
