"""How does a course stand still, and how does it go on? Nothing is dropped: what had a time waits for a new one."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from actions.ask import ask, meet
from actions.courses.follow import follow
from actions.courses.horizon import days_beside
from actions.courses.known import Known, known
from actions.courses.reviews import reviews_of
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.sessions.book import free
from actions.steering.lifting import ahead, lift, under_way_refusals
from care.course.beside import lead_days
from care.course.progress.horizon import Days, anew
from care.course.progress.reviews import ReviewKind, reviews_due
from care.facts import Role, SessionKind, Status
from care.refusals import Code, Refusal, Refused, refuse_if_any
from care.tasks import TaskCode
from care.times import wall
from models import Course, CourseStatus, Session, db


def pause(course: Course, reason: str, *, until: date | None = None, by: Actor, now: datetime) -> list[Session]:
    """The course stands still. What was booked for later gives its times back and is returned; its people are told once.

    `until`: as it is meant; on that day a coordinator is asked, and nothing goes on by itself. Raises `Refused`.
    """
    patient = lock(course.clinic_id, course.patient_id)
    db.session.refresh(course)
    facts = known(course)
    refuse_if_any(_pause_refusals(facts, until, now))
    lifted = ahead(facts, now, Status.BOOKED)
    for session in lifted:
        lift(session, patient, by=by, now=now, reason=reason)
    for session in ahead(facts, now, Status.PLANNED):
        free(session, now=now)
    course.status, course.paused_at, course.paused_until = CourseStatus.PAUSED, now, until
    said = {"until": until.isoformat() if until else None, "sessions": [str(each.id) for each in lifted]}
    note(Verb.PAUSE, by=by, now=now, patient=patient, subject_id=course.id, facts=said, reason=reason)
    follow(course, patient, by=by, now=now)
    remind(patient, now=now)
    return lifted


def _pause_refusals(facts: Known, until: date | None, now: datetime) -> list[Refusal]:
    active = facts.course.status == CourseStatus.ACTIVE
    past = until is not None and until <= facts.today(now)
    return [
        *([] if active else [Refusal(Code.COURSE_NOT_ACTIVE, {"status": facts.course.status})]),
        *under_way_refusals(facts),
        *([Refusal(Code.IN_THE_PAST)] if past else []),
    ]


# Going on


@dataclass(frozen=True, slots=True)
class Replanned:
    """A session that waits for a time, with the days it had and those it is to have."""

    session_id: UUID
    kind: str
    number: int
    phase: str
    was_on: date
    target_on: date
    earliest_on: date
    latest_on: date


@dataclass(frozen=True, slots=True)
class ResumePreview:
    """What going on would bring. `reviews`: what a clinician will have to decide before the first dose on those days."""

    token: str
    sessions: tuple[Replanned, ...]
    reviews: tuple[ReviewKind, ...]
    refusals: tuple[Refusal, ...]


class ResumeIsStale(Refused):
    """The course changed since the preview was shown; `preview` is the new one."""

    def __init__(self, preview: ResumePreview) -> None:
        super().__init__([Refusal(Code.PLAN_IS_STALE)])
        self.preview = preview


def preview_resume(course: Course, from_on: date, *, now: datetime) -> ResumePreview:
    """The days of everything that is still to come when the course goes on at `from_on`. Writes nothing."""
    facts = known(course)
    days = _days_from(facts, from_on, now) if not (refusals := _resume_refusals(facts, from_on, now)) else {}
    sessions = tuple(_replanned(facts.row(row_id), wanted) for row_id, wanted in days.items())
    return ResumePreview(_token(facts, from_on, sessions), sessions, _reviews(facts, sessions, now), tuple(refusals))


def resume(course: Course, from_on: date, token: str, *, by: Actor, now: datetime) -> ResumePreview:
    """Carry out the preview that was shown: new days for all that is to come, which then wait to be booked.

    Raises `Refused` with every reason, `ResumeIsStale` when the preview is no longer what would happen.
    """
    patient = lock(course.clinic_id, course.patient_id)
    db.session.refresh(course)
    preview = preview_resume(course, from_on, now=now)
    refuse_if_any(preview.refusals)
    if preview.token != token:
        raise ResumeIsStale(preview)
    facts = known(course)
    for each in preview.sessions:
        row = facts.row(each.session_id)
        row.target_on, row.earliest_on, row.latest_on = each.target_on, each.earliest_on, each.latest_on
    course.status, course.paused_at, course.paused_until = CourseStatus.ACTIVE, None, None
    said = {"from_on": from_on.isoformat(), "sessions": len(preview.sessions)}
    note(Verb.RESUME, by=by, now=now, patient=patient, subject_id=course.id, facts=said)
    meet(course.clinic_id, course.id, code=TaskCode.PAUSE_OVER, how="resumed", now=now)
    if preview.sessions:
        ask(Role.COORDINATOR, TaskCode.TO_BE_BOOKED, patient, subject_id=course.id, now=now)
    follow(course, patient, by=by, now=now)
    remind(patient, now=now)
    return preview


def _resume_refusals(facts: Known, from_on: date, now: datetime) -> list[Refusal]:
    paused = facts.course.status == CourseStatus.PAUSED
    return [
        *([] if paused else [Refusal(Code.COURSE_NOT_PAUSED, {"status": facts.course.status})]),
        *([Refusal(Code.IN_THE_PAST)] if from_on < facts.today(now) else []),
    ]


def _days_from(facts: Known, from_on: date, now: datetime) -> dict[UUID, Days]:
    """Doses keep their order, preferences and spacing with those given; what stands beside them keeps its distance."""
    start = from_on
    if not any(dose.is_given for dose in facts.doses):
        start += timedelta(days=lead_days(facts.rules, _held(facts)))
    doses = anew(facts.rules, facts.course.phase, facts.doses, now, start, facts.wish, facts.zone)
    beside = {
        each.id: days_beside(each, facts.row(dose_id), days)
        for dose_id, days in doses.items()
        for each in facts.of_dose(dose_id)
        if each.status == Status.PLANNED
    }
    return doses | beside | _before_the_first(facts, doses)


def _before_the_first(facts: Known, doses: dict[UUID, Days]) -> dict[UUID, Days]:
    """Consults, preparations and reviews that wait move as far as the first dose that waits."""
    waiting = [row for row in facts.rows if row.kind not in WITH_DOSES and row.status == Status.PLANNED]
    moved = [(facts.row(dose_id), days) for dose_id, days in doses.items()]
    if not moved:
        return {}
    dose, days = min(moved, key=lambda each: each[0].number)
    return {row.id: days_beside(row, dose, days) for row in waiting}


WITH_DOSES = (SessionKind.DOSING, SessionKind.INTEGRATION)


def _held(facts: Known) -> Counter[SessionKind]:
    return Counter(SessionKind(row.kind) for row in facts.rows if row.status == Status.ATTENDED)


def _replanned(row: Session, days: Days) -> Replanned:
    return Replanned(
        row.id, row.kind, row.number, row.phase, row.target_on, days.target_on, days.earliest_on, days.latest_on
    )


def _reviews(facts: Known, sessions: Iterable[Replanned], now: datetime) -> tuple[ReviewKind, ...]:
    """Due by the first dose as it would be planned, and not decided yet."""
    first = min((each.target_on for each in sessions if each.kind == SessionKind.DOSING), default=facts.today(now))
    by_then = max(now, wall(first, time(23, 59), facts.zone))
    decided = {(row.kind, row.phase, row.after) for row in reviews_of(facts.course) if row.decided_at is not None}
    due = reviews_due(facts.rules, facts.course.phase, facts.doses, facts.zone, by_then)
    return tuple(each.kind for each in due if (each.kind.value, each.phase, each.after) not in decided)


def _token(facts: Known, from_on: date, sessions: Iterable[Replanned]) -> str:
    """A digest of the course and its sessions as they were read, and of the plan itself."""
    used = sorted((str(row.id), row.edition, row.version) for row in facts.rows)
    plan = [(str(each.session_id), each.target_on.isoformat()) for each in sessions]
    whole = json.dumps([from_on.isoformat(), facts.course.edition, used, plan])
    return hashlib.sha256(whole.encode()).hexdigest()[:32]
