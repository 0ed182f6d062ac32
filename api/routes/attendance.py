"""What really happened to a session? Written down by staff."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import g

from actions.sessions.attend import arrive, attend, correct, discharge, dose
from api.auth import caller, guarded, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.contract.problems import INVALID, Problem
from api.editions import etag
from api.reach import find_locked
from api.repeats import repeatable
from api.shapes.sessions import Correction, Fact, Leaving, SessionShown
from care.refusals import Code
from models import Session

attendance = Blueprint("attendance", "What really happened")

WithEdition = tuple[Session, dict[str, str]]


@attendance.route("/sessions/<uuid:session_id>/arrive", methods=["POST"])
@staff
@says(404)
@repeatable
@attendance.arguments(Fact)
@attendance.response(200, SessionShown)
@may_refuse(Code.WRONG_STATUS, Code.NOT_YET, Code.OUT_OF_TIME)
def arrive_session(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Write down that the patient is here

    With `at` when it is written down later.
    """
    return _happened(arrive, given, session_id)


@attendance.route("/sessions/<uuid:session_id>/dose", methods=["POST"])
@guarded("clinician")
@says(404)
@repeatable
@attendance.arguments(Fact)
@attendance.response(200, SessionShown)
@may_refuse(Code.WRONG_STATUS, Code.GATE_OPEN, Code.OUT_OF_TIME)
def dose_session(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Write down that the dose is given

    Refused while a hard gate is open, with every one of them.
    """
    return _happened(dose, given, session_id)


@attendance.route("/sessions/<uuid:session_id>/discharge", methods=["POST"])
@guarded("clinician")
@says(404)
@repeatable
@attendance.arguments(Leaving)
@attendance.response(200, SessionShown)
@may_refuse(Code.WRONG_STATUS, Code.OBSERVATION_NOT_OVER, Code.OUT_OF_TIME)
def discharge_session(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Write down that the patient may leave

    The rules for afterwards go out at this moment, with clock times that follow from it. Refused before the protocol's
    observation is over, unless a `reason` is given.
    """
    return _happened(partial(discharge, reason=given.get("reason")), given, session_id)


@attendance.route("/sessions/<uuid:session_id>/attend", methods=["POST"])
@staff
@says(404)
@repeatable
@attendance.arguments(Fact)
@attendance.response(200, SessionShown)
@may_refuse(Code.WRONG_STATUS, Code.NOT_YET, Code.OUT_OF_TIME)
def attend_session(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Write down that a session other than a dose took place

    Such as a consult, a preparation or an integration session.
    """
    return _happened(attend, given, session_id)


@attendance.route("/sessions/<uuid:session_id>/correct", methods=["POST"])
@staff
@says(404)
@repeatable
@attendance.arguments(Correction)
@attendance.response(200, SessionShown)
@may_refuse(Code.NOTHING_TO_CORRECT, Code.WRONG_CLINICIAN_ROLE)
def correct_session(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Take back the last of arrive, dose, discharge, attend or miss

    The record keeps both what was written and why it was taken back. A dose and a discharge are for clinicians to take back.
    """
    session = find_locked(Session, session_id)
    correct(session, given["reason"], by=caller().actor, now=g.now)
    return session, etag(session)


def _happened(verb: Callable[..., None], given: dict[str, Any], session_id: UUID) -> WithEdition:
    session = find_locked(Session, session_id)
    verb(session, by=caller().actor, now=g.now, at=_when(given))
    return session, etag(session)


def _when(given: dict[str, Any]) -> datetime | None:
    at: datetime | None = given.get("at")
    if at is not None and at > g.now:
        wrong = [{"where": "json", "field": "at", "say": "Must not be later than now."}]
        raise Problem(INVALID, "at: Must not be later than now.", fields=wrong)
    return at
