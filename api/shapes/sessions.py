"""How is a session shown and changed over the wire? Its row's facts alone, so that its ETag means what it says."""

from marshmallow import fields

from api.contract.fields import At, Chosen, Count, Day, Id, Instant, Line, Whole, Word
from api.contract.problems import RefusalShape
from api.contract.shape import Given, Shown
from care.facts import Cause, How, Role, SessionKind, Status, Step, Value
from care.protocol import DoseGate, Gate, Setting
from care.readiness import State, Verdict

SLOT_WORD = r"^[A-Za-z0-9_-]+$"
SLOT_EXAMPLE = "AAAAAGmvAWABl6PCWx59QIoxbC8OnUsXAQ"


class SessionShown(Shown):
    """One visit. `version` grows when its time, place or setting changes; `edition` with every change of the row."""

    id = Id()
    course_id = Id()
    patient_id = Id()
    kind = Word(SessionKind)
    number = Whole(1, 999, about="within its kind in the course; never shifts")
    phase = fields.String(metadata={"example": "induction"})
    setting = Word(Setting)
    status = Word(Status)
    cause = Word(Cause, allow_none=True, about="whose circumstance ended it")
    version = Whole(1, 999_999, about="send it with an answer: a yes to an older one does not count")
    edition = Whole(1, 999_999, about="in double quotes it is the ETag for If-Match")
    target_on = Day()
    earliest_on = Day(about="the first day of its span")
    latest_on = Day(about="the last day of its span")
    starts_at = At(allow_none=True, about="the planned dose, or the start of the other kinds")
    arrive_at = At(allow_none=True)
    ends_at = At(allow_none=True, about="the planned end")
    arrived_at = At(allow_none=True)
    dosed_at = At(allow_none=True)
    discharged_at = At(allow_none=True, about="or the actual end of an attended session")
    of_session_id = Id(allow_none=True, about="integration: the dosing session it belongs to")
    replaces_id = Id(allow_none=True)
    elsewhere_on = Day(allow_none=True, about="integration: with the patient's own therapist, on this day")
    support_person_id = Id(allow_none=True)


class SessionList(Shown):
    items = fields.List(fields.Nested(SessionShown))


class SessionQuery(Given):
    patient = Id(about="of this patient")
    course = Id(about="of this course")
    day = Day(about="on this day at the clinic")


class Choice(Given):
    """The slot that was chosen."""

    slot = Line(
        600, pattern=SLOT_WORD, example=SLOT_EXAMPLE, required=True, says="Must be a slot's id as it was given."
    )


class StaffChoice(Choice):
    reason = Line(
        500, example="Patient travels next week.", about="lifts the rule of seven dates; goes into the record"
    )


class ElsewhereGiven(Given):
    """The day on which integration is held with the patient's own therapist."""

    on = Day(required=True, about="from the day of the dose to two weeks after its window")


class HoldShown(Shown):
    held_until = At()


class Fact(Given):
    """What really happened, and when if it is written down later."""

    at = Instant(about="now when left out; never later than now")


class Leaving(Fact):
    """When the patient left, and why sooner than the protocol says, if it was sooner."""

    reason = Line(
        500,
        example="Went by ambulance.",
        about="needed before the observation is over; goes into the record",
    )


class Correction(Given):
    reason = Line(500, example="Wrong patient was marked.", required=True)


class AnswerGiven(Given):
    """An answer to one step of the version of the session that was shown."""

    value = Chosen([value for value in Value if value is not Value.URGENT], required=True)
    version = Whole(1, 999_999, required=True, about="the session's `version` that the answer is about")


class OwnAnswer(AnswerGiven):
    value = Chosen(Value, required=True, about="`urgent` only for the safety steps")


class StaffAnswer(AnswerGiven):
    note = Line(500, example="Sister drives.", about="what was said, for the record")


class AnswerShown(Shown):
    id = Id()
    session_id = Id(attribute="subject_id")
    version = Whole(1, 999_999)
    step = Word(Step)
    value = Word(Value)
    how = Word(How)
    at = At()


class StepShown(Shown):
    """One thing to confirm; `by` null with an answer means that staff confirmed it."""

    step = Word(Step)
    gate = Word(Gate, about="hard blocks the dose, soft makes a task, advisory neither")
    state = Word(State)
    by = Id(allow_none=True)
    how = Word(How, allow_none=True)
    at = At(allow_none=True)
    deadline = At(allow_none=True, about="when silence becomes a task")
    role = Word(Role, about="who must act then")


class UnsettledShown(Shown):
    """Why a task is open that may change what was answered."""

    code = fields.String(metadata={"example": "unclear_reply"})
    step = fields.String(allow_none=True, metadata={"description": "of a text not said: its kind", "example": None})
    at = At()


class ReadinessShown(Shown):
    """`verdict` is null once the dose was given, or the session is over or off."""

    verdict = Word(Verdict, allow_none=True)
    steps = fields.List(fields.Nested(StepShown))
    missing = fields.List(fields.Nested(StepShown), metadata={"description": "the most pressing first"})
    unsettled = fields.List(
        fields.Nested(UnsettledShown),
        metadata={
            "description": "a day ahead: what a person has to settle first; it keeps the session from being ready"
        },
    )
    stopped = fields.List(
        fields.Nested(RefusalShape),
        metadata={"description": "what the dose waits for beside the steps, such as a review nobody has decided"},
    )
    unchecked = fields.List(
        Word(DoseGate),
        metadata={
            "description": "what this release does not check: look yourself before the dose, also when it is ready"
        },
    )


class ListQuery(Given):
    """One page of a list."""

    after = Line(80, example="0197a3c2-5b1e-7d40-8a31-6c2f0e9d4b17", about="`next` of the page before")
    limit = Count(1, 200, about="at most so many; 50 when left out")


class PatientListQuery(ListQuery):
    patient = Id(required=True, about="of this patient")
