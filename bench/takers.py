"""How do many clients take slots at once? Processes with threads, each with its own connection, until their time is over."""

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from multiprocessing.connection import Connection
from random import Random
from threading import Thread
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from actions.sessions.book import judged_by_database
from actions.sessions.seats import swap_seats
from care.course.slots import Seat, Slot
from care.refusals import Refused
from models import Booking, Resource, Session, db
from models.columns import uuid7
from models.database import name_clinic
from tests.databases import app_on

PROCESSES, THREADS = 4, 8
HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)


BARE = text(
    "INSERT INTO booking (clinic_id, session_id, id, resource_id, lane, starts_at, ends_at) VALUES "
    + ", ".join(f"(:clinic_id, :session_id, :i{n}, :r{n}, :l{n}, :b{n}, :e{n})" for n in range(3))
)


@dataclass(frozen=True)
class Pool:
    """What is fought over: few clinicians, so that everybody meets. Every slot takes chair, clinician and monitor."""

    clinic_id: UUID
    sessions: tuple[UUID, ...]
    chairs: tuple[UUID, ...]
    clinicians: tuple[UUID, ...]
    monitor: UUID
    lanes: int  # of the monitor
    begins: datetime
    starts: int  # half hours

    def draw(self, chance: Random) -> tuple[UUID, Slot]:
        """Any session and any slot."""
        at = self.begins + HALF * chance.randrange(self.starts)
        until = at + 2 * HOUR
        seats = (
            Seat(chance.choice(self.chairs), "chair", 1, at - timedelta(minutes=15), until),
            Seat(chance.choice(self.clinicians), "clinician", 1, at, at + HOUR),
            Seat(self.monitor, "monitor", chance.randint(1, self.lanes), at, until),
        )
        return chance.choice(self.sessions), Slot(at, until, seats)


def taken(pool: Pool, session_id: UUID, slot: Slot, now: datetime) -> None:
    """As Steadfast takes a slot: in line, expired holds and the session's own places gone, every seat or none."""
    with judged_by_database(slot.starts_at):
        swap_seats([(_known(pool.clinic_id, session_id), slot)], now=now)


@cache
def _known(clinic_id: UUID, session_id: UUID) -> Session:
    """Whoever books has read the session before."""
    return Session(clinic_id=clinic_id, id=session_id)


def inserted(pool: Pool, session_id: UUID, slot: Slot, now: datetime) -> None:
    """The rows alone, in one statement, under the same constraint."""
    rows = {
        f"{name}{number}": value
        for number, seat in enumerate(sorted(slot.seats))
        for name, value in zip(("i", "r", "l", "b", "e"), (uuid7(), seat.resource_id, *seat[2:]), strict=True)
    }
    db.session.connection().execute(BARE, {"clinic_id": pool.clinic_id, "session_id": session_id, **rows})


def locked(pool: Pool, session_id: UUID, slot: Slot, now: datetime) -> None:
    """As it is done without a constraint: lock whom everybody wants, look, write."""
    connection = db.session.connection()
    who = slot.seats[1].resource_id
    connection.execute(
        select(Resource.id).where(Resource.clinic_id == pool.clinic_id, Resource.id == who).with_for_update()
    )
    overlaps = [
        and_(
            Booking.resource_id == seat.resource_id,
            Booking.lane == seat.lane,
            Booking.starts_at < seat.until_at,
            Booking.ends_at > seat.from_at,
        )
        for seat in slot.seats
    ]
    taken_already = select(Booking.id).where(Booking.clinic_id == pool.clinic_id, or_(*overlaps)).limit(1)
    if connection.execute(taken_already).first():
        raise Refused([])
    inserted(pool, session_id, slot, now)


WAYS: dict[str, Callable[[Pool, UUID, Slot, datetime], None]] = {
    "taken": taken,
    "inserted": inserted,
    "locked": locked,
}


class Takers:
    """Client processes that live for a whole bench."""

    def __init__(self, url: str, pool: Pool) -> None:
        spawned = multiprocessing.get_context("spawn")
        pipes = [spawned.Pipe() for _ in range(PROCESSES)]
        self._ours = [ours for ours, _ in pipes]
        self._processes = [
            spawned.Process(target=_live, args=(url, pool, seed, theirs), daemon=True)
            for seed, (_, theirs) in enumerate(pipes)
        ]
        for process in self._processes:
            process.start()
        for pipe in self._ours:
            pipe.recv()

    def __enter__(self) -> "Takers":
        return self

    def __exit__(self, *_: object) -> None:
        for pipe, process in zip(self._ours, self._processes, strict=True):
            pipe.send(None)
            process.join(10)
            process.kill()

    clients = PROCESSES * THREADS

    def go(self, way: str, seconds: float) -> Counter[str]:
        """What became of all attempts of this time: taken, refused, or broken off by the database."""
        for pipe in self._ours:
            pipe.send((way, seconds))
        told: Counter[str] = Counter()
        for pipe in self._ours:
            told += pipe.recv()
        return told


def _live(url: str, pool: Pool, seed: int, pipe: "Connection[Any, Any]") -> None:
    with app_on(url, SQLALCHEMY_ENGINE_OPTIONS={"pool_size": THREADS, "hide_parameters": True}) as app:
        pipe.send("ready")
        while (asked := pipe.recv()) is not None:
            told: Counter[str] = Counter()
            threads = [
                Thread(target=_compete, args=(app, pool, *asked, Random(seed * 100 + number), told))
                for number in range(THREADS)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            pipe.send(told)


def _compete(app: Any, pool: Pool, way: str, lasts: float, chance: Random, told: Counter[str]) -> None:
    with app.app_context():
        name_clinic(pool.clinic_id)
        until = time.monotonic() + lasts
        while time.monotonic() < until:
            told[_attempt(WAYS[way], pool, *pool.draw(chance))] += 1
        db.session.remove()


def _attempt(way: Callable[[Pool, UUID, Slot, datetime], None], pool: Pool, session_id: UUID, slot: Slot) -> str:
    try:
        way(pool, session_id, slot, pool.begins)
        db.session.commit()
    except (Refused, IntegrityError):
        db.session.rollback()
        return "refused"
    except OperationalError:  # two that wait for each other
        db.session.rollback()
        return "broken off"
    return "taken"
