"""What happens because nothing happened? Silence becomes a task, holds end, courses go on, stale patients are judged anew."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from actions.courses.follow import follow_alone
from actions.remind import remind_stale
from actions.resources.shutting import keep_closed, lock_resources
from actions.texts.silence import ask_about_absence, ask_about_silence
from jobs.due import COURSES, HELD, UNANSWERED_AGAIN, UNANSWERED_FIRST, under_way
from jobs.recover import each_alone, found
from models import Booking, Closure, Course, Patient, Question, Session, db


def ask_about_silences(now: datetime) -> None:
    """Questions without an answer at the moment that makes them a task."""
    silent = (
        select(Question.clinic_id, Question.patient_id, Question.id)
        .where(or_(UNANSWERED_FIRST.by(now), UNANSWERED_AGAIN.by(now)))
        .order_by(Question.task_at, Question.id)
    )
    each_alone(found(silent), ask_about_silence, now=now)


def ask_about_absences(now: datetime) -> None:
    """Doses that did not go on as they should have: with nobody there, nothing given, or nobody seen leaving."""
    each_alone(found(under_way(now).order_by(Session.starts_at, Session.id)), _ask_about, now=now)


def _ask_about(clinic_id: UUID, session_id: UUID, *, now: datetime) -> None:
    ask_about_absence(db.session.get_one(Session, (clinic_id, session_id)), now=now)


def let_holds_go(now: datetime) -> None:
    """Holds whose minutes are over, of every clinic."""
    held = select(Booking.clinic_id).where(HELD.by(now)).distinct()
    each_alone(found(held), _let_go, now=now)


def _let_go(clinic_id: UUID, *, now: datetime) -> None:
    db.session.execute(Booking.expired_holds(clinic_id, now))


def keep_all_closed(now: datetime) -> None:
    """Closures in force take what came free in them meanwhile, such as the chair of a visit that was under way."""
    closed = select(Closure.clinic_id).where(Closure.lifted_at.is_(None), Closure.ends_at > now).distinct()
    each_alone(found(closed), _keep_closed, now=now)


def _keep_closed(clinic_id: UUID, *, now: datetime) -> None:
    lock_resources(clinic_id)
    keep_closed(clinic_id, now=now)


def let_courses_go_on(now: datetime) -> None:
    """Courses for which time alone has brought something: a lapse, the next sessions of an open phase, the end of a pause."""
    due = select(Course.clinic_id, Course.patient_id, Course.id).where(COURSES.by(now))
    each_alone(found(due.order_by(Course.look_at, Course.id)), follow_alone, now=now)


def remind_all_stale(now: datetime) -> None:
    """Patients whom a clinic-wide change left stale, each alone: one whose rows are odd keeps nobody else waiting."""
    after, failed = UUID(int=0), 1
    while failed:
        stale = select(Patient.clinic_id, Patient.id).where(Patient.stale, Patient.id > after).order_by(Patient.id)
        rows = found(stale)
        failed = each_alone(rows, remind_stale, now=now)
        after = rows[-1].id if rows else after
