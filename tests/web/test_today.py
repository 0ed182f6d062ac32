"""Does Today show who is ready, who is not and why, and do its buttons do what they say?"""

from datetime import timedelta

import pytest

from actions.ask import ask
from actions.record import Verb
from care.facts import Role
from models import Answer, RecordEntry, db
from web import words


@pytest.fixture
def first(clinic, course):
    return clinic.session(course)


def fresh(session):
    db.session.expire_all()
    return session


def test_a_day_shows_each_session_with_what_is_missing_and_by_when(console, first):
    page = console.open("/console?on=2027-01-12")
    assert "Tuesday, January 12" in page.text
    assert "10:00 AM arrives 9:45 AM Ada Example Dosing 1 booked" in page.text
    assert "Ride home …no answer yet must be yes before the dose; for the coordinator from Mon, Jan 11" in page.text
    assert "1 session" in page.text


def test_what_is_not_checked_here_is_named_wherever_readiness_is_shown(console, course, first):
    for page in ("/console?on=2027-01-12", f"/console/sessions/{first.id}", f"/console/patients/{course.patient_id}"):
        assert "Check yourself before the dose: consent, medical clearance." in console.open(page).text


def test_an_unread_text_is_shown_beside_the_steps_with_what_to_do(console, clinic, at, first):
    at(first.starts_at - timedelta(hours=1))
    ask(Role.COORDINATOR, "unclear_reply", first, subject_id=first.id, now=first.starts_at)
    db.session.commit()
    assert "A text that could not be understood. Read it and answer." in console.open("/console?on=2027-01-12").text


def test_an_empty_day_says_so(console):
    assert "Nobody comes on this day." in console.open("/console").text


def test_a_day_that_is_none_is_today(console):
    assert "Monday, January 4" in console.open("/console?on=yesterday").text


def test_staff_confirm_a_step_where_they_see_it_missing(console, first):
    page = console.open("/console?on=2027-01-12")
    after = console.send(page, f"/sessions/{first.id}/steps/transport", value="yes")
    assert after.path == "/console"
    assert "Noted." in after.text
    answer = db.session.scalars(db.select(Answer)).one()
    assert (answer.step, answer.value, answer.how) == ("transport", "yes", "staff")


def test_a_yes_given_to_a_time_that_changed_meanwhile_is_refused(console, first):
    page = console.open(f"/console/sessions/{first.id}")
    first.version += 1
    db.session.commit()
    after = console.send(page, "/steps/transport", value="yes")
    assert after.status == 409
    assert "This cannot be done as it is" in after.text
    assert db.session.scalars(db.select(Answer)).all() == []


def test_a_step_that_does_not_exist_is_not_confirmed(console, first):
    assert console.post(f"/console/sessions/{first.id}/steps/joy", {"version": "1", "value": "yes"}).status == 404
    assert console.post(f"/console/sessions/{first.id}/steps/transport", {"version": "1", "value": "??"}).status == 422


def test_a_dose_goes_from_arrival_to_discharge_by_its_buttons(console, practice, at, first):
    at(first.starts_at)
    page = console.open(f"/console/sessions/{first.id}")
    page = console.send(page, "/arrive")
    assert "Arrival noted." in page.text
    for step in ("transport", "ride_today", "support"):
        page = console.send(page, f"/steps/{step}", value="yes")
    page = practice.send(practice.open(f"/console/sessions/{first.id}"), "/dose")
    assert "The dose is noted" in page.text
    at(first.ends_at)
    page = practice.send(page, "/discharge")
    assert "Discharged" in page.text
    assert fresh(first).status == "discharged"


def test_who_leaves_before_observation_is_over_leaves_with_a_reason(console, practice, at, first):
    at(first.starts_at)
    page = console.send(console.open(f"/console/sessions/{first.id}"), "/arrive")
    for step in ("transport", "ride_today", "support"):
        page = console.send(page, f"/steps/{step}", value="yes")
    page = practice.send(practice.open(f"/console/sessions/{first.id}"), "/dose")
    refused = practice.post(f"/console/sessions/{first.id}/discharge")
    assert refused.status == 409
    assert "observation is not over yet: it lasts until" in refused.text
    done = practice.post(f"/console/sessions/{first.id}/discharge", {"why_early": "Went by ambulance"})
    assert "Discharged" in done.text
    assert fresh(first).status == "discharged"
    entry = db.session.scalars(db.select(RecordEntry).where(RecordEntry.verb == "discharge")).one()
    assert entry.reason == "Went by ambulance"


def test_only_a_clinician_says_that_a_dose_was_given(console, at, first):
    at(first.starts_at)
    page = console.send(console.open(f"/console/sessions/{first.id}"), "/arrive")
    assert "Next: dose given. A clinician says so." in page.text
    assert console.post(f"/console/sessions/{first.id}/dose").status == 403
    assert console.post(f"/console/sessions/{first.id}/discharge").status == 403
    assert fresh(first).status == "arrived"


def test_a_dose_with_an_open_hard_gate_is_refused_with_every_reason(practice, at, first):
    at(first.starts_at)
    page = practice.send(practice.open(f"/console/sessions/{first.id}"), "/arrive")
    refused = practice.send(page, "/dose")
    assert refused.status == 409
    assert refused.text.count("confirmed") >= 2
    assert fresh(first).status == "arrived"


def test_a_mistake_is_taken_back_with_a_reason_and_the_record_keeps_both(console, at, first):
    at(first.starts_at)
    page = console.send(console.open(f"/console/sessions/{first.id}"), "/arrive")
    assert "Please say what was wrong." in console.send(page, "/correct", reason=" ").text
    page = console.send(page, "/correct", reason="It was the other Ada")
    assert "Corrected" in page.text
    assert fresh(first).status == "booked"
    verbs = db.session.scalars(db.select(RecordEntry.verb).where(RecordEntry.subject_id == first.id)).all()
    assert {"arrive", "correct"} <= set(verbs)


def test_every_verb_of_the_record_is_said_in_words_and_no_other():
    assert set(words.RECORD) == {verb.value for verb in Verb}


@pytest.mark.parametrize(("verb", "status"), [("cancel", "cancelled"), ("defer", "deferred"), ("omit", "omitted")])
def test_a_session_ends_with_a_cause_and_a_reason(console, first, verb, status):
    page = console.open(f"/console/sessions/{first.id}/{verb}")
    kept = console.send(page, f"/{verb}", cause="ride", reason="")
    assert kept.status == 422
    assert "Please say why" in kept.text
    assert kept.form(f"/{verb}").fields["cause"] == ["ride"]
    page = console.send(kept, f"/{verb}", reason="The car broke down")
    assert "The people concerned will be told." in page.text
    assert (fresh(first).status, first.cause) == (status, "ride")
    verbs = db.session.scalars(db.select(RecordEntry.verb).where(RecordEntry.subject_id == first.id)).all()
    assert verb in verbs
    assert status not in verbs


def test_nobody_is_missed_before_the_start(console, at, first):
    page = console.open(f"/console/sessions/{first.id}/miss")
    refused = console.send(page, "/miss", cause="patient", reason="No sign of her")
    assert refused.status == 409
    assert (
        "No sign of her"
        in console.client.post(
            f"/console/sessions/{first.id}/miss",
            data={"cause": "patient", "reason": "No sign of her"},
            headers={"Origin": "http://localhost"},
        ).text
    )
    at(first.starts_at + timedelta(minutes=20))
    console.send(page, "/miss", cause="patient", reason="No sign of her")
    assert fresh(first).status == "missed"


def test_a_session_shows_its_windows_and_resources(console, first):
    page = console.open(f"/console/sessions/{first.id}")
    assert "No alcohol Mon, Jan 11, 10:00 AM to Wed, Jan 13, 12:00 PM" in page.text
    assert "chair of Harbor" in page.text
