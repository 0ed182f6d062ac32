"""What does a newcomer find? A demonstration clinic, and people at different points of their courses.

Their histories are not invented rows: the demonstration's clock starts weeks ago and the course is lived through, with the same
verbs, the same sender and the same rules as in earnest.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any

from flask import current_app
from sqlalchemy import select

from actions.clinics.opening import Account, Hours, Opening, Resourced, open_clinic
from jobs.histories import live_through
from models import Clinic, ResourceKind, Transport, db

ALWAYS = Hours(tuple(range(7)), time(7), time(19))
PEOPLE = (("coordinator", "Cora Bell"), ("coordinator", "Milo Hart"), ("clinician", "Dr. Clive Okoro"))
RESOURCES = (
    (ResourceKind.CHAIR, "Room Maple", 1),
    (ResourceKind.CHAIR, "Room Birch", 1),
    (ResourceKind.CHAIR, "Room Cedar", 1),
    (ResourceKind.CLINICIAN, "Dr. Clive Okoro", 2),
    (ResourceKind.CLINICIAN, "Dr. Ines Vidal", 2),
    (ResourceKind.MONITOR, "Tomas Reed", 3),
    (ResourceKind.THERAPIST, "Noor Haddad", 1),
    (ResourceKind.GUIDE, "Lena Moss (video)", 2),
)


def seed_demo(now: datetime) -> bool:
    """Write the demonstration clinic when there is no clinic yet; whether it was written. Commits as it goes."""
    if db.session.scalar(select(Clinic.id).limit(1)) is not None:
        return False
    clinic = open_clinic(_opening(), account_of(current_app.config), now=now)
    db.session.commit()
    if current_app.config["SMS_TRANSPORT"] == Transport.PHONES:
        advance: Callable[[datetime], None] = current_app.extensions["steadfast.advance"]
        live_through(clinic, now, advance)
    return True


def account_of(settings: Mapping[str, Any]) -> Account:
    """The provider's account that the environment names."""
    if settings["SMS_TRANSPORT"] != Transport.TWILIO:
        return Account(Transport.PHONES)
    return Account(
        Transport.TWILIO,
        settings["TWILIO_ACCOUNT_SID"] or "",
        settings["TWILIO_MESSAGING_SERVICE_SID"] or "",
        settings["TWILIO_AUTH_TOKEN"],
    )


def _opening() -> Opening:
    return Opening(
        short_name="Harbor",
        zone="America/New_York",
        phone="212-555-0100",
        staff=PEOPLE,
        resources=tuple(Resourced(kind, name, (ALWAYS,), lanes) for kind, name, lanes in RESOURCES),
        on_call=(("Dr. Ines Vidal", "+12125550190"),),
    )
