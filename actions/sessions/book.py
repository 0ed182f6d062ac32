"""How does a session get its time? It is held, booked or released; the database judges every race."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from actions.facts import all_sessions, clinic_facts, rules_of, session_facts
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.sessions.slots import Diary, visit_of
from care.course.booking import booking_refusals
from care.course.slots import Slot
from care.facts import Status
from care.refusals import Code, Refusal, Refused, refuse_if_any
from models import Booking, Clinic, Course, Patient, Session, db
from models.guards import NO_LANE_TWICE, NO_PATIENT_TWICE

GUARDED = {NO_LANE_TWICE.name: Code.SLOT_TAKEN, NO_PATIENT_TWICE.name: Code.PATIENT_BUSY}


def refusals_to_book(
    session: Session, slot: Slot, patient: Patient, *, by: Actor, now: datetime, reason: str | None = None
) -> list[Refusal]:
    """Every rule's reason against this session taking this slot."""
    return booking_judge(session, patient, by=by, now=now, reason=reason)(slot)


def booking_judge(
    session: Session, patient: Patient, *, by: Actor, now: datetime, reason: str | None = None
) -> Callable[[Slot], list[Refusal]]:
    """What is known read once, to judge many slots for one planned session."""
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    clinic = db.session.get_one(Clinic, session.clinic_id)
    mine, whole = session_facts(session, rules_of(course)), all_sessions(patient)
    return lambda slot: booking_refusals(
        mine,
        slot.starts_at,
        course=whole,
        zone=clinic.zone,
        course_status=course.status,
        span=(session.earliest_on, session.latest_on),
        now=now,
        by_staff=by.is_staff,
        seven_day_reason=bool(reason) and by.is_staff,
        freeze=clinic_facts(clinic).freeze,
    )


def book(session: Session, slot: Slot, *, by: Actor, now: datetime, reason: str | None = None) -> None:
    """Give a planned session its time. Raises `Refused` with every reason, or with `slot_taken` when another was quicker.

    A coordinator's `reason` lifts the rule of seven dates.
    """
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    refuse_if_any(refusals_to_book(session, slot, patient, by=by, now=now, reason=reason))
    take(session, slot, now=now)
    note(Verb.BOOK, by=by, now=now, patient=patient, subject_id=session.id, facts=_said(session), reason=reason)
    remind(patient, now=now)


def hold(session: Session, slot: Slot, *, by: Actor, minutes: int, now: datetime) -> datetime:
    """Keep a slot for some minutes while someone decides; an earlier hold of the session is let go. Until when."""
    patient = lock(session.clinic_id, session.patient_id)
    refuse_if_any(refusals_to_book(session, slot, patient, by=by, now=now))
    until = now + timedelta(minutes=minutes)
    db.session.execute(Booking.expired_holds(session.clinic_id, now))
    db.session.execute(Booking.of_session(session.clinic_id, session.id, holds_only=True))
    _write(session, slot, held_until=until)
    note(Verb.HOLD, by=by, now=now, subject_id=session.id, facts={"starts_at": slot.starts_at, "until": until})
    return until


def release(session: Session, *, by: Actor, now: datetime) -> None:
    """Let the session's hold go; its booking, if it has one, stays."""
    db.session.execute(Booking.of_session(session.clinic_id, session.id, holds_only=True))
    note(Verb.RELEASE, by=by, now=now, subject_id=session.id)


def take(session: Session, slot: Slot, *, now: datetime) -> None:
    """Put the session at this time with these resources. A new time is a new version: old answers no longer count."""
    free(session, now=now)
    visit, moved = visit_of(session), session.starts_at not in (None, slot.starts_at)
    session.starts_at, session.ends_at = slot.starts_at, slot.ends_at
    session.arrive_at = slot.starts_at - timedelta(minutes=visit.arrive_minutes) if visit.arrive_minutes else None
    session.status, session.since = Status.BOOKED, now
    session.version += moved
    _write(session, slot)


def free(session: Session, *, now: datetime) -> None:
    """Give the session's resources back; everyone's expired holds go too, for no constraint can see that they expired."""
    db.session.execute(Booking.expired_holds(session.clinic_id, now))
    db.session.execute(Booking.of_session(session.clinic_id, session.id))
    db.session.flush()


def seat_again(session: Session, *, now: datetime) -> bool:
    """Give a session whose resources were freed the same time again; False when others have taken it since."""
    if session.starts_at is None or session.ends_at is None:
        return True
    free(session, now=now)
    visit = visit_of(session)
    begins = session.starts_at + timedelta(minutes=min((need.from_minutes for need in visit.needs), default=0))
    diary = Diary(session.clinic_id, begins, session.ends_at, now=begins, without={session.id})
    same = next((slot for slot in diary.free(visit) if slot.starts_at == session.starts_at), None)
    if same is not None:
        _write(session, same)
    return same is not None


def _write(session: Session, slot: Slot, held_until: datetime | None = None) -> None:
    for seat in slot.seats:
        db.session.add(
            Booking(
                clinic_id=session.clinic_id,
                session_id=session.id,
                resource_id=seat.resource_id,
                lane=seat.lane,
                starts_at=seat.from_at,
                ends_at=seat.until_at,
                held_until=held_until,
            )
        )
    with judged_by_database(slot.starts_at):
        db.session.flush()


@contextmanager
def judged_by_database(starts_at: datetime) -> Iterator[None]:
    """A guard's verdict is a refusal with a name; any other broken constraint stays a fault."""
    try:
        yield
    except IntegrityError as error:
        verdict = next((code for guard, code in GUARDED.items() if guard in str(error.orig)), None)
        if verdict is None:
            raise
        raise Refused([Refusal(verdict, {"starts_at": starts_at})]) from error


def _said(session: Session) -> dict[str, object]:
    return {"starts_at": session.starts_at, "version": session.version}
