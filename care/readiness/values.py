"""What does a verdict on a session say, and of which steps is it made?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from care.facts import How, OpenReason, Role, Step
from care.protocol import DoseGate, Gate
from care.refusals import Refusal


class State(StrEnum):
    """`not_asked`: it belongs to the day or the moment itself, which has not come; it keeps nobody from being ready."""

    YES = "yes"
    NO = "no"
    WAITING = "waiting"
    NOT_ASKED = "not_asked"


class Verdict(StrEnum):
    READY = "ready"
    WAITING = "waiting"
    NOT_READY = "not_ready"


@dataclass(frozen=True, slots=True)
class StepState:
    """One thing to confirm. `by`, `how`, `at` tell of the answer that counts; `by` None with an answer means staff."""

    step: Step
    gate: Gate
    state: State
    by: UUID | None = None
    how: How | None = None
    at: datetime | None = None
    deadline: datetime | None = None  # when it becomes a task
    role: Role = Role.COORDINATOR  # who must act then


@dataclass(frozen=True, slots=True)
class Readiness:
    """`verdict` is None once nothing is left to go ahead: the dose was given, or the session is over or off."""

    verdict: Verdict | None
    steps: tuple[StepState, ...] = ()
    missing: tuple[StepState, ...] = ()  # what keeps it from being ready, the most pressing first
    unsettled: tuple[OpenReason, ...] = ()  # what a person has to settle first; it keeps the session from being ready
    stopped: tuple[Refusal, ...] = ()  # what the dose waits for beside the steps, such as a review nobody has decided
    unchecked: tuple[DoseGate, ...] = ()  # what nobody checks here: whoever gives the dose looks themselves
