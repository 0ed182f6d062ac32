"""Where do texts reach somebody, and did they agree to them?"""

from datetime import datetime

from actions.store import stored
from models import Clinic, ConsentEvent, Contact, Topic, db

CONSENT_WORDING = "2026-11"


def contact_at(clinic: Clinic, number: str, zone: str | None, language: str) -> Contact:
    """The one contact of this number in the clinic."""
    known = Contact.at(clinic.id, number)
    if known is not None:
        return known
    contact = Contact(
        clinic_id=clinic.id,
        number=number,
        number_index=Contact.index_of(number),
        zone=zone or clinic.zone,
        language=language,
    )
    return contact if stored(contact) else Contact.at(clinic.id, number) or contact


def consent(contact: Contact, *, source: str, now: datetime) -> None:
    """The person at this number agreed to texts about care."""
    contact.consented_at, contact.opted_out_at = now, None
    db.session.add(_consent_event(contact, source, now, given=True))


def withdraw_consent(contact: Contact, *, source: str, now: datetime) -> None:
    """The person at this number wants no more texts, about anyone."""
    contact.opted_out_at = now
    db.session.add(_consent_event(contact, source, now, given=False))


def _consent_event(contact: Contact, source: str, now: datetime, *, given: bool) -> ConsentEvent:
    return ConsentEvent(
        clinic_id=contact.clinic_id,
        contact_id=contact.id,
        topic=Topic.CARE,
        given=given,
        source=source,
        wording=CONSENT_WORDING,
        at=now,
    )
