"""How does a session end without happening? Cancelled, omitted, deferred or missed, and what the protocol proposes follows."""

from datetime import datetime

from actions.record import Actor
from actions.sessions.changes.change import change_at_once
from care.course.changes.wishes import Change, ChangeVerb
from care.facts import Cause
from models import Session


def cancel(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """The session is off, and its time is free again. Raises `Refused` with every reason."""
    _end(ChangeVerb.CANCEL, session, cause, reason, by=by, now=now)


def omit(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """This one is left out on purpose; numbering does not shift."""
    _end(ChangeVerb.OMIT, session, cause, reason, by=by, now=now)


def defer(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """Not given for a clinical reason. Nobody is to blame; a clinician decides what comes instead."""
    _end(ChangeVerb.DEFER, session, cause, reason, by=by, now=now)


def miss(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """The person did not come. Numbering and later dates stay; the protocol's policy says whether one is added."""
    _end(ChangeVerb.MISS, session, cause, reason, by=by, now=now)


def _end(verb: ChangeVerb, session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    wish = Change(verb, session.course_id, session.id, cause=cause)
    change_at_once(wish, by=by, now=now, reason=reason)
