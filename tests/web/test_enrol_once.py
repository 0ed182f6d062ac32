"""Does one wish enrol once, and does nobody share a number by mistake?"""

from models import Course, Patient, Session, db
from tests.people import NOW

DAY = NOW.date().isoformat()


def test_a_form_that_is_sent_twice_enrols_once(clinic, console):
    sent = {
        **console.open("/console/enrol").form("preview").fields,
        "name": "Bo Sample", "number": "212-555-0120", "protocol": "iv_6", "starts_on": DAY,
    }  # fmt: skip
    shown = console.post("/console/enrol/preview", sent).form("preview").fields
    assert shown["once"] == sent["once"]
    for _ in range(2):
        assert "Bo Sample" in console.post("/console/enrol", sent).text
    assert db.session.query(Course).count() == db.session.query(Patient).count() == 1


def test_another_form_is_another_wish(clinic, console):
    for number in ("212-555-0120", "212-555-0121"):
        sent = {
            **console.open("/console/enrol").form("preview").fields,
            "name": "Bo",
            "number": number,
            "protocol": "iv_6",
            "starts_on": DAY,
        }
        assert console.post("/console/enrol", sent).status == 200
    assert db.session.query(Course).count() == 2


def test_a_number_of_another_patient_needs_a_yes(clinic, course, console):
    sent = {
        **console.open("/console/enrol").form("preview").fields,
        "name": "Bo", "number": "212-555-0101", "protocol": "iv_6", "starts_on": DAY,
    }  # fmt: skip
    for path in ("/console/enrol/preview", "/console/enrol"):
        asked = console.post(path, sent)
        assert asked.status == 422
        assert "already belongs to Ada Example" in asked.text
        assert any(control.get("name") == "shared" for control in asked.controls)
    assert db.session.query(Patient).count() == 1
    assert console.post("/console/enrol", sent | {"shared": "yes"}).status == 200
    assert db.session.query(Patient).count() == 2


def test_sessions_already_given_are_shown_with_what_is_to_settle_before_anything_is_written(clinic, console):
    sent = {
        **console.open("/console/enrol").form("preview").fields,
        "name": "Bo Sample", "number": "212-555-0120", "starts_on": DAY, "protocol": "iv_6",
        "given": "2026-12-29 10:00\n2026-12-30\n2026-12-26 missed",
    }  # fmt: skip
    shown = console.post("/console/enrol/preview", sent)
    assert shown.status == 200
    for words in ("before", "That is too close to another visit", "to settle", "Ride home", "medical clearance"):
        assert words in shown.text
    assert db.session.query(Course).count() == 0
    assert console.post("/console/enrol", sent).status == 200
    given = db.session.query(Session).filter_by(given_before=True).order_by(Session.number)
    assert [each.status for each in given] == ["missed", "discharged", "discharged"]


def test_what_cannot_be_read_or_cannot_have_been_is_said_beside_the_form(clinic, console):
    sent = {
        **console.open("/console/enrol").form("preview").fields,
        "name": "Bo Sample", "number": "212-555-0120", "starts_on": DAY, "protocol": "iv_6",
    }  # fmt: skip
    assert "must be a local time such as" in console.post("/console/enrol/preview", sent | {"given": "yesterday"}).text
    future = console.post("/console/enrol/preview", sent | {"given": "2027-02-01"})
    assert "cannot have happened then" in future.text
    assert db.session.query(Course).count() == 0


def test_nobody_is_enrolled_under_a_protocol_that_nobody_chose(clinic, console):
    sent = {**console.open("/console/enrol").form("preview").fields, "name": "Bo", "number": "212-555-0120"}
    assert sent["protocol"] == [""]
    answer = console.post("/console/enrol", sent)
    assert "Please choose one of these." in answer.text
    assert db.session.query(Course).count() == 0
