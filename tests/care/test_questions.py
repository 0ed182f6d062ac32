"""Is everything asked that has to be, and does silence reach a person before it is too late?"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from care.facts import Role, SessionKind, Status, Step, ToldFacts
from care.protocol import Gate
from care.questions import QuestionWanted, questions
from care.questions.wanted import task_at
from tests.care.cast import (
    ADA,
    AT_HOME,
    AT_THE_CLINIC,
    HARBOR,
    HOUR,
    LONG_AGO,
    SAM,
    discharged,
    dose,
    ended,
    facts,
    home_dose,
    integration_of,
    moved,
    ny,
    said,
    sam,
    told,
)
from tests.care.test_reminders import SLOW, lives

TUESDAY = dose("2027-05-04 14:00", support_person_id=SAM.id)
AT_ADAS = home_dose("2027-05-04 14:00")


def asked(known, step: Step) -> QuestionWanted:
    (one,) = [each for each in questions(known) if each.step is step]
    return one


def steps(known) -> set[Step]:
    return {each.step for each in questions(known)}


@pytest.mark.parametrize(
    ("step", "by", "code"),
    [
        (Step.ATTENDANCE, "2027-05-03 18:00", "attendance_unanswered"),
        (Step.TRANSPORT, "2027-05-03 16:00", "transport_unanswered"),
        (Step.RIDE_TODAY, "2027-05-04 13:45", "ride_unverified"),
        (Step.SUPPORT, "2027-05-03 18:00", "support_unanswered"),
    ],
)
def test_silence_becomes_a_task_at_its_moment(step, by, code):
    question = asked(facts(TUESDAY), step)
    assert (question.task_at, question.task_code, question.role) == (ny(by), code, Role.COORDINATOR)
    assert (question.subject_id, question.session_id, question.version) == (TUESDAY.id, TUESDAY.id, 1)


def test_at_home_presence_becomes_a_task_five_minutes_before():
    question = asked(facts(AT_ADAS), Step.PRESENT)
    assert (question.task_at, question.gate, question.person) == (ny("2027-05-04 13:55"), Gate.HARD, SAM)


def test_at_home_support_is_a_hard_gate_even_where_the_protocol_is_softer():
    softer = replace(AT_HOME, support_gate=Gate.SOFT)
    assert asked(facts(home_dose("2027-05-04 14:00", protocol=softer)), Step.SUPPORT).gate is Gate.HARD


@pytest.mark.parametrize("gate", list(Gate))
def test_at_the_clinic_the_protocol_says_how_hard_support_is(gate):
    session = replace(TUESDAY, protocol=replace(AT_THE_CLINIC, support_gate=gate))
    assert asked(facts(session), Step.SUPPORT).gate is gate


def test_where_nobody_is_needed_a_support_person_is_asked_all_the_same_and_their_absence_blocks_nothing():
    free = replace(TUESDAY, protocol=replace(AT_THE_CLINIC, support_gate=None))
    assert asked(facts(free), Step.SUPPORT).gate is Gate.SOFT
    assert Step.SUPPORT not in steps(facts(replace(free, support_person_id=None)))


@pytest.mark.parametrize("state", ["named", "declined", "removed"])
def test_a_missing_support_person_is_the_patients_to_find(state):
    question = asked(facts(AT_ADAS, supports=(sam(state),)), Step.SUPPORT)
    assert (question.person, question.task_code) == (ADA, "support_missing")
    assert question.task_at == ny("2027-05-02 14:00")
    assert not question.asks_at


def test_no_ride_is_asked_for_where_the_protocol_needs_none():
    assert not steps(facts(AT_ADAS)) & {Step.TRANSPORT, Step.RIDE_TODAY}


def test_the_hard_questions_stay_until_the_dose_is_given():
    arrived = replace(AT_ADAS, status=Status.ARRIVED)
    assert steps(facts(arrived)) == {Step.SUPPORT, Step.PRESENT}
    assert not steps(facts(replace(arrived, status=Status.DOSED)))


def test_nothing_is_asked_about_a_visit_that_does_not_happen():
    for status in (Status.MISSED, Status.CANCELLED, Status.OMITTED, Status.DEFERRED, Status.PLANNED):
        assert not questions(facts(ended(TUESDAY, status, since=ny("2027-05-01 12:00"))))


def test_turning_a_text_off_never_opens_a_hard_gate():
    off = {"session_confirm": False, "transport_confirm": False, "support_confirm": False}
    hard_ride = replace(TUESDAY, protocol=replace(AT_THE_CLINIC, transport_gate=Gate.HARD))
    assert {Step.TRANSPORT, Step.RIDE_TODAY} <= steps(facts(hard_ride, switches=off))
    assert Step.ATTENDANCE not in steps(facts(hard_ride, switches=off))


def test_an_answer_does_not_make_the_question_go_away():
    assert Step.ATTENDANCE in steps(facts(TUESDAY, answers=(said(TUESDAY, Step.ATTENDANCE),)))


def test_who_was_asked_late_has_a_fair_time_to_answer():
    start = ny("2027-05-04 14:00")
    assert task_at(start - 20 * HOUR, start - 21 * HOUR, start) == start - 17 * HOUR
    assert task_at(start - 20 * HOUR, start - 2 * HOUR, start) == start - HOUR
    assert task_at(start - 20 * HOUR, LONG_AGO, start) == start - 20 * HOUR


def test_an_invitation_is_about_the_person_and_becomes_a_task_after_two_days():
    question = asked(facts(supports=(sam("named", ny("2027-05-01 12:00")),)), Step.INVITATION)
    assert (question.subject_id, question.session_id, question.person) == (SAM.id, None, SAM)
    assert question.task_at == ny("2027-05-03 12:00")


# A new time


def test_a_moved_time_is_asked_about_until_it_is_told_and_after():
    again = moved(TUESDAY, "2027-05-06 14:00", since=ny("2027-05-01 12:00"))
    waiting = facts(again, told=(told(TUESDAY),))
    assert asked(waiting, Step.NEW_TIME).task_at == ny("2027-05-01 16:02")
    heard_at = ny("2027-05-01 12:05")
    heard = facts(again, told=(told(TUESDAY), told(again, at=heard_at)))
    assert asked(heard, Step.NEW_TIME).task_at == heard_at + 4 * HOUR


def test_a_new_place_at_the_same_time_asks_nothing_new():
    reseated = replace(TUESDAY, version=2)
    assert Step.NEW_TIME not in steps(facts(reseated, told=(told(TUESDAY), told(reseated))))


def test_who_never_heard_of_the_old_time_is_not_asked_about_the_new():
    again = moved(TUESDAY, "2027-05-06 14:00", since=ny("2027-05-01 12:00"))
    assert Step.NEW_TIME not in steps(facts(again, told=(told(again),)))
    off = ToldFacts(ADA.id, again.id, 1, None, LONG_AGO)
    assert Step.NEW_TIME not in steps(facts(again, told=(told(TUESDAY), off)))


def test_patient_and_support_person_are_each_asked_about_the_new_time():
    again = moved(TUESDAY, "2027-05-06 14:00", since=ny("2027-05-01 12:00"))
    known = facts(again, told=(told(TUESDAY), told(TUESDAY, SAM)))
    assert {each.person for each in questions(known) if each.step is Step.NEW_TIME} == {ADA, SAM}


# After a dose


def test_silence_about_how_the_patient_is_becomes_a_task_on_the_same_day():
    given = discharged(TUESDAY, ny("2027-05-04 16:00"))
    known = facts(given, clinic=replace(HARBOR, safety_check=True))
    assert asked(known, Step.SAFETY_EVENING).task_at == ny("2027-05-04 23:00")
    assert asked(known, Step.SAFETY_NEXT_DAY).task_at == ny("2027-05-05 16:00")


def test_integration_that_is_not_booked_becomes_a_task_and_then_late():
    given = discharged(TUESDAY, ny("2027-05-04 16:00"))
    question = asked(facts(given, integration_of(given)), Step.INTEGRATION)
    assert (question.task_at, question.task_code) == (ny("2027-05-06 16:00"), "integration_unbooked")
    assert (question.then_at, question.then_code) == (ny("2027-05-07 16:00"), "integration_late")
    assert question.subject_id == integration_of(given).id


@SLOW
@given(lives())
def test_every_question_before_a_dose_has_its_task_before_the_dose(known):
    sessions = {each.id: each for each in known.sessions}
    for question in questions(known):
        session = sessions[question.session_id]
        if session.status is Status.BOOKED and session.kind is SessionKind.DOSING:
            assert question.since < question.task_at < session.starts_at


@SLOW
@given(lives())
def test_one_question_each_of_a_step_a_version_and_a_person(known):
    wanted = [(each.subject_id, each.version, each.step, each.person.id) for each in questions(known)]
    assert len(wanted) == len(set(wanted))
    assert questions(known) == questions(replace(known, sessions=known.sessions[::-1]))
    assert all(each.task_at - each.since < timedelta(days=30) for each in questions(known))
