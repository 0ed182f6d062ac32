"""Do staff see a week of everyone and everything, and what a closure would bring before they say yes to it?"""

from datetime import UTC, datetime, timedelta

from actions.sessions.end import defer
from care.facts import Cause
from models import BusyTime, Closure, Resource, db
from tests.people import NOW

DAY = timedelta(days=1)


def resource(kind):
    return db.session.scalars(db.select(Resource).filter_by(kind=kind)).one()


def test_a_week_shows_sessions_closures_and_what_other_calendars_say(clinic, course, console):
    first = clinic.session(course)
    assert first.starts_at == datetime(2027, 1, 12, 15, tzinfo=UTC)
    therapist = resource("therapist")
    therapist.busy_wrong = "not_a_calendar"
    noon = first.starts_at + timedelta(hours=2)
    db.session.add(
        BusyTime(
            clinic_id=clinic.clinic.id, resource_id=therapist.id, starts_at=noon, ends_at=noon + timedelta(hours=1)
        )
    )
    closed = {"clinic_id": clinic.clinic.id, "reason": "Holiday", "made_at": NOW}
    db.session.add(Closure(**closed, starts_at=first.starts_at + 3 * DAY, ends_at=first.starts_at + 5 * DAY))
    db.session.commit()
    page = console.open("/console/resources?from=2027-01-11")
    assert "Mon, Jan 11 to Sun, Jan 17" in page.text
    assert "Ada Example, dosing 1" in page.text
    assert f"/console/sessions/{first.id}" in page.links
    assert "busy 12:00 PM to 1:00 PM" in page.text
    assert "closed 10:00 AM to 12:00 AM" in page.text
    assert "closed all day" in page.text
    assert "calendar not read what is there is no calendar" in page.text
    assert "Ada Example" not in console.open("/console/resources?from=2027-06-07").text
    assert console.open("/console/resources?from=never").status == 200


def test_a_closure_is_shown_then_carried_out_then_lifted(clinic, course, console, practice):
    second = clinic.session(course, 2)
    at = second.starts_at
    assert "It hits no session." in console.open(asking("2027-03-01T08:00", "2027-03-01T18:00")).text
    page = console.open(asking("2027-01-15T00:00", "2027-01-16T00:00"))
    assert "Ada Example, dosing 2" in page.text
    assert "people: one text each, with all new times" in page.text
    assert second.starts_at == at
    form = {name: values[0] for name, values in page.form("/console/closures").fields.items()}
    wish = {"resource": "", "from": "2027-01-15T00:00", "until": "2027-01-16T00:00"}
    agreed = {**wish, "plan": token_of(page), "reason": "Water damage"}
    assert {name: form[name] for name in wish} == wish
    assert console.post("/console/closures", {**agreed, "reason": ""}).status == 422
    assert practice.post("/console/closures", agreed).status == 403
    assert "A coordinator closes." in practice.open(asking("2027-01-15T00:00", "2027-01-16T00:00")).text
    done = console.post("/console/closures", agreed)
    assert "Closed. Whoever was moved hears of their new times" in done.text
    assert "Water damage" in done.text
    db.session.expire_all()
    assert clinic.session(course, 2).starts_at not in (None, at)
    closure = db.session.scalars(db.select(Closure)).one()
    assert "Open again. Nobody was moved back." in console.post(f"/console/closures/{closure.id}/lift", {}).text
    assert console.post(f"/console/closures/{closure.id}/lift", {}).status == 409


def test_a_plan_that_went_stale_is_shown_anew_and_one_session_is_left_for_a_person(clinic, course, console):
    page = console.open(asking("2027-01-15T00:00", "2027-01-16T00:00"))
    wish = {"resource": "", "from": "2027-01-15T00:00", "until": "2027-01-16T00:00", "reason": "Water damage"}
    defer(clinic.session(course, 3), Cause.CLINICAL, "Fever", by=clinic.clive, now=NOW)
    db.session.commit()
    stale = console.post("/console/closures", {**wish, "plan": token_of(page)})
    assert stale.status == 409
    assert "nothing was closed" in stale.text
    assert token_of(stale) != token_of(page)
    left = str(clinic.session(course, 2).id)
    page = console.open(asking("2027-01-15T00:00", "2027-01-16T00:00") + f"&leave={left}")
    assert "a person finds a time" in page.text
    assert console.post("/console/closures", {**wish, "plan": token_of(page), "leave": left}).status == 200
    db.session.expire_all()
    assert clinic.session(course, 2).starts_at is None


def test_what_cannot_be_read_or_lies_in_the_past_is_said(clinic, console, stranger):
    assert (
        "Please give an end after the beginning." in console.open(asking("2027-03-01T08:00", "2027-03-01T08:00")).text
    )
    assert "Please give a date and a time." in console.open(asking("x", "2027-03-01T08:00")).text
    past = console.open(asking("2026-03-01T08:00", "2026-03-01T09:00"))
    assert "This cannot be closed like this" in past.text
    assert not any(each["tag"] == "button" and "Close" in str(each) for each in past.controls)
    unknown = "00000000-0000-4000-8000-000000000000"
    assert console.open(asking("2027-03-01T08:00", "2027-03-01T09:00", unknown)).status == 404
    assert stranger.open("/console/closures").path != "/console/closures"


def asking(from_at, until_at, resource=""):
    return f"/console/closures?resource={resource}&from={from_at}&until={until_at}"


def token_of(page):
    forms = [form for form in page.forms if form.method == "post" and "plan" in form.fields]
    return forms[0].fields["plan"][0]
