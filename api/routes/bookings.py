"""How are all sessions of a phase booked at once, by staff? A wish, a proposal, and a yes to exactly that."""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify

from actions.sessions.together.booking import NotTogether, ProposalIsStale, book_together
from actions.sessions.together.proposing import propose_together
from api.auth import caller, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.reach import find, find_locked
from api.repeats import repeatable
from api.shapes.bookings import (
    BookedTogether,
    PhaseAgreedByStaff,
    PhaseWishedByStaff,
    ProposalShown,
    choices_of,
    not_together,
    proposal_shown,
    stale_proposal,
    wish_of,
)
from api.visits import RACES, TIMING
from care.refusals import Code
from models import Course

bookings = Blueprint("bookings", "Booking the sessions of a phase at once")
bookings.register_error_handler(NotTogether, not_together)
bookings.register_error_handler(ProposalIsStale, stale_proposal)


@bookings.route("/courses/<uuid:course_id>/bookings/proposal", methods=["POST"])
@staff
@says(404)
@bookings.arguments(PhaseWishedByStaff)
@bookings.response(200, ProposalShown)
@may_refuse(Code.COURSE_NOT_ACTIVE)
def propose_bookings(wished: dict[str, Any], course_id: UUID) -> Response:
    """When could a phase be?

    "Tuesdays and Fridays near 10": for every session of the phase without a time the free slot nearest to the wish, so
    that every rule is kept and the fewest are left without one. Why it is another time than the one wished for, and other
    slots that fit the rest, stand beside each. Writes nothing.
    """
    course, reason = find(Course, course_id), wished.get("reason")
    proposal = propose_together(course, wish_of(wished), by=caller().actor, now=g.now, reason=reason)
    return jsonify(proposal_shown(proposal))


@bookings.route("/courses/<uuid:course_id>/bookings", methods=["POST"])
@staff
@says(404, 412)
@repeatable
@bookings.arguments(PhaseAgreedByStaff)
@bookings.response(201, BookedTogether)
@may_refuse(*TIMING, *RACES, Code.NOT_BOOKABLE, Code.DOSE_UNBOOKED, Code.PLAN_IS_STALE)
def book_sessions_together(agreed: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """Book a phase

    All of it or nothing. A `proposal` is booked as it was shown, save for `choices`; `choices` alone are booked as they are.
    With 409 every conflict of every session comes at once, each with what is free instead, and a new proposal; when the
    proposal itself is no longer what would be proposed it is 412 with the new one. The patient gets one text.
    """
    course = find_locked(Course, course_id)
    choices, wish = choices_of(agreed, course), wish_of(agreed)
    token, reason = agreed.get("proposal"), agreed.get("reason")
    return {"items": book_together(course, wish, token, choices, by=caller().actor, now=g.now, reason=reason)}
