"""How does a course end before its last session? What was still to come is off; the care after the last dose goes on."""

from datetime import datetime

from actions.ask import meet
from actions.courses.known import Known, known
from actions.courses.reviews import reviews_of
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.steering.lifting import after_given, ahead, call_off, under_way_refusals
from care.facts import Cause, Status
from care.refusals import Code, Refusal, refuse_if_any
from care.tasks import TaskCode
from models import Course, CourseStatus, Patient, Session, db

ENDED = (CourseStatus.COMPLETED, CourseStatus.DISCONTINUED)


def discontinue(
    course: Course, cause: Cause, reason: str, *, aftercare: bool = True, by: Actor, now: datetime
) -> list[Session]:
    """End a course. The sessions that were still to come are off and returned; whoever knew of them is told.

    `aftercare` False: also the integration session of a dose already given is off. Safety checks after it are asked in any
    case. A course that ended is not opened again: who comes back begins a new one. Raises `Refused`.
    """
    patient = lock(course.clinic_id, course.patient_id)
    db.session.refresh(course)
    facts = known(course)
    refuse_if_any([*ended_refusals(course), *under_way_refusals(facts)])
    off = end(facts, patient, cause, reason, aftercare=aftercare, by=by, now=now)
    remind(patient, now=now)
    return off


def end(
    facts: Known, patient: Patient, cause: Cause, reason: str, *, aftercare: bool, by: Actor, now: datetime
) -> list[Session]:
    """The same under a lock that is held, without telling anyone yet."""
    course = facts.course
    off = ahead(facts, now, Status.PLANNED, Status.BOOKED) + ([] if aftercare else after_given(facts))
    for session in off:
        call_off(session, Verb.CANCEL, cause, patient, by=by, now=now, reason=reason)
    _nothing_to_decide(course, now)
    course.status, course.ended_at, course.ended_cause = CourseStatus.DISCONTINUED, now, cause
    course.paused_at = course.paused_until = course.look_at = None
    said = {"cause": cause, "sessions": [str(each.id) for each in off]}
    note(Verb.DISCONTINUE, by=by, now=now, patient=patient, subject_id=course.id, facts=said, reason=reason)
    return off


def ended_refusals(course: Course) -> list[Refusal]:
    """A course that is completed or discontinued changes no more."""
    ended = course.status in ENDED
    return [Refusal(Code.COURSE_NOT_ACTIVE, {"status": course.status})] if ended else []


def _nothing_to_decide(course: Course, now: datetime) -> None:
    """Reviews that nobody decided go with the course, and so do the tasks about its days."""
    for review in reviews_of(course):
        if review.decided_at is None:
            meet(course.clinic_id, review.id, how="the course ended", now=now)
            db.session.delete(review)
    for code in (TaskCode.PAUSE_OVER, TaskCode.TO_BE_BOOKED):
        meet(course.clinic_id, course.id, code=code, how="the course ended", now=now)
    db.session.flush()
