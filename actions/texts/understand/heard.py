"""Who wrote, what had they been asked, and which visit may they mean? A person reads what is not surely understood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from actions.ask import About, ask
from actions.facts import person_of
from actions.texts.contacts import Hearer
from actions.texts.tell import tell
from actions.texts.understand.visits import at_hand, dosed_lately, is_at_hand
from care.facts import Part, Person, Role, SessionKind, Step
from care.tasks import TaskCode
from care.times import local_date
from care.words.replies import speaks_of_trouble
from models import Contact, Patient, Question, Reply, Session, SupportPerson, db

CHECKS = frozenset({Step.SAFETY_EVENING, Step.SAFETY_NEXT_DAY})


@dataclass(frozen=True, slots=True)
class Heard:
    """A text, who may have written it, and what they were asked. All patients at the contact are locked."""

    reply: Reply
    contact: Contact
    people: Sequence[Hearer]
    patients: dict[UUID, Patient]
    asked: tuple[Question, ...]  # the open question, then those that the same digit answers
    now: datetime

    @property
    def speaker(self) -> Hearer:
        """Whom the open question was put to, else the first at this number."""
        person_id = self.asked[0].person_id if self.asked else None
        return next((each for each in self.people if each.person_id == person_id), self.people[0])

    @property
    def patient(self) -> Patient:
        return self.patients[self.speaker.patient_id]

    @property
    def about(self) -> About:
        """The visit that was asked about, else the one at hand or just given, else the patient."""
        session_id = self.asked[0].session_id if self.asked else None
        if session_id is not None:
            return db.session.get_one(Session, (self.contact.clinic_id, session_id))
        return at_hand(self.patients.values(), self.now) or self.dosed_lately or self.patient

    @property
    def dosed_lately(self) -> Session | None:
        return dosed_lately(self.patients.values(), self.now)

    @property
    def is_checked(self) -> bool:
        """Whether the open question asks how the patient is after a dose."""
        return any(question.step in CHECKS for question in self.asked)


def say(heard: Heard, kind: str, *, unique: str) -> None:
    person = as_person(heard, heard.speaker.person_id, is_support=heard.speaker.part is Part.SUPPORT)
    about = heard.about
    session_id = about.id if isinstance(about, Session) else None
    tell(heard.patient, kind, person, subject_id=person.id, session_id=session_id, unique=unique, now=heard.now)


def as_person(heard: Heard, person_id: UUID, *, is_support: bool) -> Person:
    key = (heard.contact.clinic_id, person_id)
    row = db.session.get_one(SupportPerson, key) if is_support else db.session.get_one(Patient, key)
    return person_of(row, heard.contact)


def call_upon(heard: Heard, role: Role, code: TaskCode, about: About, *, urgent: bool) -> None:
    """The text becomes a task, with its words."""
    ask(role, code, about, subject_id=heard.reply.id, detail=heard.reply.body, urgent=urgent, now=heard.now)


def leave_to_a_person(heard: Heard, code: TaskCode) -> str:
    """A person reads it: a clinician at once after a dose, and anybody at once where the visit is at hand.

    The writer hears so, once a day, so that two machines never talk to each other for long.
    """
    about = heard.about
    unwell = heard.is_checked or heard.dosed_lately is not None
    soon = isinstance(about, Session) and is_at_hand(about, heard.now)
    call_upon(heard, Role.CLINICIAN if unwell else Role.COORDINATOR, code, about, urgent=unwell or soon)
    if speaks_of_trouble(heard.reply.body):
        ask_about_today(heard)
    say(heard, "unclear_answer", unique=local_date(heard.now, heard.contact.zone).isoformat())
    return code


def ask_about_today(heard: Heard) -> None:
    """Trouble told while another visit is asked about may be about the one at hand: a person asks which."""
    today = at_hand(heard.patients.values(), heard.now, SessionKind.DOSING)
    if today is not None and heard.asked and heard.asked[0].session_id not in (None, today.id):
        call_upon(heard, Role.COORDINATOR, TaskCode.PROBLEM_MAY_BE_TODAY, today, urgent=True)
