"""How is a dry run shown? Every session, text, task and gate of a course with its time, before anything is written."""

from marshmallow import fields

from api.contract.fields import At, Truth, Whole, Word
from api.contract.problems import RefusalShape
from api.contract.shape import Shown
from care.facts import Part, SessionKind, Status
from care.kinds import KINDS
from care.protocol import Gate


class OfSession(Shown):
    """Which session something is about; one that is not written yet has no id, only its place in the course."""

    kind = Word(SessionKind)
    number = Whole(1, 999)


class RehearsedSession(OfSession):
    phase = fields.String(metadata={"example": "induction"})
    status = Word(Status)
    starts_at = At(allow_none=True, about="null: its time is chosen after the dose")
    ends_at = At(allow_none=True)
    assumed = Truth(about="it has no time yet; the preferred one on its target day is taken for granted")
    given_before = Truth()


class RehearsedShown(Shown):
    """One text that a course would send if all goes as planned and every question is answered."""

    at = At()
    to = fields.List(Word(Part))
    kinds = fields.List(Word(KINDS, named="ReminderKind"))
    body = fields.String(
        metadata={"example": "Northside: please confirm Mon, Mar 9 at 10:00 AM. 1 yes, 2 no, 3 call me."}
    )
    segments = Whole(1, 20, about="how many the network counts and bills")


class RehearsedTaskShown(Shown):
    """What would become work for a person."""

    at = At()
    reason = fields.String(metadata={"example": "too_late"})
    session = fields.Nested(OfSession, allow_none=True)


class RehearsedGateShown(Shown):
    """Something to be settled about a session: a step that people confirm, or what staff see to before the dose."""

    name = fields.String(metadata={"example": "attendance"})
    gate = Word(Gate, about="hard blocks the dose, soft makes a task, advisory neither")
    session = fields.Nested(OfSession, allow_none=True)
    of = Word(Part, allow_none=True, about="who confirms it; null: staff")
    asked_at = fields.List(At(), metadata={"description": "when the texts ask; of a review, since when it is due"})
    due_at = At(about="when silence becomes a task, or the dose would be")


class Rehearsal(Shown):
    sessions = fields.List(fields.Nested(RehearsedSession))
    texts = fields.List(fields.Nested(RehearsedShown))
    tasks = fields.List(fields.Nested(RehearsedTaskShown))
    gates = fields.List(fields.Nested(RehearsedGateShown))
    warnings = fields.List(
        fields.Nested(RefusalShape),
        metadata={"description": "rules of spacing that were broken before the course came here"},
    )
