"""What is one thing that somebody should hear, and what makes it the same thing as before?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Self
from uuid import UUID

from care.facts import Person, Step
from care.protocol import Gate


@dataclass(frozen=True, slots=True)
class Key:
    """Equal keys are the same reminder. `says` is a digest of all that it announces and asks."""

    person_id: UUID
    kind: str
    subject_id: UUID
    repeat: int
    says: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What a text asks. `subject_id` is a session, or for an invitation the support person."""

    subject_id: UUID
    version: int
    step: Step
    session_id: UUID | None

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        session_id = said["session_id"]
        return cls(
            UUID(said["subject_id"]), said["version"], Step(said["step"]), UUID(session_id) if session_id else None
        )

    def to_json(self) -> dict[str, Any]:
        """As a reminder's row keeps it; `from_json` reads it again."""
        return {
            "subject_id": str(self.subject_id),
            "session_id": str(self.session_id) if self.session_id else None,
            "version": self.version,
            "step": self.step.value,
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """One reminder as it should be: who hears what, when, and why then.

    `not_before`: it may ride along with another text from then on. `not_after`: its last useful moment, outside quiet
    hours unless its kind is exempt. `lawful` False: no moment was left when the need arose, so it is never sent; it is
    recorded as expired and a person acts at once (`why["shifted"]` says whether quiet hours or lateness left none).
    `hard_deadline`: when silence about what it asks becomes a task; None when it asks nothing.
    `why`: rule (what the moment hangs on), anchor (that instant), offset (from it), shifted (what moved it), since.
    """

    key: Key
    person: Person
    session_ids: tuple[UUID, ...]
    not_before: datetime
    due_at: datetime
    not_after: datetime
    fills: Mapping[str, Any]
    asks: tuple[Ask, ...]
    gate: Gate
    hard_deadline: datetime | None
    why: Mapping[str, str]
    lawful: bool = True


def says(fills: Mapping[str, Any], asks: Sequence[Ask], *versions: int) -> str:
    """Sixteen hexadecimal digits of what is announced and asked; `versions` where a text tells of a change itself."""
    asked = [[str(ask.subject_id), ask.version, ask.step] for ask in asks]
    told = json.dumps([fills, asked, *versions], sort_keys=True, separators=(",", ":"))
    return sha256(told.encode()).hexdigest()[:16]


def iso(at: datetime) -> str:
    """An instant as fills carry it: ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat()
