"""Does everyone hear what they must, when it helps, and with a reason that can be shown?"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care.facts import ClinicFacts, PatientFacts, QuietHours, SessionFacts, SessionKind, Status, Step, Value
from care.hours import in_quiet
from care.kinds import KINDS, Quiet
from care.protocol import Gate, Preparation
from care.reminders import Ask, Key, Wanted, reminders
from care.times import wall
from tests.care.cast import (
    ADA,
    AT_HOME,
    AT_THE_CLINIC,
    DAY,
    HARBOR,
    HOUR,
    LONG_AGO,
    SAM,
    discharged,
    dose,
    due,
    ended,
    facts,
    home_dose,
    identity,
    integration_of,
    moved,
    ny,
    only,
    said,
    sam,
    start,
    the,
)

TUESDAY = dose("2027-05-04 10:00")
CHECKING = replace(HARBOR, safety_check=True)


def keys(known: PatientFacts) -> set[Key]:
    return {each.key for each in reminders(known)}


def test_what_a_row_keeps_of_a_question_is_the_whole_question():
    asked = [ask for each in reminders(facts(TUESDAY)) for ask in each.asks]
    invitation = Ask(SAM.id, 2, Step.INVITATION, None)
    assert asked
    assert all(Ask.from_json(json.loads(json.dumps(ask.to_json()))) == ask for ask in (*asked, invitation))


# The worked examples


def test_in_spring_the_fast_is_counted_in_hours_that_pass():
    """Eight hours before Sunday 9:00 is Saturday midnight in New York, because an hour is skipped that night."""
    eight = replace(AT_HOME, preparation=replace(AT_HOME.preparation, solids_h=8))
    wanted = reminders(facts(home_dose("2027-03-14 09:00", protocol=eight)))
    solids = the(wanted, "solids_stop")
    assert solids.fills["solids_at"] == datetime(2027, 3, 14, 5, tzinfo=UTC).isoformat()
    assert ny("2027-03-13 19:00") <= solids.due_at < ny("2027-03-13 21:00")
    assert the(wanted, "alcohol_window").fills["from"] == ny("2027-03-13 08:00").isoformat()


def test_before_an_early_visit_food_and_drink_are_told_together_on_the_evening_before():
    wanted = reminders(facts(dose("2027-05-04 07:30")))
    solids, liquids = the(wanted, "solids_stop"), the(wanted, "liquids_stop")
    assert solids.fills["solids_at"] == ny("2027-05-04 01:30").isoformat()
    assert liquids.fills["any_liquid_at"] == ny("2027-05-04 05:30").isoformat()
    assert solids.due_at == liquids.due_at
    assert ny("2027-05-03 19:00") <= solids.due_at < ny("2027-05-03 21:00")
    assert max(solids.not_after, liquids.not_after) < ny("2027-05-03 21:00")


def two_doses() -> tuple[SessionFacts, SessionFacts]:
    first = dose("2027-02-09 10:00", ends_at=ny("2027-02-09 12:00"))
    second = dose("2027-02-11 09:00", number=2, ends_at=ny("2027-02-11 11:00"))
    return first, second


def test_alcohol_windows_that_overlap_are_told_once():
    text = the(reminders(facts(*two_doses())), "alcohol_window")
    assert text.fills == {
        "from": ny("2027-02-08 10:00").isoformat(),
        "until": ny("2027-02-12 11:00").isoformat(),
        "starts_at": start(two_doses()[0]).isoformat(),
    }
    assert text.due_at == ny("2027-02-08 09:00")
    assert text.session_ids == (identity("dose 1"), identity("dose 2"))


def test_when_thursday_is_cancelled_the_new_end_is_told():
    first, second = two_doses()
    cancelled_at = ny("2027-02-08 15:00")
    before = the(reminders(facts(first, second)), "alcohol_window")
    after = the(reminders(facts(first, ended(second, Status.CANCELLED, since=cancelled_at))), "alcohol_window")
    assert after.key != before.key
    assert after.fills["until"] == ny("2027-02-10 12:00").isoformat()
    assert (after.due_at, after.lawful) == (cancelled_at, True)


def test_a_dose_cancelled_before_the_window_text_leaves_one_text_at_its_usual_moment():
    first, second = two_doses()
    gone = ended(second, Status.CANCELLED, since=ny("2027-02-05 15:00"))
    assert the(reminders(facts(first, gone)), "alcohol_window").due_at == ny("2027-02-08 09:00")


def test_a_dose_that_joins_the_window_later_brings_a_text_with_the_new_end():
    first, second = two_doses()
    booked_at = ny("2027-02-08 17:00")
    text = the(reminders(facts(first, replace(second, since=booked_at))), "alcohol_window")
    assert text.fills["until"] == ny("2027-02-12 11:00").isoformat()
    assert text.due_at == booked_at


def test_the_rules_after_the_first_dose_tell_the_end_of_the_whole_window():
    first, second = two_doses()
    wanted = reminders(facts(discharged(first, ny("2027-02-09 12:20")), second))
    assert not only(wanted, "alcohol_window")
    assert the(wanted, "post_rules").fills["alcohol_until"] == ny("2027-02-12 11:00").isoformat()


def test_a_dose_cancelled_after_the_one_before_it_brings_the_rules_with_the_new_end():
    first, second = two_doses()
    given, cancelled_at = discharged(first, ny("2027-02-09 12:20")), ny("2027-02-10 10:00")
    rules = the(reminders(facts(given, ended(second, Status.CANCELLED, since=cancelled_at))), "post_rules")
    assert rules.fills["alcohol_until"] == ny("2027-02-10 12:20").isoformat()
    assert rules.due_at == cancelled_at


def test_news_of_the_new_end_waits_for_the_morning():
    first, second = two_doses()
    gone = ended(second, Status.CANCELLED, since=ny("2027-02-09 23:00"))
    rules = the(reminders(facts(discharged(first), gone)), "post_rules")
    assert rules.due_at == ny("2027-02-10 08:00")


def test_a_later_dose_given_on_time_or_late_does_not_repeat_the_rules_of_the_first():
    first, second = two_doses()
    wanted = reminders(facts(discharged(first), discharged(second, ny("2027-02-11 11:40"))))
    assert the(wanted, "post_rules").key.subject_id == second.id


def test_a_moved_visit_brings_new_keys_for_all_that_was_asked_and_said_of_its_time():
    before = dose("2027-05-06 10:00", support_person_id=SAM.id)
    after = moved(before, "2027-05-07 14:00", since=ny("2027-05-05 12:00"))
    answered = (said(before, Step.TRANSPORT), said(before, Step.SUPPORT, person=SAM), said(before, Step.ATTENDANCE))
    wanted = reminders(facts(after, answers=answered))
    assert not keys(facts(before)) & {each.key for each in wanted}
    assert only(wanted, "session_confirm")
    assert only(wanted, "transport_confirm")
    assert only(wanted, "support_confirm", SAM)


def test_a_visit_that_ended_without_happening_is_not_spoken_of_again():
    for status in (Status.MISSED, Status.CANCELLED, Status.OMITTED, Status.DEFERRED):
        session = dose("2027-05-04 10:00", support_person_id=SAM.id)
        assert not reminders(facts(ended(session, status, since=ny("2027-05-03 12:00"))))


# Attendance


def test_attendance_is_asked_three_days_and_one_day_before():
    asked = only(reminders(facts(TUESDAY)), "session_confirm")
    assert due(asked) == [ny("2027-05-01 10:00"), ny("2027-05-03 10:00")]
    assert [each.key.repeat for each in asked] == [0, 1]
    assert {each.hard_deadline for each in asked} == {ny("2027-05-03 14:00")}
    assert asked[0].fills["session_kind"] == "dosing"


def test_why_a_text_is_due_then_can_be_told():
    asked, solids = (the_first(reminders(facts(TUESDAY)), kind) for kind in ("session_confirm", "solids_stop"))
    anchor = ny("2027-05-04 10:00").isoformat()
    assert asked.why == {
        "rule": "dose",
        "anchor": anchor,
        "offset": "-72 h",
        "shifted": "no",
        "since": (LONG_AGO + HARBOR.notice_delay).isoformat(),
    }
    assert (solids.why["rule"], solids.why["offset"]) == ("solids_stop", "-1 h")
    assert solids.why["shifted"] == "earlier_for_quiet_hours"


def the_first(wanted: Sequence[Wanted], kind: str) -> Wanted:
    return only(wanted, kind)[0]


@pytest.mark.parametrize("value", [Value.YES, Value.NO, Value.CALL])
@pytest.mark.parametrize("by", [ADA, None])
def test_an_answer_ends_the_asking_whoever_gave_it(value, by):
    wanted = reminders(facts(TUESDAY, answers=(said(TUESDAY, Step.ATTENDANCE, value, by),)))
    assert not only(wanted, "session_confirm")


def test_a_yes_to_the_old_time_does_not_count_for_the_new():
    again = moved(TUESDAY, "2027-05-06 10:00", since=ny("2027-04-20 12:00"))
    assert len(only(reminders(facts(again, answers=(said(TUESDAY, Step.ATTENDANCE),))), "session_confirm")) == 2


def test_of_several_asks_whose_moment_had_passed_only_the_last_stays():
    booked_late = replace(TUESDAY, since=ny("2027-05-03 15:00"))
    (asked,) = only(reminders(facts(booked_late)), "session_confirm")
    assert (asked.key.repeat, asked.due_at) == (1, ny("2027-05-03 15:00"))
    assert asked.why["shifted"] == "needed_late"


def test_an_ask_that_had_passed_goes_together_with_the_notice_of_the_booking():
    booked = replace(TUESDAY, since=ny("2027-05-02 09:00"))
    first, second = only(reminders(facts(booked)), "session_confirm")
    assert first.due_at == ny("2027-05-02 09:02")
    assert second.due_at == ny("2027-05-03 10:00")


def test_booked_in_the_night_before_nothing_may_be_asked_and_a_person_acts_at_once():
    wanted = reminders(facts(replace(TUESDAY, since=ny("2027-05-03 22:00"))))
    asked = the(wanted, "session_confirm")
    assert not asked.lawful
    assert asked.due_at == asked.not_after
    assert asked.why["shifted"] == "needed_in_quiet_hours"
    assert {each.key.kind for each in wanted if not each.lawful} == {
        "session_confirm",
        "prep_bundle",
        "alcohol_window",
        "solids_stop",
        "liquids_stop",
    }
    assert {each.key.kind for each in wanted if each.lawful} == {"transport_confirm"}


def test_every_kind_of_visit_but_integration_is_confirmed():
    for kind in (SessionKind.CONSULT, SessionKind.PREPARATION, SessionKind.REVIEW):
        wanted = reminders(facts(replace(TUESDAY, kind=kind)))
        assert {each.key.kind for each in wanted} == {"session_confirm"}
        assert wanted[0].why["rule"] == "start"


def test_arrival_is_told_two_hours_before_and_only_where_one_arrives():
    assert the(reminders(facts(dose("2027-05-04 14:00"))), "arrival").due_at == ny("2027-05-04 11:45")
    assert not only(reminders(facts(home_dose("2027-05-04 10:00"))), "arrival")


def test_a_session_without_a_time_and_one_under_way_are_left_alone():
    planned = replace(TUESDAY, status=Status.PLANNED, starts_at=None, arrive_at=None, ends_at=None)
    assert not reminders(facts(planned))
    assert not reminders(facts(replace(TUESDAY, status=Status.ARRIVED)))
    assert not reminders(facts(replace(TUESDAY, status=Status.DOSED, dosed_at=TUESDAY.starts_at)))


def test_a_visit_entered_after_it_should_have_begun_asks_and_tells_nothing():
    assert not reminders(facts(replace(TUESDAY, since=ny("2027-05-04 10:30"))))


def test_a_kind_that_the_clinic_turned_off_is_not_said():
    wanted = reminders(facts(TUESDAY, switches={"arrival": False, "prep_bundle": True}))
    assert not only(wanted, "arrival")
    assert only(wanted, "prep_bundle")


# Preparation


def test_the_bundle_of_preparation_goes_three_hours_before_the_first_of_it():
    bundle = the(reminders(facts(dose("2027-05-04 14:00"))), "prep_bundle")
    assert bundle.due_at == ny("2027-05-03 11:00")
    assert bundle.fills == {
        "starts_at": ny("2027-05-04 14:00").isoformat(),
        "alcohol_from": ny("2027-05-03 14:00").isoformat(),
        "solids_at": ny("2027-05-04 08:00").isoformat(),
        "light_meal_at": ny("2027-05-04 08:00").isoformat(),
        "any_liquid_at": ny("2027-05-04 12:00").isoformat(),
        "clear_liquid_at": ny("2027-05-04 12:00").isoformat(),
        "ride": True,
    }
    assert bundle.not_after < ny("2027-05-04 08:00") + HOUR


def test_the_bundle_names_the_start_of_the_whole_alcohol_window():
    bundles = only(reminders(facts(*two_doses())), "prep_bundle")
    assert {each.fills["alcohol_from"] for each in bundles} == {ny("2027-02-08 10:00").isoformat()}


def test_where_nothing_may_be_drunk_clear_liquids_are_told_too():
    liquids = the(reminders(facts(TUESDAY)), "liquids_stop").fills
    assert liquids["clear_liquid_at"] == liquids["any_liquid_at"] == ny("2027-05-04 08:00").isoformat()


def test_a_light_meal_has_a_clock_of_its_own():
    eight = replace(AT_THE_CLINIC, preparation=Preparation(8, 6, 2, 2, 24, 24))
    solids = the(reminders(facts(dose("2027-05-04 18:00", protocol=eight))), "solids_stop")
    assert solids.fills["light_meal_at"] == ny("2027-05-04 12:00").isoformat()
    assert solids.due_at == ny("2027-05-04 09:00")
    assert solids.not_after == ny("2027-05-04 10:00")


def test_clocks_that_a_protocol_does_not_use_are_not_spoken_of():
    free = replace(AT_THE_CLINIC, preparation=Preparation(0, 0, 0, 0, 0, 0))
    wanted = reminders(facts(dose("2027-05-04 14:00", protocol=free)))
    assert not only(wanted, "solids_stop") + only(wanted, "liquids_stop") + only(wanted, "alcohol_window")
    assert set(the(wanted, "prep_bundle").fills) == {"starts_at", "ride"}


def test_a_fast_that_had_begun_when_the_visit_was_booked_is_for_a_person_to_tell():
    booked_late = dose("2027-05-04 14:00", since=ny("2027-05-04 09:00"))
    solids = the(reminders(facts(booked_late)), "solids_stop")
    assert (solids.lawful, solids.why["shifted"]) == (False, "too_late")
    assert solids.due_at == solids.not_after == ny("2027-05-04 08:00")


def test_alcohol_is_told_late_rather_than_never():
    booked_late = dose("2027-05-04 14:00", since=ny("2027-05-04 09:00"))
    text = the(reminders(facts(booked_late)), "alcohol_window")
    assert (text.lawful, text.due_at, text.not_after) == (True, ny("2027-05-04 09:00"), ny("2027-05-04 14:00"))


def test_where_the_evening_has_begun_a_nightly_fast_is_told_at_once():
    booked = dose("2027-05-04 07:30", since=ny("2027-05-03 20:30"))
    assert the(reminders(facts(booked)), "solids_stop").due_at == ny("2027-05-03 20:30")


# Transport


def test_the_ride_is_asked_two_days_and_one_day_before_and_on_the_morning():
    asked = only(reminders(facts(dose("2027-05-04 14:00"))), "transport_confirm")
    assert due(asked) == [ny("2027-05-02 14:00"), ny("2027-05-03 14:00"), ny("2027-05-04 08:15")]
    assert [each.fills["today"] for each in asked] == [False, False, True]
    assert [[ask.step for ask in each.asks] for each in asked] == [
        [Step.TRANSPORT],
        [Step.TRANSPORT],
        [Step.TRANSPORT, Step.RIDE_TODAY],
    ]
    assert {each.gate for each in asked} == {Gate.HARD}


def test_before_a_very_early_visit_the_ride_of_the_day_is_no_text():
    asked = only(reminders(facts(dose("2027-05-04 07:30"))), "transport_confirm")
    assert not any(each.fills["today"] for each in asked)


def test_the_ride_of_the_day_is_never_asked_on_another_day():
    late_risers = replace(HARBOR, quiet=QuietHours(time(21), time(10)))
    wanted = reminders(facts(dose("2027-05-04 14:00"), clinic=late_risers))
    assert not any(each.fills["today"] for each in only(wanted, "transport_confirm"))
    (morning,) = [each for each in reminders(facts(dose("2027-05-04 14:00"))) if each.fills.get("today")]
    assert morning.not_before == ny("2027-05-04 00:00")


def test_a_visit_booked_on_its_day_asks_for_the_ride_once():
    asked = the(reminders(facts(dose("2027-05-04 16:00", since=ny("2027-05-04 09:30")))), "transport_confirm")
    assert asked.fills["today"]
    assert asked.due_at == ny("2027-05-04 09:30")


def test_who_has_no_ride_is_called_and_not_texted_again():
    session = dose("2027-05-04 14:00")
    assert not only(reminders(facts(session, answers=(said(session, Step.TRANSPORT, Value.NO),))), "transport_confirm")


def test_who_has_a_ride_is_asked_again_on_the_morning_only():
    session = dose("2027-05-04 14:00")
    wanted = reminders(facts(session, answers=(said(session, Step.TRANSPORT),)))
    assert the(wanted, "transport_confirm").fills["today"]


def test_no_ride_is_asked_for_at_home():
    assert not only(reminders(facts(home_dose("2027-05-04 14:00"))), "transport_confirm")


# The support person


def test_a_support_person_is_invited_once_and_the_patient_hears_of_their_silence():
    named_at = ny("2027-05-04 11:00")
    wanted = reminders(facts(supports=(sam("named", named_at),)))
    invited, reported = the(wanted, "support_invite", SAM), the(wanted, "support_invite", ADA)
    assert (invited.due_at, invited.key.subject_id, invited.session_ids) == (named_at, SAM.id, ())
    assert [ask.step for ask in invited.asks] == [Step.INVITATION]
    assert (reported.due_at, reported.fills, reported.asks) == (named_at + DAY, {"unanswered": True}, ())


def test_an_invitation_in_the_night_waits_for_the_morning():
    wanted = reminders(facts(supports=(sam("named", ny("2027-05-04 22:00")),)))
    assert the(wanted, "support_invite", SAM).due_at == ny("2027-05-05 08:00")


@pytest.mark.parametrize("state", ["accepted", "declined", "removed"])
def test_who_has_answered_is_not_invited_again(state):
    assert not reminders(facts(supports=(sam(state),)))


@pytest.mark.parametrize("state", ["named", "declined", "removed"])
def test_only_who_accepted_is_asked_about_a_visit(state):
    wanted = reminders(facts(home_dose("2027-05-04 14:00"), supports=(sam(state),)))
    assert not only(wanted, "support_confirm", SAM) + only(wanted, "support_present", SAM)


def test_the_support_person_is_asked_twice_and_the_patient_told_of_silence():
    wanted = reminders(facts(home_dose("2027-05-04 14:00")))
    assert due(only(wanted, "support_confirm", SAM)) == [ny("2027-05-02 14:00"), ny("2027-05-03 14:00")]
    reported = the(wanted, "support_confirm", ADA)
    assert (reported.due_at, reported.fills["unanswered"]) == (ny("2027-05-03 16:00"), True)
    assert {each.hard_deadline for each in only(wanted, "support_confirm", SAM)} == {ny("2027-05-03 18:00")}


def test_the_patient_hears_of_no_silence_once_the_support_person_answered():
    session = home_dose("2027-05-04 14:00")
    wanted = reminders(facts(session, answers=(said(session, Step.SUPPORT, person=SAM),)))
    assert not only(wanted, "support_confirm", SAM) + only(wanted, "support_confirm", ADA)


def test_the_patient_hears_of_no_silence_before_the_last_ask():
    late = replace(home_dose("2027-05-04 14:00"), since=ny("2027-05-03 17:00"))
    wanted = reminders(facts(late))
    assert len(only(wanted, "support_confirm", SAM)) == 1
    assert not only(wanted, "support_confirm", ADA)


def test_at_home_presence_is_asked_a_quarter_of_an_hour_before_and_never_sooner():
    asked = the(reminders(facts(home_dose("2027-05-04 06:00"))), "support_present", SAM)
    assert asked.due_at == asked.not_before == ny("2027-05-04 05:45")
    assert (asked.gate, asked.hard_deadline, asked.not_after) == (
        Gate.HARD,
        ny("2027-05-04 05:55"),
        ny("2027-05-04 06:00"),
    )


def test_at_the_clinic_nobody_asks_whether_the_support_person_is_present():
    wanted = reminders(facts(dose("2027-05-04 14:00", support_person_id=SAM.id)))
    assert not only(wanted, "support_present", SAM)
    assert {each.gate for each in only(wanted, "support_confirm", SAM)} <= {Gate.SOFT, AT_THE_CLINIC.support_gate}


def test_someone_who_accepts_late_is_asked_then():
    session = home_dose("2027-05-04 14:00")
    accepted_at = ny("2027-05-03 17:00")
    yes = replace(said(session, Step.INVITATION, person=SAM), subject_id=SAM.id, version=1, at=accepted_at)
    assert due(only(reminders(facts(session, answers=(yes,))), "support_confirm", SAM)) == [accepted_at]


# After a dose


def test_the_rules_are_told_at_discharge_with_the_times_that_came_out():
    session = home_dose("2027-05-04 18:00")
    over = ny("2027-05-04 22:10")
    wanted = reminders(facts(discharged(session, over)))
    for person in (ADA, SAM):
        rules = the(wanted, "post_rules", person)
        assert rules.due_at == over
        assert rules.fills == {
            "driving_until": ny("2027-05-05 22:10").isoformat(),
            "alcohol_until": ny("2027-05-05 22:10").isoformat(),
            "stay_until": ny("2027-05-05 02:10").isoformat(),
        }


def test_before_discharge_nobody_is_told_when_the_rules_end():
    dosed = replace(TUESDAY, status=Status.DOSED, dosed_at=TUESDAY.starts_at)
    assert not only(reminders(facts(dosed)), "post_rules")


def test_a_corrected_end_is_told_anew():
    first, corrected = (discharged(TUESDAY, ny(f"2027-05-04 12:{minute}")) for minute in ("10", "40"))
    keys_of_rules = [the(reminders(facts(each)), "post_rules").key for each in (first, corrected)]
    assert keys_of_rules[0] != keys_of_rules[1]


def test_how_the_patient_is_gets_asked_only_where_someone_is_on_call():
    assert not only(reminders(facts(discharged(TUESDAY))), "safety_check")
    assert only(reminders(facts(discharged(TUESDAY), clinic=CHECKING)), "safety_check")


def test_the_safety_check_comes_that_evening_and_the_next_morning_with_one_repeat_each():
    asked = only(reminders(facts(discharged(TUESDAY, ny("2027-05-04 12:00")), clinic=CHECKING)), "safety_check")
    assert due(asked) == [
        ny("2027-05-04 16:00"),
        ny("2027-05-04 20:00"),
        ny("2027-05-05 10:00"),
        ny("2027-05-05 14:00"),
    ]
    assert [each.hard_deadline for each in asked] == [ny("2027-05-04 22:00")] * 2 + [ny("2027-05-05 16:00")] * 2


def test_no_evening_check_when_it_would_come_in_the_night():
    asked = only(reminders(facts(discharged(TUESDAY, ny("2027-05-04 17:30")), clinic=CHECKING)), "safety_check")
    assert due(asked) == [ny("2027-05-05 10:00"), ny("2027-05-05 14:00")]


def test_who_is_well_in_the_evening_is_still_asked_the_next_day():
    session = discharged(TUESDAY, ny("2027-05-04 12:00"))
    wanted = reminders(facts(session, clinic=CHECKING, answers=(said(session, Step.SAFETY_EVENING),)))
    assert due(only(wanted, "safety_check")) == [ny("2027-05-05 10:00"), ny("2027-05-05 14:00")]


def test_a_course_brought_from_elsewhere_does_not_speak_of_doses_long_given():
    given = replace(discharged(TUESDAY), since=ny("2027-06-01 12:00"))
    wanted = reminders(facts(given, integration_of(given), clinic=CHECKING))
    assert not wanted


# Integration


def given_with_integration(**changes: object) -> tuple[SessionFacts, SessionFacts]:
    given = discharged(TUESDAY, ny("2027-05-04 12:00"))
    return given, integration_of(given, **changes)


def test_the_integration_session_is_asked_for_until_it_has_a_time():
    given, waiting = given_with_integration()
    asked = only(reminders(facts(given, waiting)), "integration_book")
    assert due(asked) == [ny("2027-05-04 14:00"), ny("2027-05-05 10:30"), ny("2027-05-06 08:00")]
    assert {each.key.subject_id for each in asked} == {waiting.id}
    assert asked[0].fills["window_until"] == ny("2027-05-07 12:00").isoformat()
    assert asked[0].not_before == given.discharged_at


@pytest.mark.parametrize("status", [Status.BOOKED, Status.ATTENDED, Status.CANCELLED])
def test_an_integration_session_with_an_end_is_not_asked_for(status):
    given, waiting = given_with_integration(status=status, starts_at=ny("2027-05-06 10:00"))
    assert not only(reminders(facts(given, waiting)), "integration_book")


def test_whoever_holds_it_elsewhere_is_not_asked_again():
    given, waiting = given_with_integration()
    assert not only(reminders(facts(given, waiting, answers=(said(waiting, Step.INTEGRATION),))), "integration_book")


def test_whoever_told_the_day_of_it_elsewhere_is_not_asked_again():
    given, waiting = given_with_integration(elsewhere_on=date(2027, 5, 6))
    assert not only(reminders(facts(given, waiting)), "integration_book")
    assert due(only(reminders(facts(given, replace(waiting, elsewhere_on=None))), "integration_book"))


def test_nothing_is_asked_before_the_dose_it_belongs_to_is_over():
    assert not only(reminders(facts(TUESDAY, integration_of(TUESDAY))), "integration_book")


def test_a_booked_integration_session_is_reminded_of_a_day_and_two_hours_before():
    given, booked = given_with_integration(status=Status.BOOKED, starts_at=ny("2027-05-06 11:00"))
    reminded = only(reminders(facts(given, booked)), "integration_remind")
    assert due(reminded) == [ny("2027-05-05 11:00"), ny("2027-05-06 09:00")]


def test_booked_within_the_day_it_is_reminded_of_once():
    times = {"status": Status.BOOKED, "starts_at": ny("2027-05-06 11:00"), "since": ny("2027-05-05 15:00")}
    given, booked = given_with_integration(**times)
    assert due(only(reminders(facts(given, booked)), "integration_remind")) == [ny("2027-05-06 09:00")]


# Keys


def test_equal_facts_give_equal_keys_in_any_order_of_sessions():
    first, second = two_doses()
    assert keys(facts(first, second)) == keys(facts(second, first)) == keys(facts(first, second))


def test_a_new_arrival_time_changes_exactly_the_texts_that_announce_it():
    earlier = replace(TUESDAY, arrive_at=start(TUESDAY) - HOUR)
    changed = keys(facts(TUESDAY)) - keys(facts(earlier))
    assert {key.kind for key in changed} == {"session_confirm", "arrival"}


def test_a_new_version_at_the_same_time_changes_exactly_what_is_asked():
    reseated = replace(TUESDAY, version=2)
    changed = keys(facts(TUESDAY)) - keys(facts(reseated))
    assert {key.kind for key in changed} == {"session_confirm", "transport_confirm"}


def test_a_longer_fast_changes_exactly_the_texts_that_announce_it():
    longer = replace(AT_THE_CLINIC, preparation=replace(AT_THE_CLINIC.preparation, clear_liquid_h=3))
    changed = keys(facts(TUESDAY)) - keys(facts(replace(TUESDAY, protocol=longer)))
    assert {key.kind for key in changed} == {"prep_bundle", "solids_stop", "liquids_stop"}


# Properties

STARTS = st.builds(
    lambda day, hour, minute: (day, time(hour, minute)),
    st.one_of(
        st.dates(date(2027, 1, 1), date(2028, 12, 31)),
        st.dates(date(2027, 3, 10), date(2027, 3, 18)),
        st.dates(date(2027, 11, 3), date(2027, 11, 11)),
    ),
    st.integers(6, 20),
    st.sampled_from([0, 15, 30, 45]),
)
ZONES = st.sampled_from(
    ["America/New_York", "America/Los_Angeles", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kolkata"]
)
QUIET = st.sampled_from([QuietHours(), QuietHours(time(20), time(9)), QuietHours(time(22, 30), time(6))])
AGO = st.timedeltas(timedelta(minutes=1), timedelta(days=6))
STATUSES = st.sampled_from([Status.BOOKED] * 4 + [Status.DISCHARGED, Status.CANCELLED, Status.MISSED, Status.ARRIVED])


@st.composite
def lives(draw: st.DrawFn) -> PatientFacts:
    """Any few doses of one patient, with or without integration, booked early or late, in any zone."""
    zone, quiet = draw(ZONES), draw(QUIET)
    day, clock = draw(STARTS)
    sessions: list[SessionFacts] = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        protocol = draw(st.sampled_from([AT_THE_CLINIC, AT_HOME]))
        starts = wall(day + timedelta(days=2 * number), clock, zone)
        session = dose(starts, protocol=protocol, number=number, since=starts - draw(AGO), support_person_id=SAM.id)
        session = replace(session, status=draw(STATUSES))
        if session.status is Status.DISCHARGED:
            session = discharged(session, starts + 2 * HOUR + draw(st.timedeltas(timedelta(), 3 * HOUR)))
        sessions += [session, integration_of(session)]
    people = {"patient": replace(ADA, zone=zone), "supports": (replace(sam(), person=replace(SAM, zone=zone)),)}
    clinic = ClinicFacts(HARBOR.id, "Harbor", "555-0100", zone, quiet=quiet, safety_check=True)
    return facts(*sessions, clinic=clinic, **people)


SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(lives())
def test_nothing_is_due_or_of_last_use_in_quiet_hours_unless_its_kind_is_exempt(known):
    for each in reminders(known):
        if KINDS[each.key.kind].quiet is not Quiet.EXEMPT:
            assert not in_quiet(each.due_at, each.person.zone, known.clinic.quiet), each
            assert not in_quiet(each.not_after, each.person.zone, known.clinic.quiet), each


@SLOW
@given(lives())
def test_due_lies_between_the_earliest_and_the_last_useful_moment(known):
    for each in reminders(known):
        assert each.not_before <= each.due_at <= each.not_after
        assert each.lawful or each.due_at == each.not_after


@SLOW
@given(lives())
def test_preparation_is_never_later_than_its_moment_unless_it_was_needed_late(known):
    for each in reminders(known):
        if KINDS[each.key.kind].quiet is Quiet.EARLIER and each.lawful:
            nominal = datetime.fromisoformat(each.why["anchor"]) + _offset(each.why["offset"])
            since = datetime.fromisoformat(each.why["since"])
            assert since <= each.due_at <= max(nominal, since)


def _offset(said_as: str) -> timedelta:
    number, unit = said_as.split()
    return timedelta(hours=float(number)) if unit == "h" else timedelta(minutes=float(number))


@SLOW
@given(lives())
def test_the_set_is_a_function_of_the_facts_without_twins(known):
    once, again = reminders(known), reminders(replace(known, sessions=known.sessions[::-1]))
    assert {each.key for each in once} == {each.key for each in again}
    assert len({each.key for each in once}) == len(once)


@SLOW
@given(lives())
def test_no_preparation_vanishes_silently(known):
    """Each booked dose has its four texts, sent or handed to a person, alcohol perhaps as part of a neighbour's."""
    wanted = reminders(known)
    for session in known.sessions:
        if session.status is Status.BOOKED and session.starts_at > max(each.since for each in known.sessions):
            about = {each.key.kind for each in wanted if session.id in each.session_ids}
            assert {"prep_bundle", "solids_stop", "liquids_stop"} <= about
            assert {"alcohol_window"} <= about or any(
                each.key.kind == "post_rules" and each.person.id == ADA.id for each in wanted
            )


@SLOW
@given(lives())
def test_a_question_of_the_day_is_asked_on_that_day(known):
    for each in reminders(known):
        if each.fills.get("today"):
            starts = datetime.fromisoformat(each.fills["starts_at"])
            assert 0 <= (starts - each.due_at).total_seconds() < 24 * 3600
            assert each.not_before >= starts - timedelta(hours=25)


def test_nobody_is_asked_about_the_next_visit_in_the_middle_of_this_one():
    first, second = dose("2027-05-04 10:00"), dose("2027-05-07 10:00", number=2)
    asked = [
        each for each in only(reminders(facts(first, second)), "session_confirm") if each.key.subject_id == second.id
    ]
    assert asked[0].due_at == first.ends_at
    assert asked[0].why["shifted"] == "later_for_another_visit"


def test_from_the_eve_of_a_visit_until_its_end_nobody_is_asked_about_a_later_one():
    first, second = dose("2027-05-04 10:00"), dose("2027-05-06 14:00", number=2, support_person_id=SAM.id)
    first = replace(first, support_person_id=SAM.id)
    kinds = {"session_confirm", "transport_confirm", "support_confirm"}
    asked = [each for each in reminders(facts(first, second)) if each.asks and each.key.subject_id == second.id]
    ahead = [each for each in asked if each.key.kind in kinds and not each.fills.get("today")]
    assert {each.key.kind for each in ahead} == kinds
    assert not any(ny("2027-05-03 21:00") <= each.due_at < first.ends_at for each in ahead)


def test_who_leaves_early_is_asked_about_the_next_visit_from_then_on():
    first, second = dose("2027-05-04 10:00"), dose("2027-05-07 10:00", number=2)
    over = discharged(first, ny("2027-05-04 11:30"))
    asked = only(reminders(facts(over, second)), "session_confirm")
    assert min(each.due_at for each in asked) == over.discharged_at


def test_what_cannot_wait_is_asked_beside_another_visit():
    second = dose("2027-05-05 08:30", number=2, since=ny("2027-05-04 09:45"))
    known = facts(dose("2027-05-04 10:00", protocol=replace(AT_THE_CLINIC)), second)
    asked = [each for each in only(reminders(known), "session_confirm") if each.key.subject_id == second.id]
    assert asked
    assert all(each.due_at <= each.hard_deadline for each in asked)


def test_the_follow_up_is_asked_for_with_the_rules_for_after_the_dose():
    given_dose = discharged(dose("2027-05-04 10:00"))
    first = only(reminders(facts(given_dose, integration_of(given_dose))), "integration_book")[0]
    assert first.not_before == given_dose.discharged_at
    assert first.due_at == given_dose.discharged_at + 2 * HOUR


def test_rules_changed_by_a_neighbour_days_later_say_only_what_changed_and_nothing_past():
    first, second = discharged(dose("2027-05-04 10:00")), dose("2027-05-06 10:00", number=2)
    off = ended(second, Status.CANCELLED, since=ny("2027-05-05 11:00"))
    (anew,) = [each for each in only(reminders(facts(first, off)), "post_rules") if each.person == ADA]
    assert anew.fills == {"alcohol_until": ny("2027-05-05 12:00").isoformat(), "changed": True}
    later = replace(off, since=ny("2027-05-05 13:00"))
    assert not [each for each in only(reminders(facts(first, later)), "post_rules") if each.person == ADA]
    before = only(reminders(facts(first)), "post_rules")[0]
    assert before.key == anew.key, "what holds as it was said is not said again"


def test_each_nudge_names_every_clock():
    wanted = reminders(facts(dose("2027-05-04 18:00")))
    for kind in ("solids_stop", "liquids_stop"):
        assert {"solids_at", "light_meal_at", "any_liquid_at", "clear_liquid_at"} <= set(the(wanted, kind).fills)


def test_a_consult_before_a_course_at_home_asks_for_no_support_person() -> None:
    consult = home_dose("2027-05-04 10:00", kind=SessionKind.CONSULT, support_person_id=None)
    asked = only(reminders(facts(consult)), "session_confirm")
    assert asked
    assert not any("home" in each.fills for each in asked)
    at_home = home_dose("2027-05-04 10:00")
    assert all(each.fills["home"] for each in only(reminders(facts(at_home)), "session_confirm"))
