"""What does a patient's app do about their visits? Look, choose a time, hold it, answer."""

from typing import Any
from uuid import UUID

from actions.facts import sessions_of
from actions.sessions.book import TimeRefused
from api.auth import caller, patient_only
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.contract.problems import INVALID, NOT_FOUND, Problem
from api.editions import etag, expects_edition
from api.offers import lawful_slots
from api.pages import page
from api.reach import find, reachable
from api.repeats import repeatable
from api.shapes.bookings import time_refused
from api.shapes.me import OwnCourse, OwnReminderList
from api.shapes.people import COURSE
from api.shapes.sessions import (
    AnswerShown,
    Choice,
    ElsewhereGiven,
    HoldShown,
    ListQuery,
    OwnAnswer,
    SessionList,
    SessionShown,
)
from api.shapes.slots import SlotList, SlotQuery
from api.visits import (
    CLOCKS,
    RACES,
    STEP,
    TIMING,
    WithEdition,
    answered,
    back_here,
    booked,
    gone_elsewhere,
    held,
    released,
)
from care.facts import How, Step, Value
from care.refusals import Code
from models import Answer, Course, CourseStatus, Patient, Reminder, Session, db

me = Blueprint("me", "A patient's own visits: look, choose a time, hold it, answer", prefix="/v1/me")
me.register_error_handler(TimeRefused, time_refused)

SAFETY = frozenset({Step.SAFETY_EVENING, Step.SAFETY_NEXT_DAY})


@me.route("/course")
@patient_only
@says(404)
@me.response(200, OwnCourse)
def get_own_course() -> tuple[dict[str, Any], dict[str, str]]:
    """Your course with all its sessions

    The active one, else the last. 404 when there never was one.
    """
    mine = reachable(Course).order_by(
        Course.status.in_((CourseStatus.ACTIVE, CourseStatus.PAUSED)).desc(), Course.id.desc()
    )
    course = db.session.scalars(mine.limit(1)).first()
    if course is None:
        raise Problem(NOT_FOUND, "There is no course yet.")
    sessions = [session for session in sessions_of(_myself()) if session.course_id == course.id]
    return {name: getattr(course, name) for name in COURSE} | {"sessions": sessions}, etag(course)


@me.route("/sessions")
@patient_only
@me.response(200, SessionList)
def list_own_sessions() -> dict[str, Any]:
    """All your sessions

    In the order of the course; `edition` in double quotes is what If-Match wants.
    """
    return {"items": sessions_of(_myself())}


@me.route("/sessions/<uuid:session_id>")
@patient_only
@says(404)
@me.response(200, SessionShown)
def get_own_session(session_id: UUID) -> WithEdition:
    """One of your sessions

    Its ETag is its edition.
    """
    session = find(Session, session_id)
    return session, etag(session)


@me.route("/sessions/<uuid:session_id>/slots")
@patient_only
@says(404)
@me.arguments(SlotQuery, location="query")
@me.response(200, SlotList)
@may_refuse(*CLOCKS)
def list_own_slots(query: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Times you can choose for a session

    Only those that every rule allows, in order of time. Two weeks from now unless you ask for other days, up to three
    months; weekdays and a part of the day narrow it.
    """
    return lawful_slots(find(Session, session_id), query)


@me.route("/sessions/<uuid:session_id>/booking", methods=["PUT"])
@patient_only
@says(404)
@repeatable
@expects_edition
@me.arguments(Choice)
@me.response(200, SessionShown)
@may_refuse(*TIMING, *RACES, Code.NOT_BOOKABLE, Code.INSIDE_FREEZE)
def book_own_session(wished: dict[str, Any], session_id: UUID) -> WithEdition:
    """Book a slot for a session

    One request is all it takes. Every reason against it comes at once; when somebody else was quicker it is `slot_taken`.
    `alternatives` are the nearest times that can be had instead.
    A booked session is moved by its `changes`.
    """
    return booked(session_id, wished)


@me.route("/sessions/<uuid:session_id>/hold", methods=["POST"])
@patient_only
@says(404)
@repeatable
@me.arguments(Choice)
@me.response(201, HoldShown)
@may_refuse(*TIMING, *RACES, Code.NOT_BOOKABLE, Code.INSIDE_FREEZE)
def hold_own_slot(wished: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Keep a slot while you decide

    For some minutes. An earlier hold of the same session is let go; booking needs no hold.
    """
    return held(session_id, wished)


@me.route("/sessions/<uuid:session_id>/hold", methods=["DELETE"])
@patient_only
@says(404)
@me.response(204)
def release_own_slot(session_id: UUID) -> str:
    """Let your hold go

    The session's booking, if it has one, stays.
    """
    return released(session_id)


@me.route("/sessions/<uuid:session_id>/elsewhere", methods=["PUT"])
@patient_only
@says(404)
@repeatable
@expects_edition
@me.arguments(ElsewhereGiven)
@me.response(200, SessionShown)
@may_refuse(Code.WRONG_STATUS, Code.DOSE_UNBOOKED, Code.DAY_OUT_OF_RANGE)
def hold_own_elsewhere(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Integration is with my own therapist

    On that day; you are not asked or reminded any more. When the dose moves so far that the day no longer follows it, the
    day goes and you are asked again.
    """
    return gone_elsewhere(session_id, given)


@me.route("/sessions/<uuid:session_id>/elsewhere", methods=["DELETE"])
@patient_only
@says(404)
@expects_edition
@me.response(200, SessionShown)
@may_refuse(Code.NOTHING_TO_CORRECT)
def hold_own_here(session_id: UUID) -> WithEdition:
    """Integration is here after all

    The session wants a time here again.
    """
    return back_here(session_id)


@me.route(f"/sessions/<uuid:session_id>/answers/{STEP}", methods=["PUT"])
@patient_only
@says(404)
@repeatable
@me.arguments(OwnAnswer)
@me.response(200, AnswerShown)
@may_refuse(Code.VERSION_CHANGED)
def answer_step(given: dict[str, Any], session_id: UUID, step: str) -> Answer:
    """Answer a step of a session

    About the `version` that you were shown. The texted question, if there is one, counts as answered too. `urgent` is for
    the safety steps and pages the clinic; this app is no emergency line.
    """
    if given["value"] == Value.URGENT and Step(step) not in SAFETY:
        say = "Only the safety steps take urgent; call the clinic instead."
        raise Problem(INVALID, f"value: {say}", fields=[{"where": "json", "field": "value", "say": say}])
    return answered(session_id, step, given, how=How.APP)


@me.route("/reminders")
@patient_only
@me.arguments(ListQuery, location="query")
@me.response(200, OwnReminderList)
def list_own_reminders(query: dict[str, Any]) -> dict[str, Any]:
    """What was and will be said to you

    Every reminder with when it is due and what became of it.
    """
    return page(Reminder, reachable(Reminder).where(Reminder.person_id == _myself().id), query)


def _myself() -> Patient:
    patient = caller().patient
    if patient is None:
        raise LookupError("only patients come through this door")
    return patient
