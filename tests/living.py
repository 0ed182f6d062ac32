"""How does a course go when everybody does as planned? Lived with real rows, the real sender and a clock that jumps.

Its steps are those of the dry run (`care.rehearse`): at every moment first what happens at the sessions, then what is sent;
every text is answered at once, and what an answer changes is due in the same moment.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import current_app
from sqlalchemy import func

from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment, SupportNamed
from actions.facts import rules_of, session_facts
from actions.reconcile_questions import UNANSWERED
from actions.record import Actor
from actions.remind import sender_of
from actions.sessions.attend import arrive, attend, discharge, dose
from actions.sessions.book import book
from actions.sessions.offer import offered
from actions.steering.decide import Decided, review
from actions.texts.hear import hear_reply
from actions.texts.understand import understand_reply
from care.course.progress.reviews import Decision
from care.course.slots import Slot
from care.facts import SessionKind, Status, Step
from care.rehearse import when_the_window_opens
from care.times import wall
from models import (
    Contact,
    Course,
    Message,
    Question,
    QuestionState,
    Reminder,
    Reply,
    Review,
    Session,
    Stage,
    TaskReason,
    db,
)
from tests.people import ADA, SAM, Harbor

LINK = re.compile(r"https?://\S+/go/[\w-]+")
BEGUN = (Status.BOOKED, Status.ARRIVED, Status.DOSED)


@dataclass(frozen=True, order=True)
class Text:
    """One text as a person sees it; links differ each time, so they are named alike."""

    at: datetime
    number: str
    body: str


def plain_link(body: str) -> str:
    return LINK.sub("<link>", body)


def texts_sent() -> list[Text]:
    """Every text that went out, in order of time."""
    rows = db.session.execute(
        db.select(Message, Contact)
        .join(Contact, (Contact.clinic_id == Message.clinic_id) & (Contact.id == Message.contact_id))
        .where(Message.sent_at.is_not(None))
    )
    return sorted(Text(message.sent_at, contact.number, plain_link(message.body)) for message, contact in rows)


def text_back(clinic: Harbor, number: str, words: str, now: datetime) -> Reply:
    """Somebody texts the clinic, and it is understood at once."""
    said = db.session.scalar(db.select(func.count()).select_from(Reply)) or 0
    reply = hear_reply(sender_of(clinic.clinic.id), f"SM{said:032x}", number, words, now=now)
    assert reply is not None
    understand_reply(reply, now=now)
    db.session.commit()
    return reply


def advance(to: datetime) -> None:
    """Move the clock through everything that falls due on the way."""
    move: Callable[[datetime], None] = current_app.extensions["steadfast.advance"]
    move(to)
    db.session.expire_all()


def send_due(now: datetime) -> None:
    """One round of the dispatcher, as `advance` makes one at every moment on its way."""
    go_round: Callable[[Callable[[], datetime]], None] = current_app.extensions["steadfast.dispatch"]
    go_round(lambda: now)
    db.session.expire_all()


@dataclass
class Life:
    """A booked course from `now` on, in which everyone comes in time and says yes to everything but `silent_about`."""

    clinic: Harbor
    course: Course
    now: datetime
    silent_about: frozenset[Step] = frozenset()

    def live(self, until: datetime) -> None:
        while (moment := self._next_moment()) <= until:
            self._live(moment)

    def _live(self, moment: datetime) -> None:
        self.now = moment
        self._happen()
        send_due(moment)
        while self._answer():
            send_due(moment)

    # When

    def _next_moment(self) -> datetime:
        """The next that happens, is due or becomes a task; far away when there is none."""
        return min(self._moments(), default=self.now + timedelta(days=9_999))

    def _moments(self) -> Iterator[datetime]:
        yield from (at for at, _ in self._coming())
        for column, which in (
            (Reminder.look_at, Reminder.stage == Stage.WAITING),
            (Question.task_at, Question.state.in_(UNANSWERED) & ~Question.task_made),
        ):
            first = db.session.scalar(db.select(func.min(column)).where(which))
            if first is not None:
                yield max(first, self.now)

    # What happens at the sessions

    def _coming(self) -> list[tuple[datetime, Session]]:
        """Sessions with a time, by when the next thing happens to them."""
        rows = db.session.scalars(
            db.select(Session).where(Session.course_id == self.course.id, Session.status.in_(BEGUN))
        )
        return sorted(((_next_of(row), row) for row in rows), key=lambda each: (each[0], each[1].number))

    def _happen(self) -> None:
        while (coming := self._coming()) and coming[0][0] <= self.now:
            _take_part(coming[0][1], self.clinic.clive, self.now)
            self._look()
        db.session.commit()

    def _look(self) -> None:
        """A clinician looks at the course as soon as it calls for it, and lets it go on."""
        for looked_at in db.session.scalars(db.select(Review).where(Review.decided_at.is_(None))).all():
            review(self.course, looked_at, Decided(Decision.CONTINUE, "goes well"), by=self.clinic.clive, now=self.now)

    # Answers

    def _answer(self) -> bool:
        """Say yes to what is open; whether anything was."""
        asked = db.session.scalars(
            db.select(Question)
            .where(Question.state == QuestionState.OPEN, Question.step.not_in(self.silent_about))
            .order_by(Question.asked_at, Question.id)
        ).all()
        for question in asked:
            if question.step == Step.INTEGRATION:
                self._choose_time(db.session.get_one(Session, (question.clinic_id, question.session_id)))
            else:
                contact = db.session.get_one(Contact, (question.clinic_id, question.contact_id))
                text_back(self.clinic, contact.number, "1", self.now)
        return bool(asked)

    def _choose_time(self, session: Session) -> None:
        of_dose = db.session.get_one(Session, (session.clinic_id, session.of_session_id))
        wanted = when_the_window_opens(session_facts(of_dose, rules_of(self.course)), self.now)
        found = offered(session, wanted, wanted + timedelta(hours=2), by=self.clinic.cora, now=self.now)
        slot = next(slot for slot, refusals in found if slot.starts_at == wanted and not refusals)
        book(session, slot, by=self.clinic.cora, now=self.now)
        db.session.commit()


def _next_of(session: Session) -> datetime:
    moment = {
        Status.BOOKED: session.arrive_at if session.kind == SessionKind.DOSING else session.ends_at,
        Status.ARRIVED: session.starts_at,
        Status.DOSED: session.ends_at,
    }[Status(session.status)]
    assert moment is not None
    return moment


def _take_part(session: Session, by: Actor, now: datetime) -> None:
    if session.kind != SessionKind.DOSING:
        attend(session, by=by, now=now)
    elif session.status == Status.BOOKED:
        arrive(session, by=by, now=now)
    elif session.status == Status.ARRIVED:
        dose(session, by=by, now=now)
    else:
        discharge(session, by=by, now=now)


def reasons_raised() -> list[tuple[datetime, str]]:
    """Every reason on a worklist, with when it was raised."""
    return sorted((row.at, row.code) for row in db.session.scalars(db.select(TaskReason)))


# A course on chosen days


def new_york(day: str, clock: str) -> datetime:
    """`new_york("2027-02-09", "10:00")`: that clock time at the clinic, as an instant."""
    return wall(date.fromisoformat(day), time.fromisoformat(clock), "America/New_York")


def enrolled(
    clinic: Harbor, protocol: str, *, starts_on: str, weekdays: tuple[int, ...], now: datetime, support: str = SAM
) -> Course:
    """Ada, with Sam as her support person at `support`."""
    wish = Enrolment(
        name="Ada Example",
        number=ADA,
        protocol=protocol,
        starts_on=date.fromisoformat(starts_on),
        weekdays=weekdays,
        supports=(SupportNamed("Sam Sample", support),),
    )
    course = enrol(clinic.clinic, wish, by=clinic.cora, now=now)
    db.session.commit()
    return course


def slot_at(clinic: Harbor, session: Session, at: datetime, now: datetime) -> Slot:
    found = offered(session, at, at + timedelta(minutes=1), by=clinic.cora, now=now)
    return next(slot for slot, refusals in found if not refusals)


def booked_at(clinic: Harbor, course: Course, times: Sequence[datetime], now: datetime) -> list[Session]:
    """The first doses of the course, booked at these times."""
    sessions = [clinic.session(course, number) for number, _ in enumerate(times, 1)]
    for session, at in zip(sessions, times, strict=True):
        book(session, slot_at(clinic, session, at, now), by=clinic.cora, now=now)
    db.session.commit()
    return sessions


def texts_to(number: str, *, after: datetime, until: datetime) -> list[Text]:
    """What was read at this number after one instant and up to another."""
    return [text for text in texts_sent() if text.number == number and after < text.at <= until]
