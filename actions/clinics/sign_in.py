"""How does a patient prove who they are? A one-time code to their phone, then a family of refresh tokens.

Everything here runs on the machine clock. A guess is counted, and the door commits that, before it is compared.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update

from actions.facts import person_of
from actions.record import Verb, note, system
from actions.texts.contacts import hearers
from actions.texts.tell import tell
from care.facts import Part
from models import Contact, LoginCode, Patient, RefreshToken, db
from models.columns import uuid7
from models.sealed import keyed_digest

CODES_A_DAY, GUESSES_A_DAY, GUESSES = 10, 50, 5
DAY = timedelta(days=1)
BETWEEN_CODES = timedelta(seconds=30)
LOST_ANSWER = timedelta(seconds=10)  # a spent token may be sent again so soon: its answer may have been lost
TOKEN_BYTES = 32


def challenge(clinic_id: UUID, number: str, *, lasts: timedelta, now: datetime, machine_now: datetime) -> UUID:
    """A challenge for whoever is at this number; its code goes out only when that is exactly one patient within limits.

    Of numbers that nobody has, and of codes that do not go out, nothing is kept.
    """
    _forget_old_codes(clinic_id, machine_now)
    contact = _locked_contact(clinic_id, number)
    patient = _only_patient(contact) if contact else None
    code_id = uuid7()
    digest = _code_digest(code_id, LoginCode.digits(code_id))  # made on every path
    if patient is None or contact is None or not _may_have_another(contact, machine_now):
        return code_id
    row = LoginCode(
        clinic_id=clinic_id,
        id=code_id,
        contact_id=contact.id,
        patient_id=patient.id,
        code_digest=digest,
        guesses=0,
        made_at=machine_now,
        expires_at=machine_now + lasts,
    )
    db.session.add(row)
    db.session.flush()
    tell(patient, "login_code", person_of(patient), subject_id=code_id, now=now, not_after=now + lasts)
    note(Verb.SEND_LOGIN_CODE, by=system(clinic_id), now=now, subject_id=patient.id)
    return code_id


def count_guess(clinic_id: UUID, code_id: UUID, *, machine_now: datetime) -> bool:
    """Count a guess at a challenge; False when it takes no more. The caller commits before it compares."""
    contact_id = db.session.scalar(select(LoginCode.contact_id).where(*_this(clinic_id, code_id)))
    if contact_id is not None and _guesses_today(clinic_id, contact_id, machine_now) >= GUESSES_A_DAY:
        return False
    counted = db.session.execute(
        update(LoginCode)
        .where(
            *_this(clinic_id, code_id),
            LoginCode.guesses < GUESSES,
            LoginCode.used_at.is_(None),
            LoginCode.expires_at > machine_now,
        )
        .values(guesses=LoginCode.guesses + 1)
        .execution_options(synchronize_session=False)
        .returning(LoginCode.id)
    )
    return counted.first() is not None


def patient_behind(
    clinic_id: UUID, code_id: UUID, code: str, *, now: datetime, machine_now: datetime
) -> Patient | None:
    """The patient, when this is the code; it opens once, and only while the number is still theirs alone."""
    row = db.session.get(LoginCode, (clinic_id, code_id), populate_existing=True)
    if row is None or not hmac.compare_digest(bytes(row.code_digest), _code_digest(code_id, code)):
        return None
    if row.patient_id is None or row.contact_id is None or not _use(row, machine_now):
        return None
    patient = _only_patient(db.session.get_one(Contact, (clinic_id, row.contact_id)))
    if patient is None or patient.id != row.patient_id:
        return None
    note(Verb.SIGN_IN, by=system(clinic_id), now=now, subject_id=patient.id)
    return patient


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whom a refresh token speaks for, and the token that follows it."""

    clinic_id: UUID
    kind: str
    id: UUID
    refresh_token: str


def begin_family(patient: Patient, *, lasts: timedelta, machine_now: datetime) -> Trusted:
    """The first of a family of refresh tokens; the whole family ends at the same moment."""
    first = RefreshToken(
        clinic_id=patient.clinic_id,
        digest=b"",
        family_id=uuid7(),
        actor_kind=Part.PATIENT.value,
        actor_id=patient.id,
        made_at=machine_now,
        expires_at=machine_now + lasts,
    )
    return _issued(first)


def follow(token: str, *, machine_now: datetime) -> Trusted | None:
    """Trade a refresh token for the next. A token that comes again ends its family, unless its answer may have been lost."""
    row = _token_row(token)
    if row is None or row.expires_at <= machine_now:
        return None
    if row.revoked_at is not None or (row.spent_at is not None and machine_now - row.spent_at > LOST_ANSWER):
        _withdraw(row, machine_now, spent_too=True)
        return None
    if row.spent_at is not None:
        _withdraw(row, machine_now, spent_too=False)
    row.spent_at = row.spent_at or machine_now
    return _issued(
        RefreshToken(
            clinic_id=row.clinic_id,
            digest=b"",
            family_id=row.family_id,
            actor_kind=row.actor_kind,
            actor_id=row.actor_id,
            made_at=machine_now,
            expires_at=row.expires_at,
        )
    )


def ids_in(word: str) -> list[UUID]:
    """The ids that an opaque word of ours begins with: a refresh token's clinic, a challenge's clinic and code."""
    try:
        raw = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
    except (binascii.Error, ValueError):
        return []
    return [UUID(bytes=raw[place : place + 16]) for place in range(0, len(raw) - 15, 16)]


def word_of(*ids: bytes) -> str:
    """Bytes as one opaque word."""
    return base64.urlsafe_b64encode(b"".join(ids)).rstrip(b"=").decode()


def _issued(row: RefreshToken) -> Trusted:
    token = word_of(row.clinic_id.bytes, secrets.token_bytes(TOKEN_BYTES))
    row.digest = _token_digest(token)
    db.session.add(row)
    db.session.flush()
    return Trusted(row.clinic_id, row.actor_kind, row.actor_id, token)


def _token_row(token: str) -> RefreshToken | None:
    mine = select(RefreshToken).where(RefreshToken.digest == _token_digest(token))
    return db.session.scalar(mine.with_for_update())


def _withdraw(row: RefreshToken, machine_now: datetime, *, spent_too: bool) -> None:
    """End the family, or only its member that nobody used yet."""
    family = update(RefreshToken).where(
        RefreshToken.clinic_id == row.clinic_id,
        RefreshToken.family_id == row.family_id,
        RefreshToken.revoked_at.is_(None),
    )
    if not spent_too:
        family = family.where(RefreshToken.spent_at.is_(None))
    db.session.execute(family.values(revoked_at=machine_now).execution_options(synchronize_session="fetch"))


def _only_patient(contact: Contact) -> Patient | None:
    """The patient at this number, when nobody else answers it: a text alone cannot tell two people apart."""
    there = hearers(contact.clinic_id, [contact.id])[contact.id]
    if len(there) != 1 or there[0].part is not Part.PATIENT:
        return None
    return db.session.get_one(Patient, (contact.clinic_id, there[0].patient_id))


def _locked_contact(clinic_id: UUID, number: str) -> Contact | None:
    mine = select(Contact).where(Contact.clinic_id == clinic_id, Contact.number_index == Contact.index_of(number))
    return db.session.scalar(mine.with_for_update())


def _may_have_another(contact: Contact, machine_now: datetime) -> bool:
    """Not more than so many a day, and not one on the heels of another."""
    count, last = _codes_today(contact, machine_now)
    return count < CODES_A_DAY and (last is None or machine_now - last >= BETWEEN_CODES)


def _codes_today(contact: Contact, machine_now: datetime) -> tuple[int, datetime | None]:
    counted = select(func.count(), func.max(LoginCode.made_at)).where(
        LoginCode.clinic_id == contact.clinic_id,
        LoginCode.contact_id == contact.id,
        LoginCode.made_at > machine_now - DAY,
    )
    count, last = db.session.execute(counted).one()
    return count, last


def _guesses_today(clinic_id: UUID, contact_id: UUID, machine_now: datetime) -> int:
    summed = select(func.sum(LoginCode.guesses)).where(
        LoginCode.clinic_id == clinic_id, LoginCode.contact_id == contact_id, LoginCode.made_at > machine_now - DAY
    )
    return db.session.scalar(summed) or 0


def _forget_old_codes(clinic_id: UUID, machine_now: datetime) -> None:
    old = delete(LoginCode).where(LoginCode.clinic_id == clinic_id, LoginCode.made_at < machine_now - 2 * DAY)
    db.session.execute(old.execution_options(synchronize_session=False))


def _use(row: LoginCode, machine_now: datetime) -> bool:
    used = db.session.execute(
        update(LoginCode)
        .where(*_this(row.clinic_id, row.id), LoginCode.used_at.is_(None))
        .values(used_at=machine_now)
        .execution_options(synchronize_session=False)
        .returning(LoginCode.id)
    )
    return used.first() is not None


def _this(clinic_id: UUID, code_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return LoginCode.clinic_id == clinic_id, LoginCode.id == code_id


def _code_digest(code_id: UUID, code: str) -> bytes:
    return keyed_digest("login_code", code_id.bytes + code.encode())


def _token_digest(token: str) -> bytes:
    return keyed_digest("refresh_token", token.encode())
