"""What do staff see of sessions, and how do they give them their time? Look, book, hold, confirm."""

from datetime import time, timedelta
from typing import Any
from uuid import UUID

from flask import Response, g
from sqlalchemy import Row

from actions.sessions.book import TimeRefused
from actions.sessions.readiness import readiness
from api.auth import caller, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.contract.problems import INVALID, Problem
from api.contract.voice import told_refusal
from api.editions import expects_edition
from api.offers import slots_for_staff
from api.quick import answer_of, only, shown
from api.reach import find, missing, reachable
from api.repeats import repeatable
from api.shapes.bookings import time_refused
from api.shapes.sessions import (
    AnswerShown,
    Choice,
    HoldShown,
    ReadinessShown,
    SessionList,
    SessionQuery,
    SessionShown,
    StaffAnswer,
    StaffChoice,
)
from api.shapes.slots import SlotListForStaff, SlotQueryOfStaff
from api.visits import CLOCKS, RACES, STEP, TIMING, WithEdition, answered, booked, held, released
from care.facts import How
from care.refusals import Code
from care.times import wall
from models import Answer, Session, db

sessions = Blueprint("sessions", "Sessions as staff see them and give them their time")
sessions.register_error_handler(TimeRefused, time_refused)


@sessions.route("/sessions")
@staff
@sessions.arguments(SessionQuery, location="query")
@sessions.response(200, SessionList)
def list_sessions(query: dict[str, Any]) -> Response:
    """Sessions of a patient, a course or a day

    At least one of the three must be given. In order of time; those without one come by their target day.
    """
    if not query:
        wrong = [{"where": "query", "field": "patient", "say": "Give patient, course or day."}]
        raise Problem(INVALID, "Give patient, course or day.", fields=wrong)
    found = reachable(Session)
    if "patient" in query:
        found = found.where(Session.patient_id == query["patient"])
    if "course" in query:
        found = found.where(Session.course_id == query["course"])
    if "day" in query:
        zone = caller().clinic.zone
        begins, ends = (wall(day, time(), zone) for day in (query["day"], query["day"] + timedelta(days=1)))
        found = found.where(Session.starts_at >= begins, Session.starts_at < ends)
    ordered = found.order_by(Session.target_on, Session.kind, Session.number).limit(500)
    rows = db.session.execute(only(ordered, SessionShown, Session)).all()
    return answer_of({"items": [shown(SessionShown, row) for row in sorted(rows, key=_in_time)]})


@sessions.route("/sessions/<uuid:session_id>")
@staff
@says(404)
@sessions.response(200, SessionShown)
def get_session(session_id: UUID) -> Response:
    """One session

    Holds only the facts of its row; its ETag is its edition. Readiness and free slots are resources of their own.
    """
    mine = only(reachable(Session).where(Session.id == session_id), SessionShown, Session)
    row = db.session.execute(mine).one_or_none()
    if row is None:
        raise missing()
    return answer_of(shown(SessionShown, row), {"ETag": f'"{row.edition}"'})


@sessions.route("/sessions/<uuid:session_id>/readiness")
@staff
@says(404)
@sessions.response(200, ReadinessShown)
def get_readiness(session_id: UUID) -> dict[str, Any]:
    """Can this session go ahead?

    Ready, waiting or not ready, with every step, who must act and by when. Only what was said about the session's
    present version counts. `stopped` names what the dose waits for beside the steps, `unchecked` what the protocol wants
    before the dose and nobody checks here yet.
    """
    judged = readiness(find(Session, session_id), now=g.now)
    names = ("verdict", "steps", "missing", "unsettled", "unchecked")
    stopped = [told_refusal(refusal) for refusal in judged.stopped]
    return {name: getattr(judged, name) for name in names} | {"stopped": stopped}


@sessions.route("/sessions/<uuid:session_id>/slots")
@staff
@says(404)
@sessions.arguments(SlotQueryOfStaff, location="query")
@sessions.response(200, SlotListForStaff)
@may_refuse(*CLOCKS)
def list_slots(query: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Free times for a session

    Each with the resources it needs and every rule's reason against it; one without reasons can be taken. For a booked
    session the reasons are those against moving it there. `refused=true` shows every start, also those that cannot be had,
    with all reasons at once: the rules', and `resource_missing` with which kind is missing and why. Where that is `busy`
    alone the start has an id: it can be booked over the busy time with a reason. `local` asks for one clock time at the
    clinic and is refused when no clock shows it, or shows it twice.
    """
    return slots_for_staff(find(Session, session_id), query)


@sessions.route("/sessions/<uuid:session_id>/booking", methods=["PUT"])
@staff
@says(404)
@repeatable
@expects_edition
@sessions.arguments(StaffChoice)
@sessions.response(200, SessionShown)
@may_refuse(*TIMING, *RACES, Code.NOT_BOOKABLE)
def book_session(wished: dict[str, Any], session_id: UUID) -> WithEdition:
    """Book a session into a slot

    For a planned session. Every reason against it comes at once; a `reason` of yours lifts the rule of seven dates.
    Two who take the same slot are judged by the database: one gets `slot_taken`.
    """
    return booked(session_id, wished)


@sessions.route("/sessions/<uuid:session_id>/hold", methods=["POST"])
@staff
@says(404)
@repeatable
@sessions.arguments(Choice)
@sessions.response(201, HoldShown)
@may_refuse(*TIMING, *RACES, Code.NOT_BOOKABLE)
def hold_slot(wished: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Keep a slot for some minutes

    While somebody decides. An earlier hold of the same session is let go. Booking needs no hold.
    """
    return held(session_id, wished)


@sessions.route("/sessions/<uuid:session_id>/hold", methods=["DELETE"])
@staff
@says(404)
@sessions.response(204)
def release_slot(session_id: UUID) -> str:
    """Let a hold go

    The session's booking, if it has one, stays.
    """
    return released(session_id)


@sessions.route(f"/sessions/<uuid:session_id>/answers/{STEP}", methods=["PUT"])
@staff
@says(404)
@repeatable
@sessions.arguments(StaffAnswer)
@sessions.response(200, AnswerShown)
@may_refuse(Code.VERSION_CHANGED)
def confirm_step(given: dict[str, Any], session_id: UUID, step: str) -> Answer:
    """Confirm a step at the desk or by telephone

    About the `version` that you saw: an answer about an older one is refused. The texted question counts as answered.
    """
    return answered(session_id, step, given, how=How.STAFF)


def _in_time(session: Row[Any]) -> tuple[Any, ...]:
    begins = session.starts_at or wall(session.target_on, time(), caller().clinic.zone)
    return begins, session.kind, session.number
