"""Which times can be offered for a session, and what speaks against the others?"""

from datetime import datetime

from actions.record import Actor
from actions.sessions.book import booking_judge
from actions.sessions.preview import moving_judge
from actions.sessions.slots import slots
from care.course.slots import Slot
from care.facts import Status
from care.refusals import Refusal
from models import Patient, Session, db

Offered = tuple[Slot, list[Refusal]]


def offered(session: Session, from_at: datetime, until_at: datetime, *, by: Actor, now: datetime) -> list[Offered]:
    """Every free time between two instants with every rule's reason against it; none means that it can be taken."""
    patient = db.session.get_one(Patient, (session.clinic_id, session.patient_id))
    judge_of = moving_judge if session.status == Status.BOOKED else booking_judge
    judge = judge_of(session, patient, by=by, now=now)
    return [(slot, judge(slot)) for slot in slots(session, from_at, until_at, now=now)]
