"""How does an app ask for a session where they come as needed, and how do staff answer?"""

from typing import Any
from uuid import UUID

from flask import g

from actions.steering.requests import ask_for_session, decline, grant, requests_of
from api.auth import caller, guarded, patient_only, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.contract.problems import NOT_FOUND, Problem
from api.reach import find, reachable
from api.repeats import repeatable
from api.shapes.life import (
    RequestDecided,
    RequestForStaff,
    RequestGiven,
    RequestList,
    RequestListForStaff,
    RequestShown,
)
from care.refusals import Code
from care.times import local_date
from models import Course, CourseRequest, CourseStatus, db

own_requests = Blueprint("own_requests", "Asking for a session where they come as needed", prefix="/v1/me")
requests = Blueprint("requests", "Wishes for a session, as staff answer them")


@own_requests.route("/course/requests")
@patient_only
@says(404)
@own_requests.response(200, RequestList)
def list_own_requests() -> dict[str, Any]:
    """What you asked for

    The latest first: `granted` is null while nobody has decided, and `session_id` names the session that was added.
    """
    return {"items": requests_of(_own_course())}


@own_requests.route("/course/requests", methods=["POST"])
@patient_only
@says(404)
@repeatable
@own_requests.arguments(RequestGiven)
@own_requests.response(201, RequestShown)
@may_refuse(Code.COURSE_NOT_ACTIVE, Code.NOT_AS_NEEDED, Code.REQUEST_OPEN)
def ask_for_own_session(given: dict[str, Any]) -> CourseRequest:
    """Ask for a session

    In a phase where sessions come as needed. A clinician decides; one wish at a time.
    """
    return ask_for_session(_own_course(), given.get("words") or None, by=caller().actor, now=g.now)


@requests.route("/courses/<uuid:course_id>/requests")
@staff
@says(404)
@requests.response(200, RequestListForStaff)
def list_requests(course_id: UUID) -> dict[str, Any]:
    """What a patient asked for

    The latest first, in their own words.
    """
    return {"items": requests_of(find(Course, course_id))}


@requests.route("/courses/<uuid:course_id>/requests/<uuid:request_id>/decision", methods=["POST"])
@guarded("clinician")
@says(404)
@repeatable
@requests.arguments(RequestDecided)
@requests.response(200, RequestForStaff)
@may_refuse(Code.WRONG_CLINICIAN_ROLE, Code.ALREADY_DECIDED, Code.COURSE_NOT_ACTIVE)
def decide_request(given: dict[str, Any], course_id: UUID, request_id: UUID) -> CourseRequest:
    """Answer a wish for a session

    Granted, one more session of the phase is planned, not before `from_on`, and waits to be booked. Declined, the note
    goes into the record; what the patient hears the clinic tells them itself.
    """
    wanted = find(CourseRequest, request_id)
    if wanted.course_id != course_id:
        raise Problem(NOT_FOUND, "There is nothing here with this id, or it is not yours to see.")
    if given["granted"]:
        from_on = given.get("from_on") or local_date(g.now, caller().clinic.zone)
        grant(wanted, from_on, given["note"], by=caller().actor, now=g.now)
    else:
        decline(wanted, given["note"], by=caller().actor, now=g.now)
    return wanted


def _own_course() -> Course:
    """The course that goes on, else the last."""
    going_on = Course.status.in_((CourseStatus.ACTIVE, CourseStatus.PAUSED))
    mine = reachable(Course).order_by(going_on.desc(), Course.id.desc())
    course = db.session.scalars(mine.limit(1)).first()
    if course is None:
        raise Problem(NOT_FOUND, "There is no course yet.")
    return course
