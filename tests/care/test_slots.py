"""Free starts with their seats: exactly those, and with exactly the lanes, that a search minute by minute finds."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from care.course.slots import (
    Missing,
    ResourceFacts,
    SlotWish,
    Why,
    every_start,
    fitted,
    free_slots,
    instant,
    joined,
    piece,
    without,
)
from care.protocol import Need, Visit
from care.protocols import load
from care.times import local
from tests.care.clocks import NEW_YORK
from tests.care.minutes import part, scan, slot_at, taken
from tests.care.visits import at

DAY = (at("2027-02-09 08:00"), at("2027-02-09 17:00"))
CHAIRS = ResourceFacts(UUID(int=1), "chair", 2, [piece(DAY)])
CLINICIAN = ResourceFacts(UUID(int=2), "clinician", 1, [piece(DAY)])
MONITOR = ResourceFacts(UUID(int=3), "monitor", 3, [piece(DAY)])
DOSING = load("iv_6").visits["dosing"]
NURSED = Visit(120, 15, (Need("chair", -15, None), Need("clinician", 0, 60), Need("monitor", 0, None)))


def between(begin: str, until: str):
    return piece((at(f"2027-02-09 {begin}"), at(f"2027-02-09 {until}")))


def clocks(found):
    return [f"{local(each.starts_at, NEW_YORK):%H:%M}" for each in found]


def test_a_slot_has_a_seat_for_every_need():
    slot = free_slots(NURSED, [CHAIRS, CLINICIAN, MONITOR], DAY)[0]
    assert (slot.starts_at, slot.ends_at) == (at("2027-02-09 08:30"), at("2027-02-09 10:30"))
    chair, clinician, monitor = slot.seats
    assert (chair.resource_id, chair.lane, chair.from_at, chair.until_at) == (
        CHAIRS.id, 1, at("2027-02-09 08:15"), at("2027-02-09 10:30"),
    )  # fmt: skip
    assert (clinician.resource_id, clinician.until_at) == (CLINICIAN.id, at("2027-02-09 09:30"))
    assert (monitor.from_at, monitor.until_at) == (slot.starts_at, slot.ends_at)


def test_the_last_start_ends_with_the_day():
    assert clocks(free_slots(NURSED, [CHAIRS, CLINICIAN, MONITOR], DAY))[-1] == "15:00"


def test_a_busy_lane_leaves_the_other():
    one = replace(CHAIRS, booked={1: [piece(DAY)]})
    assert {slot.seats[0].lane for slot in free_slots(NURSED, [one, CLINICIAN, MONITOR], DAY)} == {2}
    both = replace(CHAIRS, booked={1: [piece(DAY)], 2: [piece(DAY)]})
    assert free_slots(NURSED, [both, CLINICIAN, MONITOR], DAY) == []


def test_what_is_closed_or_busy_elsewhere_is_so_on_every_lane():
    for known in ({"closed": [piece(DAY)]}, {"busy": [piece(DAY)]}):
        assert free_slots(NURSED, [replace(CHAIRS, **known), CLINICIAN, MONITOR], DAY) == []


def test_without_a_needed_kind_there_is_nothing():
    assert free_slots(NURSED, [CHAIRS, CLINICIAN], DAY) == []


def test_back_to_back_is_free():
    busy = replace(CLINICIAN, booked={1: [between("09:00", "10:00")]})
    found = clocks(free_slots(NURSED, [CHAIRS, busy, MONITOR], DAY))
    assert "10:00" in found
    assert "09:30" not in found


def test_two_of_a_kind_are_two():
    pair = Visit(60, 0, (Need("clinician", 0, 30), Need("clinician", 0, None)))
    assert free_slots(pair, [CLINICIAN], DAY) == []
    half_an_hour = replace(CLINICIAN, id=UUID(int=9), open=[between("08:00", "08:30")])
    (slot,) = free_slots(pair, [CLINICIAN, half_an_hour], DAY)
    assert [seat.resource_id for seat in slot.seats] == [half_an_hour.id, CLINICIAN.id]


def test_a_start_before_the_end_of_the_search_may_need_time_after_it():
    busy = replace(CLINICIAN, booked={1: [between("10:00", "11:00")]})
    until_ten = at("2027-02-09 09:00"), at("2027-02-09 10:00")
    assert clocks(free_slots(NURSED, [CHAIRS, busy, MONITOR], until_ten)) == ["09:00"]


def test_starts_lie_on_the_full_and_half_hours_of_the_clinics_own_clocks():
    for zone in ("Asia/Kathmandu", "Australia/Eucla", "Asia/Kolkata", NEW_YORK):
        found = free_slots(NURSED, [CHAIRS, CLINICIAN, MONITOR], DAY, zone=zone)
        assert {local(slot.starts_at, zone).minute for slot in found} == {0, 30}


# What one may wish


def test_a_wish_names_days_and_a_part_of_the_day():
    week = at("2027-02-08 00:00"), at("2027-02-15 00:00")
    always = [replace(one, open=[piece(week)]) for one in (CHAIRS, CLINICIAN, MONITOR)]
    wish = SlotWish(weekdays=frozenset({1, 4}), from_time=time(9), until_time=time(10))
    found = free_slots(NURSED, always, week, wish, zone=NEW_YORK)
    assert [f"{local(one.starts_at, NEW_YORK):%a %H:%M}" for one in found] == [
        "Tue 09:00", "Tue 09:30", "Fri 09:00", "Fri 09:30",
    ]  # fmt: skip
    night = replace(wish, weekdays=frozenset({1}), from_time=time(23), until_time=time(1))
    assert clocks(free_slots(NURSED, always, week, night, zone=NEW_YORK)) == ["00:00", "00:30", "23:00", "23:30"]


def test_around_means_within_two_hours():
    wish = SlotWish(around=time(11))
    assert clocks(free_slots(NURSED, [CHAIRS, CLINICIAN, MONITOR], DAY, wish, zone=NEW_YORK)) == [
        "09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30", "13:00",
    ]  # fmt: skip


def test_a_wish_is_the_clinics_clock_unless_it_names_another():
    at_noon = SlotWish(from_time=time(12), until_time=time(12, 30))
    places = [CHAIRS, CLINICIAN, MONITOR]
    assert clocks(free_slots(NURSED, places, DAY, at_noon, zone=NEW_YORK)) == ["12:00"]
    west = replace(at_noon, zone="America/Los_Angeles")
    assert clocks(free_slots(NURSED, places, DAY, west, zone=NEW_YORK)) == ["15:00"]


def test_a_named_resource_counts_for_its_kind_alone_and_a_preferred_one_comes_first():
    other = replace(CHAIRS, id=UUID(int=7))
    places = [CHAIRS, other, CLINICIAN, MONITOR]
    named = free_slots(NURSED, places, DAY, SlotWish(resource_ids=frozenset({other.id})))
    assert {slot.seats[0].resource_id for slot in named} == {other.id}
    preferred = SlotWish(preferred_ids=(other.id,))
    assert {slot.seats[0].resource_id for slot in free_slots(NURSED, places, DAY, preferred)} == {other.id}
    full = [CHAIRS, replace(other, busy=[piece(DAY)]), CLINICIAN, MONITOR]
    assert {slot.seats[0].resource_id for slot in free_slots(NURSED, full, DAY, preferred)} == {CHAIRS.id}


def test_a_limit_is_the_first_so_many():
    places = [CHAIRS, CLINICIAN, MONITOR]
    for limit in (0, 1, 3, 100):
        found = free_slots(NURSED, places, DAY, SlotWish(limit=limit))
        assert found == free_slots(NURSED, places, DAY)[:limit]


# What is missing


def missing(*places):
    return {f"{local(one.starts_at, NEW_YORK):%H:%M}": set(one.missing) for one in every_start(NURSED, places, DAY)}


def test_every_reason_is_named_for_every_kind():
    found = missing(
        replace(CHAIRS, booked={1: [between("08:00", "10:00")]}, closed=[between("08:00", "12:00")]),
        replace(CLINICIAN, busy=[between("09:00", "10:00")]),
    )
    nobody = Missing("monitor", Why.NONE)
    assert found["08:30"] == {
        Missing("chair", Why.TAKEN), Missing("chair", Why.CLOSED), Missing("clinician", Why.BUSY), nobody,
    }  # fmt: skip
    assert found["13:00"] == {nobody}
    assert found["16:30"] == {Missing("chair", Why.NONE), Missing("clinician", Why.NONE), nobody}


def test_over_busy_times_alone_there_is_a_slot_for_staff():
    busy = replace(CLINICIAN, busy=[between("09:00", "10:00")])
    starts = {start.starts_at: start for start in every_start(NURSED, [CHAIRS, busy, MONITOR], DAY)}
    nine = starts[at("2027-02-09 09:00")]
    assert nine.missing == (Missing("clinician", Why.BUSY),)
    assert nine.slot is not None
    assert nine.slot.seats[1].resource_id == busy.id


def test_one_who_is_needed_twice_is_missing_once():
    pair = Visit(60, 0, (Need("clinician", 0, 30), Need("clinician", 0, None)))
    (start,) = every_start(pair, [CLINICIAN], (DAY[0], DAY[0] + timedelta(minutes=1)))
    assert (start.slot, start.missing) == (None, (Missing("clinician", Why.NONE),))


# A slot put together from its lanes


def test_lanes_that_do_not_fit_make_no_slot():
    places = [(CHAIRS, 2), (CLINICIAN, 1), (MONITOR, 3)]
    assert fitted(NURSED, DAY[0], places) is not None
    for wrong in (
        places[:2],
        [*places, (CHAIRS, 1)],
        [(CLINICIAN, 1), (CHAIRS, 2), (MONITOR, 3)],
        [(CHAIRS, 3), *places[1:]],
        [(CHAIRS, 0), *places[1:]],
    ):
        assert fitted(NURSED, DAY[0], wrong) is None
    pair = Visit(60, 0, (Need("chair", 0, None), Need("chair", 0, None)))
    assert fitted(pair, DAY[0], [(CHAIRS, 1), (CHAIRS, 1)]) is None


# Equal to trying everything

START = datetime(2027, 2, 9, 13, tzinfo=UTC)


def later(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


quarters = st.integers(0, 20).map(lambda count: count * 15)
pieces = (
    st.tuples(quarters, quarters)
    .filter(lambda two: two[0] < two[1])
    .map(lambda two: piece((later(two[0]), later(two[1]))))
)
kinds = st.sampled_from(["chair", "clinician", "monitor"])
resources = st.lists(
    st.builds(
        lambda kind, lanes, open_, booked, closed, busy: (kind, lanes, joined(open_), booked, closed, busy),
        kinds,
        st.integers(1, 2),
        st.lists(pieces, min_size=1, max_size=2),
        st.dictionaries(st.integers(1, 2), st.lists(pieces, max_size=3)),
        st.lists(pieces, max_size=1),
        st.lists(pieces, max_size=1),
    ),
    max_size=4,
).map(lambda all_: [ResourceFacts(UUID(int=number), *one) for number, one in enumerate(all_)])
needs = st.builds(Need, kinds, st.sampled_from([-15, 0, 10]), st.sampled_from([None, 20, 30]))
visits = st.lists(needs, min_size=1, max_size=3).map(lambda all_: Visit(45, 15, tuple(all_)))


@settings(max_examples=150)
@given(visits, resources, quarters, st.sampled_from([15, 30]))
def test_slots_and_their_seats_are_those_that_a_search_by_the_minute_finds(visit, offered, begin, step):
    within = later(begin), later(begin + 180)
    slots = free_slots(visit, offered, within, step_minutes=step)
    assert slots == scan(visit, offered, within, step_minutes=step)
    for slot in slots:
        assert len({(seat.resource_id, seat.lane) for seat in slot.seats}) == len(visit.needs)


@settings(max_examples=100)
@given(visits, resources, quarters)
def test_what_is_missing_is_really_missing(visit, offered, begin):
    within = later(begin), later(begin + 180)
    idle = [replace(one, busy=()) for one in offered]
    for start in every_start(visit, offered, within):
        free = slot_at(visit, offered, start.starts_at)
        assert start.slot == (free or slot_at(visit, idle, start.starts_at))
        assert bool(start.missing) == (free is None)
        for one in start.missing:
            assert one.why is not Why.BUSY or _busy_somewhere(visit, offered, one.kind, start.starts_at)


def _busy_somewhere(visit, offered, kind, start):
    return any(
        taken(ResourceFacts(one.id, kind, 1, one.open, busy=one.busy), 1, minute)
        for one in offered
        for need in visit.needs
        if one.kind == need.kind == kind
        for minute in _minutes(*part(need, visit, start))
    )


def _minutes(begin, until):
    return [begin + timedelta(minutes=count) for count in range((until - begin) // timedelta(minutes=1))]


@given(st.lists(pieces, max_size=5), st.lists(pieces, max_size=5))
def test_what_is_left_is_open_and_not_taken(opened, gone):
    left = without(opened, gone)
    for count in range(301):
        second = piece((later(count), later(count)))[0]
        is_left = any(begin <= second < until for begin, until in left)
        is_open = any(begin <= second < until for begin, until in opened)
        assert is_left == (is_open and not any(begin <= second < until for begin, until in gone))
    assert left == joined(left)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(1, 10**9))  # noqa: DTZ001  bounds
def test_what_is_taken_is_never_taken_for_shorter(begin, microseconds):
    until = begin + timedelta(microseconds=microseconds)
    first, last = (instant(second) for second in piece((begin, until)))
    assert begin - timedelta(seconds=1) < first <= begin
    assert until <= last < until + timedelta(seconds=1)
