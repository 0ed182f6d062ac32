"""By when should a dose have gone on to its next step, and who is asked when it has not?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from care.facts import Role, SessionFacts, SessionKind, Status
from care.tasks import TaskCode

A_QUARTER, HALF_AN_HOUR = timedelta(minutes=15), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Overdue:
    """From `at` on the step that should have followed is missing, and `role` is asked why."""

    code: TaskCode
    role: Role
    at: datetime


def overdue(session: SessionFacts) -> Overdue | None:
    """What is missing from which moment on, if nothing more is noted. None where nothing is awaited.

    Booked: nobody is there. Arrived: neither dosed nor deferred. Dosed: nobody was seen leaving.
    """
    if session.kind is not SessionKind.DOSING or session.starts_at is None:
        return None
    match session.status:
        case Status.BOOKED:
            return Overdue(TaskCode.NOT_ARRIVED, Role.COORDINATOR, session.starts_at + A_QUARTER)
        case Status.ARRIVED:
            begins = max(session.starts_at, session.arrived_at or session.starts_at)
            return Overdue(TaskCode.NOT_DOSED, Role.CLINICIAN, begins + HALF_AN_HOUR)
        case Status.DOSED:
            return Overdue(TaskCode.NOT_DISCHARGED, Role.CLINICIAN, _meant_to_end(session) + A_QUARTER)
        case _:
            return None


def observed_until(session: SessionFacts) -> datetime | None:
    """When the dose block and the observation after it are over, to the minute that clocks show; None before the dose."""
    rules = session.protocol
    whole = timedelta(minutes=rules.dose_block_minutes + rules.observation_minutes)
    return (session.dosed_at + whole).replace(second=0, microsecond=0) if session.dosed_at else None


def _meant_to_end(session: SessionFacts) -> datetime:
    """As planned, or later where the dose was given late."""
    ends = [at for at in (session.ends_at, observed_until(session)) if at is not None]
    return max(ends)
