"""How is a course on its way written and shown? Pauses, new days, reviews, cadences, wishes for a session."""

from typing import Any

from flask import Response
from marshmallow import fields

from actions.steering.pause import Replanned, ResumeIsStale, ResumePreview
from api.contract.fields import At, Chosen, Day, Id, Line, Truth, Whole, Word
from api.contract.problems import PLAN_STALE, RefusalShape, answer, refused
from api.contract.shape import Given, Shown
from api.contract.voice import told_refusal
from api.shapes.changes import AdviceShown
from api.shapes.people import CourseShown
from api.shapes.sessions import SessionShown
from care.course.progress.reviews import Decision, ReviewKind
from care.facts import Cause, SessionKind


class PauseGiven(Given):
    until = Day(about="as it is meant: on that day a coordinator is asked; nothing goes on by itself")
    reason = Line(500, example="Travels for work.", required=True, about="goes into the record, nowhere else")


class ResumeWished(Given):
    from_on = Day(required=True, about="no dose before this day")


class ResumeAgreed(ResumeWished):
    plan = Line(64, example="5c1d0a4e9b7f4b8ca2f4d0f7b1c3e5a9", required=True, about="the preview's token")


class DiscontinueGiven(Given):
    cause = Chosen(Cause, required=True)
    reason = Line(500, example="Moves to another city.", required=True, about="goes into the record, nowhere else")
    aftercare = Truth(load_default=True, about="keep the follow-up session of a dose already given")


class CadenceGiven(Given):
    """How often doses come: one of `every_days` and `per_week`, among the choices that the reviews list names."""

    every_days = Whole(1, 366, example=14)
    per_week = Whole(1, 7, example=1, exemplary=False)
    reason = Line(500, example="Stable for two months.", required=True, about="goes into the record")


class AdvanceGiven(CadenceGiven):
    """On to the next phase, if one likes with the cadence to begin it with."""


class DecisionGiven(Given):
    """What a clinician decided. A cadence or a number of sessions only where the decision is about one."""

    decision = Chosen(Decision, required=True)
    every_days = Whole(1, 366, example=14)
    per_week = Whole(1, 7, example=1, exemplary=False)
    sessions = Whole(1, 60, about="extend: by so many", exemplary=False)
    note = Line(500, example="Better by half since the first visit.", required=True, about="goes into the record")


class CourseChanged(Shown):
    """The course, and the sessions that lost their time or no longer fit: those a person looks at now."""

    course = fields.Nested(CourseShown)
    sessions = fields.List(fields.Nested(SessionShown))


class ReplannedShown(Shown):
    """A session that waits for a time: the day it was meant for, and the days it is meant for now."""

    session_id = Id()
    kind = Word(SessionKind)
    number = Whole(1, 999)
    phase = fields.String(metadata={"example": "induction"})
    was_on = Day()
    target_on = Day()
    earliest_on = Day()
    latest_on = Day()


class ResumePreviewShown(Shown):
    token = fields.String(
        metadata={"description": "agrees to exactly this plan", "example": "5c1d0a4e9b7f4b8ca2f4d0f7b1c3e5a9"}
    )
    sessions = fields.List(fields.Nested(ReplannedShown))
    reviews = fields.List(Word(ReviewKind), metadata={"description": "what a clinician decides before the first dose"})
    refusals = fields.List(fields.Nested(RefusalShape))


class CadenceShown(Shown):
    every_days = Whole(1, 366, allow_none=True)
    per_week = Whole(1, 7, allow_none=True)


class ReviewShown(Shown):
    """A look that the course calls for. Without a decision its next dose waits."""

    id = Id()
    kind = Word(ReviewKind)
    phase = fields.String(metadata={"example": "induction"})
    after = Whole(0, 999, about="doses given; of a phase its doses over, of misses how many")
    due_at = At()
    source = fields.String(metadata={"description": "where the protocol has it from", "example": "L [S7] [S4]"})
    advice = fields.Nested(AdviceShown, allow_none=True)
    decided_at = At(allow_none=True)
    decision = Word(Decision, allow_none=True)
    every_days = Whole(1, 366, allow_none=True)
    per_week = Whole(1, 7, allow_none=True)
    staff_id = Id(allow_none=True)
    note = fields.String(allow_none=True, metadata={"example": None})


class ReviewList(Shown):
    """Beside the reviews what a clinician may choose now."""

    items = fields.List(fields.Nested(ReviewShown))
    phase = fields.String(metadata={"example": "maintenance"})
    next_phase = fields.String(allow_none=True, metadata={"example": None})
    cadence = fields.Nested(CadenceShown)
    choices = fields.List(fields.Nested(CadenceShown))
    next_choices = fields.List(fields.Nested(CadenceShown), metadata={"description": "those of the next phase"})
    steps_back = fields.List(fields.Nested(CadenceShown), metadata={"description": "the nearest first"})


class RequestGiven(Given):
    """A wish for a session. In `words` what the clinician should know; only staff read it."""

    words = Line(1000, example="It has been harder since last week.", about="only staff read it")


class RequestShown(Shown):
    id = Id()
    asked_at = At()
    decided_at = At(allow_none=True)
    granted = Truth(allow_none=True, about="null while nobody has decided")
    session_id = Id(allow_none=True, about="the session that was added")


class RequestForStaff(RequestShown):
    words = fields.String(allow_none=True, metadata={"example": "It has been harder since last week."})
    note = fields.String(allow_none=True, metadata={"example": None})
    staff_id = Id(allow_none=True)


class RequestList(Shown):
    items = fields.List(fields.Nested(RequestShown))


class RequestListForStaff(Shown):
    items = fields.List(fields.Nested(RequestForStaff))


class RequestDecided(Given):
    granted = Truth(required=True)
    from_on = Day(about="granted: not before this day; today when left out")
    note = Line(500, example="Two weeks since the last one.", required=True, about="goes into the record")


def preview_shown(preview: ResumePreview) -> dict[str, Any]:
    """The preview as JSON: what the view dumps, and what the problem of a stale plan carries."""
    shown = {
        "token": preview.token,
        "sessions": [_replanned(each) for each in preview.sessions],
        "reviews": preview.reviews,
        "refusals": [told_refusal(refusal) for refusal in preview.refusals],
    }
    dumped: dict[str, Any] = ResumePreviewShown().dump(shown)
    return dumped


def stale_resume(said: ResumeIsStale) -> Response:
    """The refusal of a plan whose rows have changed carries the plan as it would be now."""
    return answer(refused(said.refusals, PLAN_STALE, preview=preview_shown(said.preview)))


def _replanned(each: Replanned) -> dict[str, Any]:
    names = ("session_id", "kind", "number", "phase", "was_on", "target_on", "earliest_on", "latest_on")
    return {name: getattr(each, name) for name in names}
