"""How does a clinic change its own settings? Whom it pages, and whether it asks people how they are."""

from datetime import datetime

from sqlalchemy import func, select

from actions.record import Actor, Verb, note
from actions.remind import stale_all
from care.refusals import Code, Refusal, Refused
from models import Clinic, OnCall, db


def name_on_call(clinic: Clinic, name: str, number: str, *, by: Actor, now: datetime) -> OnCall:
    """Somebody more to page, after those already named. The number is E.164."""
    db.session.refresh(clinic, with_for_update=True)
    last = db.session.scalar(select(func.max(OnCall.position)).where(OnCall.clinic_id == clinic.id))
    page = OnCall(clinic_id=clinic.id, name=name, number=number, position=(last or 0) + 1)
    db.session.add(page)
    note(Verb.NAME_ON_CALL, by=by, now=now, subject_id=page.id, facts={"position": page.position})
    db.session.flush()
    return page


def switch_safety_check(clinic: Clinic, *, on: bool, by: Actor, now: datetime) -> None:
    """Ask people after a dose how they are, or stop asking. Raises `Refused` when there is nobody to page."""
    first = db.session.scalar(select(OnCall).where(OnCall.clinic_id == clinic.id).order_by(OnCall.position).limit(1))
    if on and first is None:
        raise Refused([Refusal(Code.NO_ON_CALL)])
    clinic.safety_on_call_id = first.id if on and first else None
    note(Verb.SWITCH_SAFETY_CHECK, by=by, now=now, subject_id=clinic.id, facts={"on": on})
    db.session.flush()
    stale_all(clinic.id)
