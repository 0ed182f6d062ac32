"""A clinic's differences, one patient's overrides, and what becomes of a course under other rules."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.course.cadence import Preferences
from care.course.plan import PlannedSession, plan
from care.course.progress.horizon import Numbers
from care.course.progress.phases import Dose
from care.course.replanning import Rules, needs_replan, replanned
from care.course.spacing import spacing_refusals
from care.facts import SessionKind, Status
from care.protocol import Gate, Protocol
from care.protocols import ProtocolError, as_json, load, resolve, shipped
from care.protocols.comparing import differences
from care.protocols.fields import FIELDS
from care.protocols.overriding import OVERRIDABLE, Side, bound_of, override, overriding, value_of
from care.times import wall
from tests.care.clocks import NEW_YORK

TUESDAY = date(2027, 5, 4)
NOON = time(12)
MIDDAY = wall(TUESDAY, NOON, NEW_YORK)


def refused(base: Protocol, wanted: dict[str, Any]) -> dict[str, str] | None:
    try:
        resolve(base, wanted)
    except ProtocolError as error:
        return error.fields
    return None


def doses_of(planned: tuple[PlannedSession, ...]) -> list[PlannedSession]:
    return [each for each in planned if each.kind is SessionKind.DOSING]


def assert_spaced(protocol: Protocol, times: list[datetime]) -> None:
    for place, at in enumerate(times):
        assert spacing_refusals(protocol, at, times[:place] + times[place + 1 :], times[0], NEW_YORK) == []


# A clinic's differences


phase = st.fixed_dictionaries(
    {},
    optional={
        "sessions": st.integers(1, 12),
        "per_week": st.integers(0, 4),
        "per_week_choices": st.lists(st.integers(1, 4), unique=True, max_size=2),
        "weeks": st.one_of(st.none(), st.integers(1, 12)),
        "every_days": st.lists(st.integers(7, 60), unique=True, max_size=2),
        "max_gap_days": st.integers(1, 60),
    },
)
spacing = st.fixed_dictionaries(
    {},
    optional={
        "min_gap_days": st.integers(1, 10),
        "max_in_course_week": st.integers(1, 4),
        "max_in_seven_days": st.integers(1, 4),
    },
)


@st.composite
def edits(draw: st.DrawFn) -> tuple[Protocol, dict[str, Any]]:
    base = draw(st.sampled_from(sorted(shipped().values(), key=lambda each: each.name)))
    edited = draw(st.sampled_from([each.name for each in base.phases]))
    return base, {"phases": {edited: draw(phase)}, "spacing": draw(st.one_of(st.just({}), spacing))}


@settings(max_examples=150)
@given(edits(), st.lists(st.integers(0, 6), unique=True))
def test_whatever_differences_are_accepted_the_plan_obeys_the_spacing(
    edit: tuple[Protocol, dict[str, Any]], weekdays: list[int]
) -> None:
    base, wanted = edit
    wrong = refused(base, wanted)
    if wrong is not None:
        assert all(path.split(".")[0] in ("phases", "spacing") for path in wrong)
        return
    ours = resolve(base, wanted)
    course = doses_of(plan(ours, TUESDAY, Preferences(tuple(weekdays)), NEW_YORK, until=TUESDAY + timedelta(days=200)))
    assert_spaced(ours, [each.target_at for each in course])
    assert all(each.earliest_on <= each.target_on <= each.latest_on for each in course)


def test_a_protocol_differs_from_itself_in_nothing() -> None:
    for protocol in shipped().values():
        assert differences(protocol, protocol) == ()
        assert differences(protocol, replace(protocol, version=9)) == ()


def test_every_difference_is_named_with_both_values_and_its_source() -> None:
    base = load("iv_6")
    ours = resolve(
        base,
        {
            "title": {"en": "Ours", "es": "Nuestro"},
            "lapse_days": {"value": 42, "source": "C [S28]"},
            "phases": {"boosters": None, "last": as_json(base)["phases"]["boosters"]},
            "preparation": {"solids_h": 6, "light_meal_h": 6},
        },
    )
    found = {each.path: (each.before, each.after, each.source) for each in differences(base, ours)}
    assert found["lapse_days"] == (42, 42, "C [S28]")
    assert found["preparation.solids_h"] == (8, 6, "clinic default")
    assert found["phase_order"] == (["induction", "boosters"], ["induction", "last"], None)
    assert found["phases.boosters.sessions"][1:] == (None, None)
    assert found["phases.last.every_days"][0] is None
    assert found["title"][1] == {"en": "Ours", "es": "Nuestro"}
    assert "preparation.light_meal_h" in found


def test_what_nests_deeper_than_any_field_is_named_and_not_followed() -> None:
    deep: Any = []
    for _ in range(2000):
        deep = [deep]
    assert refused(load("iv_6"), {"lapse_days": deep, "spacing": {"min_gap_days": 3}}) == {
        "lapse_days": "is nested too deep"
    }


# One patient's overrides


def test_what_may_be_overridden_is_a_field_of_every_protocol() -> None:
    assert set(OVERRIDABLE) <= set(FIELDS)
    for protocol in shipped().values():
        for path in OVERRIDABLE:
            assert bound_of(protocol, path, {}) == FIELDS[path](value_of(protocol, path))


values = st.one_of(
    st.integers(-1, 800), st.floats(0, 200), st.booleans(), st.sampled_from(["hard", "soft", "none", "x"])
)


@settings(max_examples=200)
@given(st.sampled_from(sorted(shipped())), st.sampled_from(sorted(OVERRIDABLE)), values)
def test_an_override_is_never_looser_than_the_protocol(name: str, path: str, value: object) -> None:
    protocol = load(name)
    try:
        ours = override(protocol, {}, path, value, {})
    except ProtocolError:
        return
    was, now = value_of(protocol, path), value_of(ours, path)
    assert ours.sources[path] == "for this course"
    hardness = {None: 0, "advisory": 1, "soft": 2, "hard": 3}
    assert {
        Side.MORE: lambda: now >= was,
        Side.LESS: lambda: now <= was,
        Side.EITHER: lambda: True,
        Side.HARDER: lambda: hardness[now] >= hardness[was],
        Side.NEVER: lambda: was or not now,
    }[OVERRIDABLE[path]]()
    assert_spaced(ours, [each.target_at for each in doses_of(plan(ours, TUESDAY, Preferences(), NEW_YORK))])


def test_a_slow_stomach_fasts_a_day() -> None:
    ours = overriding(load("iv_6"), {"preparation.solids_h": 24, "preparation.light_meal_h": 24})
    assert (ours.preparation.solids_h, ours.preparation.light_meal_h) == (24, 24)
    assert ours.preparation.clear_liquid_h == 2


@pytest.mark.parametrize("protocol", ["spravato_trd", "iv_6"])
def test_whoever_fasts_longer_is_not_told_to_eat_something_light_meanwhile(protocol: str) -> None:
    ours = overriding(load(protocol), {"preparation.solids_h": 24})
    assert (ours.preparation.solids_h, ours.preparation.light_meal_h) == (24, 24)
    agreed = overriding(load("iv_6"), {"preparation.solids_h": 24, "preparation.light_meal_h": 6})
    assert agreed.preparation.light_meal_h == 6


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("spacing.min_gap_days", 1, "must not be below 2"),
        ("blood_pressure.systolic", 150, "must not be above 140"),
        ("transport_gate", "soft", "must not be milder than hard"),
        ("rideshare", True, "may be taken back"),
        ("observation_minutes", 30, "must not be below 60"),
        ("preparation.solids_h", 25, "from 0 to 24"),
        ("phases.induction.sessions", 9, "not for one course alone"),
        ("preparation.solids_h", 5, "must not be below 8"),
    ],
)
def test_an_override_beyond_its_bound_is_refused_by_its_path(path: str, value: object, says: str) -> None:
    with pytest.raises(ProtocolError) as error:
        override(load("iv_6"), {}, path, value, {})
    assert says in error.value.fields[path]


def test_a_clinic_may_set_a_bound_of_its_own() -> None:
    bounds = {"spacing.min_gap_days": 1, "transport_gate": "soft"}
    assert override(load("iv_6"), {}, "spacing.min_gap_days", 1, bounds).spacing.min_gap_days == 1
    assert override(load("iv_6"), {}, "transport_gate", "soft", bounds).transport_gate is Gate.SOFT


def test_where_the_gap_grows_a_cadence_without_room_is_no_choice_any_more() -> None:
    ours = override(load("iv_6"), {}, "spacing.min_gap_days", 3, {})
    assert (ours.phases[0].per_week, ours.phases[0].per_week_choices) == (2, (2,))
    with pytest.raises(ProtocolError) as error:
        override(load("iv_6"), {}, "spacing.min_gap_days", 4, {})
    assert "phases.induction.per_week" in error.value.fields


# What becomes of the sessions to come


def course_of(protocol: Protocol, given_: int, booked: int) -> list[Dose]:
    """The first were given on their days, the next ones are booked, the others wait for a time."""
    planned = doses_of(plan(protocol, TUESDAY, Preferences((1, 4), NOON), NEW_YORK))

    def status(number: int) -> Status:
        if number <= given_:
            return Status.DISCHARGED
        return Status.BOOKED if number <= given_ + booked else Status.PLANNED

    return [
        Dose(UUID(int=each.number), each.number, each.phase, status(each.number), each.target_at) for each in planned
    ]


def after_given(doses: list[Dose], given_: int) -> datetime:
    return doses[given_ - 1].at + timedelta(hours=5) if given_ else MIDDAY - timedelta(days=5)


def turned(before: Protocol, after: Protocol, given_: int, booked: int, phase_: str | None = None) -> Any:
    doses = course_of(before, given_, booked)
    now = after_given(doses, given_)
    bound = {dose.id: UUID(int=100 + dose.number) for dose in doses if dose.number > given_}
    rules = Rules(before, after, phase_ or before.phases[0].name)
    wish, numbers = Preferences((1, 4), NOON), Numbers(len(doses) + 1, len(doses) + 1)
    return doses, replanned(rules, doses, bound, now, now.date(), wish, NEW_YORK, numbers)


def test_only_what_days_are_planned_by_plans_them_anew() -> None:
    base = load("iv_6")
    fasting = resolve(base, {"preparation": {"solids_h": 9}, "phases": {"induction": {"missed": "slide"}}})
    assert not needs_replan(Rules(base, fasting, "induction"))
    assert needs_replan(
        Rules(base, resolve(base, {"lapse_days": 50, "phases": {"induction": {"max_gap_days": 9}}}), "induction")
    )


def test_more_sessions_of_a_phase_are_added_and_fewer_take_the_last() -> None:
    base = load("iv_6")
    longer = resolve(base, {"phases": {"induction": {"sessions": 8, "weeks": 4}}})
    _, more = turned(base, longer, given_=2, booked=2)
    assert [(each.kind.value, each.number) for each in more.added] == [
        ("dosing", 7), ("dosing", 8), ("integration", 7), ("integration", 8),
    ]  # fmt: skip
    assert more.dropped == ()
    shorter = resolve(base, {"phases": {"induction": {"sessions": 4}}})
    _, fewer = turned(base, shorter, given_=2, booked=0)
    assert set(fewer.dropped) == {UUID(int=number) for number in (5, 6, 105, 106)}
    assert fewer.added == ()


def test_booked_sessions_beyond_a_shorter_phase_go_on_in_the_open_one() -> None:
    base = load("iv_6")
    shorter = resolve(base, {"phases": {"induction": {"sessions": 4}}})
    _, plan_ = turned(base, shorter, given_=2, booked=4)
    assert [plan_.kept[UUID(int=number)].phase for number in (3, 4, 5, 6)] == ["induction"] * 2 + ["boosters"] * 2
    assert plan_.dropped == ()


def test_without_integration_those_to_come_have_no_place() -> None:
    base = load("iv_6")
    _, plan_ = turned(base, resolve(base, {"integration": {"after_each": 0}}), given_=2, booked=1)
    assert set(plan_.dropped) == {UUID(int=100 + number) for number in (3, 4, 5, 6)}


pairs = st.tuples(st.sampled_from(sorted(shipped())), st.sampled_from(sorted(shipped())))


@settings(max_examples=60)
@given(pairs, st.data())
def test_a_course_that_goes_on_under_another_protocol_keeps_its_spacing(
    names: tuple[str, str], data: st.DataObject
) -> None:
    before, after = load(names[0]), load(names[1])
    most = len(course_of(before, 0, 0))
    given_ = data.draw(st.integers(0, most))
    phase_ = data.draw(st.sampled_from([each.name for each in (after if before != after else before).phases]))
    booked = data.draw(st.integers(0, most))
    doses, plan_ = turned(before, after, given_, booked, phase_)
    kept = [each for each in (*plan_.kept.values(), *plan_.added) if each.kind is SessionKind.DOSING]
    over = [dose.at for dose in doses if dose.number <= given_]
    coming = sorted(each.target_at for each in kept)
    for place, at in enumerate(coming):
        others = over + coming[:place] + coming[place + 1 :]
        assert spacing_refusals(after, at, others, min([at, *others]), NEW_YORK) == []
    numbers = [each.number for each in sorted(kept, key=lambda each: each.target_at)]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len(numbers)
    assert all(early.target_on < late.target_on for early, late in pairwise(sorted(kept, key=lambda each: each.number)))
