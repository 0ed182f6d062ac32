"""The whole walk through a treatment by a Python client that was generated from the API's own document.

`mypy --strict` checks it against the generated types: a field that the document does not name, or names wrongly, is an error.
"""

import json
import os
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from itertools import count
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from httpx import Timeout
from steadfast_client import AuthenticatedClient, Client
from steadfast_client.api.attendance import arrive_session, discharge_session, dose_session
from steadfast_client.api.calendar import end_own_calendar_link, make_own_calendar_link
from steadfast_client.api.changes import change_session, preview_session_change
from steadfast_client.api.clinic import get_clinic
from steadfast_client.api.courses import enrol_patient
from steadfast_client.api.demo import advance_clock, read_clock
from steadfast_client.api.endpoints import add_app_endpoint, end_app_endpoint
from steadfast_client.api.logins import request_code, trade_code
from steadfast_client.api.me import answer_step, book_own_session, get_own_session, list_own_slots
from steadfast_client.api.now import get_now
from steadfast_client.api.sessions import list_slots
from steadfast_client.api.store import get_snapshot, list_changes
from steadfast_client.api.worklist import get_board
from steadfast_client.models.answer_step_step import AnswerStepStep
from steadfast_client.models.change_agreed import ChangeAgreed
from steadfast_client.models.change_wished import ChangeWished
from steadfast_client.models.choice import Choice
from steadfast_client.models.clock_move import ClockMove
from steadfast_client.models.code_given import CodeGiven
from steadfast_client.models.code_wished import CodeWished
from steadfast_client.models.course_given import CourseGiven
from steadfast_client.models.endpoint_given import EndpointGiven
from steadfast_client.models.fact import Fact
from steadfast_client.models.known_answer_value import KnownAnswerValue
from steadfast_client.models.known_refusal_code import KnownRefusalCode
from steadfast_client.models.known_session_change_verb import KnownSessionChangeVerb
from steadfast_client.models.known_session_kind import KnownSessionKind
from steadfast_client.models.known_session_status import KnownSessionStatus
from steadfast_client.models.known_thing_kind import KnownThingKind
from steadfast_client.models.known_window_kind import KnownWindowKind
from steadfast_client.models.leaving import Leaving
from steadfast_client.models.own_answer import OwnAnswer
from steadfast_client.models.patient_given import PatientGiven
from steadfast_client.models.preferences_given import PreferencesGiven
from steadfast_client.models.problem import Problem
from steadfast_client.models.session import Session
from steadfast_client.models.support_given import SupportGiven
from steadfast_client.models.thing import Thing
from steadfast_client.models.time import Time

Held = TypeVar("Held")

SERVER, PATIENCE = os.environ["SERVER"], Timeout(30)
CORA, CLIVE = (AuthenticatedClient(SERVER, os.environ[who], timeout=PATIENCE) for who in ("CORA", "CLIVE"))
NOBODY = Client(SERVER, timeout=PATIENCE)
ADA, SAM = "+12125550103", "+12125550104"
HOUR = timedelta(hours=1)
_keys = count(1)


def key() -> str:
    return f"client-py-{next(_keys)}"


def held(answer: Held | Problem | None) -> Held:
    """What an answer holds; a problem ends the walk."""
    if answer is None or isinstance(answer, Problem):
        raise AssertionError(answer)
    return answer


def refused(answer: object) -> Problem:
    if not isinstance(answer, Problem):
        raise AssertionError(answer)
    return answer


def holds(so: object, what: object = "") -> None:
    if not so:
        raise AssertionError(what)


def step(what: str) -> None:
    print(f"  ok  {what}", flush=True)


def at(moment: Time | None) -> datetime:
    if moment is None:
        raise AssertionError("it has no time")
    return moment.at


def go_to(moment: datetime) -> None:
    held(advance_clock.sync(client=CORA, body=ClockMove(to=moment.astimezone(UTC))))


def code_from_texts(number: str) -> str:
    """The digits in the last text to this number, as the network took it in."""
    for _ in range(100):
        lines = Path(os.environ["LEDGER"]).read_text(encoding="utf-8").splitlines()
        bodies = [text["body"] for text in map(json.loads, lines) if text.get("to") == number]
        found = [match[0] for body in bodies if (match := re.search(r"\b\d{8}\b", body))]
        if found:
            return str(found[-1])
        time.sleep(0.1)
    raise AssertionError(f"no code came to {number}")


def monday_after(now: datetime) -> datetime:
    day = now.date() + timedelta(days=14 - now.weekday())
    return datetime.combine(day, clock(15), UTC)


def enrol(monday: datetime) -> None:
    wish = CourseGiven(
        protocol="iv_6",
        starts_on=(monday + timedelta(days=8)).date(),
        patient=PatientGiven(name="Ada Brook", number=ADA, consented=True),
        preferences=PreferencesGiven(weekdays=[1, 4], around="10:00"),
        supports=[SupportGiven(name="Sam Brook", number=SAM)],
    )
    same = key()
    course = held(enrol_patient.sync(client=CORA, body=wish, idempotency_key=same))
    again = held(enrol_patient.sync(client=CORA, body=wish, idempotency_key=same))
    holds(again.id == course.id, "a repeated request gets the first answer")
    holds(course.preferences.weekdays == [1, 4])
    holds(sum(session.kind is KnownSessionKind.DOSING for session in course.sessions) == 6)
    step("Ada is enrolled; the request that was sent twice enrolled her once")


def sign_in() -> AuthenticatedClient:
    clinic = held(get_clinic.sync(client=CORA))
    wished = held(request_code.sync(client=NOBODY, body=CodeWished(clinic=clinic.id, number=ADA)))
    code = code_from_texts(ADA)
    wrong = trade_code.sync(client=NOBODY, body=CodeGiven(challenge=wished.challenge, code="00000000"))
    holds(refused(wrong).type_.endswith(":sign-in-failed"))
    tokens = held(trade_code.sync(client=NOBODY, body=CodeGiven(challenge=wished.challenge, code=code)))
    step("Ada signs in with the code from her phone")
    return AuthenticatedClient(SERVER, tokens.access_token, timeout=PATIENCE)


def book(app: AuthenticatedClient, session: Session, near: datetime) -> Session:
    free = held(list_own_slots.sync(session.id, client=app, from_=near - HOUR, until=near + 6 * HOUR)).items
    holds(free, f"no free time for {session.kind} {session.number}")
    taken = book_own_session.sync(
        session.id,
        client=app,
        body=Choice(slot=free[0].id),
        if_match=f'"{session.edition}"',
        idempotency_key=key(),
    )
    return held(taken)


def book_all(app: AuthenticatedClient) -> list[Session]:
    now = held(get_now.sync(client=app))
    holds(now.next_session is None)
    doses = [session for session in now.to_book if session.kind is KnownSessionKind.DOSING]
    booked = [book(app, dose, datetime.combine(dose.target_on, clock(15), UTC)) for dose in doses]
    holds(len(booked) == 6)
    wrong = book_own_session.sync(
        booked[0].id, client=app, body=Choice(slot="AAAA"), if_match='"99"', idempotency_key=key()
    )
    holds(refused(wrong).type_.endswith(":stale"))
    coming = held(get_now.sync(client=app)).next_session
    if coming is None:
        raise AssertionError("nothing comes next")
    holds(coming.id == booked[0].id and coming.place.people)
    step(f"she books six visits, at {coming.place.name}")
    return booked


class Store:
    """A store of the app's own: what it keeps, and from where it goes on."""

    def __init__(self, app: AuthenticatedClient) -> None:
        whole = held(get_snapshot.sync(client=app))
        self.app, self.last, self.mark = app, whole.last, whole.mark
        self.sessions: dict[UUID, Session] = {session.id: session for session in whole.sessions}

    def catch_up(self) -> Sequence[Thing]:
        page = held(list_changes.sync(client=self.app, since=self.last, mark=self.mark))
        holds(not page.reset)
        things = [thing for change in page.items for thing in change.things]
        for thing in things:
            if thing.kind is KnownThingKind.SESSION and thing.gone:
                self.sessions.pop(thing.id, None)
            elif thing.kind is KnownThingKind.SESSION:
                self.sessions[thing.id] = held(get_own_session.sync(thing.id, client=self.app))
        self.last, self.mark = page.last, page.mark
        return things


def move(store: Store, session: Session) -> Session:
    to = at(session.starts_at) + timedelta(days=2)
    free = held(list_slots.sync(session.id, client=CORA, from_=to, until=to + timedelta(minutes=1))).items
    slot = free[0].id
    if slot is None:
        raise AssertionError("the time is not free")
    verb = KnownSessionChangeVerb.MOVE
    preview = held(preview_session_change.sync(session.id, client=CORA, body=ChangeWished(verb=verb, slot=slot)))
    holds(not preview.refusals and preview.moves)
    for plan in ("another-plan", preview.token):
        agreed = ChangeAgreed(verb=verb, slot=slot, plan=plan, reason="Ada travels until Wednesday.")
        done = change_session.sync(session.id, client=CORA, body=agreed, idempotency_key=key())
        if plan != preview.token:
            holds(refused(done).type_.endswith(":plan-stale"))
        else:
            held(done)
    things = store.catch_up()
    holds(any(thing.id == session.id and not thing.gone for thing in things))
    moved = store.sessions[session.id]
    holds(at(moved.starts_at) == to and moved.version == session.version + 1)
    step("Cora moves it as previewed; Ada's app catches up")
    return moved


def answer(app: AuthenticatedClient, steps: set[str]) -> None:
    for wanted in held(get_now.sync(client=app)).missing:
        if str(wanted.step) in steps and KnownAnswerValue.YES in wanted.answers and wanted.session_id:
            said = answer_step.sync(
                wanted.session_id,
                AnswerStepStep(wanted.step),
                client=app,
                body=OwnAnswer(value=KnownAnswerValue.YES, version=wanted.version),
                idempotency_key=key(),
            )
            held(said)
    left = {str(wanted.step) for wanted in held(get_now.sync(client=app)).missing}
    holds(not left & steps, left)


def the_day(app: AuthenticatedClient, session: Session) -> Session:
    starts = at(session.starts_at)
    go_to(starts - timedelta(minutes=10))
    today = held(get_now.sync(client=app)).today
    holds(any(line.about == "visit" and line.say.startswith("Your visit is") for line in today))
    held(arrive_session.sync(session.id, client=CORA, body=Fact(), idempotency_key=key()))
    open_gate = refused(dose_session.sync(session.id, client=CLIVE, body=Fact(), idempotency_key=key()))
    holds(KnownRefusalCode.GATE_OPEN in [refusal.code for refusal in open_gate.refusals or []])
    answer(app, {"ride_today", "transport"})
    go_to(starts)
    held(dose_session.sync(session.id, client=CLIVE, body=Fact(), idempotency_key=key()))
    go_to(starts + 3 * HOUR)
    left = held(discharge_session.sync(session.id, client=CLIVE, body=Leaving(), idempotency_key=key()))
    holds(left.status is KnownSessionStatus.DISCHARGED)
    windows = held(get_now.sync(client=app)).windows
    driving = [window.say for window in windows if window.kind is KnownWindowKind.DRIVING]
    holds(driving and driving[0].startswith("No driving until"))
    step(f"arrived, refused while a gate was open, dosed, discharged. {driving[0]}")
    return left


def integrate(app: AuthenticatedClient, dose: Session) -> None:
    to_book = held(get_now.sync(client=app)).to_book
    bound = next(session for session in to_book if session.of_session_id == dose.id)
    booked = book(app, bound, at(dose.discharged_at) + 26 * HOUR)
    holds(booked.status is KnownSessionStatus.BOOKED)
    step("the follow-up visit is booked")


def leave_traces(app: AuthenticatedClient) -> None:
    link = held(make_own_calendar_link.sync(client=app, idempotency_key=key()))
    holds(link.url.endswith(".ics"))
    end_own_calendar_link.sync_detailed(client=app)
    url = "https://app.example.com/changed"
    endpoint = held(add_app_endpoint.sync(client=CORA, body=EndpointGiven(url=url), idempotency_key=key()))
    holds(end_app_endpoint.sync_detailed(endpoint.id, client=CORA).status_code == 204)
    held(get_board.sync(client=CORA))
    step("her calendar link is made and ended; the clinic's app backend is added and taken off")


def main() -> None:
    monday = monday_after(held(read_clock.sync(client=CORA)).now.at)
    go_to(monday)
    enrol(monday)
    app = sign_in()
    booked = book_all(app)
    store = Store(app)
    moved = move(store, booked[0])
    go_to(at(moved.starts_at) - 47 * HOUR)
    answer(app, {"attendance", "transport"})
    step("she answers in the app what is asked before the visit")
    dosed = the_day(app, moved)
    integrate(app, dosed)
    holds(store.catch_up())
    fresh = {session.id: session.to_dict() for session in Store(app).sessions.values()}
    holds({session.id: session.to_dict() for session in store.sessions.values()} == fresh)
    step("what her app has by following the changes is what it reads anew")
    leave_traces(app)


if __name__ == "__main__":
    main()
