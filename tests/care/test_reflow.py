"""The least disturbance: equal to trying everything, never against a rule, and fast enough to ask at every drag."""

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise, product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.course.plan import Preferences, plan
from care.course.reflow import Candidate, ToPlace, both_plans, reflow
from care.course.spacing import spacing_refusals
from care.protocols import load, resolve
from care.times import local_date, wall
from tests.care.clocks import NEW_YORK, moments
from tests.care.visits import at

TWICE = load("spravato_trd")
THRICE = load("iv_6")
LONG = resolve(TWICE, {"phases": {"induction": {"sessions": 30, "weeks": 15}}})
ALWAYS = (date(2020, 1, 1), date(2040, 1, 1))


def to_place(number, current, *candidates, **known):
    usual: dict[str, Any] = {
        "booked": current is not None,
        "confirmed": False,
        "frozen": False,
        "span": ALWAYS,
        "target": date(2027, 2, 9),
    }
    tokens = tuple(Candidate(start, f"chair {count}") for count, start in enumerate(candidates))
    return ToPlace(UUID(int=number), number, current, candidates=tokens, **(usual | known))


def starts(answer):
    return {identity.int: candidate.starts_at for identity, candidate in answer.placed.items()}


TUE_2, THU_4, SAT_6 = at("2027-02-02 10:00"), at("2027-02-04 10:00"), at("2027-02-06 10:00")
TUE_9, THU_11, FRI_12 = at("2027-02-09 10:00"), at("2027-02-11 10:00"), at("2027-02-12 10:00")


def test_what_can_stay_stays():
    answer = reflow([to_place(2, TUE_9, TUE_9, THU_11)], [TUE_2], TWICE, TUE_2, NEW_YORK)
    assert (starts(answer), answer.moved, answer.unplaced, answer.optimal) == ({2: TUE_9}, (), (), True)


def test_what_must_go_goes_to_the_nearest_time_that_is_lawful():
    answer = reflow([to_place(2, TUE_9, TUE_9, FRI_12, THU_11)], [at("2027-02-08 10:00")], TWICE, None, NEW_YORK)
    assert (starts(answer), answer.moved) == ({2: THU_11}, (UUID(int=2),))


def test_a_session_with_nowhere_to_go_is_left_for_a_person():
    answer = reflow([to_place(2, TUE_9, TUE_9)], [at("2027-02-08 10:00")], TWICE, None, NEW_YORK)
    assert (starts(answer), answer.unplaced, answer.moved, answer.optimal) == ({}, (UUID(int=2),), (), True)


def test_nothing_to_place_is_a_plan_too():
    assert reflow([], [TUE_2], TWICE, TUE_2, NEW_YORK).optimal


def test_a_confirmed_session_stays_and_the_other_moves():
    one = to_place(2, TUE_9, TUE_9, at("2027-02-08 10:00"))
    other = to_place(3, at("2027-02-10 10:00"), at("2027-02-10 10:00"), THU_11)
    keeps_other = reflow([one, replace(other, confirmed=True)], [TUE_2], TWICE, TUE_2, NEW_YORK)
    assert keeps_other.moved == (one.id,)
    keeps_one = reflow([replace(one, confirmed=True), other], [TUE_2], TWICE, TUE_2, NEW_YORK)
    assert keeps_one.moved == (other.id,)
    frozen = reflow([replace(one, frozen=True), replace(other, confirmed=True)], [TUE_2], TWICE, TUE_2, NEW_YORK)
    assert frozen.moved == (other.id,)


def test_the_order_of_the_numbers_is_kept():
    second, third = to_place(2, THU_11, THU_11), to_place(3, TUE_9, TUE_9, at("2027-02-13 10:00"))
    assert starts(reflow([second, third], [TUE_2], THRICE, TUE_2, NEW_YORK)) == {2: THU_11, 3: at("2027-02-13 10:00")}


def test_the_span_holds():
    narrow = to_place(2, None, TUE_9, THU_11, span=(date(2027, 2, 10), date(2027, 2, 28)))
    assert starts(reflow([narrow], [TUE_2], TWICE, TUE_2, NEW_YORK)) == {2: THU_11}


def test_a_session_without_a_time_goes_near_its_target():
    answer = reflow([to_place(2, None, TUE_9, THU_11, target=date(2027, 2, 11))], [TUE_2], TWICE, TUE_2, NEW_YORK)
    assert (starts(answer), answer.moved) == ({2: THU_11}, ())


def test_its_own_seat_is_kept_before_another_at_the_same_time():
    seats = (Candidate(TUE_9, "a"), Candidate(TUE_9, "b"))
    held = replace(to_place(2, TUE_9), candidates=seats, seat="b")
    assert reflow([held], [TUE_2], TWICE, TUE_2, NEW_YORK).placed[held.id].token == "b"
    other = reflow([replace(held, seat="gone")], [TUE_2], TWICE, TUE_2, NEW_YORK)
    assert (other.placed[held.id].token, other.moved) == ("a", ())


def test_where_the_seven_date_rule_disturbs_more_two_plans_are_shown():
    """Dose 2 went from Thursday to Saturday: three doses in seven dates unless Tuesday's moves too."""
    later = [to_place(3, TUE_9, TUE_9, FRI_12), to_place(4, at("2027-02-16 10:00"), at("2027-02-16 10:00"))]
    keeping, breaking = both_plans(later, [at("2027-02-03 10:00"), SAT_6], TWICE, TUE_2, NEW_YORK)
    assert len(keeping.moved) == 1
    assert breaking is not None
    assert breaking.moved == ()
    _, no_other = both_plans(later, [TUE_2], TWICE, TUE_2, NEW_YORK)
    assert no_other is None


def test_a_limit_reached_gives_a_lawful_plan_that_is_not_called_optimal():
    later = [to_place(3, TUE_9, TUE_9, THU_11), to_place(4, THU_11, THU_11, FRI_12)]
    answer = reflow(later, [TUE_2], TWICE, TUE_2, NEW_YORK, limit=1)
    assert not answer.optimal
    assert len(answer.placed) == 2


# Equal to trying everything


def lawful(chosen, sessions, fixed, protocol, first, zone, *, keep_seven_days) -> bool:
    placed = [(one.starts_at, session.span) for one, session in zip(chosen, sessions, strict=True) if one]
    times = [start for start, _ in placed]
    begin = min([*fixed, *times], default=None) if first is None else min([first, *times])
    in_order = all(earlier < later for earlier, later in pairwise(times))
    in_span = all(span[0] <= local_date(start, zone) <= span[1] for start, span in placed)
    return (
        in_order
        and in_span
        and not any(
            spacing_refusals(
                protocol,
                start,
                [*fixed, *times[:number], *times[number + 1 :]],
                begin,
                zone,
                seven_day_reason=not keep_seven_days,
            )
            for number, start in enumerate(times)
        )
    )


def disturbance(chosen, sessions, zone):
    """What is minimised, in its order."""
    pairs = list(zip(chosen, sessions, strict=True))
    moved = [s for one, s in pairs if s.current and (one is None or one.starts_at != s.current)]
    shift = sum(
        abs((one.starts_at - s.current).total_seconds())
        if s.current
        else 86_400 * abs((local_date(one.starts_at, zone) - s.target).days)
        for one, s in pairs
        if one
    )
    return (
        sum(one is None for one in chosen),
        sum(s.frozen for s in moved),
        sum(s.confirmed for s in moved),
        sum(s.booked for s in moved),
        shift,
        [(one.starts_at.timestamp(), one.token) if one else (float("inf"), "") for one in chosen],
    )


def by_trying_everything(sessions, fixed, protocol, first, zone, *, keep_seven_days):
    every = product(*[[*session.candidates, None] for session in sessions])
    plans = [
        chosen
        for chosen in every
        if lawful(chosen, sessions, fixed, protocol, first, zone, keep_seven_days=keep_seven_days)
    ]
    return min(plans, key=lambda chosen: disturbance(chosen, sessions, zone))


half_days = st.integers(0, 40)
flags = st.tuples(st.booleans(), st.booleans(), st.booleans())


@st.composite
def small_cases(draw):
    zone, begin = draw(moments)

    def instant(half_day):
        return begin + timedelta(hours=12 * half_day)

    def one(number):
        free = draw(st.lists(half_days, max_size=4, unique=True))
        current = draw(st.sampled_from([None, *free, draw(half_days)]))
        booked, confirmed, frozen = draw(flags)
        early, late = sorted((draw(half_days), draw(half_days)))
        wide = draw(st.booleans())
        span = ALWAYS if wide else (local_date(instant(early), zone), local_date(instant(late), zone))
        return ToPlace(
            UUID(int=number),
            number,
            None if current is None else instant(current),
            booked,
            confirmed,
            frozen,
            span,
            local_date(instant(draw(half_days)), zone),
            tuple(Candidate(instant(half_day), f"t{half_day}") for half_day in free),
        )

    sessions = [one(number) for number in range(1, draw(st.integers(1, 4)) + 1)]
    fixed = sorted(instant(half_day) for half_day in draw(st.lists(half_days, max_size=3, unique=True)))
    first = draw(st.sampled_from([None, instant(draw(half_days)), *fixed]))
    return sessions, fixed, draw(st.sampled_from([TWICE, THRICE])), first, zone


@settings(max_examples=250)
@given(small_cases(), st.booleans())
def test_the_plan_equals_the_best_of_all_plans(case, keep_seven_days):
    sessions, fixed, protocol, first, zone = case
    answer = reflow(sessions, fixed, protocol, first, zone, keep_seven_days=keep_seven_days)
    best = by_trying_everything(sessions, fixed, protocol, first, zone, keep_seven_days=keep_seven_days)
    assert [answer.placed.get(session.id) for session in sessions] == list(best)
    assert answer.optimal


# A whole course


def course(protocol, span_days=10, clocks=range(8, 17, 2), weekdays=6):
    planned = [
        one for one in plan(protocol, date(2027, 2, 2), Preferences((1, 3), time(10)), NEW_YORK) if not one.of_number
    ]
    first, *later = planned
    return first.target_at, [_with_starts(one, span_days, clocks, weekdays) for one in later]


def _with_starts(planned, span_days, clocks, weekdays):
    days = [planned.target_on + timedelta(days=count) for count in range(-span_days, span_days + 1)]
    offered = [wall(day, time(hour), NEW_YORK) for day in days if day.weekday() < weekdays for hour in clocks]
    known = {"target": planned.target_on, "span": (days[0], days[-1])}
    return to_place(planned.number, planned.target_at, *offered, confirmed=planned.number < 6, **known)


@pytest.mark.parametrize("keep_seven_days", [True, False])
@settings(max_examples=12)
@given(
    shift=st.integers(0, 9),
    gone=st.sets(st.integers(2, 30), max_size=6),
    protocol=st.sampled_from([TWICE, THRICE, LONG]),
)
def test_a_reflow_of_a_whole_course_breaks_no_rule(keep_seven_days, shift, gone, protocol):
    first, later = course(protocol, clocks=(8, 10, 14))
    sessions = [
        replace(one, candidates=tuple(c for c in one.candidates if c.starts_at != one.current))
        if one.number in gone
        else one
        for one in later
    ]
    moved = wall(local_date(first, NEW_YORK) + timedelta(days=shift), time(14), NEW_YORK)
    answer = reflow(sessions, [moved], protocol, moved, NEW_YORK, keep_seven_days=keep_seven_days)
    chosen = [answer.placed.get(session.id) for session in sessions]
    assert lawful(chosen, sessions, [moved], protocol, moved, NEW_YORK, keep_seven_days=keep_seven_days)
    assert answer.optimal
    assert set(answer.placed) | set(answer.unplaced) == {session.id for session in sessions}


def test_a_slip_of_a_day_moves_no_more_than_it_must():
    first, later = course(LONG)
    answer = reflow(later, [first + timedelta(days=1)], LONG, None, NEW_YORK)
    assert (len(answer.moved), answer.unplaced, answer.optimal) == (1, (), True)


def test_a_slip_past_the_week_moves_the_whole_course_and_is_proved():
    first, later = course(LONG)
    answer = reflow(later, [first + timedelta(days=9)], LONG, None, NEW_YORK)
    assert len(answer.moved) > 20
    assert answer.optimal


def test_a_course_without_room_leaves_as_few_as_can_be_unplaced():
    """Sixteen weeks in which only ten of the days are open."""
    first, later = course(LONG)
    open_days = {first.date() + timedelta(days=7 * week + 3) for week in range(10)}
    sessions = [
        replace(one, candidates=tuple(c for c in one.candidates if c.starts_at.date() in open_days)) for one in later
    ]
    answer = reflow(sessions, [first], LONG, first, NEW_YORK)
    assert len(answer.placed) == 10
    assert answer.optimal
