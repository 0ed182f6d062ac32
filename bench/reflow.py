"""How long does it take to place thirty doses anew among all free times of three months, and is the plan proved the best?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from bench.harness import Ground, Line, bench, side_by_side
from care.course.reflow import Candidate, Reflow, ToPlace, both_plans
from care.course.slots import ResourceFacts, WeeklyRule, free_slots, open_hours, piece
from care.protocols import load, resolve
from care.times import local_date, wall

ZONE = "America/New_York"
FIRST, DAYS = date(2027, 3, 1), 90  # a Monday; the clocks change within
RULES = resolve(load("iv_6"), {"phases": {"induction": {"sessions": 30, "per_week": 3, "weeks": 10}}})
TEAM = (("chair", 4), ("clinician", 2), ("monitor", 1), ("therapist", 2), ("guide", 1))
WEEK = tuple(WeeklyRule(weekday, time(8), time(18)) for weekday in range(5))
SPAN = FIRST, FIRST + timedelta(days=DAYS)

Changed = tuple[datetime, list[ToPlace]]  # where the first dose goes, and what may have to give way


@bench("reflow")
def reflow(_: Ground) -> Iterator[Line]:
    """Both plans for thirty doses, each of which may take any free time of 90 days on ten resources."""
    starts = _free_starts()
    for name, changed in _cases(starts).items():
        plans: list[Reflow] = []
        times = side_by_side(5, plans=lambda: plans.append(_planned(changed)))  # noqa: B023  called at once
        proved = "proved the best" if plans[-1].optimal else "not proved the best"
        yield times["plans"].alone(f"{name}: {len(plans[-1].moved)} of 30 move, {proved} of {len(starts)} starts each")


def _planned(changed: Changed) -> Reflow:
    first, later = changed
    keeping, _ = both_plans(later, [first], RULES, first, ZONE)
    return keeping


def _cases(starts: Sequence[datetime]) -> dict[str, Changed]:
    booked = _booked()
    hour, day = timedelta(hours=1), timedelta(days=1)
    gone = {local_date(booked[9], ZONE) + day * count for count in range(5)}
    open_starts = [at for at in starts if local_date(at, ZONE) not in gone]
    lost = {local_date(at, ZONE) for at in booked[1::3]}
    return {
        "an hour later": (booked[0] + hour, _later(starts, booked)),
        "a day later": (booked[0] + day, _later(starts, booked)),
        "two days later": (booked[0] + 2 * day, _later(starts, booked)),
        "the clinic closes for a week": (
            booked[0],
            _later(open_starts, booked, kept=lambda at: local_date(at, ZONE) not in gone),
        ),
        "all Wednesdays are lost": (
            booked[0],
            _later(
                [at for at in starts if local_date(at, ZONE) not in lost],
                booked,
                kept=lambda at: local_date(at, ZONE) not in lost,
            ),
        ),
    }


def _booked() -> list[datetime]:
    """Mondays, Wednesdays and Fridays at ten, for ten weeks."""
    days = [FIRST + timedelta(weeks=week, days=day) for week in range(10) for day in (0, 2, 4)]
    return [wall(day, time(10), ZONE) for day in days]


def _later(
    starts: Sequence[datetime], booked: Sequence[datetime], *, kept: Callable[[datetime], bool] = lambda _: True
) -> list[ToPlace]:
    """The other twenty-nine, who may stay where they are where that is still free."""
    return [
        ToPlace(
            id=UUID(int=number),
            number=number,
            current=at,
            booked=True,
            confirmed=number % 5 == 0,
            frozen=number < 3,
            span=SPAN,
            target=local_date(at, ZONE),
            candidates=tuple(Candidate(each, str(each)) for each in sorted({*starts, *filter(kept, [at])})),
        )
        for number, at in enumerate(booked[1:], 2)
    ]


def _free_starts() -> list[datetime]:
    """On ten resources, half of whose time is taken."""
    random = Random(1)
    hours = open_hours(WEEK, (), SPAN[0], SPAN[1], ZONE)
    team = [
        ResourceFacts(UUID(int=100 * kind + number), name, 1, hours)
        for kind, (name, count) in enumerate(TEAM)
        for number in range(count)
    ]
    team = [replace(one, lanes=4) if one.kind == "monitor" else one for one in team]
    within = wall(SPAN[0], time(), ZONE), wall(SPAN[1], time(), ZONE)
    busy = [replace(one, booked={1: list(_taken(within, random))}) if one.kind != "monitor" else one for one in team]
    return [slot.starts_at for slot in free_slots(RULES.visits["dosing"], busy, within, zone=ZONE)]


def _taken(within: tuple[datetime, datetime], random: Random) -> Iterator[tuple[int, int]]:
    at = within[0]
    while at < within[1]:
        if random.random() < 0.5:
            yield piece((at, at + timedelta(hours=2)))
        at += timedelta(hours=2)
