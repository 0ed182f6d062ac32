"""Which texts go now? What is due is claimed in batches per sender, paced per contact, put into words and written down.

Rows are read and written as plain columns in batches, because this runs for every text of every clinic. Contacts and patients
that somebody else has locked are passed over until the next round, so that claiming never waits and never deadlocks.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, insert, or_, select, update

from actions.facts import clinic_facts, rules_of, session_facts
from actions.texts.contacts import NUMBER_UNUSABLE, Hearer, hearers
from actions.texts.outcome import call_instead, expire, suppress
from actions.texts.send import Claimed
from actions.texts.words import Words
from care.facts import ClinicFacts, Part, PatientFacts, Person, SessionKind, Step
from care.kinds import Load
from care.pacing import (
    TOGETHER,
    Bundle,
    ContactState,
    Fate,
    OpenQuestion,
    Pace,
    Stay,
    Waiting,
    in_induction,
    pace,
    takeover_until,
)
from care.pacing.values import HARDNESS
from care.protocol import Gate
from care.reminders import Ask
from models import (
    Attempt,
    Clinic,
    Contact,
    Course,
    Message,
    Patient,
    Purpose,
    Question,
    QuestionState,
    Reminder,
    Sender,
    Session,
    Stage,
    SupportPerson,
    db,
)
from models.columns import uuid7

log = logging.getLogger(__name__)

CAPS_LOOK_BACK = timedelta(days=8)
ASKED = (QuestionState.OPEN, QuestionState.JOINED)
COLUMNS = (
    Reminder.id,
    Reminder.kind,
    Reminder.person_id,
    Reminder.patient_id,
    Reminder.part,
    Reminder.subject_id,
    Reminder.repeat,
    Reminder.due_at,
    Reminder.look_at,
    Reminder.not_before,
    Reminder.not_after,
    Reminder.fills,
    Reminder.asks,
    Reminder.gate,
    Reminder.says,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What was claimed, and at how many contacts something was decided: none means that nothing more can be done now."""

    claimed: tuple[Claimed, ...]
    decided: int


@dataclass(frozen=True, slots=True)
class _Round:
    """What all contacts of one batch have in common."""

    sender: Sender
    clinic: ClinicFacts
    now: datetime
    lease_until: datetime


def senders_due(now: datetime) -> list[UUID]:
    """The senders that have something to look at and are not paused."""
    due = _due(now).with_only_columns(Reminder.sender_id).distinct()
    return list(db.session.scalars(due.join(Sender, Sender.id == Reminder.sender_id).where(Sender.paused_at.is_(None))))


def room(sender: Sender, *, machine_now: datetime, within_s: int) -> int:
    """How many more segments the bought rate lets this sender post within `within_s` seconds, whoever posts them."""
    since = _first_id(machine_now - timedelta(seconds=within_s))  # ids grow with time, so the primary key finds them
    posted = (
        select(func.coalesce(func.sum(Message.segments), 0))
        .join(Attempt, and_(Attempt.clinic_id == Message.clinic_id, Attempt.message_id == Message.id))
        .where(Attempt.clinic_id == sender.clinic_id, Attempt.id >= since, Attempt.sender_id == sender.id)
    )
    return max(0, round(sender.segments_per_second * within_s) - int(db.session.scalar(posted) or 0))


def _first_id(at: datetime) -> UUID:
    return UUID(int=int(at.timestamp() * 1000) << 80)


def claim(sender: Sender, *, now: datetime, machine_now: datetime, lease_s: int, limit: int) -> Batch:
    """Claim what is due at up to `limit` contacts, the most urgent first. Nothing is sent yet."""
    clinic = clinic_facts(db.session.get_one(Clinic, sender.clinic_id))
    moment = _Round(sender, clinic, now, machine_now + timedelta(seconds=lease_s))
    contacts, people = _lock(sender.clinic_id, _contacts_due(sender, now, limit))
    waiting = _waiting(moment, people)
    states = _states(moment, contacts, people)
    written = _Written(moment, people)
    for contact in contacts:
        rows = waiting[contact.id]
        if contact.unusable_why is not None:
            _call_all([row for row in rows if row.due_at <= now], NUMBER_UNUSABLE, now)
            continue
        decision = pace(states[contact.id], [_as_waiting(row) for row in rows], now)
        _keep(decision, now)
        written.add(contact, states[contact.id], decision, {row.id: row for row in rows})
    decided = sum(any(row.look_at <= now for row in waiting[contact.id]) for contact in contacts)
    return Batch(written.flush(), decided)


# What is due, at whom


def _due(now: datetime) -> Any:
    """Waiting reminders to look at whose patients are not stale: what those should hear is about to be judged anew."""
    return (
        select(Reminder.id)
        .join(Patient, and_(Patient.clinic_id == Reminder.clinic_id, Patient.id == Reminder.patient_id))
        .where(Reminder.stage == Stage.WAITING, Reminder.look_at <= now, Patient.stale.is_(False))
    )


def _contacts_due(sender: Sender, now: datetime, limit: int) -> list[UUID]:
    """The contacts to look at, by their earliest deadline."""
    contact_id = func.coalesce(SupportPerson.contact_id, Patient.contact_id)
    most_urgent = (
        _due(now)
        .with_only_columns(contact_id)
        .outerjoin(
            SupportPerson,
            and_(SupportPerson.clinic_id == Reminder.clinic_id, SupportPerson.id == Reminder.support_person_id),
        )
        .where(Reminder.sender_id == sender.id)
        .group_by(contact_id)
        .order_by(func.min(Reminder.not_after), contact_id)
        .limit(limit)
    )
    return list(db.session.scalars(most_urgent))


def _lock(clinic_id: UUID, contact_ids: list[UUID]) -> tuple[list[Contact], dict[UUID, list[Hearer]]]:
    """Contacts first, then the patients of everyone there; a contact with a busy patient waits for the next round."""
    wanted = select(Contact).where(Contact.clinic_id == clinic_id, Contact.id.in_(contact_ids)).order_by(Contact.id)
    fresh = {"populate_existing": True}
    contacts = db.session.scalars(
        wanted.with_for_update(skip_locked=True, key_share=True).execution_options(**fresh)
    ).all()
    people = hearers(clinic_id, [contact.id for contact in contacts])
    ids = {each.patient_id for there in people.values() for each in there}
    mine = select(Patient).where(Patient.clinic_id == clinic_id, Patient.id.in_(ids)).order_by(Patient.id)
    got = db.session.scalars(mine.with_for_update(skip_locked=True, key_share=True).execution_options(**fresh)).all()
    free = {patient.id for patient in got if not patient.stale}
    whole = [contact for contact in contacts if all(each.patient_id in free for each in people[contact.id])]
    return whole, {contact.id: people[contact.id] for contact in whole}


def _waiting(moment: _Round, people: Mapping[UUID, list[Hearer]]) -> dict[UUID, list[Row[Any]]]:
    """By contact, all that is due within three hours, held back or not: it may ride along."""
    contact_of = {each.person_id: contact_id for contact_id, there in people.items() for each in there}
    mine = (
        select(*COLUMNS)
        .where(
            Reminder.clinic_id == moment.clinic.id,
            Reminder.sender_id == moment.sender.id,
            Reminder.person_id.in_(contact_of),
            Reminder.stage == Stage.WAITING,
            Reminder.due_at <= moment.now + TOGETHER,
        )
        .order_by(Reminder.id)
        .with_for_update(skip_locked=True)
    )
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in db.session.execute(mine):
        found[contact_of[row.person_id]].append(row)
    return found


def _as_waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        id=row.id,
        kind=row.kind,
        person_id=row.person_id,
        part=Part(row.part),
        repeat=row.repeat,
        due_at=row.due_at,
        not_before=row.not_before,
        not_after=row.not_after,
        fills=row.fills,
        asks=tuple(Ask.from_json(said) for said in row.asks),
        gate=Gate(row.gate),
        says=row.says,
    )


# What each contact has had


def _states(
    moment: _Round, contacts: Sequence[Contact], people: Mapping[UUID, list[Hearer]]
) -> dict[UUID, ContactState]:
    sent, asked = _sent(moment, contacts), _asked(moment.clinic.id, contacts)
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


def _sent(moment: _Round, contacts: Sequence[Contact]) -> dict[UUID, list[tuple[datetime, Load]]]:
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


def _asked(clinic_id: UUID, contacts: Sequence[Contact]) -> dict[UUID, list[Question]]:
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


# What stays


def _keep(decision: Pace, now: datetime) -> None:
    """Held ones are looked at again later; for the others this was the last word."""
    held = {id_: until for id_, until in decision.held.items() if isinstance(id_, UUID)}
    for reminder_id, until in held.items():
        later = update(Reminder).where(Reminder.id == reminder_id, Reminder.stage == Stage.WAITING)
        db.session.execute(later.values(look_at=max(until, now + timedelta(seconds=1))))
    for reminder in _rows([id_ for id_ in decision.stays if id_ not in held]):
        _end(reminder, decision.stays[reminder.id], now)


def _end(reminder: Reminder, stay: Stay, now: datetime) -> None:
    match stay.fate:
        case Fate.EXPIRED:
            expire(reminder, now=now, reason=stay.reason)
        case Fate.CALL:
            call_instead(reminder, stay.reason, now=now)
        case _:
            suppress(reminder, stay.reason, now=now)


def _call_all(rows: Sequence[Row[Any]], reason: str, now: datetime) -> None:
    for reminder in _rows([row.id for row in rows]):
        call_instead(reminder, reason, now=now)


def _rows(ids: Iterable[Any]) -> Sequence[Reminder]:
    ids = list(ids)
    mine = select(Reminder).where(Reminder.id.in_(ids)).order_by(Reminder.id)
    return db.session.scalars(mine.execution_options(populate_existing=True)).all() if ids else ()


# What goes


class _Written:
    """The messages of one batch, gathered and written in two statements."""

    def __init__(self, moment: _Round, people: Mapping[UUID, list[Hearer]]) -> None:
        self.moment = moment
        self.words = Words(moment.clinic, people, moment.now)
        self.messages: list[dict[str, Any]] = []
        self.claims: list[Claimed] = []

    def add(self, contact: Contact, state: ContactState, decision: Pace, rows: Mapping[UUID, Row[Any]]) -> None:
        first = contact.greeted_at is None and self.moment.sender.purpose == Purpose.CARE
        for bundle in decision.messages:
            pieces = [rows[id_] for id_ in bundle.reminder_ids if isinstance(id_, UUID)]
            for patient_id in dict.fromkeys(row.patient_id for row in pieces):
                mine = [row for row in pieces if row.patient_id == patient_id]
                self._text(contact, state, bundle, mine, first=first)
                first = False

    def _text(
        self, contact: Contact, state: ContactState, bundle: Bundle, pieces: Sequence[Row[Any]], *, first: bool
    ) -> None:
        """One text speaks of one patient, whose name may be in it, also where a phone hears about two."""
        message_id, patient_id = uuid7(), pieces[0].patient_id
        try:
            body, segments = self.words.body(message_id, contact, pieces, shared=state.shared, first=first)
        except Exception:  # one text that cannot be written must not keep all others back
            log.exception("a text has no words", extra={"reminder_ids": [str(row.id) for row in pieces]})
            _call_all(pieces, "it could not be put into words", self.moment.now)
            return
        asking = [row for row in pieces if row.asks]
        question = _put(contact, bundle, asking, self.moment.now) if asking else None
        self.messages.append(
            {
                "clinic_id": contact.clinic_id,
                "id": message_id,
                "contact_id": contact.id,
                "patient_id": patient_id,
                "sender_id": self.moment.sender.id,
                "body_sealed": body,
                "segments": segments,
                "load": bundle.load,
                "stage": Stage.CLAIMED,
                "not_after": min(row.not_after for row in pieces),
                "made_at": self.moment.now,
                "claim": uuid7(),
                "lease_until": self.moment.lease_until,
                "looks": 0,
                "question_id": question.id if question else None,
            }
        )
        ids = tuple(row.id for row in pieces)
        self.claims.append(Claimed(contact.clinic_id, patient_id, message_id, self.messages[-1]["claim"], ids))

    def flush(self) -> tuple[Claimed, ...]:
        if self.messages:
            self.words.write_links()
            db.session.execute(insert(Message), self.messages)
            db.session.execute(
                update(Reminder),
                [
                    {"clinic_id": each.clinic_id, "id": id_, "stage": Stage.CLAIMED, "message_id": each.message_id}
                    for each in self.claims
                    for id_ in each.reminder_ids
                ],
            )
        db.session.flush()
        return tuple(self.claims)


def _put(contact: Contact, bundle: Bundle, asking: Sequence[Row[Any]], now: datetime) -> Question | None:
    """Open the question that this text asks, joined by what the same digit answers; the contact's other one lapses.

    The unique key on open questions is the judge.
    """
    rows = _questions(contact.clinic_id, asking)
    for other in _asked(contact.clinic_id, [contact])[contact.id]:
        other.state, other.leader_id = QuestionState.LAPSED, None
    db.session.flush()
    if not rows:
        return None
    leader, *joined = sorted(rows, key=lambda each: -HARDNESS[Gate(each.gate)])
    leader.state, leader.leader_id, leader.contact_id, leader.asked_at = QuestionState.OPEN, None, contact.id, now
    db.session.flush()
    for question in joined:
        question.state, question.leader_id = QuestionState.JOINED, leader.id
        question.contact_id, question.asked_at = contact.id, now
    took_over = OpenQuestion(leader.id, now, Gate(leader.gate), (), took_over=bundle.takes_over is not None)
    contact.takeover_until = takeover_until(took_over)
    db.session.flush()
    return leader


def _questions(clinic_id: UUID, asking: Sequence[Row[Any]]) -> list[Question]:
    """The unanswered questions behind these reminders, in the order in which they are asked."""
    wanted = [
        (row.person_id, UUID(said["subject_id"]), said["version"], said["step"]) for row in asking for said in row.asks
    ]
    found = select(Question).where(
        Question.clinic_id == clinic_id,
        Question.person_id.in_({person_id for person_id, *_ in wanted}),
        Question.state.in_((QuestionState.PLANNED, QuestionState.LAPSED, *ASKED)),
    )
    rows = {(each.person_id, each.subject_id, each.version, each.step): each for each in db.session.scalars(found)}
    return [rows[key] for key in dict.fromkeys(wanted) if key in rows]
