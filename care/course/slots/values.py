"""What is a slot made of, what can one wish of it, and why may a start have none?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from care.course.slots.pieces import Piece


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """A resource and its time. `lanes` are its places at once, numbered from 1.

    `open` is joined and in order; what is `closed` or `busy` (by its own calendar) concerns all lanes; `booked` has the
    stretches of each lane, held ones too.
    """

    id: UUID
    kind: str  # chair | clinician | monitor | therapist | guide
    lanes: int
    open: Sequence[Piece]
    booked: Mapping[int, Sequence[Piece]] = field(default_factory=dict)
    closed: Sequence[Piece] = ()
    busy: Sequence[Piece] = ()


class Seat(NamedTuple):
    """One lane of one resource for its part of the session. A tuple, as a search makes hundreds of them."""

    resource_id: UUID
    kind: str
    lane: int
    from_at: datetime
    until_at: datetime


class Slot(NamedTuple):
    """A start with a seat for every need of the visit, in their order."""

    starts_at: datetime
    ends_at: datetime
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class SlotWish:
    """Which of the free starts are wanted. Days and clock times are the clinic's, unless `zone` names another.

    A start counts from `from_time` on and before `until_time` (an end not after the beginning is on the next day), and
    where `around` is given not more than two hours from it. Of kinds that `resource_ids` names, only those named count; any
    of the other kinds will do. `preferred_ids` are tried first. At most the first `limit` slots.
    """

    weekdays: frozenset[int] = frozenset()  # Monday 0; empty: any
    from_time: time | None = None
    until_time: time | None = None
    around: time | None = None
    resource_ids: frozenset[UUID] = frozenset()
    preferred_ids: tuple[UUID, ...] = ()
    limit: int | None = None
    zone: str | None = None


ANY = SlotWish()


class Why(StrEnum):
    """Why a kind of resource is missing at a start."""

    NONE = "none"  # nobody of that kind works then, or nobody else does
    CLOSED = "closed"
    TAKEN = "taken"  # booked or held
    BUSY = "busy"  # by its own calendar; staff may book over it with a reason


@dataclass(frozen=True, slots=True)
class Missing:
    kind: str
    why: Why


@dataclass(frozen=True, slots=True)
class Start:
    """One start that was looked at. With something `missing`, its slot is None, or stands over busy times alone."""

    starts_at: datetime
    ends_at: datetime
    slot: Slot | None
    missing: tuple[Missing, ...] = ()
