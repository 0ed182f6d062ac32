"""How does a text pass its point of no return, and what came of it?

`begin` commits an attempt before the provider is called, `settle` records the answer afterwards; between them no transaction
is open. An answer is proof about its own attempt, so it counts whenever it comes, also after the attempt was given up.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from actions.ask import ask, meet
from actions.facts import clinic_facts
from actions.record import lock
from actions.texts.contacts import lock_contact, opt_out, unusable, usable_after_all
from actions.texts.outcome import ended, found_after_all, give_back, handed_over, reminders_in, remove
from care.delivery import INVALID, NUMBER_CODES, Trouble, final, further, trouble
from care.facts import Role
from care.hours import in_quiet
from care.notices import at_any_hour
from care.tasks import TaskCode
from models import Attempt, Clinic, Contact, Message, Outcome, Patient, Reminder, Sender, Stage, TaskReason, Verdict, db

BACK_OFF = timedelta(seconds=30)
A_MOMENT = timedelta(seconds=1)  # so that a round never claims again and again what may not go
LONGEST_VALIDITY_S = 36_000


@dataclass(frozen=True, slots=True)
class Claimed:
    """One text that a dispatcher took on. `reminder_ids` is what it was composed of: all of them, or it does not go."""

    clinic_id: UUID
    patient_id: UUID
    message_id: UUID
    claim: UUID
    reminder_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A sender as the provider knows it."""

    transport: str
    sid: str
    service_sid: str
    auth_token: str | None


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything that a call of the provider needs, as plain values: the thread that calls touches no row."""

    clinic_id: UUID
    sender_id: UUID
    attempt_id: UUID
    account: Account
    to: str
    body: str
    token: str
    validity_s: int


@dataclass(frozen=True, slots=True)
class Posted:
    """What a call came to. `status` is the network's word, `code` the provider's reason for a no."""

    verdict: Verdict
    sid: str | None = None
    status: str | None = None
    code: int | None = None


def account_of(sender: Sender) -> Account:
    return Account(sender.transport, sender.account_sid, sender.messaging_service_sid, sender.auth_token)


def begin(claimed: Claimed, *, now: datetime, machine_now: datetime, lease_s: int) -> Envelope | None:
    """The point of no return. None when anything changed since the claim: then what is left of it waits again."""
    patient = lock(claimed.clinic_id, claimed.patient_id)
    message = _lock_message(claimed.clinic_id, claimed.message_id)
    if message is None or message.stage != Stage.CLAIMED or message.claim != claimed.claim:
        return None
    reminders = _lock_reminders(claimed)
    if not _may_go(message, claimed, reminders, patient, now):
        give_back(message, look_at=now + A_MOMENT)
        remove(message)
        return None
    message.stage, message.lease_until = Stage.POSTING, machine_now + timedelta(seconds=lease_s)
    for reminder in reminders:
        reminder.stage = Stage.POSTING
    return _envelope(message, _attempt(message, machine_now), now)


def _lock_message(clinic_id: UUID, message_id: UUID) -> Message | None:
    """The message as it is now, locked after its patient; None when its claim was undone."""
    mine = select(Message).where(Message.clinic_id == clinic_id, Message.id == message_id)
    return db.session.scalar(mine.with_for_update().execution_options(populate_existing=True))


def _lock_reminders(claimed: Claimed) -> list[Reminder]:
    mine = select(Reminder).where(Reminder.clinic_id == claimed.clinic_id, Reminder.id.in_(claimed.reminder_ids))
    locked = mine.order_by(Reminder.id).with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def _may_go(message: Message, claimed: Claimed, reminders: list[Reminder], patient: Patient, now: datetime) -> bool:
    """Does all of it still hold, may it still be said, and to this number?"""
    whole = [each for each in reminders if each.stage == Stage.CLAIMED and each.message_id == message.id]
    contact = db.session.get_one(Contact, (message.clinic_id, message.contact_id), populate_existing=True)
    sender = db.session.get_one(Sender, message.sender_id, populate_existing=True)
    return (
        len(whole) == len(claimed.reminder_ids)
        and now <= message.not_after
        and not patient.stale
        and sender.paused_at is None
        and contact.unusable_why is None
        and _awake(contact, reminders, now)
    )


def _awake(contact: Contact, reminders: list[Reminder], now: datetime) -> bool:
    quiet = clinic_facts(db.session.get_one(Clinic, contact.clinic_id)).quiet
    if not in_quiet(now, contact.zone, quiet):
        return True
    return all(at_any_hour(each.kind, each.fills, each.due_at) for each in reminders)


def _attempt(message: Message, machine_now: datetime) -> Attempt:
    made = select(func.count()).where(Attempt.clinic_id == message.clinic_id, Attempt.message_id == message.id)
    attempt = Attempt(
        clinic_id=message.clinic_id,
        message_id=message.id,
        sender_id=message.sender_id,
        number=(db.session.scalar(made) or 0) + 1,
        token=secrets.token_hex(16),
        verdict=Verdict.POSTING,
        posted_at=machine_now,
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt


def _envelope(message: Message, attempt: Attempt, now: datetime) -> Envelope:
    contact = db.session.get_one(Contact, (message.clinic_id, message.contact_id))
    left_s = int((message.not_after - now).total_seconds())
    return Envelope(
        clinic_id=message.clinic_id,
        sender_id=message.sender_id,
        attempt_id=attempt.id,
        account=account_of(db.session.get_one(Sender, message.sender_id)),
        to=contact.number,
        body=message.body,
        token=attempt.token,
        validity_s=max(1, min(left_s, LONGEST_VALIDITY_S)),
    )


# What came of it


def settle(clinic_id: UUID, attempt_id: UUID, posted: Posted, *, now: datetime, machine_now: datetime) -> None:
    """Record what a call came to, unless a receipt was quicker."""
    attempt, message, contact = lock_attempt(clinic_id, attempt_id)
    if attempt.verdict not in (Verdict.POSTING, Verdict.UNKNOWN):
        return
    attempt.answered_at = message.lease_until = machine_now
    if posted.verdict is Verdict.ACCEPTED:
        accepted(attempt, message, posted.sid, now=now)
        if posted.status:
            advance(message, contact, posted.status, posted.code, now=now)
    elif posted.verdict is Verdict.UNKNOWN:
        _doubt(attempt, message)
    elif message.stage in (Stage.POSTING, Stage.UNCONFIRMED):
        attempt.verdict, attempt.code = posted.verdict, posted.code
        _refused(message, contact, posted, now)
    db.session.flush()


def lock_attempt(clinic_id: UUID, attempt_id: UUID) -> tuple[Attempt, Message, Contact]:
    """Contact, patient, message: locked in the order that everyone locks in."""
    attempt = db.session.get_one(Attempt, (clinic_id, attempt_id))
    message = db.session.get_one(Message, (clinic_id, attempt.message_id))
    contact = lock_contact(clinic_id, message.contact_id)
    lock(clinic_id, message.patient_id)
    db.session.refresh(message, with_for_update=True)
    db.session.refresh(attempt)
    return attempt, message, contact


def accepted(attempt: Attempt, message: Message, sid: str | None, *, now: datetime) -> None:
    """There is proof that the provider took it in: an answer, a receipt, or its own list."""
    attempt.verdict, attempt.sid = Verdict.ACCEPTED, attempt.sid or sid
    if message.stage in (Stage.POSTING, Stage.UNCONFIRMED):
        handed_over(message, now=now)
    elif message.stage == Stage.ENDED:
        found_after_all(message, now=now)


def advance(message: Message, contact: Contact, status: str, code: int | None, *, now: datetime) -> None:
    """Merge one word of the network: only ever further, in whichever order and however often words come."""
    message.status = further(message.status, status)
    outcome = final(status)
    if outcome is None:
        return
    delivered = outcome == Outcome.DELIVERED
    code = None if delivered else code
    counted = ended(message, Outcome(outcome), "delivered" if delivered else _because(code), now=now, code=code)
    if delivered:
        usable_after_all(contact, now=now)
    else:
        _learn(message, contact, code, now=now, counted=counted)


def _learn(message: Message, contact: Contact, code: int | None, *, now: datetime, counted: bool) -> None:
    """What a network's no says about the person, the number or the sender; only a number's fault can be taken back."""
    match trouble(code):
        case Trouble.OPTED_OUT:
            opt_out(contact, source="provider", now=now)
        case Trouble.NUMBER if counted:
            unusable(contact, NUMBER_CODES.get(code or 0, INVALID), now=now)
        case Trouble.OPERATOR if not _made_before_resuming(message):
            pause(db.session.get_one(Sender, message.sender_id), _because(code), now=now)
        case _:
            pass


def _made_before_resuming(message: Message) -> bool:
    """What is wrong with a text from before the last pause was known to whoever resumed the sender."""
    resumed_at = select(func.max(TaskReason.met_at)).where(
        TaskReason.clinic_id == message.clinic_id,
        TaskReason.code == TaskCode.SENDING_PAUSED,
        TaskReason.subject_id == message.sender_id,
    )
    last = db.session.scalar(resumed_at)
    return last is not None and message.made_at < last


def _refused(message: Message, contact: Contact, posted: Posted, now: datetime) -> None:
    """The provider proved that it took nothing in. What a later try can mend waits; the rest is for a person."""
    kind = Trouble.LATER if posted.verdict is Verdict.NOT_SENT else trouble(posted.code)
    # what was decided while it may have been told is decided anew
    db.session.get_one(Patient, (message.clinic_id, message.patient_id)).stale = True
    if kind in (Trouble.LATER, Trouble.OPERATOR):
        give_back(message, look_at=now + BACK_OFF if kind is Trouble.LATER else None)
        message.stage, message.outcome, message.error_code = Stage.ENDED, Outcome.CANCELLED, posted.code
    else:
        ended(message, Outcome.FAILED, _because(posted.code), now=now, code=posted.code)
    _learn(message, contact, posted.code, now=now, counted=True)
    if kind is Trouble.OURS:
        _alert(message, posted.code, now)


def _alert(message: Message, code: int | None, now: datetime) -> None:
    clinic = db.session.get_one(Clinic, message.clinic_id)
    ask(Role.COORDINATOR, TaskCode.TEXT_REFUSED, clinic, subject_id=message.id, detail=_because(code), now=now)


def _doubt(attempt: Attempt, message: Message) -> None:
    """The answer was lost: it may be on its way, so it is never sent again blindly."""
    attempt.verdict = Verdict.UNKNOWN
    if message.stage == Stage.POSTING:
        message.stage = Stage.UNCONFIRMED
        for reminder in reminders_in(message):
            reminder.stage = Stage.UNCONFIRMED


def _because(code: int | None) -> str:
    return f"provider code {code}" if code else "the network gave no reason"


def pause(sender: Sender, why: str, *, now: datetime) -> None:
    """Nothing goes out by this sender until someone resumes it; what waits keeps waiting, and one task says so."""
    if sender.paused_at is None:
        sender.paused_at, sender.paused_why = now, why
    clinic = db.session.get_one(Clinic, sender.clinic_id)
    ask(Role.COORDINATOR, TaskCode.SENDING_PAUSED, clinic, subject_id=sender.id, urgent=True, detail=why, now=now)


def resume(sender: Sender, *, now: datetime) -> None:
    """Texts go out by this sender again; what is still in time follows, and the task about the pause is met."""
    sender.paused_at = sender.paused_why = None
    meet(sender.clinic_id, sender.id, how="sending was resumed", now=now)


# Lost answers and lost dispatchers


def leave(clinic_id: UUID, patient_id: UUID, message_id: UUID, *, machine_now: datetime) -> None:
    """A lease ran out: what was only claimed waits again, what may have been posted is in doubt."""
    lock(clinic_id, patient_id)
    message = _lock_message(clinic_id, message_id)
    if message is None or message.lease_until > machine_now:
        return
    if message.stage == Stage.CLAIMED:
        give_back(message)
        remove(message)
    elif message.stage == Stage.POSTING:
        _doubt(open_attempt(message), message)


def open_attempt(message: Message) -> Attempt:
    """The one attempt that the provider may have taken in."""
    mine = select(Attempt).where(
        Attempt.clinic_id == message.clinic_id,
        Attempt.message_id == message.id,
        Attempt.verdict.in_((Verdict.POSTING, Verdict.ACCEPTED, Verdict.UNKNOWN)),
    )
    return db.session.execute(mine).scalar_one()


def not_found(clinic_id: UUID, attempt_id: UUID, *, looks: int, now: datetime) -> None:
    """The provider does not list it. After the last of `looks` a person is told; it is not sent again."""
    _, message, _ = lock_attempt(clinic_id, attempt_id)
    if message.stage != Stage.UNCONFIRMED:
        return
    message.looks += 1
    if message.looks >= looks:
        ended(message, Outcome.UNCONFIRMED, "the provider's answer was lost and it lists no such text", now=now)
