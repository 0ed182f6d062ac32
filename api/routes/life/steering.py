"""What do staff decide about a whole course? It pauses, goes on, ends; clinicians review it and choose how often doses come."""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify

from actions.courses.known import Known, known
from actions.courses.reviews import reviews_of
from actions.steering.decide import Decided, advance, review, set_cadence
from actions.steering.discontinue import discontinue
from actions.steering.pause import ResumeIsStale, pause, preview_resume, resume
from api.auth import caller, guarded, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.contract.problems import INVALID, NOT_FOUND, Problem
from api.contract.voice import voice
from api.editions import etag, expects_edition, judge_edition
from api.reach import find, find_locked
from api.repeats import repeatable
from api.shapes.life import (
    AdvanceGiven,
    CadenceGiven,
    CourseChanged,
    DecisionGiven,
    DiscontinueGiven,
    PauseGiven,
    ResumeAgreed,
    ResumePreviewShown,
    ResumeWished,
    ReviewList,
    preview_shown,
    stale_resume,
)
from care.course.progress.phases import Cadence, choices, phase_after, steps_back
from care.course.progress.reviews import Decision, ReviewKind, advice, source
from care.facts import Cause
from care.protocol import Protocol
from care.refusals import Code
from models import Course, Review, Session, db

steering = Blueprint("steering", "A course on its way: pauses, reviews, cadences, its end")
steering.register_error_handler(ResumeIsStale, stale_resume)

WithEdition = tuple[dict[str, Any], dict[str, str]]
CHOOSING = (Code.WRONG_CLINICIAN_ROLE, Code.NOT_A_CHOICE, Code.COURSE_NOT_ACTIVE)


@steering.route("/courses/<uuid:course_id>/pause", methods=["POST"])
@staff
@says(404)
@repeatable
@expects_edition
@steering.arguments(PauseGiven)
@steering.response(200, CourseChanged)
@may_refuse(Code.COURSE_NOT_ACTIVE, Code.DOSE_UNDER_WAY, Code.IN_THE_PAST)
def pause_course(given: dict[str, Any], course_id: UUID) -> WithEdition:
    """Let a course stand still

    Everything that was booked for later gives its time back and waits for a new one; its reminders end, and each person
    hears of it once. The follow-up session of a dose already given stays. `sessions` are those that lost their time.
    """
    course = _seen(course_id)
    lifted = pause(course, given["reason"], until=given.get("until"), by=caller().actor, now=g.now)
    return _changed(course, lifted)


@steering.route("/courses/<uuid:course_id>/resume/preview", methods=["POST"])
@staff
@says(404)
@steering.arguments(ResumeWished)
@steering.response(200, ResumePreviewShown)
def preview_course_resume(wished: dict[str, Any], course_id: UUID) -> Response:
    """On which days would a paused course go on?

    New days for everything still to come, with the numbers, phases and preferences it has and the spacing beside what was
    given. `reviews` names what a clinician will have to decide before the first dose, such as a lapse. Writes nothing.
    """
    return jsonify(preview_shown(preview_resume(find(Course, course_id), wished["from_on"], now=g.now)))


@steering.route("/courses/<uuid:course_id>/resume", methods=["POST"])
@staff
@says(404, 412)
@repeatable
@steering.arguments(ResumeAgreed)
@steering.response(200, CourseChanged)
@may_refuse(Code.COURSE_NOT_PAUSED, Code.IN_THE_PAST, Code.PLAN_IS_STALE)
def resume_course(agreed: dict[str, Any], course_id: UUID) -> WithEdition:
    """Let a paused course go on

    With the `token` of the preview as `plan`: 412 with the new preview where something changed. The sessions then wait
    to be booked. `sessions` are those with new days.
    """
    course = find_locked(Course, course_id)
    preview = resume(course, agreed["from_on"], agreed["plan"], by=caller().actor, now=g.now)
    ids = [each.session_id for each in preview.sessions]
    return _changed(course, [db.session.get_one(Session, (course.clinic_id, each)) for each in ids])


@steering.route("/courses/<uuid:course_id>/discontinue", methods=["POST"])
@staff
@says(404)
@repeatable
@expects_edition
@steering.arguments(DiscontinueGiven)
@steering.response(200, CourseChanged)
@may_refuse(Code.COURSE_NOT_ACTIVE, Code.DOSE_UNDER_WAY)
def discontinue_course(given: dict[str, Any], course_id: UUID) -> WithEdition:
    """End a course early

    What was still to come is cancelled and its people are told. Safety checks after the last dose go on, and so does its
    follow-up session unless `aftercare` is false. Who comes back begins a new course.
    """
    course = _seen(course_id)
    cause, actor = Cause(given["cause"]), caller().actor
    off = discontinue(course, cause, given["reason"], aftercare=given["aftercare"], by=actor, now=g.now)
    return _changed(course, off)


@steering.route("/courses/<uuid:course_id>/advance", methods=["POST"])
@guarded("clinician")
@says(404)
@repeatable
@expects_edition
@steering.arguments(AdvanceGiven)
@steering.response(200, CourseChanged)
@may_refuse(*CHOOSING, Code.NO_NEXT_PHASE, Code.DOSE_UNDER_WAY)
def advance_course(given: dict[str, Any], course_id: UUID) -> WithEdition:
    """Go on to the next phase

    Also before this one is over: what is left of it is omitted, and what follows gets new days. `sessions` are booked
    ones that no longer fit, for a coordinator to move.
    """
    course = _seen(course_id)
    return _changed(course, advance(course, given["reason"], _cadence(given), by=caller().actor, now=g.now))


@steering.route("/courses/<uuid:course_id>/interval", methods=["POST"])
@guarded("clinician")
@says(404)
@repeatable
@expects_edition
@steering.arguments(CadenceGiven)
@steering.response(200, CourseChanged)
@may_refuse(*CHOOSING)
def set_course_interval(given: dict[str, Any], course_id: UUID) -> WithEdition:
    """Choose how often doses come

    One of the choices of the phase under way, as the list of reviews names them. Sessions without a time get new days;
    booked ones stay, and those that no longer fit are in `sessions`, for a coordinator to move.
    """
    every = _cadence(given)
    if every is None:
        raise _wrong("every_days", "Give every_days or per_week.")
    course = _seen(course_id)
    return _changed(course, set_cadence(course, every, given["reason"], by=caller().actor, now=g.now))


@steering.route("/courses/<uuid:course_id>/reviews")
@staff
@says(404)
@steering.response(200, ReviewList)
def list_reviews(course_id: UUID) -> dict[str, Any]:
    """The reviews of a course

    Those decided and those that its next dose waits for, with the protocol's advice and where it comes from, and what a
    clinician may choose.
    """
    facts = known(find(Course, course_id))
    following = phase_after(facts.rules, facts.course.phase)
    return {
        "items": [_review(each, facts.rules) for each in reviews_of(facts.course)],
        "phase": facts.course.phase,
        "next_phase": following.name if following else None,
        "cadence": facts.cadence,
        "choices": choices(facts.phase),
        "next_choices": choices(following) if following else (),
        "steps_back": _steps_back(facts),
    }


@steering.route("/courses/<uuid:course_id>/reviews/<uuid:review_id>/decision", methods=["POST"])
@guarded("clinician")
@says(404)
@repeatable
@steering.arguments(DecisionGiven)
@steering.response(200, CourseChanged)
@may_refuse(*CHOOSING, Code.ALREADY_DECIDED, Code.NO_NEXT_PHASE, Code.DOSE_UNDER_WAY)
def decide_review(given: dict[str, Any], course_id: UUID, review_id: UUID) -> WithEdition:
    """Decide a review

    `continue` as planned, `advance` to the next phase, `step_back` to a more frequent cadence, `extend` this phase by so
    many sessions, or `stop` the course. The next dose no longer waits for it. `sessions` are those off, or booked ones
    that no longer fit.
    """
    looked_at = find(Review, review_id)
    if looked_at.course_id != course_id:
        raise Problem(NOT_FOUND, "There is nothing here with this id, or it is not yours to see.")
    course = find_locked(Course, course_id)
    decided = Decided(Decision(given["decision"]), given["note"], _cadence(given), given.get("sessions"))
    return _changed(course, review(course, looked_at, decided, by=caller().actor, now=g.now))


def _seen(course_id: UUID) -> Course:
    """The course under lock, when the caller saw its present edition."""
    course = find_locked(Course, course_id)
    judge_edition(course)
    return course


def _changed(course: Course, sessions: list[Session]) -> WithEdition:
    headers = etag(course)
    return {"course": course, "sessions": sessions}, headers


def _cadence(given: dict[str, Any]) -> Cadence | None:
    every_days, per_week = given.get("every_days"), given.get("per_week")
    if every_days and per_week:
        raise _wrong("per_week", "Give every_days or per_week, not both.")
    return Cadence(every_days, per_week) if every_days or per_week else None


def _wrong(field: str, say: str) -> Problem:
    return Problem(INVALID, f"{field}: {say}", fields=[{"where": "json", "field": field, "say": say}])


def _steps_back(facts: Known) -> tuple[Cadence, ...]:
    return steps_back(facts.rules, facts.course.phase, facts.cadence)


def _review(row: Review, rules: Protocol) -> dict[str, Any]:
    kind = ReviewKind(row.kind)
    said = advice(kind, row.phase, rules, voice().language)
    names = (
        "id", "kind", "phase", "after", "due_at", "decided_at", "decision", "every_days", "per_week", "staff_id", "note",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names} | {
        "advice": {"say": said[0], "source": said[1]} if said else None,
        "source": source(kind, row.phase, rules),
    }
