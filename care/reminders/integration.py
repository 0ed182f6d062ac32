"""What does a patient hear so that the session after the dose is held? Kinds integration_book and integration_remind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from care.facts import PatientFacts, SessionFacts, SessionKind
from care.people import is_booked
from care.questions.after import integration as asked_about
from care.reminders.attendance import dose_of
from care.reminders.moments import Anchor, place
from care.reminders.telling import before, ear, repeats, tell
from care.reminders.wanted import Wanted, iso
from care.times import hours
from care.windows import integration_window


def integration(facts: PatientFacts) -> Iterator[Wanted]:
    for session in facts.sessions:
        if session.kind is SessionKind.INTEGRATION:
            yield from _remind(facts, session) if is_booked(session) else _book(facts, session)


def _book(facts: PatientFacts, session: SessionFacts) -> Iterator[Wanted]:
    """Asked for until it has a time. What cannot be said before the window shuts is left to the task."""
    dose = next((each for each in facts.sessions if each.id == session.of_session_id), None)
    if dose is None or dose.discharged_at is None:
        return
    opens, shuts = integration_window(dose)
    fills = {"window_from": iso(opens), "window_until": iso(shuts)}
    for question in asked_about(facts, session):
        asked = repeats(facts, "integration_book", question, fills, Anchor("end", dose.discharged_at), early=False)
        yield from (_beside_the_rules(each, question.since) for each in asked if each.lawful)


def _beside_the_rules(asked: Wanted, since: datetime) -> Wanted:
    """The first ask may be said with the rules for after the dose: one text fewer for somebody who wants to rest."""
    return asked if asked.key.repeat else replace(asked, not_before=since)


def _remind(facts: PatientFacts, session: SessionFacts) -> Iterator[Wanted]:
    """A day and two hours before. What had passed when it was booked is left out: the notice of the booking says it."""
    start, patient = dose_of(session), facts.patient
    since = before(facts, patient, "integration_remind", session)
    listener = ear(facts, patient, "integration_remind")
    for repeat, lead in enumerate((24, 2)):
        nominal = start.at - hours(lead)
        moment = place(nominal, listener, anchor=start, since=since, until=start.at)
        if nominal >= since and moment.lawful:
            fills = {"starts_at": iso(start.at)}
            yield tell("integration_remind", patient, session.id, fills, moment, sessions=[session.id], repeat=repeat)
