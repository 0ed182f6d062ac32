"""How does a patient book all visits of a phase at once? A wish, a proposal, and a yes to exactly that."""

from typing import Any

from flask import Response, g, jsonify

from actions.sessions.together.booking import NotTogether, ProposalIsStale, book_together
from actions.sessions.together.proposing import propose_together
from api.auth import caller, patient_only
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.contract.problems import NOT_FOUND, Problem
from api.reach import find_locked, reachable
from api.repeats import repeatable
from api.shapes.bookings import (
    BookedTogether,
    PhaseAgreed,
    PhaseWished,
    ProposalShown,
    choices_of,
    not_together,
    proposal_shown,
    stale_proposal,
    wish_of,
)
from api.visits import RACES, TIMING
from care.refusals import Code
from models import Course, CourseStatus, db

own_bookings = Blueprint("own_bookings", "Booking the visits of a phase at once, by the patient", prefix="/v1/me")
own_bookings.register_error_handler(NotTogether, not_together)
own_bookings.register_error_handler(ProposalIsStale, stale_proposal)


@own_bookings.route("/course/bookings/proposal", methods=["POST"])
@patient_only
@says(404)
@own_bookings.arguments(PhaseWished)
@own_bookings.response(200, ProposalShown)
@may_refuse(Code.COURSE_NOT_ACTIVE)
def propose_own_bookings(wished: dict[str, Any]) -> Response:
    """When could your visits be?

    For every visit of the phase without a time the free slot nearest to what you like best, so that every rule is kept.
    Other slots that fit the rest stand beside each. Nothing is booked yet.
    """
    return jsonify(proposal_shown(propose_together(_own_course(), wish_of(wished), by=caller().actor, now=g.now)))


@own_bookings.route("/course/bookings", methods=["POST"])
@patient_only
@says(404, 412)
@repeatable
@own_bookings.arguments(PhaseAgreed)
@own_bookings.response(201, BookedTogether)
@may_refuse(*TIMING, *RACES, Code.NOT_BOOKABLE, Code.INSIDE_FREEZE, Code.DOSE_UNBOOKED, Code.PLAN_IS_STALE)
def book_own_together(agreed: dict[str, Any]) -> dict[str, Any]:
    """Book all visits of a phase

    All of them or none. When something is in the way it is 409 with every conflict and a new proposal; when the proposal
    that you saw is no longer what would be proposed, 412 with the new one.
    """
    course = find_locked(Course, _own_course().id)
    choices, wish = choices_of(agreed, course), wish_of(agreed)
    booked = book_together(course, wish, agreed.get("proposal"), choices, by=caller().actor, now=g.now)
    return {"items": booked}


def _own_course() -> Course:
    """The course that goes on."""
    going_on = Course.status.in_((CourseStatus.ACTIVE, CourseStatus.PAUSED))
    course = db.session.scalars(reachable(Course).where(going_on).order_by(Course.id.desc()).limit(1)).first()
    if course is None:
        raise Problem(NOT_FOUND, "There is no course under way.")
    return course
