"""How does the provider answer? Like Twilio's Messages API, and, when it is told to, like Twilio on a bad day.

`POST /stand-in/faults` with `{"next": [...]}` queues what the next creates meet:
`{"code": 21610, "status": 400}`; `{"status": 500}`; `{"lost": true}`, taken in and closed without an answer;
`{"hang": seconds}`, taken in and answered too late; `{"half": true}`, taken in with half an answer;
`{"refuse": true}`, closed before anything is taken in.
"""

import base64
import json
import re
import secrets
import threading
import time
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from twilio.request_validator import RequestValidator

from care.words.segments import segments
from tests.standin.ledger import Ledger
from tests.standin.messages import Message, Shelf

CREATE = re.compile(r"^/2010-04-01/Accounts/(AC[0-9a-f]{32})/Messages\.json$")
FETCH = re.compile(r"^/2010-04-01/Accounts/(AC[0-9a-f]{32})/Messages/(SM[0-9a-f]{32})\.json$")
MESSAGES = {
    21211: "Invalid 'To' Phone Number",
    21610: "Attempt to send to unsubscribed recipient",
    20429: "Too Many Requests",
}


@dataclass
class Account:
    """Whose texts these are, and where their replies go."""

    sid: str
    token: str
    service_sid: str
    replies_url: str
    number: str = "+12125550180"


@dataclass
class Provider:
    """Everything that one stand-in knows."""

    account: Account
    ledger: Ledger
    messages: Shelf = field(default_factory=Shelf)
    faults: deque[dict[str, Any]] = field(default_factory=deque)
    receipts: bool = True

    def take_in(self, form: dict[str, str]) -> Message:
        message = Message(
            self.account.sid,
            form["To"],
            form["Body"],
            form["MessagingServiceSid"],
            form.get("StatusCallback", ""),
            segments(form["Body"]).count,
        )
        self.messages.add(message)
        self.ledger.write("message", sid=message.sid, to=message.to, body=message.body, callback=message.callback)
        if self.receipts and message.callback:
            threading.Thread(target=self._report, args=(message,), daemon=True).start()
        return message

    def _report(self, message: Message) -> None:
        for status in ("sent", "delivered"):
            message.status, message.sent = status, message.sent or message.created
            self.call(message.callback, {"MessageSid": message.sid, "MessageStatus": status, "To": message.to})

    def text_in(self, number: str, body: str, *, media: int = 0) -> int:
        """Somebody texts the clinic; the status that our webhook answered with."""
        sid = "SM" + secrets.token_hex(16)
        form = {
            "MessageSid": sid,
            "From": number,
            "To": self.account.number,
            "Body": body,
            "NumMedia": str(media),
            "NumSegments": "1",
            "MessagingServiceSid": self.account.service_sid,
        }
        return self.call(self.account.replies_url, form)

    def call(self, url: str, form: dict[str, str]) -> int:
        """A signed webhook, tried a few times like Twilio with a generous retry policy."""
        form = {"AccountSid": self.account.sid, "ApiVersion": "2010-04-01", **form}
        address = url.split("#", maxsplit=1)[0]
        signature = RequestValidator(self.account.token).compute_signature(address, form)
        status = 0
        for attempt in range(5):
            status = _post(address, form, signature)
            self.ledger.write("webhook", url=address, form=form, answered=status)
            if status < 500:
                return status
            time.sleep(0.1 * 2**attempt)
        return status


def _post(url: str, form: dict[str, str], signature: str) -> int:
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    request = urllib.request.Request(url, urlencode(form).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except (URLError, OSError):
        return 599


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def log_message(self, format: str, *words: Any) -> None:  # noqa: A002  the base class's own name
        """The ledger says enough."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/stand-in/"):
            self._control(json.loads(body or b"{}"))
        elif CREATE.match(self.path):
            self._authorised(lambda: self._create(dict(parse_qsl(body.decode(), keep_blank_values=True))))
        else:
            self._problem(404, 20404, "The requested resource was not found")

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if fetched := FETCH.match(path):
            self._authorised(lambda: self._fetch(fetched[2]))
        elif CREATE.match(path):
            self._authorised(lambda: self._list(query))
        else:
            self._problem(404, 20404, "The requested resource was not found")

    def _authorised(self, go_on: Any) -> None:
        account = self.provider.account
        expected = "Basic " + base64.b64encode(f"{account.sid}:{account.token}".encode()).decode()
        if self.headers.get("Authorization") == expected:
            go_on()
        else:
            self._problem(401, 20003, "Authenticate")

    def _create(self, form: dict[str, str]) -> None:
        fault = self.provider.faults.popleft() if self.provider.faults else {}
        if fault.get("refuse"):
            self._hang_up()
        elif not {"To", "Body", "MessagingServiceSid"} <= form.keys():
            self._problem(400, 21604, "A 'To' phone number, a body and a service are required")
        elif "code" in fault or "status" in fault:
            self._problem(
                fault.get("status", 400), fault.get("code", 20500), MESSAGES.get(fault.get("code", 0), "Fault")
            )
        else:
            self._answer_after(self.provider.take_in(form), fault)

    def _answer_after(self, message: Message, fault: dict[str, Any]) -> None:
        time.sleep(fault.get("hang", 0))
        if fault.get("lost"):
            self._hang_up()
        elif fault.get("half"):
            self._half(message)
        else:
            self._json(201, message.shown())

    def _half(self, message: Message) -> None:
        whole = json.dumps(message.shown()).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole[: len(whole) // 2])
        self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _fetch(self, sid: str) -> None:
        message = self.provider.messages.get(sid)
        if message is None:
            self._problem(404, 20404, "The requested resource was not found")
        else:
            self._json(200, message.shown())

    def _list(self, query: dict[str, list[str]]) -> None:
        size = int(query.get("PageSize", ["50"])[0])
        found = self.provider.messages.to(query.get("To", [None])[0])[:size]
        address = f"/2010-04-01/Accounts/{self.provider.account.sid}/Messages.json?PageSize={size}&Page=0"
        page = {
            "messages": [message.shown() for message in found],
            "start": 0,
            "end": max(len(found) - 1, 0),
            "page": 0,
            "page_size": size,
            "first_page_uri": address,
            "next_page_uri": None,
            "previous_page_uri": None,
            "uri": address,
        }
        self._json(200, page)

    def _control(self, said: dict[str, Any]) -> None:
        if self.path == "/stand-in/inbound":
            status = self.provider.text_in(said["from"], said["body"], media=said.get("media", 0))
            self._json(200, {"answered": status})
        elif self.path == "/stand-in/faults":
            self.provider.faults.extend(said["next"])
            self._json(200, {"waiting": len(self.provider.faults)})
        elif self.path == "/stand-in/receipts":
            self.provider.receipts = bool(said["on"])
            self._json(200, said)
        else:
            self._problem(404, 20404, "No such control")

    def _problem(self, status: int, code: int, words: str) -> None:
        more = f"https://www.twilio.com/docs/errors/{code}"
        self._json(status, {"code": code, "message": words, "more_info": more, "status": status})

    def _json(self, status: int, shown: dict[str, Any]) -> None:
        whole = json.dumps(shown).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole)


def serve(provider: Provider, port: int) -> ThreadingHTTPServer:
    """A server on loopback that answers for this provider; port 0 takes any that is free."""
    handler = type("ProviderHandler", (Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server
