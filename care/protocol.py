"""What does a course follow? A protocol as data: every number with its source, validated on load."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Setting(StrEnum):
    CLINIC = "clinic"
    HOME = "home"


class Gate(StrEnum):
    """What a missing answer does: blocks the dose, asks a person, or nothing."""

    HARD = "hard"
    SOFT = "soft"
    ADVISORY = "advisory"


class MissedPolicy(StrEnum):
    CONTINUE = "continue"  # numbering and later dates stay, no make-up
    APPEND = "append"
    SLIDE = "slide"
    CLINICIAN = "clinician"


class Advance(StrEnum):
    """How a phase gives way to the next one, or the last one to the course's end."""

    RULE = "rule"  # when its sessions are over
    REVIEW = "review"  # when its sessions are over and a clinician said so


Texts = Mapping[str, str]  # language -> words; empty words: there is nothing to say


@dataclass(frozen=True, slots=True)
class Phase:
    """`sessions` None is open-ended; `every_days` are the choices of a maintenance interval, the first is the default."""

    name: str
    sessions: int | None
    per_week: int  # sessions a course week when planning; 0 where `every_days` rules
    every_days: tuple[int, ...]
    max_gap_days: int
    missed: MissedPolicy
    weeks: int | None = None  # course weeks the phase is meant to take; None: as long as it goes on
    per_week_choices: tuple[int, ...] = ()  # what `per_week` may be set to by a clinic
    append_within_days: int | None = None  # days from the phase's start for a replacement
    advance: Advance = Advance.RULE
    as_needed: bool = False  # sessions come when the patient asks and a clinician agrees, not by themselves
    missed_advice: Texts = field(default_factory=dict, hash=False)  # for staff: what to do about a missed dose


@dataclass(frozen=True, slots=True)
class Spacing:
    min_gap_days: int  # local dates; the elapsed floor is 24 h x days - 12 h
    max_in_course_week: int
    max_in_seven_days: int


@dataclass(frozen=True, slots=True)
class Preparation:
    """Hours before the dose. Zero means that the clock is not used."""

    solids_h: float
    light_meal_h: float
    any_liquid_h: float
    clear_liquid_h: float
    alcohol_before_h: float
    alcohol_after_h: float  # after the end of the session
    nasal_product_h: float = 0.0


@dataclass(frozen=True, slots=True)
class Driving:
    """Not before `hours` after the end, nor before `next_day_at` on the next local day (None: hours alone)."""

    hours: float
    next_day_at_hour: int | None


@dataclass(frozen=True, slots=True)
class Need:
    """One resource of a session, from and until as minutes relative to `starts_at`; `until` None = the planned end."""

    kind: str  # chair | clinician | monitor | therapist | guide
    from_minutes: int
    until_minutes: int | None


@dataclass(frozen=True, slots=True)
class Visit:
    """How long one kind of session takes and what it needs."""

    minutes: int  # from `starts_at` to the planned end (for dosing: dose block and observation)
    arrive_minutes: int  # before `starts_at`
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Integration:
    """After which doses an integration session belongs, and its window in hours after the end of the dose."""

    after_each: int  # one after every n-th dose; 0: none
    window_from_h: float
    window_until_h: float


@dataclass(frozen=True, slots=True)
class Preceding:
    """Sessions of one kind before the first dose: how many, and between how many days before it. None: zero."""

    sessions: int
    from_days: int
    until_days: int


class DoseGate(StrEnum):
    """What must be in order before a dose is given; a clinic may ask for it before booking already."""

    CONSENT = "consent"
    CLEARANCE = "clearance"
    CONSULT = "consult"
    ENROLMENT = "enrolment"
    AUTHORISATION = "authorisation"
    MEDICINE_ON_SITE = "medicine_on_site"
    PRESCRIPTION = "prescription"
    CLINICIAN_ON_VIDEO = "clinician_on_video"
    THERAPIST = "therapist"
    REVIEW = "review"  # after so many doses, by `review_after_doses` and `review_every_doses`


@dataclass(frozen=True, slots=True)
class BloodPressure:
    """Above either number, in mmHg, a clinician decides; `readings` are taken `minutes_apart`."""

    systolic: int
    diastolic: int
    readings: int
    minutes_apart: int


@dataclass(frozen=True, slots=True)
class Measure:
    """When a questionnaire is due: every so many days, every so many doses, at reviews. Zero: not by that rule."""

    name: str
    every_days: int
    every_doses: int
    at_review: bool


@dataclass(frozen=True, slots=True)
class Protocol:
    name: str
    version: int
    title: dict[str, str]  # neutral words a coordinator sees, by language; never in texts
    setting: Setting
    phases: tuple[Phase, ...]
    spacing: Spacing
    lapse_days: int
    review_after_doses: tuple[int, ...]
    preparation: Preparation
    driving: Driving
    visits: Mapping[str, Visit]  # by SessionKind value
    integration: Integration
    observation_minutes: int
    support_gate: Gate | None  # None: no support person needed
    support_stay_minutes: int
    transport_gate: Gate | None  # None: no ride needed
    sources: Mapping[str, str]  # field path -> source or "clinic default"
    dose_block_minutes: int = 0  # the first part of a dosing session; observation follows
    support_min_age: int = 18
    rideshare: bool = False  # a hired ride counts as transport
    blood_pressure: BloodPressure | None = None
    measures: tuple[Measure, ...] = ()
    dose_gates: tuple[DoseGate, ...] = ()
    gates_stop_booking: bool = False  # else they stop the dose alone
    form_due_days: int | None = None  # calendar days to file the monitoring form after each dose
    preceding: Mapping[str, Preceding] = field(default_factory=dict)  # by SessionKind value
    review_every_doses: int = 0  # a review after every so many doses, beside `review_after_doses`; 0: never
    lapse_advice: Texts = field(default_factory=dict)  # for staff: what to do when `lapse_days` have passed
    observation_check_minutes: int = 0  # somebody looks at the patient so often while it lasts; 0: no rule
