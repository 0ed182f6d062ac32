"""What does the text network tell us? Receipts and replies, signed, stored and committed before they are understood."""

import logging
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, current_app, request
from sqlalchemy import func, select

from actions.texts.hear import hear_receipt, hear_reply, interpret_receipt
from actions.texts.understand import understand_reply
from api.auth import public
from api.contract.blueprint import Blueprint
from api.contract.documented import says
from api.contract.problems import BAD_SIGNATURE, UNREADABLE, WRONG_MEDIA, Problem
from models import Attempt, Contact, Message, Purpose, Receipt, Sender, Transport, db
from models.clock import care_now
from models.database import name_clinic

webhooks = Blueprint("webhooks", "What the text network tells us", prefix="/twilio")
log = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
MOST_MEDIA = 99
SID = r"[A-Za-z0-9]{1,34}"
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@webhooks.route("/receipts", methods=["POST"])
@public("the provider's signature is the key")
@says(400, 403, 415)
@webhooks.doc(
    requestBody={"required": True, "content": {FORM: {"schema": {"type": "object"}}}},
    parameters=[{"name": "a", "in": "query", "schema": {"type": "string"}, "description": "our attempt's token"}],
)
@webhooks.response(204)
def take_receipt() -> str:
    """A status callback for one of our texts

    Signed with the account's token over the exact public address. Repeats and any order are harmless.
    """
    form, token = _form(), _plain(request.args.get("a", ""), r"[A-Za-z0-9_-]{1,32}")
    sender = _acting_for(_chosen(_signed_by(form), token))
    sid, status, code = _sid(form), _word(form, "MessageStatus", most=40), _code(form)
    news = hear_receipt(sender, token, sid, status, code, now=care_now())
    db.session.commit()  # stored before it is understood: nothing that was said to us is lost
    if news:
        _understood(partial(_interpret, sender, sid, status, code))
    return ""


@webhooks.route("/replies", methods=["POST"])
@public("the provider's signature is the key")
@says(400, 403, 415)
@webhooks.doc(requestBody={"required": True, "content": {FORM: {"schema": {"type": "object"}}}})
@webhooks.response(
    200, {"type": "string"}, content_type="text/xml", description="an empty answer: nothing is said back here"
)
def take_reply() -> Response:
    """A text from a person

    Signed with the account's token. Whatever we say back goes out as a text of its own.
    """
    form = _form()
    genuine = _signed_by(form)
    number = _word(form, "From", most=64)
    sender, known = _written_to(genuine, number)
    media = min(int(_plain(form.get("NumMedia", ""), r"[0-9]{1,9}") or 0), MOST_MEDIA)
    body = form.get("Body", "").replace("\0", "")
    reply = hear_reply(_acting_for(sender), _sid(form), number, body, media, now=care_now(), known=known)
    db.session.commit()
    if reply is not None:
        _understood(lambda: understand_reply(reply, now=care_now()))
        current_app.extensions.get(
            "steadfast.wake", lambda: None
        )()  # what the reply calls for goes out now, not at the tick
    return Response(NOTHING_TO_SAY, mimetype="text/xml")


def _form() -> Any:
    if request.mimetype != FORM:
        raise Problem(WRONG_MEDIA, f"Send {FORM}.")
    return request.form


def _signed_by(form: Any) -> list[Sender]:
    """The senders of the named account for which the signature holds, those for care first. Raises 403 when there is none."""
    verify = current_app.extensions["steadfast.verify"]
    url = current_app.config["PUBLIC_BASE_URL"] + _target()
    signature = request.headers.get("X-Twilio-Signature", "")
    genuine = [sender for sender in _of_account(form) if verify(url, form, signature, sender.auth_token)]
    if not genuine:
        raise Problem(BAD_SIGNATURE, "This was not signed by the account it names.")
    return genuine


def _target() -> str:
    """Path and query exactly as they were sent: what was signed is bytes, not their meaning."""
    raw: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if raw.startswith("/"):
        return raw
    query = request.query_string.decode("ascii", "replace")
    return request.path + (f"?{query}" if query else "")


def _acting_for(sender: Sender) -> Sender:
    name_clinic(sender.clinic_id)
    return sender


def _of_account(form: Any) -> list[Sender]:
    account, service = form.get("AccountSid", ""), form.get("MessagingServiceSid", "")
    if not re.fullmatch(SID, account) or not re.fullmatch(rf"({SID})?", service):
        return []  # also: a NUL is no text to every database
    named = select(Sender).where(Sender.transport == Transport.TWILIO, Sender.account_sid == account)
    if service:
        named = named.where(Sender.messaging_service_sid == service)
    return sorted(db.session.scalars(named), key=lambda sender: (sender.purpose != Purpose.CARE, sender.id))


def _chosen(senders: list[Sender], token: str) -> Sender:
    """The sender whose attempt the token names; without one, the first that signed."""
    ids = [sender.id for sender in senders]
    of_attempt = db.session.scalar(select(Attempt.sender_id).where(Attempt.token == token, Attempt.sender_id.in_(ids)))
    return next((sender for sender in senders if sender.id == of_attempt), senders[0])


def _written_to(senders: list[Sender], number: str) -> tuple[Sender, bool]:
    """Whom a person wrote to: when several clinics share the account, the one that knows the number.

    When several of them do, nobody can tell which one is meant: it goes to the one that wrote last, for a person to read,
    and answers no question (False).
    """
    by_clinic = {sender.clinic_id: sender for sender in reversed(senders)}
    if len(by_clinic) == 1:
        return senders[0], True
    contacts = [(sender, Contact.at(sender.clinic_id, number)) for sender in by_clinic.values()]
    theirs = [(sender, contact) for sender, contact in contacts if contact is not None]
    if not theirs:
        return senders[0], True
    return max(theirs, key=lambda each: _last_text(each[1]))[0], len(theirs) == 1


def _last_text(contact: Contact) -> tuple[bool, Any]:
    """When a text last went there; never comes before ever."""
    of_contact = select(func.max(Message.sent_at)).where(
        Message.clinic_id == contact.clinic_id, Message.contact_id == contact.id
    )
    at = db.session.scalar(of_contact)
    return (at is not None, at)


def _plain(word: str, pattern: str) -> str:
    """The word when it looks as it should, else none."""
    return word if re.fullmatch(pattern, word) else ""


def _sid(form: Any) -> str:
    sid = _plain(form.get("MessageSid", ""), SID)
    if not sid:
        raise Problem(UNREADABLE, "MessageSid is missing or not one.")
    return sid


def _word(form: Any, name: str, *, most: int) -> str:
    word: str = form.get(name, "")
    if not word or len(word) > most or not word.isprintable():
        raise Problem(UNREADABLE, f"{name} is missing or too long.")
    return word


def _code(form: Any) -> int | None:
    code = form.get("ErrorCode", "")
    return int(code) if re.fullmatch("[0-9]{1,9}", code) else None


def _interpret(sender: Sender, sid: str, status: str, code: int | None) -> None:
    stored = select(Receipt).where(
        Receipt.sender_id == sender.id, Receipt.sid == sid, Receipt.status == status, Receipt.error_code == (code or 0)
    )
    interpret_receipt(db.session.scalars(stored).one(), now=care_now())


def _understood(understand: Callable[[], Any]) -> None:
    """Understand what is stored, at once; what fails here is left for the job, which looks every few seconds."""
    try:
        understand()
        db.session.commit()
    except Exception as fault:  # noqa: BLE001  it is stored: answering the network matters more than the cause
        db.session.rollback()
        log.warning("left for later", extra={"kind": type(fault).__name__})
