"""How do we call an address that somebody gave us? Resolved once, judged, and that very place called; no redirects, no proxy.

Nothing here touches a row, so that it runs on any thread. Everything ends by its deadline, however slowly the other side talks.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from http.client import HTTPConnection, HTTPException
from typing import TypeVar

from flask import Flask
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from care.addresses import IP, Address, Network, address, may_call, plain_ip

Found = TypeVar("Found")
AGENT = "Steadfast"


class Why(StrEnum):
    """Why there is no answer."""

    ADDRESS = "address"  # not one that can be called
    FORBIDDEN = "forbidden"  # inside a network that we do not call
    UNKNOWN_HOST = "unknown_host"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"  # its certificate
    SLOW = "slow"
    TOO_LARGE = "too_large"
    BROKEN = "broken"  # not HTTP


class Unanswered(Exception):
    """No answer; after `slow` or `broken` the other side may have heard us all the same."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Answered:
    """`headers` by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outbound:
    """Calls within `deadline_s` from name to last byte; `allowed` are networks that are not public and may be called."""

    deadline_s: float = 10.0
    allowed: tuple[Network, ...] = ()

    def get(self, url: str, headers: Mapping[str, str] | None = None, *, most_bytes: int = 1_000_000) -> Answered:
        """Read what is there. Raises `Unanswered`."""
        return self._call("GET", url, None, headers or {}, most_bytes)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, most_bytes: int = 10_000) -> Answered:
        """Hand `body` over, once. Raises `Unanswered`."""
        return self._call("POST", url, body, headers, most_bytes)

    def _call(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], most_bytes: int) -> Answered:
        until = time.monotonic() + self.deadline_s
        where = _address(url)
        places = self._places(where, until)
        said = {
            "Host": where.named,
            "User-Agent": AGENT,
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }
        with _connected(where, places, until) as connection:
            connection.request(method, where.target, body=body, headers=said)
            return _answer(connection, most_bytes)

    def _places(self, where: Address, until: float) -> list[IP]:
        found = _within(until, lambda: _resolve(where))
        if not may_call(where, found, self.allowed):
            raise Unanswered(Why.FORBIDDEN)
        return found


def _address(url: str) -> Address:
    try:
        return address(url)
    except ValueError as wrong:
        raise Unanswered(Why.ADDRESS) from wrong


def _resolve(where: Address) -> list[IP]:
    try:
        found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as nowhere:
        raise Unanswered(Why.UNKNOWN_HOST) from nowhere
    return [plain_ip(str(each[4][0])) for each in found]


def _within(until: float, asked: Callable[[], Found]) -> Found:
    """The answer of something that takes no deadline of its own; it is left behind when time is up."""
    promised: Future[Found] = Future()

    def ask() -> None:
        try:
            promised.set_result(asked())
        except Exception as error:  # noqa: BLE001  passed on to whoever waits
            promised.set_exception(error)

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        return promised.result(timeout=max(0.0, until - time.monotonic()))
    except TimeoutError as late:
        raise Unanswered(Why.SLOW) from late


@contextmanager
def _connected(where: Address, places: list[IP], until: float) -> Iterator[HTTPConnection]:
    """A connection to exactly these places, cut at the deadline; whatever goes wrong on it is said in our words."""
    cut = threading.Event()
    try:
        with _dialled(places, where.port, until) as raw, _cutting(raw, until, cut), _secured(raw, where) as wire:
            connection = HTTPConnection(where.host, where.port)
            connection.sock = wire
            yield connection
    except (Unanswered, OSError, HTTPException, ValueError) as error:
        raise Unanswered(Why.SLOW if cut.is_set() else _why(error)) from error
    if cut.is_set():
        raise Unanswered(Why.SLOW)  # what was read may lack its end


def _dialled(places: list[IP], port: int, until: float) -> socket.socket:
    """The first place that takes the call."""
    for place in places[:-1]:
        try:
            return _dial(place, port, until)
        except OSError:
            continue
    return _dial(places[-1], port, until)


def _dial(place: IP, port: int, until: float) -> socket.socket:
    return socket.create_connection((str(place), port), timeout=max(0.01, until - time.monotonic()))


@contextmanager
def _cutting(raw: socket.socket, until: float, cut: threading.Event) -> Iterator[None]:
    """End the connection under whoever still reads from it when time is up: a time limit for each read would not end a drip."""
    line = raw.dup()

    def end() -> None:
        cut.set()
        with suppress(OSError):  # it may have ended by itself
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, until - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        line.close()


@contextmanager
def _secured(raw: socket.socket, where: Address) -> Iterator[socket.socket]:
    if where.scheme != "https":
        yield raw
        return
    with _trusting().wrap_socket(raw, server_hostname=where.host) as wire:
        yield wire


@cache
def _trusting() -> ssl.SSLContext:
    """What the machine trusts, and what browsers do."""
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


def _answer(connection: HTTPConnection, most_bytes: int) -> Answered:
    with closing(connection.getresponse()) as got:
        body = got.read(most_bytes + 1)
        if len(body) > most_bytes:
            raise Unanswered(Why.TOO_LARGE)
        if got.length:
            raise Unanswered(Why.BROKEN)  # it promised more
        return Answered(got.status, {name.lower(): value for name, value in got.getheaders()}, body)


def _why(error: Exception) -> Why:
    if isinstance(error, Unanswered):
        return error.why
    if isinstance(error, ssl.SSLCertVerificationError):
        return Why.UNTRUSTED
    if isinstance(error, TimeoutError):
        return Why.SLOW
    return Why.BROKEN if isinstance(error, HTTPException | ValueError | ssl.SSLError) else Why.UNREACHABLE


def init_app(app: Flask) -> None:
    app.extensions["steadfast.outbound"] = Outbound(app.config["OUTBOUND_TIMEOUT_S"], app.config["OUTBOUND_NETWORKS"])
