"""Gaps, course weeks and any seven dates: each rule by itself, all reasons at once, across clock changes."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from care.course.spacing import earliest_after, far_enough, latest_before, spacing_refusals
from care.protocols import load, resolve
from care.refusals import Code
from care.times import local_date, wall
from tests.care.clocks import ALL_TRANSITIONS, NEW_YORK, ZONES, moments, zones
from tests.care.visits import at

TWICE = load("spravato_trd")
THRICE = load("iv_6")
WEEK_APART = resolve(
    TWICE,
    {
        "spacing": {"min_gap_days": 6, "max_in_course_week": 1, "max_in_seven_days": 1},
        "phases": {"induction": {"per_week": 1, "per_week_choices": [1], "weeks": 8}},
    },
)
DAILY = resolve(
    TWICE,
    {
        "spacing": {"min_gap_days": 1, "max_in_course_week": 5, "max_in_seven_days": 6},
        "phases": {"induction": {"per_week": 5, "per_week_choices": [5]}},
    },
)


def codes(protocol, start, others, *, first=None, reason=False, zone=NEW_YORK):
    found = spacing_refusals(protocol, start, others, first, zone, seven_day_reason=reason)
    return [refusal.code for refusal in found]


def test_tuesday_at_ten_and_thursday_at_nine_are_two_days_apart():
    assert codes(TWICE, at("2027-02-11 09:00"), [at("2027-02-09 10:00")]) == []


def test_a_day_too_soon_says_when_it_would_be_right():
    (refusal,) = spacing_refusals(TWICE, at("2027-02-10 23:00"), [at("2027-02-09 10:00")], None, NEW_YORK)
    assert refusal.code is Code.TOO_SOON
    assert refusal.data == {"neighbour": at("2027-02-09 10:00"), "days": 2, "earliest": at("2027-02-11 00:00")}


def test_two_dates_but_hardly_more_than_a_night_is_too_soon():
    (refusal,) = spacing_refusals(TWICE, at("2027-02-11 06:00"), [at("2027-02-09 20:00")], None, NEW_YORK)
    assert refusal.data["earliest"] == at("2027-02-11 08:00")


def test_too_near_before_a_later_dose_says_how_late_it_may_be():
    (refusal,) = spacing_refusals(TWICE, at("2027-02-10 10:00"), [at("2027-02-11 10:00")], None, NEW_YORK)
    assert refusal.data == {"neighbour": at("2027-02-11 10:00"), "days": 2, "latest": at("2027-02-09 22:00")}


def test_a_course_week_begins_with_the_first_dose_not_on_monday():
    first, others = at("2027-02-04 10:00"), [at("2027-02-04 10:00"), at("2027-02-08 10:00")]
    (refusal,) = spacing_refusals(TWICE, at("2027-02-10 23:00"), others, first, NEW_YORK, seven_day_reason=True)
    assert refusal.code is Code.TOO_MANY_IN_COURSE_WEEK
    assert refusal.data == {"most": 2, "from_on": "2027-02-04", "until_on": "2027-02-10"}
    assert codes(TWICE, at("2027-02-11 10:00"), others, first=first, reason=True) == []


def test_the_seven_date_rule_yields_to_a_reason():
    """A holiday moves Friday to Monday: Monday, Tuesday and the Thursday before are three in seven dates."""
    others = [at("2027-02-02 10:00"), at("2027-02-05 10:00"), at("2027-02-11 10:00")]
    assert codes(TWICE, at("2027-02-09 10:00"), others) == [Code.TOO_MANY_IN_SEVEN_DAYS]
    assert codes(TWICE, at("2027-02-09 10:00"), others, reason=True) == []


def test_every_reason_is_named_at_once():
    others = [at("2027-02-02 10:00"), at("2027-02-04 10:00"), at("2027-02-06 10:00")]
    found = codes(TWICE, at("2027-02-05 10:00"), others)
    assert found == [Code.TOO_SOON, Code.TOO_SOON, Code.TOO_MANY_IN_COURSE_WEEK, Code.TOO_MANY_IN_SEVEN_DAYS]


def test_an_earlier_first_dose_shifts_every_course_week():
    others = [at(f"2027-02-{day:02} 10:00") for day in (3, 8, 10, 14)]
    first = others[0]
    assert codes(TWICE, at("2027-02-18 10:00"), others, first=first, reason=True) == []
    found = spacing_refusals(TWICE, at("2027-02-01 10:00"), others, first, NEW_YORK, seven_day_reason=True)
    assert [(one.code, one.data["from_on"]) for one in found] == [(Code.TOO_MANY_IN_COURSE_WEEK, "2027-02-08")]
    assert codes(TWICE, at("2027-02-10 10:00"), others[:1], first=first) == []


def test_a_day_at_least_means_another_date_and_twelve_hours():
    assert codes(DAILY, at("2027-02-10 08:00"), [at("2027-02-09 20:00")]) == []
    assert codes(DAILY, at("2027-02-10 07:59"), [at("2027-02-09 20:00")]) == [Code.TOO_SOON]


def test_two_mornings_two_dates_apart_are_far_enough_at_every_clock_change():
    for zone, change in ALL_TRANSITIONS:
        for before in range(4):
            day = local_date(change, zone) - timedelta(days=before)
            first, third = wall(day, time(10), zone), wall(day + timedelta(days=2), time(9), zone)
            assert codes(TWICE, third, [first], zone=zone) == []
            assert codes(TWICE, wall(day + timedelta(days=1), time(20), zone), [first], zone=zone) == [Code.TOO_SOON]


@given(moments, st.sampled_from([TWICE, WEEK_APART, DAILY]))
def test_the_moment_a_refusal_names_is_the_first_that_is_right(moment, protocol):
    zone, dose = moment
    earliest, latest = earliest_after(protocol.spacing, dose, zone), latest_before(protocol.spacing, dose, zone)
    minute = timedelta(minutes=1)
    assert far_enough(protocol.spacing, dose, earliest, zone)
    assert not far_enough(protocol.spacing, dose, earliest - minute, zone)
    assert far_enough(protocol.spacing, latest, dose, zone)
    assert not far_enough(protocol.spacing, latest + minute, dose, zone)


def broken(protocol, start, others, first, zone) -> set[Code]:
    """The rules once more, as plainly as they can be said."""
    rules, day = protocol.spacing, local_date(start, zone)
    dates = [local_date(one, zone) for one in (start, *others)]
    found = set()
    for other in others:
        apart = abs((day - local_date(other, zone)).days)
        if apart < rules.min_gap_days or abs(start - other) < timedelta(hours=24 * rules.min_gap_days - 12):
            found.add(Code.TOO_SOON)
    begin = min(local_date(first, zone), day)
    weeks = [(one - begin).days // 7 for one in dates]
    judged = weeks if begin == day else [(day - begin).days // 7]
    if any(weeks.count(week) > rules.max_in_course_week for week in judged):
        found.add(Code.TOO_MANY_IN_COURSE_WEEK)
    for back in range(7):
        run = [day - timedelta(days=back) + timedelta(days=count) for count in range(7)]
        if sum(one in run for one in dates) > rules.max_in_seven_days:
            found.add(Code.TOO_MANY_IN_SEVEN_DAYS)
    return found


around = st.lists(st.integers(-15 * 24, 15 * 24), min_size=1, max_size=6)


@given(moments, around, st.sampled_from([TWICE, THRICE, WEEK_APART, DAILY]))
def test_the_rules_find_what_plain_counting_finds(moment, offsets, protocol):
    zone, start = moment
    others = [start + timedelta(hours=offset) for offset in offsets]
    found = spacing_refusals(protocol, start, others, min(others), zone)
    assert {refusal.code for refusal in found} == broken(protocol, start, others, min(others), zone)


@given(zones, st.dates(date(2025, 1, 10), date(2030, 12, 1)))
def test_the_first_dose_of_a_course_is_never_refused(zone, day):
    assert zone in ZONES
    assert spacing_refusals(TWICE, wall(day, time(10), zone), [], None, zone) == []


def test_times_in_other_zones_are_the_same_instants():
    others = [datetime(2027, 2, 9, 15, tzinfo=UTC)]
    assert codes(TWICE, datetime(2027, 2, 11, 14, tzinfo=UTC), others) == []
