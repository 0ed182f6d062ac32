"""What does a patient's app show of the course, and of what was and will be said?"""

from marshmallow import fields

from api.contract.fields import At, Id, Word
from api.contract.shape import Shown
from api.shapes.people import CourseShown
from api.shapes.sessions import SessionShown
from care.kinds import KINDS
from models import Outcome, Stage


class OwnCourse(CourseShown):
    sessions = fields.List(fields.Nested(SessionShown))


class OwnReminderShown(Shown):
    """One thing that will be, was, or no longer needs to be said to you."""

    id = Id()
    kind = Word(KINDS, named="ReminderKind")
    session_id = Id(allow_none=True)
    due_at = At()
    stage = Word(Stage)
    outcome = Word(Outcome, allow_none=True)


class OwnReminderList(Shown):
    items = fields.List(fields.Nested(OwnReminderShown))
    next = fields.String(allow_none=True, metadata={"description": "send it as `after` for the next page"})
