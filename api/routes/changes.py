"""How do staff change a course? Every change is shown first, and carried out as it was shown."""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify

from actions.sessions.changes.change import PlanIsStale, change
from actions.sessions.changes.preview import preview_change
from api.auth import caller, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.reach import find, find_locked
from api.repeats import repeatable
from api.shapes.changes import (
    ChangeAgreed,
    ChangePreviewShown,
    ChangeWished,
    CourseChangeAgreed,
    CourseChangeWished,
    of_course,
    of_session,
    preview_shown,
    stale_plan,
)
from api.visits import RACES, TIMING
from care.refusals import Code
from models import Course, Session

changes = Blueprint("changes", "Changes of a course: shown first, then done as shown")
changes.register_error_handler(PlanIsStale, stale_plan)

AGAINST_MANY = (Code.WRONG_SCOPE, Code.NOTHING_IN_SCOPE)
AGAINST_ONE = (
    Code.NOT_MOVABLE,
    Code.NOT_CANCELLABLE,
    Code.WRONG_STATUS,
    Code.NOT_YET,
    Code.NOT_A_CHOICE,
    Code.WRONG_CLINICIAN_ROLE,
)
AGAINST_ADDING = (Code.NOT_A_DOSE, Code.ALREADY_THERE, Code.NOT_A_CHOICE, Code.OUTSIDE_SPAN)


@changes.route("/sessions/<uuid:session_id>/changes/preview", methods=["POST"])
@staff
@says(404)
@changes.arguments(ChangeWished)
@changes.response(200, ChangePreviewShown)
@may_refuse(Code.SLOT_NOT_OFFERED)
def preview_session_change(wished: dict[str, Any], session_id: UUID) -> Response:
    """What would a change bring?

    Move, reseat, defer, omit, cancel or miss this session, or this and the following. Which sessions move, end, are
    added or meant for other days, which find no place, who is told, which answers become void, what the protocol
    proposes to follow and what the label says, and every reason against it. Writes nothing. Its `token` agrees to
    exactly this plan; where the rule of seven dates makes much move, `alternative` is the plan that breaks it.
    """
    wish = of_session(wished, find(Session, session_id))
    return jsonify(preview_shown(preview_change(wish, by=caller().actor, now=g.now, reason=wished.get("reason"))))


@changes.route("/sessions/<uuid:session_id>/changes", methods=["POST"])
@staff
@says(404, 412)
@repeatable
@changes.arguments(ChangeAgreed)
@changes.response(200, ChangePreviewShown)
@may_refuse(*TIMING, *RACES, *AGAINST_ONE, *AGAINST_MANY, Code.PLAN_IS_STALE)
def change_session(agreed: dict[str, Any], session_id: UUID) -> Response:
    """Change a session as previewed

    All of it or nothing. The preview's token takes the place of If-Match: when a row that the plan used has changed, the
    answer is 412 with the new preview and the sessions in which they differ. Old answers about what changed no longer
    count, and each person hears of all new times at once.
    """
    wish = of_session(agreed, find_locked(Session, session_id))
    done = change(wish, agreed["plan"], by=caller().actor, now=g.now, reason=agreed["reason"])
    return jsonify(preview_shown(done))


@changes.route("/courses/<uuid:course_id>/changes/preview", methods=["POST"])
@staff
@says(404)
@changes.arguments(CourseChangeWished)
@changes.response(200, ChangePreviewShown)
def preview_course_change(wished: dict[str, Any], course_id: UUID) -> Response:
    """What would a change from a day on bring, or one session more?

    From a day on: move all to other weekdays or another time of day, defer (by days: pushed back, none is lost), omit or
    cancel them. Or add one session: a dose, a consult, a preparation, a review, or an integration session after a dose.
    """
    wish = of_course(wished, find(Course, course_id).id)
    return jsonify(preview_shown(preview_change(wish, by=caller().actor, now=g.now, reason=wished.get("reason"))))


@changes.route("/courses/<uuid:course_id>/changes", methods=["POST"])
@staff
@says(404, 412)
@repeatable
@changes.arguments(CourseChangeAgreed)
@changes.response(200, ChangePreviewShown)
@may_refuse(*RACES, *AGAINST_ONE, *AGAINST_MANY, *AGAINST_ADDING, Code.COURSE_NOT_ACTIVE, Code.PLAN_IS_STALE)
def change_course(agreed: dict[str, Any], course_id: UUID) -> Response:
    """Change a course as previewed

    All of it or nothing, by the preview's token; stale, it is 412 with the new preview. A session that is added has no
    time yet: its spacing is judged when it is booked.
    """
    wish = of_course(agreed, find_locked(Course, course_id).id)
    done = change(wish, agreed["plan"], by=caller().actor, now=g.now, reason=agreed["reason"])
    return jsonify(preview_shown(done))
