"""How are the sessions of a phase asked for, proposed and booked all at once over the wire?"""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from flask import Response
from marshmallow import ValidationError, fields, validate, validates_schema

from actions.sessions.book import TimeRefused
from actions.sessions.slots import slot_of, token
from actions.sessions.together.booking import Choices, Conflict, NotTogether, ProposalIsStale
from actions.sessions.together.proposing import PhaseWish, TogetherProposal
from api.contract.fields import At, Clock, Day, Id, Line, Truth, Whole, Word, Zone
from api.contract.problems import (
    NOT_FOUND,
    PLAN_STALE,
    ConflictShape,
    InsteadShape,
    Problem,
    RefusalShape,
    answer,
    refused,
)
from api.contract.shape import Given, Shown
from api.contract.voice import told_refusal
from api.shapes.sessions import SLOT_EXAMPLE, SLOT_WORD, SessionShown
from api.shapes.slots import SlotShown
from care.course.slots import Slot
from care.facts import SessionKind
from models import Course, Session, db

MOST = 60  # sessions in one request
AGREED = "4f1c0de2b7a9386155e0c2d7a4b8f913"  # as an example


class PhaseWished(Given):
    """Times for every session of a phase that has none, near what the patient likes best."""

    weekdays = fields.List(
        Whole(0, 6, example=1, about="Monday is 0"),
        load_default=list,
        validate=validate.Length(max=7),
        metadata={"description": "the days liked best; those of the course when left out", "example": [1, 4]},
    )
    around = Clock(about="the time of day to stay near; that of the course when left out")
    zone = Zone(about="whose days and clocks are meant; the clinic's when left out", exemplary=False)
    phase = Line(40, example="induction", about="the phase under way when left out")
    integration = Truth(load_default=True, about="also the sessions that follow the doses")


class PhaseWishedByStaff(PhaseWished):
    reason = Line(500, example="Travels next week.", about="lifts the rule of seven dates; goes into the record")


class SlotChosen(Given):
    """Another slot for one session than the one proposed, or null to leave it without a time."""

    session_id = Id(required=True)
    slot = Line(
        600,
        pattern=SLOT_WORD,
        example=SLOT_EXAMPLE,
        required=True,
        allow_none=True,
        says="Must be a slot's id as it was given.",
    )


class Agreed(Given):
    """What was agreed to: a whole proposal, single choices, or a proposal with some choices in place of it."""

    proposal = Line(200, example=AGREED, about="`token` of the proposal; send the same wish with it")
    choices = fields.List(
        fields.Nested(SlotChosen),
        load_default=list,
        validate=validate.Length(max=MOST),
        metadata={"description": "instead of what was proposed; alone, only these are booked", "example": []},
    )

    @validates_schema
    def is_whole(self, given: dict[str, Any], **_: Any) -> None:
        if "proposal" not in given and not given["choices"]:
            raise ValidationError({"proposal": ["Send the proposal that was agreed to, or choices."]})
        ids = [each["session_id"] for each in given["choices"]]
        if len(ids) != len(set(ids)):
            raise ValidationError({"choices": ["Each session once."]})


class PhaseAgreed(PhaseWished, Agreed):
    """The same wish, with what was agreed to."""


class PhaseAgreedByStaff(PhaseWishedByStaff, Agreed):
    """The same wish, with what was agreed to."""


class ProposedShown(Shown):
    """One session of a proposal. `slot` null: it finds none, and stays without a time."""

    session_id = Id()
    kind = Word(SessionKind)
    number = Whole(1, 999)
    target_on = Day()
    wished_at = At(allow_none=True, about="the time that the wish asks for")
    slot = fields.Nested(SlotShown, allow_none=True)
    refusals = fields.List(
        fields.Nested(RefusalShape),
        metadata={"description": "why a rule is against the time wished for; none: it is taken or not open"},
    )
    alternatives = fields.List(
        fields.Nested(SlotShown), metadata={"description": "other times that fit the rest, the nearest first"}
    )


class ProposalShown(Shown):
    """Times for all of them at once. Nothing is kept: it is judged again when it is booked."""

    token = fields.String(metadata={"example": AGREED})
    optimal = Truth(about="whether it was proved that nothing nearer to the wish is possible")
    sessions = fields.List(fields.Nested(ProposedShown))


class BookedTogether(Shown):
    items = fields.List(fields.Nested(SessionShown), metadata={"description": "in order of time"})


def wish_of(given: Mapping[str, Any]) -> PhaseWish:
    around = time.fromisoformat(given["around"]) if "around" in given else None
    weekdays = tuple(sorted(set(given["weekdays"])))
    return PhaseWish(weekdays, around, given.get("zone"), given.get("phase"), given["integration"])


def choices_of(given: Mapping[str, Any], course: Course) -> Choices:
    """Slots by session. 404 for a session that is none of the course's; raises `Refused` for a slot that never could be."""
    return {each["session_id"]: _slot(each, course) for each in given["choices"]}


def _slot(each: Mapping[str, Any], course: Course) -> Slot | None:
    session = db.session.get(Session, (course.clinic_id, each["session_id"]))
    if session is None or session.course_id != course.id:
        raise Problem(NOT_FOUND, "There is no session with this id in the course.")
    return slot_of(each["slot"], session) if each["slot"] is not None else None


def proposal_shown(proposal: TogetherProposal) -> dict[str, Any]:
    """As JSON: what the views dump, and what a refusal carries."""
    sessions = [
        {
            **_named(each.session),
            "target_on": each.session.target_on,
            "wished_at": each.wished_at,
            "slot": _slot_shown(each.slot) if each.slot else None,
            "refusals": [told_refusal(refusal) for refusal in each.refusals],
            "alternatives": slots_shown(each.alternatives),
        }
        for each in proposal.sessions
    ]
    shown: dict[str, Any] = ProposalShown().dump(
        {"token": proposal.token, "optimal": proposal.optimal, "sessions": sessions}
    )
    return shown


def stale_proposal(said: ProposalIsStale) -> Response:
    return answer(refused(said.refusals, PLAN_STALE, proposal=proposal_shown(said.proposal)))


def not_together(said: NotTogether) -> Response:
    """Nothing was booked; every conflict of every session, and what could be booked now."""
    conflicts = [ConflictShape().dump(_conflict(each)) for each in said.conflicts]
    return answer(refused(said.refusals, conflicts=conflicts, proposal=proposal_shown(said.proposal)))


def time_refused(said: TimeRefused) -> Response:
    """One booking was refused: the nearest times that can be had instead come along."""
    instead = [InsteadShape().dump(each) for each in slots_shown(said.alternatives)]
    return answer(refused(said.refusals, alternatives=instead))


def slots_shown(slots: Iterable[Slot]) -> list[dict[str, Any]]:
    return [_slot_shown(slot) for slot in slots]


def _slot_shown(slot: Slot) -> dict[str, Any]:
    return {"id": token(slot), "starts_at": slot.starts_at, "ends_at": slot.ends_at}


def _named(session: Session) -> dict[str, Any]:
    return {"session_id": session.id, "kind": session.kind, "number": session.number}


def _conflict(each: Conflict) -> dict[str, Any]:
    told = [told_refusal(refusal) for refusal in each.refusals]
    return {**_named(each.session), "refusals": told, "alternatives": slots_shown(each.alternatives)}
