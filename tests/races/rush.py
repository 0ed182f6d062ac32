"""How do many clients ask at the same instant? Processes of their own, each with a thread for every client it stands for."""

import http.client
import json
import multiprocessing
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

PATIENCE_S = 120
DIE = "X-Die-Before-Answering"  # what a mortal server listens for


@dataclass(frozen=True)
class Ask:
    """One request of one client."""

    method: str
    path: str
    token: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """`status` 0: the connection broke before anything was answered."""

    status: int
    body: Any
    headers: dict[str, str]

    def codes(self) -> list[str]:
        """The codes of its refusals."""
        return [refusal["code"] for refusal in self.body.get("refusals", [])] if isinstance(self.body, dict) else []


class Crowd:
    """Client processes that live for a whole race."""

    def __init__(self, address: str, processes: int = 4) -> None:
        spawned = multiprocessing.get_context("spawn")
        pipes = [spawned.Pipe() for _ in range(processes)]
        self._ours = [ours for ours, _ in pipes]
        self._processes = [spawned.Process(target=_stand, args=(address, theirs), daemon=True) for _, theirs in pipes]
        for process in self._processes:
            process.start()

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_: object) -> None:
        for pipe, process in zip(self._ours, self._processes, strict=True):
            pipe.send(None)
            process.join(10)
            process.kill()

    def rush(self, asked: Sequence[Ask]) -> list[Answer]:
        """Everyone asks at once; the answers in the order of the requests."""
        shares = [asked[place :: len(self._ours)] for place in range(len(self._ours))]
        for pipe, share in zip(self._ours, shares, strict=True):
            pipe.send(share)
        told: list[list[Answer]] = [pipe.recv() for pipe in self._ours]
        answers: list[Answer | None] = [None] * len(asked)
        for place, given in enumerate(told):
            answers[place :: len(self._ours)] = given
        return [answer for answer in answers if answer is not None]


def _stand(address: str, pipe: "Connection[Any, Any]") -> None:
    while (share := pipe.recv()) is not None:
        pipe.send(_at_once(address, share))


def _at_once(address: str, share: Sequence[Ask]) -> list[Answer]:
    """Each in a thread of its own, connected before the first of them asks."""
    answers: list[Answer] = [Answer(0, None, {})] * len(share)
    line = threading.Barrier(max(1, len(share)))

    def ask(place: int, wish: Ask) -> None:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE_S)
        try:
            connection.connect()
            line.wait(PATIENCE_S)
            answers[place] = _answered(connection, wish)
        except (OSError, http.client.HTTPException):
            pass  # status 0 says so
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=each) for each in enumerate(share)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _answered(connection: http.client.HTTPConnection, wish: Ask) -> Answer:
    headers = {"Authorization": f"Bearer {wish.token}", "Content-Type": "application/json", **wish.headers}
    connection.request(wish.method, wish.path, json.dumps(wish.body) if wish.body is not None else None, headers)
    response = connection.getresponse()
    text = response.read()
    body = json.loads(text) if text and "json" in (response.headers.get("Content-Type") or "") else None
    return Answer(response.status, body, dict(response.headers))
