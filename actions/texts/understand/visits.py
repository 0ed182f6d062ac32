"""Which visit of these patients is at hand, and which dose is under way or not yet a day old?"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from care.facts import SessionKind, Status
from models import Patient, Session, db

AT_HAND = timedelta(hours=24)
STILL_AWAITED = timedelta(hours=6)  # after its start: who is late may still write about it
EXPECTED = (Status.BOOKED, Status.ARRIVED)


def is_at_hand(session: Session, now: datetime) -> bool:
    """Less than a day away, or begun a short while ago without a dose."""
    starts_at = session.starts_at
    return session.status in EXPECTED and starts_at is not None and now - STILL_AWAITED < starts_at < now + AT_HAND


def at_hand(patients: Iterable[Patient], now: datetime, kind: SessionKind | None = None) -> Session | None:
    """The first visit, of this kind or any, that is less than a day away."""
    near = [Session.status.in_(EXPECTED), Session.starts_at > now - STILL_AWAITED, Session.starts_at < now + AT_HAND]
    return _first(patients, *near, *([Session.kind == kind] if kind else []))


def dosed_lately(patients: Iterable[Patient], now: datetime) -> Session | None:
    """The visit with a dose that was given, or ended, less than a day ago."""
    since = now - AT_HAND
    return _first(
        patients,
        Session.kind == SessionKind.DOSING,
        Session.status.in_((Status.DOSED, Status.DISCHARGED)),
        or_(Session.dosed_at > since, Session.discharged_at > since),
    )


def under_care(patients: Iterable[Patient], now: datetime) -> Session | None:
    """The visit with a dose whose patient is there, or went home less than a day ago."""
    patients = list(patients)
    arrived = (
        Session.kind == SessionKind.DOSING,
        Session.status == Status.ARRIVED,
        Session.arrived_at > now - AT_HAND,
    )
    return _first(patients, *arrived) or dosed_lately(patients, now)


def _first(patients: Iterable[Patient], *such: ColumnElement[bool]) -> Session | None:
    patients = list(patients)
    mine = select(Session).where(
        Session.clinic_id == patients[0].clinic_id, Session.patient_id.in_([each.id for each in patients]), *such
    )
    return db.session.scalar(mine.order_by(Session.starts_at, Session.id).limit(1))
