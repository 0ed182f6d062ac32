"""How does a patient ask for a session where sessions come as needed, and who answers?"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from actions.ask import ask, meet
from actions.courses.follow import follow
from actions.courses.horizon import plan_phase
from actions.courses.known import known
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from care.course.booking import by_a_clinician
from care.facts import Role, SessionKind
from care.refusals import Code, Refusal, refuse_if_any
from care.tasks import TaskCode
from models import Course, CourseRequest, CourseStatus, Session, db


def ask_for_session(course: Course, words: str | None, *, by: Actor, now: datetime) -> CourseRequest:
    """The patient would like a session: a clinician decides. Raises `Refused`: not in such a phase, or asked already."""
    patient = lock(course.clinic_id, course.patient_id)
    db.session.refresh(course)
    refuse_if_any(_may_ask(course))
    wanted = CourseRequest(
        clinic_id=course.clinic_id, course_id=course.id, patient_id=patient.id, asked_at=now, words=words
    )
    db.session.add(wanted)
    db.session.flush()
    note(Verb.ASK_FOR_SESSION, by=by, now=now, patient=patient, subject_id=wanted.id)
    ask(Role.CLINICIAN, TaskCode.SESSION_ASKED_FOR, patient, subject_id=wanted.id, now=now)
    return wanted


def grant(wanted: CourseRequest, from_on: date, reason: str, *, by: Actor, now: datetime) -> Session:
    """One more session of the phase, not before `from_on`; it is planned and waits to be booked. Clinicians only."""
    course = _decide(wanted, True, reason, by=by, now=now)
    patient = lock(course.clinic_id, course.patient_id)
    planned = plan_phase(course, patient, max(from_on, known(course).today(now)), 1, by=by, now=now)
    added = next(row for row in planned if row.kind == SessionKind.DOSING)
    wanted.session_id = added.id
    ask(Role.COORDINATOR, TaskCode.TO_BE_BOOKED, patient, subject_id=course.id, now=now)
    follow(course, patient, by=by, now=now)
    remind(patient, now=now)
    return added


def decline(wanted: CourseRequest, reason: str, *, by: Actor, now: datetime) -> None:
    """No session for now. The reason is for the record; what the patient hears the clinic tells them itself."""
    _decide(wanted, False, reason, by=by, now=now)


def requests_of(course: Course) -> Sequence[CourseRequest]:
    """Every wish of the course, the latest first."""
    mine = select(CourseRequest).where(
        CourseRequest.clinic_id == course.clinic_id, CourseRequest.course_id == course.id
    )
    return db.session.scalars(mine.order_by(CourseRequest.asked_at.desc(), CourseRequest.id.desc())).all()


def _may_ask(course: Course) -> list[Refusal]:
    undecided = next((each for each in requests_of(course) if each.decided_at is None), None)
    phase = known(course).phase
    active = course.status == CourseStatus.ACTIVE
    return [
        *([] if active else [Refusal(Code.COURSE_NOT_ACTIVE, {"status": course.status})]),
        *([] if phase.as_needed else [Refusal(Code.NOT_AS_NEEDED, {"phase": phase.name})]),
        *([Refusal(Code.REQUEST_OPEN, {"request_id": str(undecided.id)})] if undecided else []),
    ]


def _decide(wanted: CourseRequest, granted: bool, reason: str, *, by: Actor, now: datetime) -> Course:  # noqa: FBT001
    patient = lock(wanted.clinic_id, wanted.patient_id)
    db.session.refresh(wanted)
    course = db.session.get_one(Course, (wanted.clinic_id, wanted.course_id), populate_existing=True)
    active = course.status == CourseStatus.ACTIVE or not granted
    refuse_if_any(
        [
            *by_a_clinician(by.kind),
            *([Refusal(Code.ALREADY_DECIDED)] if wanted.decided_at is not None else []),
            *([] if active else [Refusal(Code.COURSE_NOT_ACTIVE, {"status": course.status})]),
        ]
    )
    wanted.decided_at, wanted.granted, wanted.staff_id, wanted.note = now, granted, by.id, reason
    said = {"granted": granted}
    note(Verb.DECIDE_REQUEST, by=by, now=now, patient=patient, subject_id=wanted.id, facts=said, reason=reason)
    meet(wanted.clinic_id, wanted.id, how="granted" if granted else "declined", now=now)
    return course
