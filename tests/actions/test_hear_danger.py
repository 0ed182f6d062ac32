"""Is a cry heard as one, also when it is written as a digit, as STOP, or as something nobody understands?"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from actions.texts.outcome import call_instead
from care.facts import Part, Role, Step, Value
from care.protocol import Gate
from models import Answer, Question, QuestionState, Session, Task, TaskReason, db
from tests.jobs.sending import on_phones, reasons, reminders, texts
from tests.people import ADA, SAM

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def scene(database):
    with on_phones(database) as scene:
        yield scene


@pytest.fixture
def dosed(scene):
    """Ada's first dose was given an hour ago, and she is still there."""
    first, *_ = scene.harbor.book_all(scene.enrol(), now=scene.now)
    scene.send(after=2 * MINUTE)
    scene.now = first.starts_at + HOUR
    first.status, first.arrived_at, first.dosed_at = "dosed", first.starts_at - HOUR, first.starts_at
    db.session.commit()
    return first


def put(session: Session, step: Step, state: QuestionState, *, scene, ago: timedelta = timedelta()) -> Question:
    """A question that went out to Ada, without the days in between."""
    question = Question(
        clinic_id=session.clinic_id,
        patient_id=session.patient_id,
        person_id=session.patient_id,
        subject_id=session.id,
        session_id=session.id,
        version=session.version,
        step=step,
        gate=Gate.SOFT,
        state=state,
        contact_id=scene.contact(ADA).id,
        asked_at=scene.now - ago,
        task_at=scene.now + HOUR,
        task_code=f"{step}_unanswered",
        role=Role.COORDINATOR,
    )
    old = select(Question).where(Question.subject_id == session.id, Question.step == step)
    for known in db.session.scalars(old).all():
        db.session.delete(known)
    db.session.flush()
    db.session.add(question)
    db.session.commit()
    return question


def said(question: Question, scene, value: Value) -> None:
    answer = Answer(
        clinic_id=question.clinic_id,
        patient_id=question.patient_id,
        subject_id=question.subject_id,
        version=question.version,
        step=question.step,
        person_id=question.person_id,
        value=value,
        how="text",
        at=scene.now - HOUR,
    )
    db.session.add(answer)
    db.session.commit()


def urgent(role: Role = Role.CLINICIAN) -> dict[str, str | None]:
    """What is on this role's urgent tasks, by code, with the words."""
    db.session.expire_all()
    on = select(TaskReason).join(Task, Task.id == TaskReason.task_id)
    mine = on.where(Task.role == role, Task.urgent, TaskReason.met_at.is_(None))
    return {reason.code: reason.detail for reason in db.session.scalars(mine)}


def crisis_numbers_sent(scene) -> bool:
    before = len(texts())
    scene.send()
    return any("988" in text.body for text in texts()[before:])


# Safety checks


@pytest.mark.parametrize("state", [QuestionState.ANSWERED, QuestionState.LAPSED, QuestionState.SUPERSEDED])
def test_a_three_to_a_safety_check_of_the_last_day_is_urgent_whatever_became_of_it(scene, dosed, state):
    check = put(dosed, Step.SAFETY_EVENING, state, scene=scene, ago=12 * HOUR)
    if state == QuestionState.ANSWERED:
        said(check, scene, Value.YES)
    scene.reply("3")
    assert "urgent_reply" in urgent()
    assert crisis_numbers_sent(scene)


def test_a_three_is_urgent_also_when_a_visit_is_asked_about_since(scene, dosed):
    text = texts()[0]
    put(dosed, Step.SAFETY_EVENING, QuestionState.LAPSED, scene=scene, ago=12 * HOUR)
    second = scene.harbor.session(dosed.course, 2)
    ride = put(second, Step.TRANSPORT, QuestionState.OPEN, scene=scene)
    text.question_id = ride.id
    db.session.commit()
    scene.reply("3")
    assert "urgent_reply" in urgent()
    assert "wants_call" in reasons()


def test_a_two_after_a_one_to_a_safety_check_asks_for_a_call(scene, dosed):
    check = put(dosed, Step.SAFETY_EVENING, QuestionState.ANSWERED, scene=scene, ago=2 * HOUR)
    said(check, scene, Value.YES)
    scene.reply("2")
    assert "wants_call" in reasons()
    assert "safety_evening_problem" not in reasons()


def test_who_is_not_well_is_called(scene, dosed):
    put(dosed, Step.SAFETY_EVENING, QuestionState.LAPSED, scene=scene, ago=2 * HOUR)
    scene.reply("2")
    assert "wants_call" in reasons()
    assert db.session.scalars(select(Answer.value).where(Answer.step == Step.SAFETY_EVENING)).all() == ["call"]


# After a dose


@pytest.mark.parametrize("number", [ADA, SAM])
def test_what_nobody_understands_after_a_dose_is_a_clinicians_urgent_task(scene, number):
    first, *_ = scene.harbor.book_all(scene.harbor.enrol_ada(now=scene.now), now=scene.now)
    first.status, first.arrived_at, first.dosed_at = "dosed", scene.now, scene.now
    db.session.commit()
    scene.reply("everything is so strange", number=number)
    assert urgent()["unclear_reply"] == "everything is so strange"


def test_a_day_after_the_dose_it_is_the_coordinators_again(scene, dosed):
    scene.now += 26 * HOUR
    scene.reply("can my dog come along?")
    assert urgent() == {}
    assert "unclear_reply" in reasons()


@pytest.mark.parametrize("words", ["help", "AYUDA"])
def test_help_from_someone_under_care_is_a_cry(scene, dosed, words):
    scene.reply(words)
    assert "urgent_reply" in urgent()
    assert crisis_numbers_sent(scene)


def test_info_from_someone_under_care_asks_what_these_texts_are(scene, dosed):
    scene.reply("info")
    assert urgent() == {}


# Opting out


def test_a_stop_after_a_dose_is_kept_and_read_by_a_clinician(scene, dosed):
    scene.reply("STOP")
    assert scene.contact(ADA).opted_out_at is not None
    assert urgent() == {"opted_out_worrying": "STOP"}


def test_a_stop_that_says_more_is_read_by_a_clinician(scene):
    scene.enrol()
    scene.reply("Stop. My chest feels strange")
    assert urgent() == {"opted_out_worrying": "Stop. My chest feels strange"}


def test_a_plain_stop_is_the_coordinators_with_its_words(scene):
    scene.enrol()
    scene.reply("stop texting me")
    assert urgent() == {}
    assert db.session.scalars(select(TaskReason)).one().detail == "stop texting me"


def test_stop_it_hurts_is_a_crisis_and_an_opt_out(scene, dosed):
    scene.reply("STOP IT HURTS")
    assert scene.contact(ADA).opted_out_at is not None
    assert urgent()["crisis_words"] == "STOP IT HURTS"


@pytest.mark.parametrize("words", ["STOP. I want to die", "I want to die"])
def test_the_crisis_text_reaches_also_who_opted_out(scene, words):
    scene.enrol()
    if not words.startswith("STOP"):
        scene.reply("STOP")
    scene.reply(words)
    assert scene.contact(ADA).opted_out_at is not None
    assert crisis_numbers_sent(scene)


def test_a_crisis_text_that_is_lost_is_a_clinicians_call(scene, dosed):
    scene.reply("I want to die")
    (crisis,) = reminders("crisis_text")
    call_instead(crisis, "provider code 21610", now=scene.now)
    assert {"crisis_words", "crisis_text_lost"} <= urgent().keys()
    assert "not_told" not in reasons()
    assert crisis.part == Part.PATIENT
