"""Can a patient by link and staff in the console say that integration is with somebody of their own, and take it back?"""

from datetime import timedelta

import pytest

from models import Link, LinkPurpose, db
from models.sealed import keyed_digest
from tests.people import NOW

THURSDAY = "2027-01-14"  # two days after the first dose


@pytest.fixture
def follow_up(clinic, course):
    return clinic.session(course, 1, "integration")


@pytest.fixture
def link(clinic, course, follow_up):
    """The address that Ada's text carries."""
    opens = Link(
        digest=keyed_digest("link", b"a-word"),
        clinic_id=clinic.clinic.id,
        purpose=LinkPurpose.INTEGRATION,
        subject_id=follow_up.id,
        person_id=course.patient_id,
        expires_at=NOW + timedelta(days=7),
    )
    db.session.add(opens)
    db.session.commit()
    return "/go/a-word"


def day_of(follow_up):
    db.session.expire_all()
    return str(follow_up.elsewhere_on)


def test_a_link_takes_a_day_elsewhere_and_takes_it_back(stranger, link, follow_up):
    page = stranger.open(link)
    (day,) = [control for control in page.controls if control.get("name") == "on"]
    assert (day["min"], day["type"]) == ("2027-01-12", "date")
    done = stranger.post(link, {"on": THURSDAY})
    assert "You told us that it is with somebody of your own on Thursday, January 14." in done.text
    assert day_of(follow_up) == THURSDAY
    assert not [word for word in ("therap", "integration", "dose") if word in (page.text + done.text).lower()]
    assert stranger.open(link).text == done.text, "looking changes nothing"
    back = stranger.post(link, {"here": "yes"})
    assert "Choose a time for your follow-up visit" in back.text
    assert day_of(follow_up) == "None"


@pytest.mark.parametrize(("day", "says"), [("2028-01-14", 409), ("soon", 422), ("", 422)])
def test_a_day_that_does_not_fit_is_said_and_the_question_stays(stranger, link, follow_up, day, says):
    page = stranger.post(link, {"on": day})
    assert page.status == says
    assert "That did not work" in page.text
    assert day_of(follow_up) == "None"


def test_after_the_link_expired_nothing_is_taken_back(stranger, link, follow_up, at):
    stranger.post(link, {"on": THURSDAY})
    at(NOW + timedelta(days=8))
    assert "after all" not in stranger.open(link).text
    stranger.post(link, {"here": "yes"})
    assert day_of(follow_up) == THURSDAY


def test_staff_note_it_and_it_is_shown_wherever_the_session_is(console, course, follow_up):
    path = f"/console/sessions/{follow_up.id}"
    noted = console.send(console.open(path), "/elsewhere", on=THURSDAY)
    assert "Noted. The patient is not asked again." in noted.text
    assert "With their own therapist on Thursday, January 14" in noted.text
    assert "with their own therapist Thu, Jan 14" in console.open(f"/console/patients/{course.patient_id}").text
    here = console.post(f"{path}/elsewhere", {"here": "yes"})
    assert "The session wants a time here again." in here.text
    assert day_of(follow_up) == "None"
    wrong = console.post(f"{path}/elsewhere", {"on": "2028-02-01"})
    assert wrong.status == 409
