"""Can staff see what a move brings before they say yes, and does nothing else happen than what they saw?"""

from datetime import time, timedelta

import pytest

from actions.sessions.book import book
from actions.sessions.confirm import confirm
from actions.sessions.offer import offered
from actions.sessions.slots import token
from care.facts import How, Step, Value
from models import RecordEntry, Session, db
from tests.people import NOW


@pytest.fixture
def second(clinic, course):
    return clinic.session(course, 2)


def slot_for(clinic, session, *, days=0, hours=0, now=NOW):
    """The free time so much later than the session's, whatever the rules say of it."""
    wanted = session.starts_at + timedelta(days=days, hours=hours)
    found = offered(session, wanted, wanted + timedelta(hours=1), by=clinic.cora, now=now)
    return next(slot for slot, _ in found if slot.starts_at == wanted)


def plan_page(console, session, slot):
    return console.open(f"/console/sessions/{session.id}/move?slot={token(slot)}")


def test_free_times_are_listed_by_day_and_lead_to_a_plan(console, second):
    page = console.open(f"/console/sessions/{second.id}/move")
    assert "Fri, Jan 15 7:30 AM" in page.text
    links = [link for link in page.links if "slot=" in link]
    plan = console.open(links[-1])
    assert "What moves" in plan.text


def test_the_plan_names_what_moves_who_is_told_and_what_is_asked_again(console, clinic, course, second):
    confirm(second, Step.TRANSPORT, Value.YES, by=clinic.cora, how=How.STAFF, now=NOW)
    page = plan_page(console, second, slot_for(clinic, second, days=1))
    assert "Dosing 2 Fri, Jan 15, 10:00 AM → becomes Sat, Jan 16, 10:00 AM" in page.text
    assert "Told Ada Example, Sam Sample: one text each" in page.text
    assert "Asked again ride home" in page.text
    db.session.expire_all()
    assert second.starts_at.day == 15


def test_a_move_needs_a_reason_and_then_happens(console, clinic, course, second):
    page = plan_page(console, second, slot_for(clinic, second, days=1))
    asked = console.send(page, "/move", reason="")
    assert asked.status == 422
    assert "Please say why it moves" in asked.text
    done = console.send(asked, "/move", reason="She is away")
    assert "Each person gets one text with all new times." in done.text
    db.session.expire_all()
    assert (second.starts_at.day, second.version) == (16, 2)
    entry = db.session.scalars(db.select(RecordEntry).where(RecordEntry.verb == "move")).one()
    assert entry.reason == "She is away"


def test_a_plan_that_went_stale_is_shown_anew_and_nothing_moves(console, clinic, course, second):
    page = plan_page(console, second, slot_for(clinic, second, days=3))
    third = clinic.session(course, 3)
    clinic_moved = console.send(plan_page(console, third, slot_for(clinic, third, days=1)), "/move", reason="Staff")
    assert "Moved." in clinic_moved.text
    stale = console.send(page, "/move", reason="She is away")
    assert stale.status == 409
    assert "The plan changed since you looked, so nothing was moved." in stale.text
    assert "Dosing 3: was to go to" in stale.text
    assert "now stays on Wed, Jan 20, 10:00 AM" in stale.text
    db.session.expire_all()
    assert second.starts_at.day == 15
    again = console.send(stale, "/move", reason="She is away")
    assert "Moved." in again.text


def test_a_time_that_the_rules_forbid_says_why_and_offers_no_yes(console, clinic, course, second):
    page = plan_page(console, second, slot_for(clinic, second, days=-2))
    assert "This time cannot be taken" in page.text
    assert not [form for form in page.forms if form.action.split("?")[0].endswith("/move")]


def test_a_forbidden_time_is_refused_also_when_it_is_sent_by_hand(console, clinic, course, second):
    form = {"slot": token(slot_for(clinic, second, days=-2)), "plan": "x", "reason": "I want it"}
    page = console.post(f"/console/sessions/{second.id}/move", form)
    assert page.status == 409
    assert "too close" in page.text
    db.session.expire_all()
    assert second.version == 1


@pytest.mark.parametrize("word", ["nonsense", "AAAA", "%00"])
def test_a_made_up_slot_is_refused_in_words(console, second, word):
    page = console.open(f"/console/sessions/{second.id}/move?slot={word}")
    assert page.status == 200
    assert "This cannot be done as it is" in page.text
    assert console.post(f"/console/sessions/{second.id}/move", {"slot": word, "plan": "x", "reason": "y"}).status == 409


def test_a_session_without_a_time_gets_one(console, clinic, course):
    session = clinic.session(course, 1, "integration")
    page = console.open(f"/console/sessions/{session.id}/move?from=2027-01-14")
    plan = console.open(next(link for link in page.links if "slot=" in link))
    assert "Book this time" in plan.text
    done = console.send(plan, "/book")
    assert "Booked." in done.text
    db.session.expire_all()
    assert session.status == "booked"


def test_a_session_that_got_its_time_meanwhile_is_not_booked_twice(console, clinic, course):
    session = clinic.session(course, 1, "integration")
    slot = clinic.first_slot(session, around=time(17))
    page = console.open(f"/console/sessions/{session.id}/move?slot={token(slot)}")
    book(session, slot, by=clinic.cora, now=NOW)
    refused = console.send(page, "/book")
    assert refused.status == 409
    assert db.session.get_one(Session, (session.clinic_id, session.id)).version == 1


def test_its_own_time_offers_other_resources_and_tells_nobody(console, clinic, course, second):
    page = plan_page(console, second, slot_for(clinic, second))
    assert "That is its time already." in page.text
    done = console.send(page, "/reseat")
    assert "Given other resources" in done.text
    db.session.expire_all()
    assert second.version == 1
