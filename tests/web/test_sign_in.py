"""Who gets into the console, and from where may a form be sent?"""

from datetime import timedelta

import pytest
import time_machine

from models import Staff, db
from models.clock import machine_now
from tests.databases import app_on
from tests.people import harbor
from tests.web.browsing import Browser


def test_the_start_page_says_what_this_is_and_lets_one_in(stranger):
    page = stranger.open("/")
    assert "Open as Cora Coordinator, coordinator" in page.text
    assert "/phones" in page.links
    inside = stranger.send(page, "/console/open-as")
    assert inside.path == "/console"


def test_without_signing_in_every_page_of_the_console_asks_who_is_there(stranger, course):
    for path in ("/console", "/console/tasks", "/console/patients", f"/console/patients/{course.patient_id}"):
        page = stranger.open(path)
        assert page.path == "/console/sign-in"
        assert "Ada" not in page.text


def test_after_signing_in_one_is_where_one_wanted_to_be(stranger):
    page = stranger.open("/console/tasks")
    assert stranger.send(page, "/console/open-as").path == "/console/tasks"


def test_nobody_is_led_to_another_site_after_signing_in(stranger, clinic):
    form = {"clinic": str(clinic.clinic.id), "staff": str(clinic.cora.id), "then": "https://evil.example/console"}
    answer = stranger.client.post("/console/open-as", data=form, headers={"Origin": "http://localhost"})
    assert answer.headers["Location"] == "/console"


def test_the_token_that_an_operator_prints_opens_the_console(cli, stranger):
    token = cli.invoke(args=["token", "--role", "clinician", "--who", "Clive Clinician"]).output
    page = stranger.open("/console/sign-in")
    assert stranger.send(page, "/console/sign-in", token=token).path == "/console"


def test_a_wrong_token_says_so_and_opens_nothing(stranger):
    page = stranger.post("/console/sign-in", {"token": "guess"})
    assert page.status == 422
    assert "not valid" in page.text
    assert stranger.open("/console").path == "/console/sign-in"


def test_a_patients_token_does_not_open_the_console(cli, stranger, course):
    hers = cli.invoke(args=["token", "--role", "patient", "--who", "Ada Example"]).output
    assert len(hers) > 40
    assert stranger.post("/console/sign-in", {"token": hers}).status == 422


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger, clinic):
    form = {"clinic": str(clinic.clinic.id), "staff": str(clinic.cora.id)}
    answer = stranger.client.post("/console/open-as", data=form, headers={"Origin": "http://localhost"})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_a_working_day_later_one_signs_in_again(console):
    with time_machine.travel(machine_now() + timedelta(hours=12, minutes=1)):
        assert console.open("/console").path == "/console/sign-in"


def test_who_left_the_clinic_is_out_at_once(console, clinic):
    db.session.delete(db.session.get_one(Staff, (clinic.clinic.id, clinic.cora.id)))
    db.session.commit()
    assert console.open("/console").path == "/console/sign-in"


def test_a_changed_cookie_is_nobodys(console):
    console.client.set_cookie("steadfast_console", "made-up")
    assert console.open("/console").path == "/console/sign-in"


def test_signing_out_ends_it(console):
    console.send(console.open("/console"), "/console/sign-out")
    assert console.open("/console").path == "/console/sign-in"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_form_from_elsewhere_changes_nothing(console, course, clinic, origin):
    session = clinic.session(course)
    page = console.post(f"/console/sessions/{session.id}/cancel", {"cause": "clinic", "reason": "x"}, origin=origin)
    assert page.status == 403
    db.session.expire_all()
    assert clinic.session(course).status == "booked"


def test_outside_the_demonstration_nobody_enters_with_a_click(database):
    with app_on(database.url, DEMO="0", SMS_TRANSPORT="twilio") as app:
        with app.app_context():
            clinic = harbor()
            form = {"clinic": str(clinic.clinic.id), "staff": str(clinic.cora.id)}
            db.session.remove()
        browser = Browser(app.test_client())
        assert "Open as" not in browser.open("/console/sign-in").text
        assert browser.post("/console/open-as", form).status == 404
        assert browser.open("/phones").status == 404


def test_another_clinics_rows_are_like_missing_ones(console, clinic):
    other = harbor("Elsewhere")
    theirs = other.enrol_ada()
    session = other.session(theirs)
    for path in (
        f"/console/patients/{theirs.patient_id}",
        f"/console/sessions/{session.id}",
        f"/console/sessions/{session.id}/move",
    ):
        assert console.open(path).status == 404
    assert console.post(f"/console/sessions/{session.id}/arrive").status == 404


def test_an_unknown_address_is_answered_kindly(console):
    page = console.open("/console/nothing-here")
    assert page.status == 404
    assert "There is nothing here" in page.text


def test_signing_out_ends_every_copy_of_the_cookie(clinic, console, stranger):
    copied = console.client.get_cookie("steadfast_console").value
    stranger.client.set_cookie("steadfast_console", copied)
    assert stranger.client.get("/console").status_code == 200
    with time_machine.travel(machine_now() + timedelta(seconds=2), tick=False):
        console.post("/console/sign-out")
        assert stranger.client.get("/console").status_code == 303, "the copy is over, too"
        console.post("/console/open-as", {"clinic": str(clinic.clinic.id), "staff": str(clinic.cora.id)})
        assert console.client.get("/console").status_code == 200
