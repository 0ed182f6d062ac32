"""How do staff write down that integration is held with the patient's own therapist, and take it back?"""

from typing import Any
from uuid import UUID

from api.auth import staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.editions import expects_edition
from api.repeats import repeatable
from api.shapes.sessions import ElsewhereGiven, SessionShown
from api.visits import WithEdition, back_here, gone_elsewhere
from care.refusals import Code

elsewhere = Blueprint("elsewhere", "Integration with the patient's own therapist")


@elsewhere.route("/sessions/<uuid:session_id>/elsewhere", methods=["PUT"])
@staff
@says(404)
@repeatable
@expects_edition
@elsewhere.arguments(ElsewhereGiven)
@elsewhere.response(200, SessionShown)
@may_refuse(Code.WRONG_STATUS, Code.DOSE_UNBOOKED, Code.DAY_OUT_OF_RANGE)
def hold_elsewhere(given: dict[str, Any], session_id: UUID) -> WithEdition:
    """Integration is with their own therapist

    On that day; nobody asks or reminds any more. When the dose moves so far that the day is outside its new window, the
    day goes and the patient is asked again.
    """
    return gone_elsewhere(session_id, given)


@elsewhere.route("/sessions/<uuid:session_id>/elsewhere", methods=["DELETE"])
@staff
@says(404)
@expects_edition
@elsewhere.response(200, SessionShown)
@may_refuse(Code.NOTHING_TO_CORRECT)
def hold_here(session_id: UUID) -> WithEdition:
    """Integration is here after all

    The session wants a time here again.
    """
    return back_here(session_id)
