"""Can staff see how a course stands, and decide what only people decide?"""

from datetime import timedelta

import pytest

from actions.courses.follow import follow
from care.facts import Status
from models import Course, Review, Session, db
from tests.people import NOW


@pytest.fixture
def waiting(clinic, course):
    """Ada's course after its third dose, which calls for a review."""
    doses = db.session.scalars(
        db.select(Session).filter_by(course_id=course.id, kind="dosing").order_by(Session.number)
    )
    for place, row in enumerate(doses.all()[:3]):
        at = NOW - timedelta(days=9 - 3 * place)
        row.arrive_at, row.starts_at, row.arrived_at, row.dosed_at = None, at, at, at
        row.status, row.ends_at, row.discharged_at = Status.DISCHARGED, at + timedelta(hours=2), at + timedelta(hours=2)
    follow(course, clinic.patient(course), by=clinic.cora, now=NOW)
    db.session.commit()
    return course


def test_a_course_is_paused_and_goes_on_by_the_days_that_were_shown(console, course):
    page = console.open(f"/console/patients/{course.patient_id}")
    page = console.open(next(link for link in page.links if "/console/courses/" in link))
    asked = console.send(page, "/pause", pause_reason="")
    assert (asked.status, "Please say why" in asked.text) == (422, True)
    paused = console.send(asked, "/pause", pause_reason="She travels", until="2027-02-01")
    assert "Each person is told once." in paused.text
    assert "paused until Mon, Feb 1" in paused.text
    shown = console.open(f"/console/courses/{course.id}?from_on=2027-02-09")
    assert "Dosing 1 Tue, Jan 12 → becomes Tue, Feb 9" in shown.text
    done = console.send(shown, "/resume")
    assert "Its sessions need new times." in done.text
    assert db.session.get(Course, (course.clinic_id, course.id), populate_existing=True).status == "active"


def test_days_that_changed_in_between_are_shown_anew(console, course):
    page = console.open(f"/console/courses/{course.id}")
    console.send(page, "/pause", pause_reason="She travels")
    shown = console.open(f"/console/courses/{course.id}?from_on=2027-02-09")
    stale = console.send(shown, "/resume", plan="another")
    assert stale.status == 409
    assert "please look at the new one" in stale.text
    assert "Its sessions need new times." in console.send(stale, "/resume").text


def test_a_review_is_decided_by_a_clinician_with_the_source_beside_it(console, practice, waiting):
    place = f"/console/courses/{waiting.id}"
    assert "A clinician decides." in console.open(place).text
    looked_at = db.session.scalars(db.select(Review)).one()
    page = practice.open(place)
    assert "3 doses were given" in page.text
    decided = practice.send(page, f"/reviews/{looked_at.id}", decision="continue", note="Sleeps better.", sessions="2")
    assert "The next dose no longer waits for it." in decided.text
    assert "Clive Clinician went on as planned" in decided.text
    assert db.session.query(Review).filter_by(decision="continue").count() == 1


def test_how_often_is_chosen_among_the_protocols_choices(practice, course):
    page = practice.open(f"/console/courses/{course.id}")
    changed = practice.send(page, "/frequency", frequency="w3", frequency_reason="Strong response.")
    assert "3 a week" in changed.text
    odd = practice.send(changed, "/frequency", frequency="d5", frequency_reason="Why not.")
    assert odd.status == 409


def test_a_course_that_is_ended_shows_nothing_more_to_decide(console, course):
    page = console.open(f"/console/courses/{course.id}")
    ended = console.send(page, "/discontinue", cause="patient", end_reason="Moves away.")
    assert "Ended. The people concerned will be told." in ended.text
    assert "Pause the course" not in ended.text
