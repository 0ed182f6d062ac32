"""Does each person hear once of what changed for them, and of nothing else?"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from care.facts import Part, SessionKind, Status, Step, ToldFacts
from care.hours import in_quiet
from care.notices import at_any_hour, notices
from care.protocol import Gate
from care.words.texts import Piece, compose
from tests.care.cast import (
    ADA,
    DAY,
    HARBOR,
    HOUR,
    LONG_AGO,
    SAM,
    discharged,
    dose,
    ended,
    facts,
    integration_of,
    moved,
    ny,
    said,
    sam,
    start,
    told,
)
from tests.care.test_reminders import SLOW, lives

THURSDAY = dose("2027-05-06 10:00", support_person_id=SAM.id)
NOON = ny("2027-05-03 12:00")


def heard(*sessions):
    """Both were told of these sessions as they are."""
    return tuple(told(each, person) for each in sessions for person in (ADA, SAM))


def of(known, person=ADA):
    (one,) = [each for each in notices(known) if each.person == person]
    return one


def changes(wanted):
    return [line["change"] for line in wanted.fills["lines"]]


def test_a_booking_is_told_to_both_two_minutes_after_it_was_made():
    known = facts(replace(THURSDAY, since=NOON))
    for person in (ADA, SAM):
        notice = of(known, person)
        assert (notice.key.kind, notice.due_at) == ("booked_notice", NOON + HARBOR.notice_delay)
        assert notice.fills["lines"] == [
            {
                "session_kind": "dosing",
                "starts_at": start(THURSDAY).isoformat(),
                "was": None,
                "change": "booked",
            }
        ]
        assert (notice.asks, notice.gate, notice.hard_deadline) == ((), Gate.ADVISORY, None)


def test_what_was_told_and_holds_is_no_news():
    assert not notices(facts(THURSDAY, told=heard(THURSDAY)))


def test_a_move_is_one_notice_each_that_asks_whether_the_new_time_suits():
    again = moved(THURSDAY, "2027-05-07 14:00", since=NOON)
    known = facts(again, told=heard(THURSDAY), answers=(said(THURSDAY, Step.NEW_TIME),))
    assert len(notices(known)) == 2
    notice = of(known)
    assert (notice.key.kind, changes(notice), notice.gate) == ("change_notice", ["moved"], Gate.SOFT)
    assert notice.fills["lines"][0]["was"] == start(THURSDAY).isoformat()
    assert [(ask.step, ask.version) for ask in notice.asks] == [(Step.NEW_TIME, 2)]
    assert notice.hard_deadline == NOON + 4 * HOUR
    assert notice.not_after == start(THURSDAY)


def test_three_moves_make_one_notice():
    before = [dose(f"2027-05-{day} 10:00", number=day) for day in (10, 12, 14)]
    after = [
        moved(each, f"2027-05-{each.number + 1} 10:00", since=NOON + n * timedelta(seconds=40))
        for n, each in enumerate(before)
    ]
    notice = of(facts(*after, told=heard(*before)))
    assert changes(notice) == ["moved"] * 3
    assert len(notice.asks) == 3
    assert notice.due_at == NOON + timedelta(seconds=80) + HARBOR.notice_delay


def test_moved_back_in_time_there_is_no_notice():
    there = moved(THURSDAY, "2027-05-07 14:00", since=NOON)
    back = moved(there, "2027-05-06 10:00", since=NOON + timedelta(minutes=1))
    assert not notices(facts(back, told=heard(THURSDAY)))


def test_moved_there_and_back_and_there_again_is_news_each_time():
    there = moved(THURSDAY, "2027-05-07 14:00", since=NOON)
    again = replace(there, version=4, since=NOON + HOUR)
    assert of(facts(there, told=heard(THURSDAY))).key != of(facts(again, told=heard(THURSDAY))).key


def test_who_said_that_the_new_time_suits_is_told_but_not_asked():
    again = moved(THURSDAY, "2027-05-07 14:00", since=NOON)
    notice = of(facts(again, told=heard(THURSDAY), answers=(said(again, Step.NEW_TIME),)))
    assert (changes(notice), notice.asks) == (["moved"], ())


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.OMITTED, Status.DEFERRED])
def test_a_visit_that_is_off_is_told(status):
    notice = of(facts(ended(THURSDAY, status, since=NOON), told=heard(THURSDAY)))
    change = "postponed" if status is Status.DEFERRED else "off"
    assert (notice.key.kind, changes(notice)) == ("cancel_notice", [change])
    assert notice.fills["lines"][0]["starts_at"] is None
    assert notice.not_after == start(THURSDAY)


def test_a_visit_that_lost_its_time_is_off_until_it_has_a_new_one():
    unplaced = replace(THURSDAY, status=Status.PLANNED, starts_at=None, since=NOON)
    assert of(facts(unplaced, told=heard(THURSDAY))).key.kind == "cancel_notice"
    off = tuple(ToldFacts(person.id, THURSDAY.id, 2, None, NOON) for person in (ADA, SAM))
    assert not notices(facts(unplaced, told=off))
    placed = replace(THURSDAY, version=3, since=NOON + HOUR)
    first = of(facts(replace(THURSDAY, since=NOON)))
    assert of(facts(placed, told=off)).key.kind == "booked_notice"
    assert of(facts(placed, told=off)).key != first.key


def test_a_missed_visit_is_not_announced_as_off():
    missed = ended(THURSDAY, Status.MISSED, since=start(THURSDAY) + HOUR)
    assert not notices(facts(missed, told=heard(THURSDAY)))


def test_a_visit_cancelled_before_anyone_heard_of_it_is_no_news():
    assert not notices(facts(ended(THURSDAY, Status.CANCELLED, since=NOON)))


def test_bookings_and_cancellations_together_are_one_change_notice():
    other = dose("2027-05-11 10:00", number=2, since=NOON)
    notice = of(facts(ended(THURSDAY, Status.CANCELLED, since=NOON), other, told=heard(THURSDAY)))
    assert (notice.key.kind, changes(notice)) == ("change_notice", ["off", "booked"])
    assert notice.session_ids == (THURSDAY.id, other.id)
    assert notice.key.subject_id == THURSDAY.course_id


def test_news_of_a_visit_within_a_day_goes_at_once_and_at_any_hour():
    late = ny("2027-05-05 22:30")
    notice = of(facts(ended(THURSDAY, Status.CANCELLED, since=late), told=heard(THURSDAY)))
    assert notice.due_at == notice.not_before == late
    assert at_any_hour(notice.key.kind, notice.fills, notice.due_at)


def test_other_news_of_the_night_waits_for_the_morning():
    late = ny("2027-05-03 22:30")
    notice = of(facts(ended(THURSDAY, Status.CANCELLED, since=late), told=heard(THURSDAY)))
    assert (notice.due_at, notice.why["shifted"]) == (ny("2027-05-04 08:00"), "later_for_quiet_hours")
    assert not at_any_hour(notice.key.kind, notice.fills, notice.due_at)


def test_only_exempt_kinds_and_near_news_go_at_any_hour():
    assert at_any_hour("post_rules", {}, NOON)
    assert not at_any_hour("solids_stop", {}, NOON)


@pytest.mark.parametrize("status", [Status.ARRIVED, Status.DOSED, Status.DISCHARGED, Status.ATTENDED])
def test_visits_under_way_or_over_are_no_news(status):
    assert not notices(facts(replace(THURSDAY, status=status)))


def test_a_visit_already_past_when_it_changed_is_no_news():
    over = start(THURSDAY) + HOUR
    assert not notices(facts(ended(THURSDAY, Status.DEFERRED, since=over), told=heard(THURSDAY)))
    assert not notices(facts(replace(THURSDAY, since=over)))


def test_a_visit_that_passed_untold_does_not_hold_up_news_of_another():
    untold = replace(THURSDAY, since=NOON)
    later = dose("2027-05-20 10:00", number=2, since=start(THURSDAY) + DAY)
    assert of(facts(untold, later)).session_ids == (later.id,)


def test_a_support_person_hears_of_the_doses_they_stand_by_and_nothing_else():
    others = dose("2027-05-11 10:00", number=2, support_person_id=None)
    consult = replace(THURSDAY, id=others.course_id, kind=SessionKind.CONSULT)
    talk = integration_of(THURSDAY, status=Status.BOOKED, starts_at=ny("2027-05-07 10:00"), support_person_id=SAM.id)
    known = facts(THURSDAY, others, consult, talk)
    assert of(known, SAM).session_ids == (THURSDAY.id,)
    assert len(of(known).session_ids) == 4


@pytest.mark.parametrize("state", ["named", "declined", "removed"])
def test_who_has_not_accepted_hears_nothing(state):
    known = facts(ended(THURSDAY, Status.CANCELLED, since=NOON), told=heard(THURSDAY), supports=(sam(state),))
    assert {each.person for each in notices(known)} == {ADA}


def test_who_accepts_hears_of_the_visits_from_then_on():
    yes = replace(said(THURSDAY, Step.INVITATION, person=SAM), subject_id=SAM.id, version=1, at=NOON)
    notice = of(facts(THURSDAY, answers=(yes,)), SAM)
    assert notice.due_at == NOON + HARBOR.notice_delay


def test_a_notice_that_the_clinic_turned_off_is_not_said():
    assert not notices(facts(THURSDAY, switches={"booked_notice": False}))


@SLOW
@given(lives())
def test_each_person_has_at_most_one_notice_and_it_keeps_the_hours(known):
    wanted = notices(known)
    assert len({each.person.id for each in wanted}) == len(wanted)
    for each in wanted:
        assert each.not_before <= each.due_at <= each.not_after
        near = at_any_hour(each.key.kind, each.fills, each.due_at)
        assert near or not in_quiet(each.due_at, each.person.zone, known.clinic.quiet)


@SLOW
@given(lives())
def test_once_everyone_was_told_there_is_nothing_left_to_tell(known):
    now_told = tuple(
        ToldFacts(wanted.person.id, line_id, 1, _start(known, line_id), LONG_AGO)
        for wanted in notices(known)
        for line_id in wanted.session_ids
    )
    left = notices(replace(known, told=now_told))
    assert not {line_id for each in left for line_id in each.session_ids} & {each.session_id for each in now_told}


def _start(known, session_id):
    return next(each.starts_at for each in known.sessions if each.id == session_id)


def test_what_was_given_needs_no_notice():
    assert not notices(facts(discharged(THURSDAY)))


@pytest.mark.parametrize("at", ["2027-05-06 09:50", "2027-05-06 10:20", "2027-05-06 21:10"])
def test_put_off_at_the_door_only_who_came_along_is_told_that_they_can_pick_up_now(at):
    put_off = ended(replace(THURSDAY, arrived_at=ny("2027-05-06 09:40")), Status.DEFERRED, since=ny(at))
    (notice,) = notices(facts(put_off, told=heard(THURSDAY)))
    assert (notice.person, changes(notice), notice.due_at) == (SAM, ["sent_home"], ny(at))
    assert at_any_hour(notice.key.kind, notice.fills, notice.due_at)
    piece = Piece(notice.key.kind, Part.SUPPORT, 0, notice.fills)
    body = compose([piece], clinic=HARBOR, zone="America/New_York", language="en", names={"patient": "Ada"})
    assert "No treatment today; Ada can be picked up now." in body
    assert "cancel" not in body
    assert "do not need" not in body


def test_a_visit_put_off_before_anybody_came_is_postponed():
    notice = of(facts(ended(THURSDAY, Status.DEFERRED, since=NOON), told=heard(THURSDAY)))
    body = compose(
        [Piece(notice.key.kind, Part.PATIENT, 0, notice.fills)], clinic=HARBOR, zone="America/New_York", language="en"
    )
    assert "Your visit on Thu, May 6 at 10:00 AM is postponed." in body


def test_a_visit_told_of_at_night_brings_its_clocks_along():
    at = ny("2027-05-05 23:00")
    notice = of(facts(replace(THURSDAY, since=at)))
    assert notice.due_at == at
    piece = Piece(notice.key.kind, Part.PATIENT, 0, notice.fills)
    body = compose([piece], clinic=HARBOR, zone="America/New_York", language="en", now=at)
    assert "Stop eating at 4:00 AM" in body
    assert "nothing to drink from 8:00 AM Thursday" in body
    assert "No alcohol from now on." in body
    day = of(facts(replace(THURSDAY, since=NOON)))
    assert "prepare" not in day.fills["lines"][0]
