"""Fasting, alcohol, driving and integration, in elapsed hours and from actual times."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.facts import SessionKind, Status
from care.protocols import load, resolve, shipped
from care.times import hours, local
from care.windows import (
    Fasting,
    WindowKind,
    alcohol_windows,
    all_windows,
    driving_until,
    fasting,
    integration_window,
    windows_now,
)
from tests.care.clocks import ALL_TRANSITIONS, NEW_YORK, moments
from tests.care.visits import at, session

HOME = resolve(load("home_seed_2_3w"), {"preparation": {"solids_h": 8}})
protocols = st.sampled_from(sorted(shipped().values(), key=lambda protocol: protocol.name))


def test_food_stops_at_midnight_when_the_clocks_spring_forward():
    """Eight elapsed hours before 9 AM are 12:00 AM on that Sunday, not 1:00."""
    dose = session(1, at("2027-03-14 09:00"), protocol=HOME)
    solids = fasting(dose).solids_at
    assert solids == datetime(2027, 3, 14, 5, tzinfo=UTC)
    assert local(solids, NEW_YORK).isoformat() == "2027-03-14T00:00:00-05:00"
    assert local(alcohol_windows([dose])[0].start, NEW_YORK).isoformat() == "2027-03-13T08:00:00-05:00"


def test_an_early_visit_stops_food_and_drink_in_the_night():
    early = resolve(load("iv_6"), {"preparation": {"solids_h": 6}})
    clocks = fasting(session(1, at("2027-05-04 07:30"), protocol=early))
    assert (clocks.solids_at, clocks.clear_liquid_at) == (at("2027-05-04 01:30"), at("2027-05-04 05:30"))


def test_there_are_four_clocks_and_one_not_used_is_not_told():
    clocks = resolve(load("iv_6"), {"preparation": {"any_liquid_h": 4, "light_meal_h": 0}})
    dose = at("2027-05-04 12:00")
    assert fasting(session(1, dose, protocol=clocks)) == Fasting(
        dose - hours(8), None, dose - hours(4), dose - hours(2)
    )


def test_overlapping_alcohol_windows_are_one_and_shrink_when_one_falls_away():
    tuesday, thursday = session(1, at("2027-02-09 10:00")), session(2, at("2027-02-11 09:00"))
    (both,) = alcohol_windows([thursday, tuesday])
    assert (both.start, both.end) == (at("2027-02-08 10:00"), at("2027-02-12 11:00"))
    assert both.session_ids == (tuesday.id, thursday.id)
    cancelled = session(2, at("2027-02-11 09:00"), status=Status.CANCELLED)
    (alone,) = alcohol_windows([tuesday, cancelled])
    assert (alone.start, alone.end, alone.session_ids) == (both.start, at("2027-02-10 12:00"), (tuesday.id,))


def test_windows_apart_stay_apart():
    assert len(alcohol_windows([session(1, at("2027-02-09 10:00")), session(2, at("2027-02-16 10:00"))])) == 2


def test_after_a_long_observation_the_actual_end_counts():
    dose = session(1, at("2027-02-09 10:00"), discharged_at=at("2027-02-09 13:20"), status=Status.DISCHARGED)
    assert alcohol_windows([dose])[0].end == at("2027-02-10 13:20")
    assert driving_until(dose, NEW_YORK) == at("2027-02-10 13:20")
    assert integration_window(dose) == (at("2027-02-10 13:20"), at("2027-02-12 13:20"))


def test_fasting_counts_from_the_actual_dose_once_known():
    dose = session(1, at("2027-02-09 10:00"), dosed_at=at("2027-02-09 10:25"), status=Status.DOSED)
    assert fasting(dose).solids_at == at("2027-02-09 02:25")


def test_nobody_drives_before_the_next_morning():
    short = resolve(load("spravato_trd"), {"driving": {"hours": 4}})
    dose = session(1, at("2027-02-09 15:00"), protocol=short)
    assert driving_until(dose, NEW_YORK) == at("2027-02-10 08:00")
    hours_alone = resolve(short, {"driving": {"next_day_at_hour": None}})
    assert driving_until(session(1, at("2027-02-09 15:00"), protocol=hours_alone), NEW_YORK) == at("2027-02-09 21:20")


def test_a_morning_shown_twice_is_the_later_one_for_driving():
    twice = resolve(load("spravato_trd"), {"driving": {"hours": 4, "next_day_at_hour": 1}})
    dose = session(1, at("2027-11-06 12:00"), protocol=twice)
    assert driving_until(dose, NEW_YORK) == datetime(2027, 11, 7, 6, tzinfo=UTC)  # 1:00 AM, the second time


def test_a_session_without_a_time_has_no_windows():
    planned = session(1, None)
    assert all_windows([planned], NEW_YORK) == []
    for ask in (fasting, integration_window):
        with pytest.raises(ValueError, match="no"):
            ask(planned)
    with pytest.raises(ValueError, match="no end"):
        driving_until(planned, NEW_YORK)


def test_the_windows_in_force_are_those_that_hold_now():
    dose = session(1, at("2027-02-09 10:00"))
    kinds = {window.kind for window in windows_now([dose], NEW_YORK, at("2027-02-09 09:00"))}
    assert kinds == {
        WindowKind.SOLIDS, WindowKind.LIGHT_MEAL, WindowKind.ANY_LIQUID, WindowKind.CLEAR_LIQUID, WindowKind.ALCOHOL,
    }  # fmt: skip
    during = {window.kind for window in windows_now([dose], NEW_YORK, at("2027-02-09 11:30"))}
    assert during == {WindowKind.ALCOHOL, WindowKind.OBSERVATION, WindowKind.DRIVING}
    next_day = {window.kind for window in windows_now([dose], NEW_YORK, at("2027-02-10 12:00"))}
    assert next_day == {WindowKind.INTEGRATION}


def test_the_integration_window_closes_when_its_session_was_held():
    dose = session(1, at("2027-02-09 10:00"), status=Status.DISCHARGED)
    held = session(
        1, at("2027-02-10 14:00"), kind=SessionKind.INTEGRATION, status=Status.ATTENDED, of_session_id=dose.id
    )
    assert WindowKind.INTEGRATION not in {window.kind for window in all_windows([dose, held], NEW_YORK)}


def test_only_doses_with_an_integration_session_have_its_window():
    every_second = [
        session(number, at(f"2027-02-{day:02} 10:00"), protocol=load("spravato_trd"))
        for number, day in ((1, 2), (2, 4))
    ]
    windows = [window for window in all_windows(every_second, NEW_YORK) if window.kind is WindowKind.INTEGRATION]
    assert [window.session_ids for window in windows] == [(UUID(int=202),)]


@given(moments, protocols)
def test_elapsed_hours_are_elapsed_across_every_clock_change(moment, protocol):
    zone, start = moment
    dose = session(1, start, protocol=protocol)
    rules = protocol.preparation
    clocks = fasting(dose)
    assert clocks.solids_at == start - timedelta(hours=rules.solids_h)
    assert clocks.clear_liquid_at == start - timedelta(hours=rules.clear_liquid_h)
    (alcohol,) = alcohol_windows([dose])
    until = driving_until(dose, zone)
    assert dose.ends_at is not None
    assert alcohol.end - alcohol.start == dose.ends_at - start + timedelta(hours=48)
    assert until - dose.ends_at >= timedelta(hours=24)
    assert local(until, zone).date() > local(dose.ends_at, zone).date()


def test_food_and_drink_stop_in_elapsed_hours_at_every_change_of_six_years():
    for _, change in ALL_TRANSITIONS:
        for hour in range(-2, 30, 4):
            clocks = fasting(session(1, change + timedelta(hours=hour)))
            assert clocks.clear_liquid_at == change + timedelta(hours=hour - 2)
            assert clocks.solids_at == change + timedelta(hours=hour - 8)


starts = st.lists(st.integers(0, 60 * 24 * 20), min_size=1, max_size=7, unique=True)


@given(moments, starts, protocols)
def test_united_windows_cover_exactly_the_same_time(moment, offsets, protocol):
    _, begin = moment
    doses = [
        session(number, begin + timedelta(minutes=offset), protocol=protocol)
        for number, offset in enumerate(offsets, 1)
    ]
    united = alcohol_windows(doses)
    alone = [alcohol_windows([dose])[0] for dose in doses]
    assert all(first.end < second.start for first, second in pairwise(united))
    edges = {edge for window in alone for edge in (window.start, window.end - timedelta(seconds=1), window.end)}
    for edge in edges:
        assert sum(w.start <= edge < w.end for w in united) == any(w.start <= edge < w.end for w in alone)
    assert sorted(one for window in united for one in window.session_ids) == sorted(dose.id for dose in doses)
