"""How does a booked session get another chair or other staff at the time that it has?"""

from datetime import datetime

from actions.facts import rules_of, session_facts
from actions.record import Actor, Verb, lock, note
from actions.sessions.book import take
from care.course.booking import may_reseat
from care.course.slots import Slot
from care.refusals import Code, Refusal, Refused, refuse_if_any
from models import Course, Session, db


def reseat(session: Session, slot: Slot, *, by: Actor, now: datetime) -> None:
    """Another chair or other staff at the same time: nothing that anyone was told changes, so no version grows."""
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    refuse_if_any(may_reseat(session_facts(session, rules_of(course))))
    if slot.starts_at != session.starts_at:
        raise Refused([Refusal(Code.SLOT_NOT_OFFERED, {"starts_at": slot.starts_at})])
    status, since = session.status, session.since
    take(session, slot, now=now)
    session.status, session.since = status, since
    seats = [{"resource_id": str(seat.resource_id), "lane": seat.lane} for seat in slot.seats]
    note(Verb.RESEAT, by=by, now=now, patient=patient, subject_id=session.id, facts={"seats": seats})
