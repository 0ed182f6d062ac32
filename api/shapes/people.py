"""How are patients, their courses and the people beside them written and shown?"""

from marshmallow import fields, validate

from api.contract.fields import At, Chosen, Clock, Day, Id, Line, Name, Number, Truth, Whole, Word, Zone
from api.contract.shape import Given, Shown
from api.shapes.sessions import SessionShown
from care.facts import Cause, Part
from care.kinds import KINDS
from care.words.texts import LANGUAGES
from models import CourseStatus, SupportState


class SupportGiven(Given):
    """An adult whom the patient named. They are invited by text and say yes or no themselves."""

    name = Name(120, example="Robin Hale", required=True)
    number = Number(required=True)
    language = Chosen(LANGUAGES, named="Language", load_default="en")
    zone = Zone(about="the patient's when left out")


class PatientGiven(Given):
    name = Name(120, example="Alex Hale", required=True)
    number = Number(required=True)
    language = Chosen(LANGUAGES, named="Language", load_default="en")
    zone = Zone(about="the clinic's when left out")
    consented = Truth(required=True, about="whether they agreed to texts, in the clinic's current words")


class PreferencesGiven(Given):
    weekdays = fields.List(
        Whole(0, 6, example=1, about="Monday is 0"),
        load_default=list,
        validate=validate.Length(max=7),
        metadata={"description": "preferred days"},
    )
    around = Clock(load_default="10:00")


class CourseGiven(Given):
    """A course for a new patient, or with `patient_id` for one who comes back."""

    patient = fields.Nested(PatientGiven)
    patient_id = Id(about="instead of `patient`", exemplary=False)
    protocol = Line(40, example="spravato_trd", required=True)
    starts_on = Day(required=True)
    preferences = fields.Nested(PreferencesGiven, load_default=dict)
    supports = fields.List(fields.Nested(SupportGiven), load_default=list, validate=validate.Length(max=5))


class PreferencesShown(Shown):
    """When the patient likes to come."""

    weekdays = fields.List(Whole(0, 6, example=1), dump_default=list, metadata={"description": "Monday is 0"})
    around = fields.String(dump_default="10:00", metadata={"description": "HH:MM at the clinic", "example": "10:00"})


class ContactShown(Shown):
    number = fields.String(metadata={"example": "+12025550143"})
    zone = fields.String(metadata={"example": "America/Los_Angeles"})
    language = Word(LANGUAGES, named="Language")
    consented_at = At(allow_none=True)
    opted_out_at = At(allow_none=True)
    unusable_why = fields.String(allow_none=True, metadata={"example": None})


class SupportShown(Shown):
    id = Id()
    course_id = Id()
    name = fields.String(metadata={"example": "Robin Hale"})
    position = Whole(1, 99, about="in order of preference")
    state = Word(SupportState)
    named_at = At()


class PatientShown(Shown):
    id = Id()
    name = fields.String(metadata={"example": "Alex Hale"})
    edition = Whole(1, 999_999)
    change_no = Whole(0, 999_999_999, about="the number of their last change")
    contact = fields.Nested(ContactShown)


class PatientList(Shown):
    items = fields.List(fields.Nested(PatientShown))
    next = fields.String(allow_none=True, metadata={"description": "send it as `after` for the next page"})


# The members of CourseShown that are the row's own.
COURSE = (
    "id", "patient_id", "protocol", "status", "starts_on", "phase", "phase_from", "every_days", "per_week", "paused_until",
    "ended_at", "ended_cause", "preferences", "edition",
)  # fmt: skip


class CourseShown(Shown):
    id = Id()
    patient_id = Id()
    protocol = fields.String(attribute="protocol.name", metadata={"example": "spravato_trd"})
    protocol_version = fields.Integer(strict=True, attribute="protocol.version", metadata={"example": 1})
    status = Word(CourseStatus)
    starts_on = Day()
    phase = fields.String(metadata={"description": "the one under way", "example": "induction"})
    phase_from = Day(about="since when")
    every_days = Whole(1, 366, allow_none=True, about="how often doses come, where a clinician chose it")
    per_week = Whole(1, 7, allow_none=True, about="the same by the week")
    paused_until = Day(allow_none=True, about="as a pause is meant")
    ended_at = At(allow_none=True)
    ended_cause = Word(Cause, allow_none=True)
    preferences = fields.Nested(PreferencesShown)
    edition = Whole(1, 999_999)


class CourseWithSessions(CourseShown):
    sessions = fields.List(fields.Nested(SessionShown))
    supports = fields.List(fields.Nested(SupportShown))


class PatientWithCourses(PatientShown):
    courses = fields.List(fields.Nested(CourseShown))
    supports = fields.List(fields.Nested(SupportShown))


class RehearsedShown(Shown):
    """One text that a course would send if all goes as planned and every question is answered."""

    at = At()
    to = fields.List(Word(Part))
    kinds = fields.List(Word(KINDS, named="ReminderKind"))
    body = fields.String(
        metadata={"example": "Northside: please confirm Mon, Mar 9 at 10:00 AM. 1 yes, 2 no, 3 call me."}
    )


class RehearsedTaskShown(Shown):
    """What would become work for a person."""

    at = At()
    reason = fields.String(metadata={"example": "too_late"})


class Rehearsal(Shown):
    texts = fields.List(fields.Nested(RehearsedShown))
    tasks = fields.List(fields.Nested(RehearsedTaskShown))
