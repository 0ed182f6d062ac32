"""What does each text from a person do, and what does it never do?"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from actions.sessions.end import cancel
from actions.sessions.move import move, preview
from actions.sessions.offer import offered
from actions.texts.hear import hear_reply
from actions.texts.understand import understand_reply
from care.facts import Cause, Step, Value
from models import Answer, ConsentEvent, Outcome, Question, QuestionState, Reply, Stage, Task, TaskReason, db
from tests.jobs.sending import on_phones, open_question, reasons, reminders, texts
from tests.people import ADA, SAM

STRANGER = "+12125550188"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def scene(database):
    with on_phones(database) as scene:
        yield scene


@pytest.fixture
def asked(scene):
    """Ada was asked, three days ahead, whether she can make it."""
    course = scene.enrol()
    first, *_ = scene.harbor.book_all(course, now=scene.now)
    scene.send(after=2 * MINUTE)
    scene.now = first.starts_at - timedelta(hours=72)
    scene.send()
    assert open_question().step == Step.ATTENDANCE
    return first


def answers() -> list[tuple[str, str]]:
    db.session.expire_all()
    return [(each.step, each.value) for each in db.session.scalars(select(Answer).order_by(Answer.at, Answer.id))]


def said_since(count: int) -> list[str]:
    return [text.body for text in texts()[count:]]


def meaning(reply: Reply | None) -> str | None:
    assert reply is not None
    return reply.meaning


# Answers


@pytest.mark.parametrize("words", ["1", "yes", "Yes!", " 1. "])
def test_a_yes_answers_what_was_asked_and_is_not_answered_back(scene, asked, words):
    before = len(texts())
    scene.reply(words)
    scene.send(after=MINUTE)
    assert (Step.ATTENDANCE, Value.YES) in answers()
    assert {value for _, value in answers()} == {Value.YES}
    assert said_since(before) == []


def test_a_yes_answers_everything_that_was_asked_together(scene):
    course = scene.enrol()
    first, *_ = scene.harbor.book_all(course, now=scene.now)
    scene.now = first.starts_at - timedelta(hours=24)
    scene.send()
    joined = db.session.scalars(select(Question).where(Question.state == QuestionState.JOINED)).all()
    together = [open_question(), *joined]
    assert {Step.ATTENDANCE, Step.TRANSPORT} <= {each.step for each in together}
    scene.reply("1")
    assert {step for step, _ in answers()} == {each.step for each in together}
    assert not db.session.scalars(
        select(Question).where(Question.state.in_((QuestionState.OPEN, QuestionState.JOINED)))
    ).all()


@pytest.mark.parametrize(
    ("words", "value", "code"), [("2", Value.NO, "attendance_problem"), ("3", Value.CALL, "wants_call")]
)
def test_a_problem_goes_to_a_person_and_the_writer_hears_so(scene, asked, words, value, code):
    before = len(texts())
    scene.reply(words)
    scene.send(after=MINUTE)
    assert (Step.ATTENDANCE, value) in answers()
    assert code in reasons()
    assert len(said_since(before)) == 1
    assert "call you" in said_since(before)[0]


def test_the_same_text_twice_is_heard_once(scene, asked):
    first = scene.reply("1", sid="SM" + "1" * 32)
    again = scene.reply("1", sid="SM" + "1" * 32)
    assert first is not None
    assert again is None
    assert len(answers()) == len({step for step, _ in answers()})


def test_the_same_answer_again_changes_nothing_and_bothers_nobody(scene, asked):
    scene.reply("1")
    known = answers()
    assert meaning(scene.reply("1", sid="SM" + "2" * 32)) == "repeated"
    assert answers() == known
    assert reasons() == set()


def test_a_change_of_mind_counts(scene, asked):
    scene.reply("1")
    scene.now += HOUR
    scene.reply("2")
    assert answers()[0] == (Step.ATTENDANCE, Value.YES)
    assert answers()[-1][1] == Value.NO
    assert "attendance_problem" in reasons()


def test_an_answer_releases_what_was_held_behind_the_question(scene, asked):
    scene.now = asked.starts_at - timedelta(hours=24)
    scene.send()
    scene.reply("1")
    waiting = [each for each in reminders() if each.stage == Stage.WAITING and each.due_at <= scene.now]
    assert all(each.look_at <= scene.now for each in waiting)


def test_a_support_person_who_says_yes_is_invited_no_more_and_hears_the_times(scene):
    course = scene.harbor.enrol_ada(now=scene.now)
    scene.harbor.book_all(course, now=scene.now)
    scene.send()
    scene.reply("1", number=SAM)
    scene.send(after=2 * MINUTE)
    scene.send(after=3 * MINUTE)
    assert scene.contact(SAM).consented_at is not None
    sams = [text.body for text in texts() if text.contact_id == scene.contact(SAM).id]
    assert len(sams) == 2
    assert "booked" in sams[1]


# What is not understood


def test_what_is_not_understood_goes_to_a_person_with_its_words(scene, asked):
    before = len(texts())
    scene.reply("can my dog come along?")
    scene.send(after=MINUTE)
    assert answers() == []
    reason = db.session.scalars(select(TaskReason).where(TaskReason.code == "unclear_reply")).one()
    assert reason.detail == "can my dog come along?"
    assert len(said_since(before)) == 1


def test_two_machines_do_not_talk_to_each_other(scene, asked):
    before = len(texts())
    for number in range(5):
        scene.reply(f"I am away until the {number}th", sid=f"SM{number:032d}")
        scene.send(after=MINUTE)
    assert len(said_since(before)) == 1


def test_thanks_ask_for_nothing(scene, asked):
    before = len(texts())
    scene.reply("thank you")
    scene.send(after=MINUTE)
    assert reasons() == set()
    assert said_since(before) == []


def test_a_digit_that_nobody_asked_for_answers_nothing(scene):
    scene.enrol()
    scene.reply("1")
    assert answers() == []
    assert "unclear_reply" in reasons()


def test_a_stranger_is_read_by_a_person_and_answered_by_nobody(scene, asked):
    before = len(texts())
    assert meaning(scene.reply("1", number=STRANGER)) == "stranger"
    scene.send(after=MINUTE)
    assert answers() == []
    assert reasons() == {"unknown_sender"}
    assert said_since(before) == []


def test_who_is_told_that_a_person_reads_their_text_hears_the_crisis_line(scene, asked):
    scene.reply("can my dog come along?")
    scene.send(after=MINUTE)
    assert "988" in texts()[-1].body


# A visit at hand


def urgent_about(session) -> set[str]:
    db.session.expire_all()
    on = select(TaskReason.code).join(Task, Task.id == TaskReason.task_id)
    return set(db.session.scalars(on.where(Task.session_id == session.id, Task.urgent)))


def test_a_worry_in_free_words_about_a_visit_at_hand_is_urgent(scene, asked):
    scene.reply("1")
    scene.now = asked.starts_at - 20 * HOUR
    scene.reply("my ride cancelled")
    assert urgent_about(asked) == {"unclear_reply"}


def test_a_worry_about_a_visit_days_away_is_not(scene, asked):
    scene.reply("my ride cancelled")
    assert "unclear_reply" in reasons()
    assert urgent_about(asked) == set()


def test_a_late_problem_with_a_visit_at_hand_is_urgent_and_has_its_words(scene, asked):
    scene.now = asked.starts_at - 23 * HOUR
    scene.send()
    scene.reply("1")
    scene.now += HOUR
    scene.reply("2 my car broke down")
    assert "attendance_problem" in urgent_about(asked)
    details = db.session.scalars(select(TaskReason).where(TaskReason.code == "attendance_problem")).all()
    assert {reason.detail for reason in details} == {"2 my car broke down"}


@pytest.mark.parametrize("words", ["2", "2 my ride fell through", "I feel sick, fever since last night"])
def test_trouble_told_while_another_visit_is_asked_about_also_asks_about_today(scene, words):
    first, second, *_ = scene.harbor.book_all(scene.enrol(), now=scene.now)
    scene.send(after=2 * MINUTE)
    text = texts()[0]
    question = db.session.scalars(
        select(Question).where(Question.session_id == second.id, Question.step == Step.ATTENDANCE)
    ).one()
    scene.now = first.starts_at - HOUR
    question.state, question.contact_id, question.asked_at = QuestionState.OPEN, scene.contact(ADA).id, scene.now
    text.question_id = question.id
    db.session.commit()
    scene.reply(words)
    assert urgent_about(first) == {"problem_may_be_today"}


# Earlier versions


def moved_to(scene, session, by_days: int):
    at = session.starts_at + timedelta(days=by_days)
    free = offered(session, at, at + timedelta(hours=6), by=scene.harbor.cora, now=scene.now)
    slot = next(slot for slot, refused in free if not refused)
    plan = preview(session, slot, by=scene.harbor.cora, now=scene.now)
    move(session, slot, plan.token, by=scene.harbor.cora, reason="the chair broke", now=scene.now)
    db.session.commit()


def test_a_yes_to_the_old_time_does_not_count_for_the_new(scene, asked):
    before = len(texts())
    moved_to(scene, asked, 1)
    assert meaning(scene.reply("1")) == "about_earlier_time"
    assert answers() == []
    scene.send()
    (said,) = said_since(before)
    assert "was for Tue, Jan 12" in said
    assert open_question().step == Step.NEW_TIME
    scene.now += MINUTE
    scene.reply("1")
    assert answers() == [(Step.NEW_TIME, Value.YES)]


def test_whoever_was_told_the_new_time_in_answer_hears_no_notice_of_it(scene, asked):
    moved_to(scene, asked, 1)
    scene.reply("1")
    scene.send()
    before = len(texts())
    scene.send(after=10 * MINUTE)
    assert [body for body in said_since(before) if "moved" in body] == []


def test_a_yes_to_a_visit_that_is_off_hears_that_it_is_off(scene, asked):
    cancel(asked, Cause.CLINIC, "closed", by=scene.harbor.cora, now=scene.now)
    db.session.commit()
    before = len(texts())
    scene.reply("1")
    scene.send()
    assert "cancelled" in said_since(before)[0]
    assert answers() == []


# Takeovers


def test_just_after_a_takeover_a_digit_is_read_by_a_person(scene, asked):
    contact = scene.contact(ADA)
    contact.takeover_until = scene.now + 10 * MINUTE
    db.session.commit()
    assert meaning(scene.reply("1")) == "ambiguous_reply"
    assert answers() == []
    scene.now += 11 * MINUTE
    scene.reply("1", sid="SM" + "3" * 32)
    assert answers() != []


# Opting out and in


@pytest.mark.parametrize("words", ["STOP", "stop", "please no more texts", "ALTO"])
def test_an_opt_out_is_kept_at_once_and_silences_everything(scene, asked, words):
    scene.reply(words)
    assert scene.contact(ADA).opted_out_at == scene.now
    assert [each for each in reminders() if each.outcome == Outcome.SUPPRESSED and each.reason == "opted_out"]
    assert not [each for each in reminders() if each.stage == Stage.WAITING]
    assert "opted_out" in reasons()
    (event,) = [each for each in db.session.scalars(select(ConsentEvent)) if not each.given]
    assert event.source == "text"
    before = len(texts())
    scene.send(after=timedelta(days=3))
    assert said_since(before) == []


def test_cancel_stops_the_texts_and_a_person_asks_about_the_visit(scene, asked):
    scene.reply("CANCEL")
    assert scene.contact(ADA).opted_out_at is not None
    db.session.refresh(asked)
    assert asked.status == "booked"
    task = db.session.scalars(select(Task).join(TaskReason, TaskReason.task_id == Task.id)).first()
    assert task is not None
    assert task.urgent
    assert "opted_out_may_cancel" in reasons()


def test_after_an_opt_out_a_yes_means_texts_again_and_never_a_confirmation(scene, asked):
    scene.reply("STOP")
    scene.now += HOUR
    scene.reply("YES")
    assert answers() == []
    assert scene.contact(ADA).opted_out_at is None
    assert [each for each in reminders() if each.stage == Stage.WAITING and each.due_at > scene.now]
    assert reasons() == set()
    scene.send()
    assert "on again" in texts()[-1].body


def test_an_opt_out_counts_for_everyone_at_the_number(scene):
    course = scene.harbor.enrol_ada(now=scene.now)
    support = scene.contact(SAM)
    scene.send()
    scene.reply("STOP", number=SAM)
    assert scene.contact(SAM).opted_out_at is not None
    assert scene.contact(ADA).opted_out_at is None
    assert "opted_out" in reasons(course.patient_id)
    assert support.id is not None


def test_help_is_answered_at_any_hour(scene, asked):
    before = len(texts())
    scene.now += timedelta(hours=14)
    scene.reply("HELP")
    scene.send()
    assert any("911" in body for body in said_since(before))


# Danger


@pytest.mark.parametrize("at_night", [False, True])
def test_crisis_words_bring_the_crisis_text_at_any_hour_and_a_clinician(scene, asked, at_night):
    before = len(texts())
    scene.now += timedelta(hours=14 if at_night else 0)
    scene.reply("I want to kill myself")
    scene.send()
    assert "988" in said_since(before)[0]
    task = db.session.scalars(select(Task).where(Task.role == "clinician")).one()
    assert task.urgent
    assert "crisis_words" in reasons()
    assert answers() == []


def test_a_stranger_in_danger_is_a_clinicians_urgent_task(scene):
    scene.reply("I want to kill myself", number=STRANGER)
    task = db.session.scalars(select(Task)).one()
    assert (task.role, task.urgent) == ("clinician", True)


def test_a_reply_is_understood_once(scene, asked):
    reply = scene.reply("2")
    known = answers()
    assert reply is not None
    understand_reply(reply, now=scene.now + HOUR)
    assert answers() == known


def test_a_reply_that_could_not_be_understood_then_is_understood_by_the_job(scene, asked):
    hear_reply(scene.sender(), "SM" + "5" * 32, ADA, "1", now=scene.now)
    db.session.commit()
    scene.send(after=MINUTE)
    assert (Step.ATTENDANCE, Value.YES) in answers()
