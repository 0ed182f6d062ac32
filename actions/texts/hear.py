"""What did the network and the people say? Everything is stored first, once, and interpreted afterwards, at once or by a job."""

from datetime import datetime, timedelta

from sqlalchemy import select

from actions.store import stored
from actions.texts.send import accepted, advance, lock_attempt
from models import Attempt, Contact, Receipt, Reply, Sender, Verdict, db

NOBODYS_AFTER = timedelta(hours=1)  # an attempt is committed before its call, so its own receipts find it at once


def hear_receipt(sender: Sender, token: str, sid: str, status: str, error_code: int | None, *, now: datetime) -> bool:
    """Store what the network said of a message; False when it had said so before."""
    return stored(
        Receipt(
            clinic_id=sender.clinic_id,
            sender_id=sender.id,
            token=token,
            sid=sid,
            status=status,
            error_code=error_code or 0,
            received_at=now,
        )
    )


def hear_reply(
    sender: Sender, sid: str, from_number: str, body: str, media: int = 0, *, now: datetime, known: bool = True
) -> Reply | None:
    """Store what somebody texted; None when this very text was stored before. The number is E.164.

    `known` False: it may have been meant for another clinic, so it is read as a stranger's.
    """
    contact = Contact.at(sender.clinic_id, from_number) if known else None
    reply = Reply(
        clinic_id=sender.clinic_id,
        sender_id=sender.id,
        sid=sid,
        contact_id=contact.id if contact else None,
        number=from_number,
        body=body,
        media=media,
        received_at=now,
    )
    return reply if stored(reply) else None


def interpret_receipt(receipt: Receipt, *, now: datetime) -> None:
    """Merge a stored receipt into its message, also when it came before the provider's own answer, late, or again."""
    found = _attempt_of(receipt)
    if found is None:
        if receipt.received_at <= now - NOBODYS_AFTER:
            receipt.interpreted_at = now
        return
    attempt, message, contact = lock_attempt(found.clinic_id, found.id)
    db.session.refresh(receipt)
    if receipt.interpreted_at is not None:
        return
    receipt.interpreted_at = now
    if attempt.sid not in (None, receipt.sid):
        return
    if attempt.verdict in (Verdict.POSTING, Verdict.UNKNOWN):
        accepted(attempt, message, receipt.sid, now=now)
    if attempt.verdict == Verdict.ACCEPTED:
        advance(message, contact, receipt.status, receipt.error_code or None, now=now)
    db.session.flush()


def _attempt_of(receipt: Receipt) -> Attempt | None:
    """By our token in the address, else by the provider's id; of the sender it was signed for."""
    mine = select(Attempt).where(Attempt.clinic_id == receipt.clinic_id, Attempt.sender_id == receipt.sender_id)
    return db.session.scalar(
        mine.where(Attempt.token == receipt.token) if receipt.token else mine.where(Attempt.sid == receipt.sid)
    )
