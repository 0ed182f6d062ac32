"""What really happened to a session, or why did it not happen? Written down by staff."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import g

from actions.sessions.attend import arrive, attend, correct, discharge, dose
from actions.sessions.end import cancel, defer, miss, omit
from api.auth import caller, guarded, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.contract.problems import INVALID, Problem
from api.editions import etag, expects_edition, judge_edition
from api.reach import find_locked
from api.repeats import repeatable
from api.shapes.sessions import Correction, Ending, Fact, Leaving, SessionShown
from care.facts import Cause
from care.refusals import Code
from models import Session

attendance = Blueprint("attendance", "What really happened, and what did not")

WithEdition = tuple[Session, dict[str, str]]


@attendance.route("/sessions/<uuid:session_id>/cancel", methods=["POST"])
@staff
@says(404)
@repeatable
@expects_edition
@attendance.arguments(Ending)
@attendance.response(200, SessionShown)
@may_refuse(Code.NOT_CANCELLABLE)
def cancel_session(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Cancel a session

    Its time is free again, its unsent texts are withdrawn, and whoever knew of it hears that it is off.
    """
    return _ended(cancel, given, _seen(session_id))


@attendance.route("/sessions/<uuid:session_id>/omit", methods=["POST"])
@staff
@says(404)
@repeatable
@expects_edition
@attendance.arguments(Ending)
@attendance.response(200, SessionShown)
@may_refuse(Code.WRONG_STATUS)
def omit_session(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Leave a session out

    On purpose, without a replacement. The numbers of the other sessions do not shift.
    """
    return _ended(omit, given, _seen(session_id))


@attendance.route("/sessions/<uuid:session_id>/defer", methods=["POST"])
@staff
@says(404)
@repeatable
@expects_edition
@attendance.arguments(Ending)
@attendance.response(200, SessionShown)
@may_refuse(Code.WRONG_STATUS)
def defer_session(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Do not give a dose, for a clinical reason

    Nobody is to blame; a clinician decides what comes instead.
    """
    return _ended(defer, given, _seen(session_id))


@attendance.route("/sessions/<uuid:session_id>/miss", methods=["POST"])
@staff
@says(404)
@repeatable
@attendance.arguments(Ending)
@attendance.response(200, SessionShown)
@may_refuse(Code.WRONG_STATUS, Code.NOT_YET)
def miss_session(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Write down that nobody came

    Later sessions stay; the protocol's policy says whether one is added. On the same local day `arrive` takes it back.
    """
    return _ended(miss, given, find_locked(Session, session_id))


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


def _seen(session_id: UUID) -> Session:
    """The session under lock, when the caller saw its present edition."""
    session = find_locked(Session, session_id)
    judge_edition(session)
    return session


def _ended(verb: Callable[..., None], given: dict[str, Any], session: Session) -> WithEdition:
    verb(session, Cause(given["cause"]), given["reason"], by=caller().actor, now=g.now)
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
