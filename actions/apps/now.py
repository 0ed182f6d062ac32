"""What matters to a patient now? All that the start page of their app shows, read and put into words once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from actions.apps.place import Place, place_of
from actions.facts import patient_facts, sessions_of
from actions.sessions.readiness import readiness
from care.course.coming import coming
from care.facts import Part, PatientFacts, SessionFacts, SessionKind, Status, Step, Value
from care.people import at_home, supporter
from care.readiness import StepState
from care.times import local_date
from care.windows import Window, WindowKind, all_windows
from care.words.screen import answers_to, is_on, say_step, say_visit, say_window
from models import Course, CourseStatus, Patient, Question, QuestionState, Session, SupportPerson, db

COMING = timedelta(hours=48)
UNDER_WAY = (CourseStatus.ACTIVE, CourseStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class WindowSaid:
    """A window with its sentence."""

    kind: WindowKind
    start: datetime
    end: datetime
    session_ids: tuple[UUID, ...]
    say: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One step that wants an answer: about what, whose word counts, what the app may answer, and when it goes to staff."""

    subject_id: UUID
    session_id: UUID | None
    version: int
    step: Step
    whose: Part
    answers: tuple[Value, ...]
    say: str
    deadline: datetime | None
    asked_at: datetime | None = None
    state: StepState | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One line of today. `at`: when it begins, if it has a time."""

    say: str
    at: datetime | None
    about: str


@dataclass(frozen=True, slots=True)
class Now:
    """Everything at one moment; `missing` is about `next_session`."""

    course: Course | None
    next_session: Session | None
    place: Place | None
    support: SupportPerson | None
    windows: tuple[WindowSaid, ...]
    coming: tuple[WindowSaid, ...]
    questions: tuple[Wanted, ...]
    missing: tuple[Wanted, ...]
    to_book: tuple[Session, ...]
    today: tuple[Said, ...]


def now_of(patient: Patient, *, now: datetime) -> Now:
    """What matters to this patient at `now`, in their language and zone."""
    rows, facts = sessions_of(patient), patient_facts(patient)
    course, ahead = _course(patient), coming(rows, now)
    windows = _windows(facts, now)
    questions = tuple(_asked(question, facts) for question in _open_questions(patient))
    return Now(
        course=course,
        next_session=ahead,
        place=place_of(ahead) if ahead else None,
        support=_support(ahead),
        windows=tuple(each for each in windows if each.start <= now < each.end),
        coming=tuple(each for each in windows if now < each.start <= now + COMING),
        questions=questions,
        missing=tuple(_missing(ahead, facts, now)) if ahead else (),
        to_book=tuple(_to_book(rows, course, facts, now)),
        today=tuple(_today(ahead, windows, questions, facts, now)),
    )


def _course(patient: Patient) -> Course | None:
    """The one under way, else the last."""
    mine = select(Course).where(Course.clinic_id == patient.clinic_id, Course.patient_id == patient.id)
    return db.session.scalars(mine.order_by(Course.status.in_(UNDER_WAY).desc(), Course.id.desc()).limit(1)).first()


def _support(session: Session | None) -> SupportPerson | None:
    if session is None or session.support_person_id is None:
        return None
    return db.session.get(SupportPerson, (session.clinic_id, session.support_person_id))


# Windows


def _windows(facts: PatientFacts, now: datetime) -> list[WindowSaid]:
    ahead = [window for window in all_windows(facts.sessions, facts.clinic.zone) if window.end > now]
    sessions = {session.id: session for session in facts.sessions}
    return [_said_window(window, ahead, sessions[window.session_ids[0]], facts, now) for window in ahead]


def _said_window(
    window: Window, others: Iterable[Window], session: SessionFacts, facts: PatientFacts, now: datetime
) -> WindowSaid:
    beside = {each.kind for each in others if session.id in each.session_ids}
    zone, language = facts.patient.zone, facts.patient.language
    say = say_window(window, beside, at_home=at_home(session), now=now, zone=zone, language=language)
    return WindowSaid(window.kind, window.start, window.end, window.session_ids, say)


# What wants an answer


def _open_questions(patient: Patient) -> Sequence[Question]:
    mine = select(Question).where(
        Question.clinic_id == patient.clinic_id,
        Question.person_id == patient.id,
        Question.state.in_((QuestionState.OPEN, QuestionState.JOINED)),
    )
    return db.session.scalars(mine.order_by(Question.asked_at, Question.id)).all()


def _asked(question: Question, facts: PatientFacts) -> Wanted:
    session = next((each for each in facts.sessions if each.id == question.session_id), None)
    step, starts_at = Step(question.step), session.starts_at if session else None
    return Wanted(
        question.subject_id,
        question.session_id,
        question.version,
        step,
        Part.PATIENT,
        answers_to(step, Part.PATIENT),
        say_step(step, Part.PATIENT, starts_at, facts.patient.zone, facts.patient.language),
        question.task_at,
        asked_at=question.asked_at,
    )


def _missing(session: Session, facts: PatientFacts, now: datetime) -> Iterator[Wanted]:
    known = next(each for each in facts.sessions if each.id == session.id)
    for state in readiness(session, now=now).missing:
        whose = _whose(state.step, known, facts)
        say = say_step(state.step, whose, session.starts_at, facts.patient.zone, facts.patient.language)
        answers = answers_to(state.step, whose)
        yield Wanted(
            session.id, session.id, session.version, state.step, whose, answers, say, state.deadline, state=state
        )


def _whose(step: Step, session: SessionFacts, facts: PatientFacts) -> Part:
    theirs = step in (Step.SUPPORT, Step.PRESENT) and supporter(facts, session) is not None
    return Part.SUPPORT if theirs else Part.PATIENT


# What wants a time


def _to_book(rows: Sequence[Session], course: Course | None, facts: PatientFacts, now: datetime) -> Iterator[Session]:
    """Planned ones of the course under way whose span is not over."""
    if course is None or course.status != CourseStatus.ACTIVE:
        return
    today = local_date(now, facts.clinic.zone)
    for row in rows:
        planned = row.course_id == course.id and row.status == Status.PLANNED and row.elsewhere_on is None
        if planned and row.latest_on >= today:
            yield row


# Today


def _today(
    ahead: Session | None,
    windows: Iterable[WindowSaid],
    questions: Iterable[Wanted],
    facts: PatientFacts,
    now: datetime,
) -> Iterator[Said]:
    """The visit, what is in force or begins today, and what was asked, in this order."""
    zone = facts.patient.zone
    if ahead is not None and ahead.starts_at is not None and is_on(ahead.starts_at, now, zone):
        yield Said(_visit(ahead, facts), ahead.arrive_at or ahead.starts_at, "visit")
    for window in windows:
        if window.start <= now < window.end or is_on(window.start, now, zone):
            yield Said(window.say, window.start, window.kind.value)
    for question in questions:
        yield Said(question.say, None, "question")


def _visit(session: Session, facts: PatientFacts) -> str:
    known = next(each for each in facts.sessions if each.id == session.id)
    if session.starts_at is None:
        raise ValueError(f"session {session.id} has no time")
    return say_visit(
        SessionKind(session.kind),
        session.starts_at,
        session.arrive_at,
        at_home=at_home(known),
        zone=facts.patient.zone,
        language=facts.patient.language,
    )
