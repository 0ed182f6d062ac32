"""One session moves: which others give way to it, which stay, and which follow their dose?"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from care.facts import ENDED_WITHOUT_HAPPENING, SessionFacts, SessionKind, Status
from care.windows import integration_window

Between = tuple[datetime, datetime]


def moves_alone(moving: SessionFacts) -> bool:
    """Only a dose has others placed anew behind it."""
    return moving.kind is not SessionKind.DOSING


def later_doses(moving: SessionFacts, known: Iterable[SessionFacts]) -> list[SessionFacts]:
    """The booked doses that come after this one in its course, in their order: they may be placed anew."""
    if moves_alone(moving):
        return []
    later = [one for one in known if _is_dose_of(moving.course_id, one) and one.number > moving.number]
    return sorted((one for one in later if one.status is Status.BOOKED), key=lambda one: one.number)


def following(dose_ids: AbstractSet[UUID], known: Iterable[SessionFacts]) -> list[SessionFacts]:
    """The booked integration sessions of these doses."""
    return [one for one in known if one.of_session_id in dose_ids and one.status is Status.BOOKED]


def giving_way(moving: SessionFacts, known: Sequence[SessionFacts]) -> set[UUID]:
    """What may have to move too: later doses, and the integration sessions of every dose that may move."""
    doses = {moving.id, *(one.id for one in later_doses(moving, known))}
    return (doses | {one.id for one in following(doses, known)}) - {moving.id}


def doses_that_stay(moving: SessionFacts, known: Sequence[SessionFacts]) -> list[SessionFacts]:
    """The other doses of the course that were or will be given, at the times that they have."""
    may_move = giving_way(moving, known) | {moving.id}
    doses = [one for one in known if _is_dose_of(moving.course_id, one) and one.id not in may_move]
    return [one for one in doses if one.status not in ENDED_WITHOUT_HAPPENING]


def window_after(dose: SessionFacts, starts_at: datetime, ends_at: datetime) -> Between:
    """Between which instants its integration session should start, if the dose were at this time."""
    return integration_window(replace(dose, starts_at=starts_at, ends_at=ends_at))


def outside(window: Between, bound: Iterable[SessionFacts]) -> list[SessionFacts]:
    """Those that cannot stay where they are; both ends of the window are inside it."""
    return [one for one in bound if one.starts_at is None or not window[0] <= one.starts_at <= window[1]]


def _is_dose_of(course_id: UUID, one: SessionFacts) -> bool:
    return one.kind is SessionKind.DOSING and one.course_id == course_id
