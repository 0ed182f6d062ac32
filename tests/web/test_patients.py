"""Does a patient's page hold their whole course, and can they be found and enrolled?"""

from datetime import date

import pytest

from models import Course, Patient, Reminder, SupportPerson, db
from tests.people import SAM

WISH = {
    "once": "0197a3c2-5b1e-7d40-8a31-6c2f0e9d4b17",
    "name": "Bea Example",
    "number": "(212) 555-0103",
    "language": "es",
    "zone": "America/Chicago",
    "consented": "yes",
    "protocol": "iv_6",
    "starts_on": "2027-01-12",
    "around": "10:00",
    "weekdays": ["1", "4"],
    "support_name": "Ben Sample",
    "support_number": "212-555-0104",
    "support_language": "en",
    "support_zone": "America/New_York",
}


def test_a_patient_is_found_by_a_part_of_their_name(console, course):
    assert "Ada Example" in console.open("/console/patients?name=exam").text
    assert "Nobody here has that name." in console.open("/console/patients?name=zed").text


def test_the_page_shows_course_readiness_reminders_people_and_record(console, course):
    text = console.open(f"/console/patients/{course.patient_id}").text
    assert "Clinic course: 6 sessions" in text
    assert "Dosing 3 Tue, Jan 19, 10:00 AM booked" in text
    assert "Integration 1 meant for" in text
    assert "Can you make it? to Ada Example, Dosing 1 waiting due Sat, Jan 9, 10:00 AM, 72 h before the dose" in text
    assert "Sam Sample invited" in text
    assert "Cora Coordinator booked Dosing 3, Tue, Jan 19, 10:00 AM" in text
    assert "(212) 555-0101" in text


def test_a_support_person_is_named_and_stands_by(console, course):
    page = console.open(f"/console/patients/{course.patient_id}")
    wrong = console.send(page, f"/courses/{course.id}/support", support_name="Nora Sample", support_number="12")
    assert wrong.status == 422
    assert "telephone number with its area code" in wrong.text
    assert wrong.form(f"/courses/{course.id}/support").fields["support_name"] == ["Nora Sample"]
    page = console.send(wrong, f"/courses/{course.id}/support", support_number="212 555 0105")
    assert "The invitation goes out by itself." in page.text
    assert db.session.scalars(db.select(SupportPerson).where(SupportPerson.position == 2)).one().name == "Nora Sample"


def test_enrolling_shows_every_session_and_text_before_anything_is_written(console):
    page = console.post("/console/enrol/preview", WISH)
    assert page.status == 200
    assert "22 sessions" in page.text  # six doses, the boosters that the horizon holds, and a follow-up for each
    assert "to Bea Example" in page.text
    assert "to Ben Sample" in page.text
    assert db.session.scalars(db.select(Patient)).all() == []


def test_what_was_filled_in_stays_in_the_form(console):
    form = console.post("/console/enrol/preview", WISH).forms[1]
    assert form.fields["name"] == ["Bea Example"]
    assert form.fields["zone"] == ["America/Chicago"]
    assert form.fields["weekdays"] == ["1", "4"]
    assert [button.get("formaction") for button in form.buttons] == [None, "/console/enrol"]


def test_enrolling_writes_patient_course_and_invitation(console):
    page = console.post("/console/enrol", WISH)
    assert "Enrolled." in page.text
    patient = db.session.scalars(db.select(Patient)).one()
    assert (patient.name, patient.contact.number, patient.contact.language) == ("Bea Example", "+12125550103", "es")
    assert db.session.scalars(db.select(Course)).one().starts_on == date(2027, 1, 12)
    assert "support_invite" in db.session.scalars(db.select(Reminder.kind)).all()


def test_without_a_support_person_the_rest_is_enough(console):
    assert "Enrolled." in console.post("/console/enrol", WISH | {"support_name": "", "support_number": ""}).text


@pytest.mark.parametrize("path", ["/console/enrol", "/console/enrol/preview"])
def test_everything_wrong_with_the_form_is_said_at_once(console, path):
    wrong = WISH | {
        "name": " ",
        "number": "12",
        "zone": "Mars",
        "starts_on": "soon",
        "around": "ten",
        "weekdays": ["9"],
    }
    page = console.post(path, wrong)
    assert page.status == 422
    assert len([name for name in page.ids if name.endswith("-hint")]) >= 6
    assert "Please look at these again" in page.text
    assert db.session.scalars(db.select(Patient)).all() == []


def test_a_second_active_course_is_refused_in_words(console, course):
    page = console.open(f"/console/patients/{course.patient_id}")
    assert page.status == 200
    again = console.post(
        f"/console/patients/{course.patient_id}/courses/{course.patient_id}/support",
        {
            "support_name": "X",
            "support_number": SAM,
            "support_language": "en",
            "support_zone": "America/New_York",
        },
    )
    assert again.status == 404
