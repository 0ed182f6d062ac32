"""A plan that goes on from what was given before, and what precedes the first dose."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from care.course.given import GivenBefore, ahead, given_refusals, given_warnings, placed
from care.course.plan import Preferences, next_sessions, phase_reached, plan
from care.course.spacing import spacing_refusals
from care.facts import SessionKind
from care.protocol import Preceding
from care.protocols import load, resolve, shipped
from care.refusals import Code
from care.times import local, local_date, wall
from tests.care.clocks import NEW_YORK, zones

TUESDAY = date(2027, 2, 2)
NOW = datetime(2027, 2, 15, 15, tzinfo=UTC)  # a Monday, 10:00 in New York
TODAY = date(2027, 2, 15)
TUE_THU = Preferences((1, 3), time(10))
TUE_FRI = Preferences((1, 4), time(10))


def on(*days, **more):
    return [GivenBefore(on=day, **more) for day in days]


def given(protocol, told, wish=TUE_THU, zone=NEW_YORK, now=NOW):
    assert given_refusals(protocol, told, wish, zone, now) == []
    return placed(protocol, told, wish, zone, now)


def after(name, told, wish=TUE_THU, start=TODAY, **more):
    protocol = load(name)
    were = given(protocol, told, wish)
    return [one for one in plan(protocol, start, wish, NEW_YORK, were, **more) if one.kind is SessionKind.DOSING]


FOUR = on(date(2027, 2, 2), date(2027, 2, 4), date(2027, 2, 9), date(2027, 2, 11))


def test_a_course_goes_on_where_it_was():
    doses = after("spravato_trd", FOUR)
    assert [one.number for one in doses] == list(range(5, 13))
    assert doses[0].target_on == date(2027, 2, 16)
    assert [one.phase for one in doses] == ["induction"] * 4 + ["weekly"] * 4
    assert [one.target_on for one in doses] == [
        one.target_on for one in plan(load("spravato_trd"), TUESDAY, TUE_THU, NEW_YORK)
        if one.kind is SessionKind.DOSING and one.number > 4
    ]  # fmt: skip


def test_days_that_do_not_suit_any_more_give_way_to_those_that_do():
    doses = after("spravato_trd", FOUR, Preferences((0, 3)))
    assert {one.target_on.weekday() for one in doses} == {0, 3}
    assert doses[0].target_on == date(2027, 2, 18)  # on Monday the course week that began on a Tuesday is full


def test_a_full_course_week_is_not_filled_up():
    doses = after("spravato_trd", on(date(2027, 2, 9), date(2027, 2, 11)), Preferences((0, 5)), date(2027, 2, 12))
    assert doses[0].target_on > date(2027, 2, 15)


def test_numbers_that_are_known_tell_the_phase():
    told = [GivenBefore(on=date(2027, 2, 9), number=9), GivenBefore(on=date(2027, 2, 11))]
    were = given(load("spravato_trd"), told)
    assert [(each.number, each.phase) for each in were] == [(9, "weekly"), (10, "weekly")]
    doses = after("spravato_trd", told)
    assert [(one.number, one.phase) for one in doses] == [(11, "weekly"), (12, "weekly")]


def test_a_missed_dose_keeps_its_number_and_is_made_up_for_where_the_protocol_says_so():
    missed = [*FOUR[:3], GivenBefore(on=date(2027, 2, 11), missed=True)]
    assert len(after("spravato_trd", missed)) == 8  # no make-up
    assert len(after("iv_6", missed)) == 3  # appended
    assert after("iv_6", missed)[0].number == 5


def test_the_phase_that_a_patient_is_in_may_be_told_without_dates():
    doses = after("spravato_trd", [], start=TODAY, phase="weekly")
    assert [one.phase for one in doses] == ["weekly"] * 4
    course = plan(load("iv_6"), TODAY, TUE_THU, NEW_YORK, phase="boosters", today=TODAY)
    assert course == ()


def test_a_phase_that_goes_on_is_planned_up_to_the_horizon():
    six = on(*(date(2027, 1, 5) + timedelta(days=days) for days in (0, 2, 7, 9, 14, 16)))
    assert after("iv_6", six) == []
    doses = after("iv_6", six, until=TODAY + timedelta(days=30))
    assert [one.target_on for one in doses] == [date(2027, 2, 16), date(2027, 3, 2), date(2027, 3, 16)]
    assert [one.number for one in doses] == [7, 8, 9]
    assert phase_reached(load("iv_6"), TODAY, NEW_YORK, given(load("iv_6"), six)) == ("boosters", TODAY)


def test_of_the_phase_under_way_one_knows_since_when():
    assert phase_reached(load("spravato_trd"), TODAY, NEW_YORK, given(load("spravato_trd"), FOUR)) == (
        "induction",
        TUESDAY,
    )
    fresh = plan(load("spravato_trd"), TODAY, TUE_THU, NEW_YORK)
    assert phase_reached(load("spravato_trd"), TODAY, NEW_YORK, planned=fresh) == ("induction", date(2027, 2, 16))


def test_an_integration_session_is_planned_only_where_there_still_is_time_for_it():
    told = on(date(2027, 2, 9), date(2027, 2, 13))
    course = plan(load("iv_6"), TODAY, TUE_FRI, NEW_YORK, given(load("iv_6"), told, TUE_FRI), today=TODAY)
    integration = [one for one in course if one.kind is SessionKind.INTEGRATION]
    assert [one.of_number for one in integration] == [2, 3, 4, 5, 6]
    held = [*told, GivenBefore(on=date(2027, 2, 14), kind=SessionKind.INTEGRATION)]
    were = given(load("iv_6"), held, TUE_FRI)
    assert [each.of_number for each in were if each.kind is SessionKind.INTEGRATION] == [2]
    course = plan(load("iv_6"), TODAY, TUE_FRI, NEW_YORK, were, today=TODAY)
    integration = [one for one in course if one.kind is SessionKind.INTEGRATION]
    assert (integration[0].number, integration[0].of_number) == (2, 3)


def test_what_can_not_have_been_is_refused_with_every_reason():
    told = [
        GivenBefore(on=date(2027, 2, 16)),
        GivenBefore(on=date(2027, 2, 2), number=3), GivenBefore(on=date(2027, 2, 2), number=2),
        GivenBefore(on=date(2027, 2, 1), kind=SessionKind.INTEGRATION),
    ]  # fmt: skip
    codes = [each.code for each in given_refusals(load("iv_6"), told, TUE_FRI, NEW_YORK, NOW)]
    assert codes == [Code.OUT_OF_TIME, Code.GIVEN_TWICE, Code.OUT_OF_ORDER, Code.OUT_OF_ORDER]


def test_more_doses_than_a_course_that_ends_has_are_refused():
    ends = resolve(load("iv_6"), {"phases": {"boosters": {"sessions": 1}}})
    told = on(*(date(2026, 12, 1) + timedelta(days=7 * week) for week in range(8)))
    assert [each.code for each in given_refusals(ends, told, TUE_FRI, NEW_YORK, NOW)] == [Code.MORE_THAN_THE_COURSE]
    assert given_refusals(load("iv_6"), told, TUE_FRI, NEW_YORK, NOW) == []


def test_broken_spacing_of_the_past_is_pointed_out_and_goes_on():
    told = on(date(2027, 2, 9), date(2027, 2, 10), date(2027, 2, 11), date(2027, 2, 12))
    were = given(load("spravato_trd"), told)
    codes = {each.code for each in given_warnings(load("spravato_trd"), were, NEW_YORK)}
    assert codes == {Code.TOO_SOON, Code.TOO_MANY_IN_COURSE_WEEK, Code.TOO_MANY_IN_SEVEN_DAYS}
    assert len(after("spravato_trd", told)) == 8


def test_a_dose_of_this_morning_ends_now_at_the_latest():
    at = NOW - timedelta(minutes=30)
    (morning,) = given(load("iv_6"), [GivenBefore(at=at)])
    assert (morning.at, morning.until) == (at, NOW)


def with_preceding(name="iv_6", **rules):
    return replace(load(name), preceding={kind: Preceding(*rule) for kind, rule in rules.items()})


def test_a_consult_and_preparations_have_days_of_their_own_before_the_first_dose():
    protocol = with_preceding(consult=(1, 14, 2), preparation=(2, 7, 1))
    course = plan(protocol, date(2027, 2, 16), TUE_FRI, NEW_YORK, today=date(2027, 2, 1))
    before = [one for one in course if one.kind in (SessionKind.CONSULT, SessionKind.PREPARATION)]
    assert [(one.kind, one.number) for one in before] == [("consult", 1), ("preparation", 1), ("preparation", 2)]
    assert course[:3] == tuple(before)
    assert [one.target_on for one in before] == [date(2027, 2, 9), date(2027, 2, 12), date(2027, 2, 13)]
    assert (before[0].earliest_on, before[0].latest_on) == (date(2027, 2, 2), date(2027, 2, 14))


def test_the_first_dose_waits_for_what_precedes_it():
    protocol = with_preceding(preparation=(2, 7, 2))
    course = plan(protocol, TODAY, Preferences(), NEW_YORK, today=TODAY)
    first = next(one for one in course if one.kind is SessionKind.DOSING)
    assert first.target_on == TODAY + timedelta(days=3)
    assert [one.target_on for one in course[:2]] == [TODAY, TODAY + timedelta(days=1)]


def test_what_was_held_before_is_not_planned_again_and_nothing_precedes_a_later_dose():
    protocol = with_preceding(consult=(1, 14, 2), preparation=(2, 7, 1))
    told = [*on(date(2027, 2, 8), kind=SessionKind.CONSULT), *on(date(2027, 2, 9), kind=SessionKind.PREPARATION)]
    course = plan(protocol, TODAY, TUE_FRI, NEW_YORK, given(protocol, told), today=TODAY)
    assert [(one.kind, one.number) for one in course[:1]] == [("preparation", 2)]
    dosed = given(protocol, on(date(2027, 2, 9)))
    kinds = {one.kind for one in plan(protocol, TODAY, TUE_FRI, NEW_YORK, dosed, today=TODAY)}
    assert kinds == {SessionKind.DOSING, SessionKind.INTEGRATION}


def test_the_next_sessions_of_a_phase_go_on_from_the_last_dose():
    coming = next_sessions(load("iv_6"), "boosters", TUESDAY, 3, TUE_FRI, NEW_YORK, 7)
    doses = [one for one in coming if one.kind is SessionKind.DOSING]
    assert [(one.number, (one.target_on - TUESDAY).days) for one in doses] == [(7, 14), (8, 28), (9, 42)]
    assert [(one.number, one.of_number) for one in coming if one.of_number] == [(7, 7), (8, 8), (9, 9)]
    near = next_sessions(load("iv_6"), "boosters", TUESDAY, 9, TUE_FRI, NEW_YORK, 7, until=date(2027, 3, 1))
    assert [one.number for one in near if one.kind is SessionKind.DOSING] == [7]
    later = next_sessions(load("iv_6"), "boosters", TUESDAY, 1, TUE_FRI, NEW_YORK, 7, not_before=date(2027, 3, 3))
    assert later[0].target_on == date(2027, 3, 5)


def test_a_phase_by_the_week_begins_with_a_course_week_unless_it_is_under_way():
    days = [wall(TUESDAY, time(10), NEW_YORK), wall(date(2027, 2, 4), time(10), NEW_YORK)]
    last = date(2027, 2, 4)
    fresh = next_sessions(load("spravato_trd"), "weekly", last, 1, TUE_THU, NEW_YORK, 3, doses=days)
    assert fresh[0].target_on == date(2027, 2, 9)
    under_way = next_sessions(
        load("spravato_trd"), "induction", TUESDAY, 1, TUE_THU, NEW_YORK, 2, doses=days[:1], begun=True
    )
    assert under_way[0].target_on == last


# Whatever was given, whatever is preferred, wherever

wishes = st.builds(
    Preferences,
    st.lists(st.integers(0, 6), unique=True).map(tuple),
    st.builds(time, st.integers(7, 18), st.sampled_from([0, 30])),
)
histories = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 23), st.booleans()), max_size=9)


def changed(protocol, per_week, every):
    """The protocol as a clinic may have changed it, where the change can be kept."""
    phase = protocol.phases[0]
    if phase.per_week and per_week in phase.per_week_choices:
        protocol = resolve(protocol, {"phases": {phase.name: {"per_week": per_week}}})
    last = protocol.phases[-1]
    if last.every_days and every:
        wide = {"every_days": [every], "max_gap_days": max(every, last.max_gap_days)}
        protocol = resolve(protocol, {"phases": {last.name: wide}})
    return protocol


protocols = st.builds(
    changed, st.sampled_from(list(shipped().values())), st.integers(1, 3), st.sampled_from([0, 9, 10, 13, 17, 30])
)


@drawn(protocols, histories, wishes, zones, st.integers(0, 40))
def test_a_plan_obeys_the_spacing_beside_whatever_was_given(protocol, history, wish, zone, wait):
    day, told = date(2026, 10, 1), []
    for days, hour, missed in history:
        day += timedelta(days=days)
        told.append(GivenBefore(at=wall(day, time(hour), zone), missed=missed))
    now = wall(day + timedelta(days=1), time(), zone) + timedelta(hours=12)
    assert Code.OUT_OF_TIME not in [each.code for each in given_refusals(protocol, told, wish, zone, now)]
    were, start = placed(protocol, told, wish, zone, now), local_date(now, zone) + timedelta(days=wait)
    course = plan(protocol, start, wish, zone, were, today=local_date(now, zone), until=start + timedelta(days=60))
    doses = [one for one in course if one.kind is SessionKind.DOSING]
    assert all(one.earliest_on <= one.target_on <= one.latest_on for one in course)
    assert all(one.target_on >= start for one in doses)
    times = [*(each.at for each in were if each.counts), *(one.target_at for one in doses)]
    for place, at in enumerate(times):
        if at >= now:
            assert spacing_refusals(protocol, at, times[:place], times[0], zone) == []
    numbers = [*(each.number for each in were if each.kind is SessionKind.DOSING), *(one.number for one in doses)]
    assert numbers == list(range(1, len(numbers) + 1))
    kinds = [(one.kind, one.number) for one in (*were, *course)]
    assert len(set(kinds)) == len(kinds)
    assert all(local(one.target_at, zone).date() == one.target_on for one in course)


@drawn(protocols, wishes, zones, st.integers(1, 12))
def test_the_doses_of_a_horizon_are_those_of_the_whole_plan(protocol, wish, zone, known):
    """What is planned bit by bit as time passes is what would have been planned at once."""
    start = date(2027, 3, 1)
    course = plan(protocol, start, wish, zone, until=start + timedelta(days=200))
    whole = [one for one in course if one.kind is SessionKind.DOSING]
    before, rest = whole[:known], whole[known:]
    if not rest:
        return
    phase = rest[0].phase
    mine = [one for one in rest if one.phase == phase]
    begun = before[-1].phase == phase
    again = next_sessions(
        protocol, phase, before[-1].target_on, len(mine), wish, zone, rest[0].number,
        doses=[one.target_at for one in before], begun=begun,
    )  # fmt: skip
    assert [one for one in again if one.kind is SessionKind.DOSING] == [
        replace(one, earliest_on=max(one.earliest_on, before[-1].target_on + timedelta(days=1))) for one in mine
    ]


@pytest.mark.parametrize("protocol", shipped().values(), ids=lambda each: each.name)
def test_nothing_is_ahead_of_a_course_that_is_over_but_its_open_phase(protocol):
    many = on(*(date(2024, 1, 1) + timedelta(days=7 * week) for week in range(40)))
    were = placed(protocol, many, TUE_FRI, NEW_YORK, NOW)
    assert ahead(protocol, were)[0].phase is protocol.phases[-1]
    assert plan(protocol, TODAY, TUE_FRI, NEW_YORK, were, today=TODAY) == ()
