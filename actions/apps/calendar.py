"""Whose calendar does a link show, and what is in it? Visits as events: when, where, how often changed, and what is off."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select, update

from actions.apps.place import places_of
from actions.courses.rehearse import first_name
from actions.record import Actor, Verb, note
from actions.sessions.slots import visit_of
from care.facts import Status
from care.words.calendar import say_place, say_title
from models import (
    Booking,
    CalendarLink,
    Changed,
    Clinic,
    Contact,
    Patient,
    Reader,
    RecordEntry,
    Resource,
    Session,
    SupportPerson,
    SupportState,
    db,
)
from models.sealed import keyed_digest

KEPT = timedelta(days=90)  # how long what is over stays in a feed
OFF = (Status.CANCELLED, Status.OMITTED, Status.DEFERRED, Status.PLANNED)
UNTOLD = (Verb.CONFIRM, Verb.HOLD, Verb.RELEASE)  # what changes nothing that an event says


@dataclass(frozen=True, slots=True)
class Event:
    """One visit. `sequence` grows with every change of it; `off`: it has lost this time."""

    session_id: UUID
    sequence: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    off: bool


@dataclass(frozen=True, slots=True)
class Feed:
    name: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    """When an event is, and whether it still is then."""

    session: Session
    starts_at: datetime
    ends_at: datetime
    off: bool


# Links


def share_calendar(reader: Reader, reader_id: UUID, *, by: Actor, now: datetime) -> str:
    """The token of a new link to this reader's calendar; an earlier one ends."""
    _revoke(by.clinic_id, reader_id, now)
    token = secrets.token_urlsafe(32)
    link = CalendarLink(digest=_digest(token), clinic_id=by.clinic_id, reader=reader, reader_id=reader_id, made_at=now)
    db.session.add(link)
    db.session.flush()
    note(Verb.SHARE_CALENDAR, by=by, now=now, subject_id=reader_id, facts={"reader": reader.value})
    return token


def end_calendar(reader_id: UUID, *, by: Actor, now: datetime) -> None:
    """Whoever has the link reads nothing any more. Without a link nothing happens."""
    if _revoke(by.clinic_id, reader_id, now):
        note(Verb.END_CALENDAR, by=by, now=now, subject_id=reader_id)


def link_of(clinic_id: UUID, reader_id: UUID) -> CalendarLink | None:
    """The reader's link, while it is good."""
    mine = select(CalendarLink).where(CalendarLink.clinic_id == clinic_id, CalendarLink.reader_id == reader_id)
    return db.session.scalar(mine.where(CalendarLink.revoked_at.is_(None)))


def link_behind(token: str) -> CalendarLink | None:
    """The link that a token opens, while it is good."""
    link = db.session.get(CalendarLink, _digest(token))
    return link if link is not None and link.revoked_at is None else None


def _digest(token: str) -> bytes:
    return keyed_digest("calendar", token.encode())


def _revoke(clinic_id: UUID, reader_id: UUID, now: datetime) -> bool:
    mine = (CalendarLink.clinic_id == clinic_id, CalendarLink.reader_id == reader_id)
    good = update(CalendarLink).where(*mine, CalendarLink.revoked_at.is_(None)).values(revoked_at=now)
    return bool(db.session.execute(good).rowcount)  # type: ignore[attr-defined]  # an update counts its rows


# Feeds


def feed_behind(link: CalendarLink, *, now: datetime) -> Feed | None:
    """What the link shows; None when its reader is there no more."""
    clinic = db.session.get_one(Clinic, link.clinic_id)
    language = _language(link, clinic)
    if language is None:
        return None
    spans = [span for span in _spans(link) if span.ends_at > now - KEPT]
    return Feed(clinic.short_name, _events(link, clinic, language, spans))


def _language(link: CalendarLink, clinic: Clinic) -> str | None:
    """The reader's language, while they may read."""
    place = (link.clinic_id, link.reader_id)
    if link.reader == Reader.RESOURCE:
        return clinic.language if db.session.get(Resource, place) else None
    person: Patient | SupportPerson | None
    if link.reader == Reader.PATIENT:
        person = db.session.get(Patient, place)
    else:
        person = db.session.get(SupportPerson, place)
        if person is not None and person.state != SupportState.ACCEPTED:
            return None
    return db.session.get_one(Contact, (link.clinic_id, person.contact_id)).language if person else None


def _spans(link: CalendarLink) -> list[_Span]:
    if link.reader == Reader.RESOURCE:
        return _worked(link)
    whose = Session.patient_id if link.reader == Reader.PATIENT else Session.support_person_id
    mine = select(Session).where(Session.clinic_id == link.clinic_id, whose == link.reader_id, ~Session.given_before)
    rows = db.session.scalars(mine.order_by(Session.id)).all()
    lost = _lost(link.clinic_id, [row.id for row in rows if row.starts_at is None])
    return [span for row in rows if (span := _visited(row, lost.get(row.id)))]


def _visited(session: Session, lost: tuple[datetime, datetime] | None) -> _Span | None:
    """From the arrival to the planned end; for what lost its time, the time it had last."""
    if session.starts_at is not None and session.ends_at is not None:
        return _Span(session, session.arrive_at or session.starts_at, session.ends_at, off=session.status in OFF)
    if lost is None:
        return None
    return _Span(session, lost[0] - timedelta(minutes=visit_of(session).arrive_minutes), lost[1], off=True)


def _lost(clinic_id: UUID, session_ids: Sequence[UUID]) -> dict[UUID, tuple[datetime, datetime]]:
    """The time that each of these had last."""
    rows = select(Changed.thing_id, Changed.was_at, Changed.was_until).where(
        Changed.clinic_id == clinic_id, Changed.thing_id.in_(session_ids), Changed.was_at.is_not(None)
    )
    found = db.session.execute(rows.order_by(Changed.change_no))
    return {session_id: (was_at, until) for session_id, was_at, until in found if was_at and until}


def _worked(link: CalendarLink) -> list[_Span]:
    """What this resource is booked for; what is no longer theirs leaves the feed."""
    theirs = (
        select(Session, Booking.starts_at, Booking.ends_at)
        .join(Booking, (Booking.clinic_id == Session.clinic_id) & (Booking.session_id == Session.id))
        .where(
            Booking.clinic_id == link.clinic_id,
            Booking.resource_id == link.reader_id,
            Booking.held_until.is_(None),
        )
        .order_by(Session.id)
    )
    return [_Span(session, starts_at, ends_at, off=False) for session, starts_at, ends_at in db.session.execute(theirs)]


# Events


def _events(link: CalendarLink, clinic: Clinic, language: str, spans: Sequence[_Span]) -> tuple[Event, ...]:
    sessions = [span.session for span in spans]
    changed, places, names = _changes(clinic.id, sessions), places_of(sessions), _first_names(link, sessions)
    events = []
    for span in spans:
        session, place, name = span.session, places[span.session.id], names.get(span.session.patient_id, "")
        where = place.address or clinic.short_name
        sequence, changed_at = changed.get(session.id, (session.edition, session.since))
        events.append(
            Event(
                session.id,
                sequence,
                say_title(link.reader, clinic.short_name, name, language),
                say_place(link.reader, where, name, language, online=place.online, at_home=place.at_home),
                span.starts_at,
                span.ends_at,
                changed_at,
                span.off,
            )
        )
    return tuple(events)


def _first_names(link: CalendarLink, sessions: Iterable[Session]) -> dict[UUID, str]:
    """For a support person alone: whose visits these are."""
    if link.reader != Reader.SUPPORT:
        return {}
    ids = {session.patient_id for session in sessions}
    rows = select(Patient).where(Patient.clinic_id == link.clinic_id, Patient.id.in_(ids))
    return {patient.id: first_name(patient.name) for patient in db.session.scalars(rows)}


def _changes(clinic_id: UUID, sessions: Sequence[Session]) -> dict[UUID, tuple[int, datetime]]:
    """The last change that named each session or its course: its number, which only grows, and when it was."""
    subjects = {id_ for session in sessions for id_ in (session.id, session.course_id)}
    found: dict[UUID, tuple[int, datetime]] = {}
    for statement in (_noted(clinic_id, subjects), _touched(clinic_id, subjects)):
        for subject_id, no, at in db.session.execute(statement):
            found[subject_id] = max(found.get(subject_id, (no, at)), (no, at))
    known = {
        session.id: [found[id_] for id_ in (session.id, session.course_id) if id_ in found] for session in sessions
    }
    return {session_id: max(changes) for session_id, changes in known.items() if changes}


def _noted(clinic_id: UUID, subjects: set[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(RecordEntry.subject_id, func.max(RecordEntry.change_no), func.max(RecordEntry.at))
        .where(
            RecordEntry.clinic_id == clinic_id,
            RecordEntry.subject_id.in_(subjects),
            RecordEntry.change_no.is_not(None),
            RecordEntry.verb.not_in(UNTOLD),
        )
        .group_by(RecordEntry.subject_id)
    )


def _touched(clinic_id: UUID, subjects: set[UUID]) -> Select[*tuple[Any, ...]]:
    same = and_(
        RecordEntry.clinic_id == Changed.clinic_id,
        RecordEntry.patient_id == Changed.patient_id,
        RecordEntry.change_no == Changed.change_no,
    )
    return (
        select(Changed.thing_id, func.max(Changed.change_no), func.max(RecordEntry.at))
        .join(RecordEntry, same)
        .where(Changed.clinic_id == clinic_id, Changed.thing_id.in_(subjects), RecordEntry.verb.not_in(UNTOLD))
        .group_by(Changed.thing_id)
    )
