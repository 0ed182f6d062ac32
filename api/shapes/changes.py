"""How is a change asked for, and shown before it happens? Everything that follows, with the token that agrees to exactly this."""

from collections.abc import Mapping
from datetime import time
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import ValidationError, fields, validate, validates_schema

from actions.sessions.changes.change import PlanIsStale
from actions.sessions.changes.preview import ChangePreview
from actions.sessions.slots import slot_of
from api.contract.fields import At, Chosen, Clock, Day, Id, Line, Truth, Whole, Word
from api.contract.problems import PLAN_STALE, RefusalShape, answer, refused
from api.contract.shape import Given, Shown
from api.contract.voice import told_refusal, voice
from api.shapes.sessions import SLOT_EXAMPLE, SLOT_WORD
from care.course.changes.wishes import Addition, Change, ChangeVerb, Scope
from care.facts import Cause, Role, SessionKind, Status, Step
from care.protocol import MissedPolicy
from care.tasks import TaskCode
from models import Session

OF_ONE = (ChangeVerb.MOVE, ChangeVerb.RESEAT, ChangeVerb.DEFER, ChangeVerb.OMIT, ChangeVerb.CANCEL, ChangeVerb.MISS)
OF_MANY = (ChangeVerb.MOVE, ChangeVerb.DEFER, ChangeVerb.OMIT, ChangeVerb.CANCEL, ChangeVerb.ADD)
ENDING = frozenset({ChangeVerb.DEFER, ChangeVerb.OMIT, ChangeVerb.CANCEL, ChangeVerb.MISS})
AGREED = "Yk1fDHpSyUvgof3Tws2ljdxQm1o"  # as an example


def _slot(**options: Any) -> Line:
    says = "Must be a slot's id as it was given."
    return Line(600, pattern=SLOT_WORD, example=SLOT_EXAMPLE, says=says, **options)


class Wished(Given):
    """What every wish may say, and which of it a verb needs."""

    reason = Line(
        500, example="Has a fever.", about="lifts the rule of seven dates; needed to carry it out, for the record"
    )

    @validates_schema
    def is_whole(self, given: dict[str, Any], **_: Any) -> None:
        lacking = [name for name in self.needed(given) if name not in given]
        if lacking:
            raise ValidationError({name: ["This verb needs it."] for name in lacking})

    def needed(self, given: Mapping[str, Any]) -> tuple[str, ...]:
        return ()


class ChangeWished(Wished):
    """A change of this session, or of this and the later ones of its course."""

    verb = Chosen(OF_ONE, named="SessionChangeVerb", required=True)
    scope = Chosen(
        (Scope.THIS, Scope.FOLLOWING),
        named="SessionChangeScope",
        load_default=Scope.THIS.value,
        about="this, or this and the following",
    )
    slot = _slot(about="where it goes, or whose chair and staff it gets")
    cause = Chosen(Cause, exemplary=False, about="for defer, omit, cancel and miss")
    by_days = Whole(1, 365, exemplary=False, about="defer: push all of them back so far instead of ending them")
    then = Chosen(MissedPolicy, exemplary=False, about="what a clinician decides to follow instead of what is proposed")

    def needed(self, given: Mapping[str, Any]) -> tuple[str, ...]:
        return ("cause",) if given["verb"] in ENDING else ("slot",)


class CourseChangeWished(Wished):
    """A change of every session from a day on, or one session more."""

    verb = Chosen(OF_MANY, named="CourseChangeVerb", required=True)
    from_on = Day(about="for all but add: sessions on this day or later")
    weekdays = fields.List(
        Whole(0, 6, example=0, about="Monday is 0"),
        load_default=list,
        validate=validate.Length(max=7),
        metadata={"description": "move: the days preferred from then on"},
    )
    around = Clock(about="move: the time of day to stay near from then on")
    by_days = Whole(1, 365, exemplary=False, about="defer: push them back so far instead of ending them")
    cause = Chosen(Cause, exemplary=False, about="for defer, omit and cancel")
    kind = Chosen(SessionKind, exemplary=False, about="add: of this kind")
    phase = Line(60, example="induction", exemplary=False, about="add: the one under way when left out")
    target_on = Day(exemplary=False, about="add: the day it is meant for")
    earliest_on = Day(exemplary=False, about="add: the first day of its span; the target when left out")
    latest_on = Day(exemplary=False, about="add: the last day of its span; the target when left out")
    of_session_id = Id(exemplary=False, about="add: the dose that an integration session belongs to")
    replaces_id = Id(exemplary=False, about="add: the session that it stands in for")

    def needed(self, given: Mapping[str, Any]) -> tuple[str, ...]:
        if given["verb"] == ChangeVerb.ADD:
            return "kind", "target_on"
        if given["verb"] == ChangeVerb.MOVE:
            return ("from_on",) if given.get("weekdays") else ("from_on", "around")
        return "from_on", "cause"


class OwnChangeWished(Given):
    """A patient's own change of one of their sessions."""

    verb = Chosen((ChangeVerb.MOVE, ChangeVerb.CANCEL), named="OwnChangeVerb", required=True)
    slot = _slot(about="move: where it goes")
    reason = Line(500, example="I work that day.", about="what you want the clinic to know")

    @validates_schema
    def is_whole(self, given: dict[str, Any], **_: Any) -> None:
        if given["verb"] == ChangeVerb.MOVE and "slot" not in given:
            raise ValidationError({"slot": ["This verb needs it."]})


def _plan() -> Line:
    return Line(4000, example=AGREED, required=True, about="`token` of the preview that was agreed to")


def _why() -> Line:
    return Line(500, example="Has a fever.", required=True, about="goes into the record")


class ChangeAgreed(ChangeWished):
    """The same wish, with the token of the preview that was agreed to."""

    plan = _plan()
    reason = _why()


class CourseChangeAgreed(CourseChangeWished):
    """The same wish, with the token of the preview that was agreed to."""

    plan = _plan()
    reason = _why()


class OwnChangeAgreed(OwnChangeWished):
    """The same wish, with the token of the preview that was agreed to."""

    plan = _plan()


def of_session(given: Mapping[str, Any], session: Session) -> Change:
    """The wish about one session, or about it and the following. Raises `Refused` for a slot that never could be."""
    return Change(
        verb=ChangeVerb(given["verb"]),
        course_id=session.course_id,
        session_id=session.id,
        scope=Scope(given.get("scope", Scope.THIS)),
        slot=slot_of(given["slot"], session) if "slot" in given else None,
        by_days=given.get("by_days"),
        cause=Cause(given.get("cause", Cause.OTHER)),
        then=MissedPolicy(given["then"]) if "then" in given else None,
    )


def of_own(given: Mapping[str, Any], session: Session) -> Change:
    return of_session({**given, "cause": Cause.PATIENT}, session)


def of_course(given: Mapping[str, Any], course_id: UUID) -> Change:
    """The wish about all sessions from a day on, or to add one."""
    verb = ChangeVerb(given["verb"])
    adds = verb is ChangeVerb.ADD
    return Change(
        verb=verb,
        course_id=course_id,
        scope=Scope.THIS if adds else Scope.FROM,
        from_on=given.get("from_on"),
        weekdays=tuple(given["weekdays"]),
        around=time.fromisoformat(given["around"]) if "around" in given else None,
        by_days=given.get("by_days"),
        cause=Cause(given.get("cause", Cause.OTHER)),
        addition=_addition(given) if adds else None,
    )


def _addition(given: Mapping[str, Any]) -> Addition:
    return Addition(
        kind=SessionKind(given["kind"]),
        target_on=given["target_on"],
        earliest_on=given.get("earliest_on", given["target_on"]),
        latest_on=given.get("latest_on", given["target_on"]),
        phase=given.get("phase"),
        of_session_id=given.get("of_session_id"),
        replaces_id=given.get("replaces_id"),
    )


# What is shown


class Named(Shown):
    """Which session a line is about."""

    session_id = Id()
    kind = Word(SessionKind)
    number = Whole(1, 999)


class MoveShown(Named):
    """One session that changes its time; `to` null: it finds no place and waits for a person."""

    was = At()
    to = At(allow_none=True)


class ReseatShown(Named):
    """One session that gets other resources at the time that it has."""

    at = At()
    resource_ids = fields.List(Id())


class EndShown(Named):
    """One session that will not happen; `was` null: it had no time yet."""

    becomes = Word(Status)
    was = At(allow_none=True)


class DaysShown(Shown):
    target_on = Day()
    earliest_on = Day()
    latest_on = Day()


class AddShown(Shown):
    """One session more; `of_number`: the new dose that a new integration session belongs to."""

    kind = Word(SessionKind)
    number = Whole(1, 999)
    phase = fields.String(metadata={"example": "induction"})
    days = fields.Nested(DaysShown)
    of_session_id = Id(allow_none=True)
    of_number = Whole(1, 999, allow_none=True)
    replaces_id = Id(allow_none=True)


class SlideShown(Named):
    """One session that is meant for other days."""

    was = fields.Nested(DaysShown)
    to = fields.Nested(DaysShown)


class StayShown(Named):
    """One session that was meant and stays as it is."""

    why = fields.List(fields.Nested(RefusalShape))


class AskedShown(Shown):
    """What a person will be asked to look at."""

    role = Word(Role)
    code = Word(TaskCode)
    session_id = Id()


class FollowsShown(Shown):
    """What comes after a dose that is not given. Only a clinician may choose another than `usual`, by `then`."""

    policy = Word(MissedPolicy, about="what is planned here")
    usual = Word(MissedPolicy, about="what the protocol proposes")
    choices = fields.List(Word(MissedPolicy), metadata={"description": "what is possible"})


class AdviceShown(Shown):
    """What the label says of it. It decides nothing."""

    say = fields.String(metadata={"example": "Go on with the schedule; do not double up."})
    source = fields.String(metadata={"example": "L [S12]"})


class VoidShown(Shown):
    session_id = Id()
    step = Word(Step)


class PlanShown(Shown):
    """What would follow from a change. With refusals it cannot be carried out."""

    token = fields.String(metadata={"example": AGREED})
    moves = fields.List(fields.Nested(MoveShown))
    unplaced = fields.List(Id(), metadata={"description": "sessions that find no place"})
    reseats = fields.List(fields.Nested(ReseatShown))
    ends = fields.List(fields.Nested(EndShown))
    adds = fields.List(fields.Nested(AddShown))
    slides = fields.List(fields.Nested(SlideShown))
    stays = fields.List(fields.Nested(StayShown))
    asks = fields.List(fields.Nested(AskedShown))
    follows = fields.Nested(FollowsShown, allow_none=True)
    told = fields.List(Id(), metadata={"description": "persons who will hear of it"})
    void = fields.List(fields.Nested(VoidShown), metadata={"description": "answers that no longer count"})
    refusals = fields.List(fields.Nested(RefusalShape))
    optimal = Truth(about="whether less disturbance was ruled out")
    advice = fields.Nested(AdviceShown, allow_none=True)
    late_change = fields.String(
        allow_none=True,
        metadata={
            "description": "the clinic's rule and price for late changes",
            "example": "Free until 24 hours before.",
        },
    )


class ChangePreviewShown(PlanShown):
    """A preview, and where the rule of seven dates makes much move, the plan that breaks it for a reason."""

    alternative = fields.Nested(PlanShown, allow_none=True)


def preview_shown(preview: ChangePreview) -> dict[str, Any]:
    """The preview as JSON: what the views dump, and what the problem of a stale plan carries."""
    other = preview.alternative
    shown = _fields(preview) | {"alternative": _fields(other) if other else None}
    dumped: dict[str, Any] = ChangePreviewShown().dump(shown)
    return dumped


def stale_plan(said: PlanIsStale) -> Response:
    """The refusal of a plan whose rows have changed carries the plan as it would be now, and in what they part."""
    differs = [{"session_id": str(each.session_id), "row": each.row, "plan": each.plan} for each in said.differs]
    return answer(refused(said.refusals, PLAN_STALE, preview=preview_shown(said.preview), differs=differs))


def _fields(preview: ChangePreview) -> dict[str, Any]:
    names = ("token", "moves", "ends", "adds", "slides", "asks", "follows", "told", "optimal")
    advice = preview.advice
    return {name: getattr(preview, name) for name in names} | {
        "unplaced": [move.session_id for move in preview.unplaced],
        "reseats": [_reseat(each) for each in preview.reseats],
        "stays": [_stay(each) for each in preview.stays],
        "void": [{"session_id": session_id, "step": step} for session_id, step in preview.void],
        "refusals": [told_refusal(refusal) for refusal in preview.refusals],
        "advice": {"say": _spoken(advice.say), "source": advice.source} if advice else None,
        "late_change": _spoken(preview.late_change) if preview.late_change else None,
    }


def _reseat(each: Any) -> dict[str, Any]:
    named = {"session_id": each.session_id, "kind": each.kind, "number": each.number, "at": each.at}
    return {**named, "resource_ids": [seat.resource_id for seat in each.slot.seats]}


def _stay(each: Any) -> dict[str, Any]:
    named = {"session_id": each.session_id, "kind": each.kind, "number": each.number}
    return {**named, "why": [told_refusal(refusal) for refusal in each.why]}


def _spoken(texts: Mapping[str, str]) -> str:
    """In the caller's language, else in English, else in any."""
    return texts.get(voice().language) or texts.get("en") or next(iter(texts.values()), "")
