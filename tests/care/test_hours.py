"""Do texts keep out of quiet hours, in every zone and on every night of the year?"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.facts import QuietHours
from care.hours import LEAD, SOON, SPREAD, in_quiet, last_lawful, quiet_span, settled, shift
from care.kinds import Quiet
from tests.care.cast import DAY, HOUR, NEW_YORK, ny

NIGHT = QuietHours()
MINUTES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
HOURS = st.builds(QuietHours, MINUTES, MINUTES)
INSTANTS = st.timedeltas(timedelta(), 7 * 365 * DAY).map(lambda later: datetime(2024, 1, 1, tzinfo=UTC) + later)
ZONES = st.sampled_from(sorted(available_timezones()))


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("20:59", False), ("21:00", True), ("23:30", True), ("00:00", True), ("07:59", True), ("08:00", False)],
)
def test_the_night_begins_at_nine_and_ends_at_eight(clock, quiet):
    assert in_quiet(ny(f"2027-05-04 {clock}"), NEW_YORK, NIGHT) is quiet


def test_quiet_hours_are_those_of_the_person_not_of_the_clinic():
    at = ny("2027-05-04 08:30")
    assert not in_quiet(at, NEW_YORK, NIGHT)
    assert in_quiet(at, "America/Los_Angeles", NIGHT)


def test_quiet_hours_may_lie_within_one_day():
    noon = QuietHours(time(12), time(14))
    assert in_quiet(ny("2027-05-04 13:00"), NEW_YORK, noon)
    assert not in_quiet(ny("2027-05-04 23:00"), NEW_YORK, noon)


def test_equal_hours_mean_that_no_hour_is_quiet():
    assert not in_quiet(ny("2027-05-04 03:00"), NEW_YORK, QuietHours(time(8), time(8)))


def test_earlier_goes_between_two_hours_and_one_hour_before_the_night():
    moved = shift(ny("2027-05-04 00:30"), Quiet.EARLIER, NEW_YORK, NIGHT, key="ada")
    assert moved is not None
    assert ny("2027-05-03 19:00") <= moved < ny("2027-05-03 20:00")


def test_earlier_is_spread_over_the_hour_and_stays_the_same_for_the_same_key():
    at = ny("2027-05-04 00:30")
    moments = {shift(at, Quiet.EARLIER, NEW_YORK, NIGHT, key=str(n)) for n in range(200)}
    assert len(moments) > 150
    assert len({shift(at, Quiet.EARLIER, NEW_YORK, NIGHT, key="ada") for _ in range(3)}) == 1


def test_later_goes_when_the_night_is_over():
    assert shift(ny("2027-05-04 22:30"), Quiet.LATER, NEW_YORK, NIGHT, key="") == ny("2027-05-05 08:00")


def test_exempt_goes_at_any_hour():
    assert shift(ny("2027-05-04 03:00"), Quiet.EXEMPT, NEW_YORK, NIGHT, key="") == ny("2027-05-04 03:00")


def test_what_is_lawful_stays_where_it_is():
    noon = ny("2027-05-04 12:00")
    assert {shift(noon, policy, NEW_YORK, NIGHT, key="x") for policy in Quiet} == {noon}


def test_the_night_the_clocks_change_keeps_its_wall_hours():
    assert quiet_span(ny("2027-03-14 01:00"), NEW_YORK, NIGHT) == (ny("2027-03-13 21:00"), ny("2027-03-14 08:00"))
    spring, autumn = ny("2027-03-14 08:00") - ny("2027-03-13 21:00"), ny("2027-11-07 08:00") - ny("2027-11-06 21:00")
    assert (spring, autumn) == (10 * HOUR, 12 * HOUR)


def test_where_the_evening_hour_comes_twice_both_are_quiet():
    # In Havana midnight is followed by 1:00 in spring; in autumn 0:00 to 1:00 comes twice.
    quiet = QuietHours(time(0, 30), time(7))
    first = datetime(2027, 11, 7, 4, 45, tzinfo=UTC)
    assert first.astimezone(ZoneInfo("America/Havana")).strftime("%H:%M") == "00:45"
    assert all(in_quiet(first + minutes, "America/Havana", quiet) for minutes in (timedelta(), HOUR / 2, HOUR))


def test_where_the_hour_of_the_end_comes_twice_the_quiet_lasts_until_the_second():
    quiet = QuietHours(time(22), time(0, 30))
    first = datetime(2027, 11, 7, 4, 30, tzinfo=UTC)
    assert first.astimezone(ZoneInfo("America/Havana")).strftime("%H:%M") == "00:30"
    assert in_quiet(first, "America/Havana", quiet)
    assert not in_quiet(first + HOUR, "America/Havana", quiet)


def test_the_last_lawful_moment_is_just_before_the_night():
    assert last_lawful(ny("2027-05-04 07:30"), NEW_YORK, NIGHT) == ny("2027-05-03 20:59:59")
    assert last_lawful(ny("2027-05-04 12:00"), NEW_YORK, NIGHT) == ny("2027-05-04 12:00")


def test_a_change_counts_after_the_delay_and_at_once_when_the_visit_is_near():
    now, delay = ny("2027-05-04 12:00"), timedelta(minutes=2)
    assert settled(now, now + 2 * DAY, delay) == now + delay
    assert settled(now, now + SOON - delay, delay) == now


@given(at=INSTANTS, zone=ZONES, quiet=HOURS, key=st.text(max_size=5))
def test_no_shift_ends_in_quiet_hours_and_earlier_is_never_later(at, zone, quiet, key):
    earlier = shift(at, Quiet.EARLIER, zone, quiet, key)
    later = shift(at, Quiet.LATER, zone, quiet, key)
    assert later is not None
    assert later >= at
    assert earlier is None or (earlier <= at and not in_quiet(earlier, zone, quiet))
    assert last_lawful(at, zone, quiet) <= at
    assert not in_quiet(last_lawful(at, zone, quiet), zone, quiet)


@given(at=INSTANTS, zone=ZONES, key=st.text(max_size=5))
def test_the_usual_night_always_leaves_an_evening_to_go_earlier(at, zone, key):
    earlier = shift(at, Quiet.EARLIER, zone, NIGHT, key)
    assert earlier is not None
    span = quiet_span(at, zone, NIGHT)
    assert earlier == at if span is None else span[0] - LEAD <= earlier < span[0] - LEAD + SPREAD
    assert not in_quiet(shift(at, Quiet.LATER, zone, NIGHT, key) or at, zone, NIGHT)
