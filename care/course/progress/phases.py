"""Which phase of a course is under way, is it over, and how often do its doses come?

A phase never begins twice: what a clinician sets back is the cadence, not the phase.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from care.course.cadence import WEEK
from care.facts import ENDED_WITHOUT_HAPPENING, Status
from care.protocol import Phase, Protocol
from care.refusals import Code, Refusal

TO_COME = frozenset({Status.PLANNED, Status.BOOKED, Status.ARRIVED, Status.DOSED})


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose of a course. `at`: when it was or will be, or its target at the preferred time while it has no time.

    `over_at`: when a given one ended, or when another was called off.
    """

    id: UUID
    number: int
    phase: str
    status: Status
    at: datetime
    over_at: datetime | None = None
    given_before: bool = False

    @property
    def is_given(self) -> bool:
        return self.status is Status.DISCHARGED

    @property
    def is_to_come(self) -> bool:
        return self.status in TO_COME


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a phase is, in doses. `over_at`: when the last of them was over; None while one is to come or none ever was."""

    phase: Phase
    given: int
    over: int  # given, or ended without
    to_come: int
    over_at: datetime | None


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often doses come: every so many days, or so many in a course week. One of the two."""

    every_days: int | None = None
    per_week: int | None = None

    @property
    def days(self) -> float:
        """From one dose to the next, on average."""
        return float(self.every_days or WEEK / (self.per_week or 1))


def progress(protocol: Protocol, phase: str, doses: Sequence[Dose]) -> Progress:
    """Where one phase of the course stands. An open phase is never over."""
    rules = phase_named(protocol, phase)
    mine = [dose for dose in doses if dose.phase == phase]
    over = [dose for dose in mine if not dose.is_to_come]
    to_come = len(mine) - len(over)
    ended = [dose.over_at for dose in over if dose.over_at]
    is_over = rules.sessions is not None and not to_come and bool(ended)
    given = sum(dose.is_given for dose in over)
    return Progress(rules, given, len(over), to_come, max(ended) if is_over else None)


def phase_named(protocol: Protocol, name: str) -> Phase:
    """The phase of this name. Raises StopIteration for a name that the protocol does not have."""
    return next(phase for phase in protocol.phases if phase.name == name)


def phase_after(protocol: Protocol, name: str) -> Phase | None:
    """The phase that follows; None after the last."""
    names = [phase.name for phase in protocol.phases]
    return next(iter(protocol.phases[names.index(name) + 1 :]), None)


# How often


def cadence(phase: Phase) -> Cadence:
    """As it is when nobody chose: by the week where the phase counts so, else the first of its intervals."""
    return Cadence(per_week=phase.per_week) if phase.per_week else Cadence(every_days=phase.every_days[0])


def choices(phase: Phase) -> tuple[Cadence, ...]:
    """What a clinician may choose in this phase, the most frequent first."""
    found = {Cadence(per_week=count) for count in phase.per_week_choices} | {
        Cadence(every_days=days) for days in phase.every_days
    }
    return tuple(sorted(found, key=lambda one: one.days))


def steps_back(protocol: Protocol, phase: str, now: Cadence) -> tuple[Cadence, ...]:
    """The more frequent cadences that may be gone back to, the nearest first: of this phase, else of the one before.

    None where the course is at its most frequent. Source: label rule [S12], "the previous frequency".
    """
    names = [each.name for each in protocol.phases]
    for each in reversed(protocol.phases[: names.index(phase) + 1]):
        denser = [one for one in choices(each) if one.days < now.days]
        if denser:
            return tuple(reversed(denser))
    return ()


def chosen(protocol: Protocol, phase: str, *, every_days: int | None, per_week: int | None) -> Protocol:
    """The protocol with what a clinician chose for one phase: the choice comes first, the others stay to be chosen."""
    if every_days is None and per_week is None:
        return protocol
    return replace(protocol, phases=tuple(_chosen(each, phase, every_days, per_week) for each in protocol.phases))


def _chosen(each: Phase, phase: str, every_days: int | None, per_week: int | None) -> Phase:
    if each.name != phase:
        return each
    if per_week is not None:
        return replace(each, per_week=per_week)
    others = tuple(days for days in each.every_days if days != every_days)
    return replace(each, per_week=0, every_days=(every_days or 0, *others))


def cadence_refusals(wanted: Cadence, allowed: Iterable[Cadence]) -> list[Refusal]:
    """Why a clinician cannot choose this: it is none of the protocol's choices."""
    allowed = tuple(allowed)
    if wanted in allowed:
        return []
    days = [one.every_days for one in allowed if one.every_days]
    weekly = [one.per_week for one in allowed if one.per_week]
    return [Refusal(Code.NOT_A_CHOICE, {"every_days": days, "per_week": weekly})]


# Which doses count


def kept(doses: Iterable[Dose]) -> list[Dose]:
    """Those that were given or are to come, in order of time."""
    return sorted((dose for dose in doses if dose.status not in ENDED_WITHOUT_HAPPENING), key=lambda dose: dose.at)


def given(doses: Iterable[Dose]) -> list[Dose]:
    """Those that were given, in order of time."""
    return sorted((dose for dose in doses if dose.is_given), key=lambda dose: (dose.at, dose.number))
