"""Which looks does a course wait for? Reviews that fell due are written once, each with a clinician's task."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from actions.ask import ask, meet
from actions.courses.known import Known
from actions.facts import rules_of
from actions.record import Verb, note, system
from care.course.progress.reviews import ReviewDue, ReviewKind, advice, reviews_due, source
from care.facts import Role
from care.refusals import Code, Refusal
from care.tasks import TaskCode
from models import Clinic, Course, Patient, Review, db

TASKS = {
    ReviewKind.DOSES: TaskCode.DOSES_REVIEW,
    ReviewKind.PHASE: TaskCode.PHASE_REVIEW,
    ReviewKind.MISSES: TaskCode.TWO_MISSED,
    ReviewKind.LAPSE: TaskCode.LAPSE_REVIEW,
}


def reconcile_reviews(facts: Known, patient: Patient, *, now: datetime) -> None:
    """Write what has fallen due and is not there; what nobody decided and is no longer due goes, and its task with it."""
    course, rows = facts.course, reviews_of(facts.course)
    due = {_key_of(each): each for each in reviews_due(facts.rules, course.phase, facts.doses, facts.zone, now)}
    there = {_key(row) for row in rows}
    for row in rows:
        if row.decided_at is None and _key(row) not in due:
            meet(course.clinic_id, row.id, how="no longer due", now=now)
            db.session.delete(row)
    for key, each in due.items():
        if key not in there:
            _write(facts, patient, each, now)
    db.session.flush()


def reviews_of(course: Course) -> Sequence[Review]:
    """Every review of the course, in the order in which they fell due."""
    mine = select(Review).where(Review.clinic_id == course.clinic_id, Review.course_id == course.id)
    return db.session.scalars(mine.order_by(Review.due_at, Review.id)).all()


def open_reviews(course: Course) -> list[Refusal]:
    """A refusal for each review that nobody has decided: the next dose waits for it."""
    return [refusal_of(row) for row in reviews_of(course) if row.decided_at is None]


def refusal_of(review: Review) -> Refusal:
    return Refusal(Code.REVIEW_OPEN, {"review_id": str(review.id), "kind": review.kind, "since": review.due_at})


def stops_booking(course: Course) -> tuple[Refusal, ...]:
    """The same against booking a dose, where the clinic's protocol wants everything in order before that."""
    return tuple(open_reviews(course)) if rules_of(course).gates_stop_booking else ()


def _write(facts: Known, patient: Patient, due: ReviewDue, now: datetime) -> None:
    review = Review(
        clinic_id=patient.clinic_id,
        course_id=facts.course.id,
        patient_id=patient.id,
        kind=due.kind,
        after=due.after,
        phase=due.phase,
        due_at=due.at,
    )
    db.session.add(review)
    db.session.flush()
    said = {"kind": due.kind, "phase": due.phase, "after": due.after}
    by = system(patient.clinic_id)
    note(Verb.CALL_FOR_REVIEW, by=by, now=now, patient=patient, subject_id=facts.course.id, facts=said)
    ask(
        Role.CLINICIAN,
        TASKS[due.kind],
        facts.next_dose or patient,
        subject_id=review.id,
        now=now,
        detail=_said(facts, due),
    )


def _said(facts: Known, due: ReviewDue) -> str:
    """The protocol's advice with its citation, else where it has it from that somebody should look."""
    language = db.session.get_one(Clinic, facts.course.clinic_id).language
    advised = advice(due.kind, due.phase, facts.rules, language)
    return f"{advised[0]} ({advised[1]})" if advised else f"Source: {source(due.kind, due.phase, facts.rules)}"


def _key(row: Review) -> tuple[str, str, int]:
    return row.kind, row.phase, row.after


def _key_of(due: ReviewDue) -> tuple[str, str, int]:
    return due.kind.value, due.phase, due.after
