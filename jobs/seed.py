"""What does a newcomer find? A demonstration clinic, and people at different points of their courses.

Their histories are not invented rows: the demonstration's clock starts weeks ago and the course is lived through, with the same
verbs, the same sender and the same rules as in earnest.
"""

from collections.abc import Callable
from datetime import datetime, time

from flask import current_app
from sqlalchemy import select

from actions.courses.enrol import adopt_shipped
from care.protocols import shipped
from jobs.histories import live_through
from models import (
    Availability,
    Clinic,
    OnCall,
    Purpose,
    Resource,
    ResourceKind,
    Sender,
    Staff,
    Transport,
    db,
)

EVERY_DAY = range(7)
PEOPLE = (("coordinator", "Cora Bell"), ("coordinator", "Milo Hart"), ("clinician", "Dr. Clive Okoro"))
RESOURCES = (
    (ResourceKind.CHAIR, "Room Maple", 1),
    (ResourceKind.CHAIR, "Room Birch", 1),
    (ResourceKind.CHAIR, "Room Cedar", 1),
    (ResourceKind.CLINICIAN, "Dr. Clive Okoro", 2),
    (ResourceKind.CLINICIAN, "Dr. Ines Vidal", 2),
    (ResourceKind.THERAPIST, "Noor Haddad", 1),
    (ResourceKind.GUIDE, "Lena Moss (video)", 2),
)


def seed_demo(now: datetime) -> bool:
    """Write the demonstration clinic when there is no clinic yet; whether it was written. Commits as it goes."""
    if db.session.scalar(select(Clinic.id).limit(1)) is not None:
        return False
    clinic = _clinic()
    db.session.commit()
    if current_app.config["SMS_TRANSPORT"] == Transport.PHONES:
        advance: Callable[[datetime], None] = current_app.extensions["steadfast.advance"]
        live_through(clinic, now, advance)
    return True


def _clinic() -> Clinic:
    clinic = Clinic(
        short_name="Harbor",
        zone="America/New_York",
        language="en",
        phone="212-555-0100",
        settings={},
        crisis_text={},
    )
    db.session.add(clinic)
    db.session.flush()
    _senders(clinic)
    db.session.add_all(Staff(clinic_id=clinic.id, role=role, name=name) for role, name in PEOPLE)
    for kind, name, lanes in RESOURCES:
        _resource(clinic, kind, name, lanes)
    for protocol in shipped():
        adopt_shipped(clinic, protocol)
    _on_call(clinic)
    return clinic


def _senders(clinic: Clinic) -> None:
    """One for care and one for login codes; both on the account that the environment names, if it names one."""
    settings = current_app.config
    for purpose in Purpose:
        sender = Sender(clinic_id=clinic.id, purpose=purpose, transport=settings["SMS_TRANSPORT"])
        if settings["SMS_TRANSPORT"] == Transport.TWILIO:
            sender.account_sid = settings["TWILIO_ACCOUNT_SID"]
            sender.messaging_service_sid = settings["TWILIO_MESSAGING_SERVICE_SID"]
            sender.auth_token = settings["TWILIO_AUTH_TOKEN"]
        db.session.add(sender)


def _resource(clinic: Clinic, kind: ResourceKind, name: str, lanes: int) -> None:
    resource = Resource(clinic_id=clinic.id, kind=kind, name=name, lanes=lanes)
    db.session.add(resource)
    for weekday in EVERY_DAY:
        db.session.add(
            Availability(
                clinic_id=clinic.id,
                resource_id=resource.id,
                weekday=weekday,
                opens=time(7),
                closes=time(19),
            )
        )


def _on_call(clinic: Clinic) -> None:
    """Somebody to page, which is what lets the safety check be on."""
    page = OnCall(clinic_id=clinic.id, name="Dr. Ines Vidal", number="+12125550190", position=1)
    db.session.add(page)
    db.session.flush()
    clinic.safety_on_call_id = page.id
