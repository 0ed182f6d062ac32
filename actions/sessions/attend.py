"""What really happened? Arrived, dosed, discharged, attended: facts that nothing refuses but an earlier fact or an open gate."""

from collections.abc import Callable
from datetime import datetime

from actions.ask import meet
from actions.facts import patient_facts, rules_of, session_facts
from actions.record import Actor, lock, note
from actions.remind import remind
from actions.sessions.replace import undo_miss
from care.course.booking import may_arrive, may_attend, may_correct, may_discharge, may_dose
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

    _step("arrive", session, lambda facts, _: may_arrive(facts, now=now, zone=zone), happened, by=by, now=now)
    meet(session.clinic_id, session.id, code=TaskCode.NOT_ARRIVED, how="arrived", now=now)


def dose(session: Session, *, by: Actor, now: datetime, at: datetime | None = None) -> None:
    """The dose is given. Refused while a hard gate is open, with every one of them."""

    def happened() -> None:
        session.status, session.dosed_at = Status.DOSED, at or now

    _step("dose", session, _dose_refusals, happened, by=by, now=now)
    meet(session.clinic_id, session.id, code=TaskCode.NOT_DOSED, how="dosed", now=now)


def discharge(
    session: Session, *, by: Actor, now: datetime, at: datetime | None = None, reason: str | None = None
) -> None:
    """A clinician judged the patient ready to leave; the rules for afterwards go out from this moment.

    Refused before the observation is over, unless a `reason` is given; the record keeps it.
    """

    def happened() -> None:
        session.status, session.discharged_at, session.since = Status.DISCHARGED, at or now, now

    judge: Judge = lambda facts, _: may_discharge(facts, at=at or now, reasoned=bool(reason))  # noqa: E731
    _step("discharge", session, judge, happened, by=by, now=now, reason=reason)
    meet(session.clinic_id, session.id, code=TaskCode.NOT_DISCHARGED, how="discharged", now=now)


def attend(session: Session, *, by: Actor, now: datetime, at: datetime | None = None) -> None:
    """A session other than a dose took place."""

    def happened() -> None:
        session.status, session.discharged_at, session.since = Status.ATTENDED, at or now, now

    _step("attend", session, lambda facts, _: may_attend(facts, now=now), happened, by=by, now=now)


def correct(session: Session, reason: str, *, by: Actor, now: datetime) -> None:
    """Take back the last of arrive, dose, discharge, attend or miss; the record keeps both."""
    zone = db.session.get_one(Clinic, session.clinic_id).zone
    was = session.status

    def happened() -> None:
        missed_at = session.since if session.status == Status.MISSED else None
        _take_back(session)
        session.since = now
        if missed_at is not None:
            _undo_miss(session, missed_at, by=by, now=now)

    judge: Judge = lambda facts, _: may_correct(facts, now=now, zone=zone)  # noqa: E731
    _step("correct", session, judge, happened, by=by, now=now, reason=reason, was=was)


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


def _dose_refusals(facts: SessionFacts, patient: Patient) -> list[Refusal]:
    return may_dose(facts, open_gates=hard_gates_open(facts, patient_facts(patient)))


def _step(
    verb: str,
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
    remind(patient, now=now)
