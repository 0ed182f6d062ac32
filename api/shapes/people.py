"""How are patients, their courses and the people beside them written and shown?"""

from typing import Any

from marshmallow import fields, validate

from api.contract.fields import At, Chosen, Clock, Day, Id, Instant, Line, Name, Number, Truth, Whole, Word, Zone
from api.contract.shape import Given, Shown
from api.shapes.sessions import ListQuery, SessionShown
from care.facts import Cause, SessionKind
from care.words.texts import LANGUAGES
from models import CourseStatus, SupportState


class Reference(Line):
    """What something is called in another system: one line, at most 80 characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(80, example="clinic-4711", exemplary=False, **options)


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
    external_ref = Reference(about="the patient's name in another system of yours")


class PreferencesGiven(Given):
    weekdays = fields.List(
        Whole(0, 6, example=1, about="Monday is 0"),
        load_default=list,
        validate=validate.Length(max=7),
        metadata={"description": "preferred days"},
    )
    around = Clock(load_default="10:00")
    resource_ids = fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=5),
        metadata={"description": "who or what should be there where they can, such as a therapist", "example": []},
    )


class GivenSession(Given):
    """A session from before the course was entered here: `on` its day, or `at` the instant. Nothing is said of it."""

    kind = Chosen(
        [SessionKind.DOSING, SessionKind.INTEGRATION, SessionKind.CONSULT, SessionKind.PREPARATION],
        load_default="dosing",
    )
    on = Day(about="when only the day is known, the preferred time is taken", exemplary=False)
    at = Instant()
    number = Whole(1, 999, about="of a dose, where only the last ones are known; else they count from 1", example=1)
    missed = Truth(load_default=False, about="it was due, and not given", exemplary=False)
    until = Instant(about="when the patient left; else as the protocol plans it", exemplary=False)


class CourseGiven(Given):
    """A course for a new patient, or with `patient_id` for one who comes back.

    With `given`, or with the `phase` that the patient is in, the course goes on from there; `starts_on` is then the day
    before which nothing new is planned, and may be past.
    """

    patient = fields.Nested(PatientGiven)
    patient_id = Id(about="instead of `patient`", exemplary=False)
    protocol = Line(40, example="spravato_trd", required=True)
    starts_on = Day(required=True)
    preferences = fields.Nested(PreferencesGiven, load_default=dict)
    supports = fields.List(fields.Nested(SupportGiven), load_default=list, validate=validate.Length(max=5))
    given = fields.List(
        fields.Nested(GivenSession),
        load_default=list,
        validate=validate.Length(max=200),
        metadata={"description": "sessions from before, in any order", "example": []},
    )
    phase = Line(40, example="induction", about="the phase the patient is in, where dates do not tell", exemplary=False)
    external_ref = Reference(about="the course's name in another system of yours; no two courses share one")


class CourseRehearsed(CourseGiven):
    """A course as it would be enrolled, with numbers that would be overridden for it."""

    overrides = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "a field's path to its value, such as `preparation.solids_h`", "example": {}},
    )


class PreferencesShown(Shown):
    """When the patient likes to come."""

    weekdays = fields.List(Whole(0, 6, example=1), dump_default=list, metadata={"description": "Monday is 0"})
    around = fields.String(dump_default="10:00", metadata={"description": "HH:MM at the clinic", "example": "10:00"})
    resource_ids = fields.List(Id(), dump_default=list, metadata={"description": "who or what should be there"})


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
    external_ref = fields.String(allow_none=True, metadata={"example": None})
    contact = fields.Nested(ContactShown)


class PatientList(Shown):
    items = fields.List(fields.Nested(PatientShown))
    next = fields.String(allow_none=True, metadata={"description": "send it as `after` for the next page"})


# The members of CourseShown that are the row's own.
COURSE = (
    "id", "patient_id", "protocol", "status", "starts_on", "phase", "phase_from", "every_days", "per_week", "paused_until",
    "ended_at", "ended_cause", "preferences", "external_ref", "edition",
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
    external_ref = fields.String(allow_none=True, metadata={"example": None})
    edition = Whole(1, 999_999)


class CourseWithSessions(CourseShown):
    sessions = fields.List(fields.Nested(SessionShown))
    supports = fields.List(fields.Nested(SupportShown))


class PatientQuery(ListQuery):
    external_ref = Reference(about="the one with this name in another system")


class CourseQuery(ListQuery):
    external_ref = Reference(about="the one with this name in another system")
    patient = Id(about="of this patient")


class CourseList(Shown):
    items = fields.List(fields.Nested(CourseShown))
    next = fields.String(allow_none=True, metadata={"description": "send it as `after` for the next page"})


class PatientWithCourses(PatientShown):
    courses = fields.List(fields.Nested(CourseShown))
    supports = fields.List(fields.Nested(SupportShown))
