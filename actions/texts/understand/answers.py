"""Which question does a digit answer? The open one; nothing rather than the wrong one; a cry in any case."""

from collections.abc import Sequence

from actions.ask import ask
from actions.record import Actor
from actions.sessions.confirm import Said, record_answer
from actions.texts.understand.earlier import say_what_holds
from actions.texts.understand.heard import CHECKS, Heard, ask_about_today, leave_to_a_person, say
from actions.texts.understand.late import last_value, put_lately, put_with, still_holds, unsure
from actions.texts.understand.safety import call_for_help, check_put_lately
from actions.texts.understand.visits import is_at_hand
from care.facts import How, Part, Role, Step, Value
from care.pacing import ambiguous_digit
from care.tasks import TaskCode, problem
from care.words.replies import Intent, Meaning, understand
from models import Question, QuestionState, Session, db

VALUES = {Intent.YES: Value.YES, Intent.NO: Value.NO, Intent.CALL: Value.CALL, Intent.URGENT: Value.URGENT}


def follow_answer(heard: Heard, meaning: Meaning) -> str:
    """Bind an answer to what was asked; to nothing rather than to the wrong thing."""
    value, check = VALUES[meaning.intent], check_put_lately(heard)
    if check is not None and _read_as(heard, check) is Value.URGENT:
        return _urgent_after_all(heard, check)
    if ambiguous_digit(heard.contact.takeover_until, heard.now):
        return leave_to_a_person(heard, TaskCode.AMBIGUOUS_REPLY)
    if heard.asked:
        return _answer_open(heard, value, check)
    if value is Value.URGENT:
        call_for_help(heard, TaskCode.URGENT_REPLY)
        return value
    return _answer_late(heard, value, check)


def _read_as(heard: Heard, question: Question) -> Value | None:
    """What the text would say in answer to this question: a 3 is a call or a cry."""
    step = frozenset({Step(question.step)})
    return VALUES.get(understand(heard.reply.body, open_steps=step, opted_out=False).intent)


def _urgent_after_all(heard: Heard, check: Question) -> str:
    """The digit that means a cry to a safety check of the last day, whatever else has been asked since."""
    _record(heard, heard.asked, Value.CALL)
    if still_holds(check):
        _record(heard, [check], Value.URGENT)
    call_for_help(heard, TaskCode.URGENT_REPLY)
    return Value.URGENT


def _answer_open(heard: Heard, value: Value, check: Question | None) -> str:
    """The open question; a worry may also answer the safety check before it that nobody answered."""
    _answer(heard, heard.asked, value)
    if value is Value.NO:
        ask_about_today(heard)
    if check is not None and check.state == QuestionState.LAPSED and value is not Value.YES:
        _record(heard, [check], Value.CALL)
    return value


def _answer(heard: Heard, questions: Sequence[Question], value: Value) -> None:
    _record(heard, questions, value)
    if value is Value.URGENT:
        call_for_help(heard, TaskCode.URGENT_REPLY)
    elif value is Value.NO and questions[0].step == Step.INVITATION:
        say(heard, "thanks_answer", unique=str(heard.reply.id))
    elif value in (Value.NO, Value.CALL):  # a yes is not answered: that would double the texts
        _press(heard, questions, value)
        say(heard, "call_answer", unique=str(heard.reply.id))


def _record(heard: Heard, questions: Sequence[Question], value: Value) -> None:
    for question in questions:
        patient = heard.patients[question.patient_id]
        record_answer(patient, _said(heard, question, value), by=_actor(heard, question), now=heard.now)


def _press(heard: Heard, questions: Sequence[Question], value: Value) -> None:
    """A problem with a visit that is at hand cannot wait; whoever calls sees the words."""
    for question in questions:
        session = _session(question)
        if session is not None and is_at_hand(session, heard.now):
            ask(
                Role.COORDINATOR,
                TaskCode.WANTS_CALL if value is Value.CALL else problem(Step(question.step)),
                session,
                subject_id=question.subject_id,
                step=question.step,
                detail=heard.reply.body,
                urgent=True,
                now=heard.now,
            )


def _session(question: Question) -> Session | None:
    if question.session_id is None:
        return None
    return db.session.get_one(Session, (question.clinic_id, question.session_id))


def _said(heard: Heard, question: Question, value: Value) -> Said:
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


def _actor(heard: Heard, question: Question) -> Actor:
    part = Part.SUPPORT if question.support_person_id else Part.PATIENT
    return Actor(part, question.person_id, heard.contact.clinic_id)


# Nothing is open


def _answer_late(heard: Heard, value: Value, check: Question | None) -> str:
    """Nothing is open: it is about an earlier time, a second thought, or for a person to read."""
    put = put_lately(heard)
    last = put[0] if put else None
    if last is not None and last is check:
        return _think_again(heard, check, [check]) if still_holds(check) else _left(heard, _read_as(heard, check))
    if last is None or unsure(put, heard.now):
        return _left(heard, value)
    if last.state == QuestionState.SUPERSEDED and last.session_id is not None and last.step not in CHECKS:
        return _answer_earlier(heard, last, value)
    if last.state == QuestionState.ANSWERED and still_holds(last):
        return _think_again(heard, last, put_with(last))
    return _left(heard, value)


def _left(heard: Heard, value: Value | None) -> str:
    return leave_to_a_person(heard, TaskCode.WANTS_CALL if value is Value.CALL else TaskCode.UNCLEAR_REPLY)


def _answer_earlier(heard: Heard, last: Question, value: Value) -> str:
    """What holds now is said and asked anew; a problem with a visit at hand is called about at once."""
    say_what_holds(heard, last)
    if value is not Value.YES:
        _press(heard, [last], value)
    return "about_earlier_time"


def _think_again(heard: Heard, last: Question, together: Sequence[Question]) -> str:
    """The same answer twice is one; another answer is a change of mind, and the latest counts."""
    value = _read_as(heard, last)
    if value is None:
        return _left(heard, value)
    if all(last_value(question) == value for question in together):
        return "repeated"
    _answer(heard, together, value)
    return value
