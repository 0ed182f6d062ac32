"""How many slots are taken a second when everybody wants the same clinicians, and how many by whole requests?"""

from collections.abc import Iterator, Sequence
from datetime import time, timedelta
from itertools import count
from time import perf_counter
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import select

from actions.sessions.slots import Diary, token, visit_of
from bench.clinics import NOW, clinic
from bench.harness import Ground, Line, at_least, bench, durable_ground, rates_beside
from bench.takers import Pool, Takers
from care.times import wall
from models import Clinic, Resource, Session, db
from models.clock import care_now
from models.guards import NO_LANE_TWICE
from tests.races.cast import Runner, big_clinic, runners
from tests.races.rush import Ask, Crowd
from tests.races.serving import serving

SECONDS, ROUNDS = 1.5, 7
CLIENTS, REQUEST_ROUNDS = 16, 3


@bench("take")
def take(_: Ground) -> Iterator[Line]:
    """Slots taken under contention, against a bare insert with the same constraint and against a locked clinician's row.

    Commits reach the disk, as in production: a locked row is locked until then.
    """
    with durable_ground() as ground:
        with ground.app("postgresql") as app:
            pool, url = _pool(), app.config["DATABASE_URL"]
            db.session.remove()
            with Takers(url, pool) as takers:
                yield from _beside_each_other(url, takers)
        with ground.app("postgresql") as app:
            yield from _whole_requests(app.config["DATABASE_URL"])


def _beside_each_other(url: str, takers: Takers) -> Iterator[Line]:
    def settled(way: str) -> float:
        """Taken or refused; what the database broke off is neither."""
        _cleared(url, guarded=way != "locked")
        told = takers.go(way, SECONDS)
        return (told["taken"] + told["refused"]) / SECONDS

    rates = rates_beside(
        ROUNDS,
        ours=lambda: settled("taken"),
        bare=lambda: settled("inserted"),
        locked=lambda: settled("locked"),
    )
    name = f"take, {takers.clients} clients"
    yield rates["ours"].against(rates["bare"], name, "a bare insert with the same constraint", at_least(0.7))
    yield rates["ours"].against(rates["locked"], name, "a locked clinician's row", at_least(3))


def _cleared(url: str, *, guarded: bool) -> None:
    """No bookings; with the exclusion constraint, or without it for the way that goes without."""
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as admin:
        admin.execute("TRUNCATE booking")
        admin.execute(f"ALTER TABLE booking DROP CONSTRAINT IF EXISTS {NO_LANE_TWICE.name}".encode())
        if guarded:
            for statement in NO_LANE_TWICE.postgresql:
                admin.execute(statement.encode())


def _pool() -> Pool:
    """A clinic of which two clinicians are wanted on the days of half a year."""
    clinic_id = clinic(20)
    rows = db.session.execute(select(Resource.kind, Resource.id, Resource.lanes).where(Resource.clinic_id == clinic_id))
    of: dict[str, list[tuple[UUID, int]]] = {}
    for kind, id_, lanes in rows:
        of.setdefault(kind, []).append((id_, lanes))
    sessions = db.session.scalars(select(Session.id).where(Session.clinic_id == clinic_id)).all()
    (monitor, lanes), *_ = of["monitor"]
    return Pool(
        clinic_id=clinic_id,
        sessions=tuple(sessions),
        chairs=tuple(id_ for id_, _ in of["chair"]),
        clinicians=tuple(id_ for id_, _ in of["clinician"][:2]),
        monitor=monitor,
        lanes=lanes,
        begins=NOW + timedelta(days=60),
        starts=48 * 180,
    )


def _whole_requests(url: str) -> Iterator[Line]:
    """Patients' apps book their first dose: judged by every rule, recorded, reminders written."""
    field = runners(big_clinic(), CLIENTS * (REQUEST_ROUNDS + 1), (care_now() + timedelta(days=10)).date())
    asks = [_booking(runner, word) for runner, word in zip(field, _disjoint_slots(field), strict=True)]
    db.session.remove()
    turns = count()
    with serving(url) as address, Crowd(address) as crowd:
        rates = rates_beside(REQUEST_ROUNDS, http=lambda: _rushed(crowd, asks, next(turns)))
    yield rates["http"].alone(f"whole booking request over HTTP, {CLIENTS} clients")


def _rushed(crowd: Crowd, asks: Sequence[Ask], turn: int) -> float:
    mine = asks[turn * CLIENTS : (turn + 1) * CLIENTS]
    begins = perf_counter()
    answers = crowd.rush(mine)
    if any(answer.status != 200 for answer in answers):
        raise AssertionError(next(answer.body for answer in answers if answer.status != 200))
    return CLIENTS / (perf_counter() - begins)


def _booking(runner: Runner, word: str) -> Ask:
    headers = {"Idempotency-Key": uuid4().hex, "If-Match": '"1"'}
    return Ask("PUT", f"/v1/me/sessions/{runner.session_id}/booking", runner.token, {"slot": word}, headers)


def _disjoint_slots(field: Sequence[Runner]) -> Iterator[str]:
    """One for each, so that they meet in the database and nobody is refused."""
    session = db.session.scalars(select(Session).where(Session.id == field[0].session_id)).one()
    zone = db.session.get_one(Clinic, session.clinic_id).zone
    begins, ends = wall(session.earliest_on, time(), zone), wall(session.latest_on + timedelta(days=1), time(), zone)
    diary = Diary(session.clinic_id, begins, ends, now=care_now())
    for _ in field:
        slot = diary.free(visit_of(session))[0]
        diary.take(slot)
        yield token(slot)
