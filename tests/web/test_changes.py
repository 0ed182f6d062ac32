"""Can staff see what a change of a whole course brings before they say yes, and does just that happen?"""

from datetime import timedelta

import pytest

from actions.sessions.book import book
from actions.sessions.offer import offered
from actions.sessions.slots import token
from models import Course, Session, db
from tests.people import NOW


def doses(clinic, course):
    return [clinic.session(course, number) for number in range(1, 7)]


def at_later(clinic, session, hours):
    wanted = session.starts_at + timedelta(hours=hours)
    return next(slot for slot, _ in offered(session, wanted, wanted + timedelta(minutes=5), by=clinic.cora, now=NOW))


@pytest.fixture
def booked(clinic, course):
    """All six doses have their times."""
    for session in doses(clinic, course)[3:]:
        book(session, clinic.first_slot(session), by=clinic.cora, now=NOW)
    db.session.commit()
    return doses(clinic, course)


def agree(console, page, **filled):
    """Fill in the form that changes something, and send it."""
    form = next(form for form in page.forms if form.method == "post" and "plan" in form.fields)
    return console.post(form.action, {**form.fields, **filled})


def test_this_and_all_that_follow_move_together(console, clinic, course, booked):
    second, was = booked[1], [dose.starts_at for dose in booked]
    page = console.open(f"/console/sessions/{second.id}/move?scope=following&slot={token(at_later(clinic, second, 2))}")
    assert "Dosing 6" in page.text
    done = console.send(page, "/move", reason="A new job")
    assert "Moved." in done.text
    db.session.expire_all()
    assert [dose.starts_at - at for dose, at in zip(booked, was, strict=True)] == [timedelta(0)] + [
        timedelta(hours=2)
    ] * 5


def test_what_follows_a_miss_is_shown_and_a_clinician_may_decide_otherwise(console, at, clinic, course, booked):
    first = booked[0]
    at(first.starts_at + timedelta(minutes=20))
    page = console.open(f"/console/sessions/{first.id}/miss")
    assert "One more at the end of the phase" in page.text
    assert "Dosing 7" in page.text
    assert "You may decide otherwise" not in page.text
    done = console.send(page, "/miss", cause="patient", reason="No sign of her")
    assert "Noted as missed." in done.text
    assert db.session.query(Session).filter_by(course_id=course.id, kind="dosing", number=7).count() == 1


def test_a_clinician_chooses_that_none_is_added(practice, at, clinic, course, booked):
    first = booked[0]
    at(first.starts_at + timedelta(minutes=20))
    page = practice.open(f"/console/sessions/{first.id}/miss?then=continue")
    assert "You may decide otherwise" in page.text
    assert "The protocol would say: one more at the end of the phase" in page.text
    agree(practice, page, cause="patient", reason="Six were enough")
    db.session.expire_all()
    assert first.status == "missed"
    assert db.session.query(Session).filter_by(course_id=course.id, kind="dosing").count() == 6


def test_all_that_follow_are_pushed_back_by_two_weeks(console, clinic, course, booked):
    was = [dose.starts_at for dose in booked]
    page = console.open(f"/console/sessions/{booked[2].id}/defer?scope=following&days=14")
    assert "meant for" in page.text
    done = agree(console, page, cause="patient", reason="Ill for two weeks")
    assert done.status == 200
    db.session.expire_all()
    assert [(dose.starts_at - day).days for dose, day in zip(booked, was, strict=True)] == [0, 0, 14, 14, 14, 14]


def test_what_changed_meanwhile_is_shown_and_nothing_is_done(console, clinic, course, booked):
    page = console.open(f"/console/sessions/{booked[5].id}/cancel")
    other = console.open(f"/console/sessions/{booked[4].id}/omit")
    console.send(other, "/omit", cause="clinic", reason="Holidays")
    stale = console.send(page, "/cancel", cause="clinic", reason="Holidays")
    assert stale.status == 409
    assert "The plan changed since you looked, so nothing was changed." in stale.text
    assert "Dosing 5: it was changed meanwhile" in stale.text
    db.session.expire_all()
    assert booked[5].status == "booked"
    console.send(stale, "/cancel", cause="clinic", reason="Holidays")
    db.session.expire_all()
    assert booked[5].status == "cancelled"


def test_from_a_day_on_the_course_has_other_days(console, clinic, course, booked):
    path = f"/console/courses/{course.id}/changes"
    assert console.open(path).status == 200
    page = console.open(f"{path}?verb=move&from_on=2027-01-19&weekdays=0&weekdays=3&around=14:00")
    assert "Mon, Jan 25, 2:00 PM" in page.text
    done = agree(console, page, reason="Works mornings now")
    assert "Changed." in done.text
    db.session.expire_all()
    assert db.session.get_one(Course, (course.clinic_id, course.id)).preferences["weekdays"] == [0, 3]


def test_one_session_more_is_added_without_a_time(console, clinic, course, booked):
    path = f"/console/courses/{course.id}/changes"
    page = console.open(f"{path}?verb=add&kind=review&target_on=2027-02-10")
    assert "Review 1" in page.text
    done = agree(console, page, reason="She asks for one")
    assert "Added." in done.text
    assert clinic.session(course, 1, "review").status == "planned"


@pytest.mark.parametrize(
    "query",
    ["verb=move", "verb=add&kind=x", "verb=cancel&from_on=x", "verb=%00", "verb=add&kind=dosing&target_on=9999-99-99"],
)
def test_a_wish_that_says_too_little_shows_the_form_again(console, course, query):
    page = console.open(f"/console/courses/{course.id}/changes?{query}")
    assert page.status == 200
    assert "Change the course" in page.text
