"""What follows for a course from what has happened by now? Its phase, its reviews, its horizon and its end.

Every verb that changes what was given, missed or planned ends with this, and the clock looks again when time alone brings
something: a lapse, the next sessions of an open phase, the end of a pause.
"""

from collections.abc import Iterator
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from actions.ask import ask
from actions.courses.horizon import fill_horizon
from actions.courses.known import Known, known
from actions.courses.reviews import reconcile_reviews, reviews_of
from actions.facts import session_facts
from actions.record import Actor, Verb, lock, note, system
from actions.remind import remind
from care.course.progress.horizon import next_target
from care.course.progress.phases import TO_COME, phase_after
from care.course.progress.reviews import Decision, ReviewDue, ReviewKind, ends_phase, lapse_at
from care.facts import Role, SessionKind, Status
from care.protocol import Advance
from care.tasks import TaskCode
from care.times import wall
from care.windows import integration_window
from models import Course, CourseStatus, Patient, Review, db

GOING_ON = (CourseStatus.ACTIVE, CourseStatus.PAUSED)
LETS_GO_ON = (Decision.CONTINUE, Decision.ADVANCE)


def follow(course: Course, patient: Patient, *, by: Actor, now: datetime) -> None:
    """Bring a course up to date under its patient's lock. Twice changes nothing."""
    _take_up_again(course)
    if course.status not in GOING_ON:
        return
    facts = known(course)
    if course.status == CourseStatus.ACTIVE:
        facts = _advanced_by_rule(facts, patient, by=by, now=now)
        facts = known(course) if fill_horizon(facts, patient, by=by, now=now) else facts
    _end_of_pause(facts, patient, now)
    reconcile_reviews(facts, patient, now=now)
    _complete_if_over(facts, patient, by=by, now=now)
    _look_again(course, _next_look(facts, now) if course.status in GOING_ON else None)


def follow_alone(clinic_id: UUID, patient_id: UUID, course_id: UUID, *, now: datetime) -> None:
    """The same when nothing but time has passed."""
    patient = lock(clinic_id, patient_id)
    course = db.session.get_one(Course, (clinic_id, course_id), populate_existing=True)
    follow(course, patient, by=system(clinic_id), now=now)
    remind(patient, now=now)


def enter(facts: Known, patient: Patient, phase: str, *, by: Actor, now: datetime) -> None:
    """The next phase is under way from today, at its own cadence until a clinician chooses another."""
    course = facts.course
    was, course.phase, course.phase_from = course.phase, phase, facts.today(now)
    course.every_days = course.per_week = None
    note(Verb.ADVANCE, by=by, now=now, patient=patient, subject_id=course.id, facts={"was": was, "to": phase})


def _advanced_by_rule(facts: Known, patient: Patient, *, by: Actor, now: datetime) -> Known:
    while facts.progress.over_at and facts.phase.advance is Advance.RULE:
        following = phase_after(facts.rules, facts.course.phase)
        if following is None:
            break
        enter(facts, patient, following.name, by=by, now=now)
        facts = known(facts.course)
    return facts


# The end


def _complete_if_over(facts: Known, patient: Patient, *, by: Actor, now: datetime) -> None:
    course = facts.course
    if not _is_over(facts) or any(at > now for at in _windows_open(facts)):
        return
    course.status, course.ended_at, course.paused_at, course.paused_until = CourseStatus.COMPLETED, now, None, None
    note(Verb.COMPLETE, by=by, now=now, patient=patient, subject_id=course.id)


def _is_over(facts: Known) -> bool:
    """The last phase has an end, it is over, and where it waits for a clinician's word that was said."""
    if facts.progress.over_at is None or phase_after(facts.rules, facts.course.phase) is not None:
        return False
    if any(row.status in TO_COME for row in facts.rows if row.kind != SessionKind.INTEGRATION):
        return False
    return facts.phase.advance is Advance.RULE or any(_lets_end(facts, each) for each in reviews_of(facts.course))


def _lets_end(facts: Known, review: Review) -> bool:
    due = ReviewDue(ReviewKind(review.kind), review.phase, review.after, review.due_at)
    mine = review.phase == facts.course.phase and review.decision in LETS_GO_ON
    return mine and ends_phase(due, facts.rules, facts.doses)


def _windows_open(facts: Known) -> Iterator[datetime]:
    """Until when an integration session of a given dose may still be held, or is booked."""
    for row in facts.rows:
        if row.kind != SessionKind.INTEGRATION or row.status not in TO_COME or row.of_session_id is None:
            continue
        dose = facts.row(row.of_session_id)
        if dose.status == Status.DISCHARGED and row.elsewhere_on is None:
            window = integration_window(session_facts(dose, facts.rules))
            yield max(window[1], row.ends_at or window[1])


def _take_up_again(course: Course) -> None:
    """What ended it was taken back: something of it is to come again."""
    if course.status != CourseStatus.COMPLETED or known(course).progress.over_at is not None:
        return
    others = select(Course.id).where(
        Course.clinic_id == course.clinic_id, Course.patient_id == course.patient_id, Course.status.in_(GOING_ON)
    )
    if db.session.scalar(others.limit(1)) is None:
        course.status, course.ended_at = CourseStatus.ACTIVE, None


# When to look again


def _look_again(course: Course, at: datetime | None) -> None:
    """Beside the row's edition: nobody who read the course before has read anything else than it is."""
    db.session.flush()
    if at != course.look_at:
        mine = update(Course).where(Course.clinic_id == course.clinic_id, Course.id == course.id)
        db.session.execute(mine.values(look_at=at).execution_options(synchronize_session=False))
        set_committed_value(course, "look_at", at)


def _end_of_pause(facts: Known, patient: Patient, now: datetime) -> None:
    """Nothing goes on by itself: a person is asked, once."""
    at, course = _pause_ends(facts), facts.course
    if at is not None and course.look_at is not None and course.look_at <= at <= now:
        ask(Role.COORDINATOR, TaskCode.PAUSE_OVER, patient, subject_id=course.id, now=now)


def _pause_ends(facts: Known) -> datetime | None:
    until = facts.course.paused_until
    return wall(until, time(), facts.zone) if until else None


def _next_look(facts: Known, now: datetime) -> datetime | None:
    """The first moment after now at which time alone brings something."""
    moments = [lapse_at(facts.rules, facts.course.phase, facts.doses, facts.zone), _pause_ends(facts)]
    if facts.course.status == CourseStatus.ACTIVE:
        moments.append(_horizon_falls_short(facts, now))
    if facts.progress.over_at is not None:
        moments += _windows_open(facts)
    return min((at for at in moments if at is not None and at > now), default=None)


def _horizon_falls_short(facts: Known, now: datetime) -> datetime | None:
    course, today = facts.course, facts.today(now)
    day = next_target(facts.rules, course.phase, facts.doses, today, facts.wish, facts.zone)
    return wall(day - facts.horizon, time(), facts.zone) if day else None
