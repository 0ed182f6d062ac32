"""Which races are run? Each judges itself and says how it went; sizes are the caller's."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import uuid4

import requests

from actions.record import Actor
from actions.sessions.attend import arrive
from actions.sessions.book import book, booking_judge, take
from actions.sessions.confirm import confirm
from actions.sessions.slots import Diary, token, visit_of
from care.course.slots import Seat, Slot
from care.facts import How, Step, Value
from care.refusals import Refused
from models import Patient, Resource, Session, db
from models.clock import care_now, set_care_clock
from tests.databases import app_on
from tests.people import Harbor
from tests.races import judge
from tests.races.cast import Runner, big_clinic, runners, token_of
from tests.races.rush import DIE, Answer, Ask, Crowd
from tests.races.serving import serving

AHEAD = timedelta(days=10)
BUSY = 503
NEEDS = 3  # chair, clinician, monitor


def one_slot(url: str, *, clients: int, rounds: int) -> str:
    """So many clients want the same slot in the same instant: one gets it, the others are told so. Again and again."""
    with app_on(url, ACCESS_TOKEN_S="3600") as app, app.app_context():
        field = runners(big_clinic(), clients + rounds, (care_now() + AHEAD).date())
        slots = _disjoint_slots(field[0], rounds)
    won: list[Runner] = []
    busy = 0
    with serving(url, workers=2, threads=16) as address, Crowd(address) as crowd:
        for slot in slots:
            waiting = [runner for runner in field if runner not in won][:clients]
            answers, sent_back = _answered_all(crowd, [_booking(runner, slot) for runner in waiting])
            busy += sent_back
            statuses = Counter(answer.status for answer in answers)
            assert statuses == {200: 1, 409: clients - 1}, statuses
            assert all("slot_taken" in answer.codes() for answer in answers if answer.status == 409)
            won += [runner for runner, answer in zip(waiting, answers, strict=True) if answer.status == 200]
    _nothing_twice(url)
    assert judge.count(url, "SELECT count(*) FROM session WHERE status = 'booked'") == rounds
    return f"{rounds} rounds of {clients} clients on one slot: one winner each; {busy} were told to ask again"


def _answered_all(crowd: Crowd, asked: list[Ask]) -> tuple[list[Answer], int]:
    """Whoever is told that the database is busy asks again under the same key, as apps do; how often that was."""
    answers, sent_back = crowd.rush(asked), 0
    while late := [place for place, answer in enumerate(answers) if answer.status == BUSY]:
        sent_back += len(late)
        for place, answer in zip(late, crowd.rush([asked[place] for place in late]), strict=True):
            answers[place] = answer
    return answers, sent_back


def intervals(url: str, *, threads: int, each: int, seed: int = 1) -> str:
    """Threads take random, overlapping times on any room, person and lane for their patients; nothing but the database judges."""
    with app_on(url, ACCESS_TOKEN_S="3600") as app, app.app_context():
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
    with app_on(url, ACCESS_TOKEN_S="3600") as app, app.app_context():
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


def one_fate(url: str, *, rounds: int, each: int) -> str:
    """Booked sessions are moved, cancelled and arrived at in the same instant, begun ones dosed and deferred: one wins."""
    with app_on(url, ACCESS_TOKEN_S="3600") as app, app.app_context():
        place = big_clinic()
        field = runners(place, 2 * rounds, (care_now() + AHEAD).date())
        begun = [_booked_today(place, runner, slot) for runner, slot in zip(field, _same_day(field[0]), strict=False)]
        assert len(begun) == 2 * rounds, "the day is too short for so many"
        at = min(session.starts_at for session in begun if session.starts_at)
        for session in begun[rounds:]:
            _let_arrive(place, session, at)
        set_care_clock(at)
        db.session.commit()
        staff = {actor.kind: token_of(actor.kind, actor.id, actor.clinic_id) for actor in (place.cora, place.clive)}
        paths = [f"/v1/sessions/{session.id}" for session in begun]
    with serving(url, workers=2, threads=16) as address, Crowd(address) as crowd:
        for path in paths[:rounds]:
            fates = [
                _moving(address, path, staff),
                _ending(address, path, "cancel", staff),
                _fact(path, "arrive", staff),
            ]
            _one_of(crowd, fates, each)
        for path in paths[rounds:]:
            _one_of(crowd, [_ending(address, path, "defer", staff), _fact(path, "dose", staff)], each)
    _nothing_twice(url)
    return f"{2 * rounds} sessions wanted for several fates at once: one each"


def _one_of(crowd: Crowd, wishes: list[Ask], each: int) -> None:
    """Everyone several times, under keys of their own; only one of all may come true."""
    answers = crowd.rush([_with_key(wish) for wish in wishes for _ in range(each)])
    won = [answer for answer in answers if answer.status == 200]
    lost = {answer.status for answer in answers} - {200}
    assert len(won) == 1, [answer.status for answer in answers]
    assert lost <= {409, 412}, lost


def _with_key(wish: Ask) -> Ask:
    return replace(wish, headers={**wish.headers, "Idempotency-Key": uuid4().hex})


def _booked_today(place: Harbor, runner: Runner, slot: Slot) -> Session:
    session = db.session.get_one(Session, (place.clinic.id, runner.session_id))
    book(session, slot, by=place.cora, now=care_now())
    db.session.commit()
    return session


def _let_arrive(place: Harbor, session: Session, at: datetime) -> None:
    for step in (Step.ATTENDANCE, Step.TRANSPORT, Step.RIDE_TODAY, Step.SUPPORT):
        confirm(session, step, Value.YES, by=place.cora, how=How.STAFF, now=at)
    arrive(session, by=place.cora, now=at)
    db.session.commit()


def _moving(address: str, path: str, staff: dict[str, str]) -> Ask:
    headers = {"Authorization": f"Bearer {staff['coordinator']}"}
    items = requests.get(f"{address}{path}/slots", headers=headers, timeout=60).json()["items"]
    return _agreed(address, path, {"verb": "move", "slot": items[-1]["id"]}, staff)


def _ending(address: str, path: str, verb: str, staff: dict[str, str]) -> Ask:
    return _agreed(address, path, {"verb": verb, "cause": "clinical"}, staff)


def _agreed(address: str, path: str, wish: dict[str, str], staff: dict[str, str]) -> Ask:
    """A change as it was previewed."""
    shown = _send(address, Ask("POST", f"{path}/changes/preview", staff["coordinator"], wish))
    assert shown.status_code == 200, shown.text
    agreed = {**wish, "plan": shown.json()["token"], "reason": "Fire drill."}
    return Ask("POST", f"{path}/changes", staff["coordinator"], agreed)


def _fact(path: str, verb: str, staff: dict[str, str]) -> Ask:
    return Ask("POST", f"{path}/{verb}", staff["clinician"], {})


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
    return [token(slot) for slot in islice(_apart(runner), count)]


def _same_day(runner: Runner) -> list[Slot]:
    """Such slots on the second day that has any."""
    slots = list(islice(_apart(runner), 80))
    days = sorted({slot.starts_at.date() for slot in slots})
    return [slot for slot in slots if slot.starts_at.date() == days[1]]


def _apart(runner: Runner) -> Iterator[Slot]:
    session = db.session.scalars(db.select(Session).where(Session.id == runner.session_id)).one()
    patient = db.session.get_one(Patient, (session.clinic_id, session.patient_id))
    now, me = care_now(), Actor("patient", session.patient_id, session.clinic_id)
    refusals_of = booking_judge(session, patient, by=me, now=now)
    diary = Diary(session.clinic_id, now, now + 3 * AHEAD, now=now, without={session.id})
    while (slot := next((one for one in diary.free(visit_of(session)) if not refusals_of(one)), None)) is not None:
        diary.take(slot)
        yield slot


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
