"""What does a patient hear so that they have a ride home? Kind transport_confirm."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time

from care.facts import PatientFacts, SessionFacts, Step, Value
from care.people import is_booked, last_answer
from care.questions import QuestionWanted
from care.questions.before import transport as asked_about
from care.reminders.attendance import dose_of
from care.reminders.moments import Anchor, place
from care.reminders.telling import NEAR, answered, ask, before, ear, repeats
from care.reminders.wanted import Ask, Wanted, iso, says
from care.times import local_date, wall

KIND = "transport_confirm"


def transport(facts: PatientFacts) -> Iterator[Wanted]:
    for session in facts.sessions:
        if is_booked(session):
            yield from _rides(facts, session)


def _rides(facts: PatientFacts, session: SessionFacts) -> Iterator[Wanted]:
    asked = {question.step: question for question in asked_about(facts, session)}
    if asked:
        this_morning = list(_today(facts, session, asked[Step.TRANSPORT], asked[Step.RIDE_TODAY]))
        yield from _without_twins(_ahead(facts, session, asked[Step.TRANSPORT]), this_morning)
        yield from this_morning


def _ahead(facts: PatientFacts, session: SessionFacts, question: QuestionWanted) -> list[Wanted]:
    since = before(facts, facts.patient, KIND, session)
    fills = {"starts_at": iso(dose_of(session).at), "today": False}
    return repeats(facts, KIND, question, fills, dose_of(session), since=since)


def _today(
    facts: PatientFacts, session: SessionFacts, ahead: QuestionWanted, today: QuestionWanted
) -> Iterator[Wanted]:
    """Asked on that day or not at all: without a lawful moment it stays a step, in the app and at the door.

    Its answer settles the ride altogether, so it asks both. Who said no ahead has a person looking after it already.
    """
    if answered(facts, today) or _refused(facts, ahead):
        return
    zone, start = facts.patient.zone, dose_of(session).at
    midnight = wall(local_date(start, zone), time(), zone)
    moment = place(
        today.asks_at[0],
        ear(facts, facts.patient, KIND),
        anchor=Anchor("morning", today.asks_at[0]),
        since=before(facts, facts.patient, KIND, session),
        until=today.useful_until,
        not_before=midnight,
    )
    if moment.lawful and moment.due_at >= midnight:
        yield _both(ask(KIND, today, {"starts_at": iso(start), "today": True}, moment, repeat=2), ahead)


def _both(morning: Wanted, ahead: QuestionWanted) -> Wanted:
    asks = (Ask(ahead.subject_id, ahead.version, ahead.step, ahead.session_id), *morning.asks)
    return replace(morning, asks=asks, key=replace(morning.key, says=says(morning.fills, asks)))


def _refused(facts: PatientFacts, question: QuestionWanted) -> bool:
    said = last_answer(facts, question.subject_id, question.version, question.step, question.person.id)
    return said is not None and said.value is not Value.YES


def _without_twins(asking: list[Wanted], this_morning: list[Wanted]) -> Iterator[Wanted]:
    """What is asked ahead gives way where the morning's question would come together with it, or can come instead."""
    for each in asking:
        if not any(not each.lawful or morning.due_at - each.due_at < NEAR for morning in this_morning):
            yield each
