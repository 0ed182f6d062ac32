"""How does a provider misbehave on the wire? A raw socket that counts what it took in, whatever it answers."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACCOUNT, SERVICE = "AC" + "a" * 32, "MG" + "b" * 32
AUTH_TOKEN = "not-a-secret-token"

# What a POST may come to. A number is an error code of the provider in a 400.
OK, HANG, RESET, HALF, DRIP, HTML = "ok", "hang", "reset", "half", "drip", "html"
BUSY, BROKEN, NEVER_TAKEN = "429", "500", "never_taken"


@dataclass
class FakeProvider:
    """Behaves as its `script` says, then as `usually`. `taken` is the ledger: what a handset would show."""

    usually: str | int = OK
    script: list[str | int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, str]] = field(default_factory=list)
    lists: int = 0
    unknown: bool = False  # it knows no text by its id any more
    blind: bool = False  # its list does not show what it took in
    release: threading.Event = field(default_factory=threading.Event)
    before_answer: Any = None  # called with what was taken in, before the answer goes out
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def answer(self, connection: socket.socket) -> None:
        method, target, form = _request(connection)
        if method == "GET":
            self._list(connection, target)
            return
        with self.lock:
            self.posts.append(form)
            mood = self.script.pop(0) if self.script else self.usually
        if isinstance(mood, int):
            _send(connection, 400, json.dumps({"code": mood, "message": "no", "status": 400}))
            return
        self._post(connection, mood, form)

    def _post(self, connection: socket.socket, mood: str, form: dict[str, str]) -> None:
        if mood == BUSY:
            _send(connection, 429, json.dumps({"code": 20429, "message": "slow down", "status": 429}))
            return
        message = _message(form)
        if mood != NEVER_TAKEN:
            with self.lock:
                self.taken.append(message)
        if self.before_answer is not None:
            self.before_answer(message)
        self._say(connection, mood, json.dumps(message))

    def _say(self, connection: socket.socket, mood: str, body: str) -> None:
        if mood == OK:
            _send(connection, 201, body)
        elif mood == BROKEN:
            _send(connection, 500, "")
        elif mood == HTML:
            _send(connection, 201, "<html>")
        elif mood == HALF:
            connection.sendall(_head(201, len(body)) + body[: len(body) // 2].encode())
        elif mood in (RESET, NEVER_TAKEN):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif mood == HANG:
            self.release.wait(20)
        elif mood == DRIP:
            self._drip(connection, _head(201, len(body)) + body.encode())

    def _drip(self, connection: socket.socket, answer: bytes) -> None:
        """A byte now and then: the client's own timeout, which is one for each read, never fires."""
        for place in range(len(answer)):
            if self.release.wait(0.2):
                connection.sendall(answer[place:])
                return
            connection.sendall(answer[place : place + 1])

    def _list(self, connection: socket.socket, target: str) -> None:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.lists += 1
        if self.unknown:
            _send(connection, 404, json.dumps({"code": 20404, "message": "not found", "status": 404}))
            return
        if not path.endswith("/Messages.json"):
            sid = path.rsplit("/", 1)[-1].removesuffix(".json")
            _send(connection, 200, json.dumps(next(each for each in self.taken if each["sid"] == sid)))
            return
        shown = [] if self.blind else [each for each in self.taken if each["to"] == query["To"][0]]
        _send(connection, 200, json.dumps({"messages": shown[::-1], "next_page_uri": None}))


def _message(form: dict[str, str]) -> dict[str, Any]:
    now = format_datetime(datetime.now(UTC).replace(microsecond=0), usegmt=False)  # noqa: TID251  the provider's own clock
    return {
        "sid": "SM" + token_hex(16),
        "status": "accepted",
        "to": form["To"],
        "body": form["Body"],
        "messaging_service_sid": form["MessagingServiceSid"],
        "account_sid": ACCOUNT,
        "direction": "outbound-api",
        "date_created": now,
        "date_updated": now,
        "date_sent": None,
        "error_code": None,
        "callback": form["StatusCallback"],
    }


def _request(connection: socket.socket) -> tuple[str, str, dict[str, str]]:
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += connection.recv(65536)
    head, _, body = heard.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    method, target, _ = lines[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return method, target, {name: values[0] for name, values in parse_qs(body.decode()).items()}


def _head(status: int, length: int) -> bytes:
    lines = (f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {length}", "Connection: close")
    return "\r\n".join((*lines, "", "")).encode()


def _send(connection: socket.socket, status: int, body: str) -> None:
    connection.sendall(_head(status, len(body.encode())) + body.encode())


@contextmanager
def provider() -> Iterator[FakeProvider]:
    """A provider on a port of its own, until the test is over."""
    fake = FakeProvider()
    with socket.create_server(("127.0.0.1", 0)) as server:
        fake.url = f"http://127.0.0.1:{server.getsockname()[1]}"
        accepting = threading.Thread(target=_accept, args=[server, fake], daemon=True)
        accepting.start()
        yield fake
        fake.release.set()
        server.shutdown(socket.SHUT_RDWR)
        accepting.join()


def _accept(server: socket.socket, fake: FakeProvider) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=[connection, fake], daemon=True).start()


def _converse(connection: socket.socket, fake: FakeProvider) -> None:
    with connection:
        try:
            fake.answer(connection)
        except OSError:
            return


def refused_url() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"
