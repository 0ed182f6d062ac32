"""Does a course go on when nothing happens but time?"""

from datetime import timedelta

import pytest

from actions.courses.follow import follow
from care.facts import Status
from jobs.due import COURSES
from models import Course, Review, Session, TaskReason, db
from models.clock import set_care_clock
from tests.living import advance
from tests.people import NOW, Harbor, harbor

DAY = timedelta(days=1)


@pytest.fixture
def course(app: object) -> Course:
    """Ada's, with one dose given a month of maintenance ago."""
    set_care_clock(NOW)
    clinic = harbor()
    course = clinic.enrol_ada("spravato_trd", supports=())
    first = clinic.session(course)
    first.starts_at = first.arrived_at = first.dosed_at = NOW - DAY
    first.ends_at = first.discharged_at = NOW - DAY + timedelta(hours=2)
    first.status, first.since = Status.DISCHARGED, NOW - DAY
    _follow(clinic, course)
    return course


def _follow(clinic: Harbor, course: Course) -> None:
    follow(course, clinic.patient(course), by=clinic.cora, now=NOW)
    db.session.commit()


def test_the_clock_that_is_moved_lives_through_a_lapse(course: Course) -> None:
    assert course.look_at is not None
    assert COURSES.next_after(NOW) == course.look_at
    lapse = course.look_at
    advance(lapse - timedelta(minutes=1))
    assert db.session.query(Review).count() == 0
    advance(lapse + DAY)
    (review,) = db.session.scalars(db.select(Review)).all()
    assert (review.kind, review.due_at) == ("lapse", lapse)
    reason = db.session.scalars(db.select(TaskReason).where(TaskReason.code == "lapse_review")).one()
    assert reason.at == lapse


def test_the_horizon_grows_as_days_pass_and_never_twice(course: Course) -> None:
    course.phase, course.look_at = "maintenance", NOW
    db.session.commit()

    def maintained() -> list[Session]:
        mine = db.select(Session).filter_by(course_id=course.id, kind="dosing", phase="maintenance")
        return list(db.session.scalars(mine.order_by(Session.number)))

    advance(NOW + timedelta(minutes=1))
    before = len(maintained())
    advance(NOW + timedelta(minutes=2))
    assert len(maintained()) == before
    advance(NOW + 22 * DAY)
    assert len(maintained()) == before + 3
    numbers = [row.number for row in maintained()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
