"""What does an app keep of its patient, and how is it told what to read again?"""

from marshmallow import fields

from api.contract.fields import At, Count, Id, Line, Truth, Whole, Word
from api.contract.shape import Given, Shown
from api.shapes.life import RequestShown
from api.shapes.people import ContactShown, CourseShown, SupportShown
from api.shapes.sessions import AnswerShown, SessionShown
from models import Thing

MARK = r"^[0-9a-f]{0,12}$"
A_MARK = "9f3c01d2ab47"


def mark() -> fields.String:
    return fields.String(metadata={"description": "send it along with `since` the next time", "example": A_MARK})


class ProfileShown(Shown):
    """You, and the number that we text."""

    id = Id()
    name = fields.String(metadata={"example": "Alex Hale"})
    contact = fields.Nested(ContactShown)


class KeptAnswerShown(AnswerShown):
    """What was said to a step of a session."""

    person_id = Id(allow_none=True, about="who said it: you or a support person; null when the clinic noted it")


class OwnHoldShown(Shown):
    """A slot that is kept for you. It ends by itself at `held_until`."""

    session_id = Id()
    starts_at = At()
    held_until = At()


class OwnCourseList(Shown):
    items = fields.List(fields.Nested(CourseShown))


class OwnSupportList(Shown):
    items = fields.List(fields.Nested(SupportShown))


class Snapshot(Shown):
    """Everything that stands, at one moment: what to keep, and from where to go on."""

    last = Whole(0, 999_999_999, example=12, about="send it as `since` to GET /v1/me/changes")
    mark = mark()
    profile = fields.Nested(ProfileShown)
    courses = fields.List(fields.Nested(CourseShown))
    sessions = fields.List(fields.Nested(SessionShown))
    supports = fields.List(fields.Nested(SupportShown))
    answers = fields.List(fields.Nested(KeptAnswerShown))
    holds = fields.List(fields.Nested(OwnHoldShown))
    requests = fields.List(fields.Nested(RequestShown))


class ChangeQuery(Given):
    since = Count(0, 999_999_999, load_default=0, about="`last` of the answer before; 0 for everything")
    mark = Line(
        12, least=0, pattern=MARK, example=A_MARK, about="`mark` of the answer before: tells whether it is one history"
    )
    limit = Count(1, 200, about="at most so many; 100 when left out")


class ThingShown(Shown):
    """One thing to read again, or to drop."""

    kind = Word(
        Thing,
        about="read it at /v1/me/profile, or /v1/me/{courses,sessions,supports,answers,requests}/{id}; a hold at its session's",
    )
    id = Id(about="of a hold: its session's")
    gone = Truth(about="it no longer stands: drop it")


class NumberedChangeShown(Shown):
    no = Whole(1, 999_999_999, about="numbers have no gaps")
    at = At()
    verb = fields.String(metadata={"description": "what was done; more may come", "example": "move"})
    things = fields.List(
        fields.Nested(ThingShown),
        metadata={"description": "what it touched, unless a later change in this answer names it again"},
    )


class ChangeList(Shown):
    items = fields.List(fields.Nested(NumberedChangeShown))
    last = Whole(0, 999_999_999, example=12, about="send it as `since` the next time")
    mark = mark()
    more = Truth(about="there are more already")
    reset = Truth(about="you cannot go on from there: drop everything and read GET /v1/me/snapshot")
