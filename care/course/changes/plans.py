"""What would follow from a change? Every session that it touches, as values."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from care.course.slots import Slot
from care.facts import Role, SessionKind, Status
from care.protocol import MissedPolicy
from care.refusals import Refusal
from care.tasks import TaskCode


@dataclass(frozen=True, slots=True)
class Days:
    """The day a session is meant for, and its span."""

    target_on: date
    earliest_on: date
    latest_on: date

    def later(self, days: int) -> "Days":
        by = timedelta(days=days)
        return Days(self.target_on + by, self.earliest_on + by, self.latest_on + by)

    def aimed(self, target_on: date) -> "Days":
        """Another target; the span widens where it would lie outside."""
        return Days(target_on, min(self.earliest_on, target_on), max(self.latest_on, target_on))


@dataclass(frozen=True, slots=True)
class Move:
    """One session that changes its time; `to` None: it has nowhere to go and waits for a person."""

    session_id: UUID
    kind: str
    number: int
    was: datetime
    to: datetime | None
    slot: Slot | None


@dataclass(frozen=True, slots=True)
class Reseat:
    """One session that gets other resources at the time that it has."""

    session_id: UUID
    kind: str
    number: int
    at: datetime
    slot: Slot


@dataclass(frozen=True, slots=True)
class End:
    """One session that will not happen; `was`: its time, if it had one."""

    session_id: UUID
    kind: str
    number: int
    becomes: Status
    was: datetime | None


@dataclass(frozen=True, slots=True)
class Add:
    """One session more. `of_number`: the new dose that a new integration session belongs to."""

    kind: SessionKind
    number: int
    phase: str
    days: Days
    of_session_id: UUID | None = None
    of_number: int | None = None
    replaces_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Slide:
    """One session whose target and span change."""

    session_id: UUID
    kind: str
    number: int
    was: Days
    to: Days


@dataclass(frozen=True, slots=True)
class Stay:
    """One session that was meant and stays as it is, and why."""

    session_id: UUID
    kind: str
    number: int
    why: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person will be asked to look at."""

    role: Role
    code: TaskCode
    session_id: UUID


@dataclass(frozen=True, slots=True)
class Follows:
    """What comes after a session that did not happen: what is planned, what the protocol proposes, what else there is."""

    policy: MissedPolicy
    usual: MissedPolicy
    choices: tuple[MissedPolicy, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it. `optimal`: less disturbance was ruled out; `alternative` disturbs fewer, for a reason."""

    moves: tuple[Move, ...] = ()
    reseats: tuple[Reseat, ...] = ()
    ends: tuple[End, ...] = ()
    adds: tuple[Add, ...] = ()
    slides: tuple[Slide, ...] = ()
    stays: tuple[Stay, ...] = ()
    asks: tuple[Asked, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    follows: Follows | None = None
    optimal: bool = True
    alternative: "Plan | None" = None

    @property
    def unplaced(self) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.to is None)

    @property
    def retimed(self) -> tuple[Move | End, ...]:
        """Those that lose the time they have, for another or for none."""
        return *self.moves, *self.ends

    def refused(self, *refusals: Refusal) -> "Plan":
        return replace(self, refusals=(*self.refusals, *refusals))
