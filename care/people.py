"""Who stands by a session, and what was last answered about it?"""

from datetime import datetime
from uuid import UUID

from care.facts import AnswerFacts, PatientFacts, Person, SessionFacts, SessionKind, Status, Step, SupportFacts, Value
from care.protocol import Gate, Setting

INVITATION_VERSION = 1  # a person is invited once; whoever is named again is a new support person


def supporter(facts: PatientFacts, session: SessionFacts) -> SupportFacts | None:
    """The session's support person, once they have accepted; nobody else hears of it."""
    assigned = (each for each in facts.supports if each.person.id == session.support_person_id)
    return next((each for each in assigned if each.state == "accepted" and session.kind is SessionKind.DOSING), None)


def keeper(facts: PatientFacts, session: SessionFacts) -> Person:
    """Of whom support is awaited: the support person, or the patient who has yet to find one."""
    support = supporter(facts, session)
    return support.person if support else facts.patient


def support_gate(facts: PatientFacts, session: SessionFacts) -> Gate | None:
    """What a missing support person does. None when nobody is needed: at the clinic, where a softer one is nobody's yet."""
    if session.kind is not SessionKind.DOSING:
        return None
    if at_home(session) or session.protocol.support_gate is Gate.HARD:
        return Gate.HARD
    if session.protocol.support_gate is None:
        return Gate.SOFT if supporter(facts, session) else None
    return session.protocol.support_gate if _is_named(facts, session) else None


def _is_named(facts: PatientFacts, session: SessionFacts) -> bool:
    """Somebody was asked to stand by this session and has not declined."""
    named = (each for each in facts.supports if each.state in ("named", "accepted"))
    return any(each.person.id == session.support_person_id for each in named)


def at_home(session: SessionFacts) -> bool:
    return session.protocol.setting is Setting.HOME


def accepted_at(facts: PatientFacts, support: SupportFacts) -> datetime:
    """When they said yes to the invitation; where no answer tells, when they were named."""
    said = last_answer(facts, support.person.id, INVITATION_VERSION, Step.INVITATION, support.person.id)
    return said.at if said and said.value is Value.YES else support.named_at


def has_declined(facts: PatientFacts, session: SessionFacts) -> bool:
    """Did the session's support person, or staff for them, last say no to being there?"""
    support = supporter(facts, session)
    said = last_answer(facts, session.id, session.version, Step.SUPPORT, support.person.id) if support else None
    return said is not None and said.value is Value.NO


def last_answer(facts: PatientFacts, subject_id: UUID, version: int, step: Step, person_id: UUID) -> AnswerFacts | None:
    """The last word of this person, or of staff for them, about this version of the subject."""
    said = (each for each in reversed(facts.answers) if (each.subject_id, each.version) == (subject_id, version))
    return next((each for each in said if each.step is step and each.person_id in (person_id, None)), None)


def is_booked(session: SessionFacts) -> bool:
    """Is the session still to come, with a time that lay ahead when it was given?"""
    return session.status is Status.BOOKED and session.starts_at is not None and session.starts_at > session.since


def is_on(facts: PatientFacts, kind: str) -> bool:
    """False for the kinds that the clinic turned off."""
    return facts.switches.get(kind, True)
