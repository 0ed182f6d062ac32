"""What does a number that wants texts again hear of what it missed?"""

from datetime import timedelta

import pytest

from models import Outcome, Stage
from tests.jobs.sending import on_phones, reasons, reminders, texts

HOUR = timedelta(hours=1)


@pytest.fixture
def scene(database):
    with on_phones(database) as scene:
        yield scene


@pytest.fixture
def eve(scene):
    """Ada opted out two days before her visit."""
    first, *_ = scene.harbor.book_all(scene.enrol(), now=scene.now)
    scene.now = first.starts_at - 48 * HOUR
    scene.reply("STOP")
    return first


def about(session, kind):
    return [each for each in reminders(kind) if each.session_id == session.id]


def test_what_was_due_meanwhile_and_is_still_of_use_goes_at_once(scene, eve):
    scene.now = eve.starts_at - 16 * HOUR
    scene.send()
    scene.reply("START")
    before = len(texts())
    scene.send()
    assert any("stop eating" in text.body.lower() for text in texts()[before:])
    assert not [each for each in about(eve, "prep_bundle") if each.outcome == Outcome.SUPPRESSED]


def test_what_is_of_no_more_use_before_a_visit_is_for_a_call(scene, eve):
    (bundle,) = about(eve, "prep_bundle")
    scene.now = bundle.not_after + timedelta(minutes=1)
    scene.reply("START")
    assert "not_told" in reasons()
    assert "opted_out" not in reasons()


def test_what_was_missed_of_visits_that_are_over_bothers_nobody(scene, eve):
    scene.now = eve.starts_at + timedelta(days=100)
    scene.reply("START")
    assert reasons() == set()
    assert not [each for each in reminders() if each.stage == Stage.WAITING and each.not_after <= scene.now]
