"""What does the start page of a patient's app show?"""

from marshmallow import fields

from api.contract.fields import At, Id, Truth, Whole, Word
from api.contract.shape import Shown
from api.shapes.people import CourseShown, SupportShown
from api.shapes.sessions import SessionShown
from care.facts import Part, Role, Step, Value
from care.protocol import Gate
from care.readiness import State
from care.windows import WindowKind
from models import ResourceKind


class PersonThereShown(Shown):
    kind = Word(ResourceKind)
    name = fields.String(metadata={"example": "Dr. Okoro"})


class PlaceShown(Shown):
    """Where it is, and with whom."""

    name = fields.String(metadata={"description": "the clinic's", "example": "Northside"})
    address = fields.String(
        allow_none=True,
        metadata={"description": "null: the clinic's usual rooms, or at home", "example": "12 Elm St, Suite 3"},
    )
    room = fields.String(allow_none=True, metadata={"example": "Room 2"})
    online = Truth(about="by video")
    at_home = Truth()
    people = fields.List(fields.Nested(PersonThereShown))


class NextSession(SessionShown):
    place = fields.Nested(PlaceShown)
    support = fields.Nested(SupportShown, allow_none=True, metadata={"description": "who stands by you"})


class WindowShown(Shown):
    """A time in which something must not, or (`integration`) should, happen."""

    kind = Word(WindowKind)
    start = At()
    end = At()
    session_ids = fields.List(Id())
    say = fields.String(
        metadata={"description": "in your words", "example": "No alcohol until Wed, Mar 11 at 12:00 noon."}
    )


class WantedShown(Shown):
    """Something to answer. PUT /v1/me/sessions/{session_id}/answers/{step} with one of `answers` and this `version`."""

    subject_id = Id()
    session_id = Id(allow_none=True)
    version = Whole(1, 999_999)
    step = Word(Step)
    whose = Word(Part, about="whose own word is needed")
    answers = fields.List(Word(Value), metadata={"description": "what you may answer here"})
    say = fields.String(
        metadata={"description": "the question in your words", "example": "Do you have a ride home on Mon, Mar 9?"}
    )
    deadline = At(allow_none=True, about="when the clinic takes it up")


class QuestionShown(WantedShown):
    """What was asked by text and is open; answered here, the text is answered too."""

    asked_at = At(allow_none=True)


class MissingShown(WantedShown):
    """What the next session still needs, the most pressing first."""

    gate = Word(Gate, attribute="state.gate", about="hard: without it there is no dose")
    state = Word(State, attribute="state.state")
    role = Word(Role, attribute="state.role", about="who at the clinic takes it up at `deadline`")


class WhomToCall(Shown):
    name = fields.String(metadata={"example": "Northside"})
    phone = fields.String(metadata={"example": "(202) 555-0100"})


class TodayShown(Shown):
    """One line of today, in your words."""

    about = fields.String(
        metadata={"description": "visit, question, or a window's kind; more may come", "example": "alcohol"}
    )
    at = At(allow_none=True, about="when it begins")
    say = fields.String(metadata={"example": "Your visit is Mon, Mar 9 at 10:00 AM. Please arrive by 9:45 AM."})


class NowShown(Shown):
    """Everything that the start page needs, at one moment."""

    now = At()
    change_no = Whole(0, 999_999_999, example=12, about="up to which change this holds; catch up from here")
    course = fields.Nested(CourseShown, allow_none=True, metadata={"description": "the one under way, else the last"})
    next_session = fields.Nested(NextSession, allow_none=True)
    windows = fields.List(fields.Nested(WindowShown), metadata={"description": "those in force now"})
    coming = fields.List(fields.Nested(WindowShown), metadata={"description": "those that begin in the next 48 hours"})
    questions = fields.List(fields.Nested(QuestionShown))
    missing = fields.List(fields.Nested(MissingShown))
    to_book = fields.List(fields.Nested(SessionShown), metadata={"description": "sessions that have no time yet"})
    today = fields.List(fields.Nested(TodayShown), metadata={"description": "today in sentences"})
    call = fields.Nested(WhomToCall, metadata={"description": "whom to call"})
