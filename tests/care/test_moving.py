"""A session that moves takes with it what must follow, and nothing else."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.course.moving import (
    doses_that_stay,
    following,
    giving_way,
    later_doses,
    moves_alone,
    outside,
    window_after,
)
from care.facts import ENDED_WITHOUT_HAPPENING, SessionKind, Status
from care.windows import integration_window
from tests.care.clocks import moments
from tests.care.visits import COURSE, at, session

FIRST = at("2027-02-02 10:00")
WEEK, MINUTE = timedelta(weeks=1), timedelta(minutes=1)
OTHER_COURSE = UUID(int=901)
SUPPORTING = [kind for kind in SessionKind if kind is not SessionKind.DOSING]


def dose(number, status=Status.BOOKED, course_id=COURSE):
    known = session(number, FIRST + number * WEEK, status=status, course_id=course_id)
    return known if course_id == COURSE else replace(known, id=UUID(int=1000 + number))


def integration(of, status=Status.BOOKED):
    begins = of.ends_at + timedelta(days=2)
    return session(of.number, begins, kind=SessionKind.INTEGRATION, status=status, of_session_id=of.id)


@st.composite
def courses(draw):
    """Doses in any status, some with an integration session, and doses of another course of the same patient."""
    statuses = st.lists(st.sampled_from(Status), min_size=1, max_size=6)
    mine = [dose(number, status) for number, status in enumerate(draw(statuses), 1)]
    integrations = [integration(one, draw(st.sampled_from(Status))) for one in mine if draw(st.booleans())]
    other = [dose(number, status, OTHER_COURSE) for number, status in enumerate(draw(statuses), 1)]
    return draw(st.permutations([*mine, *integrations, *other]))


moves = courses().flatmap(lambda known: st.tuples(st.sampled_from(known), st.just(known)))


@given(moves)
def test_only_what_is_booked_gives_way(case):
    moving, known = case
    ids = giving_way(moving, known)
    assert all(one.status is Status.BOOKED for one in known if one.id in ids)
    assert ids <= {one.id for one in known}


@given(moves)
def test_nothing_gives_way_to_itself_and_another_course_never_does(case):
    moving, known = case
    ids = giving_way(moving, known)
    assert moving.id not in ids
    assert not [one for one in known if one.id in ids and one.course_id != moving.course_id]


@given(moves)
def test_no_earlier_dose_gives_way(case):
    moving, known = case
    later = later_doses(moving, known)
    assert [one.number for one in later] == sorted({one.number for one in later})
    assert all(one.number > moving.number for one in later)


@given(moves)
def test_every_other_dose_that_counts_stays_or_gives_way_never_both(case):
    moving, known = case
    doses = {one.id for one in known if one.kind is SessionKind.DOSING and one.course_id == moving.course_id}
    counting = doses - {one.id for one in known if one.status in ENDED_WITHOUT_HAPPENING} - {moving.id}
    stay, leave = {one.id for one in doses_that_stay(moving, known)}, giving_way(moving, known) & doses
    assert not stay & leave
    assert stay | leave == counting


@given(moves)
def test_an_integration_session_gives_way_exactly_when_its_dose_may_move(case):
    moving, known = case
    ids = giving_way(moving, known)
    for one in known:
        if one.of_session_id is not None and one.id != moving.id:
            may_move = one.of_session_id in ids | {moving.id}
            assert (one.id in ids) == (may_move and one.status is Status.BOOKED)


@given(moves)
def test_the_order_in_which_sessions_are_known_changes_nothing(case):
    moving, known = case
    turned = known[::-1]
    assert giving_way(moving, known) == giving_way(moving, turned)
    assert later_doses(moving, known) == later_doses(moving, turned)


@pytest.mark.parametrize("kind", SUPPORTING)
def test_a_session_that_is_no_dose_moves_no_dose(kind):
    moving = session(1, FIRST, kind=kind)
    known = [moving, dose(2), dose(3)]
    assert moves_alone(moving)
    assert (later_doses(moving, known), giving_way(moving, known)) == ([], set())


def test_a_dose_has_others_placed_anew_behind_it():
    known = [dose(1), dose(2), dose(3, Status.CANCELLED), dose(4, Status.PLANNED), dose(5)]
    assert not moves_alone(known[1])
    assert [one.number for one in later_doses(known[1], known)] == [5]
    assert [one.number for one in doses_that_stay(known[1], known)] == [1, 4]


@given(moments)
def test_the_window_goes_with_the_dose_also_over_a_clock_change(moment):
    _, to = moment
    moving = dose(1)
    length = moving.ends_at - moving.starts_at
    was, now = integration_window(moving), window_after(moving, to, to + length)
    assert [new - old for new, old in zip(now, was, strict=True)] == [to - moving.starts_at] * 2


@given(st.integers(-10_000, 10_000))
def test_an_integration_session_stays_while_its_time_lies_in_the_new_window(minutes):
    moving = dose(1)
    window = window_after(moving, moving.starts_at, moving.ends_at)
    bound = replace(integration(moving), starts_at=window[0] + minutes * MINUTE)
    assert (outside(window, [bound]) == []) == (window[0] <= bound.starts_at <= window[1])


def test_both_ends_of_the_window_are_inside_it():
    moving = dose(1)
    window = window_after(moving, moving.starts_at, moving.ends_at)
    ends = [replace(integration(moving), starts_at=end) for end in window]
    late = replace(integration(moving), starts_at=window[1] + MINUTE)
    lost = replace(integration(moving), starts_at=None)
    assert outside(window, [*ends, late, lost]) == [late, lost]


def test_only_the_booked_ones_of_these_doses_follow():
    one, two = dose(1), dose(2)
    known = [integration(one), integration(two, Status.ATTENDED)]
    assert following({one.id, two.id}, known) == known[:1]
    assert following(set(), known) == []
