"""Which answer counts for a step? Only what was said about this version, by someone who may say it, in their own voice."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from care.facts import AnswerFacts, How, PatientFacts, SessionFacts, Step, SupportFacts, Value
from care.people import support_gate, supporter
from care.protocol import Gate
from care.times import local_date

BY_OTHERS = (Step.SUPPORT, Step.PRESENT)  # what a support person answers


def opens_its_gate(answer: AnswerFacts, facts: PatientFacts) -> bool:
    """False for a yes about the support person that counts for nothing: they have to say it in their own voice."""
    session = next((one for one in facts.sessions if one.id == answer.subject_id), None)
    if session is None or answer.version != session.version or answer.step not in BY_OTHERS:
        return True
    gate = support_gate(facts, session)
    return gate is None or answer.value is not Value.YES or _counts(answer, answer.step, gate, session, facts)


def heard(step: Step, gate: Gate, session: SessionFacts, facts: PatientFacts) -> AnswerFacts | None:
    """The last answer that counts for this step, whoever gave it; None is silence."""
    counting = [each for each in facts.answers if _counts(each, step, gate, session, facts)]
    if step is Step.ATTENDANCE and session.arrived_at is not None:
        counting.append(_seen_arriving(session, session.arrived_at))
    return max(counting, key=lambda each: (each.at, each.value is Value.NO), default=None)


def _counts(answer: AnswerFacts, step: Step, gate: Gate, session: SessionFacts, facts: PatientFacts) -> bool:
    if (answer.subject_id, answer.version) != (session.id, session.version) or not _speaks_of(
        answer, step, session, facts
    ):
        return False
    if answer.how is How.STAFF or step not in BY_OTHERS:
        return True
    support = supporter(facts, session)
    speaks_for_it = support is not None and answer.person_id == support.person.id
    if gate is not Gate.HARD or answer.value is not Value.YES:
        return speaks_for_it or answer.person_id == facts.patient.id
    return speaks_for_it and _in_own_voice(answer, facts)


def _speaks_of(answer: AnswerFacts, step: Step, session: SessionFacts, facts: PatientFacts) -> bool:
    """Answers to its own question, and what another one says of it too.

    A ride today is a ride, and a yes to the ride given on the day is a ride today; who is here said they would be; a new
    time that does not suit is an attendance refused.
    """
    if answer.step is step:
        return True
    yes = answer.value is Value.YES
    match step, answer.step:
        case (Step.TRANSPORT, Step.RIDE_TODAY) | (Step.SUPPORT, Step.PRESENT):
            return yes
        case Step.RIDE_TODAY, Step.TRANSPORT:
            return yes and _on_the_day(answer.at, session, facts.patient.zone)
        case Step.ATTENDANCE, Step.NEW_TIME:
            return not yes
        case _:
            return False


def _on_the_day(at: datetime, session: SessionFacts, zone: str) -> bool:
    return session.starts_at is not None and local_date(at, zone) == local_date(session.starts_at, zone)


def _in_own_voice(answer: AnswerFacts, facts: PatientFacts) -> bool:
    """A support person's yes from the patient's own phone may be the patient's; the clinic decides whether it counts."""
    contact_id = answer.from_contact_id or _contact_of(answer.person_id, facts.supports)
    return facts.clinic.shared_phone_ok or contact_id is None or contact_id != facts.patient.contact_id


def _contact_of(person_id: UUID | None, supports: Iterable[SupportFacts]) -> UUID | None:
    return next((each.person.contact_id for each in supports if each.person.id == person_id), None)


def turned_down(session: SessionFacts, facts: PatientFacts) -> bool:
    """Whether the session's support person declined, or was removed since."""
    states = [each.state for each in facts.supports if each.person.id == session.support_person_id]
    return session.support_person_id is not None and states[:1] not in (["named"], ["accepted"])


def _seen_arriving(session: SessionFacts, arrived_at: datetime) -> AnswerFacts:
    return AnswerFacts(session.id, session.version, Step.ATTENDANCE, None, Value.YES, How.STAFF, arrived_at)


def is_value(answer: AnswerFacts | None, value: Value) -> bool:
    return answer is not None and answer.value is value
