"""What does a patient's app show? Now, the course, what was and will be said, and what changed."""

from marshmallow import fields

from api.contract.fields import At, Count, Id, Truth, Whole, Word
from api.contract.shape import Given, Shown
from api.shapes.people import CourseShown
from api.shapes.sessions import SessionShown, StepShown
from care.facts import Step
from care.kinds import KINDS
from care.windows import WindowKind
from models import Outcome, Stage


class WindowShown(Shown):
    """A time in which something must not, or (`integration`) should, happen."""

    kind = Word(WindowKind)
    start = At()
    end = At()
    session_ids = fields.List(Id())


class QuestionShown(Shown):
    """What the last text asked and nobody answered yet; answer it here and the text is answered too."""

    subject_id = Id()
    session_id = Id(allow_none=True)
    version = Whole(1, 999_999)
    step = Word(Step)
    asked_at = At(allow_none=True)


class CallShown(Shown):
    name = fields.String(metadata={"example": "Northside"})
    phone = fields.String(metadata={"example": "(202) 555-0100"})


class NowShown(Shown):
    now = At()
    next_session = fields.Nested(SessionShown, allow_none=True)
    windows = fields.List(fields.Nested(WindowShown), metadata={"description": "those in force now"})
    coming = fields.List(fields.Nested(WindowShown), metadata={"description": "those that begin in the next 48 hours"})
    questions = fields.List(fields.Nested(QuestionShown))
    missing = fields.List(fields.Nested(StepShown), metadata={"description": "what the next session still needs"})
    call = fields.Nested(CallShown, metadata={"description": "whom to call"})


class OwnCourse(CourseShown):
    sessions = fields.List(fields.Nested(SessionShown))


class OwnReminderShown(Shown):
    """One thing that will be, was, or no longer needs to be said to you."""

    id = Id()
    kind = Word(KINDS)
    session_id = Id(allow_none=True)
    due_at = At()
    stage = Word(Stage)
    outcome = Word(Outcome, allow_none=True)


class OwnReminderList(Shown):
    items = fields.List(fields.Nested(OwnReminderShown))
    next = fields.String(allow_none=True, metadata={"description": "send it as `after` for the next page"})


class ChangeQuery(Given):
    since = Count(0, 999_999_999, load_default=0, about="`last` of the answer before; 0 for everything")
    limit = Count(1, 200, about="at most so many; 100 when left out")


class ChangeShown(Shown):
    no = Whole(1, 999_999_999, about="numbers have no gaps")
    at = At()
    verb = fields.String(metadata={"example": "move"})
    subject_id = Id(allow_none=True, about="the session, course or support person that changed")


class ChangeList(Shown):
    items = fields.List(fields.Nested(ChangeShown))
    last = fields.Integer(strict=True, metadata={"description": "send it as `since` the next time", "example": 12})
    more = Truth(about="whether there are more already")
