"""How did the demonstration's people get where they are? Their weeks are lived through, text by text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment, SupportNamed
from actions.facts import rules_of, session_facts
from actions.record import Actor
from actions.remind import sender_of
from actions.sessions.attend import arrive, attend, discharge, dose
from actions.sessions.book import book
from actions.sessions.confirm import confirm
from actions.sessions.end import miss
from actions.sessions.offer import offered
from actions.steering.decide import Decided, review
from actions.texts.hear import hear_reply
from actions.texts.understand import understand_reply
from care.course.progress.reviews import Decision
from care.facts import Cause, How, SessionKind, Status, Step, Value
from care.times import local_date, wall
from care.windows import integration_window
from models import Clinic, Contact, Course, Question, QuestionState, Review, Session, Staff, db
from models.clock import set_care_clock

Advance = Callable[[datetime], None]

PULSE = timedelta(hours=3)  # people look at their phones about so often
A_DAY = timedelta(days=1)
GOES_WELL = Decided(Decision.CONTINUE, "Better than before the first session. Goes on as planned.")


@dataclass(frozen=True, slots=True)
class Life:
    """One person's way: enrolled so many days before today, first dose so many days from today (negative: ago)."""

    name: str
    number: str
    protocol: str
    enrolled_days_ago: int
    first_dose_in_days: int
    second_after_days: int
    around: str
    support: SupportNamed | None
    language: str = "en"
    books: bool = True
    misses: int | None = None  # the number of the dose that this person does not come to
    silent_from_days_ago: int | None = None  # since then questions stay unanswered
    support_answers: bool = True


LIVES = (
    Life("Ada Rivers", "+12125550101", "iv_6", 14, -9, 3, "10:00", SupportNamed("Sam Rivers", "+12125550102")),
    Life(
        "Beatriz Luna",
        "+12125550103",
        "spravato_trd",
        12,
        -6,
        3,
        "14:00",
        SupportNamed("Marco Luna", "+12125550104", "es"),
        language="es",
        silent_from_days_ago=2,
    ),
    Life(
        "Carl Winter",
        "+12125550105",
        "home_seed_2_3w",
        3,
        1,
        3,
        "09:30",
        SupportNamed("June Winter", "+12125550106"),
        support_answers=False,
    ),
    Life("Dora Finch", "+12125550107", "iv_6", 12, -7, 3, "13:00", SupportNamed("Theo Finch", "+12125550108")),
    Life(
        "Finn Gallo",
        "+12125550109",
        "iv_6",
        11,
        -6,
        3,
        "11:00",
        SupportNamed("Rosa Gallo", "+12125550110"),
        misses=2,
    ),
    Life("Gwen Abara", "+12125550112", "iv_6", 6, 0, 3, "16:30", SupportNamed("Obi Abara", "+12125550113")),
    Life("Eli Stone", "+12125550111", "spravato_trd", 0, 5, 2, "10:00", None, books=False),
)


def live_through(clinic: Clinic, until: datetime, advance: Advance) -> None:
    """Live everyone's weeks up to `until`. Commits as it goes."""
    story = _Story(clinic, until)
    clock = story.begins
    set_care_clock(clock)
    db.session.commit()
    while clock < until:
        clock = min(clock + PULSE, story.next_event(clock), until)
        advance(clock)
        story.go_on(clock)


class _Story:
    """The clinic's last weeks: who enrols when, who comes, who answers."""

    def __init__(self, clinic: Clinic, until: datetime) -> None:
        self.clinic, self.until = clinic, until
        self.today = local_date(until, clinic.zone)
        self.coordinator = _actor(clinic, "coordinator")
        self.clinician = _actor(clinic, "clinician")
        self.waiting = [(self._enrolled_at(life), life) for life in LIVES]
        self.courses: dict[UUID, Life] = {}
        self.begins = min(at for at, _ in self.waiting) - timedelta(minutes=5)

    def next_event(self, clock: datetime) -> datetime:
        """The next enrolment, arrival, dose or end after `clock`."""
        moments = [at for at, _ in self.waiting]
        moments += [moment for session in self._under_way() if (moment := _next_moment(session))]
        return min((at for at in moments if at > clock), default=self.until)

    def go_on(self, now: datetime) -> None:
        """What people do by this moment: enrol, come, leave, answer."""
        for at, life in [each for each in self.waiting if each[0] <= now]:
            self.waiting.remove((at, life))
            self._enrol(life, now)
        for session in self._under_way():
            self._take_part(session, now)
        for question in self._open_questions():
            self._answer(question, now)
        for looked_at in self._open_reviews(now):
            course = db.session.get_one(Course, (self.clinic.id, looked_at.course_id))
            review(course, looked_at, GOES_WELL, by=self.clinician, now=now)
        db.session.commit()

    def _enrolled_at(self, life: Life) -> datetime:
        day = self.today - timedelta(days=life.enrolled_days_ago)
        return min(wall(day, time(9, 15), self.clinic.zone), self.until - timedelta(minutes=30))

    def _enrol(self, life: Life, now: datetime) -> None:
        first = self.today + timedelta(days=life.first_dose_in_days)
        wish = Enrolment(
            name=life.name,
            number=life.number,
            protocol=life.protocol,
            starts_on=first,
            weekdays=(first.weekday(), (first + timedelta(days=life.second_after_days)).weekday()),
            around=life.around,
            language=life.language,
            supports=(life.support,) if life.support else (),
        )
        course = enrol(self.clinic, wish, by=self.coordinator, now=now)
        self.courses[course.id] = life
        if life.books:
            self._book_doses(course, now)

    def _book_doses(self, course: Course, now: datetime) -> None:
        around = time.fromisoformat(course.preferences["around"])
        for session in _sessions(course, SessionKind.DOSING):
            at = wall(session.target_on, around, self.clinic.zone)
            self._book(session, at, now)

    def _book(self, session: Session, at: datetime, now: datetime, *, days: int = 1) -> None:
        found = offered(session, at, at + timedelta(days=days), by=self.coordinator, now=now)
        slot = next((slot for slot, refusals in found if not refusals), None)
        if slot is not None:
            book(session, slot, by=self.coordinator, now=now)

    def _under_way(self) -> list[Session]:
        """Sessions with something still to happen, in order of time."""
        waiting = (Status.BOOKED, Status.ARRIVED, Status.DOSED)
        mine = select(Session).where(Session.clinic_id == self.clinic.id, Session.status.in_(waiting))
        return list(db.session.scalars(mine.order_by(Session.starts_at)))

    def _take_part(self, session: Session, now: datetime) -> None:
        moment = _next_moment(session)
        if moment is None or moment > now:
            return
        if session.kind != SessionKind.DOSING:
            attend(session, by=self.clinician, now=now)
        elif session.status == Status.BOOKED:
            self._come(session, now)
        elif session.status == Status.ARRIVED:
            dose(session, by=self.clinician, now=now)
        else:
            discharge(session, by=self.clinician, now=now)

    def _come(self, session: Session, now: datetime) -> None:
        if self.courses[session.course_id].misses == session.number:
            if session.starts_at is not None and now >= session.starts_at:
                miss(session, Cause.PATIENT, "Did not come and could not be reached.", by=self.coordinator, now=now)
            return
        for step in (Step.TRANSPORT, Step.RIDE_TODAY, Step.SUPPORT):
            confirm(session, step, Value.YES, by=self.coordinator, how=How.STAFF, now=now)
        arrive(session, by=self.coordinator, now=now)

    def _open_reviews(self, now: datetime) -> Sequence[Review]:
        """Clinicians look at a course a day after it calls for it."""
        waiting = select(Review).where(
            Review.clinic_id == self.clinic.id, Review.decided_at.is_(None), Review.due_at <= now - A_DAY
        )
        return db.session.scalars(waiting.order_by(Review.due_at, Review.id)).all()

    def _open_questions(self) -> Sequence[Question]:
        asked = select(Question).where(Question.clinic_id == self.clinic.id, Question.state == QuestionState.OPEN)
        return db.session.scalars(asked).all()

    def _answer(self, question: Question, now: datetime) -> None:
        life = self._life_of(question)
        if self._is_silent(life, question, now):
            return
        if question.step == Step.INTEGRATION and question.session_id is not None:
            self._book_integration(db.session.get_one(Session, (self.clinic.id, question.session_id)), now)
        else:
            self._text_back(question, "1", now)

    def _life_of(self, question: Question) -> Life:
        course = select(Course.id).where(Course.clinic_id == self.clinic.id, Course.patient_id == question.patient_id)
        return self.courses[db.session.execute(course).scalar_one()]

    def _is_silent(self, life: Life, question: Question, now: datetime) -> bool:
        if question.support_person_id is not None and not life.support_answers:
            return True
        return life.silent_from_days_ago is not None and now > self.until - timedelta(days=life.silent_from_days_ago)

    def _text_back(self, question: Question, words: str, now: datetime) -> None:
        contact = db.session.get_one(Contact, (self.clinic.id, question.contact_id))
        sender = sender_of(self.clinic.id)
        reply = hear_reply(sender, f"SM{question.id.hex}", contact.number, words, 0, now=now)
        if reply is not None:
            understand_reply(reply, now=now)

    def _book_integration(self, session: Session, now: datetime) -> None:
        course = db.session.get_one(Course, (session.clinic_id, session.course_id))
        of_dose = db.session.get_one(Session, (session.clinic_id, session.of_session_id))
        opens, closes = integration_window(session_facts(of_dose, rules_of(course)))
        self._book(session, max(opens, now), now, days=max((closes - opens).days, 1))


def _actor(clinic: Clinic, role: str) -> Actor:
    staff = select(Staff).where(Staff.clinic_id == clinic.id, Staff.role == role).order_by(Staff.id).limit(1)
    row = db.session.execute(staff).scalar_one()
    return Actor(row.role, row.id, clinic.id)


def _sessions(course: Course, kind: SessionKind) -> Sequence[Session]:
    mine = select(Session).where(
        Session.clinic_id == course.clinic_id, Session.course_id == course.id, Session.kind == kind
    )
    return db.session.scalars(mine.order_by(Session.number)).all()


def _next_moment(session: Session) -> datetime | None:
    """When the next thing happens to a session that goes as planned."""
    if session.kind != SessionKind.DOSING:
        return session.ends_at
    return {
        Status.BOOKED: session.arrive_at or session.starts_at,
        Status.ARRIVED: session.starts_at,
        Status.DOSED: session.ends_at,
    }.get(Status(session.status))
