"""Does one phone hear what it must, in few texts, one question at a time, at lawful hours?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.facts import Caps, Part, QuietHours, Step
from care.kinds import KINDS, Load
from care.pacing import (
    ContactState,
    OpenQuestion,
    Pace,
    Waiting,
    ambiguous_digit,
    lapses_at,
    pace,
    takeover_until,
)
from care.protocol import Gate
from care.reminders.wanted import Ask

NEW_YORK = "America/New_York"
NOON = datetime(2027, 5, 4, 16, 0, tzinfo=UTC)  # a Tuesday, 12:00 in New York
NIGHT = datetime(2027, 5, 5, 3, 0, tzinfo=UTC)  # that evening at 23:00
MORNING = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)  # 08:00 on Wednesday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PATIENT, SUPPORT = UUID(int=1), UUID(int=2)
TUESDAY, THURSDAY = UUID(int=11), UUID(int=12)


def phone(**changes: Any) -> ContactState:
    state = ContactState(UUID(int=9), NEW_YORK, "en", QuietHours(), Caps(), phase_is_induction=True)
    return replace(state, **changes)


def due(
    kind: str,
    at: datetime = NOON,
    *,
    asks: tuple[Ask, ...] = (),
    gate: Gate | None = None,
    repeat: int = 0,
    until: timedelta = DAY,
    early: timedelta = timedelta(0),
    person: UUID = PATIENT,
    part: Part = Part.PATIENT,
) -> Waiting:
    says = f"{kind}:{[str(ask) for ask in asks]}"
    return Waiting(
        f"{kind}/{repeat}/{person.int}/{len(asks) and asks[0].subject_id.int}",
        kind,
        person,
        part,
        repeat,
        at,
        at - early,
        at + until,
        {"lines": []},
        asks,
        gate or KINDS[kind].gate,
        says,
    )


def ask(step: Step, session: UUID = TUESDAY, version: int = 1) -> Ask:
    return Ask(session, version, step, session)


def attendance(at: datetime = NOON, session: UUID = TUESDAY, **more: Any) -> Waiting:
    return due("session_confirm", at, asks=(ask(Step.ATTENDANCE, session),), **more)


def ride(at: datetime = NOON, session: UUID = TUESDAY, **more: Any) -> Waiting:
    return due("transport_confirm", at, asks=(ask(Step.TRANSPORT, session),), **more)


def open_since(asked_at: datetime, each: Waiting, *, took_over: bool = False) -> OpenQuestion:
    return OpenQuestion("open", asked_at, each.gate, each.asks, took_over)


def sent(*instants: datetime, load: Load = Load.QUESTION) -> tuple[tuple[datetime, Load], ...]:
    return tuple((at, load) for at in instants)


def texts(decision: Pace) -> list[tuple[str, ...]]:
    return [tuple(str(id_).split("/")[0] for id_ in bundle.reminder_ids) for bundle in decision.messages]


# One visit at a time


def of(each: Waiting, visit: str) -> Waiting:
    return replace(each, fills={**each.fills, "starts_at": visit})


TUE, THU = "2027-05-04T20:00:00+00:00", "2027-05-06T20:00:00+00:00"


def test_a_text_that_names_one_visit_does_not_ask_about_another() -> None:
    told, asked = of(due("prep_bundle"), TUE), of(ride(session=THURSDAY, until=2 * DAY), THU)
    decision = pace(phone(), [told, asked], NOON)
    assert texts(decision) == [("prep_bundle",)]
    assert (decision.stays[asked.id].reason, decision.held[asked.id]) == ("other_visit", NOON + 7 * HOUR)
    assert texts(pace(phone(), [asked], NOON + 3 * HOUR)) == [("transport_confirm",)]


def test_the_visit_that_is_named_is_the_one_asked_about() -> None:
    told = of(due("prep_bundle"), TUE)
    waiting = [told, of(ride(session=THURSDAY, until=2 * DAY), THU), of(attendance(), TUE)]
    assert texts(pace(phone(), waiting, NOON)) == [("prep_bundle", "session_confirm")]


def test_what_cannot_wait_is_asked_in_a_text_of_its_own() -> None:
    waiting = [of(due("prep_bundle"), TUE), of(ride(session=THURSDAY, until=DAY), THU)]
    assert texts(pace(phone(), waiting, NOON)) == [("prep_bundle",), ("transport_confirm",)]


def test_nothing_of_another_visit_rides_with_a_question() -> None:
    told = of(due("arrival", NOON + HOUR, early=DAY), TUE)
    asked = of(ride(session=THURSDAY, until=3 * DAY), THU)
    assert texts(pace(phone(), [told, asked], NOON)) == [("transport_confirm",)]
    early = of(ride(NOON + HOUR, session=THURSDAY, until=3 * DAY, early=DAY), THU)
    assert texts(pace(phone(), [of(due("arrival"), TUE), early], NOON)) == [("arrival",)]


def test_the_rules_for_after_a_visit_take_the_choice_of_a_follow_up_along_but_no_next_visit() -> None:
    rules = due("post_rules")
    choice = due("integration_book", NOON + HOUR, asks=(ask(Step.INTEGRATION),), early=DAY)
    next_visit = of(ride(session=THURSDAY, until=2 * DAY), THU)
    assert texts(pace(phone(), [rules, choice, next_visit], NOON)) == [("post_rules", "integration_book")]


# News


def news(at: datetime = NOON, visit: str = THU) -> Waiting:
    told = due("change_notice", at, asks=(ask(Step.NEW_TIME, THURSDAY),), gate=Gate.SOFT)
    return replace(told, fills={"lines": [{"starts_at": visit, "was": TUE, "change": "moved"}]})


def test_news_does_not_wait_behind_an_open_question() -> None:
    decision = pace(phone(open=open_since(NOON - HOUR, ride())), [news()], NOON)
    assert texts(decision) == [("change_notice",)]
    assert decision.messages[0].takes_over == "open"


def test_nothing_names_a_new_time_before_the_notice_of_it() -> None:
    later = news(NOON + timedelta(minutes=2))
    prepared = of(due("prep_bundle"), THU)
    decision = pace(phone(), [prepared, later], NOON)
    assert texts(decision) == []
    assert (decision.stays[prepared.id].reason, decision.held[prepared.id]) == (
        "not_announced",
        NOON + timedelta(minutes=5),
    )
    assert texts(pace(phone(), [prepared, later], NOON + timedelta(minutes=5))) == [("prep_bundle", "change_notice")]


def test_behind_a_safety_check_the_new_time_stays_unnamed_like_its_notice() -> None:
    check = due("safety_check", asks=(ask(Step.SAFETY_EVENING),))
    decision = pace(phone(open=open_since(NOON - HOUR, check)), [news(), of(due("prep_bundle"), THU)], NOON)
    assert texts(decision) == []


# Bundles


def test_nothing_due_is_nothing_said() -> None:
    assert pace(phone(), [due("prep_bundle", NOON + HOUR, early=DAY)], NOON) == Pace()


def test_what_is_due_within_three_hours_joins_what_is_due_now() -> None:
    waiting = [
        due("solids_stop"),
        due("arrival", NOON + HOUR, early=DAY),
        due("liquids_stop", NOON + 3 * HOUR, early=DAY),
        due("alcohol_window", NOON + 3 * HOUR + timedelta(seconds=1), early=DAY),
    ]
    assert texts(pace(phone(), waiting, NOON)) == [("solids_stop", "arrival", "liquids_stop")]


def test_what_may_not_be_said_yet_does_not_come_early() -> None:
    waiting = [due("solids_stop"), due("liquids_stop", NOON + HOUR)]
    assert texts(pace(phone(), waiting, NOON)) == [("solids_stop",)]


def test_a_text_ends_with_its_question() -> None:
    waiting = [attendance(NOON - HOUR), due("arrival")]
    assert texts(pace(phone(), waiting, NOON)) == [("arrival", "session_confirm")]


def test_what_is_said_back_goes_alone_and_first() -> None:
    waiting = [due("solids_stop"), due("crisis_text"), due("thanks_answer")]
    assert texts(pace(phone(), waiting, NOON)) == [("crisis_text",), ("thanks_answer",), ("solids_stop",)]


def test_of_several_repeats_due_together_only_the_last_is_said() -> None:
    first, second = attendance(NOON - DAY, until=3 * DAY), attendance(NOON, repeat=1)
    decision = pace(phone(), [first, second], NOON)
    assert texts(decision) == [("session_confirm",)]
    assert decision.messages[0].reminder_ids == (second.id,)
    assert decision.suppressed == {first.id: "later_repeat"}


def test_a_nudge_never_comes_early_by_itself() -> None:
    waiting = [due("solids_stop"), attendance(NOON + HOUR, repeat=1, early=DAY)]
    assert texts(pace(phone(), waiting, NOON)) == [("solids_stop",)]


def test_a_bundle_weighs_as_much_as_its_heaviest_piece() -> None:
    decision = pace(phone(), [due("post_rules"), due("integration_remind")], NOON)
    assert decision.messages[0].load is Load.SAFETY


# Questions


def test_attendance_and_ride_of_one_session_are_one_question() -> None:
    decision = pace(phone(), [attendance(), ride()], NOON)
    assert texts(decision) == [("session_confirm", "transport_confirm")]
    assert decision.messages[0].asks == (ask(Step.ATTENDANCE), ask(Step.TRANSPORT))
    assert decision.messages[0].gate is Gate.HARD


def test_an_ask_of_the_same_session_may_come_early_to_be_one_question() -> None:
    waiting = [attendance(), ride(NOON + 2 * HOUR, early=DAY), ride(NOON + HOUR, THURSDAY, early=DAY)]
    assert texts(pace(phone(), waiting, NOON)) == [("session_confirm", "transport_confirm")]


def test_asks_about_two_versions_or_two_sessions_never_share_a_text() -> None:
    moved = due("transport_confirm", asks=(ask(Step.TRANSPORT, version=2),))
    decision = pace(phone(), [attendance(), moved], NOON)
    assert texts(decision) == [("transport_confirm",)]
    assert list(decision.held) == [attendance().id]
    assert texts(pace(phone(), [attendance(), attendance(session=THURSDAY)], NOON)) == [("session_confirm",)]


def test_all_new_times_of_one_notice_are_one_question() -> None:
    asks = (ask(Step.NEW_TIME, TUESDAY, 2), ask(Step.NEW_TIME, THURSDAY, 2))
    decision = pace(phone(), [due("change_notice", asks=asks, gate=Gate.SOFT)], NOON)
    assert decision.messages[0].asks == asks


@pytest.mark.parametrize("step", [Step.INVITATION, Step.INTEGRATION, Step.SAFETY_EVENING])
def test_questions_with_other_digits_stand_alone(step: Step) -> None:
    other = due("safety_check", asks=(ask(step),))
    assert len(pace(phone(), [attendance(), other], NOON).messages[0].asks) == 1


def test_the_harder_of_two_questions_is_asked_first_and_the_other_waits_four_waking_hours() -> None:
    decision = pace(phone(), [attendance(session=THURSDAY), ride()], NOON)
    assert texts(decision) == [("transport_confirm",)]
    assert decision.held == {attendance(session=THURSDAY).id: NOON + 4 * HOUR}


def test_an_open_question_holds_the_next_until_it_lapses() -> None:
    state = phone(open=open_since(NOON, attendance()))
    later = attendance(NOON + HOUR, THURSDAY)
    assert pace(state, [later], NOON + HOUR).held == {later.id: NOON + 4 * HOUR}
    assert texts(pace(state, [later], NOON + 4 * HOUR)) == [("session_confirm",)]


def test_an_answer_releases_the_next_at_once() -> None:
    later = attendance(NOON + HOUR, THURSDAY)
    assert texts(pace(phone(open=None), [later], NOON + HOUR)) == [("session_confirm",)]


def test_statements_go_while_a_question_is_open() -> None:
    state = phone(open=open_since(NOON, attendance()))
    decision = pace(state, [due("solids_stop", NOON + HOUR), attendance(NOON + HOUR, THURSDAY)], NOON + HOUR)
    assert texts(decision) == [("solids_stop",)]
    assert decision.messages[0].takes_over is None


def test_a_repeat_of_the_open_question_is_not_held_by_it() -> None:
    state = phone(open=open_since(NOON, attendance()))
    decision = pace(state, [attendance(NOON + HOUR, repeat=1)], NOON + HOUR)
    assert texts(decision) == [("session_confirm",)]
    assert decision.messages[0].takes_over is None


def test_a_harder_gate_takes_over_and_for_ten_minutes_a_bare_digit_is_unsure() -> None:
    state = phone(open=open_since(NOON, attendance()))
    decision = pace(state, [ride(NOON + HOUR, THURSDAY)], NOON + HOUR)
    assert decision.messages[0].takes_over == "open"
    taken = open_since(NOON + HOUR, ride(), took_over=True)
    assert takeover_until(taken) == NOON + HOUR + timedelta(minutes=10)
    assert ambiguous_digit(takeover_until(taken), NOON + HOUR + timedelta(minutes=9, seconds=59))
    assert not ambiguous_digit(takeover_until(taken), NOON + HOUR + timedelta(minutes=10))
    assert not ambiguous_digit(takeover_until(open_since(NOON, ride())), NOON)


def test_nothing_takes_over_a_safety_check() -> None:
    check = due("safety_check", asks=(ask(Step.SAFETY_EVENING),))
    later = ride(NOON + HOUR, THURSDAY)
    assert list(pace(phone(open=open_since(NOON, check)), [later], NOON + HOUR).held) == [later.id]


def test_an_equal_gate_does_not_take_over() -> None:
    state = phone(open=open_since(NOON, ride()))
    assert list(pace(state, [ride(NOON + HOUR, THURSDAY)], NOON + HOUR).held) == [ride(session=THURSDAY).id]


def test_what_cannot_wait_for_the_open_question_becomes_a_call() -> None:
    state = phone(open=open_since(NOON, ride()))
    here = due(
        "support_present", NOON + HOUR, asks=(ask(Step.PRESENT),), until=HOUR / 4, person=SUPPORT, part=Part.SUPPORT
    )
    assert pace(state, [here], NOON + HOUR).call_instead == {here.id: "question_open"}


def test_four_waking_hours_pass_over_the_night() -> None:
    asked_at = datetime(2027, 5, 4, 23, 30, tzinfo=UTC)  # 19:30, an hour and a half before the quiet hours
    assert lapses_at(asked_at, NEW_YORK, QuietHours()) == datetime(2027, 5, 5, 14, 30, tzinfo=UTC)
    assert lapses_at(NIGHT, NEW_YORK, QuietHours()) == MORNING + 4 * HOUR


def test_four_waking_hours_that_end_with_the_day_end_before_the_night() -> None:
    assert lapses_at(NOON + 5 * HOUR, NEW_YORK, QuietHours()) == NOON + 9 * HOUR


def test_on_a_shared_phone_statements_join_and_questions_are_serial() -> None:
    coming = due("support_confirm", asks=(ask(Step.SUPPORT),), until=2 * DAY, person=SUPPORT, part=Part.SUPPORT)
    rules = due("cancel_notice", person=SUPPORT, part=Part.SUPPORT)
    decision = pace(phone(shared=True), [attendance(), coming, rules, due("solids_stop")], NOON)
    assert texts(decision) == [("cancel_notice", "solids_stop", "support_confirm")]
    assert list(decision.held) == [attendance().id]


def test_a_question_said_back_takes_the_phone() -> None:
    moved = due("moved_answer", asks=(ask(Step.NEW_TIME, version=2),), gate=Gate.SOFT)
    decision = pace(phone(open=open_since(NOON, attendance())), [moved, attendance(session=THURSDAY)], NOON)
    assert texts(decision) == [("moved_answer",)]
    assert decision.messages[0].takes_over == "open"
    assert list(decision.held) == [attendance(session=THURSDAY).id]


# Caps


THREE_TODAY = sent(NOON - 3 * HOUR, NOON - 2 * HOUR, NOON - HOUR)
EIGHT_THIS_WEEK = sent(*(NOON - DAY * (1 + each * 5 / 7) for each in range(8)))


@pytest.mark.parametrize("before", [THREE_TODAY, EIGHT_THIS_WEEK])
@pytest.mark.parametrize("kind", ["arrival", "integration_remind"])
def test_a_full_cap_holds_advisory_texts(before: tuple[tuple[datetime, Load], ...], kind: str) -> None:
    decision = pace(phone(sent=before), [due(kind)], NOON)
    assert not decision.messages
    assert list(decision.held) == [due(kind).id]


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if kind.load is not Load.ADVISORY])
def test_a_full_cap_holds_nothing_else(kind: str) -> None:
    state = phone(sent=THREE_TODAY + EIGHT_THIS_WEEK, consented=True)
    assert texts(pace(state, [due(kind)], NOON)) == [(kind,)]


def test_a_full_cap_holds_soft_nudges_but_not_hard_ones_nor_first_asks() -> None:
    state = phone(sent=THREE_TODAY)
    assert list(pace(state, [attendance(repeat=1)], NOON).held) == [attendance(repeat=1).id]
    assert texts(pace(state, [ride(repeat=1)], NOON)) == [("transport_confirm",)]
    assert texts(pace(state, [attendance()], NOON)) == [("session_confirm",)]


def test_one_less_than_the_cap_lets_the_last_one_through() -> None:
    assert texts(pace(phone(sent=THREE_TODAY[1:]), [due("arrival")], NOON)) == [("arrival",)]
    assert texts(pace(phone(sent=EIGHT_THIS_WEEK[1:]), [due("arrival")], NOON)) == [("arrival",)]


def test_later_phases_have_the_smaller_cap() -> None:
    five = EIGHT_THIS_WEEK[:5]
    assert pace(phone(sent=five, phase_is_induction=False), [due("arrival")], NOON).held
    assert not pace(phone(sent=five), [due("arrival")], NOON).held


def test_the_day_is_the_local_one_and_the_week_rolls_to_the_second() -> None:
    yesterday = tuple((at - DAY, load) for at, load in THREE_TODAY)
    assert texts(pace(phone(sent=yesterday), [due("arrival")], NOON)) == [("arrival",)]
    week_ago = sent(*[NOON - 7 * DAY] * 8)
    assert texts(pace(phone(sent=week_ago), [due("arrival")], NOON)) == [("arrival",)]
    almost = sent(*[NOON - 7 * DAY + timedelta(seconds=1)] * 8)
    assert pace(phone(sent=almost), [due("arrival")], NOON).held == {due("arrival").id: NOON + timedelta(seconds=1)}


def test_a_text_held_by_the_day_waits_for_the_next_morning() -> None:
    book = due("integration_remind", until=2 * DAY)
    assert pace(phone(sent=THREE_TODAY), [book], NOON).held == {book.id: MORNING}


def test_a_capped_text_rides_along_with_one_that_goes_anyway() -> None:
    assert texts(pace(phone(sent=THREE_TODAY), [due("arrival"), due("solids_stop")], NOON)) == [
        ("arrival", "solids_stop")
    ]


def test_a_text_the_caps_held_to_its_last_moment_is_suppressed_and_says_so() -> None:
    arrival = due("arrival", until=HOUR)
    decision = pace(phone(sent=THREE_TODAY), [arrival], NOON)
    assert decision.held == {arrival.id: arrival.not_after}
    for moment in (arrival.not_after, arrival.not_after + 2 * HOUR):
        assert pace(phone(sent=THREE_TODAY), [arrival], moment).suppressed == {arrival.id: "cap"}


@pytest.mark.parametrize("load", [Load.WINDOW, Load.CHANGE, Load.SAFETY, Load.ANSWER])
def test_what_had_to_be_said_anyway_fills_the_day_but_not_the_week(load: Load) -> None:
    week = tuple((at, load) for at, _ in EIGHT_THIS_WEEK)
    today = tuple((at, load) for at, _ in THREE_TODAY)
    assert texts(pace(phone(sent=week), [due("arrival")], NOON)) == [("arrival",)]
    assert pace(phone(sent=today), [due("arrival")], NOON).held


def test_bundles_count_once() -> None:
    waiting = [due("arrival"), due("integration_remind"), due("solids_stop")]
    assert len(pace(phone(sent=THREE_TODAY[1:]), waiting, NOON).messages) == 1


# Consent, hours, usefulness


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"opted_in_text", "login_code", "crisis_text"}))
def test_who_opted_out_hears_nothing(kind: str) -> None:
    assert pace(phone(opted_out=True), [due(kind)], NOON).suppressed == {due(kind).id: "opted_out"}


@pytest.mark.parametrize("kind", ["opted_in_text", "login_code", "crisis_text"])
def test_a_cry_opting_in_and_logging_in_are_answered_all_the_same(kind: str) -> None:
    assert texts(pace(phone(opted_out=True), [due(kind)], NOON)) == [(kind,)]


def test_before_accepting_a_support_person_is_only_invited() -> None:
    invite = due("support_invite", asks=(Ask(SUPPORT, 1, Step.INVITATION, None),), person=SUPPORT, part=Part.SUPPORT)
    notice = due("booked_notice", person=SUPPORT, part=Part.SUPPORT)
    decision = pace(phone(consented=False), [invite, notice], NOON)
    assert texts(decision) == [("support_invite",)]
    assert decision.suppressed == {notice.id: "no_consent"}


def test_preparation_that_falls_into_the_night_becomes_a_call_and_is_never_late() -> None:
    assert pace(phone(), [due("solids_stop", NIGHT)], NIGHT).call_instead == {due("solids_stop").id: "quiet_hours"}


def test_what_may_be_late_waits_for_the_morning() -> None:
    notice = due("change_notice", NIGHT)
    assert pace(phone(), [notice], NIGHT).held == {notice.id: MORNING}


def test_what_may_be_late_but_not_so_late_becomes_a_call() -> None:
    notice = due("change_notice", NIGHT, until=HOUR)
    assert pace(phone(), [notice], NIGHT).call_instead == {notice.id: "quiet_hours"}


def test_news_of_a_visit_within_a_day_goes_at_any_hour() -> None:
    line = {"session_kind": "dosing", "was": None, "starts_at": (NIGHT + 12 * HOUR).isoformat(), "change": "moved"}
    notice = replace(due("change_notice", NIGHT), fills={"lines": [line]})
    assert texts(pace(phone(), [notice], NIGHT)) == [("change_notice",)]


def test_in_the_night_the_exempt_go_alone() -> None:
    waiting = [due("post_rules", NIGHT), due("solids_stop", NIGHT + HOUR, early=DAY)]
    assert texts(pace(phone(), waiting, NIGHT)) == [("post_rules",)]


def test_the_last_useful_moment_is_still_useful() -> None:
    stop = due("solids_stop", until=HOUR)
    assert texts(pace(phone(), [stop], NOON + HOUR)) == [("solids_stop",)]
    assert pace(phone(), [stop], NOON + HOUR + timedelta(seconds=1)).expired == (stop.id,)


# Whatever is waiting


KINDS_DUE = st.sampled_from(sorted(KINDS))
STEPS = st.sampled_from([Step.ATTENDANCE, Step.TRANSPORT, Step.SUPPORT, Step.NEW_TIME, Step.INTEGRATION])


@st.composite
def waitings(draw: st.DrawFn) -> list[Waiting]:
    chosen = []
    for _ in range(draw(st.integers(0, 8))):
        kind = draw(KINDS_DUE)
        asking = KINDS[kind].load is Load.QUESTION or kind == "moved_answer"
        asks = (ask(draw(STEPS), draw(st.sampled_from([TUESDAY, THURSDAY]))),) if asking else ()
        at = NOON + timedelta(minutes=draw(st.integers(-600, 600)))
        item = due(
            kind, at, asks=asks, repeat=draw(st.integers(0, 1)), until=draw(st.integers(0, 72)) * HOUR, early=DAY
        )
        chosen.append(replace(item, id=uuid4()))
    return chosen


@st.composite
def phones(draw: st.DrawFn) -> ContactState:
    minutes = draw(st.lists(st.integers(0, 10080), max_size=10))
    asked = st.builds(open_since, st.just(NOON - HOUR), st.sampled_from([attendance(), ride()]))
    return phone(
        sent=sent(*(NOON - timedelta(minutes=each) for each in minutes)),
        open=draw(st.none() | asked),
        opted_out=draw(st.booleans()),
        consented=draw(st.booleans()),
        phase_is_induction=draw(st.booleans()),
    )


MOMENTS = st.sampled_from([NOON, NIGHT - DAY, NOON + 5 * HOUR])


@given(phones(), waitings(), MOMENTS)
def test_everything_due_gets_exactly_one_fate_and_nothing_is_held_for_ever(
    state: ContactState, waiting: list[Waiting], now: datetime
) -> None:
    decision = pace(state, waiting, now)
    going = [id_ for bundle in decision.messages for id_ in bundle.reminder_ids]
    fates = [*going, *decision.held, *decision.expired, *decision.suppressed, *decision.call_instead]
    assert len(fates) == len(set(fates))
    assert {each.id for each in waiting if each.due_at <= now} <= set(fates)
    assert all(until > now for until in decision.held.values())


@given(phones(), waitings(), MOMENTS)
def test_at_most_one_question_is_opened_beside_what_is_said_back(
    state: ContactState, waiting: list[Waiting], now: datetime
) -> None:
    by_id = {each.id: each for each in waiting}
    asking = [
        bundle
        for bundle in pace(state, waiting, now).messages
        if bundle.asks and not any(by_id[id_].said_back for id_ in bundle.reminder_ids)
    ]
    assert len(asking) <= 1
    assert all(len({(ask.subject_id, ask.version) for ask in bundle.asks}) == 1 for bundle in asking)


@given(phones(), waitings(), MOMENTS)
def test_pacing_does_not_depend_on_the_order_of_what_waits(
    state: ContactState, waiting: list[Waiting], now: datetime
) -> None:
    assert pace(state, waiting, now) == pace(state, waiting[::-1], now)
