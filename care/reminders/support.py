"""What do the support person, and the patient about them, hear? Kinds support_invite, support_confirm, support_present."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from care.facts import PatientFacts, SessionFacts, Status, Step, SupportFacts, Value
from care.kinds import Quiet
from care.people import INVITATION_VERSION, accepted_at, is_booked, last_answer, supporter
from care.questions.before import invitation, presence
from care.questions.before import support as asked_about
from care.reminders.attendance import dose_of, times
from care.reminders.moments import Anchor, Ear, Moment, place
from care.reminders.telling import answered, ear, repeats, tell
from care.reminders.wanted import Wanted, iso
from care.times import hours


def support(facts: PatientFacts) -> Iterator[Wanted]:
    for person in facts.supports:
        if person.state == "named":
            yield from _invite(facts, person)
        elif person.state == "declined":
            yield from _invitation_declined(facts, person)
    for session in facts.sessions:
        if (standing_by := supporter(facts, session)) is not None:
            if is_booked(session):
                yield from _confirm(facts, session, standing_by)
                yield from _declined(facts, session, standing_by)
            if is_booked(session) or session.status is Status.ARRIVED:
                yield from _present(facts, session, standing_by)


def _invite(facts: PatientFacts, person: SupportFacts) -> Iterator[Wanted]:
    """Once, on naming; after a day of silence the patient hears of it, after two a person calls."""
    question = invitation(facts, person)
    if answered(facts, question):
        return
    named = Anchor("named", person.named_at)
    yield from repeats(facts, "support_invite", question, {}, named)
    told_at = person.named_at + hours(24)
    moment = place(
        told_at,
        ear(facts, facts.patient, "support_invite"),
        anchor=named,
        since=person.named_at,
        until=question.useful_until,
        not_before=told_at,
    )
    if moment.lawful:
        yield tell("support_invite", facts.patient, person.person.id, {"unanswered": True}, moment, sessions=())


def _confirm(facts: PatientFacts, session: SessionFacts, person: SupportFacts) -> Iterator[Wanted]:
    listener = ear(facts, person.person, "support_confirm")
    since = max(listener.needs_from(session.since, dose_of(session).at), accepted_at(facts, person))
    for question in asked_about(facts, session):
        asked = repeats(facts, "support_confirm", question, times(session), dose_of(session), since=since)
        yield from asked
        yield from _unanswered(facts, session, asked)


def _unanswered(facts: PatientFacts, session: SessionFacts, asked: list[Wanted]) -> Iterator[Wanted]:
    """The patient hears of the silence, unless the last ask is not older than that: then the task alone follows."""
    told_at = dose_of(session).at - hours(22)
    lawful = [each.due_at for each in asked if each.lawful]
    if not lawful or lawful[-1] >= told_at:
        return
    moment = place(
        told_at,
        ear(facts, facts.patient, "support_confirm"),
        anchor=dose_of(session),
        since=lawful[-1],
        until=dose_of(session).at,
        not_before=told_at,
    )
    if moment.lawful and moment.due_at > lawful[-1]:
        fills = {"starts_at": iso(dose_of(session).at), "unanswered": True}
        yield tell("support_confirm", facts.patient, session.id, fills, moment, sessions=[session.id])


def _declined(facts: PatientFacts, session: SessionFacts, person: SupportFacts) -> Iterator[Wanted]:
    """The patient hears at once that their support person will not be there: there is someone else to be found."""
    said = last_answer(facts, session.id, session.version, Step.SUPPORT, person.person.id)
    if said is None or said.value is not Value.NO or said.person_id != person.person.id:
        return
    fills = {"starts_at": iso(dose_of(session).at), "declined": True}
    moment = _at_once(facts, said.at, until=dose_of(session).at)
    yield tell("support_confirm", facts.patient, session.id, fills, moment, sessions=[session.id])


def _invitation_declined(facts: PatientFacts, person: SupportFacts) -> Iterator[Wanted]:
    """Nobody is invited in their place by itself: the patient names another one."""
    said = last_answer(facts, person.person.id, INVITATION_VERSION, Step.INVITATION, person.person.id)
    if said is not None and said.person_id == person.person.id:
        moment = _at_once(facts, said.at, until=said.at + hours(48))
        yield tell("support_invite", facts.patient, person.person.id, {"declined": True}, moment, sessions=())


def _at_once(facts: PatientFacts, said_at: datetime, *, until: datetime) -> Moment:
    """Now, or when quiet hours are over; what comes too late for that is told by a person."""
    listener = Ear(facts, facts.patient, Quiet.LATER)
    return place(said_at, listener, anchor=Anchor("declined", said_at), since=said_at, until=until, not_before=said_at)


def _present(facts: PatientFacts, session: SessionFacts, person: SupportFacts) -> Iterator[Wanted]:
    """At home, shortly before the dose and never sooner. It cannot wait for a notice, at any hour."""
    since = max(session.since, accepted_at(facts, person))
    for question in presence(facts, session):
        fills = {"starts_at": iso(dose_of(session).at)}
        asked = repeats(facts, "support_present", question, fills, dose_of(session), since=since, early=False)
        yield from (replace(each, not_before=each.due_at) for each in asked)
