"""Which sessions does a course lack ahead, and on which days should those be that wait for a new one?

An open phase is planned as far as its horizon reaches; nothing is planned twice, because each run goes on from the last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from uuid import UUID

from care.course.cadence import DAY, Ahead, Aim, Preferences, aims
from care.course.plan import PlannedSession, next_sessions
from care.course.progress.phases import Cadence, Dose, kept, phase_named
from care.facts import ENDED_WITHOUT_HAPPENING, Status
from care.protocol import Protocol
from care.times import local_date

MOST = 400  # doses at once: more than any horizon holds


@dataclass(frozen=True, slots=True)
class Numbers:
    """The next free number of a dose, and of an integration session."""

    dose: int
    integration: int


@dataclass(frozen=True, slots=True)
class Days:
    """When a dose should be: its target, and the earliest and latest day of its span."""

    target_on: date
    earliest_on: date
    latest_on: date


def lacking(
    protocol: Protocol,
    phase: str,
    doses: Sequence[Dose],
    today: date,
    until: date,
    wish: Preferences,
    zone: str,
    numbers: Numbers,
) -> tuple[PlannedSession, ...]:
    """What an open phase needs to be full from today up to `until`. Nothing in other phases, nor where patients ask."""
    if not _grows(protocol, phase) or not doses:
        return ()
    return more(protocol, phase, MOST, doses, today, wish, zone, numbers, until=until)


def more(
    protocol: Protocol,
    phase: str,
    count: int,
    doses: Sequence[Dose],
    not_before: date,
    wish: Preferences,
    zone: str,
    numbers: Numbers,
    *,
    until: date | None = None,
) -> tuple[PlannedSession, ...]:
    """The next `count` doses of a phase after all that are known, with their integration sessions."""
    known = counted(doses)
    return next_sessions(
        protocol,
        phase,
        local_date(known[-1], zone) if known else not_before - DAY,
        count,
        wish,
        zone,
        numbers.dose,
        doses=known,
        not_before=not_before,
        integrations_from=numbers.integration,
        begun=_begun(phase, doses),
        until=until,
    )


def next_target(
    protocol: Protocol, phase: str, doses: Sequence[Dose], today: date, wish: Preferences, zone: str
) -> date | None:
    """The day of the first dose that an open phase does not have yet; None where none follows by itself."""
    if not _grows(protocol, phase) or not doses:
        return None
    wanted = [Ahead(phase_named(protocol, phase), 1, _begun(phase, doses))]
    return next(aims(protocol, wanted, counted(doses), today, wish, zone)).day


def counted(doses: Sequence[Dose]) -> list[datetime]:
    """When the doses are beside which another is put. The last one counts also when it was called off: its turn is over."""
    known = [dose.at for dose in kept(doses)]
    last = max((dose.at for dose in doses if dose.status in ENDED_WITHOUT_HAPPENING), default=None)
    return sorted({*known, last}) if last and last > max(known, default=last - DAY) else known


def anew(
    protocol: Protocol, phase: str, doses: Sequence[Dose], now: datetime, start: date, wish: Preferences, zone: str
) -> dict[UUID, Days]:
    """New days for every dose that has not begun, none before `start`, in the order of phases and numbers.

    `phase` is the one under way. What was given, is under way or should have been by `now` stays where it is.
    """
    waiting = [dose for dose in doses if is_movable(dose, now)]
    fixed = [dose.at for dose in kept(doses) if dose not in waiting]
    order = [each.name for each in protocol.phases]
    in_order = sorted(waiting, key=lambda dose: (order.index(dose.phase), dose.number))
    begun = {dose.phase for dose in doses if dose not in waiting} | {phase}
    groups = [(name, len(list(group))) for name, group in groupby(in_order, key=lambda dose: dose.phase)]
    ahead = [Ahead(phase_named(protocol, name), count, name in begun) for name, count in groups]
    found = aims(protocol, ahead, fixed, start, wish, zone)
    return {dose.id: _days(aim) for dose, aim in zip(in_order, islice(found, len(in_order)), strict=True)}


def is_movable(dose: Dose, now: datetime) -> bool:
    """Planned, or booked for later."""
    return dose.status is Status.PLANNED or (dose.status is Status.BOOKED and dose.at > now)


def off_cadence(doses: Sequence[Dose], days: dict[UUID, Days], every: Cadence, zone: str) -> Iterator[Dose]:
    """Booked doses that lie half a step or more from where the plan now wants them: a coordinator moves them."""
    for dose in doses:
        if dose.status is Status.BOOKED and dose.id in days:
            apart = abs(local_date(dose.at, zone) - days[dose.id].target_on).days
            if 2 * apart >= every.days:
                yield dose


def _grows(protocol: Protocol, phase: str) -> bool:
    rules = phase_named(protocol, phase)
    return rules.sessions is None and not rules.as_needed


def _begun(phase: str, doses: Sequence[Dose]) -> bool:
    return any(dose.phase == phase for dose in doses)


def _days(aim: Aim) -> Days:
    return Days(aim.day, aim.earliest, aim.day + timedelta(days=aim.phase.max_gap_days))
