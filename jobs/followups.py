"""What happens because nothing happened? Silence and absence become tasks, holds end, stale patients are judged anew."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, or_, select

from actions.reconcile_questions import UNANSWERED
from actions.remind import remind_stale
from actions.texts.silence import ask_about_absence, ask_about_silence
from care.facts import UNDER_WAY, SessionKind, Status
from jobs.recover import each_alone, found
from models import Booking, Patient, Question, Session, db

LAST_DAY = timedelta(days=1)


def ask_about_silences(now: datetime) -> None:
    """Questions without an answer at the moment that makes them a task."""
    first = (Question.task_at <= now) & ~Question.task_made
    again = (Question.then_at <= now) & Question.task_made
    silent = (
        select(Question.clinic_id, Question.patient_id, Question.id)
        .where(Question.state.in_(UNANSWERED), or_(first, again))
        .order_by(Question.task_at, Question.id)
    )
    each_alone(found(silent), ask_about_silence, now=now)


def ask_about_absences(now: datetime) -> None:
    """Doses that did not go on as they should have: with nobody there, nothing given, or nobody seen leaving."""
    each_alone(found(under_way(now).order_by(Session.starts_at, Session.id)), _ask_about, now=now)


def under_way(now: datetime) -> Select[UUID, UUID]:
    """Doses of the last day whose start has come and whose end is not noted."""
    return select(Session.clinic_id, Session.id).where(
        Session.kind == SessionKind.DOSING,
        Session.status.in_((Status.BOOKED, *UNDER_WAY)),
        Session.starts_at <= now,
        Session.starts_at > now - LAST_DAY,
    )


def _ask_about(clinic_id: UUID, session_id: UUID, *, now: datetime) -> None:
    ask_about_absence(db.session.get_one(Session, (clinic_id, session_id)), now=now)


def let_holds_go(now: datetime) -> None:
    """Holds whose minutes are over, of every clinic."""
    held = select(Booking.clinic_id).where(Booking.held_until <= now).distinct()
    each_alone(found(held), _let_go, now=now)


def _let_go(clinic_id: UUID, *, now: datetime) -> None:
    db.session.execute(Booking.expired_holds(clinic_id, now))


def remind_all_stale(now: datetime) -> None:
    """Patients whom a clinic-wide change left stale, each alone: one whose rows are odd keeps nobody else waiting."""
    after, failed = UUID(int=0), 1
    while failed:
        stale = select(Patient.clinic_id, Patient.id).where(Patient.stale, Patient.id > after).order_by(Patient.id)
        rows = found(stale)
        failed = each_alone(rows, remind_stale, now=now)
        after = rows[-1].id if rows else after
