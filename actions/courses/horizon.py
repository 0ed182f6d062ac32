"""How are the sessions of a course written that its plan wants, and those that wait for a time given new days?"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from actions.ask import ask
from actions.courses.known import Known, known
from actions.record import Actor, Verb, note
from care.course.beside import PlannedSession
from care.course.progress.horizon import Days, anew, lacking, more, off_cadence
from care.facts import Role, SessionKind, Status
from care.tasks import TaskCode
from models import Course, Patient, Session, db
from models.columns import uuid7


def fill_horizon(facts: Known, patient: Patient, *, by: Actor, now: datetime) -> list[Session]:
    """Plan what the open phase under way lacks up to the clinic's horizon; twice adds nothing."""
    today, phase = facts.today(now), facts.course.phase
    until = today + facts.horizon
    wanted = lacking(facts.rules, phase, facts.doses, today, until, facts.wish, facts.zone, facts.numbers)
    return _write(facts, wanted, patient, by=by, now=now)


def plan_phase(
    course: Course, patient: Patient, from_on: date, count: int, *, by: Actor, now: datetime
) -> list[Session]:
    """Plan so many more doses of the phase under way, none before `from_on`, with their integration sessions."""
    facts = known(course)
    wanted = more(facts.rules, course.phase, count, facts.doses, from_on, facts.wish, facts.zone, facts.numbers)
    return _write(facts, wanted, patient, by=by, now=now)


def plan_anew(course: Course, from_on: date, *, now: datetime) -> list[Session]:
    """Give every dose that has not begun the days that the cadence wants now, and its integration sessions theirs.

    Booked ones keep their times; a coordinator is asked to move those that no longer fit, and they are returned.
    """
    facts = known(course)
    days = anew(facts.rules, course.phase, facts.doses, now, from_on, facts.wish, facts.zone)
    for dose_id, wanted in days.items():
        put(facts, facts.row(dose_id), wanted)
    off = [facts.row(dose.id) for dose in off_cadence(facts.doses, days, facts.cadence, facts.zone)]
    for row in off:
        ask(Role.COORDINATOR, TaskCode.OFF_CADENCE, row, subject_id=row.id, now=now)
    db.session.flush()
    return off


def put(facts: Known, row: Session, days: Days) -> None:
    """New days for a session; integration sessions that wait for a time keep their distance from their dose."""
    moved = {each: days_beside(each, row, days) for each in facts.of_dose(row.id) if each.status == Status.PLANNED}
    for session, wanted in {row: days, **moved}.items():
        session.target_on, session.earliest_on, session.latest_on = (
            wanted.target_on,
            wanted.earliest_on,
            wanted.latest_on,
        )


def days_beside(integration: Session, dose: Session, days: Days) -> Days:
    """As far from the dose's new days as it was from the old ones."""
    return Days(
        days.target_on + (integration.target_on - dose.target_on),
        days.earliest_on + (integration.earliest_on - dose.earliest_on),
        days.latest_on + (integration.latest_on - dose.latest_on),
    )


def _write(
    facts: Known, wanted: Iterable[PlannedSession], patient: Patient, *, by: Actor, now: datetime
) -> list[Session]:
    wanted = list(wanted)
    ids = {each.number: uuid7() for each in wanted if each.kind is SessionKind.DOSING}
    sessions = [_session(facts, each, ids, now) for each in wanted]
    db.session.add_all(sessions)
    db.session.flush()
    for session in sessions:
        place = {"kind": session.kind, "number": session.number}
        note(Verb.PLAN, by=by, now=now, patient=patient, subject_id=session.id, facts=place)
    return sessions


def _session(facts: Known, each: PlannedSession, ids: Mapping[int, UUID], now: datetime) -> Session:
    """Planned like the others of the course; whoever stood by the last dose stands by this one too."""
    course, is_dose = facts.course, each.kind is SessionKind.DOSING
    return Session(
        clinic_id=course.clinic_id,
        id=ids[each.number] if is_dose else uuid7(),
        course_id=course.id,
        patient_id=course.patient_id,
        kind=each.kind,
        number=each.number,
        phase=each.phase,
        setting=facts.rules.setting,
        status=Status.PLANNED,
        version=1,
        since=now,
        target_on=each.target_on,
        earliest_on=each.earliest_on,
        latest_on=each.latest_on,
        of_session_id=ids[each.of_number] if each.of_number else None,
        support_person_id=_stands_by(facts) if is_dose else None,
    )


def _stands_by(facts: Known) -> UUID | None:
    doses = [row for row in facts.rows if row.kind == SessionKind.DOSING]
    return max(doses, key=lambda row: row.number).support_person_id if doses else None
