"""Open exactly when the clinic's clocks show a time within the hours: also where clocks skip it, or show it twice."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.course.slots import OtherDay, ResourceFacts, SlotWish, WeeklyRule, free_slots, instant, open_hours, piece
from care.protocol import Need, Visit
from care.times import local, local_date, wall
from tests.care.clocks import NEW_YORK, ZONES, transitions
from tests.care.minutes import each_minute, is_open
from tests.care.visits import at

AT_MIDNIGHT = ("Africa/Cairo", "America/Asuncion", "America/Santiago", "Asia/Gaza", "America/Nuuk", "Antarctica/Troll")
CHANGES = [(zone, change) for zone in (*ZONES, *AT_MIDNIGHT) for change in transitions(zone)]
DAY = timedelta(days=1)
TUESDAYS = WeeklyRule(1, time(8), time(17), date(2027, 1, 1))


def shown(hours, zone=NEW_YORK):
    return [(f"{local(instant(a), zone):%a %H:%M}", f"{local(instant(b), zone):%a %H:%M}") for a, b in hours]


def open_on(day, opens, closes, zone=NEW_YORK):
    rule = WeeklyRule(day.weekday(), time.fromisoformat(opens), time.fromisoformat(closes))
    return open_hours((rule,), (), day, day, zone)


SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)


def test_hours_that_the_clocks_skip_are_not_there():
    assert open_on(SPRING, "02:00", "03:00") == ()
    assert open_on(SPRING, "02:15", "02:45") == ()
    assert shown(open_on(SPRING, "02:30", "04:00")) == [("Sun 03:00", "Sun 04:00")]
    ((opens, closes),) = open_on(SPRING, "01:00", "04:00")
    assert closes - opens == 2 * 3600


def test_hours_that_the_clocks_show_twice_are_there_twice():
    first, second = open_on(AUTUMN, "01:15", "01:45")
    assert [until - begin for begin, until in (first, second)] == [1800, 1800]
    assert second[0] - first[0] == 3600
    ((opens, closes),) = open_on(AUTUMN, "00:00", "09:00")
    assert closes - opens == 10 * 3600


def test_a_day_whose_midnight_is_skipped_begins_at_one():
    beirut = date(2027, 3, 28)
    assert shown(open_on(beirut, "00:00", "08:00", "Asia/Beirut"), "Asia/Beirut") == [("Sun 01:00", "Sun 08:00")]


def test_a_day_whose_midnight_comes_twice_opens_twice():
    beirut = date(2026, 10, 24)  # at 24:00 clocks go back to 23:00
    late = open_on(beirut, "23:15", "23:45", "Asia/Beirut")
    assert shown(late, "Asia/Beirut") == [("Sat 23:15", "Sat 23:45")] * 2


def test_weekly_hours_follow_the_wall_clock_across_clock_changes():
    sundays = WeeklyRule(6, time(8), time(17), date(2027, 1, 1))
    hours = open_hours((sundays,), (), date(2027, 3, 1), date(2027, 3, 21), NEW_YORK)
    assert shown(hours) == [("Sun 08:00", "Sun 17:00")] * 3
    assert hours[1][0] - hours[0][0] == 167 * 3600


def test_a_rule_holds_from_its_first_day_through_its_last():
    rule = WeeklyRule(1, time(8), time(17), date(2027, 2, 9), date(2027, 2, 16))
    assert len(open_hours((rule,), (), date(2027, 2, 1), date(2027, 2, 28), NEW_YORK)) == 2


def test_rules_that_meet_are_one_stretch_and_a_night_goes_on_to_the_morning():
    evening = WeeklyRule(1, time(17), time(2))
    hours = open_hours((TUESDAYS, evening), (), date(2027, 2, 9), date(2027, 2, 9), NEW_YORK)
    assert hours == (piece((at("2027-02-09 08:00"), at("2027-02-10 02:00"))),)


def test_a_dates_own_hours_replace_every_weekly_rule():
    second, third = OtherDay(date(2027, 2, 9), None, None), OtherDay(date(2027, 2, 16), time(10), time(12))
    more = OtherDay(date(2027, 2, 16), time(14), time(15))
    saturday = OtherDay(date(2027, 2, 20), time(9), time(10))
    hours = open_hours((TUESDAYS,), (second, third, more, saturday), date(2027, 2, 1), date(2027, 2, 28), NEW_YORK)
    assert shown(hours) == [
        ("Tue 08:00", "Tue 17:00"), ("Tue 10:00", "Tue 12:00"), ("Tue 14:00", "Tue 15:00"),
        ("Sat 09:00", "Sat 10:00"), ("Tue 08:00", "Tue 17:00"),
    ]  # fmt: skip


def test_who_retires_is_gone_from_that_midnight_on():
    nights = tuple(WeeklyRule(weekday, time(20), time(4)) for weekday in range(7))
    hours = open_hours(nights, (), date(2027, 2, 9), date(2027, 2, 12), NEW_YORK, date(2027, 2, 11))
    assert shown(hours) == [("Tue 20:00", "Wed 04:00"), ("Wed 20:00", "Thu 00:00")]
    assert open_hours(nights, (), date(2027, 2, 9), date(2027, 2, 12), NEW_YORK, date(2027, 2, 1)) == ()


@pytest.mark.parametrize("zone", ZONES)
def test_a_whole_day_is_as_long_as_it_really_is(zone):
    every_day = tuple(WeeklyRule(weekday, time(0), time(0)) for weekday in range(7))
    for change in transitions(zone):
        day = local_date(change, zone)
        hours = open_hours(every_day, (), day - 2 * DAY, day + 2 * DAY, zone)
        assert hours == (piece((wall(day - 2 * DAY, time(), zone), wall(day + 3 * DAY, time(), zone))),)


clocks = st.builds(time, st.sampled_from([0, 1, 2, 3, 4, 22, 23]), st.sampled_from([0, 15, 30, 45]))
rules = st.lists(st.builds(WeeklyRule, st.integers(0, 6), clocks, clocks), min_size=1, max_size=4)


@settings(max_examples=120)
@given(st.sampled_from(CHANGES), rules, st.integers(-1, 1), st.one_of(st.none(), st.tuples(clocks, clocks)), st.data())
def test_hours_beside_a_clock_change_are_those_that_the_clock_on_the_wall_names(change, weekly, off, own, data):
    zone, changes_at = change
    day = local_date(changes_at, zone)
    others = [OtherDay(day + off * DAY, *own)] if own else []
    hours = open_hours(tuple(weekly), tuple(others), day - 3 * DAY, day + 3 * DAY, zone)
    begin = changes_at - timedelta(hours=data.draw(st.sampled_from([30, 6])))
    for minute in each_minute(begin, begin + timedelta(hours=12)):
        second = piece((minute, minute))[0]
        assert any(a <= second < b for a, b in hours) == is_open(weekly, others, minute, zone), minute


@settings(max_examples=60)
@given(st.sampled_from(CHANGES), clocks, clocks, st.sets(st.integers(0, 6)), st.sampled_from(ZONES))
def test_a_wish_beside_a_clock_change_is_what_the_clock_on_the_wall_shows(change, begin, until, weekdays, elsewhere):
    zone, changes_at = change
    within = changes_at - timedelta(hours=20), changes_at + timedelta(hours=20)
    always = ResourceFacts(UUID(int=1), "chair", 1, [piece((within[0] - DAY, within[1] + DAY))])
    wish = SlotWish(weekdays=frozenset(weekdays), from_time=begin, until_time=until, zone=elsewhere)
    visit = Visit(30, 0, (Need("chair", 0, None),))
    found = {slot.starts_at for slot in free_slots(visit, [always], within, wish, zone=zone)}
    for slot in free_slots(visit, [always], within, zone=zone):
        clock = local(slot.starts_at, elsewhere)
        on_its_day = not weekdays or clock.weekday() in weekdays
        after, before = clock.time() >= begin, clock.time() < until
        assert (slot.starts_at in found) == (on_its_day and (after and before if begin < until else after or before))


@pytest.mark.parametrize("years", [(2025, 2031), (2090, 2100)])
def test_clock_changes_are_found_wherever_they_are(years):
    """Hours of every day for years are those that the slow, sure way gives."""
    first, last = date(years[0], 1, 1), date(years[1], 1, 1)
    noon = tuple(WeeklyRule(weekday, time(12), time(13)) for weekday in range(7))
    for zone in (NEW_YORK, "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Beirut"):
        begins = {begin for begin, _ in open_hours(noon, (), first, last, zone)}
        days = (first + DAY * count for count in range((last - first).days + 1))
        assert begins == {piece((noon_at, noon_at))[0] for noon_at in (wall(day, time(12), zone) for day in days)}


def test_a_naive_time_is_nobodys_instant():
    with pytest.raises(TypeError):
        piece((datetime(2027, 2, 9), datetime(2027, 2, 9, tzinfo=UTC)))  # noqa: DTZ001  on purpose
