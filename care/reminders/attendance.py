"""What does a patient hear so that they come, and come in time? Kinds session_confirm and arrival."""

from collections.abc import Iterator

from care.facts import PatientFacts, SessionFacts, SessionKind
from care.people import at_home, is_booked
from care.questions.before import attendance as asked_about
from care.questions.before import there_at
from care.reminders.moments import Anchor, place
from care.reminders.telling import before, ear, repeats, tell
from care.reminders.wanted import Wanted, iso
from care.times import hours


def attendance(facts: PatientFacts) -> Iterator[Wanted]:
    for session in filter(is_booked, facts.sessions):
        yield from _confirm(facts, session)
        if session.kind is SessionKind.DOSING and not at_home(session):
            yield from _arrival(facts, session)


def _confirm(facts: PatientFacts, session: SessionFacts) -> Iterator[Wanted]:
    for question in asked_about(facts, session):
        fills = {**times(session), "session_kind": session.kind.value}
        since = before(facts, facts.patient, "session_confirm", session)
        yield from repeats(facts, "session_confirm", question, fills, dose_of(session), since=since)


def _arrival(facts: PatientFacts, session: SessionFacts) -> Iterator[Wanted]:
    """When to be there. Booked in the night before, it is left to the notice of the booking."""
    patient, there = facts.patient, there_at(session)
    moment = place(
        there - hours(2),
        ear(facts, patient, "arrival"),
        anchor=Anchor("arrival", there),
        since=before(facts, patient, "arrival", session),
        until=there,
    )
    if moment.lawful:
        yield tell("arrival", patient, session.id, times(session), moment, sessions=[session.id])


def times(session: SessionFacts) -> dict[str, str | bool]:
    """When it starts and when people are expected, as fills; `home` where a dose is given there, with somebody beside."""
    at: dict[str, str | bool] = {"starts_at": iso(dose_of(session).at), "arrive_at": iso(there_at(session))}
    return {**at, "home": True} if at_home(session) and session.kind is SessionKind.DOSING else at


def dose_of(session: SessionFacts) -> Anchor:
    """The planned dose, or the start of another visit, as what moments hang on."""
    if session.starts_at is None:
        raise ValueError(f"session {session.id} has no time yet")
    return Anchor("dose" if session.kind is SessionKind.DOSING else "start", session.starts_at)
