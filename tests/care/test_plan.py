"""A course as dates: its own spacing kept, its spans wide enough to live with, its clock times across clock changes."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.course.plan import Preferences, plan
from care.course.spacing import spacing_refusals
from care.facts import SessionKind
from care.protocols import load, resolve, shipped
from care.times import local
from tests.care.clocks import NEW_YORK, zones

TUESDAY = date(2027, 2, 2)
TUESDAYS_AND_THURSDAYS = Preferences((1, 3), time(10))


def doses(protocol, start=TUESDAY, preferences=TUESDAYS_AND_THURSDAYS, zone=NEW_YORK):
    return [one for one in plan(protocol, start, preferences, zone) if one.kind is SessionKind.DOSING]


def test_the_label_course_is_twice_a_week_then_weekly():
    course = doses(load("spravato_trd"))
    days = [(one.target_on - TUESDAY).days for one in course]
    assert days == [0, 2, 7, 9, 14, 16, 21, 23, 28, 35, 42, 49]
    assert [one.number for one in course] == list(range(1, 13))
    assert [one.phase for one in course] == ["induction"] * 8 + ["weekly"] * 4


def test_a_course_begins_on_the_first_day_that_suits():
    assert doses(load("iv_6"), date(2027, 2, 3))[0].target_on == date(2027, 2, 4)
    assert doses(load("iv_6"), date(2027, 2, 3), Preferences())[0].target_on == date(2027, 2, 3)


def test_too_few_days_that_suit_are_filled_up():
    days = [(one.target_on - TUESDAY).days for one in doses(load("iv_6"), preferences=Preferences((1,)))]
    assert days == [0, 3, 7, 10, 14, 17]


def test_a_day_too_near_is_not_taken_because_it_suits():
    days = [one.target_on.weekday() for one in doses(load("iv_6"), preferences=Preferences((1, 2)))]
    assert days[0] == 1
    assert 2 not in days


def test_a_span_reaches_from_the_course_week_to_the_longest_gap():
    third = doses(load("spravato_trd"))[3]
    assert (third.earliest_on, third.target_on, third.latest_on) == (
        date(2027, 2, 9), date(2027, 2, 11), date(2027, 2, 18),
    )  # fmt: skip


def test_the_preferred_time_of_day_stays_when_the_clocks_change():
    course = doses(load("spravato_trd"), date(2027, 3, 2))
    assert {local(one.target_at, NEW_YORK).time() for one in course} == {time(10)}
    weekly = [one for one in course if one.phase == "weekly"]
    assert {later.target_on - earlier.target_on for earlier, later in pairwise(weekly)} == {timedelta(days=7)}


def test_each_dose_has_its_integration_session():
    course = plan(load("iv_6"), TUESDAY, TUESDAYS_AND_THURSDAYS, NEW_YORK)
    integration = [one for one in course if one.kind is SessionKind.INTEGRATION]
    assert [(one.number, one.of_number) for one in integration] == [(number, number) for number in range(1, 7)]
    assert [one.target_on for one in integration][:2] == [date(2027, 2, 3), date(2027, 2, 5)]
    assert [one.target_on for one in course] == sorted(one.target_on for one in course)


def test_integration_may_follow_every_second_dose_or_none():
    label = plan(load("spravato_trd"), TUESDAY, TUESDAYS_AND_THURSDAYS, NEW_YORK)
    assert [one.of_number for one in label if one.of_number] == [2, 4, 6, 8, 10, 12]
    none = resolve(load("spravato_trd"), {"integration": {"after_each": 0}})
    assert all(one.kind is SessionKind.DOSING for one in plan(none, TUESDAY, TUESDAYS_AND_THURSDAYS, NEW_YORK))


def test_an_open_phase_plans_nothing_now_and_a_closed_one_counts_its_interval():
    assert {one.phase for one in doses(load("iv_6"))} == {"induction"}
    closed = resolve(load("iv_6"), {"phases": {"boosters": {"sessions": 3}}})
    days = [(one.target_on - TUESDAY).days for one in doses(closed)]
    assert days[-4:] == [16, 30, 44, 58]


def intervals_first():
    as_needed = {"sessions": 3, "per_week": 0, "per_week_choices": [], "weeks": None, "every_days": [9]}
    induction = {"max_gap_days": 9, **as_needed}
    return resolve(load("spravato_trd"), {"phases": {"induction": induction}})


variants = [
    *shipped().values(),
    resolve(load("iv_6"), {"phases": {"induction": {"per_week": 3}}}),
    resolve(load("iv_6"), {"phases": {"induction": {"sessions": 5}, "boosters": {"sessions": 4}}}),
    resolve(load("spravato_trd"), {"phases": {"induction": {"sessions": 7}, "maintenance": {"sessions": 5}}}),
    intervals_first(),
]
preferences = st.builds(
    Preferences,
    st.lists(st.integers(0, 6), unique=True).map(tuple),
    st.builds(time, st.integers(7, 18), st.sampled_from([0, 30])),
)
starts = st.dates(date(2025, 1, 1), date(2030, 6, 1))


@given(st.sampled_from(variants), starts, preferences, zones)
def test_a_plan_obeys_the_spacing_of_its_protocol(protocol, start, preferred, zone):
    course = doses(protocol, start, preferred, zone)
    times = [one.target_at for one in course]
    for number, at in enumerate(times):
        assert spacing_refusals(protocol, at, times[:number] + times[number + 1 :], times[0], zone) == []


@given(st.sampled_from(variants), starts, preferences, zones)
def test_a_plan_is_whole_and_inside_its_spans(protocol, start, preferred, zone):
    course = plan(protocol, start, preferred, zone)
    given_ = [one for one in course if one.kind is SessionKind.DOSING]
    assert len(given_) == sum(phase.sessions or 0 for phase in protocol.phases)
    assert [one.number for one in given_] == list(range(1, len(given_) + 1))
    assert all(one.earliest_on <= one.target_on <= one.latest_on for one in course)
    assert all(earlier.target_on < later.target_on for earlier, later in pairwise(given_))
    assert start <= given_[0].target_on < start + timedelta(days=7)
    for one in course:
        if one.of_number:
            dose = given_[one.of_number - 1]
            assert dose.target_on < one.target_on <= dose.target_on + timedelta(days=3)


@pytest.mark.parametrize("protocol", shipped().values(), ids=lambda protocol: protocol.name)
def test_the_same_question_has_the_same_plan(protocol):
    assert plan(protocol, TUESDAY, Preferences(), NEW_YORK) == plan(protocol, TUESDAY, Preferences(), NEW_YORK)
