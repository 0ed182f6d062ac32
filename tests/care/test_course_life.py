"""Do phases, reviews and the horizon of every shipped protocol keep what they promise, whatever happens to the doses?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from care.course.cadence import Preferences
from care.course.plan import plan
from care.course.progress.horizon import Numbers, anew, lacking, next_target, off_cadence
from care.course.progress.phases import (
    Cadence,
    Dose,
    cadence,
    cadence_refusals,
    choices,
    chosen,
    phase_after,
    phase_named,
    progress,
    steps_back,
)
from care.course.progress.reviews import ReviewKind, advice, ends_phase, lapse_at, reviews_due
from care.course.spacing import spacing_refusals
from care.facts import SessionKind, Status
from care.protocol import Protocol
from care.protocols import load, shipped
from care.refusals import Code
from care.times import local_date, wall

NEW_YORK = "America/New_York"
START = date(2027, 1, 12)  # a Tuesday
WISH = Preferences((1, 4))
DAY = timedelta(days=1)
PROTOCOLS = sorted(shipped())
Due = tuple[ReviewKind, str, int]  # a review of this phase, after so many
ENDS = (Status.DISCHARGED, Status.MISSED, Status.OMITTED, Status.CANCELLED, Status.DEFERRED)
SPRAVATO = load("spravato_trd")


def begun(protocol: Protocol) -> list[Dose]:
    """The doses of a fresh course, all of them planned."""
    wanted = plan(protocol, START, WISH, NEW_YORK)
    doses = [each for each in wanted if each.kind is SessionKind.DOSING]
    return [Dose(UUID(int=each.number), each.number, each.phase, Status.PLANNED, each.target_at) for each in doses]


def over(dose: Dose, status: Status = Status.DISCHARGED) -> Dose:
    return replace(dose, status=status, over_at=dose.at + timedelta(hours=2))


def lived(doses: list[Dose], ends: list[Status]) -> list[Dose]:
    """The first of them with these ends, the others still to come."""
    return [over(dose, end) for dose, end in zip(doses, ends, strict=False)] + doses[len(ends) :]


def given_days(*days: int, phase: str = "induction") -> list[Dose]:
    """Doses given on these days from the start."""
    ats = [wall(START + DAY * day, WISH.around, NEW_YORK) for day in days]
    return [over(Dose(UUID(int=n), n, phase, Status.PLANNED, at)) for n, at in enumerate(ats, 1)]


def kinds(protocol: Protocol, phase: str, doses: list[Dose], until: datetime) -> list[tuple[ReviewKind, int]]:
    return [(each.kind, each.after) for each in reviews_due(protocol, phase, doses, NEW_YORK, until)]


LONG_AFTER = datetime(2030, 1, 1, tzinfo=UTC)


# Phases


@pytest.mark.parametrize("name", PROTOCOLS)
@settings(max_examples=40)
@for_all(ends=st.lists(st.sampled_from(ENDS), min_size=1, max_size=14))
def test_a_phase_only_ever_comes_nearer_to_its_end(name: str, ends: list[Status]) -> None:
    protocol = load(name)
    doses = begun(protocol)
    before = progress(protocol, doses[0].phase, doses)
    for count in range(1, len(ends) + 1):
        now = progress(protocol, doses[0].phase, lived(doses, ends[:count]))
        assert now.over >= before.over
        assert now.given >= before.given
        assert now.to_come <= before.to_come
        assert before.over_at is None or now.over_at == before.over_at
        before = now


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_phase_is_over_with_its_last_dose_and_an_open_one_never(name: str) -> None:
    protocol = load(name)
    doses = begun(protocol)
    all_given = [over(dose) for dose in doses]
    for phase in protocol.phases:
        mine = [dose for dose in all_given if dose.phase == phase.name]
        assert (progress(protocol, phase.name, all_given).over_at is None) == (phase.sessions is None or not mine)
        if mine:
            last = replace(mine[-1], status=Status.BOOKED, over_at=None)
            assert progress(protocol, phase.name, [*mine[:-1], last]).over_at is None
    assert phase_after(protocol, protocol.phases[-1].name) is None


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_step_back_leads_to_a_choice_of_the_protocol_that_is_more_frequent(name: str) -> None:
    protocol = load(name)
    every = [one for phase in protocol.phases for one in choices(phase)]
    for phase in protocol.phases:
        for now in choices(phase):
            back = steps_back(protocol, phase.name, now)
            assert all(one in every and one.days < now.days for one in back)
            assert list(back) == sorted(back, key=lambda one: -one.days)
            if any(one.days < now.days for one in choices(phase)):
                assert set(back) <= set(choices(phase))


def test_from_weekly_the_course_may_step_back_to_twice_weekly_and_from_two_weeks_to_one() -> None:
    assert steps_back(SPRAVATO, "weekly", Cadence(per_week=1)) == (Cadence(per_week=2),)
    assert steps_back(SPRAVATO, "maintenance", Cadence(every_days=14)) == (Cadence(every_days=7),)
    assert steps_back(SPRAVATO, "maintenance", Cadence(every_days=7)) == (Cadence(per_week=2),)
    assert steps_back(SPRAVATO, "induction", Cadence(per_week=2)) == ()


@pytest.mark.parametrize("name", PROTOCOLS)
def test_what_was_chosen_holds_for_its_phase_alone_and_the_choices_stay(name: str) -> None:
    protocol = load(name)
    for phase in protocol.phases:
        for one in choices(phase):
            changed = chosen(protocol, phase.name, every_days=one.every_days, per_week=one.per_week)
            assert cadence(phase_named(changed, phase.name)) == one
            assert set(choices(phase_named(changed, phase.name))) == set(choices(phase))
            assert [each for each in changed.phases if each.name != phase.name] == [
                each for each in protocol.phases if each is not phase
            ]


def test_a_frequency_that_the_protocol_does_not_have_is_refused_with_those_it_has() -> None:
    allowed = choices(phase_named(SPRAVATO, "maintenance"))
    assert cadence_refusals(Cadence(every_days=14), allowed) == []
    (refused,) = cadence_refusals(Cadence(every_days=10), allowed)
    assert (refused.code, refused.data) == (Code.NOT_A_CHOICE, {"every_days": [7, 14], "per_week": []})


# Reviews


def test_the_eighth_dose_calls_for_one_review_that_also_ends_the_phase() -> None:
    doses = [over(dose) for dose in begun(SPRAVATO)[:8]]
    (due,) = reviews_due(SPRAVATO, "induction", doses, NEW_YORK, LONG_AFTER)
    assert (due.kind, due.after, due.at) == (ReviewKind.DOSES, 8, doses[-1].over_at)
    assert ends_phase(due, SPRAVATO, doses)


def test_a_phase_that_ends_with_a_missed_dose_is_reviewed_all_the_same() -> None:
    doses = lived(begun(SPRAVATO)[:8], [Status.DISCHARGED] * 7 + [Status.MISSED])
    assert kinds(SPRAVATO, "induction", doses, LONG_AFTER) == [(ReviewKind.PHASE, 8)]


def test_every_second_miss_in_a_phase_is_looked_at() -> None:
    doses = begun(SPRAVATO)[:8]
    for misses, due in ((1, []), (2, [2]), (3, [2]), (4, [2, 4])):
        found = kinds(SPRAVATO, "induction", lived(doses, [Status.MISSED] * misses), LONG_AFTER)
        assert [after for kind, after in found if kind is ReviewKind.MISSES] == due


def test_a_lapse_begins_at_local_midnight_after_the_last_of_its_days() -> None:
    doses = [*given_days(0), replace(given_days(0, 30)[1], status=Status.PLANNED, over_at=None)]
    lapse = wall(START + DAY * 29, datetime.min.time(), NEW_YORK)
    assert lapse_at(SPRAVATO, "induction", doses, NEW_YORK) == lapse
    assert kinds(SPRAVATO, "induction", doses, lapse - timedelta(seconds=1)) == []
    assert kinds(SPRAVATO, "induction", doses, lapse) == [(ReviewKind.LAPSE, 1)]


def test_nobody_lapses_where_nothing_is_to_come() -> None:
    assert lapse_at(SPRAVATO, "induction", given_days(0), NEW_YORK) is None


def test_an_interval_that_was_chosen_beyond_the_lapse_moves_it() -> None:
    phase = load("iv_6").phases[-1].name
    rules = chosen(load("iv_6"), phase, every_days=84, per_week=None)
    doses = [
        *given_days(0, phase=phase),
        replace(given_days(0, 84)[1], status=Status.PLANNED, over_at=None, phase=phase),
    ]
    assert lapse_at(rules, phase, doses, NEW_YORK) == wall(START + DAY * 127, datetime.min.time(), NEW_YORK)


def test_what_was_reviewed_elsewhere_is_not_asked_again_and_the_last_count_is() -> None:
    before = [replace(dose, given_before=True) for dose in given_days(*range(0, 28, 3)[:8])]
    assert kinds(SPRAVATO, "weekly", before, LONG_AFTER) == [(ReviewKind.DOSES, 8)]
    later = [*before, replace(given_days(*range(0, 40, 4)[:9])[8], phase="weekly", given_before=True)]
    assert kinds(SPRAVATO, "weekly", later, LONG_AFTER) == []


def test_doses_of_which_only_the_last_are_known_are_counted_by_their_numbers() -> None:
    known = [replace(dose, number=dose.number + 5, given_before=True) for dose in given_days(0, 3)]
    eighth = replace(given_days(0, 3, 7)[2], number=8)
    assert kinds(SPRAVATO, "induction", [*known, eighth], LONG_AFTER) == [(ReviewKind.DOSES, 8)]


@pytest.mark.parametrize("name", PROTOCOLS)
@settings(max_examples=30)
@for_all(ends=st.lists(st.sampled_from(ENDS), max_size=14))
def test_a_review_once_due_stays_due_as_more_happens(name: str, ends: list[Status]) -> None:
    """Lapses aside, which the next dose ends."""
    protocol = load(name)
    doses = begun(protocol)
    before: set[Due] = set()
    for count in range(len(ends) + 1):
        due = reviews_due(protocol, doses[0].phase, lived(doses, ends[:count]), NEW_YORK, LONG_AFTER)
        now: set[Due] = {(each.kind, each.phase, each.after) for each in due if each.kind is not ReviewKind.LAPSE}
        assert before <= now
        before = now


def test_the_labels_words_stand_beside_what_a_clinician_decides() -> None:
    words, cited = advice(ReviewKind.MISSES, "maintenance", SPRAVATO, "en") or ("", "")
    assert "previous frequency" in words
    assert "[S12]" in cited
    assert advice(ReviewKind.DOSES, "induction", SPRAVATO, "en") is None


# The horizon


@pytest.mark.parametrize("name", PROTOCOLS)
def test_an_open_phase_is_full_to_its_horizon_and_never_planned_twice(name: str) -> None:
    protocol = load(name)
    phase = protocol.phases[-1]
    doses = [over(dose) for dose in begun(protocol)]
    today = local_date(doses[-1].at, NEW_YORK)
    for _ in range(20):
        added = planned_to_horizon(protocol, phase.name, doses, today)
        if phase.sessions is not None or phase.as_needed:
            assert added == []
            return
        doses += added
        assert planned_to_horizon(protocol, phase.name, doses, today) == []
        following = next_target(protocol, phase.name, doses, today, WISH, NEW_YORK)
        assert following is not None
        assert following > today + 90 * DAY
        today += 11 * DAY
    assert sorted(dose.number for dose in doses) == list(range(1, len(doses) + 1))
    keeps_spacing(protocol, doses)


def planned_to_horizon(protocol: Protocol, phase: str, doses: list[Dose], today: date) -> list[Dose]:
    numbers = Numbers(max(dose.number for dose in doses) + 1, 1)
    found = lacking(protocol, phase, doses, today, today + 90 * DAY, WISH, NEW_YORK, numbers)
    return [
        Dose(UUID(int=each.number), each.number, each.phase, Status.PLANNED, each.target_at)
        for each in found
        if each.kind is SessionKind.DOSING
    ]


def keeps_spacing(protocol: Protocol, doses: list[Dose]) -> None:
    ats = sorted(dose.at for dose in doses)
    for place, at in enumerate(ats):
        assert spacing_refusals(protocol, at, ats[:place] + ats[place + 1 :], ats[0], NEW_YORK) == []


@pytest.mark.parametrize("name", PROTOCOLS)
@settings(max_examples=25)
@for_all(given=st.integers(0, 10), stands_still=st.integers(0, 200))
def test_going_on_after_a_pause_keeps_numbers_phases_days_and_the_spacing_with_the_past(
    name: str, given: int, stands_still: int
) -> None:
    protocol = load(name)
    doses = lived(begun(protocol), [Status.DISCHARGED] * given)
    if given >= len(doses):
        return
    last = doses[given - 1].at if given else doses[0].at - DAY
    from_on, now = local_date(last, NEW_YORK) + stands_still * DAY + DAY, last + timedelta(hours=5)
    days = anew(protocol, doses[given].phase, doses, now, from_on, WISH, NEW_YORK)
    assert list(days) == [dose.id for dose in doses[given:]]
    targets = [each.target_on for each in days.values()]
    assert targets[0] >= from_on
    assert all(one < other for one, other in pairwise(targets))
    assert all(each.earliest_on <= each.target_on <= each.latest_on for each in days.values())
    again = [replace(dose, at=wall(days[dose.id].target_on, WISH.around, NEW_YORK)) for dose in doses[given:]]
    keeps_spacing(protocol, [*doses[:given], *again])


def test_booked_doses_that_no_longer_fit_the_interval_are_named() -> None:
    rules = chosen(SPRAVATO, "maintenance", every_days=14, per_week=None)
    fixed = given_days(0, phase="maintenance")
    booked = [
        replace(dose, id=UUID(int=10 + place), number=10 + place, status=Status.BOOKED, over_at=None)
        for place, dose in enumerate(given_days(7, 14, 21, phase="maintenance"))
    ]
    days = anew(rules, "maintenance", [*fixed, *booked], fixed[0].at + DAY, START + DAY, WISH, NEW_YORK)
    assert [each.target_on for each in days.values()] == [START + DAY * 14 * turn for turn in (1, 2, 3)]
    off = list(off_cadence(booked, days, Cadence(every_days=14), NEW_YORK))
    assert [dose.number for dose in off] == [10, 11, 12]
