"""One session changed: where do the later ones go with the least disturbance?

Among all assignments of free starts that keep the order, every span and every spacing rule, the one with the fewest
unplaced sessions, then the fewest moved inside the freeze period, moved confirmed, moved booked, off their wished weekdays,
then the least total shift, then the earliest starts. Writing nothing, it is its own preview.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from care.course.search import LAST_TIE, Option, Rules, Search
from care.course.spacing import elapsed_floor, far_enough
from care.protocol import Protocol
from care.times import local_date

LIMIT = 200_000  # tried starts; some seconds
COUNT_BITS, SHIFT_BITS = 12, 48  # room for 4095 sessions and for millions of years in seconds


@dataclass(frozen=True, slots=True)
class Candidate:
    """A free start; `token` names its slot. A session that would rather be elsewhere says how far each start is `off` its
    wish: whether it is on another weekday, and by how many seconds; without, the distance from where it is counts.
    """

    starts_at: datetime
    token: str
    off: bool = False
    far: int | None = None


@dataclass(frozen=True, slots=True)
class ToPlace:
    """A dosing session that may move. `current` is its time (None: it never had one), `seat` the token it holds.

    `candidates` should hold the current time too, where it is still free for this session.
    """

    id: UUID
    number: int
    current: datetime | None
    booked: bool
    confirmed: bool
    frozen: bool  # inside the clinic's freeze period
    span: tuple[date, date]  # earliest and latest local day
    target: date
    candidates: tuple[Candidate, ...]
    seat: str | None = None


@dataclass(frozen=True, slots=True)
class Reflow:
    """`moved` are those that had a time and get another; `optimal` says that no better plan exists."""

    placed: dict[UUID, Candidate]
    unplaced: tuple[UUID, ...]
    optimal: bool
    moved: tuple[UUID, ...]


def reflow(
    to_place: Sequence[ToPlace],
    fixed: Sequence[datetime],
    protocol: Protocol,
    first_dose: datetime | None,
    zone: str,
    *,
    keep_seven_days: bool = True,
    limit: int = LIMIT,
) -> Reflow:
    """The least disturbing plan for the sessions, given in the order of the course, beside the `fixed` doses.

    `first_dose` begins the course weeks; None takes the earliest of all. After `limit` tried starts the best plan so
    far is completed step by step and not called optimal.
    """
    choices = _choices(to_place, fixed, protocol, zone)
    rules = rules_between(fixed, protocol, first_dose, zone, keep_seven_days=keep_seven_days)
    return _best(to_place, choices, rules, limit)


def both_plans(
    to_place: Sequence[ToPlace],
    fixed: Sequence[datetime],
    protocol: Protocol,
    first_dose: datetime | None,
    zone: str,
    *,
    limit: int = LIMIT,
) -> tuple[Reflow, Reflow | None]:
    """The plan that keeps the seven-date rule, and the one that breaks it with a reason where that disturbs fewer."""
    choices = _choices(to_place, fixed, protocol, zone)
    keeping, breaking = (
        _best(to_place, choices, rules_between(fixed, protocol, first_dose, zone, keep_seven_days=keep), limit)
        for keep in (True, False)
    )
    return keeping, breaking if _disturbed(breaking) < _disturbed(keeping) else None


def _best(to_place: Sequence[ToPlace], choices: Sequence[Sequence[Option]], rules: Rules, limit: int) -> Reflow:
    chosen, optimal = Search(choices, rules).best(limit)
    return _answer(to_place, chosen, optimal=optimal)


def _choices(
    to_place: Sequence[ToPlace], fixed: Sequence[datetime], protocol: Protocol, zone: str
) -> list[list[Option]]:
    """What each session can choose from; many are offered the same starts, whose local days are found once."""
    starts = {one.starts_at for session in to_place for one in session.candidates}
    days = {start: local_date(start, zone) for start in starts}
    clear = {start for start in starts if _clear(start, fixed, protocol, zone)}
    return [_options(session, days, clear) for session in to_place]


def _disturbed(plan: Reflow) -> tuple[int, int]:
    return len(plan.unplaced), len(plan.moved)


def rules_between(
    fixed: Sequence[datetime], protocol: Protocol, first_dose: datetime | None, zone: str, *, keep_seven_days: bool
) -> Rules:
    """The spacing rules in whole days and seconds, for a search that asks them many thousand times."""
    spacing = protocol.spacing
    return Rules(
        gap_days=spacing.min_gap_days,
        gap_seconds=round(elapsed_floor(spacing).total_seconds()),
        most_in_course_week=spacing.max_in_course_week,
        most_in_seven=spacing.max_in_seven_days if keep_seven_days else None,
        fixed=tuple(sorted(local_date(at, zone).toordinal() for at in fixed)),
        first=None if first_dose is None else local_date(first_dose, zone).toordinal(),
    )


def _options(session: ToPlace, days: Mapping[datetime, date], clear: AbstractSet[datetime]) -> list[Option]:
    """Every start that the span and the fixed doses allow, and staying unplaced; the cheapest first."""
    earliest, latest = session.span
    placed = [
        _option(session, number, candidate, days[candidate.starts_at])
        for number, candidate in enumerate(session.candidates)
        if candidate.starts_at in clear and earliest <= days[candidate.starts_at] <= latest
    ]
    return sorted([*placed, _nowhere(session)], key=lambda option: (option.cost, option.tie))


def _clear(start: datetime, fixed: Sequence[datetime], protocol: Protocol, zone: str) -> bool:
    """Whether the start keeps its gap to every fixed dose; those days away from it need no look at the calendar."""
    near = timedelta(days=protocol.spacing.min_gap_days + 2)
    beside = (one for one in fixed if abs(start - one) < near)
    return all(far_enough(protocol.spacing, min(start, one), max(start, one), zone) for one in beside)


def _option(session: ToPlace, number: int, candidate: Candidate, day: date) -> Option:
    moves = session.current is not None and session.current != candidate.starts_at
    reseated = session.seat is not None and session.seat != candidate.token
    at = round(candidate.starts_at.timestamp())
    cost = _cost(session, unplaced=False, moves=moves, off=candidate.off, shift=_shift(session, candidate, day))
    return Option(cost, (at, reseated, candidate.token), at, day.toordinal(), number)


def _nowhere(session: ToPlace) -> Option:
    """To lose one's time without another is also to be moved."""
    cost = _cost(session, unplaced=True, moves=session.current is not None, off=False, shift=0)
    return Option(cost, LAST_TIE, None, None, None)


def _cost(session: ToPlace, *, unplaced: bool, moves: bool, off: bool, shift: int) -> int:
    """The counts in their order of weight and the shift, as one number in which no part reaches into the next."""
    counts = (unplaced, moves and session.frozen, moves and session.confirmed, moves and session.booked, off)
    cost = 0
    for count in counts:
        cost = (cost << COUNT_BITS) + count
    return (cost << SHIFT_BITS) + shift


def _shift(session: ToPlace, candidate: Candidate, day: date) -> int:
    """Seconds from its wish, or from the time it had; without one, whole days from the target."""
    if candidate.far is not None:
        return candidate.far
    if session.current is None:
        return abs((day - session.target).days) * 86_400
    return round(abs((candidate.starts_at - session.current).total_seconds()))


def _answer(to_place: Sequence[ToPlace], chosen: Sequence[int | None], *, optimal: bool) -> Reflow:
    places = zip(to_place, chosen, strict=True)
    placed = {session.id: session.candidates[number] for session, number in places if number is not None}
    unplaced = tuple(session.id for session in to_place if session.id not in placed)
    kept = {session.id for session in to_place if session.current is None or session.id not in placed}
    moved = [one for one in to_place if one.id not in kept and placed[one.id].starts_at != one.current]
    return Reflow(placed, unplaced, optimal, tuple(session.id for session in moved))
