"""What was said about a step, and what follows from it? Answers from texts, the app, links and staff alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from actions.ask import About, ask, meet
from actions.consent import consent
from actions.facts import answer_facts, patient_facts
from actions.reconcile_questions import UNANSWERED, release_held
from actions.record import STAFF, Actor, Verb, lock, note
from actions.remind import remind
from care.facts import How, Role, Status, Step, Value
from care.readiness import opens_its_gate
from care.readiness.said import BY_OTHERS
from care.refusals import Code, Refusal, Refused
from care.tasks import TaskCode, by_call, problem
from models import Answer, Contact, Patient, Question, QuestionState, Session, SupportPerson, SupportState, db

NEAR = timedelta(hours=48)  # so near a visit it is hard to find another support person


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: about which version of what, by whom (None: staff confirmed it), from which contact."""

    subject_id: UUID
    version: int
    step: Step
    value: Value
    how: How
    person_id: UUID | None = None
    session_id: UUID | None = None
    contact_id: UUID | None = None
    question_id: UUID | None = None
    note: str | None = None


def confirm(
    session: Session,
    step: Step,
    value: Value,
    *,
    by: Actor,
    how: How,
    now: datetime,
    version: int | None = None,
    person_id: UUID | None = None,
    note: str | None = None,
) -> Answer:
    """Answer a step of a session in the app or at the desk. Raises `Refused` when `version` is no longer the version."""
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    if version is not None and version != session.version:
        raise Refused([Refusal(Code.VERSION_CHANGED, {"version": session.version, "starts_at": session.starts_at})])
    person = None if by.kind in STAFF else person_id or by.id
    said = Said(session.id, session.version, step, value, how, person, session.id, note=note)
    return record_answer(patient, said, by=by, now=now)


def accept_invitation(support: SupportPerson, value: Value, *, by: Actor, how: How, now: datetime) -> Answer:
    """The support person's answer to being named. Raises `Refused` when they had answered so already."""
    patient = lock(support.clinic_id, support.patient_id)
    db.session.refresh(support)
    if support.state in (SupportState.ACCEPTED, SupportState.DECLINED, SupportState.REMOVED):
        raise Refused([Refusal(Code.ALREADY_ANSWERED, {"state": support.state})])
    said = Said(support.id, 1, Step.INVITATION, value, how, support.id, contact_id=support.contact_id)
    return record_answer(patient, said, by=by, now=now)


def record_answer(patient: Patient, said: Said, *, by: Actor, now: datetime) -> Answer:
    """Write the answer, settle the questions that it answers, do what follows, and reconcile. The patient is locked."""
    answer = Answer(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        subject_id=said.subject_id,
        version=said.version,
        step=said.step,
        person_id=said.person_id,
        value=said.value,
        how=said.how,
        at=now,
        contact_id=said.contact_id,
        question_id=said.question_id,
        staff_id=by.id if said.how is How.STAFF else None,
        note=said.note,
    )
    db.session.add(answer)
    db.session.flush()
    counts = _counts(patient, answer)
    _settle(patient, said, now, counts=counts)
    _follow(patient, said, counts=counts, now=now)
    facts = {"step": said.step, "value": said.value, "how": said.how, "version": said.version}
    note(Verb.CONFIRM, by=by, now=now, patient=patient, subject_id=said.subject_id, facts=facts)
    remind(patient, now=now)
    return answer


def _counts(patient: Patient, answer: Answer) -> bool:
    """False for a yes about the support person that nobody heard in their own voice."""
    if answer.value != Value.YES or answer.step not in BY_OTHERS:
        return True
    return opens_its_gate(answer_facts(answer), patient_facts(patient))


def _settle(patient: Patient, said: Said, now: datetime, *, counts: bool) -> None:
    """The questions that asked this are answered, wherever they were put; their contacts are free for the next.

    A yes that does not count leaves the question unanswered: its silence becomes a task at its moment.
    """
    asked = select(Question).where(
        Question.clinic_id == patient.clinic_id,
        Question.subject_id == said.subject_id,
        Question.version == said.version,
        Question.step == said.step,
        Question.state.in_(UNANSWERED),
    )
    if said.person_id is not None:
        asked = asked.where(Question.person_id == said.person_id)
    for question in db.session.scalars(asked).all():
        _answered(question, said, now, counts=counts)


def _answered(question: Question, said: Said, now: datetime, *, counts: bool) -> None:
    was_open, contact_id = question.state == QuestionState.OPEN, question.contact_id
    question.state, question.leader_id = QuestionState.ANSWERED if counts else QuestionState.LAPSED, None
    db.session.flush()
    if said.value is Value.YES and counts:
        meet(question.clinic_id, question.id, how=f"answered by {said.how}", now=now)
    if was_open and contact_id is not None:
        _pass_the_lead(question)
        release_held(contact_id, question.clinic_id)


def _pass_the_lead(answered: Question) -> None:
    """One of several asked together was answered on its own: another of them keeps the contact's turn."""
    joined = db.session.scalars(
        select(Question).where(
            Question.clinic_id == answered.clinic_id,
            Question.leader_id == answered.id,
            Question.state == QuestionState.JOINED,
        )
    ).all()
    for place, question in enumerate(joined):
        if place == 0:
            question.state, question.leader_id = QuestionState.OPEN, None
            db.session.flush()
        else:
            question.leader_id = joined[0].id
    db.session.flush()


def _follow(patient: Patient, said: Said, *, counts: bool, now: datetime) -> None:
    """A yes may change who stands by; anything else, and a yes that does not count, goes to a person at once."""
    about = _about(patient, said)
    to_ask = partial(ask, about=about, subject_id=said.subject_id, step=said.step, now=now)
    if said.step is Step.INVITATION:
        _follow_invitation(patient, said, now=now)
    if said.value is Value.URGENT:
        to_ask(Role.CLINICIAN, TaskCode.URGENT_ANSWER, urgent=True)
    elif said.value is Value.CALL:
        to_ask(Role.COORDINATOR, TaskCode.WANTS_CALL)
    elif said.value is Value.NO:
        to_ask(Role.COORDINATOR, problem(said.step), urgent=_leaves_alone(patient, said, now))
    elif not counts:
        to_ask(Role.COORDINATOR, by_call(said.step), urgent=_is_near(about, now))
    else:
        for code in (problem(said.step), *([by_call(said.step)] if said.step in BY_OTHERS else [])):
            meet(patient.clinic_id, said.subject_id, code=code, how=f"yes by {said.how}", now=now)


def _leaves_alone(patient: Patient, said: Said, now: datetime) -> bool:
    """A support person will not be there, and little time is left to find another one."""
    if said.step is Step.INVITATION:
        return any(_is_near(each, now) for each in _stood_by(patient, said.subject_id))
    return said.step in BY_OTHERS and _is_near(_about(patient, said), now)


def _is_near(about: About, now: datetime) -> bool:
    return isinstance(about, Session) and about.starts_at is not None and about.starts_at - now < NEAR


def _stood_by(patient: Patient, support_id: UUID) -> Sequence[Session]:
    ahead = select(Session).where(
        Session.clinic_id == patient.clinic_id,
        Session.support_person_id == support_id,
        Session.status.in_((Status.BOOKED, Status.ARRIVED)),
    )
    return db.session.scalars(ahead).all()


def _about(patient: Patient, said: Said) -> About:
    if said.session_id is None:
        return patient
    return db.session.get_one(Session, (patient.clinic_id, said.session_id))


def _follow_invitation(patient: Patient, said: Said, *, now: datetime) -> None:
    support = db.session.get_one(SupportPerson, (patient.clinic_id, said.subject_id))
    if said.value is Value.YES:
        support.state = SupportState.ACCEPTED
        contact = db.session.get_one(Contact, (patient.clinic_id, support.contact_id))
        if contact.consented_at is None:
            consent(contact, source=said.how, now=now)
    elif said.value is Value.NO:
        support.state = SupportState.DECLINED
    db.session.flush()
