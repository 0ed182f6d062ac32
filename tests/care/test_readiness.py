"""Is a session ready, by what was really said about it, and who must act by when?"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from care.facts import AnswerFacts, How, OpenReason, PatientFacts, Role, SessionFacts, Status, Step, SupportFacts, Value
from care.protocol import DoseGate, Gate
from care.readiness import Readiness, State, Verdict, hard_gates_open, judge
from care.refusals import Code, Refusal
from tests.care.cast import ADA, AT_THE_CLINIC, HARBOR, SAM, discharged, dose, facts, home_dose, integration_of, ny, sam

TUESDAY = "2027-05-04 10:00"
WEEK_BEFORE = ny("2027-04-27 10:00")
DAY_BEFORE = ny("2027-05-03 18:00")
THAT_MORNING = ny("2027-05-04 08:20")
AT_THE_DOSE = ny(TUESDAY)
RIDE_ONLY = replace(AT_THE_CLINIC, support_gate=None)


def answer(
    session: SessionFacts, step: Step, value: Value = Value.YES, *, at: datetime = DAY_BEFORE, **changes: object
) -> AnswerFacts:
    """Said by text from their own phone: by Sam about support and presence, by Ada about all else."""
    person = SAM if step in (Step.SUPPORT, Step.PRESENT) else ADA
    said = AnswerFacts(session.id, session.version, step, person.id, value, How.TEXT, at, person.contact_id)
    return replace(said, **changes)  # type: ignore[arg-type]


def by_staff(session: SessionFacts, step: Step, value: Value = Value.YES, *, at: datetime = DAY_BEFORE) -> AnswerFacts:
    return answer(session, step, value, at=at, person_id=None, how=How.STAFF, from_contact_id=None)


def known(session: SessionFacts, *answers: AnswerFacts, **changes: object) -> PatientFacts:
    return replace(facts(session), answers=answers, **changes)  # type: ignore[arg-type]


def states(readiness: Readiness) -> dict[Step, State]:
    return {each.step: each.state for each in readiness.steps}


def ready_ahead(session: SessionFacts) -> tuple[AnswerFacts, ...]:
    return answer(session, Step.ATTENDANCE), answer(session, Step.TRANSPORT)


def all_at_home(session: SessionFacts) -> tuple[AnswerFacts, ...]:
    here = answer(session, Step.PRESENT, at=ny("2027-05-04 09:46"))
    return answer(session, Step.ATTENDANCE), answer(session, Step.SUPPORT), here


CLINIC = dose(TUESDAY, protocol=RIDE_ONLY)
HOME = home_dose(TUESDAY)
ANOTHER = dose("2027-05-07 10:00", number=2)


# Which steps


def test_a_clinic_session_needs_attendance_and_a_ride_verified_that_day() -> None:
    steps = {each.step: each.gate for each in judge(CLINIC, known(CLINIC), WEEK_BEFORE).steps}
    assert steps == {Step.ATTENDANCE: Gate.SOFT, Step.TRANSPORT: Gate.HARD, Step.RIDE_TODAY: Gate.HARD}


def test_a_home_session_needs_attendance_support_and_presence_but_no_ride() -> None:
    steps = {each.step: each.gate for each in judge(HOME, known(HOME), WEEK_BEFORE).steps}
    assert steps == {Step.ATTENDANCE: Gate.SOFT, Step.SUPPORT: Gate.HARD, Step.PRESENT: Gate.HARD}


def test_support_at_the_clinic_has_the_gate_of_its_protocol() -> None:
    session = dose(TUESDAY, support_person_id=SAM.id)
    steps = {each.step: each.gate for each in judge(session, known(session), WEEK_BEFORE).steps}
    assert steps[Step.SUPPORT] is Gate.SOFT
    assert Step.PRESENT not in steps


def test_an_integration_session_is_ready_with_its_time_unless_the_time_does_not_suit() -> None:
    later = integration_of(discharged(CLINIC), status=Status.BOOKED, starts_at=ny("2027-05-05 12:00"))
    assert judge(later, known(later), DAY_BEFORE).verdict is Verdict.READY
    unsuited = known(later, answer(later, Step.NEW_TIME, Value.NO))
    assert judge(later, unsuited, DAY_BEFORE).verdict is Verdict.NOT_READY


# The verdict


def test_silence_is_waiting() -> None:
    readiness = judge(CLINIC, known(CLINIC), WEEK_BEFORE)
    assert readiness.verdict is Verdict.WAITING
    assert [each.step for each in readiness.missing] == [Step.TRANSPORT, Step.ATTENDANCE]


def test_every_yes_that_can_be_had_ahead_is_ready_until_the_day_asks_more() -> None:
    told = known(CLINIC, *ready_ahead(CLINIC))
    assert judge(CLINIC, told, DAY_BEFORE).verdict is Verdict.READY
    assert states(judge(CLINIC, told, DAY_BEFORE))[Step.RIDE_TODAY] is State.NOT_ASKED
    assert judge(CLINIC, told, THAT_MORNING).verdict is Verdict.WAITING
    verified = known(CLINIC, *ready_ahead(CLINIC), answer(CLINIC, Step.RIDE_TODAY, at=THAT_MORNING))
    assert judge(CLINIC, verified, THAT_MORNING).verdict is Verdict.READY


@pytest.mark.parametrize("step", [Step.ATTENDANCE, Step.TRANSPORT, Step.RIDE_TODAY])
def test_one_refusal_outweighs_every_yes(step: Step) -> None:
    others = [answer(CLINIC, each) for each in (Step.ATTENDANCE, Step.TRANSPORT, Step.RIDE_TODAY) if each is not step]
    readiness = judge(CLINIC, known(CLINIC, *others, answer(CLINIC, step, Value.NO)), THAT_MORNING)
    assert readiness.verdict is Verdict.NOT_READY
    assert readiness.missing[0].step is step


def test_a_refusal_outweighs_silence() -> None:
    refused = known(CLINIC, answer(CLINIC, Step.ATTENDANCE, Value.NO))
    assert judge(CLINIC, refused, WEEK_BEFORE).verdict is Verdict.NOT_READY
    assert judge(CLINIC, refused, WEEK_BEFORE).missing[0].state is State.NO


def test_a_wish_to_be_called_is_neither_yes_nor_no() -> None:
    wish = known(CLINIC, answer(CLINIC, Step.ATTENDANCE, Value.CALL), answer(CLINIC, Step.TRANSPORT))
    readiness = judge(CLINIC, wish, DAY_BEFORE)
    assert readiness.verdict is Verdict.WAITING
    assert readiness.missing[0].at == DAY_BEFORE
    assert readiness.missing[0].by == ADA.id


def test_a_soft_step_in_silence_waits_to_the_end_and_a_hard_one_past_its_deadline_is_not_ready() -> None:
    late = ny("2027-05-03 12:01")  # 22 hours before the dose the ride becomes a task
    soft_silent = known(CLINIC, answer(CLINIC, Step.TRANSPORT))
    assert judge(CLINIC, soft_silent, DAY_BEFORE).verdict is Verdict.WAITING
    hard_silent = known(CLINIC, answer(CLINIC, Step.ATTENDANCE))
    assert judge(CLINIC, hard_silent, late - timedelta(minutes=2)).verdict is Verdict.WAITING
    assert judge(CLINIC, hard_silent, late).verdict is Verdict.NOT_READY


def test_what_is_missing_says_who_must_act_and_by_when() -> None:
    ride, attendance = judge(CLINIC, known(CLINIC), WEEK_BEFORE).missing
    assert (ride.deadline, ride.role) == (ny("2027-05-03 12:00"), Role.COORDINATOR)
    assert attendance.deadline == ny("2027-05-03 14:00")


def test_a_session_without_a_time_is_never_ready() -> None:
    planned = replace(CLINIC, status=Status.PLANNED, starts_at=None, arrive_at=None, ends_at=None)
    assert judge(planned, known(planned, *ready_ahead(planned)), DAY_BEFORE).verdict is Verdict.WAITING


def test_who_has_arrived_is_attending() -> None:
    arrived = replace(CLINIC, status=Status.ARRIVED, arrived_at=ny("2027-05-04 09:40"))
    assert states(judge(arrived, known(arrived), AT_THE_DOSE))[Step.ATTENDANCE] is State.YES


# Whose word counts


def test_a_yes_to_the_old_time_does_not_count_for_the_new() -> None:
    moved = replace(CLINIC, version=2)
    told = known(moved, *ready_ahead(CLINIC))
    assert set(states(judge(moved, told, DAY_BEFORE)).values()) == {State.WAITING, State.NOT_ASKED}
    assert len(hard_gates_open(moved, told)) == 2


def test_the_last_word_counts() -> None:
    changed = known(CLINIC, answer(CLINIC, Step.ATTENDANCE), answer(CLINIC, Step.ATTENDANCE, Value.NO, at=THAT_MORNING))
    assert states(judge(CLINIC, changed, THAT_MORNING))[Step.ATTENDANCE] is State.NO


def test_staff_may_answer_for_every_step_also_after_a_no() -> None:
    refused = answer(HOME, Step.SUPPORT, Value.NO, at=WEEK_BEFORE)
    settled = [by_staff(HOME, step) for step in (Step.ATTENDANCE, Step.SUPPORT, Step.PRESENT)]
    told = known(HOME, refused, *settled)
    assert judge(HOME, told, AT_THE_DOSE).verdict is Verdict.READY
    assert judge(HOME, told, AT_THE_DOSE).steps[1].how is How.STAFF
    assert not hard_gates_open(HOME, told)


def test_a_patient_cannot_promise_a_hard_support_person() -> None:
    told = known(HOME, answer(HOME, Step.SUPPORT, person_id=ADA.id, from_contact_id=ADA.contact_id))
    assert states(judge(HOME, told, DAY_BEFORE))[Step.SUPPORT] is State.WAITING


def test_a_patient_can_promise_a_soft_one() -> None:
    session = dose(TUESDAY, support_person_id=SAM.id)
    told = known(session, answer(session, Step.SUPPORT, person_id=ADA.id, from_contact_id=ADA.contact_id))
    assert states(judge(session, told, DAY_BEFORE))[Step.SUPPORT] is State.YES


def test_a_support_persons_yes_from_the_patients_phone_opens_no_hard_gate_unless_the_clinic_allows_it() -> None:
    told = known(HOME, *(replace(each, from_contact_id=ADA.contact_id) for each in all_at_home(HOME)))
    assert [each.data["step"] for each in hard_gates_open(HOME, told)] == [Step.SUPPORT, Step.PRESENT]
    assert not hard_gates_open(HOME, replace(told, clinic=replace(HARBOR, shared_phone_ok=True)))


def test_a_link_opened_on_a_shared_phone_is_the_patients_phone_too() -> None:
    sharing = replace(sam(), person=replace(SAM, contact_id=ADA.contact_id))
    link = answer(HOME, Step.SUPPORT, how=How.LINK, from_contact_id=None)
    assert states(judge(HOME, known(HOME, link, supports=(sharing,)), DAY_BEFORE))[Step.SUPPORT] is State.WAITING
    assert states(judge(HOME, known(HOME, link), DAY_BEFORE))[Step.SUPPORT] is State.YES


def test_a_no_from_a_shared_phone_is_a_no() -> None:
    told = known(HOME, answer(HOME, Step.SUPPORT, Value.NO, from_contact_id=ADA.contact_id))
    assert states(judge(HOME, told, DAY_BEFORE))[Step.SUPPORT] is State.NO


@pytest.mark.parametrize("state", ["declined", "removed"])
def test_who_is_no_longer_support_person_does_not_count(state: str) -> None:
    told = known(HOME, *all_at_home(HOME), supports=(sam(state),))
    assert judge(HOME, told, AT_THE_DOSE).verdict is Verdict.NOT_READY
    assert [each.data["step"] for each in hard_gates_open(HOME, told)] == [Step.SUPPORT, Step.PRESENT]


# What one answer says of another step


def test_a_ride_today_is_a_ride() -> None:
    told = known(CLINIC, answer(CLINIC, Step.RIDE_TODAY, at=THAT_MORNING))
    assert not hard_gates_open(CLINIC, told)


def test_a_ride_promised_on_the_day_itself_is_verified_and_one_promised_before_is_not() -> None:
    assert not hard_gates_open(CLINIC, known(CLINIC, answer(CLINIC, Step.TRANSPORT, at=THAT_MORNING)))
    ahead = hard_gates_open(CLINIC, known(CLINIC, answer(CLINIC, Step.TRANSPORT, at=DAY_BEFORE)))
    assert [(each.code, each.data) for each in ahead] == [(Code.GATE_OPEN, {"step": "ride_today", "state": "waiting"})]


def test_no_ride_this_morning_closes_the_gate_again() -> None:
    told = known(CLINIC, *ready_ahead(CLINIC), answer(CLINIC, Step.RIDE_TODAY, Value.NO, at=THAT_MORNING))
    assert [each.data for each in hard_gates_open(CLINIC, told)] == [{"step": "ride_today", "state": "no"}]


def test_who_is_there_said_they_would_be() -> None:
    told = known(HOME, answer(HOME, Step.PRESENT, at=AT_THE_DOSE))
    assert not hard_gates_open(HOME, told)


def test_presence_is_asked_a_quarter_of_an_hour_before_and_keeps_nobody_back_sooner() -> None:
    told = known(HOME, answer(HOME, Step.ATTENDANCE), answer(HOME, Step.SUPPORT))
    assert judge(HOME, told, ny("2027-05-04 09:44")).verdict is Verdict.READY
    assert judge(HOME, told, ny("2027-05-04 09:45")).verdict is Verdict.WAITING
    assert judge(HOME, told, ny("2027-05-04 09:55")).verdict is Verdict.NOT_READY


def test_a_new_time_that_does_not_suit_is_an_attendance_refused_and_one_that_does_is_not_yet_a_yes() -> None:
    unsuited = known(CLINIC, answer(CLINIC, Step.NEW_TIME, Value.NO))
    assert states(judge(CLINIC, unsuited, DAY_BEFORE))[Step.ATTENDANCE] is State.NO
    suited = known(CLINIC, answer(CLINIC, Step.NEW_TIME))
    assert states(judge(CLINIC, suited, DAY_BEFORE))[Step.ATTENDANCE] is State.WAITING


# The dose


def test_every_hard_gate_without_a_yes_is_named_and_soft_ones_are_not() -> None:
    assert [each.data["step"] for each in hard_gates_open(CLINIC, known(CLINIC))] == ["transport", "ride_today"]
    assert [each.data["step"] for each in hard_gates_open(HOME, known(HOME))] == ["support", "present"]


def test_all_yes_opens_the_dose() -> None:
    assert not hard_gates_open(HOME, known(HOME, *all_at_home(HOME)))
    assert judge(HOME, known(HOME, *all_at_home(HOME)), AT_THE_DOSE).verdict is Verdict.READY


# Nothing left to go ahead


@pytest.mark.parametrize("status", [each for each in Status if each not in ("planned", "booked", "arrived")])
def test_what_is_over_or_off_has_no_verdict(status: Status) -> None:
    over = replace(CLINIC, status=status, dosed_at=CLINIC.starts_at)
    judged = judge(over, known(over, *ready_ahead(over)), DAY_BEFORE)
    assert (judged.verdict, judged.missing, judged.unchecked) == (None, (), ())


# Support that is optional


@pytest.mark.parametrize("supports", [(), (sam("declined"),), (sam("removed"),)])
def test_at_the_clinic_nobody_waits_for_a_support_person_whom_nobody_named(supports: tuple[SupportFacts, ...]) -> None:
    session = dose(TUESDAY, support_person_id=SAM.id if supports else None)
    judged = judge(session, known(session, *ready_ahead(session), supports=supports), DAY_BEFORE)
    assert judged.verdict is Verdict.READY
    assert Step.SUPPORT not in states(judged)


@pytest.mark.parametrize("state", ["named", "accepted"])
def test_at_the_clinic_who_was_named_is_waited_for(state: str) -> None:
    session = dose(TUESDAY, support_person_id=SAM.id)
    judged = judge(session, known(session, *ready_ahead(session), supports=(sam(state),)), DAY_BEFORE)
    assert judged.verdict is Verdict.WAITING


def test_at_home_and_where_a_clinic_made_it_hard_somebody_is_always_needed() -> None:
    strict = dose(TUESDAY, protocol=replace(AT_THE_CLINIC, support_gate=Gate.HARD))
    for session in (strict, replace(HOME, support_person_id=None)):
        assert Step.SUPPORT in {each.data["step"] for each in hard_gates_open(session, known(session, supports=()))}


# What no step says


def reason(code: str, session: SessionFacts | None = CLINIC, step: str | None = None) -> OpenReason:
    return OpenReason(code, session.id if session else None, step, DAY_BEFORE)


@pytest.mark.parametrize(
    "open_reason",
    [
        reason("unclear_reply"),
        reason("unclear_reply", None),
        reason("ambiguous_reply"),
        reason("problem_may_be_today"),
        reason("not_told", step="solids_stop"),
    ],
)
def test_a_text_unread_or_preparation_untold_keeps_a_session_of_the_next_day_waiting(open_reason: OpenReason) -> None:
    judged = judge(CLINIC, known(CLINIC, *ready_ahead(CLINIC), reasons=(open_reason,)), DAY_BEFORE)
    assert (judged.verdict, judged.unsettled) == (Verdict.WAITING, (open_reason,))


@pytest.mark.parametrize(
    "open_reason",
    [reason("not_told", step="arrival"), reason("missed_call"), reason("unclear_reply", ANOTHER)],
)
def test_other_open_tasks_keep_nobody_waiting(open_reason: OpenReason) -> None:
    judged = judge(CLINIC, known(CLINIC, *ready_ahead(CLINIC), reasons=(open_reason,)), DAY_BEFORE)
    assert (judged.verdict, judged.unsettled) == (Verdict.READY, ())


def test_an_unread_text_days_ahead_keeps_nobody_waiting_and_a_no_stays_a_no() -> None:
    unread = (reason("unclear_reply"),)
    ahead = judge(CLINIC, known(CLINIC, *ready_ahead(CLINIC), reasons=unread), ny("2027-05-03 09:59"))
    assert ahead.verdict is Verdict.READY
    refused = known(CLINIC, answer(CLINIC, Step.ATTENDANCE, Value.NO), reasons=unread)
    assert judge(CLINIC, refused, DAY_BEFORE).verdict is Verdict.NOT_READY


# What is not checked here


def test_a_ready_session_says_what_is_still_to_be_checked_before_the_dose() -> None:
    judged = judge(CLINIC, known(CLINIC, *ready_ahead(CLINIC)), DAY_BEFORE)
    assert (judged.verdict, judged.unchecked) == (Verdict.READY, (DoseGate.CONSENT, DoseGate.CLEARANCE))
    talk = integration_of(CLINIC)
    assert judge(talk, known(talk), DAY_BEFORE).unchecked == ()


def test_a_dose_that_a_clinician_has_to_look_at_first_is_stopped_and_named() -> None:
    review = Refusal(Code.REVIEW_OPEN, {"kind": "doses"})
    waits = replace(known(CLINIC, *ready_ahead(CLINIC)), stops={CLINIC.course_id: (review,)})
    ahead, near = judge(CLINIC, waits, ny("2027-05-02 10:00")), judge(CLINIC, waits, DAY_BEFORE)
    assert (ahead.verdict, ahead.stopped) == (Verdict.WAITING, (review,))
    assert near.verdict is Verdict.NOT_READY
    talk = integration_of(CLINIC)
    assert judge(talk, replace(known(talk), stops={talk.course_id: (review,)}), DAY_BEFORE).stopped == ()
