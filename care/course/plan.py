"""Which sessions does a course have, and on which days should they be?

Only dates are decided here; slots come later. Every date a plan aims at obeys the protocol's own spacing, also beside what
was given before.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile

from care.course.beside import (
    Dosed,
    PlannedSession,
    follows,
    integrations,
    last_integration_day,
    lead_days,
    preceding,
)
from care.course.cadence import DAY, Ahead, Aim, Preferences, aims
from care.course.given import Given, ahead
from care.facts import SessionKind
from care.protocol import Phase, Protocol
from care.times import local_date, wall

__all__ = ["PlannedSession", "Preferences", "next_sessions", "phase_reached", "plan"]

MANY = 400  # more doses than any horizon holds


def plan(
    protocol: Protocol,
    start: date,
    preferences: Preferences,
    zone: str,
    given: Sequence[Given] = (),
    *,
    phase: str | None = None,
    today: date | None = None,
    until: date | None = None,
) -> tuple[PlannedSession, ...]:
    """The sessions of a course from its first preferred weekday on or after `start`, in order of their target.

    After those `given` it goes on from the phase that they reach, or from `phase` where that is later. `today`: what
    precedes the first dose finds its days from then on, and the first dose waits for it. A phase that is open-ended
    plans its doses up to `until`, and none without one: they are added as time passes.
    """
    wanted, doses = ahead(protocol, given, phase), [each.at for each in given if each.counts]
    held = Counter(each.kind for each in given if not each.missed)
    fresh = not doses and wanted[0].phase is protocol.phases[0]
    if fresh and today is not None:
        start = max(start, today + DAY * lead_days(protocol, held))
    coming = aims(protocol, _opened(wanted, until), doses, start, preferences, zone)
    planned = _doses(_whole_or_until(coming, until), _last_number(given) + 1, preferences, zone)
    before = preceding(protocol, planned[0].target_on, held, today, preferences, zone) if fresh and planned else ()
    later = _integrations(protocol, given, planned, today or start, preferences, zone)
    return tuple(sorted((*before, *planned, *later), key=_in_order))


def next_sessions(
    protocol: Protocol,
    phase: str,
    after: date,
    count: int,
    preferences: Preferences,
    zone: str,
    numbers_from: int,
    *,
    doses: Sequence[datetime] = (),
    not_before: date | None = None,
    integrations_from: int | None = None,
    begun: bool = False,
    until: date | None = None,
) -> tuple[PlannedSession, ...]:
    """The next `count` doses of a phase after the last one on `after`, with the integration sessions after them.

    `doses`: when every dose so far was or will be, for course weeks and any seven dates; none: the one on `after`.
    `begun`: the phase is under way, else one by the week begins with a course week. None lies before `not_before`, which
    is the day after `after` when left out, nor after `until`. `numbers_from` is the first dose's number,
    `integrations_from` that of the first integration session, else counted as if every dose before had had its own.
    """
    known = doses or (wall(after, preferences.around, zone),)
    start = max(after + DAY, not_before or after)
    wanted = [Ahead(_named(protocol, phase), count, begun)]
    coming = aims(protocol, wanted, known, start, preferences, zone)
    near = takewhile(lambda aim: until is None or aim.day <= until, coming)
    planned = _doses(near, numbers_from, preferences, zone)
    before = sum(follows(protocol.integration, number) for number in range(1, numbers_from))
    from_number = before + 1 if integrations_from is None else integrations_from
    later = integrations(protocol.integration, map(_dosed, planned), preferences, zone, from_number)
    return tuple(sorted((*planned, *later), key=_in_order))


def phase_reached(
    protocol: Protocol,
    start: date,
    zone: str,
    given: Sequence[Given] = (),
    planned: Iterable[PlannedSession] = (),
    phase: str | None = None,
) -> tuple[str, date]:
    """The phase under way after those `given`, and since when: its first dose, or when that is planned, or `start`."""
    name = ahead(protocol, given, phase)[0].phase.name
    were = [local_date(each.at, zone) for each in given if each.kind is SessionKind.DOSING and each.phase == name]
    will = [each.target_on for each in planned if each.kind is SessionKind.DOSING and each.phase == name]
    return name, min(were or will, default=start)


def _named(protocol: Protocol, phase: str) -> Phase:
    return next(each for each in protocol.phases if each.name == phase)


def _opened(wanted: Iterable[Ahead], until: date | None) -> Iterator[Ahead]:
    """An open phase that goes on by itself has as many doses as there is room for."""
    for each in wanted:
        goes_on = each.phase.sessions is None and not each.phase.as_needed and until is not None
        yield Ahead(each.phase, MANY, each.begun) if goes_on else each


def _whole_or_until(coming: Iterable[Aim], until: date | None) -> Iterator[Aim]:
    """Phases that end are planned whole."""
    return takewhile(lambda aim: aim.phase.sessions is not None or until is None or aim.day <= until, coming)


def _last_number(given: Iterable[Given]) -> int:
    return max((each.number for each in given if each.kind is SessionKind.DOSING), default=0)


def _doses(coming: Iterable[Aim], numbers_from: int, wish: Preferences, zone: str) -> list[PlannedSession]:
    return [_dose(number, aim, wish, zone) for number, aim in enumerate(coming, numbers_from)]


def _dose(number: int, aim: Aim, wish: Preferences, zone: str) -> PlannedSession:
    latest = aim.day + timedelta(days=aim.phase.max_gap_days)
    at = wall(aim.day, wish.around, zone)
    return PlannedSession(SessionKind.DOSING, number, aim.phase.name, aim.day, aim.earliest, latest, None, at)


def _integrations(
    protocol: Protocol,
    given: Sequence[Given],
    planned: Sequence[PlannedSession],
    since: date,
    wish: Preferences,
    zone: str,
) -> Iterator[PlannedSession]:
    """Also after doses given before, where there has been none and there still is time."""
    rule, held = protocol.integration, [each for each in given if each.kind is SessionKind.INTEGRATION]
    followed = {each.of_number for each in held}
    were = [_given_dose(each, zone) for each in given if each.counts and each.number not in followed]
    recent = [each for each in were if last_integration_day(rule, each.target_on) >= since]
    return integrations(rule, [*recent, *map(_dosed, planned)], wish, zone, len(held) + 1)


def _dosed(each: PlannedSession) -> Dosed:
    return Dosed(each.number, each.phase, each.target_on, each.earliest_on, each.latest_on)


def _given_dose(each: Given, zone: str) -> Dosed:
    day = local_date(each.at, zone)
    return Dosed(each.number, each.phase, day, day, day)


def _in_order(each: PlannedSession) -> tuple[date, bool]:
    return each.target_on, each.kind is SessionKind.INTEGRATION
