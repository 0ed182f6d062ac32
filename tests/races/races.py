"""Which races are run? Each judges itself and says how it went; sizes are the caller's."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import requests

from actions.record import Actor
from actions.sessions.book import booking_judge, take
from actions.sessions.slots import Diary, token, visit_of
from care.course.slots import Seat, Slot
from care.refusals import Refused
from models import Patient, Resource, Session, db
from models.clock import care_now
from tests.databases import app_on
from tests.races import judge
from tests.races.cast import Runner, big_clinic, runners
from tests.races.rush import DIE, Ask, Crowd
from tests.races.serving import serving

AHEAD = timedelta(days=10)
NEEDS = 3  # chair, clinician, monitor


def one_slot(url: str, *, clients: int, rounds: int) -> str:
    """So many clients want the same slot in the same instant: one gets it, the others are told so. Again and again."""
    with app_on(url) as app, app.app_context():
        field = runners(big_clinic(), clients + rounds, (care_now() + AHEAD).date())
        slots = _disjoint_slots(field[0], rounds)
    won: list[Runner] = []
    with serving(url, workers=2, threads=16) as address, Crowd(address) as crowd:
        for slot in slots:
            waiting = [runner for runner in field if runner not in won][:clients]
            answers = crowd.rush([_booking(runner, slot) for runner in waiting])
            statuses = Counter(answer.status for answer in answers)
            assert statuses == {200: 1, 409: clients - 1}, statuses
            assert all("slot_taken" in answer.codes() for answer in answers if answer.status == 409)
            won += [runner for runner, answer in zip(waiting, answers, strict=True) if answer.status == 200]
    _nothing_twice(url)
    assert judge.count(url, "SELECT count(*) FROM session WHERE status = 'booked'") == rounds
    return f"{rounds} rounds of {clients} clients on one slot: one winner each"


def intervals(url: str, *, threads: int, each: int, seed: int = 1) -> str:
    """Threads take random, overlapping times on any room, person and lane for their patients; nothing but the database judges."""
    with app_on(url) as app, app.app_context():
        place = big_clinic()
        field = runners(place, threads, (care_now() + AHEAD).date())
        resources = [(row.id, row.kind, row.lanes) for row in db.session.scalars(db.select(Resource)).all()]
        clinic_id, begin = place.clinic.id, care_now().replace(minute=0, second=0, microsecond=0) + AHEAD
        db.session.remove()
        told: Counter[str] = Counter()

        def compete(number: int) -> None:
            chance = random.Random(seed * 1_000 + number)
            with app.app_context():
                for _ in range(each):
                    told[_take_any(clinic_id, field, resources, begin, chance)] += 1

        together([partial(compete, number) for number in range(threads)])
    assert set(told) == {"taken", "refused"}, told
    _nothing_twice(url)
    return f"{threads} threads, {told.total()} attempts: {told['taken']} taken, {told['refused']} refused, no overlap"


def _take_any(clinic_id: Any, field: list[Runner], resources: list[Any], begin: Any, chance: random.Random) -> str:
    """A random patient at a random time with a random lane of each kind; some take, some give back."""
    runner = chance.choice(field)
    starts_at = begin + timedelta(minutes=15 * chance.randrange(96))
    ends_at = starts_at + timedelta(minutes=15 * chance.randint(1, 10))
    chosen = [chance.choice([one for one in resources if one[1] == kind]) for kind in ("chair", "clinician", "monitor")]
    seats = tuple(Seat(id_, kind, chance.randint(1, lanes), starts_at, ends_at) for id_, kind, lanes in chosen)
    try:
        session = db.session.get_one(Session, (clinic_id, runner.session_id), with_for_update=True)
        take(session, Slot(starts_at, ends_at, seats), now=care_now())
        db.session.commit()
    except Refused:
        db.session.rollback()
        return "refused"
    return "taken"


def lost_answers(url: str, *, times: int) -> str:
    """The server is killed between its commit and its answer; the client repeats with its key: one effect, the same answer."""
    with app_on(url) as app, app.app_context():
        field = runners(big_clinic(), times, (care_now() + AHEAD).date())
        slots = _disjoint_slots(field[0], times)
    with serving(url, workers=2) as address:
        for runner, slot in zip(field, slots, strict=True):
            key = uuid4().hex
            _send_and_lose(address, _booking(runner, slot, key))
            again, more = (_send(address, _booking(runner, slot, key)) for _ in range(2))
            assert again.status_code == more.status_code == 200, again.text
            assert again.json() == more.json()
            assert again.json()["status"] == "booked"
            assert again.headers["Idempotency-Replayed"] == "true"
    _nothing_twice(url)
    assert judge.count(url, "SELECT count(*) FROM record_entry WHERE verb = 'book'") == times
    return f"{times} answers lost between commit and reply: {times} bookings, {times} entries in the record"


def _send_and_lose(address: str, ask: Ask) -> None:
    try:
        _send(address, ask, {DIE: "1"})
    except requests.ConnectionError:
        return
    raise AssertionError("the server answered although it was killed")


def _send(address: str, ask: Ask, more: dict[str, str] | None = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {ask.token}", **ask.headers, **(more or {})}
    return requests.request(ask.method, address + ask.path, json=ask.body, headers=headers, timeout=60)


def _booking(runner: Runner, slot: str, key: str = "") -> Ask:
    headers = {"Idempotency-Key": key or uuid4().hex, "If-Match": '"1"'}
    return Ask("PUT", f"/v1/me/sessions/{runner.session_id}/booking", runner.token, {"slot": slot}, headers)


def _disjoint_slots(runner: Runner, count: int) -> list[str]:
    """Tokens of so many free slots, legal for every runner, that take nothing from each other."""
    session = db.session.scalars(db.select(Session).where(Session.id == runner.session_id)).one()
    patient = db.session.get_one(Patient, (session.clinic_id, session.patient_id))
    now, me = care_now(), Actor("patient", session.patient_id, session.clinic_id)
    refusals_of = booking_judge(session, patient, by=me, now=now)
    diary = Diary(session.clinic_id, now, now + 3 * AHEAD, now=now, without={session.id})
    found: list[str] = []
    while len(found) < count:
        slot = next(slot for slot in diary.free(visit_of(session)) if not refusals_of(slot))
        diary.take(slot)
        found.append(token(slot))
    return found


def together(calls: list[Callable[[], None]]) -> None:
    """All at once, each in its own thread; the first fault of any is raised."""
    faults: list[BaseException] = []

    def guarded(call: Callable[[], None]) -> None:
        try:
            call()
        except BaseException as fault:  # noqa: BLE001  it is raised again below, in the thread that asked
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def _nothing_twice(url: str) -> None:
    assert judge.overlaps(url) == {"lanes": 0, "patients": 0}
    assert judge.half_taken(url, NEEDS) == 0
