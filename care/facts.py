"""What is known of a patient when their reminders, notices and readiness are judged?

Plain values made from rows by `actions.facts`; rules read nothing else. Every instant is aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from care.protocol import Protocol
from care.refusals import Refusal


class SessionKind(StrEnum):
    CONSULT = "consult"
    PREPARATION = "preparation"
    DOSING = "dosing"
    INTEGRATION = "integration"
    REVIEW = "review"


class Status(StrEnum):
    """A session's status. The last four are final; `missed` may become `arrived` on that local day."""

    PLANNED = "planned"
    BOOKED = "booked"
    ARRIVED = "arrived"
    DOSED = "dosed"
    DISCHARGED = "discharged"
    ATTENDED = "attended"
    MISSED = "missed"
    DEFERRED = "deferred"
    OMITTED = "omitted"
    CANCELLED = "cancelled"


ENDED_WITHOUT_HAPPENING = frozenset({Status.MISSED, Status.DEFERRED, Status.OMITTED, Status.CANCELLED})
UNDER_WAY = frozenset({Status.ARRIVED, Status.DOSED})


class Cause(StrEnum):
    """Whose circumstance ended or moved a session."""

    PATIENT = "patient"
    CLINIC = "clinic"
    CLINICAL = "clinical"
    RIDE = "ride"
    SUPPORT = "support"
    MEDICINE = "medicine"
    COVERAGE = "coverage"
    OTHER = "other"


class Step(StrEnum):
    """A thing to confirm before (or after) a session."""

    ATTENDANCE = "attendance"
    TRANSPORT = "transport"
    SUPPORT = "support"  # the support person says they will be there
    PRESENT = "present"  # the support person says they are there (home)
    RIDE_TODAY = "ride_today"  # the ride, asked on the morning itself
    NEW_TIME = "new_time"  # the moved time suits
    INVITATION = "invitation"  # subject: the support person
    SAFETY_EVENING = "safety_evening"
    SAFETY_NEXT_DAY = "safety_next_day"
    INTEGRATION = "integration"  # the integration session has a time


class Value(StrEnum):
    """What an answer said. `urgent` is only offered by the safety check."""

    YES = "yes"
    NO = "no"
    CALL = "call"
    URGENT = "urgent"


class How(StrEnum):
    TEXT = "text"
    APP = "app"
    LINK = "link"
    STAFF = "staff"


class Role(StrEnum):
    """Who must act on a task."""

    COORDINATOR = "coordinator"
    CLINICIAN = "clinician"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local wall-clock hours without texts, from `start` in the evening to `end` in the morning."""

    start: time = time(21)
    end: time = time(8)


@dataclass(frozen=True, slots=True)
class Caps:
    """The most texts per contact; exempt classes are counted but never held back."""

    per_day: int = 3
    per_week_induction: int = 8
    per_week_later: int = 5


@dataclass(frozen=True, slots=True)
class ClinicFacts:
    id: UUID
    short_name: str  # neutral: it names no specialty
    phone: str  # for people to call, as it is written in texts
    zone: str  # IANA
    quiet: QuietHours = QuietHours()
    caps: Caps = Caps()
    notice_delay: timedelta = timedelta(minutes=2)
    safety_check: bool = False  # only with an on-call number
    shared_phone_ok: bool = False  # a support person's yes from the patient's own phone opens the hard gate
    freeze: timedelta = timedelta(hours=48)  # inside it a reflow should not move anything, and self-service ends


class Part(StrEnum):
    """What a person is to this patient."""

    PATIENT = "patient"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Person:
    """Who hears: the contact itself is looked up again when a text goes out."""

    id: UUID  # the patient's or the support person's id
    part: Part
    contact_id: UUID | None
    zone: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class SupportFacts:
    person: Person
    position: int
    state: str  # named | accepted | declined | removed
    named_at: datetime


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One session as the rules see it. `starts_at` is the planned dose (or the start of the other kinds)."""

    id: UUID
    course_id: UUID
    number: int  # within its kind in the course, from 1; never shifts
    kind: SessionKind
    phase: str
    status: Status
    version: int
    protocol: Protocol
    since: datetime  # when this version, or this final status, came to be
    starts_at: datetime | None = None
    arrive_at: datetime | None = None
    ends_at: datetime | None = None  # planned end
    arrived_at: datetime | None = None
    dosed_at: datetime | None = None
    discharged_at: datetime | None = None  # also the actual end of an attended session
    of_session_id: UUID | None = None  # integration: the dosing session it belongs to
    support_person_id: UUID | None = None
    given_before: bool = False  # before the course was entered here: it counts for spacing, nothing is said of it
    elsewhere_on: date | None = None  # integration: with one's own therapist, on this local day

    @property
    def dose_at(self) -> datetime | None:
        """The actual dose once it is known, else the planned one."""
        return self.dosed_at or self.starts_at

    @property
    def end(self) -> datetime | None:
        """The actual discharge once it is known, else the planned end."""
        return self.discharged_at or self.ends_at


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    subject_id: UUID  # a session, or for an invitation the support person
    version: int
    step: Step
    person_id: UUID | None  # about whom or by whom the step is answered; None when staff confirmed it
    value: Value
    how: How
    at: datetime
    from_contact_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ToldFacts:
    """What a person was last told of a session: its time, or that it is off (`starts_at` None)."""

    person_id: UUID
    session_id: UUID
    version: int
    starts_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenReason:
    """Why a task of this patient is open. `session_id` None: it is about the patient, and may be about any session."""

    code: str
    session_id: UUID | None
    step: str | None  # of a text that was not said: the kind of reminder
    at: datetime


@dataclass(frozen=True, slots=True)
class PatientFacts:
    clinic: ClinicFacts
    patient: Person
    supports: tuple[SupportFacts, ...] = ()
    sessions: tuple[SessionFacts, ...] = ()  # all of the patient's, final ones included
    answers: tuple[AnswerFacts, ...] = ()  # in order of time; the last one per subject, version, step, person counts
    told: tuple[ToldFacts, ...] = ()
    switches: Mapping[str, bool] = field(default_factory=dict)  # kinds that this clinic turned off
    # Read where readiness is judged, and only there:
    reasons: tuple[OpenReason, ...] = ()
    stops: Mapping[UUID, tuple[Refusal, ...]] = field(default_factory=dict)  # course -> what its next dose waits for
