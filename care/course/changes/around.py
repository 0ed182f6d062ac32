"""What is known of a course when a change to it is planned, and which of its sessions does the change mean?"""

from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID

from care.course.booking import OPEN, Terms, place_of
from care.course.changes.plans import Days, Move
from care.course.changes.wishes import Change, Scope
from care.course.moving import Between
from care.course.slots import Slot
from care.facts import ENDED_WITHOUT_HAPPENING, SessionFacts, SessionKind, Status
from care.protocol import Protocol as Rules
from care.times import local_date, wall


@dataclass(frozen=True, slots=True)
class Standing:
    """One session as the change finds it: its facts, its days, its seats, and whether its people said yes to it."""

    facts: SessionFacts
    days: Days
    slot: Slot | None = None
    confirmed: bool = False
    replaces_id: UUID | None = None

    @property
    def id(self) -> UUID:
        return self.facts.id


class Rooms(Protocol):
    """The resources over a stretch of days, in which the places of what the change lifts are free."""

    def free(self, kind: SessionKind, first: date, last: date) -> Sequence[Slot]:
        """Free times on these local days, in order, none of them past."""

    def with_resources(self, kind: SessionKind, starts_at: datetime, resource_ids: Collection[UUID]) -> Slot | None:
        """A free place at this very time with these resources."""

    def take(self, slot: Slot) -> None: ...
    def give_back(self, slot: Slot) -> None: ...


@dataclass(frozen=True)
class Around:
    """What a change is planned in. `sessions` are all of the patient's; `clock` is the time of day the course stays near.

    `terms.seven_day_reason` says that a reason is given. `rooms(lifted, first, last)` opens the resources of these local
    days, with the places of the lifted sessions free.
    """

    course_id: UUID
    phase: str
    clock: time
    rules: Rules
    terms: Terms
    by_kind: str
    sessions: tuple[Standing, ...]
    rooms: Callable[[AbstractSet[UUID], date, date], Rooms]
    by_id: dict[UUID, Standing] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {one.id: one for one in self.sessions})

    @property
    def zone(self) -> str:
        return self.terms.zone

    @property
    def now(self) -> datetime:
        return self.terms.now

    def doses(self) -> list[Standing]:
        mine = (one for one in self.sessions if is_dose_of(self.course_id, one.facts))
        return sorted(mine, key=lambda one: place_of(one.facts))

    def bound_to(self, dose_ids: Collection[UUID], *statuses: Status) -> list[Standing]:
        """The integration sessions of these doses, in these statuses."""
        bound = (one for one in self.sessions if one.facts.of_session_id in dose_ids)
        return [one for one in bound if one.facts.status in statuses]

    def in_order(self, sessions: Iterable[Standing]) -> list[Standing]:
        return sorted(sessions, key=lambda one: (self.day_of(one), one.facts.kind, one.facts.number))

    def day_of(self, one: Standing) -> date:
        """The local day it has, or is meant for."""
        at = one.facts.starts_at
        return one.days.target_on if at is None or one.facts.status is Status.PLANNED else local_date(at, self.zone)

    def is_ahead(self, one: Standing) -> bool:
        """Still to come: planned, or booked at a time that has not passed."""
        at = one.facts.starts_at
        return one.facts.status in OPEN and (at is None or at > self.now)


def is_dose_of(course_id: UUID, session: SessionFacts) -> bool:
    return session.kind is SessionKind.DOSING and session.course_id == course_id


def meant(change: Change, around: Around) -> list[Standing]:
    """The sessions of the scope that are still to come; with `this` the session itself, whatever its state.

    Integration sessions are meant by name alone: they follow their dose. After a session that is no dose follow those of
    its own kind.
    """
    if change.scope is Scope.FROM:
        return around.in_order(one for one in _ahead(around) if around.day_of(one) >= _from(change))
    me = around.by_id[_named(change)]
    if change.scope is Scope.THIS:
        return [me]
    later = [one for one in _ahead(around, me.facts.kind) if one.id != me.id and _is_later(one, me, around)]
    return [me, *around.in_order(later)]


def _ahead(around: Around, after: SessionKind = SessionKind.DOSING) -> list[Standing]:
    mine = [one for one in around.sessions if one.facts.course_id == around.course_id and around.is_ahead(one)]
    if after is SessionKind.DOSING:
        return [one for one in mine if one.facts.kind is not SessionKind.INTEGRATION]
    return [one for one in mine if one.facts.kind is after]


def _is_later(one: Standing, me: Standing, around: Around) -> bool:
    if is_dose_of(around.course_id, one.facts) and is_dose_of(around.course_id, me.facts):
        return place_of(one.facts) > place_of(me.facts)
    return (around.day_of(one), one.facts.number) > (around.day_of(me), me.facts.number)


def _from(change: Change) -> date:
    if change.from_on is None:
        raise ValueError("a change from a date needs the date")
    return change.from_on


def _named(change: Change) -> UUID:
    if change.session_id is None:
        raise ValueError("this change needs a session")
    return change.session_id


def lasts(one: Standing, slot: Slot) -> Between:
    """From arrival to the end, if the session were at this slot."""
    visit = one.facts.protocol.visits[one.facts.kind]
    return slot.starts_at - timedelta(minutes=visit.arrive_minutes), slot.ends_at


def occupied(sessions: Iterable[Standing]) -> list[Between]:
    """When the patient is somewhere already."""
    timed = (one.facts for one in sessions if one.facts.status not in ENDED_WITHOUT_HAPPENING)
    return [(one.arrive_at or one.starts_at, one.end) for one in timed if one.starts_at and one.end]


def overlaps(stretch: Between, taken: Iterable[Between]) -> bool:
    return any(begins < stretch[1] and stretch[0] < until for begins, until in taken)


def move_of(one: Standing, slot: Slot | None) -> Move:
    if one.facts.starts_at is None:
        raise ValueError("what has no time does not move")
    to = slot.starts_at if slot else None
    return Move(one.id, one.facts.kind, one.facts.number, one.facts.starts_at, to, slot)


def instants(first: date, last: date, zone: str) -> Between:
    """From the first moment of a local day to the first after another."""
    return wall(first, time(), zone), wall(last + timedelta(days=1), time(), zone)


def with_its_own(one: Standing, free: Sequence[Slot], first: date, last: date, around: Around) -> list[Slot]:
    """What is free on these days, and at the time that it has the seats that it has."""
    own = one.slot
    if own is None or own.starts_at <= around.now or not first <= local_date(own.starts_at, around.zone) <= last:
        return list(free)
    return [own, *(slot for slot in free if slot.starts_at != own.starts_at)]
