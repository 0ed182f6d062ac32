"""Which free starts do several sessions get at once, so that every rule is kept and the wish is missed by the least?

First the doses: the fewest left without a time, then the least total distance from the wish, by the exact search that a reflow
uses. Then every other session among what the doses leave, each kind by the same search.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from care.course.booking import Terms, place_of
from care.course.reflow import rules_between
from care.course.search import LAST_TIE, Option, Rules, Search
from care.course.together.judging import judged, nearest, with_times
from care.course.together.wish import Aim, Unbooked, Wish, aim_of, days_between
from care.facts import ENDED_WITHOUT_HAPPENING, SessionFacts, SessionKind
from care.refusals import Code, Refusal
from care.times import local_date
from care.windows import integration_window

LIMIT = 60_000  # tried starts; a second or two
UNPLACED = 1 << 40  # outweighs every distance
MANY = 1 << 30
ALTERNATIVES = 3
BETWEEN = frozenset({Code.TOO_MANY_IN_COURSE_WEEK, Code.TOO_MANY_IN_SEVEN_DAYS})  # what the search itself judges


@dataclass(frozen=True, slots=True)
class Proposed:
    """One session of a proposal. `starts_at` None: it finds no place.

    `refusals` say why it does not get the time it was wished for; `alternatives` are other starts that keep every rule
    together with the rest of the proposal, the nearest to the wish first.
    """

    session: SessionFacts
    wished_at: datetime | None
    starts_at: datetime | None
    refusals: tuple[Refusal, ...]
    alternatives: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`optimal`: it was proved that no other choice misses the wish by less."""

    sessions: tuple[Proposed, ...]
    optimal: bool


def propose(
    unbooked: Sequence[Unbooked], known: Sequence[SessionFacts], wish: Wish, terms: Terms, *, limit: int = LIMIT
) -> Proposal:
    """Times for all of them at once. `known` holds every session of the patient, these included.

    After `limit` tried starts of one kind the best choice so far is completed step by step and not called optimal.
    """
    course, optimal = tuple(known), True
    for kind in sorted({one.session.kind for one in unbooked}, key=_order):
        some = sorted((one for one in unbooked if one.session.kind is kind), key=lambda one: place_of(one.session))
        times, proved = _placed(some, course, wish, terms, limit)
        course, optimal = with_times(course, times), optimal and proved
    ordered = sorted(unbooked, key=lambda one: (one.target, _order(one.session.kind), one.session.number))
    return Proposal(tuple(_proposed(one, course, wish, terms) for one in ordered), optimal)


def _order(kind: SessionKind) -> tuple[bool, bool, str]:
    """Doses first; what follows them next, for its windows are the narrowest."""
    return kind is not SessionKind.DOSING, kind is not SessionKind.INTEGRATION, kind


def _placed(
    some: Sequence[Unbooked], course: Sequence[SessionFacts], wish: Wish, terms: Terms, limit: int
) -> tuple[dict[UUID, datetime], bool]:
    """The least distance for sessions of one kind, in the order of the course."""
    choices = [_options(one, _aim(one, course, wish, terms), course, terms) for one in some]
    chosen, optimal = Search(choices, _rules(some[0].session, course, terms)).best(limit)
    pairs = zip(some, chosen, strict=True)
    return {one.session.id: one.starts[number] for one, number in pairs if number is not None}, optimal


def _options(one: Unbooked, aim: Aim, course: Sequence[SessionFacts], terms: Terms) -> list[Option]:
    """Every start that what is booked already allows, the nearest to the wish first, and staying without a time."""
    starts = [(number, start) for number, start in enumerate(one.starts) if _possible(one, start, course, terms)]
    options = [_option(number, start, aim) for number, start in starts]
    nowhere = Option(UNPLACED, LAST_TIE, None, None, None)
    return [*sorted(options, key=lambda option: (option.cost, option.tie)), nowhere]


def _possible(one: Unbooked, start: datetime, course: Sequence[SessionFacts], terms: Terms) -> bool:
    """No rule but those on how many doses lie together, which depend on what else is chosen."""
    if not one.span[0] <= local_date(start, terms.zone) <= one.span[1]:
        return False
    found = judged(one, start, course, replace(terms, seven_day_reason=True))
    return all(refusal.code in BETWEEN for refusal in found)


def _option(number: int, start: datetime, aim: Aim) -> Option:
    at = round(start.timestamp())
    return Option(aim.distance(start), (at, False, ""), at, local_date(start, aim.zone).toordinal(), number)


def _rules(one: SessionFacts, course: Sequence[SessionFacts], terms: Terms) -> Rules:
    """Between doses the protocol's spacing; all others only never overlap."""
    if one.kind is not SessionKind.DOSING:
        visit = one.protocol.visits[one.kind]
        return Rules(0, 60 * (visit.arrive_minutes + visit.minutes), MANY, None, (), None)
    fixed = [each.dose_at for each in _doses(one, course) if each.dose_at is not None]
    return rules_between(fixed, one.protocol, None, terms.zone, keep_seven_days=not terms.seven_day_reason)


def _doses(one: SessionFacts, course: Iterable[SessionFacts]) -> list[SessionFacts]:
    mine = [each for each in course if each.kind is SessionKind.DOSING and each.course_id == one.course_id]
    return [each for each in mine if each.status not in ENDED_WITHOUT_HAPPENING]


def _aim(one: Unbooked, course: Sequence[SessionFacts], wish: Wish, terms: Terms) -> Aim:
    return aim_of(one, wish, terms.zone, _window(one.session, course))


def _window(one: SessionFacts, course: Sequence[SessionFacts]) -> tuple[datetime, datetime] | None:
    dose = next((each for each in course if each.id == one.of_session_id), None)
    return integration_window(dose) if dose is not None and dose.end is not None else None


def _proposed(one: Unbooked, course: Sequence[SessionFacts], wish: Wish, terms: Terms) -> Proposed:
    """The session with its place in `course`, and what speaks against the time that was wished for."""
    starts_at = next(each.starts_at for each in course if each.id == one.session.id)
    aim = _aim(one, course, wish, terms)
    wished_at = aim.wished_at(_days(one, course, terms))
    if wished_at is None or wished_at == starts_at:
        return Proposed(one.session, wished_at, starts_at, (), ())
    by_distance = sorted((start for start in one.starts if start != starts_at), key=aim.distance)
    return Proposed(
        one.session,
        wished_at,
        starts_at,
        tuple(judged(one, wished_at, course, terms)),
        nearest(one, by_distance, course, terms, most=ALTERNATIVES),
    )


def _days(one: Unbooked, course: Sequence[SessionFacts], terms: Terms) -> list[date]:
    """The days on which it may be: those of its span, after a dose those of its window."""
    window = _window(one.session, course)
    if window is None:
        return days_between(*one.span)
    return days_between(*(local_date(at, terms.zone) for at in window))
