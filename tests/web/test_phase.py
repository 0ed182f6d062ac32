"""Can staff book a whole phase from one page, and choose otherwise for single sessions before they say yes?"""

import pytest

from actions.sessions.book import book
from models import Session, db
from tests.people import NOW

WISH = "phase=induction&weekdays=1&weekdays=4&around=10:00&integration=yes"


@pytest.fixture
def path(course):
    return f"/console/courses/{course.id}/book"


def without_time(course):
    db.session.expire_all()
    return db.session.query(Session).filter_by(course_id=course.id, phase="induction", status="planned").count()


def agree(console, page, **chosen):
    """The yes to what is shown."""
    form = next(form for form in page.forms if "proposal" in form.fields)
    return console.post(form.action, {**form.fields, **chosen})


def test_what_is_left_of_an_induction_is_booked_with_one_yes(console, course, path):
    assert path in console.open(f"/console/patients/{course.patient_id}").links
    assert "Look for times" in console.open(path).text
    page = console.open(f"{path}?{WISH}")
    assert "9 of 9 sessions find a time" in page.text
    assert "Fri, Jan 22, 10:00 AM" in page.text
    assert without_time(course) == 9, "looking books nothing"
    done = agree(console, page)
    assert "Booked. Each person gets one text with all times." in done.text
    assert without_time(course) == 0


def test_one_may_be_left_without_a_time(console, clinic, course, path):
    page = console.open(f"{path}?phase=induction&weekdays=2&around=15:00")
    last = clinic.session(course, 6)
    assert "Booked." in agree(console, page, **{f"slot-{last.id}": "-"}).text
    db.session.expire_all()
    assert (clinic.session(course, 5).status, last.status) == ("booked", "planned")


def test_what_changed_meanwhile_is_shown_and_nothing_is_booked(console, clinic, course, path):
    page = console.open(f"{path}?{WISH}")
    fourth = clinic.session(course, 4)
    book(fourth, clinic.first_slot(fourth), by=clinic.cora, now=NOW)
    db.session.commit()
    stale = agree(console, page)
    assert stale.status == 409
    assert "so nothing was booked" in stale.text
    assert without_time(course) == 8
    agree(console, stale)
    assert without_time(course) == 0


@pytest.mark.parametrize("query", ["phase=x", "phase=induction&around=25:00", "phase=induction&around=%00&weekdays=9"])
def test_a_wish_that_cannot_be_read_is_said(console, path, query):
    assert console.open(f"{path}?{query}").status == 200
