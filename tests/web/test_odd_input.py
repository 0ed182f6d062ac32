"""Does a page answer what people do not usually type?"""

import pytest

from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment
from models import SupportPerson, db
from tests.people import NOW
from web.auth import local_path

DAYS = ["9999-12-31", "0001-01-01", "2100-01-01", "not-a-day", "2027-W01-1"]


@pytest.mark.parametrize("day", DAYS)
def test_days_beyond_the_years_we_plan_for_show_the_present(clinic, course, console, day):
    assert console.open(f"/console?on={day}").status == 200
    assert console.open(f"/console/sessions/{clinic.session(course, 1).id}/move?from={day}").status == 200


@pytest.mark.parametrize("day", DAYS[:4])
def test_a_course_begins_in_the_years_we_plan_for(console, day):
    page = console.send(console.open("/console/enrol"), "preview", name="Bo", number="212-555-0120", starts_on=day)
    assert page.status == 422
    assert "Please give a date." in page.text


@pytest.mark.parametrize("name", ["\u00a0", "Bo \u202eob", "evil.example"])
def test_a_form_takes_names_of_people_alone(console, name):
    day = NOW.date().isoformat()
    page = console.send(console.open("/console/enrol"), "preview", name=name, number="212-555-0120", starts_on=day)
    assert page.status == 422


@pytest.mark.parametrize("then", ["/console\r\nX: 1", "/console\n", "/console\x00", "//evil.example", "/console\\x"])
def test_nobody_is_sent_on_to_a_torn_address(clinic, stranger, then):
    assert local_path(then, "/console") == "/console"
    form = {"clinic": str(clinic.clinic.id), "staff": str(clinic.cora.id), "then": then}
    assert stranger.post("/console/open-as", form).status == 200


def test_the_clock_of_the_demonstration_stays_in_the_years_we_plan_for(clinic, course, stranger):
    for to in ("9999-12-31T23:59", "0001-01-01T00:00"):
        form = {"by": "date", "to": to}
        assert stranger.post(f"/phones/{course.patient_id}/clock", form).status == 422


def test_a_support_person_is_named_on_their_own_patients_page(clinic, course, console):
    wish = Enrolment(name="Bo Sample", number="+12125550120", protocol="iv_6", starts_on=NOW.date())
    theirs = enrol(clinic.clinic, wish, by=clinic.cora, now=NOW)
    db.session.commit()
    before = db.session.query(SupportPerson).count()
    form = {"support_name": "Sue", "support_number": "212-555-0121", "support_language": "en"}
    page = console.post(f"/console/patients/{course.patient_id}/courses/{theirs.id}/support", form)
    assert page.status == 404
    assert db.session.query(SupportPerson).count() == before
