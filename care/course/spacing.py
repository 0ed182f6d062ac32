"""Which spacing rules would a dose at this time break?

Gaps count local dates with an elapsed floor; a course week is a block of seven local days from the first dosing day;
any seven local dates in a row have their own limit, which yields to a coordinator's reason.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from care.protocol import Protocol, Spacing
from care.refusals import Code, Refusal
from care.times import local_date, utc, wall

DAY = timedelta(days=1)


def spacing_refusals(
    protocol: Protocol,
    start: datetime,
    others: Sequence[datetime],
    first_dose: datetime | None,
    zone: str,
    *,
    seven_day_reason: bool = False,
) -> list[Refusal]:
    """Every spacing rule that a dose at `start` breaks beside the other doses of the course.

    `first_dose` is when the course's first dose was or will be; None takes the earliest of all. A `start` before it is
    itself the first, and moves every course week.
    """
    rules = protocol.spacing
    firsts = [start, *others] if first_dose is None else [start, first_dose]
    days = sorted(local_date(at, zone) for at in (start, *others))
    refusals = _too_soon(rules, start, others, zone)
    refusals += _too_many_in_course_week(rules, local_date(start, zone), days, local_date(min(firsts), zone))
    if not seven_day_reason:
        refusals += _too_many_in_seven_days(rules, local_date(start, zone), days)
    return refusals


def far_enough(rules: Spacing, earlier: datetime, later: datetime, zone: str) -> bool:
    """Whether the gap holds in local dates and in elapsed time (24 h x days - 12 h)."""
    dates = local_date(later, zone) - local_date(earlier, zone)
    return dates >= DAY * rules.min_gap_days and later - earlier >= elapsed_floor(rules)


def elapsed_floor(rules: Spacing) -> timedelta:
    return DAY * rules.min_gap_days - timedelta(hours=12)


def earliest_after(rules: Spacing, dose: datetime, zone: str) -> datetime:
    """The first instant after a dose at which the gap allows another."""
    midnight = wall(local_date(dose, zone) + DAY * rules.min_gap_days, time(), zone)
    return max(midnight, utc(dose) + elapsed_floor(rules))


def latest_before(rules: Spacing, dose: datetime, zone: str) -> datetime:
    """The last whole minute before a dose at which the gap allows another."""
    day_after = wall(local_date(dose, zone) - DAY * (rules.min_gap_days - 1), time(), zone)
    return min(day_after - timedelta(minutes=1), utc(dose) - elapsed_floor(rules))


def course_week(day: date, first: date) -> int:
    """Which block of seven local days a day lies in; 0 begins on the first dosing day."""
    return (day - first).days // 7


def _too_soon(rules: Spacing, start: datetime, others: Iterable[datetime], zone: str) -> list[Refusal]:
    near = [other for other in sorted(others) if not far_enough(rules, min(start, other), max(start, other), zone)]
    return [Refusal(Code.TOO_SOON, _gap(rules, start, other, zone)) for other in near]


def _gap(rules: Spacing, start: datetime, other: datetime, zone: str) -> dict[str, datetime | int]:
    known: dict[str, datetime | int] = {"neighbour": other, "days": rules.min_gap_days}
    if start < other:
        return {**known, "latest": latest_before(rules, other, zone)}
    return {**known, "earliest": earliest_after(rules, other, zone)}


def _too_many_in_course_week(rules: Spacing, day: date, days: Sequence[date], first: date) -> list[Refusal]:
    weeks = [course_week(one, first) for one in days]
    # A new first dosing day shifts every block, so that all of them are judged anew.
    judged = sorted(set(weeks)) if day == first else [course_week(day, first)]
    full = [week for week in judged if weeks.count(week) > rules.max_in_course_week]
    return [_too_many(Code.TOO_MANY_IN_COURSE_WEEK, rules.max_in_course_week, first + 7 * DAY * week) for week in full]


def _too_many_in_seven_days(rules: Spacing, day: date, days: Sequence[date]) -> list[Refusal]:
    """The first run of seven local dates around `day` that would hold too many."""
    runs = (day - DAY * back for back in range(6, -1, -1))
    full = [run for run in runs if doses_in(run, days) > rules.max_in_seven_days]
    return [_too_many(Code.TOO_MANY_IN_SEVEN_DAYS, rules.max_in_seven_days, run) for run in full[:1]]


def doses_in(run: date, days: Iterable[date]) -> int:
    """How many of the days lie in the seven local dates from `run`."""
    return sum(run <= day < run + 7 * DAY for day in days)


def _too_many(code: Code, most: int, run: date) -> Refusal:
    return Refusal(code, {"most": most, "from_on": run.isoformat(), "until_on": (run + 6 * DAY).isoformat()})
