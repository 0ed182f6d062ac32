"""What does a rehearsal show? Texts, tasks, and what would go unsaid."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from care.kinds import Load
from care.protocol import Gate
from care.reminders import Wanted


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One text that would go out; `said` holds the reminders in it, each with why it is due then."""

    at: datetime
    contact_id: UUID
    person_ids: tuple[UUID, ...]
    kinds: tuple[str, ...]
    body: str
    said: tuple[Wanted, ...]
    load: Load


@dataclass(frozen=True, slots=True)
class RehearsedTask:
    """What would become work for a person: a silence, a text that could not go in time, or a call instead of one."""

    at: datetime
    reason: str
    person_id: UUID
    session_id: UUID | None


@dataclass(frozen=True, slots=True)
class RehearsedGate:
    """Something to be settled before a session (or after it, for the safety steps), and what its missing does.

    `name` is a step that `person_id` confirms, asked of them in the texts at `asked_at`; or, with nobody, what staff see
    to, a review since its one moment. At `due_at` silence becomes a task, and a hard gate blocks the dose until it is open.
    """

    session_id: UUID | None
    name: str
    gate: Gate
    person_id: UUID | None
    due_at: datetime
    asked_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A reminder that would end without a text, and why."""

    at: datetime
    reason: str
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Rehearsal:
    texts: tuple[Rehearsed, ...]
    tasks: tuple[RehearsedTask, ...]
    unsaid: tuple[Unsaid, ...]
    gates: tuple[RehearsedGate, ...] = ()
