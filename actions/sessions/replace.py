"""What takes the place of a missed dose, and how is that undone when the patient comes after all?"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from actions.ask import ask, meet
from actions.facts import rules_of
from actions.record import Actor, Verb, note
from actions.sessions.book import free, seat_again
from care.facts import Cause, Role, Status
from care.protocol import MissedPolicy, Phase
from care.protocol import Protocol as Rules
from care.tasks import TaskCode
from care.times import local_date
from models import Clinic, Course, Patient, Session, db

TWO = 2  # misses in one phase open a clinician's review


def follow_policy(session: Session, *, now: datetime) -> None:
    """What the protocol says of a missed dose: a replacement, a clinician's decision, or neither."""
    phase = _phase(session)
    if phase.missed in (MissedPolicy.APPEND, MissedPolicy.SLIDE):
        _append_in_time(session, phase, now=now)
    elif phase.missed is MissedPolicy.CLINICIAN:
        ask(Role.CLINICIAN, TaskCode.MISSED_REVIEW, session, subject_id=session.id, now=now)
    if _missed_in_phase(session) >= TWO:
        ask(Role.CLINICIAN, TaskCode.TWO_MISSED, session, subject_id=session.course_id, now=now)


def undo_miss(session: Session, missed_at: datetime, patient: Patient, *, by: Actor, now: datetime) -> None:
    """The patient came, or was marked wrongly: no replacement, no review; integration belongs to this dose again.

    `missed_at`: when the miss was noted. The session gets its seats again where they are still free.
    """
    for replacement in _unused(_replacements(session)):
        for each in (replacement, *_bound(replacement, Status.PLANNED, Status.BOOKED)):
            _give_up(each, patient, by=by, now=now)
    for integration in _cancelled_with(session, missed_at):
        _plan_again(integration, now=now)
    for code in (TaskCode.MISSED_CALL, TaskCode.MISSED_REVIEW):
        meet(session.clinic_id, session.id, code=code, how="they came after all", now=now)
    if _missed_in_phase(session) < TWO:
        meet(session.clinic_id, session.course_id, code=TaskCode.TWO_MISSED, how="they came after all", now=now)
    if not seat_again(session, now=now):
        ask(Role.COORDINATOR, TaskCode.SEAT_TAKEN, session, subject_id=session.id, urgent=True, now=now)


def _append_in_time(session: Session, phase: Phase, *, now: datetime) -> None:
    """A planned session at the end of the phase; where the phase allows none so late, a clinician decides."""
    gap = timedelta(days=_rules(session).spacing.min_gap_days)
    earliest = max(session.target_on, _last_target(session)) + gap
    latest = earliest + timedelta(days=phase.max_gap_days)
    if phase.append_within_days is not None:
        latest = min(latest, _began_on(session) + timedelta(days=phase.append_within_days))
    if latest < earliest:
        ask(Role.CLINICIAN, TaskCode.MISSED_REVIEW, session, subject_id=session.id, now=now)
    else:
        _append(session, earliest, latest, now=now)


def _append(session: Session, earliest: date, latest: date, *, now: datetime) -> None:
    """The replacement, and an integration session after it where the missed dose had one."""
    replacement = _planned_like(session, earliest, earliest, latest, now=now)
    replacement.replaces_id, replacement.support_person_id = session.id, session.support_person_id
    db.session.add(replacement)
    db.session.flush()
    for integration in _cancelled_with(session, session.since):
        db.session.add(_integration_after(replacement, integration, session, now=now))
        db.session.flush()


def _integration_after(replacement: Session, before: Session, missed: Session, *, now: datetime) -> Session:
    """As far from the replacement as the one before was from the missed dose."""
    target = replacement.target_on + (before.target_on - missed.target_on)
    earliest = replacement.earliest_on + (before.earliest_on - missed.earliest_on)
    latest = replacement.latest_on + (before.latest_on - missed.latest_on)
    integration = _planned_like(before, target, earliest, latest, now=now)
    integration.of_session_id = replacement.id
    return integration


def _planned_like(session: Session, target: date, earliest: date, latest: date, *, now: datetime) -> Session:
    return Session(
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
        target_on=target,
        earliest_on=earliest,
        latest_on=latest,
    )


def _give_up(session: Session, patient: Patient, *, by: Actor, now: datetime) -> None:
    free(session, now=now)
    session.status, session.cause, session.since = Status.CANCELLED, Cause.OTHER, now
    db.session.flush()
    why = {"cause": Cause.OTHER, "why": "the dose it replaced takes place"}
    note(Verb.CANCEL, by=by, now=now, patient=patient, subject_id=session.id, facts=why)


def _plan_again(session: Session, *, now: datetime) -> None:
    """Without a time: the one it had was given back."""
    session.status, session.cause, session.since = Status.PLANNED, None, now
    if session.starts_at is not None:
        session.starts_at = session.ends_at = session.arrive_at = None
        session.version += 1
    db.session.flush()


def _replacements(session: Session) -> Sequence[Session]:
    mine = select(Session).where(Session.clinic_id == session.clinic_id, Session.replaces_id == session.id)
    return db.session.scalars(mine).all()


def _unused(sessions: Sequence[Session]) -> list[Session]:
    return [each for each in sessions if each.status in (Status.PLANNED, Status.BOOKED)]


def _bound(session: Session, *statuses: Status) -> Sequence[Session]:
    """The integration sessions of this dose, in these statuses."""
    mine = select(Session).where(
        Session.clinic_id == session.clinic_id, Session.of_session_id == session.id, Session.status.in_(statuses)
    )
    return db.session.scalars(mine).all()


def _cancelled_with(session: Session, missed_at: datetime) -> list[Session]:
    """The integration sessions that the miss itself called off."""
    return [each for each in _bound(session, Status.CANCELLED) if each.since == missed_at]


def _rules(session: Session) -> Rules:
    return rules_of(db.session.get_one(Course, (session.clinic_id, session.course_id)))


def _phase(session: Session) -> Phase:
    return next(each for each in _rules(session).phases if each.name == session.phase)


def _of_phase(session: Session) -> Sequence[Session]:
    """Every session of this kind in this phase of the course, by number."""
    mine = select(Session).where(
        Session.clinic_id == session.clinic_id,
        Session.course_id == session.course_id,
        Session.kind == session.kind,
        Session.phase == session.phase,
    )
    return db.session.scalars(mine.order_by(Session.number)).all()


def _last_target(session: Session) -> date:
    return max(each.target_on for each in _of_phase(session) if each.status != Status.CANCELLED)


def _began_on(session: Session) -> date:
    """The local day of the phase's first dose, as it was booked or planned."""
    first, zone = _of_phase(session)[0], db.session.get_one(Clinic, session.clinic_id).zone
    return local_date(first.starts_at, zone) if first.starts_at else first.target_on


def _next_number(session: Session) -> int:
    highest = select(func.max(Session.number)).where(
        Session.clinic_id == session.clinic_id, Session.course_id == session.course_id, Session.kind == session.kind
    )
    return (db.session.scalar(highest) or 0) + 1


def _missed_in_phase(session: Session) -> int:
    return sum(each.status == Status.MISSED for each in _of_phase(session))
