"""What is known of integration with one's own therapist? The day is told, taken back, or asked for again when the dose moves."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import select

from actions.facts import rules_of, session_facts
from actions.record import Actor, Verb, lock, note, system
from actions.remind import remind
from care.course.elsewhere import Days, days_after, elsewhere_refusals, still_follows
from care.facts import SessionFacts, SessionKind, Status
from care.refusals import Code, Refusal, Refused, refuse_if_any
from models import Clinic, Course, Patient, Session, db


def go_elsewhere(session: Session, on: date, *, by: Actor, now: datetime) -> bool:
    """It is held with one's own therapist on that day: nobody asks or reminds any more. Whether the day is in the window.

    Raises `Refused` unless the session is still without a time and the day is from the day of the dose to two weeks
    after the window.
    """
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    facts, dose, zone = _facts(session), dose_of(session), _zone(session)
    refuse_if_any(elsewhere_refusals(facts, dose, on, zone))
    inside = dose is not None and still_follows(on, dose, zone)
    session.elsewhere_on = on
    told = {"on": on.isoformat(), "in_window": inside}
    note(Verb.GO_ELSEWHERE, by=by, now=now, patient=patient, subject_id=session.id, facts=told)
    remind(patient, now=now)
    return inside


def come_back(session: Session, *, by: Actor, now: datetime) -> None:
    """It is not held elsewhere after all: it wants a time here again."""
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    if session.elsewhere_on is None or session.status != Status.PLANNED:  # what was called off stays as it was
        raise Refused([Refusal(Code.NOTHING_TO_CORRECT, {"status": session.status})])
    _ask_again(session, patient, by=by, now=now)
    remind(patient, now=now)


def here_again(doses: Iterable[Session], *, now: datetime) -> None:
    """These doses have new times: what was to follow elsewhere on a day that no longer fits is asked for again.

    The patient is locked, and is reconciled by whoever moved the doses.
    """
    moved = {dose.id: dose for dose in doses if dose.kind == SessionKind.DOSING}
    for session in _told_elsewhere(list(moved.values())):
        dose = moved[session.of_session_id] if session.of_session_id else session
        if session.elsewhere_on and not still_follows(session.elsewhere_on, _facts(dose), _zone(dose)):
            patient = lock(session.clinic_id, session.patient_id)
            _ask_again(session, patient, by=system(session.clinic_id), now=now)


def days_of(session: Session) -> Days | None:
    """The days that may be told for this integration session; None while its dose has no time."""
    dose = dose_of(session)
    return days_after(dose, _zone(session)) if dose and session.kind == SessionKind.INTEGRATION else None


def dose_of(session: Session) -> SessionFacts | None:
    """The dose that an integration session belongs to."""
    dose = db.session.get(Session, (session.clinic_id, session.of_session_id)) if session.of_session_id else None
    return _facts(dose) if dose else None


def _ask_again(session: Session, patient: Patient, *, by: Actor, now: datetime) -> None:
    """A new version, because the place changed: what was asked before is not asked in the same words twice."""
    told = {"was": session.elsewhere_on.isoformat() if session.elsewhere_on else None}
    session.elsewhere_on, session.since = None, now
    session.version += 1
    db.session.flush()
    note(Verb.COME_BACK, by=by, now=now, patient=patient, subject_id=session.id, facts=told)


def _told_elsewhere(doses: Sequence[Session]) -> Sequence[Session]:
    if not doses:
        return ()
    bound = select(Session).where(
        Session.clinic_id == doses[0].clinic_id,
        Session.of_session_id.in_([dose.id for dose in doses]),
        Session.elsewhere_on.is_not(None),
        Session.status == Status.PLANNED,
    )
    return db.session.scalars(bound).all()


def _facts(session: Session) -> SessionFacts:
    return session_facts(session, rules_of(db.session.get_one(Course, (session.clinic_id, session.course_id))))


def _zone(session: Session) -> str:
    return db.session.get_one(Clinic, session.clinic_id).zone
