"""Does the worklist show what waits, why, and with which words to act?"""

import secrets
from datetime import timedelta

import pytest

from actions.ask import ask
from care.facts import Role, Step
from care.readiness.said import BY_OTHERS
from care.tasks import TaskCode, by_call, problem
from models import Contact, Reply, Sender, Task, db
from tests.people import ADA, NOW
from tests.source import sources
from web import words


@pytest.fixture
def task(clinic, course):
    session = clinic.session(course)
    task = ask(Role.COORDINATOR, TaskCode.TRANSPORT_UNANSWERED, session, subject_id=session.id, now=NOW)
    db.session.commit()
    return task


def test_nothing_to_do_is_said_kindly(console):
    assert "Nothing waits for anyone." in console.open("/console/tasks").text


def test_a_task_says_why_it_is_there_about_whom_and_by_when(console, task):
    text = console.open("/console/tasks").text
    assert "Ada Example, Dosing 1" in text
    assert "No answer about the ride home. Call the patient." in text
    assert "Ada Example (212) 555-0101Sam Sample (212) 555-0102" in text
    assert "due since Mon, Jan 4, 10:00 AM" in text
    assert "Worklist1 open" in text


def test_every_reason_is_a_sentence_here_and_no_other():
    assert set(words.TASK) == {code.value for code in TaskCode}


@pytest.mark.parametrize("step", Step)
def test_a_no_to_any_step_has_a_reason(step):
    assert problem(step) in TaskCode


def test_a_yes_that_does_not_count_has_a_reason():
    assert {by_call(step) for step in BY_OTHERS} <= set(TaskCode)


def test_every_reason_is_given_somewhere():
    built = {*(problem(step) for step in Step), *(by_call(step) for step in BY_OTHERS)}
    built |= {TaskCode(f"{step}_unanswered") for step in (Step.SAFETY_EVENING, Step.SAFETY_NEXT_DAY)}
    named = {str(name) for source in sources("actions", "jobs", "care") for name in source.mentions("TaskCode")}
    assert not [code for code in TaskCode if code not in built and code.name not in named]


def test_the_urgent_come_first(console, clinic, course, task):
    other = clinic.session(course, 2)
    ask(Role.CLINICIAN, TaskCode.URGENT_ANSWER, other, subject_id=other.id, now=NOW + timedelta(hours=1), urgent=True)
    text = console.open("/console/tasks").text
    assert text.index("They answered that it is urgent") < text.index("No answer about the ride home")


def test_a_text_that_was_not_understood_is_shown_with_its_conversation(console, clinic, course):
    contact, sender = Contact.at(clinic.clinic.id, ADA), db.session.scalars(db.select(Sender)).first()
    reply = Reply(
        clinic_id=clinic.clinic.id,
        sender_id=sender.id,
        sid="SM" + secrets.token_hex(16),
        contact_id=contact.id,
        number=ADA,
        body="Can my brother come instead?",
        received_at=NOW,
        meaning="unclear",
    )
    db.session.add(reply)
    db.session.flush()
    ask(Role.COORDINATOR, TaskCode.UNCLEAR_REPLY, clinic.patient(course), subject_id=reply.id, now=NOW)
    text = console.open("/console/tasks").text
    assert "A text that could not be understood." in text
    assert "Can my brother come instead?" in text


def test_closing_a_task_takes_it_off_and_keeps_the_words(console, task):
    page = console.open("/console/tasks")
    after = console.send(page, "/close", reason="Called, her brother drives")
    assert "Closed." in after.text
    assert "Nothing waits" in after.text
    db.session.expire_all()
    assert db.session.scalars(db.select(Task)).one().state == "closed"


def test_words_that_are_too_long_close_nothing(console, task):
    page = console.send(console.open("/console/tasks"), "/close", reason="x" * 501)
    assert page.status == 422
    db.session.expire_all()
    assert db.session.scalars(db.select(Task)).one().state == "open"


def test_a_task_that_is_not_there_cannot_be_closed(console, course):
    assert console.post(f"/console/tasks/{course.id}/close").status == 404
