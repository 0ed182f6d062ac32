"""How is a move shown before it happens? Everything that follows, with the token that agrees to exactly this."""

from typing import Any

from flask import Response
from marshmallow import fields

from actions.sessions.move import PlanIsStale
from actions.sessions.changes.preview import ChangePreview as MovePreview
from api.contract.fields import At, Id, Line, Truth, Whole, Word
from api.contract.problems import PLAN_STALE, RefusalShape, answer, refused
from api.contract.shape import Shown
from api.contract.voice import told_refusal
from api.shapes.sessions import Choice, StaffChoice
from care.facts import SessionKind, Step


class MoveWished(StaffChoice):
    """Where to, and why if a rule is to yield."""


class MoveAgreed(Choice):
    plan = Line(
        64, example="6f1d0c7a52c94be0a1f3d2c4b5a69788", required=True, about="`token` of the preview that was agreed to"
    )
    reason = Line(500, example="Patient travels next week.", required=True)


class MoveShown(Shown):
    """One session that changes its time; `to` null: it finds no place and waits for a person."""

    session_id = Id()
    kind = Word(SessionKind)
    number = Whole(1, 999)
    was = At()
    to = At(allow_none=True)


class VoidShown(Shown):
    session_id = Id()
    step = Word(Step)


class PreviewShown(Shown):
    """What would follow from a move. With refusals it cannot be carried out."""

    token = fields.String(metadata={"example": "6f1d0c7a52c94be0a1f3d2c4b5a69788"})
    moves = fields.List(fields.Nested(MoveShown))
    unplaced = fields.List(Id(), metadata={"description": "sessions that find no place"})
    told = fields.List(Id(), metadata={"description": "persons who will hear of it"})
    void = fields.List(fields.Nested(VoidShown), metadata={"description": "answers that no longer count"})
    refusals = fields.List(fields.Nested(RefusalShape))
    optimal = Truth(about="whether less disturbance was ruled out")


class PreviewWithAlternative(PreviewShown):
    """A preview, and where the rule of seven dates makes much move, the plan that breaks it for a reason."""

    alternative = fields.Nested(PreviewShown, allow_none=True)


def preview_shown(preview: MovePreview) -> dict[str, Any]:
    """The preview as JSON: what the views dump, and what the problem of a stale plan carries."""
    other = preview.alternative
    shown = _fields(preview) | {"alternative": _fields(other) if other else None}
    dumped: dict[str, Any] = PreviewWithAlternative().dump(shown)
    return dumped


def stale_plan(said: PlanIsStale) -> Response:
    """The refusal of a plan whose rows have changed carries the plan as it would be now."""
    return answer(refused(said.refusals, PLAN_STALE, preview=preview_shown(said.preview)))


def _fields(preview: MovePreview) -> dict[str, Any]:
    return {
        "token": preview.token,
        "moves": preview.moves,
        "unplaced": [move.session_id for move in preview.unplaced],
        "told": preview.told,
        "void": [{"session_id": session_id, "step": step} for session_id, step in preview.void],
        "refusals": [told_refusal(refusal) for refusal in preview.refusals],
        "optimal": preview.optimal,
    }
