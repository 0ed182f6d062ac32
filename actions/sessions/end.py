"""How does a session end without happening? Cancelled, omitted, deferred or missed; its protocol says what follows."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from actions.ask import ask, meet
from actions.facts import clinic_facts, rules_of, session_facts
from actions.record import Actor, lock, note
from actions.remind import remind
from actions.sessions.book import free
from care.course.booking import cancel_refusals, may_defer, may_miss, may_omit
from care.course.overdue import NOT_DOSED
from care.facts import Cause, Role, SessionFacts, SessionKind, Status
from care.protocol import MissedPolicy, Phase
from care.refusals import Refusal, refuse_if_any
from models import Clinic, Course, Patient, Session, db

Judge = Callable[[SessionFacts], list[Refusal]]


def cancel(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """The session is off, and its time is free again. Raises `Refused` with every reason."""
    clinic = db.session.get_one(Clinic, session.clinic_id)
    freeze = clinic_facts(clinic).freeze
    _end(
        session,
        Status.CANCELLED,
        cause,
        reason,
        lambda facts: cancel_refusals(facts, now=now, by_staff=by.is_staff, freeze=freeze),
        by=by,
        now=now,
    )


def omit(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """This one is left out on purpose; numbering does not shift."""
    _end(session, Status.OMITTED, cause, reason, may_omit, by=by, now=now)


def defer(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """Not given for a clinical reason. Nobody is to blame; a clinician decides what comes instead."""
    _end(session, Status.DEFERRED, cause, reason, may_defer, by=by, now=now)
    meet(session.clinic_id, session.id, code=NOT_DOSED, how="deferred", now=now)
    ask(Role.CLINICIAN, "deferred_review", session, subject_id=session.id, now=now)


def miss(session: Session, cause: Cause, reason: str, *, by: Actor, now: datetime) -> None:
    """The person did not come. Numbering and later dates stay; the protocol's policy says whether one is added."""
    _end(session, Status.MISSED, cause, reason, lambda facts: may_miss(facts, now=now), by=by, now=now)
    if session.kind == SessionKind.DOSING:
        _follow_policy(session, now=now)
    ask(Role.COORDINATOR, "missed_call", session, subject_id=session.id, now=now)


def _end(
    session: Session, status: Status, cause: Cause, reason: str, judge: Judge, *, by: Actor, now: datetime
) -> None:
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    refuse_if_any(judge(session_facts(session, rules_of(course))))
    _close(session, status, cause, by=by, now=now, patient=patient, reason=reason)
    for bound in _bound(session):
        _close(bound, Status.CANCELLED, cause, by=by, now=now, patient=patient, reason=reason)
    remind(patient, now=now)


def _close(
    session: Session, status: Status, cause: Cause, *, by: Actor, now: datetime, patient: Patient, reason: str
) -> None:
    free(session, now=now)
    session.status, session.cause, session.since = status, cause, now
    db.session.flush()
    note(status, by=by, now=now, patient=patient, subject_id=session.id, facts={"cause": cause}, reason=reason)


def _bound(session: Session) -> Iterable[Session]:
    """The integration sessions that belong to this dose and have not taken place."""
    return db.session.scalars(
        select(Session).where(
            Session.clinic_id == session.clinic_id,
            Session.of_session_id == session.id,
            Session.status.in_((Status.PLANNED, Status.BOOKED)),
        )
    ).all()


def _follow_policy(session: Session, *, now: datetime) -> None:
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    phase = next(each for each in rules_of(course).phases if each.name == session.phase)
    if phase.missed in (MissedPolicy.APPEND, MissedPolicy.SLIDE):
        _append(session, phase, now=now)
    elif phase.missed is MissedPolicy.CLINICIAN:
        ask(Role.CLINICIAN, "missed_review", session, subject_id=session.id, now=now)
    if _missed_in_phase(session) >= 2:
        ask(Role.CLINICIAN, "two_missed", session, subject_id=session.course_id, now=now)


def _append(session: Session, phase: Phase, *, now: datetime) -> None:
    """A planned session at the end of the phase that replaces the missed one."""
    last = db.session.scalars(
        select(Session)
        .where(
            Session.clinic_id == session.clinic_id,
            Session.course_id == session.course_id,
            Session.kind == session.kind,
            Session.phase == session.phase,
        )
        .order_by(Session.number.desc())
        .limit(1)
    ).one()
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    gap = timedelta(days=rules_of(course).spacing.min_gap_days)
    earliest = max(last.target_on, session.target_on) + gap
    db.session.add(
        Session(
            clinic_id=session.clinic_id,
            course_id=session.course_id,
            patient_id=session.patient_id,
            kind=session.kind,
            number=_next_number(session),
            phase=session.phase,
            setting=session.setting,
            status=Status.PLANNED,
            version=1,
            since=now,
            target_on=earliest,
            earliest_on=earliest,
            latest_on=earliest + timedelta(days=phase.max_gap_days),
            replaces_id=session.id,
            support_person_id=session.support_person_id,
        )
    )


def _next_number(session: Session) -> int:
    highest = select(func.max(Session.number)).where(
        Session.clinic_id == session.clinic_id, Session.course_id == session.course_id, Session.kind == session.kind
    )
    return (db.session.scalar(highest) or 0) + 1


def _missed_in_phase(session: Session) -> int:
    counted = select(func.count()).where(
        Session.clinic_id == session.clinic_id,
        Session.course_id == session.course_id,
        Session.kind == session.kind,
        Session.phase == session.phase,
        Session.status == Status.MISSED,
    )
    return db.session.scalar(counted) or 0
