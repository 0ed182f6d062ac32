"""What does pacing look at, and what does it decide? A phone, what waits for it, and the texts that go."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from care.facts import Caps, Part, QuietHours
from care.kinds import KINDS, Kind, Load
from care.protocol import Gate
from care.reminders.wanted import Ask

HARDNESS = {Gate.ADVISORY: 0, Gate.SOFT: 1, Gate.HARD: 2}
TOGETHER = timedelta(hours=3)  # what is due this soon joins a text that goes now
JUST_OVER = "the visit that is just over"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One reminder that waits for this contact; `not_after` is its last useful moment."""

    id: Hashable
    kind: str
    person_id: UUID
    part: Part
    repeat: int
    due_at: datetime
    not_before: datetime
    not_after: datetime
    fills: Mapping[str, Any]
    asks: tuple[Ask, ...]
    gate: Gate
    says: str

    @property
    def row(self) -> Kind:
        return KINDS[self.kind]

    @property
    def visits(self) -> frozenset[str]:
        """The visits that its words name, by their times. The rules for after a visit name none but that one."""
        named = (self.fills, *self.fills.get("lines", ()))
        times = {each.get("starts_at") or each.get("was") for each in named} - {None}
        return frozenset(times | ({JUST_OVER} if self.kind == "post_rules" else set()))

    @property
    def said_back(self) -> bool:
        """Said at once to someone who wrote or asked: a text of its own, never mixed with what was due anyway."""
        return self.row.number is None

    @property
    def holdable(self) -> bool:
        """May the caps hold it back? Advisory texts and soft nudges only."""
        nudge = self.row.load is Load.QUESTION and self.repeat > 0 and self.gate is not Gate.HARD
        return self.row.load is Load.ADVISORY or nudge


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The one question this contact was last asked and has not answered; the caller leaves out void ones."""

    id: Hashable
    asked_at: datetime
    gate: Gate
    asks: tuple[Ask, ...]
    took_over: bool = False


@dataclass(frozen=True, slots=True)
class ContactState:
    """A phone number as pacing sees it. `sent` covers at least the last eight days, one item a text, in any order."""

    id: UUID
    zone: str
    language: str
    quiet: QuietHours
    caps: Caps
    phase_is_induction: bool
    sent: tuple[tuple[datetime, Load], ...] = ()
    open: OpenQuestion | None = None
    opted_out: bool = False
    consented: bool = True
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """One text. `gate` is that of its question, None without one; `takes_over` names the question it supersedes."""

    reminder_ids: tuple[Hashable, ...]
    asks: tuple[Ask, ...]
    gate: Gate | None
    load: Load
    takes_over: Hashable | None = None


class Fate(StrEnum):
    HELD = "held"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Stay:
    """Why a due reminder does not go now. `until` is when to look again, for held ones."""

    fate: Fate
    reason: str  # opted_out, no_consent, later_repeat, cap, too_late, quiet_hours, question_open, other_visit, said_in_reply
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """The decision for one contact at one moment. Every due reminder is in a message or in `stays`."""

    messages: tuple[Bundle, ...] = ()
    stays: Mapping[Hashable, Stay] = field(default_factory=dict)

    @property
    def held(self) -> dict[Hashable, datetime]:
        """Look again at this moment, or earlier when an answer comes or another text is due."""
        return {id_: stay.until for id_, stay in self.stays.items() if stay.until is not None}

    @property
    def expired(self) -> tuple[Hashable, ...]:
        return tuple(id_ for id_, stay in self.stays.items() if stay.fate is Fate.EXPIRED)

    @property
    def suppressed(self) -> dict[Hashable, str]:
        return self._reasons(Fate.SUPPRESSED)

    @property
    def call_instead(self) -> dict[Hashable, str]:
        """What no text can say in time: each becomes a task to call."""
        return self._reasons(Fate.CALL)

    def _reasons(self, fate: Fate) -> dict[Hashable, str]:
        return {id_: stay.reason for id_, stay in self.stays.items() if stay.fate is fate}
