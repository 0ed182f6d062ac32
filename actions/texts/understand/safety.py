"""Is someone in danger? The crisis numbers go out at any hour, and a clinician is called upon."""

from datetime import timedelta

from sqlalchemy import select

from actions.texts.understand.heard import CHECKS, Heard, call_upon, say
from actions.texts.understand.visits import under_care
from care.facts import Role
from care.tasks import TaskCode
from care.words.replies import Meaning
from models import Question, QuestionState, db

CHECK_COUNTS = timedelta(hours=24)  # so long its digits may still be meant
NO_LONGER_OPEN = (QuestionState.ANSWERED, QuestionState.LAPSED, QuestionState.SUPERSEDED)
CRIES = frozenset({"help", "ayuda"})  # the other keywords only ask what these texts are


def call_for_help(heard: Heard, code: TaskCode) -> None:
    """The clinic's crisis text goes out at any hour, and a clinician is called upon."""
    call_upon(heard, Role.CLINICIAN, code, heard.about, urgent=True)
    say(heard, "crisis_text", unique=str(heard.reply.id))


def follow_help(heard: Heard, meaning: Meaning) -> str:
    """The networks' keyword asks what these texts are; from someone under care it is a cry."""
    under_way = under_care(heard.patients.values(), heard.now) is not None
    if CRIES.intersection(meaning.words) and (heard.is_checked or under_way):
        call_for_help(heard, TaskCode.URGENT_REPLY)
        return "urgent"
    say(heard, "help_text", unique=f"{heard.now:%Y%m%d%H}")
    return meaning.intent


def check_put_lately(heard: Heard) -> Question | None:
    """The safety check of the last day that is no longer open, whatever became of it; None while one is open."""
    if heard.is_checked:
        return None
    put = select(Question).where(
        Question.clinic_id == heard.contact.clinic_id,
        Question.contact_id == heard.contact.id,
        Question.step.in_(CHECKS),
        Question.state.in_(NO_LONGER_OPEN),
        Question.asked_at > heard.now - CHECK_COUNTS,
    )
    return db.session.scalar(put.order_by(Question.asked_at.desc(), Question.id).limit(1))
