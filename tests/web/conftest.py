"""What do tests of pages find ready? Harbor clinic at a known time, and browsers in and out of the console."""

import pytest

from actions.sessions.book import book
from models import db
from models.clock import set_care_clock
from tests.people import NOW, harbor
from tests.web.browsing import Browser


@pytest.fixture
def clinic(app):
    """Harbor, on Monday, January 4th 2027, at ten in the morning."""
    set_care_clock(NOW)
    return harbor()


@pytest.fixture
def stranger(clinic, client):
    """Somebody who is not signed in."""
    return Browser(client)


@pytest.fixture
def console(clinic, app):
    """Cora, signed in."""
    cora = Browser(app.test_client())
    cora.post("/console/open-as", {"clinic": str(clinic.clinic.id), "staff": str(clinic.cora.id)})
    return cora


@pytest.fixture
def practice(clinic, app):
    """Clive the clinician, signed in."""
    clive = Browser(app.test_client())
    clive.post("/console/open-as", {"clinic": str(clinic.clinic.id), "staff": str(clinic.clive.id)})
    return clive


@pytest.fixture
def course(clinic):
    """Ada's course with its first three doses booked, Tuesday, Friday and Tuesday at ten."""
    course = clinic.enrol_ada()
    for number in (1, 2, 3):
        session = clinic.session(course, number)
        book(session, clinic.first_slot(session), by=clinic.cora, now=NOW)
    db.session.commit()
    return course


@pytest.fixture
def at(app):
    """Move the clock of the clinic."""

    def move(to):
        set_care_clock(to)
        db.session.commit()

    return move
