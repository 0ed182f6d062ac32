"""May a session take or leave a time, or go on? Every reason against it at once."""

from datetime import date, timedelta

import pytest

from care.course.booking import (
    Terms,
    booking_refusals,
    cancel_refusals,
    may_arrive,
    may_attend,
    may_correct,
    may_defer,
    may_discharge,
    may_dose,
    may_miss,
    may_omit,
    may_reseat,
    move_refusals,
)
from care.facts import SessionKind, Status
from care.refusals import Code, Refusal
from tests.care.clocks import NEW_YORK
from tests.care.visits import at, session

NOW = at("2027-02-01 09:00")
FREEZE = timedelta(hours=48)
FIRST, SECOND = session(1, at("2027-02-09 10:00")), session(2, at("2027-02-16 10:00"))
PLANNED = session(2, None)


def refusals(verb, one, start, course=(), *, span=None, **known):
    usual = {
        "zone": NEW_YORK,
        "course_status": "active",
        "now": NOW,
        "by_staff": True,
        "seven_day_reason": False,
        "freeze": FREEZE,
    }
    return verb(one, start, course, span, Terms(**(usual | known)))


def codes(verb, one, start, course=(), **known):
    return [refusal.code for refusal in refusals(verb, one, start, course, **known)]


def test_a_planned_session_takes_a_time_that_nothing_speaks_against():
    span = (date(2027, 2, 10), date(2027, 2, 20))
    assert codes(booking_refusals, PLANNED, at("2027-02-11 10:00"), [FIRST, PLANNED], span=span) == []


def test_every_reason_is_named_at_once():
    booked = session(2, at("2027-01-28 10:00"))
    found = codes(
        booking_refusals,
        booked,
        at("2027-01-29 10:00"),
        [session(1, at("2027-01-29 11:00")), booked],
        span=(date(2027, 2, 10), date(2027, 2, 20)),
        course_status="paused",
        by_staff=False,
    )
    assert found == [
        Code.NOT_BOOKABLE,
        Code.IN_THE_PAST,
        Code.OUTSIDE_SPAN,
        Code.OUT_OF_ORDER,
        Code.PATIENT_BUSY,
        Code.TOO_SOON,
        Code.COURSE_NOT_ACTIVE,
        Code.INSIDE_FREEZE,
    ]


def test_a_span_is_of_local_days():
    span = (date(2027, 2, 9), date(2027, 2, 9))
    assert codes(booking_refusals, PLANNED, at("2027-02-09 23:30"), span=span) == []
    (refusal,) = refusals(booking_refusals, PLANNED, at("2027-02-10 00:00"), span=span)
    assert refusal == Refusal(Code.OUTSIDE_SPAN, {"earliest_on": "2027-02-09", "latest_on": "2027-02-09"})


def test_doses_keep_the_order_of_their_numbers():
    (refusal,) = refusals(booking_refusals, session(3, None), at("2027-02-12 10:00"), [FIRST, SECOND])
    assert refusal == Refusal(Code.OUT_OF_ORDER, {"number": 2, "other": SECOND.starts_at})


def test_what_ended_without_happening_takes_no_place():
    missed = session(1, at("2027-02-09 10:00"), status=Status.MISSED)
    assert codes(booking_refusals, PLANNED, at("2027-02-09 10:00"), [missed, PLANNED]) == []


def test_the_seven_date_rule_yields_to_a_reason():
    course = [session(n, at(f"2027-02-{day:02} 10:00")) for n, day in ((1, 9), (2, 12), (3, 14), (5, 20))]
    start, fourth = at("2027-02-16 10:00"), session(4, None)
    assert codes(booking_refusals, fourth, start, course) == []
    course[2] = session(3, at("2027-02-14 18:00"))
    course.append(session(6, at("2027-02-18 10:00")))
    assert Code.TOO_MANY_IN_SEVEN_DAYS in codes(booking_refusals, fourth, start, course)
    assert Code.TOO_MANY_IN_SEVEN_DAYS not in codes(booking_refusals, fourth, start, course, seven_day_reason=True)


def test_an_integration_session_belongs_into_the_window_after_its_dose():
    talk = session(1, None, kind=SessionKind.INTEGRATION, of_session_id=FIRST.id)
    assert codes(booking_refusals, talk, at("2027-02-10 12:00"), [FIRST, talk]) == []
    (refusal,) = refusals(booking_refusals, talk, at("2027-02-10 11:00"), [FIRST, talk])
    assert refusal.code is Code.OUTSIDE_INTEGRATION_WINDOW
    assert refusal.data == {"from": at("2027-02-10 12:00"), "until": at("2027-02-12 12:00")}


def test_after_the_dose_its_actual_end_opens_the_window():
    dose = session(1, at("2027-02-09 10:00"), discharged_at=at("2027-02-09 13:00"), status=Status.DISCHARGED)
    talk = session(1, None, kind=SessionKind.INTEGRATION, of_session_id=dose.id)
    assert codes(booking_refusals, talk, at("2027-02-10 12:00"), [dose]) == [Code.OUTSIDE_INTEGRATION_WINDOW]


def test_nobody_is_in_two_places():
    talk = session(1, None, kind=SessionKind.REVIEW)
    (refusal,) = refusals(booking_refusals, talk, at("2027-02-09 11:30"), [FIRST])
    assert refusal == Refusal(Code.PATIENT_BUSY, {"from": at("2027-02-09 09:45"), "until": at("2027-02-09 12:00")})
    assert codes(booking_refusals, talk, at("2027-02-09 12:10"), [FIRST]) == []


def test_a_patient_books_no_dose_at_short_notice_but_may_book_to_talk():
    soon = NOW + timedelta(hours=30)
    assert codes(booking_refusals, PLANNED, soon, by_staff=False) == [Code.INSIDE_FREEZE]
    assert codes(booking_refusals, PLANNED, soon) == []
    talk = session(1, None, kind=SessionKind.INTEGRATION)
    assert codes(booking_refusals, talk, soon, by_staff=False) == []


def test_a_patient_moves_a_session_until_the_freeze():
    near, later = session(2, NOW + timedelta(hours=47)), at("2027-02-20 10:00")
    assert codes(move_refusals, near, later, by_staff=False) == [Code.INSIDE_FREEZE]
    assert codes(move_refusals, near, later) == []
    assert codes(move_refusals, SECOND, later, by_staff=False) == []
    assert codes(move_refusals, SECOND, NOW + timedelta(hours=47), by_staff=False) == [Code.INSIDE_FREEZE]


def test_only_a_booked_session_moves():
    assert codes(move_refusals, PLANNED, at("2027-02-20 10:00")) == [Code.NOT_MOVABLE]


def test_a_patient_cancels_until_the_freeze_and_staff_until_the_patient_is_here():
    near = session(1, NOW + timedelta(hours=1))
    assert cancel_refusals(near, now=NOW, by_staff=True, freeze=FREEZE) == []
    (refusal,) = cancel_refusals(near, now=NOW, by_staff=False, freeze=FREEZE)
    assert refusal == Refusal(Code.INSIDE_FREEZE, {"hours": 48})
    here = session(1, NOW, status=Status.ARRIVED)
    assert [one.code for one in cancel_refusals(here, now=NOW, by_staff=True, freeze=FREEZE)] == [Code.NOT_CANCELLABLE]


def in_status(status, kind=SessionKind.DOSING):
    return session(1, at("2027-02-01 08:00"), status=status, kind=kind)


ALLOWED = {
    "arrive": (lambda one: may_arrive(one, now=NOW, zone=NEW_YORK), {Status.BOOKED, Status.MISSED}),
    "dose": (may_dose, {Status.ARRIVED}),
    "discharge": (lambda one: may_discharge(one, at=NOW, reasoned=False), {Status.DOSED}),
    "miss": (lambda one: may_miss(one, now=NOW), {Status.BOOKED}),
    "defer": (may_defer, {Status.PLANNED, Status.BOOKED, Status.ARRIVED}),
    "omit": (may_omit, {Status.PLANNED, Status.BOOKED}),
    "reseat": (may_reseat, {Status.BOOKED, Status.ARRIVED, Status.DOSED}),
    "correct": (
        lambda one: may_correct(one, now=NOW, zone=NEW_YORK),
        {Status.ARRIVED, Status.DOSED, Status.DISCHARGED, Status.ATTENDED, Status.MISSED},
    ),
}


@pytest.mark.parametrize("verb", ALLOWED)
@pytest.mark.parametrize("status", Status)
def test_each_verb_fits_some_statuses_only(verb, status):
    ask, allowed = ALLOWED[verb]
    assert (ask(in_status(status)) == []) is (status in allowed)


@pytest.mark.parametrize("status", Status)
def test_other_sessions_are_attended(status):
    talk = in_status(status, SessionKind.INTEGRATION)
    assert (may_attend(talk, now=NOW) == []) is (status is Status.BOOKED)
    assert may_attend(in_status(status), now=NOW) != []
    assert may_dose(talk) != []


def test_nothing_is_missed_or_attended_before_its_time():
    (refusal,) = may_miss(FIRST, now=NOW)
    assert refusal == Refusal(Code.NOT_YET, {"starts_at": FIRST.starts_at})
    talk = session(1, at("2027-02-09 10:00"), kind=SessionKind.INTEGRATION)
    assert [one.code for one in may_attend(talk, now=NOW)] == [Code.NOT_YET]


def test_who_was_missed_may_still_arrive_on_that_day_only():
    missed = session(1, at("2027-02-01 08:00"), status=Status.MISSED)
    assert may_arrive(missed, now=at("2027-02-01 23:59"), zone=NEW_YORK) == []
    assert [one.code for one in may_arrive(missed, now=at("2027-02-02 00:00"), zone=NEW_YORK)] == [Code.WRONG_STATUS]
    assert [one.code for one in may_correct(missed, now=at("2027-02-02 00:00"), zone=NEW_YORK)] == [
        Code.NOTHING_TO_CORRECT
    ]


def test_an_open_gate_stops_the_dose():
    gate = Refusal(Code.GATE_OPEN, {"step": "transport"})
    here = session(1, NOW, status=Status.ARRIVED)
    assert may_dose(here, open_gates=[gate]) == [gate]


def test_a_dose_is_observed_to_its_end_unless_a_reason_is_given():
    given = session(1, NOW, status=Status.DOSED, dosed_at=NOW)
    until = NOW + timedelta(minutes=120)
    assert may_discharge(given, at=until - timedelta(minutes=1), reasoned=False) == [
        Refusal(Code.OBSERVATION_NOT_OVER, {"until": until})
    ]
    assert may_discharge(given, at=until, reasoned=False) == []
    assert may_discharge(given, at=NOW, reasoned=True) == []


def test_nobody_arrives_before_the_day_nor_at_a_session_that_is_attended():
    booked = session(1, at("2027-02-01 10:00"))
    assert [one.code for one in may_arrive(booked, now=at("2027-01-31 23:59"), zone=NEW_YORK)] == [Code.NOT_YET]
    talk = session(1, at("2027-02-01 10:00"), kind=SessionKind.INTEGRATION)
    assert [one.code for one in may_arrive(talk, now=at("2027-02-01 09:50"), zone=NEW_YORK)] == [Code.WRONG_STATUS]
