"""What was given before a course was entered here, and what of it does not add up?

Such sessions are facts: they count for spacing, course weeks, phases and numbers, and nothing is said of them. What can not
have been is refused; what breaks a rule of spacing is only pointed out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, repeat

from care.course.cadence import Ahead, Preferences
from care.course.spacing import spacing_refusals
from care.facts import SessionKind
from care.protocol import MissedPolicy, Phase, Protocol
from care.refusals import Code, Refusal
from care.times import local_date, wall

REPLACED = frozenset({MissedPolicy.APPEND, MissedPolicy.SLIDE})  # a missed dose is made up for in its phase


@dataclass(frozen=True, slots=True)
class GivenBefore:
    """A session as somebody tells of it: on a day, or at an instant. Of a dose with `on` alone the usual time is taken.

    `number` of a dose: where only the last ones are known. `until`: when the patient left. `missed`: it was due, and not
    given.
    """

    on: date | None = None
    at: datetime | None = None
    kind: SessionKind = SessionKind.DOSING
    number: int | None = None
    missed: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """The same with its place in the course. `of_number`: the dose that an integration session followed."""

    kind: SessionKind
    number: int
    phase: str
    at: datetime
    until: datetime
    missed: bool = False
    of_number: int | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a dose that spacing counts."""
        return self.kind is SessionKind.DOSING and not self.missed


def placed(
    protocol: Protocol, told: Sequence[GivenBefore], wish: Preferences, zone: str, now: datetime
) -> tuple[Given, ...]:
    """Each with its number and phase, in order of time. Judge them by `given_refusals` first."""
    timed = sorted(((_at(each, wish, zone), each) for each in told), key=lambda each: each[0])
    doses = list(_doses(protocol, [each for each in timed if each[1].kind is SessionKind.DOSING], now))
    others = _others(protocol, [each for each in timed if each[1].kind is not SessionKind.DOSING], doses, now)
    return tuple(sorted((*doses, *others), key=lambda each: each.at))


def given_refusals(
    protocol: Protocol, told: Sequence[GivenBefore], wish: Preferences, zone: str, now: datetime
) -> list[Refusal]:
    """Every reason why these can not have been: not over yet, told twice, numbers that run backward, more than there are."""
    timed = sorted(((_at(each, wish, zone), each) for each in told), key=lambda each: each[0])
    late = [Refusal(Code.OUT_OF_TIME, {"at": at, "not_after": now}) for at, each in timed if (each.until or at) > now]
    doses = [each for each in timed if each[1].kind is SessionKind.DOSING]
    return [*late, *_twice(timed, zone), *_backward(doses), *_too_many(protocol, doses), *_alone(timed)]


def given_warnings(protocol: Protocol, given: Iterable[Given], zone: str) -> list[Refusal]:
    """Every rule of spacing that was broken before the course came here."""
    doses = [each.at for each in given if each.counts]
    return [
        refusal
        for place, at in enumerate(doses)
        for refusal in spacing_refusals(protocol, at, doses[:place], doses[0], zone)
    ]


def ahead(protocol: Protocol, given: Iterable[Given], phase: str | None = None) -> list[Ahead]:
    """What every phase still has to come, from the one that the patient is in; `phase`: the one they are in at least."""
    doses = [each for each in given if each.kind is SessionKind.DOSING]
    names = [each.name for each in protocol.phases]
    reached = max((names.index(name) for name in (phase, *(dose.phase for dose in doses)) if name), default=0)
    whole = [_ahead(each, doses) for each in protocol.phases[reached:]]
    over = len(whole) > 1 and whole[0].begun and whole[0].count == 0 and whole[0].phase.sessions is not None
    return whole[1:] if over else whole


def _ahead(phase: Phase, doses: Iterable[Given]) -> Ahead:
    used = [dose for dose in doses if dose.phase == phase.name]
    counted = sum(not (dose.missed and phase.missed in REPLACED) for dose in used)
    return Ahead(phase, max(0, (phase.sessions or 0) - counted), begun=bool(used))


def _at(each: GivenBefore, wish: Preferences, zone: str) -> datetime:
    if each.at is not None:
        return each.at
    if each.on is None:
        raise ValueError("a session given before has a day or an instant")
    return wall(each.on, wish.around, zone)


Timed = tuple[datetime, GivenBefore]


def _doses(protocol: Protocol, timed: Iterable[Timed], now: datetime) -> Iterator[Given]:
    """Numbers go on by one unless they are told; the phase follows from the number."""
    number, made_up = 0, 0
    for at, each in timed:
        number = each.number or number + 1
        phase = _phase_at(protocol, number - made_up)
        made_up += each.missed and phase.missed in REPLACED
        yield Given(SessionKind.DOSING, number, phase.name, at, _until(protocol, each, at, now), each.missed)


def _phase_at(protocol: Protocol, place: int) -> Phase:
    """The phase of the so-manieth dose; beyond the last it is the last."""
    phases = chain.from_iterable(repeat(each, each.sessions or place) for each in protocol.phases)
    return next((phase for count, phase in enumerate(phases, 1) if count == place), protocol.phases[-1])


def _others(protocol: Protocol, timed: Iterable[Timed], doses: Sequence[Given], now: datetime) -> Iterator[Given]:
    numbers: dict[SessionKind, int] = {}
    for at, each in timed:
        numbers[each.kind] = numbers.get(each.kind, 0) + 1
        last = max(
            (dose for dose in doses if dose.at <= at and not dose.missed), key=lambda dose: dose.at, default=None
        )
        of_number = last.number if last and each.kind is SessionKind.INTEGRATION else None
        phase = last.phase if last else protocol.phases[0].name
        until = _until(protocol, each, at, now)
        yield Given(each.kind, numbers[each.kind], phase, at, until, each.missed, of_number)


def _until(protocol: Protocol, each: GivenBefore, at: datetime, now: datetime) -> datetime:
    """When the patient left: as told, else as the protocol plans it, and not later than now."""
    planned = at + timedelta(minutes=protocol.visits[each.kind.value].minutes)
    return each.until or max(at, min(planned, now))


def _twice(timed: Sequence[Timed], zone: str) -> Iterator[Refusal]:
    """Two of one kind on one day are one told twice."""
    seen: set[tuple[SessionKind, date]] = set()
    for at, each in timed:
        day = each.kind, local_date(at, zone)
        if day in seen:
            yield Refusal(Code.GIVEN_TWICE, {"at": at})
        seen.add(day)


def _backward(doses: Iterable[Timed]) -> Iterator[Refusal]:
    number = 0
    for at, each in doses:
        if each.number is not None and each.number <= number:
            yield Refusal(Code.OUT_OF_ORDER, {"number": number, "other": at})
        number = max(number + 1, each.number or 0)


def _too_many(protocol: Protocol, doses: Sequence[Timed]) -> Iterator[Refusal]:
    """More than a course that ends can have."""
    most = sum(phase.sessions or 0 for phase in protocol.phases)
    is_open = any(phase.sessions is None for phase in protocol.phases)
    highest = max([len(doses), *(each.number or 0 for _, each in doses)])
    if highest > most and not is_open:
        yield Refusal(Code.MORE_THAN_THE_COURSE, {"given": highest, "most": most})


def _alone(timed: Sequence[Timed]) -> Iterator[Refusal]:
    """An integration session follows a dose."""
    first = min((at for at, each in timed if each.kind is SessionKind.DOSING and not each.missed), default=None)
    early = [at for at, each in timed if each.kind is SessionKind.INTEGRATION and (first is None or at < first)]
    yield from (Refusal(Code.OUT_OF_ORDER, {"at": at}) for at in early)
