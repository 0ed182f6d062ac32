"""Integration with one's own therapist: may it be on that day, and does that still follow when the dose has moved?"""

from dataclasses import dataclass
from datetime import date, timedelta

from care.facts import ENDED_WITHOUT_HAPPENING, SessionFacts, SessionKind, Status
from care.refusals import Code, Refusal
from care.times import local_date
from care.windows import integration_window

LATE = timedelta(days=14)  # so long after the window a day is still taken down: better late than unknown


@dataclass(frozen=True, slots=True)
class Days:
    """Local days at the clinic: `first` to `last` may be told, `opens` to `shuts` is the window itself."""

    first: date
    last: date
    opens: date
    shuts: date


def days_after(dose: SessionFacts, zone: str) -> Days | None:
    """The days after a dose that has a time; None without one, or when it will not be given."""
    at = dose.dose_at
    if at is None or dose.end is None or dose.status in ENDED_WITHOUT_HAPPENING:
        return None
    opens, shuts = (local_date(each, zone) for each in integration_window(dose))
    return Days(local_date(at, zone), shuts + LATE, opens, shuts)


def elsewhere_refusals(session: SessionFacts, dose: SessionFacts | None, on: date, zone: str) -> list[Refusal]:
    """Every reason against holding this session with one's own therapist on that day."""
    if session.kind is not SessionKind.INTEGRATION or session.status is not Status.PLANNED:
        known = {"status": session.status, "allowed": [Status.PLANNED], "kind": session.kind}
        return [Refusal(Code.WRONG_STATUS, known)]
    days = days_after(dose, zone) if dose else None
    if days is None:
        return [Refusal(Code.DOSE_UNBOOKED)]
    if days.first <= on <= days.last:
        return []
    return [Refusal(Code.DAY_OUT_OF_RANGE, {"from_on": days.first.isoformat(), "until_on": days.last.isoformat()})]


def still_follows(on: date, dose: SessionFacts, zone: str) -> bool:
    """Whether that day lies in the window of the dose as it is now."""
    days = days_after(dose, zone)
    return days is not None and days.opens <= on <= days.shuts
