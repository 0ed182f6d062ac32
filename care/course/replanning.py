"""What becomes of the sessions to come when their course follows other rules?

Sessions keep their ids, numbers and booked times; they get the phase and the days that the new rules want. Nothing here
looks at what is over: that stays under the rules it was held under.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from care.course.beside import Dosed, PlannedSession, integrations
from care.course.cadence import Ahead, Aim, Preferences, aims
from care.course.progress.horizon import Numbers, is_movable
from care.course.progress.phases import Dose, kept
from care.facts import SessionKind, Status
from care.protocol import Phase, Protocol
from care.times import wall


@dataclass(frozen=True, slots=True)
class Rules:
    """The change: what was followed, what will be, and the phase of `after` that is under way."""

    before: Protocol
    after: Protocol
    phase: str


@dataclass(frozen=True, slots=True)
class Replan:
    """`kept` by session id: its phase and days. `added` are new; for `dropped` the new rules have no place."""

    kept: Mapping[UUID, PlannedSession]
    added: tuple[PlannedSession, ...]
    dropped: tuple[UUID, ...]


def needs_replan(rules: Rules) -> bool:
    """Whether anything differs that days are planned by."""
    return _planned_by(rules.before) != _planned_by(rules.after)


def _planned_by(protocol: Protocol) -> tuple[object, ...]:
    phases = [
        (each.name, each.sessions, each.per_week, each.every_days[:1], each.max_gap_days) for each in protocol.phases
    ]
    return protocol.name, phases, protocol.spacing, protocol.integration


def replanned(
    rules: Rules,
    doses: Sequence[Dose],
    followed_by: Mapping[UUID, UUID],
    now: datetime,
    start: date,
    wish: Preferences,
    zone: str,
    numbers: Numbers,
) -> Replan:
    """The course's doses to come under the new rules, none before `start`.

    `followed_by`: dose -> its integration session, of those that are still to come. Of a phase that both have, as many
    more or fewer are ahead as it has more or fewer sessions; of another protocol, what its phases lack.
    """
    waiting = sorted((dose for dose in doses if is_movable(dose, now)), key=lambda dose: dose.number)
    over = [dose for dose in doses if dose not in waiting]
    placed = list(_aimed(rules, waiting, over, start, wish, zone))
    known = [_planned(dose.number, aim, wish, zone) for dose, aim in zip(waiting, placed, strict=False)]
    fresh = [_planned(number, aim, wish, zone) for number, aim in enumerate(placed[len(waiting) :], numbers.dose)]
    ids = {dose.number: dose.id for dose in waiting[: len(placed)]}
    dropped = [dose.id for dose in waiting[len(placed) :]]
    there = {number: followed_by[id_] for number, id_ in ids.items() if id_ in followed_by}
    bound = _bound(rules.after, [*known, *fresh], wish, zone)
    lacking = [each for number, each in bound.items() if number not in there]
    return Replan(
        kept={ids[each.number]: each for each in known} | {there[n]: each for n, each in bound.items() if n in there},
        added=(*fresh, *(replace(each, number=n) for n, each in enumerate(lacking, numbers.integration))),
        dropped=(
            *dropped,
            *(followed_by[id_] for id_ in dropped if id_ in followed_by),
            *(id_ for number, id_ in there.items() if number not in bound),
        ),
    )


def _aimed(
    rules: Rules, waiting: Sequence[Dose], over: Sequence[Dose], start: date, wish: Preferences, zone: str
) -> Iterator[Aim]:
    counts = _counts(rules, waiting, over)
    begun = {dose.phase for dose in over} | {rules.phase}
    ahead = [Ahead(each, counts[each.name], each.name in begun) for each in rules.after.phases if counts[each.name]]
    found = aims(rules.after, ahead, [dose.at for dose in kept(over)], start, wish, zone)
    return islice(found, sum(counts.values()))


def _counts(rules: Rules, waiting: Sequence[Dose], over: Sequence[Dose]) -> dict[str, int]:
    """How many of each phase are still to come. An open last phase takes in what is booked beyond the others."""
    counts = {each.name: _count(rules, each, waiting, over) for each in rules.after.phases}
    last = rules.after.phases[-1]
    if last.sessions is None:
        beyond = waiting[sum(counts.values()) :]
        booked = [place for place, dose in enumerate(beyond, 1) if dose.status is Status.BOOKED]
        counts[last.name] += max(booked, default=0)
    return counts


def _count(rules: Rules, phase: Phase, waiting: Iterable[Dose], over: Iterable[Dose]) -> int:
    here = sum(dose.phase == phase.name for dose in waiting)
    was = _same(rules, phase)
    if was is not None and None not in (was.sessions, phase.sessions):
        return max(0, here + (phase.sessions or 0) - (was.sessions or 0))
    if was is not None or phase.sessions is None:
        return here if was is not None else 0
    lacks = phase.sessions - sum(dose.phase == phase.name for dose in over)
    return max(0, lacks) if _lies_ahead(rules, phase) else 0


def _same(rules: Rules, phase: Phase) -> Phase | None:
    """The phase as it was, where this is a version of the same protocol."""
    if rules.before.name != rules.after.name:
        return None
    return next((each for each in rules.before.phases if each.name == phase.name), None)


def _lies_ahead(rules: Rules, phase: Phase) -> bool:
    names = [each.name for each in rules.after.phases]
    return names.index(phase.name) >= names.index(rules.phase)


def _bound(
    protocol: Protocol, doses: Iterable[PlannedSession], wish: Preferences, zone: str
) -> dict[int, PlannedSession]:
    """The integration sessions that belong to these doses, by the dose's number."""
    followed = [Dosed(each.number, each.phase, each.target_on, each.earliest_on, each.latest_on) for each in doses]
    found = integrations(protocol.integration, followed, wish, zone)
    return {each.of_number: each for each in found if each.of_number is not None}


def _planned(number: int, aim: Aim, wish: Preferences, zone: str) -> PlannedSession:
    latest, at = aim.day + timedelta(days=aim.phase.max_gap_days), wall(aim.day, wish.around, zone)
    return PlannedSession(SessionKind.DOSING, number, aim.phase.name, aim.day, aim.earliest, latest, None, at)
