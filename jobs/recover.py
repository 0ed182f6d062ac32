"""What was left behind by a lost answer, a lost dispatcher or a silent network, and how is it found again?

Every step commits by itself, and a fault in one leaves the others be.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import Row, Select, and_, exists, or_, select, update

from actions.record import lock
from actions.remind import remind
from actions.texts.hear import hear_receipt, interpret_receipt
from actions.texts.outcome import expire
from actions.texts.send import Posted, account_of, leave, not_found, settle
from actions.texts.silence import UNREPORTED_AFTER, end_unreported
from actions.texts.understand import understand_reply
from jobs.dispatch import committing
from jobs.due import KEPT_BACK, UNREPORTED
from jobs.provider import NotListed, Provider, Sought, Unreachable
from models import Attempt, Contact, Message, Patient, Receipt, Reminder, Reply, Sender, Stage, Verdict, db
from models.database import name_clinic, reading

log = logging.getLogger(__name__)

Rows = Sequence[Row[*tuple[Any, ...]]]

AT_ONCE = 200  # rows of a kind looked at in one round
ASKING_S = 5.0  # of a round: what is due to go out is never kept waiting by a provider that hangs
ASK_AGAIN = timedelta(minutes=5)
GIVE_UP_LOOKING = timedelta(hours=6)  # a list that cannot be read for so long does not keep a person waiting
PULLS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))  # when a text without a last word is asked after


def each_alone(rows: Rows, verb: Callable[..., None], **given: Any) -> int:
    """The verb on every row, each in a transaction of its own, for the row's clinic (its first column); how many failed."""
    failed = 0
    for row in rows:
        try:
            name_clinic(row[0])
            with committing():
                verb(*row, **given)
        except Exception:
            failed += 1
            log.exception("left for the next round", extra={"verb": verb.__name__, "row_id": str(row[-1])})
    return failed


def end_leases(machine_now: datetime) -> None:
    """What a dispatcher claimed and did not finish."""
    lost = _messages(Stage.CLAIMED, Stage.POSTING).where(Message.lease_until <= machine_now)
    each_alone(found(lost), leave, machine_now=machine_now)


def look_for_lost(now: datetime, machine_now: datetime) -> None:
    """Ask the provider for texts whose answer was lost, as often and as late as UNCONFIRMED_LOOKS_S says."""
    looks_s: tuple[int, ...] = current_app.config["UNCONFIRMED_LOOKS_S"]
    last = len(looks_s) - 1
    due = or_(
        *(
            (Message.looks == n if n < last else Message.looks >= last)
            & (Attempt.posted_at <= machine_now - timedelta(seconds=after_s))
            for n, after_s in enumerate(looks_s)
        )
    )
    doubtful = _attempts(machine_now).where(Message.stage == Stage.UNCONFIRMED, Attempt.verdict == Verdict.UNKNOWN, due)
    _ask_each(
        found(doubtful.order_by(Attempt.posted_at, Attempt.id)),
        lambda clinic_id, id_: _look(clinic_id, id_, looks=len(looks_s), now=now, machine_now=machine_now),
        machine_now,
    )


def _attempts(machine_now: datetime) -> Select[*tuple[Any, ...]]:
    """Attempts of texts that nobody has in hand. What could not be asked has a lease until it is asked again."""
    return (
        select(Attempt.clinic_id, Attempt.sender_id, Attempt.message_id, Attempt.id)
        .join(Message, and_(Message.clinic_id == Attempt.clinic_id, Message.id == Attempt.message_id))
        .where(Message.lease_until <= machine_now)
    )


def _ask_each(rows: Rows, ask: Callable[[UUID, UUID], None], machine_now: datetime) -> None:
    """Each alone, as long as the round has time for it; of a sender out of reach nothing more is asked now."""
    out_of_reach, ends = set[UUID](), time.monotonic() + ASKING_S
    for row in rows:
        if time.monotonic() > ends:
            return
        if row.sender_id in out_of_reach:
            continue
        name_clinic(row.clinic_id)
        try:
            ask(row.clinic_id, row.id)
        except Exception as fault:
            db.session.rollback()
            if isinstance(fault, Unreachable):
                out_of_reach.add(row.sender_id)
            else:
                log.exception("asked again later", extra={"attempt_id": str(row.id)})
            _put_off(row.clinic_id, row.message_id, machine_now + ASK_AGAIN)


def _put_off(clinic_id: UUID, message_id: UUID, until: datetime) -> None:
    """What cannot be asked now stands behind the others."""
    mine = update(Message).where(
        Message.clinic_id == clinic_id,
        Message.id == message_id,
        Message.stage.in_((Stage.UNCONFIRMED, Stage.SENT)),
    )
    with committing():
        db.session.execute(mine.values(lease_until=until))


def _look(clinic_id: UUID, attempt_id: UUID, *, looks: int, now: datetime, machine_now: datetime) -> None:
    sender_id, provider, sought = _sought(clinic_id, attempt_id)
    db.session.rollback()  # no transaction is open while the provider is asked
    try:
        listed = provider.find(sought)
    except Unreachable:
        if machine_now < sought.posted_at + GIVE_UP_LOOKING:
            raise
        listed = []
    with committing():
        ours = next((each for each in listed if not _is_anothers(sender_id, each.sid)), None)
        if ours is not None:
            settle(clinic_id, attempt_id, ours, now=now, machine_now=machine_now)
        else:
            not_found(clinic_id, attempt_id, looks=looks, now=now)


def _sought(clinic_id: UUID, attempt_id: UUID) -> tuple[UUID, Provider, Sought]:
    attempt = db.session.get_one(Attempt, (clinic_id, attempt_id))
    message = db.session.get_one(Message, (clinic_id, attempt.message_id))
    contact = db.session.get_one(Contact, (clinic_id, message.contact_id))
    account = account_of(db.session.get_one(Sender, attempt.sender_id))
    sought = Sought(account, contact.number, message.body, attempt.posted_at)
    return attempt.sender_id, current_app.extensions["steadfast.providers"][account.transport], sought


def _is_anothers(sender_id: UUID, sid: str | None) -> bool:
    """Two people at one number may get the same words."""
    return bool(db.session.scalar(select(exists().where(Attempt.sender_id == sender_id, Attempt.sid == sid))))


def pull_receipts(now: datetime, machine_now: datetime) -> None:
    """Ask after texts whose last word has not come, so that nothing depends on a webhook arriving."""
    due = or_(*((Message.looks == n) & (Message.sent_at <= now - after) for n, after in enumerate(PULLS)))
    silent = _attempts(machine_now).where(
        Message.stage == Stage.SENT,
        Message.sent_at > now - UNREPORTED_AFTER,
        Attempt.verdict == Verdict.ACCEPTED,
        due,
    )
    rows = found(silent.order_by(Message.sent_at, Message.id))
    _ask_each(rows, lambda clinic_id, id_: _pull(clinic_id, id_, now), machine_now)


def _pull(clinic_id: UUID, attempt_id: UUID, now: datetime) -> None:
    attempt = db.session.get_one(Attempt, (clinic_id, attempt_id))
    sender = db.session.get_one(Sender, attempt.sender_id)
    account, sid, message_id = account_of(sender), attempt.sid or "", attempt.message_id
    db.session.rollback()
    try:
        said: Posted | None = current_app.extensions["steadfast.providers"][account.transport].fetch(account, sid)
    except NotListed:
        said = None
    with committing():
        message = db.session.get_one(Message, (clinic_id, message_id))
        message.looks = message.looks + 1 if said else len(PULLS)
        if said and said.status is not None:
            hear_receipt(sender, "", sid, said.status, said.code, now=now)


def end_silent_texts(now: datetime) -> None:
    """Three days without a word of the network."""
    silent = select(Message.clinic_id, Message.patient_id, Message.id).where(UNREPORTED.by(now))
    each_alone(found(silent), end_unreported, now=now)


def expire_kept_back(now: datetime) -> None:
    """Reminders whose last useful moment passed and that nobody could claim: behind a pause, a rest, an odd row."""
    late = (
        select(Reminder.clinic_id, Reminder.patient_id, Reminder.id)
        .join(Sender, Sender.id == Reminder.sender_id)
        .where(KEPT_BACK.by(now))
        .order_by(Reminder.not_after, Reminder.id)
    )
    each_alone(found(late), _expire, now=now)


def _expire(clinic_id: UUID, patient_id: UUID, reminder_id: UUID, *, now: datetime) -> None:
    patient = lock(clinic_id, patient_id)
    if patient.stale:
        _judge_anew(patient, now)
    reminder = db.session.get_one(Reminder, (clinic_id, reminder_id), populate_existing=True)
    if reminder.stage == Stage.WAITING and reminder.not_after < now:
        expire(reminder, now=now)


def _judge_anew(patient: Patient, now: datetime) -> None:
    """So that nobody is called about what no longer holds; where that cannot be judged, somebody is called."""
    try:
        with db.session.begin_nested():
            remind(patient, now=now)
    except Exception:
        log.exception("could not be judged anew", extra={"patient_id": str(patient.id)})


def interpret_new(now: datetime) -> None:
    """Receipts and replies that were stored and not understood yet, in the order in which they came."""
    receipts = select(Receipt.clinic_id, Receipt.id).where(Receipt.interpreted_at.is_(None))
    each_alone(found(receipts.order_by(Receipt.received_at)), _interpret, now=now)
    replies = select(Reply.clinic_id, Reply.id).where(Reply.understood_at.is_(None))
    each_alone(found(replies.order_by(Reply.received_at, Reply.id)), _understand, now=now)


def _interpret(clinic_id: UUID, receipt_id: UUID, *, now: datetime) -> None:
    interpret_receipt(db.session.get_one(Receipt, (clinic_id, receipt_id)), now=now)


def _understand(clinic_id: UUID, reply_id: UUID, *, now: datetime) -> None:
    understand_reply(db.session.get_one(Reply, (clinic_id, reply_id)), now=now)


def _messages(*stages: Stage) -> Select[*tuple[Any, ...]]:
    return select(Message.clinic_id, Message.patient_id, Message.id).where(Message.stage.in_(stages))


def found(wanted: Select[*tuple[Any, ...]]) -> Rows:
    """Some of them, read without keeping a transaction open."""
    with reading():
        rows = db.session.execute(wanted.limit(AT_ONCE)).all()
        db.session.rollback()
    return rows
