"""How does a patient move or cancel a session of their own, within what the clinic leaves to them?"""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify

from actions.sessions.changes.change import PlanIsStale, change
from actions.sessions.changes.preview import preview_change
from api.auth import caller, patient_only
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.reach import find, find_locked
from api.repeats import repeatable
from api.shapes.changes import ChangePreviewShown, OwnChangeAgreed, OwnChangeWished, of_own, preview_shown, stale_plan
from api.visits import RACES, TIMING
from care.refusals import Code
from models import Session

own_changes = Blueprint("own_changes", "Changes that patients make themselves", prefix="/v1/me")
own_changes.register_error_handler(PlanIsStale, stale_plan)

BY_THEMSELVES = "in the app"  # stands in the record where the patient gave no reason
AGAINST = (Code.NOT_MOVABLE, Code.NOT_CANCELLABLE, Code.INSIDE_FREEZE, Code.LEAVES_UNPLACED)


@own_changes.route("/sessions/<uuid:session_id>/changes/preview", methods=["POST"])
@patient_only
@says(404)
@own_changes.arguments(OwnChangeWished)
@own_changes.response(200, ChangePreviewShown)
@may_refuse(Code.SLOT_NOT_OFFERED)
def preview_own_change(wished: dict[str, Any], session_id: UUID) -> Response:
    """What would happen if you moved or cancelled it?

    Show it before you ask for a yes: other visits may move along, and `late_change` is the clinic's rule and price for
    late changes. Writes nothing. With refusals it cannot be done here; call the clinic.
    """
    wish = of_own(wished, find(Session, session_id))
    return jsonify(preview_shown(preview_change(wish, by=caller().actor, now=g.now)))


@own_changes.route("/sessions/<uuid:session_id>/changes", methods=["POST"])
@patient_only
@says(404, 412)
@repeatable
@own_changes.arguments(OwnChangeAgreed)
@own_changes.response(200, ChangePreviewShown)
@may_refuse(*TIMING, *RACES, *AGAINST, Code.PLAN_IS_STALE)
def change_own_session(agreed: dict[str, Any], session_id: UUID) -> Response:
    """Move or cancel a session of yours

    As it was shown: the preview's token agrees to exactly that. When something changed meanwhile it is 412 with the new
    preview. Too near to the visit it is refused; the clinic can still do it.
    """
    wish = of_own(agreed, find_locked(Session, session_id))
    reason = agreed.get("reason", BY_THEMSELVES)
    return jsonify(preview_shown(change(wish, agreed["plan"], by=caller().actor, now=g.now, reason=reason)))
