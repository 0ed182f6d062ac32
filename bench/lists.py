"""How quickly are lists told over HTTP? The board and 50 sessions, beside row objects, bare bytes and another stack."""

import http.client
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import requests

from bench.harness import Figures, Ground, Line, at_least, bench, rates_beside
from models import Session, db
from models.clock import care_now
from tests.people import Harbor, harbor
from tests.races.cast import runners, token_of
from tests.races.serving import answering, serving

CLIENTS, EACH, ROUNDS = 4, 25, 5


@dataclass(frozen=True)
class Asked:
    """What is asked of the servers, and in whose name."""

    token: str
    patient: str
    session: str
    day: date


@bench("lists")
def lists(ground: Ground) -> Iterator[Line]:
    """A list of 50 sessions, one session and the board over HTTP."""
    for kind in ground.kinds:
        with ground.app(kind, ACCESS_TOKEN_S="3600") as app, tempfile.TemporaryDirectory() as folder:
            asked = _clinic_of_fifty(harbor())
            url = app.config["DATABASE_URL"]
            db.session.remove()
            os.environ["BENCH_BODIES"], os.environ["BENCH_DATABASE"] = folder, url.replace("+psycopg", "")
            with serving(url) as address:
                _keep_bodies(address, asked, Path(folder))
            with serving(url, app="bench.beside.listing:app", threads=4) as address, _other_stack(kind) as other:
                yield from _measured(kind, address, other, asked)


def _measured(kind: str, address: str, other: str | None, asked: Asked) -> Iterator[Line]:
    ways = {
        "ours": f"{address}/v1/sessions?patient={asked.patient}",
        "usual": f"{address}/usual/sessions/of/{asked.patient}",
        "bare": f"{address}/bare/list",
        **({"other": f"{other}/list/{asked.patient}"} if other else {}),
    }
    rates = _rates(ways, asked)
    yield rates["ours"].against(rates["usual"], f"50 sessions, {kind}", "row objects by flask-smorest", at_least(4))
    yield rates["ours"].against(rates["bare"], f"50 sessions, {kind}", "bare Flask, the same bytes")
    if other:
        yield rates["ours"].against(rates["other"], f"50 sessions, {kind}", "FastAPI and asyncpg, the same bytes")
    ways = {
        "ours": f"{address}/v1/sessions/{asked.session}",
        "usual": f"{address}/usual/sessions/{asked.session}",
        "bare": f"{address}/bare/one",
        **({"other": f"{other}/one/{asked.session}"} if other else {}),
    }
    rates = _rates(ways, asked)
    yield rates["ours"].against(rates["usual"], f"one session, {kind}", "row objects by flask-smorest", at_least(2.5))
    yield rates["ours"].against(rates["bare"], f"one session, {kind}", "bare Flask, the same bytes")
    if other:
        yield rates["ours"].against(rates["other"], f"one session, {kind}", "FastAPI and asyncpg, the same bytes")
    rates = _rates({"ours": f"{address}/v1/board?day={asked.day}", "bare": f"{address}/bare/board"}, asked)
    yield rates["ours"].against(rates["bare"], f"board of a day, {kind}", "bare Flask, the same bytes")


def _rates(ways: dict[str, str], asked: Asked) -> dict[str, Figures]:
    asking: dict[str, Any] = {name: _rate_of(url, asked.token) for name, url in ways.items()}
    return rates_beside(ROUNDS, **asking)


def _rate_of(url: str, token: str) -> Callable[[], float]:
    return lambda: _rate(url, token)


def _rate(url: str, token: str) -> float:
    """Answers a second, for clients that keep their connections."""
    faults: list[int] = []

    def ask() -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        for _ in range(EACH):
            connection.request("GET", f"{parts.path}?{parts.query}", headers={"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                faults.append(response.status)
        connection.close()

    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    begins = perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if faults:
        raise AssertionError(f"{url} answered {faults[0]}")
    return CLIENTS * EACH / (perf_counter() - begins)


def _clinic_of_fifty(place: Harbor) -> Asked:
    """A patient with 50 sessions, and a day with some more people's doses."""
    first, *_ = runners(place, 1, (care_now() + timedelta(days=10)).date())
    mine = db.session.scalars(db.select(Session).where(Session.patient_id == first.patient_id)).all()
    like, at = mine[0], care_now().replace(minute=0, second=0, microsecond=0) + timedelta(days=10)
    for number in range(100, 150 - len(mine)):
        start = at + timedelta(days=number)
        db.session.add(
            Session(
                clinic_id=like.clinic_id,
                course_id=like.course_id,
                patient_id=like.patient_id,
                kind="dosing",
                number=number,
                phase=like.phase,
                setting=like.setting,
                status="booked",
                since=care_now(),
                target_on=start.date(),
                earliest_on=start.date(),
                latest_on=start.date(),
                starts_at=start,
                arrive_at=start - timedelta(minutes=15),
                ends_at=start + timedelta(hours=2),
            )
        )
    db.session.commit()
    token = token_of("coordinator", place.cora.id, place.clinic.id)
    return Asked(token, str(first.patient_id), str(first.session_id), (at + timedelta(days=100)).date())


def _keep_bodies(address: str, asked: Asked, folder: Path) -> None:
    for name, path in (
        ("list", f"/v1/sessions?patient={asked.patient}"),
        ("one", f"/v1/sessions/{asked.session}"),
        ("board", f"/v1/board?day={asked.day}"),
    ):
        answer = requests.get(address + path, headers={"Authorization": f"Bearer {asked.token}"}, timeout=60)
        answer.raise_for_status()
        (folder / name).write_bytes(answer.content)


@contextmanager
def _other_stack(kind: str) -> Iterator[str | None]:
    if kind != "postgresql":
        yield None
        return
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--log-level",
        "warning",
        "--workers",
        "2",
        "bench.beside.other_stack:app",
    ]
    with answering(command, dict(os.environ), "/docs") as address:
        yield address
