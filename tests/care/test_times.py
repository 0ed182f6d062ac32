"""Wall clocks and instants, across every clock change of several zones."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.refusals import Code, Refused
from care.times import exact, hours, local, local_date, utc, wall
from tests.care.clocks import ALL_TRANSITIONS, NEW_YORK, ZONES, moments, transitions, zones

days = st.dates(date(2025, 1, 2), date(2030, 12, 30))
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def shown(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def test_the_zones_tried_have_many_changes():
    assert len(ALL_TRANSITIONS) > 90
    assert len(transitions(NEW_YORK)) == 12


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="no offset"):
        utc(datetime(2027, 3, 14, 9))  # noqa: DTZ001  this is what is refused
    assert utc(datetime(2027, 3, 14, 9, tzinfo=ZoneInfo(NEW_YORK))) == datetime(2027, 3, 14, 13, tzinfo=UTC)


@given(moments)
def test_an_instant_shown_on_a_clock_is_found_again(moment):
    zone, at = moment
    reading = local(at, zone)
    whole = reading.replace(tzinfo=None)
    assert at in {wall(whole.date(), whole.time(), zone), wall(whole.date(), whole.time(), zone, late=True)}
    assert local_date(at, zone) == whole.date()


@given(zones, days, clocks)
def test_a_wall_time_is_the_instant_that_shows_it_or_the_first_after(zone, day, clock):
    at = wall(day, clock, zone)
    wanted = datetime.combine(day, clock)
    assert shown(at, zone) >= wanted
    assert shown(at - timedelta(seconds=1), zone) < wanted or shown(at, zone) == wanted


@pytest.mark.parametrize("zone", ZONES)
def test_every_gap_and_overlap_of_six_years(zone):
    for change in transitions(zone):
        before, after = shown(change - timedelta(seconds=1), zone) + timedelta(seconds=1), shown(change, zone)
        middle = min(before, after) + abs(after - before) / 2
        if after > before:
            assert wall(middle.date(), middle.time(), zone) == change
            assert wall(middle.date(), middle.time(), zone, late=True) == change
            refusal = refused(middle, zone)
            assert (refusal.code, refusal.data["next"]) == (Code.IMPOSSIBLE_LOCAL_TIME, change)
        else:
            early, late = wall(middle.date(), middle.time(), zone), wall(middle.date(), middle.time(), zone, late=True)
            assert early < change < late
            assert shown(early, zone) == shown(late, zone) == middle
            refusal = refused(middle, zone)
            assert (refusal.code, refusal.data["instants"]) == (Code.AMBIGUOUS_LOCAL_TIME, [early, late])


def refused(wanted: datetime, zone: str):
    with pytest.raises(Refused) as refusal:
        exact(wanted.date(), wanted.time(), zone)
    return refusal.value.refusals[0]


def test_an_ordinary_wall_time_is_exact():
    assert exact(date(2027, 7, 1), time(10), NEW_YORK) == datetime(2027, 7, 1, 14, tzinfo=UTC)


def test_a_day_that_never_was_begins_when_the_next_one_does():
    assert wall(date(2011, 12, 30), time(12), "Pacific/Apia") == datetime(2011, 12, 30, 10, tzinfo=UTC)


def test_hours_are_elapsed():
    assert hours(0.5) == timedelta(minutes=30)
