"""How does a session end without happening? Cancelled, omitted, deferred or missed; its protocol says what follows."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import select

from actions.ask import ask, meet
from actions.facts import clinic_facts, rules_of, session_facts
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.sessions.book import free
from actions.sessions.replace import follow_policy
from care.course.booking import cancel_refusals, may_defer, may_miss, may_omit
from care.facts import Cause, Role, SessionFacts, SessionKind, Status
from care.refusals import Refusal, refuse_if_any
from care.tasks import TaskCode
from models import Clinic, Course, Patient, Session, db

Judge = Callable[[SessionFacts], list[Refusal]]
BECOMES = {
    Verb.CANCEL: Status.CANCELLED,
    Verb.OMIT: Status.OMITTED,
    Verb.DEFER: Status.DEFERRED,
    Verb.MISS: Status.MISSED,
}


def cancel(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """The session is off, and its time is free again. Raises `Refused` with every reason."""
    clinic = db.session.get_one(Clinic, session.clinic_id)
    freeze = clinic_facts(clinic).freeze
    _end(
        session,
        Verb.CANCEL,
        cause,
        reason,
        lambda facts: cancel_refusals(facts, now=now, by_staff=by.is_staff, freeze=freeze),
        by=by,
        now=now,
    )


def omit(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """This one is left out on purpose; numbering does not shift."""
    _end(session, Verb.OMIT, cause, reason, may_omit, by=by, now=now)


def defer(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """Not given for a clinical reason. Nobody is to blame; a clinician decides what comes instead."""
    _end(session, Verb.DEFER, cause, reason, may_defer, by=by, now=now)
    meet(session.clinic_id, session.id, code=TaskCode.NOT_DOSED, how="deferred", now=now)
    ask(Role.CLINICIAN, TaskCode.DEFERRED_REVIEW, session, subject_id=session.id, now=now)


def miss(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """The person did not come. Numbering and later dates stay; the protocol's policy says whether one is added."""
    _end(session, Verb.MISS, cause, reason, lambda facts: may_miss(facts, now=now), by=by, now=now)
    if session.kind == SessionKind.DOSING:
        follow_policy(session, now=now)
    ask(Role.COORDINATOR, TaskCode.MISSED_CALL, session, subject_id=session.id, now=now)


def _end(session: Session, verb: Verb, cause: Cause, reason: str, judge: Judge, *, by: Actor, now: datetime) -> None:
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    refuse_if_any(judge(session_facts(session, rules_of(course))))
    _close(session, verb, cause, by=by, now=now, patient=patient, reason=reason)
    for bound in _bound(session):
        _close(bound, Verb.CANCEL, cause, by=by, now=now, patient=patient, reason=reason)
    remind(patient, now=now)


def _close(
    session: Session, verb: Verb, cause: Cause, *, by: Actor, now: datetime, patient: Patient, reason: str
) -> None:
    free(session, now=now)
    session.status, session.cause, session.since = BECOMES[verb], cause, now
    db.session.flush()
    note(verb, by=by, now=now, patient=patient, subject_id=session.id, facts={"cause": cause}, reason=reason)


def _bound(session: Session) -> Iterable[Session]:
    """The integration sessions that belong to this dose and have not taken place."""
    return db.session.scalars(
        select(Session).where(
            Session.clinic_id == session.clinic_id,
            Session.of_session_id == session.id,
            Session.status.in_((Status.PLANNED, Status.BOOKED)),
        )
    ).all()
