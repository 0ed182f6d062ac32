"""When is a clinician asked to look at a course before its next dose, and what may they decide?

After so many doses, when a phase is over, at every second miss in a phase, and after a lapse.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from care.course.progress.phases import Dose, Progress, given, phase_named, progress
from care.facts import Status
from care.protocol import Advance, Protocol
from care.times import local_date, wall

MISSES = 2  # in one phase: every so many open a review


class ReviewKind(StrEnum):
    """What a clinician is asked to look at before the next dose."""

    DOSES = "doses"  # so many doses were given
    PHASE = "phase"  # a phase is over
    MISSES = "misses"  # two missed in one phase
    LAPSE = "lapse"  # too long since the last dose


class Decision(StrEnum):
    CONTINUE = "continue"  # as planned
    ADVANCE = "advance"  # on to the next phase, also before this one is over
    STEP_BACK = "step_back"  # back to the previous cadence
    EXTEND = "extend"  # more of the same phase
    STOP = "stop"  # the course ends


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """One look, due from `at`. `after` makes it once only within its kind and phase.

    Of doses and lapses: how many were given; of a phase: how many of its doses were over; of misses: how many there were.
    """

    kind: ReviewKind
    phase: str
    after: int
    at: datetime


def reviews_due(
    protocol: Protocol, phase: str, doses: Sequence[Dose], zone: str, until: datetime
) -> tuple[ReviewDue, ...]:
    """Every review that has fallen due up to `until`, the earliest first. `phase` is the one under way.

    Where the last dose of a phase calls for both, its count and the phase's end are one review.
    """
    counted = list(_after_doses(protocol, doses))
    due = [
        *counted,
        *_phases_over(protocol, doses, counted),
        *_missed(protocol, doses),
        *_lapsed(protocol, phase, doses, zone),
    ]
    return tuple(sorted((each for each in due if each.at <= until), key=lambda each: (each.at, each.kind, each.after)))


def lapse_at(protocol: Protocol, phase: str, doses: Sequence[Dose], zone: str) -> datetime | None:
    """The local midnight from which the last dose is longer ago than the protocol's lapse; None where no dose is to come.

    An interval that a clinician chose beyond the lapse moves it: half an interval late is then a lapse.
    """
    were = given(doses)
    if not were or not any(dose.is_to_come for dose in doses):
        return None
    every = max(phase_named(protocol, phase).every_days[:1], default=0)
    days = protocol.lapse_days if every <= protocol.lapse_days else every + every // 2
    return wall(local_date(were[-1].at, zone) + timedelta(days=days + 1), time(), zone)


def ends_phase(due: ReviewDue, protocol: Protocol, doses: Sequence[Dose]) -> bool:
    """Whether a review is the one for which its phase waits: of its end, or of the count that its last dose reached."""
    if due.kind not in (ReviewKind.PHASE, ReviewKind.DOSES):
        return False
    reached = progress(protocol, due.phase, doses)
    return reached.over_at is not None and (due.kind is ReviewKind.PHASE or due.at == reached.over_at)


def advice(kind: ReviewKind, phase: str, protocol: Protocol, language: str) -> tuple[str, str] | None:
    """What the protocol says to the clinician, and where that comes from; None where it says nothing."""
    path, texts = {
        ReviewKind.LAPSE: ("lapse_advice", protocol.lapse_advice),
        ReviewKind.MISSES: (f"phases.{phase}.missed_advice", phase_named(protocol, phase).missed_advice),
    }.get(kind, ("", {}))
    words = texts.get(language) or texts.get("en")
    return (words, protocol.sources.get(path, "clinic default")) if words else None


def source(kind: ReviewKind, phase: str, protocol: Protocol) -> str:
    """Where the protocol has it from that a review is due."""
    path = {
        ReviewKind.DOSES: "review_after_doses" if protocol.review_after_doses else "review_every_doses",
        ReviewKind.PHASE: f"phases.{phase}.advance",
        ReviewKind.LAPSE: "lapse_days",
    }.get(kind, f"phases.{phase}.missed")
    return protocol.sources.get(path, "clinic default")


def _after_doses(protocol: Protocol, doses: Sequence[Dose]) -> Iterator[ReviewDue]:
    """Of those given before the course came here only the last one counts: what was due earlier was looked at there.

    Where only the last ones are known, their numbers tell how many there were before.
    """
    were, unknown = given(doses), min((dose.number for dose in doses), default=1) - 1
    before = unknown + sum(dose.given_before for dose in were)
    for count, dose in enumerate(were, unknown + 1):
        if count >= before and _is_counted(protocol, count) and dose.over_at:
            yield ReviewDue(ReviewKind.DOSES, dose.phase, count, dose.over_at)


def _is_counted(protocol: Protocol, count: int) -> bool:
    every = protocol.review_every_doses
    return count in protocol.review_after_doses or (every > 0 and count % every == 0)


def _phases_over(protocol: Protocol, doses: Sequence[Dose], counted: Sequence[ReviewDue]) -> Iterator[ReviewDue]:
    for phase in protocol.phases:
        reached = progress(protocol, phase.name, doses)
        if phase.advance is Advance.REVIEW and reached.over_at and not _is_covered(reached, counted, doses):
            yield ReviewDue(ReviewKind.PHASE, phase.name, reached.over, reached.over_at)


def _is_covered(reached: Progress, counted: Sequence[ReviewDue], doses: Sequence[Dose]) -> bool:
    """By the count that its last dose reached, or because the course came here later than that phase."""
    mine = [dose for dose in doses if dose.phase == reached.phase.name]
    elsewhere = all(dose.given_before for dose in mine)
    gone_on = any(dose.given_before and dose.at > max(each.at for each in mine) for dose in doses)
    return any(each.at == reached.over_at for each in counted) or (elsewhere and gone_on)


def _missed(protocol: Protocol, doses: Sequence[Dose]) -> Iterator[ReviewDue]:
    for phase in protocol.phases:
        missed = [
            dose.over_at
            for dose in doses
            if dose.phase == phase.name and dose.status is Status.MISSED and dose.over_at and not dose.given_before
        ]
        for place, at in enumerate(sorted(missed), 1):
            if place % MISSES == 0:
                yield ReviewDue(ReviewKind.MISSES, phase.name, place, at)


def _lapsed(protocol: Protocol, phase: str, doses: Sequence[Dose], zone: str) -> Iterator[ReviewDue]:
    at = lapse_at(protocol, phase, doses, zone)
    if at is not None:
        yield ReviewDue(ReviewKind.LAPSE, phase, len(given(doses)), at)
