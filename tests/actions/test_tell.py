"""What is said at once to someone who wrote or asked: is it said once, at any hour, by the right sender?"""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from actions.facts import person_of
from actions.texts.contacts import opt_out
from actions.texts.tell import tell
from models import LoginCode, Purpose, Reminder, Sender, db
from tests.jobs.sending import on_phones, reminders, texts
from tests.people import ADA


@pytest.fixture
def scene(database):
    with on_phones(database) as scene:
        yield scene


@pytest.fixture
def ada(scene):
    return scene.harbor.patient(scene.enrol())


def test_it_goes_at_once_and_at_any_hour(scene, ada):
    scene.now += timedelta(hours=14)  # midnight in New York
    tell(ada, "help_text", person_of(ada), subject_id=ada.id, now=scene.now)
    scene.send()
    assert "911" in texts()[-1].body


def test_the_same_is_said_once_and_another_again(scene, ada):
    said = {"subject_id": ada.id, "now": scene.now}
    first = tell(ada, "unclear_answer", person_of(ada), unique="Monday", **said)
    again = tell(ada, "unclear_answer", person_of(ada), unique="Monday", **said)
    other = tell(ada, "unclear_answer", person_of(ada), unique="Tuesday", **said)
    assert first.id == again.id != other.id
    assert len(reminders("unclear_answer")) == 2


def test_a_login_code_goes_by_its_own_sender_also_to_who_opted_out(scene, ada):
    challenge = uuid4()
    opt_out(scene.contact(ADA), source="desk", now=scene.now)
    tell(
        ada,
        "login_code",
        person_of(ada),
        subject_id=challenge,
        not_after=scene.now + timedelta(minutes=10),
        now=scene.now,
    )
    scene.send()
    (text,) = texts()
    assert LoginCode.digits(challenge) in text.body
    sender = db.session.get_one(Sender, text.sender_id)
    assert sender.purpose == Purpose.LOGIN
    assert LoginCode.digits(challenge) not in str(db.session.scalars(select(Reminder.fills)).all())


def test_it_is_of_no_use_for_ever(scene, ada):
    tell(ada, "help_text", person_of(ada), subject_id=ada.id, now=scene.now)
    scene.send(after=timedelta(hours=5))
    assert texts() == []
    assert [each.outcome for each in reminders("help_text")] == ["expired"]
