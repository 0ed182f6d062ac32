"""How is a text handed to a provider, and what came of it? The only module that knows Twilio.

Whatever a call raises becomes one of four verdicts: taken in, refused, surely not taken in, or unknown. Creating a message has
no idempotency key at Twilio, so an unknown one is never tried again.
"""

import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Protocol

import requests
from flask import Flask
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from actions.texts.send import Account, Envelope, Posted
from models import Transport, Verdict

# How Twilio is to call our webhooks: five tries, also after our own errors, each soon given up. Not part of the signature.
CALLBACK_OVERRIDES = "rc=5&rp=all&ct=2000&rt=4000"
NEVER_CONNECTED = (NewConnectionError, NameResolutionError, ConnectTimeoutError, ssl.SSLCertVerificationError)
CLOCKS_DIFFER = timedelta(seconds=60)
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Sought:
    """A text whose answer was lost, as it would stand in the provider's list. `posted_at` is the machine's clock."""

    account: Account
    to: str
    body: str
    posted_at: datetime


class Unreachable(Exception):
    """The provider's list could not be read."""


class NotListed(Exception):
    """The provider knows no such text: it need not be asked again."""


class Provider(Protocol):
    def post(self, envelope: Envelope) -> Posted:
        """Hand one text over. Never raises."""

    def find(self, sought: Sought) -> list[Posted]:
        """Listed texts that this one may be, the earliest first. Raises `Unreachable`."""

    def fetch(self, account: Account, sid: str) -> Posted:
        """What the provider says of a text now. Raises `Unreachable`, or `NotListed`."""


class Phones:
    """The demonstration's own phones: every text arrives, and is read on their page."""

    def post(self, envelope: Envelope) -> Posted:
        return Posted(Verdict.ACCEPTED, sid=f"SM{token_hex(16)}", status="delivered")

    def find(self, sought: Sought) -> list[Posted]:
        return []

    def fetch(self, account: Account, sid: str) -> Posted:
        return Posted(Verdict.ACCEPTED, sid=sid, status="delivered")


class Twilio:
    """The real network, by its own client: one for each thread, because nobody promises that it can be shared."""

    def __init__(self, *, base_url: str, public_url: str, timeout_s: float) -> None:
        self.base_url, self.public_url, self.timeout_s = base_url, public_url, timeout_s
        self._mine = threading.local()

    def post(self, envelope: Envelope) -> Posted:
        try:
            made = self._client(envelope.account).messages.create(
                to=envelope.to,
                body=envelope.body,
                messaging_service_sid=envelope.account.service_sid,
                status_callback=f"{self.public_url}/twilio/receipts?a={envelope.token}#{CALLBACK_OVERRIDES}",
                validity_period=envelope.validity_s,
            )
            return _taken_in(made)
        except Exception as error:  # noqa: BLE001  whatever went wrong, the text may be on its way
            return verdict_of(error)

    def find(self, sought: Sought) -> list[Posted]:
        try:
            listed = self._client(sought.account).messages.list(to=sought.to, limit=MOST_LISTED)
            mine = [each for each in listed if _may_be(each, sought)]
            return [_taken_in(each) for each in sorted(mine, key=lambda each: each.date_created)]
        except (TwilioException, requests.RequestException, ValueError, TypeError) as error:
            raise Unreachable(type(error).__name__) from error

    def fetch(self, account: Account, sid: str) -> Posted:
        try:
            return _taken_in(self._client(account).messages(sid).fetch())
        except TwilioRestException as error:
            raise (NotListed if error.status == 404 else Unreachable)(type(error).__name__) from error
        except (TwilioException, requests.RequestException, ValueError, TypeError) as error:
            raise Unreachable(type(error).__name__) from error

    def _client(self, account: Account) -> Client:
        known: dict[Account, Client] = self._mine.__dict__.setdefault("clients", {})
        if account not in known:
            # a fresh connection for each text: one that the other side had dropped looks like a lost answer
            http = TwilioHttpClient(timeout=self.timeout_s, pool_connections=False)
            client = Client(account.sid, account.auth_token, http_client=http)
            client.api.base_url = self.base_url
            known[account] = client
        return known[account]


def _taken_in(made: Any) -> Posted:
    if not made.sid:
        return Posted(Verdict.UNKNOWN)
    code = int(made.error_code) if made.error_code else None
    return Posted(Verdict.ACCEPTED, sid=made.sid, status=made.status, code=code)


def _may_be(listed: Any, sought: Sought) -> bool:
    """Ours, the same words, and not older than the call; the same sid twice is for the database to refuse."""
    return (
        listed.sid is not None
        and str(listed.direction).startswith("outbound-api")
        and listed.messaging_service_sid == sought.account.service_sid
        and (listed.body or "").split() == sought.body.split()
        and listed.date_created is not None
        and listed.date_created >= sought.posted_at - CLOCKS_DIFFER
    )


def verdict_of(error: Exception) -> Posted:
    """What an exception from a create proves: a no with a code, that nothing was processed, or nothing at all."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _refused(error.status, error.code)
    if isinstance(error, requests.RequestException) and any(
        isinstance(each, NEVER_CONNECTED) for each in _causes(error)
    ):
        return Posted(Verdict.NOT_SENT)
    return Posted(Verdict.UNKNOWN)


def _refused(status: int, code: int | None) -> Posted:
    if status == 429:
        return Posted(Verdict.NOT_SENT, code=code or status)
    if 400 <= status < 500 and status != 408:
        return Posted(Verdict.REJECTED, code=code or status)
    return Posted(Verdict.UNKNOWN, code=code)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error with everything that it wraps: `requests` gives a refused connection and a reset one the same class."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            inner = (*each.args, getattr(each, "reason", None), each.__cause__)
            waiting += [one for one in inner if isinstance(one, BaseException)]


class Signatures:
    """Did Twilio sign this? The address is the one that Twilio was given, never the one that a proxy made of it."""

    def __init__(self, public_url: str) -> None:
        self.public_url = public_url

    def __call__(self, target: str, form: Mapping[str, str], signature: str | None, auth_token: str | None) -> bool:
        """`target` is the raw request target or the whole address; `form` everything that was posted, unchanged."""
        if not signature or not auth_token:
            return False
        address = target if target.startswith(self.public_url) else self.public_url + target
        return bool(RequestValidator(auth_token).validate(address, form, signature))


def init_app(app: Flask) -> None:
    public_url = app.config["PUBLIC_BASE_URL"]
    twilio = Twilio(
        base_url=app.config["TWILIO_BASE_URL"], public_url=public_url, timeout_s=app.config["SEND_TIMEOUT_S"]
    )
    app.extensions["steadfast.providers"] = {Transport.PHONES: Phones(), Transport.TWILIO: twilio}
    app.extensions["steadfast.verify"] = Signatures(public_url)
