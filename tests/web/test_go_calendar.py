"""Does a support person who said yes get the visits in their own calendar?"""

import pytest
from icalendar import Calendar

from models import CalendarLink, db
from models.clock import care_now


@pytest.fixture
def invitation(stranger, course):
    """The link in Sam's invitation."""
    page = stranger.post(f"/phones/{course.patient_id}/clock", {"by": "text"})
    return next(link for link in page.links if link.startswith("/go/"))


def test_after_the_yes_a_link_puts_the_visits_into_a_calendar(stranger, course, invitation):
    page = stranger.post(invitation, {"value": "yes"})
    assert page.form("/calendar").method == "post"
    assert db.session.scalars(db.select(CalendarLink)).all() == [], "looking makes no link"
    made = stranger.post(f"{invitation}/calendar", {})
    (address,) = [link for link in made.links if link.startswith("webcal://")]
    feed = stranger.client.get(address.removeprefix("webcal://localhost"))
    events = Calendar.from_ical(feed.get_data()).events
    assert [str(event["summary"]) for event in events] == ["Ada's visit at Harbor"] * 3
    assert address not in stranger.open(invitation).text


def test_before_the_yes_after_a_no_and_later_there_is_none(stranger, course, invitation, at):
    assert stranger.post(f"{invitation}/calendar", {}).status == 404
    stranger.post(invitation, {"value": "no"})
    assert stranger.post(f"{invitation}/calendar", {}).status == 404
    assert "calendar" not in stranger.open(invitation).text
    at(care_now().replace(year=2028))
    assert stranger.post(f"{invitation}/calendar", {}).status == 404


def test_the_page_speaks_the_readers_language(stranger, course, invitation):
    from models import SupportPerson

    db.session.scalars(db.select(SupportPerson)).one().contact.language = "es"
    db.session.commit()
    stranger.post(invitation, {"value": "yes"})
    page = stranger.post(f"{invitation}/calendar", {})
    assert (page.language, "Su enlace de calendario" in page.text) == ("es", True)
