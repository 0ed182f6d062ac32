"""How does a course come to follow other rules? What is over keeps its own, what is to come gets its new days."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from actions.ask import ask
from actions.courses.follow import follow
from actions.courses.known import known
from actions.protocols.effects import TO_COME, Effects, clashing
from actions.record import Actor
from actions.remind import remind
from care.course.beside import PlannedSession
from care.facts import UNDER_WAY, Cause, Role, SessionKind, Status
from care.refusals import Code, Refusal, Refused
from care.tasks import TaskCode
from models import Clinic, Course, CourseStatus, Patient, Session, db
from models.columns import uuid7

RUNNING = (CourseStatus.ACTIVE, CourseStatus.PAUSED)


class EffectsAreStale(Refused):
    """What was shown no longer holds; `effects` is how it is now."""

    def __init__(self, effects: Effects) -> None:
        super().__init__([Refusal(Code.PLAN_IS_STALE)])
        self.effects = effects


def turning_refusals(course: Course) -> list[Refusal]:
    """Why its rules cannot change now: it is over, or a dose is under way, which ends as it began."""
    if course.status not in RUNNING:
        return [Refusal(Code.COURSE_NOT_ACTIVE, {"status": course.status})]
    here = [row for row in known(course).rows if row.status in UNDER_WAY]
    return [Refusal(Code.DOSE_UNDER_WAY, {"session_id": str(row.id)}) for row in here]


def turn(course: Course, patient: Patient, effects: Effects, *, by: Actor, now: datetime) -> None:
    """The (locked) patient's course follows what `effects` was made for."""
    rows = known(course).rows
    _keep_the_past(course, [row for row in rows if row.status not in TO_COME])
    _follow(course, effects, now)
    coming = {row.id: row for row in rows}
    for session_id, planned in effects.replan.kept.items():
        _put(coming[session_id], planned)
    _fit(course, coming.values())
    _drop([coming[session_id] for session_id in effects.replan.dropped], now)
    _add(course, effects.replan.added, rows, now)
    db.session.flush()
    for each in clashing(effects.sessions):
        _ask(each.session_id, course, now)
    follow(course, patient, by=by, now=now)
    remind(patient, now=now)


def _follow(course: Course, effects: Effects, now: datetime) -> None:
    then = effects.following
    if course.phase != then.phase:
        course.phase_from = known(course).today(now)
    course.protocol_id, course.overridden, course.phase = then.protocol_id, dict(then.overridden), then.phase
    course.every_days, course.per_week = then.every_days, then.per_week
    db.session.flush()
    db.session.expire(course, ["protocol"])


def _keep_the_past(course: Course, over: Iterable[Session]) -> None:
    held = {"protocol_id": str(course.protocol_id), "overridden": course.overridden}
    for row in over:
        row.held_under = row.held_under or held


def _put(row: Session, planned: PlannedSession) -> None:
    row.phase = planned.phase
    row.target_on, row.earliest_on, row.latest_on = planned.target_on, planned.earliest_on, planned.latest_on


def _fit(course: Course, rows: Iterable[Session]) -> None:
    """What waits for a time has the new setting, and nothing to come is of a phase that is no more."""
    rules = known(course).rules
    names = {phase.name for phase in rules.phases}
    for row in rows:
        if row.status == Status.PLANNED:
            row.setting = rules.setting
        if row.status in TO_COME and row.phase not in names:
            row.phase = course.phase


def _drop(rows: Iterable[Session], now: datetime) -> None:
    """Those that wait for a time are left out; people decide about booked ones."""
    for row in rows:
        if row.status == Status.PLANNED:
            row.status, row.cause, row.since = Status.OMITTED, Cause.CLINICAL, now


def _add(course: Course, added: Iterable[PlannedSession], rows: Iterable[Session], now: datetime) -> None:
    setting, doses = known(course).rules.setting, {row.number: row for row in rows if row.kind == SessionKind.DOSING}
    stands_by = doses[max(doses)].support_person_id if doses else None
    for each in added:
        of = doses[each.of_number].id if each.of_number else None
        session = _session(course, each, of, now)
        session.setting = setting
        if each.kind is SessionKind.DOSING:
            session.support_person_id = stands_by
            doses[each.number] = session
        db.session.add(session)


def _session(course: Course, each: PlannedSession, of: UUID | None, now: datetime) -> Session:
    return Session(
        clinic_id=course.clinic_id,
        id=uuid7(),
        course_id=course.id,
        patient_id=course.patient_id,
        kind=each.kind,
        number=each.number,
        phase=each.phase,
        status=Status.PLANNED,
        version=1,
        since=now,
        target_on=each.target_on,
        earliest_on=each.earliest_on,
        latest_on=each.latest_on,
        of_session_id=of,
    )


def _ask(session_id: UUID | None, course: Course, now: datetime) -> None:
    row = db.session.get_one(Session, (course.clinic_id, session_id))
    ask(Role.COORDINATOR, TaskCode.RULES_CHANGED, row, subject_id=row.id, now=now)


def clinic_of(course: Course) -> Clinic:
    return db.session.get_one(Clinic, course.clinic_id)
