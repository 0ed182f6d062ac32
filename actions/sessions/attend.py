"""What really happened? Arrived, dosed, discharged, attended: facts that nothing refuses but an earlier fact or an open gate."""

from collections.abc import Callable
from datetime import datetime

from actions.ask import meet
from actions.courses.follow import follow
from actions.courses.known import known
from actions.courses.reviews import open_reviews, reconcile_reviews
from actions.facts import patient_facts, rules_of, session_facts
from actions.protocols.safety import safety_refusals
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.sessions.changes.undoing import undo_miss
from care.course.booking import (
    CLINICIANS_FACTS,
    by_a_clinician,
    may_arrive,
    may_attend,
    may_correct,
    may_discharge,
    may_dose,
    may_have_been,
)
from care.facts import SessionFacts, Status
from care.readiness import hard_gates_open
from care.refusals import Refusal, refuse_if_any
from care.tasks import TaskCode
from models import Clinic, Course, Patient, Session, db

Judge = Callable[[SessionFacts, Patient], list[Refusal]]


def arrive(session: Session, *, by: Actor, now: datetime, at: datetime | None = None) -> None:
    """The patient is here. `at`: when, if it is written down later."""
    zone = db.session.get_one(Clinic, session.clinic_id).zone

    def happened() -> None:
        missed_at = session.since if session.status == Status.MISSED else None
        session.status, session.cause, session.arrived_at = Status.ARRIVED, None, at or now
        if missed_at is not None:
            session.since = now
            _undo_miss(session, missed_at, by=by, now=now)

    def judge(facts: SessionFacts, _: Patient) -> list[Refusal]:
        return [*may_arrive(facts, now=now, zone=zone), *may_have_been(facts, at or now, now=now)]

    _step(Verb.ARRIVE, session, judge, happened, by=by, now=now)
    meet(session.clinic_id, session.id, code=TaskCode.NOT_ARRIVED, how="arrived", now=now)


def dose(session: Session, *, by: Actor, now: datetime, at: datetime | None = None) -> None:
    """The dose is given.

    Refused while a hard gate is open, a review undecided or a safety version unanswered, with all of them.
    """

    def happened() -> None:
        session.status, session.dosed_at = Status.DOSED, at or now

    def judge(facts: SessionFacts, patient: Patient) -> list[Refusal]:
        gates = hard_gates_open(facts, patient_facts(patient))
        return [
            *by_a_clinician(by.kind),
            *may_dose(facts, open_gates=[*gates, *_reviews_open(session, patient, now), *_safety_version(session)]),
            *may_have_been(facts, at or now, now=now),
        ]

    _step(Verb.DOSE, session, judge, happened, by=by, now=now)
    meet(session.clinic_id, session.id, code=TaskCode.NOT_DOSED, how="dosed", now=now)


def discharge(
    session: Session, *, by: Actor, now: datetime, at: datetime | None = None, reason: str | None = None
) -> None:
    """A clinician judged the patient ready to leave; the rules for afterwards go out from this moment.

    Refused before the observation is over, unless a `reason` is given; the record keeps it.
    """

    def happened() -> None:
        session.status, session.discharged_at, session.since = Status.DISCHARGED, at or now, now

    def judge(facts: SessionFacts, _: Patient) -> list[Refusal]:
        return [
            *by_a_clinician(by.kind),
            *may_discharge(facts, at=at or now, reasoned=bool(reason)),
            *may_have_been(facts, at or now, now=now),
        ]

    _step(Verb.DISCHARGE, session, judge, happened, by=by, now=now, reason=reason)
    meet(session.clinic_id, session.id, code=TaskCode.NOT_DISCHARGED, how="discharged", now=now)


def attend(session: Session, *, by: Actor, now: datetime, at: datetime | None = None) -> None:
    """A session other than a dose took place."""

    def happened() -> None:
        session.status, session.discharged_at, session.since = Status.ATTENDED, at or now, now

    def judge(facts: SessionFacts, _: Patient) -> list[Refusal]:
        return [*may_attend(facts, now=now), *may_have_been(facts, at or now, now=now)]

    _step(Verb.ATTEND, session, judge, happened, by=by, now=now)


def correct(session: Session, reason: str, *, by: Actor, now: datetime) -> None:
    """Take back the last of arrive, dose, discharge, attend or miss; the record keeps both.

    A dose and a discharge are taken back by clinicians alone, as they are said by them alone.
    """
    zone = db.session.get_one(Clinic, session.clinic_id).zone
    was = session.status

    def happened() -> None:
        missed_at = session.since if session.status == Status.MISSED else None
        _take_back(session)
        session.since = now
        if missed_at is not None:
            _undo_miss(session, missed_at, by=by, now=now)

    def judge(facts: SessionFacts, _: Patient) -> list[Refusal]:
        role = by_a_clinician(by.kind) if facts.status in CLINICIANS_FACTS else []
        return [*role, *may_correct(facts, now=now, zone=zone)]

    _step(Verb.CORRECT, session, judge, happened, by=by, now=now, reason=reason, was=was)


def _reviews_open(session: Session, patient: Patient, now: datetime) -> list[Refusal]:
    """Those that fell due a moment ago included."""
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    reconcile_reviews(known(course), patient, now=now)
    return open_reviews(course)


def _safety_version(session: Session) -> list[Refusal]:
    return safety_refusals(db.session.get_one(Course, (session.clinic_id, session.course_id)))


def _take_back(session: Session) -> None:
    if session.status == Status.DISCHARGED:
        session.status, session.discharged_at = Status.DOSED, None
    elif session.status == Status.DOSED:
        session.status, session.dosed_at = Status.ARRIVED, None
    else:
        session.status, session.cause, session.arrived_at, session.discharged_at = Status.BOOKED, None, None, None


def _undo_miss(session: Session, missed_at: datetime, *, by: Actor, now: datetime) -> None:
    db.session.flush()
    undo_miss(session, missed_at, lock(session.clinic_id, session.patient_id), by=by, now=now)


def _step(
    verb: Verb,
    session: Session,
    judge: Judge,
    happened: Callable[[], None],
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    **known: str,
) -> None:
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    refuse_if_any(judge(session_facts(session, rules_of(course)), patient))
    happened()
    db.session.flush()
    note(verb, by=by, now=now, patient=patient, subject_id=session.id, facts=known, reason=reason)
    follow(course, patient, by=by, now=now)
    remind(patient, now=now)
