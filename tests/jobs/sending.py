"""What do tests of sending share? A clinic whose texts go out by the real client to a provider on a local socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment
from actions.facts import person_of
from actions.texts.hear import hear_receipt, hear_reply, interpret_receipt
from actions.texts.tell import tell
from actions.texts.understand import understand_reply
from jobs.clock import round_at
from jobs.dispatch import Dispatcher
from jobs.recover import look_for_lost
from models import (
    Attempt,
    Contact,
    Course,
    Message,
    Patient,
    Purpose,
    Question,
    QuestionState,
    Receipt,
    Reminder,
    Reply,
    Sender,
    Task,
    TaskReason,
    TaskState,
    Transport,
    db,
)
from tests.databases import app_on
from tests.jobs.fake_provider import ACCOUNT, AUTH_TOKEN, SERVICE, FakeProvider
from tests.people import ADA, NOW, Harbor, harbor

QUICK = {"SEND_TIMEOUT_S": "1", "LEASE_S": "5", "SEND_THREADS": "4", "UNCONFIRMED_LOOKS_S": "60,180"}


@dataclass
class Scene:
    """Harbor on the wire, with Ada's course; `now` is the care clock of the test."""

    app: Any
    harbor: Harbor
    clinic_id: UUID
    now: datetime = NOW

    @property
    def dispatcher(self) -> Dispatcher:
        found: Dispatcher = self.app.extensions["steadfast.dispatcher"]
        return found

    def enrol(self, **wish: Any) -> Course:
        wish = {"protocol": "iv_6", "supports": (), **wish}
        protocol = wish.pop("protocol")
        return self.harbor.enrol_ada(protocol, now=self.now, **wish)

    def enrol_someone(self, number: str) -> Patient:
        """A patient of another name at this number, without a support person."""
        wish = Enrolment(
            name="Bea Example", number=number, protocol="iv_6", starts_on=date(2027, 1, 12), weekdays=(1, 4)
        )
        course = enrol(self.harbor.clinic, wish, by=self.harbor.cora, now=self.now)
        return self.harbor.patient(course)

    def greet(self, number: str) -> None:
        """A text that is due at once to someone new."""
        self._tell(number, "help_text")

    def tell_in_crisis(self, number: str) -> None:
        """A text to someone new that must not get lost."""
        self._tell(number, "crisis_text")

    def _tell(self, number: str, kind: str) -> None:
        patient = self.enrol_someone(number)
        tell(patient, kind, person_of(patient), subject_id=patient.id, now=self.now)

    def invite(self) -> None:
        """One text that is due at once: Sam's invitation."""
        self.harbor.enrol_ada(now=self.now)

    def send(self, *, after: timedelta = timedelta()) -> None:
        self.now += after
        now = self.now
        round_at(lambda: now)

    def look(self, machine_now: datetime) -> None:
        """Ask the provider for lost answers, as if the machine's clock stood there."""
        look_for_lost(self.now, machine_now)

    def reply(self, words: str, *, number: str = ADA, sid: str | None = None) -> Reply | None:
        sender = self.sender()
        sid = sid or f"SM{abs(hash((words, number, self.now))):032x}"[:34]
        reply = hear_reply(sender, sid, number, words, now=self.now)
        db.session.commit()
        if reply is not None:
            understand_reply(reply, now=self.now)
            db.session.commit()
        return reply

    def receipt(self, message: Message | dict[str, Any], status: str, code: int | None = None) -> bool:
        """A signed status callback, as the door hands it on."""
        taken = message if isinstance(message, dict) else None
        sid, token = (taken["sid"], token_of(taken["callback"])) if taken else (sid_of(message), "")
        news = hear_receipt(self.sender(), token, sid, status, code, now=self.now)
        db.session.commit()
        if news:
            stored = select(Receipt).where(
                Receipt.sid == sid, Receipt.status == status, Receipt.error_code == (code or 0)
            )
            interpret_receipt(db.session.scalars(stored).one(), now=self.now)
            db.session.commit()
        return news

    def sender(self) -> Sender:
        mine = select(Sender).where(Sender.clinic_id == self.clinic_id, Sender.purpose == Purpose.CARE)
        return db.session.scalars(mine).one()

    def contact(self, number: str) -> Contact:
        found = Contact.at(self.clinic_id, number)
        assert found is not None
        return found


@contextmanager
def on_phones(database: Any, **settings: Any) -> Iterator[Scene]:
    """Harbor, whose texts arrive on the demonstration's phones."""
    with app_on(database.url, **settings) as app, app.app_context():
        yield _scene(app)
        app.extensions["steadfast.dispatcher"].close()


@contextmanager
def on_the_wire(database: Any, fake: FakeProvider | str, **settings: Any) -> Iterator[Scene]:
    """Harbor, whose texts go out by Twilio's own client."""
    url = fake if isinstance(fake, str) else fake.url
    with app_on(database.url, TWILIO_BASE_URL=url, **{**QUICK, **settings}) as app, app.app_context():
        scene = _scene(app)
        for sender in db.session.scalars(select(Sender)).all():
            sender.account_sid, sender.messaging_service_sid = ACCOUNT, SERVICE
            sender.auth_token, sender.segments_per_second = AUTH_TOKEN, 100.0
            sender.transport = Transport.TWILIO
        db.session.commit()
        yield scene
        if isinstance(fake, FakeProvider):
            fake.release.set()
        app.extensions["steadfast.dispatcher"].close()


def _scene(app: Any) -> Scene:
    clinic = harbor()
    return Scene(app, clinic, clinic.clinic.id)


def token_of(callback: str) -> str:
    return callback.partition("?a=")[2].partition("#")[0]


def sid_of(message: Message) -> str:
    mine = select(Attempt.sid).where(Attempt.message_id == message.id, Attempt.sid.is_not(None))
    return db.session.scalars(mine).one() or ""


def texts() -> list[Message]:
    db.session.expire_all()
    return list(db.session.scalars(select(Message).order_by(Message.made_at, Message.id)))


def reminders(kind: str | None = None) -> list[Reminder]:
    db.session.expire_all()
    wanted = select(Reminder).order_by(Reminder.due_at, Reminder.id)
    return list(db.session.scalars(wanted.where(Reminder.kind == kind) if kind else wanted))


def reasons(patient_id: UUID | None = None) -> set[str]:
    """The codes of all reasons on open tasks that are not met."""
    db.session.expire_all()
    on = select(TaskReason.code).join(Task, (Task.clinic_id == TaskReason.clinic_id) & (Task.id == TaskReason.task_id))
    unmet = on.where(Task.state == TaskState.OPEN, TaskReason.met_at.is_(None))
    return set(db.session.scalars(unmet.where(Task.patient_id == patient_id) if patient_id else unmet))


def open_question() -> Question:
    db.session.expire_all()
    return db.session.scalars(select(Question).where(Question.state == QuestionState.OPEN)).one()
