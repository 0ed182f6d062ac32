"""What do people do in a course that goes as planned: come, answer, choose a time, accept?"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from care.facts import (
    ENDED_WITHOUT_HAPPENING,
    AnswerFacts,
    PatientFacts,
    Person,
    SessionFacts,
    SessionKind,
    Status,
    Step,
    SupportFacts,
    Value,
)
from care.reminders import Ask
from care.windows import integration_window

HALF_HOUR = timedelta(minutes=30)

Answering = Callable[[Ask, Person], Value | None]
Booking = Callable[[SessionFacts, datetime], datetime]


def always_yes(ask: Ask, person: Person) -> Value | None:
    return Value.YES


def when_the_window_opens(dose: SessionFacts, now: datetime) -> datetime:
    """The first half hour of the integration window that is not over by `now`."""
    opens, _ = integration_window(dose)
    first = max(opens, now + HALF_HOUR)
    return first + timedelta(seconds=-first.timestamp() % HALF_HOUR.total_seconds())


def booked(session: SessionFacts, starts_at: datetime, since: datetime) -> SessionFacts:
    """The session with a time: arrival and planned end follow from its protocol."""
    visit = session.protocol.visits[session.kind.value]
    return replace(
        session,
        status=Status.BOOKED,
        version=session.version + 1,
        since=since,
        starts_at=starts_at,
        arrive_at=starts_at - timedelta(minutes=visit.arrive_minutes),
        ends_at=starts_at + timedelta(minutes=visit.minutes),
    )


def following(session: SessionFacts) -> tuple[datetime, SessionFacts] | None:
    """What happens next to a session that goes as planned, and when; None when nothing does."""
    if session.starts_at is None or session.ends_at is None:
        return None
    begins, ends = session.starts_at, session.ends_at
    if session.kind is not SessionKind.DOSING:
        attended = replace(session, status=Status.ATTENDED, arrived_at=begins, discharged_at=ends)
        return (ends, attended) if session.status is Status.BOOKED else None
    arrives = session.arrive_at or begins
    match session.status:
        case Status.BOOKED:
            return arrives, replace(session, status=Status.ARRIVED, arrived_at=arrives)
        case Status.ARRIVED:
            return begins, replace(session, status=Status.DOSED, dosed_at=begins)
        case Status.DOSED:
            return ends, replace(session, status=Status.DISCHARGED, discharged_at=ends)
        case _:
            return None


def people_at(contact_id: UUID, facts: PatientFacts) -> list[Person]:
    """Everyone this number belongs to, the patient first."""
    people = [facts.patient, *(each.person for each in facts.supports if each.state != "removed")]
    return [each for each in people if each.contact_id == contact_id]


def consented(contact_id: UUID, facts: PatientFacts) -> bool:
    """A patient consented when enrolled, a support person by accepting."""
    accepted = {each.person.contact_id for each in facts.supports if each.state == "accepted"}
    return contact_id == facts.patient.contact_id or contact_id in accepted


def announced(session: SessionFacts) -> datetime | None:
    return None if session.status in ENDED_WITHOUT_HAPPENING else session.starts_at


def invited(heard: Iterable[AnswerFacts], support: SupportFacts) -> str:
    """The support person's state after these answers."""
    said = [each.value for each in heard if (each.step, each.person_id) == (Step.INVITATION, support.person.id)]
    return {Value.YES: "accepted", Value.NO: "declined"}.get(said[-1], support.state) if said else support.state
