"""Ada, who is treated, Sam, who stays with her, and the clinic Harbor in New York, as facts for the rules."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from care.facts import (
    AnswerFacts,
    ClinicFacts,
    How,
    Part,
    PatientFacts,
    Person,
    SessionFacts,
    SessionKind,
    Status,
    Step,
    SupportFacts,
    ToldFacts,
    Value,
)
from care.protocol import Preparation, Protocol
from care.protocols import load
from care.reminders import Wanted

NEW_YORK = "America/New_York"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_NAMES = UUID("6f1d9d0e-3c57-4b53-9d51-5a0c2d5f1a01")

HARBOR = ClinicFacts(uuid5(_NAMES, "harbor"), "Harbor", "555-0100", NEW_YORK)
ADA = Person(uuid5(_NAMES, "ada"), Part.PATIENT, uuid5(_NAMES, "ada's phone"), NEW_YORK)
SAM = Person(uuid5(_NAMES, "sam"), Part.SUPPORT, uuid5(_NAMES, "sam's phone"), NEW_YORK)
COURSE = uuid5(_NAMES, "course")

SIX_AND_TWO = Preparation(
    solids_h=6, light_meal_h=6, any_liquid_h=2, clear_liquid_h=2, alcohol_before_h=24, alcohol_after_h=24
)
AT_THE_CLINIC = replace(load("iv_6"), preparation=SIX_AND_TWO)
AT_HOME = replace(load("home_seed_2_3w"), preparation=SIX_AND_TWO)
LONG_AGO = datetime(2026, 12, 1, 15, tzinfo=UTC)


def ny(wall: str) -> datetime:
    """The instant of a wall time in New York, such as "2027-05-04 07:30"."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC)


def identity(name: str) -> UUID:
    """An id that is the same in every run."""
    return uuid5(_NAMES, name)


def dose(
    starts: str | datetime, *, protocol: Protocol = AT_THE_CLINIC, number: int = 1, **changes: Any
) -> SessionFacts:
    """A booked dosing session; a text is a wall time in New York."""
    at = ny(starts) if isinstance(starts, str) else starts
    visit = protocol.visits["dosing"]
    session = SessionFacts(
        id=identity(f"dose {number}"),
        course_id=COURSE,
        number=number,
        kind=SessionKind.DOSING,
        phase="induction",
        status=Status.BOOKED,
        version=1,
        protocol=protocol,
        since=LONG_AGO,
        starts_at=at,
        arrive_at=at - timedelta(minutes=visit.arrive_minutes),
        ends_at=at + timedelta(minutes=visit.minutes),
    )
    return replace(session, **changes)


def home_dose(starts: str | datetime, **changes: Any) -> SessionFacts:
    """A booked dose at home, with Sam."""
    return dose(starts, **{"protocol": AT_HOME, "support_person_id": SAM.id, **changes})


def start(session: SessionFacts) -> datetime:
    """When a session that has a time starts."""
    assert session.starts_at is not None
    return session.starts_at


def discharged(session: SessionFacts, end: datetime | None = None) -> SessionFacts:
    """The same dose, given on time and over at `end`, or when planned."""
    over = end or session.ends_at
    return replace(
        session, status=Status.DISCHARGED, arrived_at=session.arrive_at, dosed_at=session.starts_at, discharged_at=over
    )


def integration_of(dosing: SessionFacts, **changes: Any) -> SessionFacts:
    """The integration session that belongs to a dose, without a time yet."""
    session = replace(
        dosing,
        id=identity(f"integration {dosing.number}"),
        kind=SessionKind.INTEGRATION,
        status=Status.PLANNED,
        of_session_id=dosing.id,
        since=LONG_AGO,
        support_person_id=None,
        starts_at=None,
        arrive_at=None,
        ends_at=None,
        arrived_at=None,
        dosed_at=None,
        discharged_at=None,
    )
    return replace(session, **changes)


def moved(session: SessionFacts, starts: str, *, since: datetime) -> SessionFacts:
    """The same session at another time: a new version."""
    again = dose(starts, protocol=session.protocol, number=session.number)
    version = session.version + 1
    return replace(
        session,
        version=version,
        since=since,
        starts_at=again.starts_at,
        arrive_at=again.arrive_at,
        ends_at=again.ends_at,
    )


def ended(session: SessionFacts, status: Status, *, since: datetime) -> SessionFacts:
    return replace(session, status=status, since=since)


def sam(state: str = "accepted", named_at: datetime = LONG_AGO) -> SupportFacts:
    return SupportFacts(SAM, 1, state, named_at)


def facts(*sessions: SessionFacts, **changes: Any) -> PatientFacts:
    """Ada's facts: these sessions, Sam as her support person, nothing said or told yet."""
    return replace(PatientFacts(HARBOR, ADA, (sam(),), tuple(sessions)), **changes)


def said(session: SessionFacts, step: Step, value: Value = Value.YES, person: Person | None = ADA) -> AnswerFacts:
    """An answer about the session as it is; `person` None is staff."""
    how = How.TEXT if person else How.STAFF
    return AnswerFacts(session.id, session.version, step, person.id if person else None, value, how, session.since)


def told(session: SessionFacts, person: Person = ADA, at: datetime | None = None) -> ToldFacts:
    """That this person heard of the session as it is."""
    return ToldFacts(person.id, session.id, session.version, session.starts_at, at or session.since)


def only(wanted: Iterable[Wanted], kind: str, person: Person = ADA) -> list[Wanted]:
    """What one person should hear of one kind, in order of the due moment."""
    return [each for each in wanted if each.key.kind == kind and each.key.person_id == person.id]


def the(wanted: Iterable[Wanted], kind: str, person: Person = ADA) -> Wanted:
    """The one thing of this kind that a person should hear."""
    (one,) = only(wanted, kind, person)
    return one


def due(wanted: Iterable[Wanted]) -> list[datetime]:
    return [each.due_at for each in wanted]
