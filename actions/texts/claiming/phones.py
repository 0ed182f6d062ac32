"""What has each phone had lately, and which question is open there?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select

from actions.facts import rules_of, session_facts
from actions.texts.claiming.due import Round
from actions.texts.contacts import Hearer
from care.facts import ClinicFacts, Part, PatientFacts, Person, SessionKind, Step
from care.kinds import Load
from care.pacing import ContactState, OpenQuestion, in_induction
from care.pacing.values import HARDNESS
from care.protocol import Gate
from care.reminders import Ask
from models import Contact, Course, Message, Question, QuestionState, Session, Stage, db

CAPS_LOOK_BACK = timedelta(days=8)
ASKED = (QuestionState.OPEN, QuestionState.JOINED)


def states_of(
    moment: Round, contacts: Sequence[Contact], people: Mapping[UUID, list[Hearer]]
) -> dict[UUID, ContactState]:
    """By contact, what pacing goes by."""
    sent, asked = _sent(moment, contacts), asked_at(moment.clinic.id, contacts)
    beginning = _in_induction(moment.clinic, people)
    return {
        contact.id: ContactState(
            id=contact.id,
            zone=contact.zone,
            language=contact.language,
            quiet=moment.clinic.quiet,
            caps=moment.clinic.caps,
            phase_is_induction=any(beginning[each.patient_id] for each in people[contact.id]),
            sent=tuple(sent[contact.id]),
            open=_open(asked[contact.id], contact),
            opted_out=contact.opted_out_at is not None,
            consented=contact.consented_at is not None,
            shared=len(people[contact.id]) > 1,
        )
        for contact in contacts
    }


def _sent(moment: Round, contacts: Sequence[Contact]) -> dict[UUID, list[tuple[datetime, Load]]]:
    """Texts that went out or may have: those that the provider refused count for nobody."""
    said_at = func.coalesce(Message.sent_at, Message.made_at)
    went = or_(Message.sent_at.is_not(None), Message.stage != Stage.ENDED)
    texts = select(Message.contact_id, said_at, Message.load).where(
        Message.clinic_id == moment.clinic.id,
        Message.contact_id.in_([contact.id for contact in contacts]),
        Message.sender_id == moment.sender.id,
        said_at > moment.now - CAPS_LOOK_BACK,
        went,
    )
    found: dict[UUID, list[tuple[datetime, Load]]] = defaultdict(list)
    for contact_id, at, load in db.session.execute(texts):
        found[contact_id].append((at, Load(load)))
    return found


def asked_at(clinic_id: UUID, contacts: Sequence[Contact]) -> dict[UUID, list[Question]]:
    """By contact, the questions that a digit would answer now."""
    put = select(Question).where(
        Question.clinic_id == clinic_id,
        Question.contact_id.in_([contact.id for contact in contacts]),
        Question.state.in_(ASKED),
    )
    found: dict[UUID, list[Question]] = defaultdict(list)
    for question in db.session.scalars(put.execution_options(populate_existing=True)):
        found[question.contact_id or question.id].append(question)
    return found


def _open(asked: Sequence[Question], contact: Contact) -> OpenQuestion | None:
    """The open question with everything that the same digit answers."""
    leader = next((each for each in asked if each.state == QuestionState.OPEN), None)
    if leader is None or leader.asked_at is None:
        return None
    together = [leader, *(each for each in asked if each.leader_id == leader.id)]
    asks = tuple(Ask(each.subject_id, each.version, Step(each.step), each.session_id) for each in together)
    hardest = max((Gate(each.gate) for each in together), key=HARDNESS.__getitem__)
    return OpenQuestion(leader.id, leader.asked_at, hardest, asks, took_over=contact.takeover_until is not None)


def _in_induction(clinic: ClinicFacts, people: Mapping[UUID, list[Hearer]]) -> dict[UUID, bool]:
    ids = {each.patient_id for there in people.values() for each in there}
    courses = select(Course).where(Course.clinic_id == clinic.id, Course.patient_id.in_(ids))
    rules = {course.id: rules_of(course) for course in db.session.scalars(courses)}
    doses = select(Session).where(
        Session.clinic_id == clinic.id, Session.patient_id.in_(ids), Session.kind == SessionKind.DOSING
    )
    sessions = defaultdict(list)
    for row in db.session.scalars(doses):
        sessions[row.patient_id].append(session_facts(row, rules[row.course_id]))
    return {
        id_: in_induction(
            PatientFacts(clinic, Person(id_, Part.PATIENT, None, clinic.zone), sessions=tuple(sessions[id_]))
        )
        for id_ in ids
    }
