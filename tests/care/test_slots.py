"""Free starts with their seats: exactly those that a minute by minute search finds."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.course.slots import ResourceFacts, WeeklyRule, free_slots, joined, open_hours, without
from care.protocol import Need, Visit
from care.protocols import load
from care.times import local, wall
from tests.care.clocks import NEW_YORK, ZONES, transitions
from tests.care.visits import at

DAY = (at("2027-02-09 08:00"), at("2027-02-09 17:00"))
CHAIRS = ResourceFacts(UUID(int=1), "chair", 2, [DAY])
CLINICIAN = ResourceFacts(UUID(int=2), "clinician", 1, [DAY])
DOSING = load("iv_6").visits["dosing"]
TUESDAYS = WeeklyRule(1, time(8), time(17), date(2027, 1, 1))


def starts(visit, resources, busy=None, within=DAY, **known):
    return [slot.starts_at for slot in free_slots(visit, resources, busy or {}, within, **known)]


def test_a_slot_has_a_seat_for_every_need():
    slot = free_slots(DOSING, [CHAIRS, CLINICIAN], {}, DAY)[0]
    assert (slot.starts_at, slot.ends_at) == (at("2027-02-09 08:30"), at("2027-02-09 10:30"))
    chair, clinician = slot.seats
    assert (chair.resource_id, chair.lane, chair.from_at, chair.until_at) == (
        CHAIRS.id, 1, at("2027-02-09 08:15"), at("2027-02-09 10:30"),
    )  # fmt: skip
    assert (clinician.resource_id, clinician.until_at) == (CLINICIAN.id, at("2027-02-09 09:30"))


def test_the_last_start_ends_with_the_day():
    assert starts(DOSING, [CHAIRS, CLINICIAN])[-1] == at("2027-02-09 15:00")


def test_a_busy_lane_leaves_the_other():
    busy = {CHAIRS.id: [(1, *DAY)]}
    assert {slot.seats[0].lane for slot in free_slots(DOSING, [CHAIRS, CLINICIAN], busy, DAY)} == {2}
    both = {CHAIRS.id: [(1, *DAY), (2, *DAY)]}
    assert starts(DOSING, [CHAIRS, CLINICIAN], both) == []


def test_without_a_needed_kind_there_is_nothing():
    assert starts(DOSING, [CHAIRS]) == []


def test_back_to_back_is_free():
    busy = {CLINICIAN.id: [(1, at("2027-02-09 09:00"), at("2027-02-09 10:00"))]}
    found = starts(DOSING, [CHAIRS, CLINICIAN], busy)
    assert at("2027-02-09 10:00") in found
    assert at("2027-02-09 09:30") not in found


def test_two_of_a_kind_are_two():
    pair = Visit(60, 0, (Need("clinician", 0, 30), Need("clinician", 0, None)))
    assert starts(pair, [CLINICIAN]) == []
    half_day = ResourceFacts(UUID(int=3), "clinician", 1, [(DAY[0], at("2027-02-09 08:30"))])
    (slot,) = free_slots(pair, [CLINICIAN, half_day], {}, DAY)
    assert [seat.resource_id for seat in slot.seats] == [half_day.id, CLINICIAN.id]


minutes = st.integers(0, 20).map(lambda count: count * 15)
START = datetime(2027, 2, 9, 13, tzinfo=UTC)


def instant(count: int) -> datetime:
    return START + timedelta(minutes=count)


stretches = (
    st.tuples(minutes, minutes).filter(lambda two: two[0] < two[1]).map(lambda two: (instant(two[0]), instant(two[1])))
)
resources = st.lists(
    st.tuples(st.sampled_from(["chair", "clinician"]), st.integers(1, 2), st.lists(stretches, max_size=3)), max_size=3
).map(lambda all_: [ResourceFacts(UUID(int=number), *one) for number, one in enumerate(all_)])
bookings = st.dictionaries(
    st.integers(0, 2).map(lambda number: UUID(int=number)),
    st.lists(st.tuples(st.integers(1, 2), stretches).map(lambda one: (one[0], *one[1])), max_size=3),
)
needs = st.tuples(
    st.sampled_from(["chair", "clinician"]), st.sampled_from([-15, 0, 10]), st.sampled_from([None, 20, 30])
)
visits = st.lists(needs, min_size=1, max_size=3).map(lambda all_: Visit(45, 15, tuple(Need(*need) for need in all_)))


def free_each_minute(resource, lane, busy, begin, until) -> bool:
    while begin < until:
        is_open = any(opens <= begin < closes for opens, closes in resource.open)
        if not is_open or any(one == lane and b <= begin < u for one, b, u in busy.get(resource.id, ())):
            return False
        begin += timedelta(minutes=1)
    return True


def found_by_the_minute(visit, resources, busy, within):
    """Every start on the half hour for which some choice of different lanes is free in each of its minutes."""
    lanes = [(resource, lane) for resource in resources for lane in range(1, resource.lanes + 1)]
    at_ = within[0]
    while at_ < within[1]:
        if at_.minute % 30 == 0 and any(
            all(
                resource.kind == need.kind
                and free_each_minute(
                    resource,
                    lane,
                    busy,
                    at_ + timedelta(minutes=need.from_minutes),
                    at_ + timedelta(minutes=visit.minutes if need.until_minutes is None else need.until_minutes),
                )
                for need, (resource, lane) in zip(visit.needs, chosen, strict=True)
            )
            for chosen in permutations(lanes, len(visit.needs))
        ):
            yield at_
        at_ += timedelta(minutes=1)


@settings(max_examples=60)
@given(visits, resources, bookings, minutes)
def test_slots_are_those_that_a_search_by_the_minute_finds(visit, offered, busy, begin):
    within = (instant(begin), instant(begin + 180))
    slots = free_slots(visit, offered, busy, within)
    assert [slot.starts_at for slot in slots] == list(found_by_the_minute(visit, offered, busy, within))
    for slot in slots:
        assert len({(seat.resource_id, seat.lane) for seat in slot.seats}) == len(visit.needs)
        assert [seat.kind for seat in slot.seats] == [need.kind for need in visit.needs]


@given(st.lists(stretches, max_size=5), st.lists(stretches, max_size=5))
def test_what_is_left_is_open_and_not_taken(opened, taken):
    left = without(opened, taken)
    for count in range(301):
        minute = instant(count)
        is_left = any(begin <= minute < until for begin, until in left)
        is_open = any(begin <= minute < until for begin, until in opened)
        assert is_left == (is_open and not any(begin <= minute < until for begin, until in taken))
    assert left == joined(left)


def test_weekly_hours_follow_the_wall_clock_across_clock_changes():
    sundays = WeeklyRule(6, time(8), time(17), date(2027, 1, 1))
    hours = open_hours([sundays], date(2027, 3, 1), date(2027, 3, 21), NEW_YORK)
    assert [local(begin, NEW_YORK).hour for begin, _ in hours] == [8, 8, 8]
    assert hours[1][0] - hours[0][0] == timedelta(hours=167)


def test_a_rule_holds_from_its_first_day_through_its_last():
    rule = WeeklyRule(1, time(8), time(17), date(2027, 2, 9), date(2027, 2, 16))
    assert len(open_hours([rule], date(2027, 2, 1), date(2027, 2, 28), NEW_YORK)) == 2


def test_rules_that_meet_are_one_stretch_and_a_night_goes_on_to_the_morning():
    evening = WeeklyRule(1, time(17), time(2), date(2027, 1, 1))
    hours = open_hours([TUESDAYS, evening], date(2027, 2, 9), date(2027, 2, 9), NEW_YORK)
    assert hours == [(at("2027-02-09 08:00"), at("2027-02-10 02:00"))]


@pytest.mark.parametrize("zone", ZONES)
def test_a_whole_day_is_as_long_as_it_really_is(zone):
    every_day = [WeeklyRule(weekday, time(0), time(0), date(2025, 1, 1)) for weekday in range(7)]
    for change in transitions(zone):
        day = local(change, zone).date()
        hours = open_hours(every_day, day - timedelta(days=2), day + timedelta(days=2), zone)
        assert hours == [(wall(day - timedelta(days=2), time(), zone), wall(day + timedelta(days=3), time(), zone))]
