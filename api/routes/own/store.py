"""What does an app keep of its patient, and how does it catch up after it was away?"""

from typing import Any
from uuid import UUID

from flask import g

from actions.apps.changes import changes_since, mark_of
from actions.apps.standing import Hold, standing
from api.auth import caller, patient_only
from api.contract.blueprint import Blueprint
from api.contract.documented import says
from api.contract.problems import NOT_FOUND, Problem
from api.editions import etag
from api.reach import find, reachable
from api.shapes.life import RequestShown
from api.shapes.people import CourseShown, SupportShown
from api.shapes.store import (
    ChangeList,
    ChangeQuery,
    KeptAnswerShown,
    OwnCourseList,
    OwnHoldShown,
    OwnSupportList,
    ProfileShown,
    Snapshot,
)
from models import Answer, Course, CourseRequest, Patient, Session, SupportPerson, Thing, db

store = Blueprint("store", "What an app keeps of its patient, and how it catches up", prefix="/v1/me")

USUAL_CHANGES = 100


@store.route("/snapshot")
@patient_only
@store.response(200, Snapshot)
def get_snapshot() -> dict[str, Any]:
    """Everything that stands

    To begin with, and when `changes` says reset. What it holds belongs to the change `last`; go on from there.
    """
    patient = _myself()
    stands = standing(patient, g.now)
    return {
        "last": patient.change_no,
        "mark": mark_of(patient, patient.change_no),
        "profile": patient,
        "courses": stands.standing(Thing.COURSE),
        "sessions": stands.standing(Thing.SESSION),
        "supports": stands.standing(Thing.SUPPORT),
        "answers": stands.standing(Thing.ANSWER),
        "holds": stands.standing(Thing.HOLD),
        "requests": stands.standing(Thing.REQUEST),
    }


@store.route("/changes")
@patient_only
@store.arguments(ChangeQuery, location="query")
@store.response(200, ChangeList)
def list_changes(query: dict[str, Any]) -> Any:
    """What changed since you looked

    Numbered without gaps. Read again what is named, or drop what is gone; then keep `last` and `mark`. With `reset` you
    cannot go on from there, because you were away for too long or our history was put back: read the snapshot.
    """
    most = query.get("limit", USUAL_CHANGES)
    return changes_since(_myself(), query["since"], mark=query.get("mark"), most=most, now=g.now)


@store.route("/profile")
@patient_only
@store.response(200, ProfileShown)
def get_profile() -> Patient:
    """You

    As the clinic knows you: name, number, zone, language, and whether you agreed to texts.
    """
    return _myself()


@store.route("/courses")
@patient_only
@store.response(200, OwnCourseList)
def list_own_courses() -> dict[str, Any]:
    """All your courses

    Earlier ones too, in order of their beginning.
    """
    return {"items": db.session.scalars(reachable(Course).order_by(Course.id)).all()}


@store.route("/courses/<uuid:course_id>")
@patient_only
@says(404)
@store.response(200, CourseShown)
def get_course_of_mine(course_id: UUID) -> tuple[Course, dict[str, str]]:
    """One of your courses

    Its ETag is its edition.
    """
    course = find(Course, course_id)
    return course, etag(course)


@store.route("/supports")
@patient_only
@store.response(200, OwnSupportList)
def list_own_supports() -> dict[str, Any]:
    """Who stands by you

    In order of preference within a course, those who were taken off too.
    """
    mine = reachable(SupportPerson).order_by(SupportPerson.course_id, SupportPerson.position)
    return {"items": db.session.scalars(mine).all()}


@store.route("/supports/<uuid:support_id>")
@patient_only
@says(404)
@store.response(200, SupportShown)
def get_own_support(support_id: UUID) -> SupportPerson:
    """One of those who stand by you

    With how they answered the invitation.
    """
    return find(SupportPerson, support_id)


@store.route("/answers/<uuid:answer_id>")
@patient_only
@says(404)
@store.response(200, KeptAnswerShown)
def get_own_answer(answer_id: UUID) -> Answer:
    """One answer about a session of yours

    By you, by a support person, or noted by the clinic. It never changes; another one takes its place.
    """
    return find(Answer, answer_id)


@store.route("/sessions/<uuid:session_id>/hold")
@patient_only
@says(404)
@store.response(200, OwnHoldShown)
def get_own_hold(session_id: UUID) -> Hold:
    """The slot that is kept for a session

    404 when none is.
    """
    find(Session, session_id)
    held = next((one for one in standing(_myself(), g.now).holds if one.session_id == session_id), None)
    if held is None:
        raise Problem(NOT_FOUND, "No slot is kept for this session.")
    return held


@store.route("/requests/<uuid:request_id>")
@patient_only
@says(404)
@store.response(200, RequestShown)
def get_own_request(request_id: UUID) -> CourseRequest:
    """One of your wishes for a session

    `granted` is null while nobody has decided.
    """
    return find(CourseRequest, request_id)


def _myself() -> Patient:
    patient = caller().patient
    if patient is None:
        raise LookupError("only patients come through this door")
    return patient
