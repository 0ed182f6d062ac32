"""Integration with one's own therapist: is nobody asked any more, is the task settled, and is it asked again when taken back?"""

from datetime import timedelta

import pytest

from actions.sessions.attend import arrive, discharge, dose
from actions.sessions.confirm import confirm
from actions.sessions.elsewhere import come_back, go_elsewhere
from care.facts import How, Status, Step, Value
from care.refusals import Refused
from jobs.followups import ask_about_silences
from models import Question, Reminder, Stage, Task, TaskReason, db
from tests.people import harbor

STEPS = (Step.ATTENDANCE, Step.TRANSPORT, Step.RIDE_TODAY, Step.SUPPORT)


@pytest.fixture
def home(app):
    return harbor()


@pytest.fixture
def follow_up(home):
    """What follows Ada's first dose, which was given and is over."""
    course = home.enrol_ada()
    visit = home.book_all(course)[0]
    for step in STEPS:
        confirm(visit, step, Value.YES, by=home.cora, how=How.STAFF, now=visit.starts_at)
    arrive(visit, by=home.cora, now=visit.starts_at)
    dose(visit, by=home.clive, now=visit.starts_at)
    discharge(visit, by=home.clive, now=visit.ends_at)
    db.session.commit()
    return home.session(course, 1, "integration")


def asked(follow_up):
    """The times at which the patient would still be asked."""
    waiting = db.select(Reminder.due_at).filter_by(kind="integration_book", stage=Stage.WAITING)
    return db.session.scalars(waiting.where(Reminder.subject_id == follow_up.id)).all()


def open_codes(follow_up):
    task = (Task.clinic_id == TaskReason.clinic_id) & (Task.id == TaskReason.task_id)
    mine = db.select(TaskReason.code).join(Task, task).where(TaskReason.met_at.is_(None))
    return set(db.session.scalars(mine.where(Task.session_id == follow_up.id)))


def questions(follow_up):
    mine = db.select(Question).filter_by(subject_id=follow_up.id, step=Step.INTEGRATION).order_by(Question.version)
    return db.session.scalars(mine).all()


def test_whoever_says_so_is_not_asked_any_more_until_they_take_it_back(home, follow_up):
    now = questions(follow_up)[0].task_at - timedelta(hours=24)
    assert asked(follow_up)
    assert go_elsewhere(follow_up, now.date(), by=home.cora, now=now)
    db.session.commit()
    assert (asked(follow_up), [each.state for each in questions(follow_up)]) == ([], ["superseded"])
    come_back(follow_up, by=home.cora, now=now)
    db.session.commit()
    assert asked(follow_up)
    assert [each.state for each in questions(follow_up)] == ["superseded", "planned"]


def test_what_was_called_off_meanwhile_is_not_taken_back(home, follow_up):
    now = questions(follow_up)[0].task_at - timedelta(hours=24)
    go_elsewhere(follow_up, now.date(), by=home.cora, now=now)
    follow_up.status, follow_up.cause = Status.CANCELLED, "patient"
    db.session.commit()
    was = follow_up.version, follow_up.since
    with pytest.raises(Refused):
        come_back(follow_up, by=home.cora, now=now)
    assert (follow_up.version, follow_up.since) == was


def test_the_task_that_silence_made_is_settled_and_silence_makes_no_other(home, follow_up):
    question = questions(follow_up)[0]
    now, shut = question.task_at, question.then_at
    ask_about_silences(now)
    db.session.expire_all()
    assert open_codes(follow_up) == {"integration_unbooked"}
    go_elsewhere(follow_up, now.date(), by=home.cora, now=now)
    db.session.commit()
    ask_about_silences(shut + timedelta(hours=1))
    db.session.expire_all()
    assert open_codes(follow_up) == set()


def test_a_day_after_the_window_is_taken_down_and_said_to_be_late(home, follow_up):
    shut = questions(follow_up)[0].then_at
    assert not go_elsewhere(follow_up, shut.date() + timedelta(days=3), by=home.cora, now=follow_up.since)
