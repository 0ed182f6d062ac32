"""What do staff look at? A day's board, tasks, texts both ways, reminders with their fate, and the record."""

from marshmallow import fields

from api.contract.fields import At, Chosen, Day, Id, Line, Truth, Whole, Word
from api.contract.shape import Given, Shown
from api.shapes.sessions import ListQuery, ReadinessShown, SessionShown
from care.facts import Part, Role, Step
from care.kinds import KINDS
from care.protocol import Gate
from models import Outcome, Stage, TaskState


class BoardQuery(Given):
    day = Day(about="a day at the clinic; today when left out")


class BoardLineShown(Shown):
    """One session of the day: who, when, and whether it can go ahead."""

    session = fields.Nested(SessionShown)
    patient_name = fields.String(metadata={"example": "Alex Hale"})
    readiness = fields.Nested(ReadinessShown)


class BoardShown(Shown):
    day = Day()
    items = fields.List(fields.Nested(BoardLineShown))


class TaskQuery(ListQuery):
    state = Chosen(TaskState, load_default=TaskState.OPEN.value)
    role = Chosen(Role)
    patient = Id(about="about this patient")


class ReasonShown(Shown):
    code = fields.String(metadata={"example": "transport_problem"})
    step = Word(Step, allow_none=True)
    detail = fields.String(allow_none=True, metadata={"example": None})
    at = At()
    met_at = At(allow_none=True)
    met_how = fields.String(allow_none=True, metadata={"example": None})


class TaskShown(Shown):
    """An item on the worklist. It closes itself when the last reason is met."""

    id = Id()
    role = Word(Role)
    state = Word(TaskState)
    urgent = Truth()
    patient_id = Id(allow_none=True)
    session_id = Id(allow_none=True)
    due_at = At()
    made_at = At()
    closed_at = At(allow_none=True)
    edition = Whole(1, 999_999)
    reasons = fields.List(fields.Nested(ReasonShown))


class TaskList(Shown):
    items = fields.List(fields.Nested(TaskShown))
    next = fields.String(allow_none=True, metadata={"description": "send it as `after` for the next page"})


class TaskClosing(Given):
    reason = Line(500, example="Called; the neighbour drives.", required=True, about="what was done, for the record")


class MessageShown(Shown):
    """One text: ours (`out`) or a person's (`in`)."""

    id = Id()
    direction = Word(["out", "in"], named="MessageDirection")
    at = At(about="when it was handed over, or received")
    body = fields.String(
        metadata={"example": "Northside: please confirm Mon, Mar 9 at 10:00 AM. 1 yes, 2 no, 3 call me."}
    )
    stage = Word(Stage, allow_none=True)
    outcome = Word(Outcome, allow_none=True)
    meaning = fields.String(allow_none=True, metadata={"description": "how a reply was understood", "example": None})
    kinds = fields.List(Word(KINDS, named="ReminderKind"), metadata={"description": "the reminders it carries"})


class MessageList(Shown):
    items = fields.List(fields.Nested(MessageShown))
    next = fields.String(allow_none=True, metadata={"description": "send it as `after` for the next page"})


class ReminderShown(Shown):
    """One thing to say to one person, what became of it, and why it is due then."""

    id = Id()
    person_id = Id()
    part = Word(Part)
    kind = Word(KINDS, named="ReminderKind")
    subject_id = Id()
    session_id = Id(allow_none=True)
    repeat = Whole(0, 99)
    gate = Word(Gate)
    not_before = At()
    due_at = At()
    not_after = At(about="its last useful moment")
    look_at = At(about="due_at, or later while pacing holds it")
    stage = Word(Stage)
    outcome = Word(Outcome, allow_none=True)
    reason = fields.String(allow_none=True, metadata={"example": None})
    ended_at = At(allow_none=True)
    why = fields.Dict(metadata={"example": {"rule": "lead time"}})
    message_id = Id(allow_none=True)


class ReminderList(Shown):
    items = fields.List(fields.Nested(ReminderShown))
    next = fields.String(allow_none=True, metadata={"description": "send it as `after` for the next page"})


class EntryShown(Shown):
    """Who did what, when and why."""

    id = Id()
    at = At()
    verb = fields.String(metadata={"example": "book"})
    actor_kind = Word(["patient", "support", "coordinator", "clinician", "system"], named="ActorKind")
    actor_id = Id(allow_none=True)
    change_no = fields.Integer(strict=True, allow_none=True, metadata={"example": 12})
    subject_id = Id(allow_none=True)
    facts = fields.Dict()
    reason = fields.String(allow_none=True, metadata={"example": None})


class RecordShown(Shown):
    items = fields.List(fields.Nested(EntryShown))
    next = fields.String(allow_none=True, metadata={"description": "send it as `after` for the next page"})
