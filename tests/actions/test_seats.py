"""Do sessions come to other seats in one step, and what was in the way that need not be?"""

from datetime import timedelta

import pytest

from actions.sessions.book import hold, take
from actions.sessions.seats import swap_seats
from actions.sessions.slots import slots
from care.refusals import Code, Refused
from models import Booking, db
from tests.people import NOW, harbor


@pytest.fixture
def home(app):
    return harbor()


@pytest.fixture
def course(home):
    return home.enrol_ada()


def free(session):
    begin = NOW.replace(day=12, hour=14)
    return slots(session, begin, begin + timedelta(hours=6), now=NOW)


def seats_of(session):
    rows = db.session.scalars(db.select(Booking).filter_by(session_id=session.id)).all()
    return {(row.resource_id, row.lane, row.starts_at, row.ends_at) for row in rows}


def wanted(slot):
    return {(seat.resource_id, seat.lane, seat.from_at, seat.until_at) for seat in slot.seats}


def test_the_places_of_before_go_with_the_new_ones_in_one_step(home, course):
    session = home.session(course)
    first, second = free(session)[0], free(session)[1]  # they overlap: the session is in its own way
    swap_seats([(session, first)], now=NOW)
    assert seats_of(session) == wanted(first)
    swap_seats([(session, second)], now=NOW)
    assert seats_of(session) == wanted(second)


def test_a_hold_that_expired_stands_in_nobodys_way_and_one_that_has_not_does(home, course):
    one, two = home.session(course), home.session(course, 2)
    slot = free(one)[0]
    hold(one, slot, by=home.cora, minutes=10, now=NOW)
    db.session.commit()
    with pytest.raises(Refused) as refused, db.session.begin_nested():
        take(two, slot, now=NOW + timedelta(minutes=9))
    assert [one.code for one in refused.value.refusals] == [Code.SLOT_TAKEN]
    swap_seats([(two, slot)], now=NOW + timedelta(minutes=10))
    assert seats_of(one) == set()
    assert seats_of(two) == wanted(slot)


def test_every_seat_or_none(home, course):
    one, two = home.session(course), home.session(course, 2)
    slot = free(one)[0]
    swap_seats([(one, slot._replace(seats=slot.seats[1:2]))], now=NOW)  # the clinician alone
    db.session.commit()
    with pytest.raises(Refused), db.session.begin_nested():
        take(two, slot, now=NOW)
    assert seats_of(two) == set()


def test_several_sessions_pass_through_each_others_places(home, course):
    one, two = home.session(course), home.session(course, 2)
    first, second = free(one)[0], free(one)[5]
    swap_seats([(one, first), (two, second)], now=NOW)
    swap_seats([(one, second), (two, first)], now=NOW)
    assert (seats_of(one), seats_of(two)) == (wanted(second), wanted(first))


def test_a_session_that_needs_nobody_gives_back_what_it_had(home, course):
    session = home.session(course)
    slot = free(session)[0]
    swap_seats([(session, slot)], now=NOW)
    swap_seats([(session, slot._replace(seats=()))], now=NOW)
    swap_seats([], now=NOW)
    assert seats_of(session) == set()
