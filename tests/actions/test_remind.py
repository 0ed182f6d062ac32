"""What does a visit booked late leave to a person?"""

from datetime import timedelta

import pytest

from actions.sessions.book import book
from models import Task, db
from tests.jobs.sending import on_phones, reasons

HOUR = timedelta(hours=1)


@pytest.fixture
def scene(database):
    with on_phones(database) as scene:
        yield scene


def booked_hours_before(scene, hours):
    """Ada's first dose, booked so many hours before it starts."""
    harbor, course = scene.harbor, scene.enrol()
    session = harbor.session(course)
    slot = harbor.first_slot(session, now=scene.now)
    book(session, slot, by=harbor.cora, now=slot.starts_at - hours * HOUR)
    return session


def urgent():
    return [task.about_id for task in db.session.scalars(db.select(Task).filter_by(urgent=True))]


def test_who_is_booked_after_the_time_without_alcohol_began_is_asked_about_it(scene):
    session = booked_hours_before(scene, 22)
    assert "ask_alcohol" in reasons()
    assert session.id in urgent()


def test_who_is_booked_before_it_began_is_not(scene):
    booked_hours_before(scene, 96)
    assert "ask_alcohol" not in reasons()


def test_preparation_that_cannot_be_told_before_a_near_visit_is_urgent(scene):
    session = booked_hours_before(scene, 13)
    assert "not_told" in reasons()
    assert session.id in urgent()
