"""How does a session get its time? It is held, booked or released; the database judges every race."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from itertools import islice

from sqlalchemy.exc import IntegrityError

from actions.courses.reviews import stops_booking
from actions.facts import all_sessions, clinic_facts, rules_of, session_facts
from actions.lanes import stand_in_line
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.sessions.elsewhere import here_again
from actions.sessions.seats import swap_seats, write_seats
from actions.sessions.slots import Diary, busy_refusals, slots, visit_of
from care.course.booking import Terms, booking_refusals
from care.course.slots import Slot
from care.facts import Status
from care.refusals import Code, Refusal, Refused, refuse_if_any
from care.times import wall
from models import Booking, Clinic, Course, Patient, Session, db
from models.guards import NO_LANE_TWICE, NO_PATIENT_TWICE

GUARDED = {NO_LANE_TWICE.name: Code.SLOT_TAKEN, NO_PATIENT_TWICE.name: Code.PATIENT_BUSY}
NEAREST = 5  # other times that come with a refusal
HOPELESS = frozenset({Code.NOT_BOOKABLE, Code.COURSE_NOT_ACTIVE})  # no other time would help


class TimeRefused(Refused):
    """This time cannot be had; `alternatives` can, the nearest first."""

    def __init__(self, refused: Refused, alternatives: list[Slot]) -> None:
        super().__init__(refused.refusals)
        self.alternatives = alternatives


def refusals_to_book(
    session: Session, slot: Slot, patient: Patient, *, by: Actor, now: datetime, reason: str | None = None
) -> list[Refusal]:
    """Every rule's reason against this session taking this slot, and what its people's own calendars say."""
    busy = busy_refusals(slot, session.clinic_id, by_staff=by.is_staff, reasoned=bool(reason))
    return [*booking_judge(session, patient, by=by, now=now, reason=reason)(slot), *busy]


def booking_judge(
    session: Session, patient: Patient, *, by: Actor, now: datetime, reason: str | None = None
) -> Callable[[Slot], list[Refusal]]:
    """What is known read once, to judge many slots for one planned session."""
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    mine, whole = session_facts(session, rules_of(course)), all_sessions(patient)
    span, terms = (session.earliest_on, session.latest_on), terms_of(course, by=by, now=now, reason=reason)
    return lambda slot: booking_refusals(mine, slot.starts_at, whole, span, terms)


def terms_of(course: Course, *, by: Actor, now: datetime, reason: str | None = None) -> Terms:
    """What times of this course are judged by, for whoever asks; a coordinator's `reason` lifts the rule of seven dates."""
    clinic = db.session.get_one(Clinic, course.clinic_id)
    return Terms(
        zone=clinic.zone,
        course_status=course.status,
        now=now,
        by_staff=by.is_staff,
        seven_day_reason=bool(reason) and by.is_staff,
        freeze=clinic_facts(clinic).freeze,
        stops=stops_booking(course),
    )


def book(session: Session, slot: Slot, *, by: Actor, now: datetime, reason: str | None = None) -> None:
    """Give a planned session its time. Raises `TimeRefused` with every reason, or with `slot_taken` when another was quicker.

    A coordinator's `reason` lifts the rule of seven dates.
    """
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    with _or_nearest(session, slot, by=by, now=now, reason=reason), db.session.begin_nested():
        refuse_if_any(refusals_to_book(session, slot, patient, by=by, now=now, reason=reason))
        take(session, slot, now=now)
    note(Verb.BOOK, by=by, now=now, patient=patient, subject_id=session.id, facts=said(session), reason=reason)
    remind(patient, now=now)


def hold(session: Session, slot: Slot, *, by: Actor, minutes: int, now: datetime) -> datetime:
    """Keep a slot for some minutes while someone decides; an earlier hold of the session is let go. Until when."""
    patient = lock(session.clinic_id, session.patient_id)
    until = now + timedelta(minutes=minutes)
    with _or_nearest(session, slot, by=by, now=now), db.session.begin_nested():
        refuse_if_any(refusals_to_book(session, slot, patient, by=by, now=now))
        stand_in_line(slot.seats)
        db.session.execute(Booking.expired_holds(session.clinic_id, now))
        db.session.execute(Booking.of_session(session.clinic_id, session.id, holds_only=True))
        _write(session, slot, held_until=until)
    facts = {"starts_at": slot.starts_at, "until": until}
    note(Verb.HOLD, by=by, now=now, patient=patient, subject_id=session.id, facts=facts)
    return until


def release(session: Session, *, by: Actor, now: datetime) -> None:
    """Let the session's hold go; its booking, if it has one, stays."""
    patient = lock(session.clinic_id, session.patient_id)
    db.session.execute(Booking.of_session(session.clinic_id, session.id, holds_only=True))
    note(Verb.RELEASE, by=by, now=now, patient=patient, subject_id=session.id)


def take(session: Session, slot: Slot, *, now: datetime) -> None:
    """Put the session at this time with these resources. A new time is a new version: old answers no longer count."""
    set_time(session, slot, now=now)
    with judged_by_database(slot.starts_at):
        swap_seats([(session, slot)], now=now)
    here_again([session], now=now)


def set_time(session: Session, slot: Slot, *, now: datetime) -> None:
    """The session's own columns for this time; its seats are written apart."""
    visit, moved = visit_of(session), session.starts_at not in (None, slot.starts_at)
    session.starts_at, session.ends_at = slot.starts_at, slot.ends_at
    session.arrive_at = slot.starts_at - timedelta(minutes=visit.arrive_minutes) if visit.arrive_minutes else None
    session.status, session.since, session.elsewhere_on = Status.BOOKED, now, None
    session.version += moved


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


def nearest(
    session: Session, at: datetime, *, by: Actor, now: datetime, reason: str | None = None, most: int = NEAREST
) -> list[Slot]:
    """The free times of the session's span that every rule allows, the nearest to `at` first."""
    patient = db.session.get_one(Patient, (session.clinic_id, session.patient_id))
    judge = booking_judge(session, patient, by=by, now=now, reason=reason)
    by_distance = sorted(_free_in_span(session, now), key=lambda slot: (abs(slot.starts_at - at), slot.starts_at))
    return list(islice((slot for slot in by_distance if not judge(slot)), most))


def _free_in_span(session: Session, now: datetime) -> list[Slot]:
    zone = db.session.get_one(Clinic, session.clinic_id).zone
    begins, ends = wall(session.earliest_on, time(), zone), wall(session.latest_on + timedelta(days=1), time(), zone)
    return slots(session, begins, ends, now=now) if now < ends else []


@contextmanager
def _or_nearest(session: Session, slot: Slot, *, by: Actor, now: datetime, reason: str | None = None) -> Iterator[None]:
    """A refusal carries the nearest times that can be had instead."""
    try:
        yield
    except Refused as refused:
        db.session.refresh(session)
        if HOPELESS & {refusal.code for refusal in refused.refusals}:
            raise TimeRefused(refused, []) from refused
        raise TimeRefused(refused, nearest(session, slot.starts_at, by=by, now=now, reason=reason)) from refused


def _write(session: Session, slot: Slot, held_until: datetime | None = None) -> None:
    with judged_by_database(slot.starts_at):
        write_seats([(session, slot)], held_until=held_until)


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


def said(session: Session) -> dict[str, object]:
    return {"starts_at": session.starts_at, "version": session.version}
