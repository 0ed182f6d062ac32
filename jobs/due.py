"""What falls due when? Each rule once: a round takes what is due by now, the moved clock asks for the next moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from actions.courses.follow import GOING_ON
from actions.facts import rules_of, session_facts
from actions.reconcile_questions import UNANSWERED
from actions.texts.silence import UNREPORTED_AFTER
from care.course.overdue import overdue
from care.facts import UNDER_WAY, SessionKind, Status
from models import Booking, Course, Message, Question, Reminder, Session, Stage, db

LAST_DAY = timedelta(days=1)  # a dose that nobody marked for so long is nobody's absence any more


@dataclass(frozen=True, slots=True)
class Due:
    """Rows that fall due `later` after their moment, as long as `holds`."""

    moment: InstrumentedAttribute[Any]
    holds: ColumnElement[bool]
    later: timedelta = timedelta()

    def by(self, now: datetime) -> ColumnElement[bool]:
        """Which of them are due by now."""
        return (self.moment <= now - self.later) & self.holds

    def next_after(self, after: datetime) -> datetime | None:
        """The first moment after this one at which any of them is."""
        first = db.session.scalar(select(func.min(self.moment)).where(self.holds, self.moment > after - self.later))
        return first + self.later if first is not None else None


_unanswered = Question.state.in_(UNANSWERED)

SAID = Due(Reminder.look_at, Reminder.stage == Stage.WAITING)
KEPT_BACK = Due(Reminder.not_after, Reminder.stage == Stage.WAITING, timedelta(seconds=1))
UNANSWERED_FIRST = Due(Question.task_at, _unanswered & ~Question.task_made)
UNANSWERED_AGAIN = Due(Question.then_at, _unanswered & Question.task_made)
HELD = Due(Booking.held_until, Booking.held_until.is_not(None))
UNREPORTED = Due(Message.sent_at, Message.stage == Stage.SENT, UNREPORTED_AFTER)
COURSES = Due(Course.look_at, Course.status.in_(GOING_ON))

RULES = (SAID, KEPT_BACK, UNANSWERED_FIRST, UNANSWERED_AGAIN, HELD, UNREPORTED, COURSES)


def next_moments(after: datetime) -> Iterator[datetime]:
    """The first moment after this one of every kind of thing that falls due."""
    for rule in RULES:
        at = rule.next_after(after)
        if at is not None:
            yield at
    yield from _absences(after)


def under_way(now: datetime) -> Select[UUID, UUID]:
    """Doses of the last day whose start has come and whose end is not noted."""
    return select(Session.clinic_id, Session.id).where(
        Session.kind == SessionKind.DOSING,
        Session.status.in_((Status.BOOKED, *UNDER_WAY)),
        Session.starts_at <= now,
        Session.starts_at > now - LAST_DAY,
    )


def _absences(after: datetime) -> Iterator[datetime]:
    """When the next step of a dose will be missing, of those that began and of the first that is to begin."""
    doses = select(Session).where(Session.kind == SessionKind.DOSING, Session.starts_at > after - LAST_DAY)
    begun = db.session.scalars(doses.where(Session.status.in_(UNDER_WAY)))
    yield from (at for at in map(_missing_from, begun) if at and at > after)
    booked = db.session.scalars(doses.where(Session.status == Status.BOOKED).order_by(Session.starts_at))
    yield from islice((at for at in map(_missing_from, booked) if at and at > after), 1)


def _missing_from(session: Session) -> datetime | None:
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    missing = overdue(session_facts(session, rules_of(course)))
    return missing.at if missing else None
