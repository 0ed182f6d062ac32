"""What does a person see when something goes wrong that they cannot help?"""

import pytest
from sqlalchemy.orm.exc import StaleDataError

from actions.record import note, system
from models import RecordEntry, db
from tests.people import NOW


@pytest.fixture
def breaking(app, clinic, monkeypatch):
    """Make the worklist fail in some way after it wrote something, as a live server would show it."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    clinic_id = clinic.clinic.id

    def breaks(error):
        def fails():
            note("half_written", by=system(clinic_id), now=NOW)
            db.session.flush()
            raise error

        monkeypatch.setitem(app.view_functions, "pages.worklist", fails)

    return breaks


def test_a_fault_of_ours_is_said_kindly_and_keeps_nothing(console, breaking):
    breaking(ZeroDivisionError())
    page = console.open("/console/tasks")
    assert page.status == 500
    assert "Something broke on our side" in page.text
    assert "ZeroDivisionError" not in page.text
    assert db.session.scalars(db.select(RecordEntry)).all() == []


def test_who_was_slower_is_told_so(console, breaking):
    breaking(StaleDataError())
    page = console.open("/console/tasks")
    assert page.status == 409
    assert "Someone else was quicker" in page.text
    assert db.session.scalars(db.select(RecordEntry)).all() == []


def test_what_is_too_long_is_refused(console):
    page = console.post("/console/enrol", {"name": "x" * 1_100_000})
    assert page.status == 413
    assert "That is too long" in page.text


def test_a_page_that_cannot_be_asked_so_says_so(console):
    page = console.open("/console/open-as")
    assert page.status == 405
    assert "That cannot be done here" in page.text


def test_what_programs_ask_is_not_answered_with_a_page(client):
    answer = client.get("/v1/nothing-here")
    assert answer.status_code in (401, 404)
    assert answer.mimetype == "application/problem+json"
