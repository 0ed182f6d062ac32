"""Does an app backend hear of every change, at least once, signed, and does a bad one keep nobody waiting?"""

import time
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from actions.apps.calling import Said, claim_call, settle_call
from actions.apps.endpoints import add_endpoint, end_endpoint, ping, rotate_secret
from actions.sessions.book import book
from care.calls import TOO_LONG, WAITS
from jobs.clock import round_at
from jobs.webhooks import PER_ENDPOINT, signed
from models import Call, Endpoint, Task, TaskReason, db
from models.clock import machine_now
from tests.databases import app_on
from tests.jobs.backend import HANGS, LOST, backend
from tests.people import NOW, harbor


@pytest.fixture
def steadfast(database):
    with (
        app_on(database.url, OUTBOUND_NETWORKS="127.0.0.0/8", OUTBOUND_TIMEOUT_S="1", LEASE_S="5") as app,
        app.app_context(),
    ):
        yield app
        app.extensions["steadfast.webhooks"].close()


@pytest.fixture
def home(steadfast):
    return harbor()


@pytest.fixture
def theirs():
    with backend() as theirs:
        yield theirs


def added(home, theirs):
    endpoint = add_endpoint(theirs.url, by=home.cora, now=NOW)
    theirs.secret = endpoint.secret
    db.session.commit()
    return endpoint


def deliver(app, now=NOW):
    """Everything that is due at `now`, to the end."""
    webhooks = app.extensions["steadfast.webhooks"]
    webhooks.wake(lambda: now)
    webhooks.wait()
    db.session.expire_all()


def calls():
    return db.session.scalars(db.select(Call).order_by(Call.id)).all()


def test_a_change_is_told_once_signed_and_says_nothing_of_anyone(steadfast, home, theirs):
    added(home, theirs)
    course = home.enrol_ada()
    deliver(steadfast)
    patient = home.patient(course)
    (said,) = theirs.heard
    assert said["type"] == "changed"
    assert said["data"] == {"patient_id": str(patient.id), "change_no": patient.change_no}
    assert set(said) == {"type", "timestamp", "data"}
    assert theirs.unverified == []
    deliver(steadfast)
    assert len(theirs.heard) == 1
    assert [(call.heard, call.answered, call.tries) for call in calls()] == [(True, 204, 1)]


def test_what_waits_says_the_latest_number_only(steadfast, home, theirs):
    added(home, theirs)
    course = home.enrol_ada()
    home.book_all(course)
    assert len(calls()) == 1
    deliver(steadfast)
    assert theirs.numbers == [home.patient(course).change_no]


def test_a_change_that_is_taken_back_calls_nobody(steadfast, home, theirs):
    added(home, theirs)
    course = home.enrol_ada()
    deliver(steadfast)
    session = home.session(course)
    book(session, home.first_slot(session), by=home.cora, now=NOW)
    db.session.rollback()
    deliver(steadfast)
    assert len(theirs.heard) == 1


def test_a_round_of_the_dispatcher_wakes_the_callers(steadfast, home, theirs):
    added(home, theirs)
    home.enrol_ada()
    round_at(lambda: NOW)
    steadfast.extensions["steadfast.webhooks"].wait()
    assert len(theirs.heard) == 1


def test_what_was_not_heard_is_said_again_under_the_same_id(steadfast, home, theirs):
    endpoint = added(home, theirs)
    for bad in (500, 429, 302, 404, LOST, HANGS):
        theirs.script, theirs.ids = [bad], []
        call_id = ping(endpoint, now=NOW).id
        db.session.commit()
        deliver(steadfast)
        call = one_call(home, call_id)
        assert (call.ended_at, call.tries) == (None, 1), bad
        assert NOW + WAITS[0] <= call.due_at <= NOW + WAITS[0] * 1.2
        deliver(steadfast, NOW + timedelta(seconds=4))
        assert len(theirs.ids) == 1, "too early"
        deliver(steadfast, NOW + timedelta(seconds=7))
        assert theirs.ids == [str(call_id)] * 2
        assert one_call(home, call_id).heard
    assert theirs.unverified == []


def one_call(home, call_id):
    return db.session.get_one(Call, (home.clinic.id, call_id))


def test_it_waits_as_long_as_it_is_asked_to(steadfast, home, theirs):
    added(home, theirs)
    theirs.script, theirs.headers = [503], {"Retry-After": "600"}
    home.enrol_ada()
    deliver(steadfast)
    assert calls()[0].due_at == NOW + timedelta(seconds=600)


def test_a_later_change_goes_out_at_once_and_settles_the_earlier(steadfast, home, theirs):
    added(home, theirs)
    theirs.script = [500]
    course = home.enrol_ada()
    deliver(steadfast)
    home.book_all(course)
    assert len(calls()) == 2
    deliver(steadfast)
    assert [call.heard for call in calls()] == [True]
    assert theirs.numbers[-1] == home.patient(course).change_no
    deliver(steadfast, NOW + timedelta(days=3))
    assert len(theirs.heard) == 2


def test_it_is_given_up_after_the_last_wait(steadfast, home, theirs):
    added(home, theirs)
    theirs.usually = 500
    home.enrol_ada()
    now = NOW
    for _ in range(len(WAITS) + 1):
        deliver(steadfast, now)
        now += timedelta(days=2)
    (call,) = calls()
    assert (call.heard, call.tries) == (False, len(WAITS) + 1)
    deliver(steadfast, now)
    assert len(theirs.heard) == len(WAITS) + 1


def test_days_of_silence_are_one_task_and_an_answer_ends_it(steadfast, home, theirs):
    endpoint = added(home, theirs)
    theirs.usually = 500
    course = home.enrol_ada()
    deliver(steadfast)
    assert tasks() == []
    for days in (2, 4, 6):
        deliver(steadfast, NOW + timedelta(days=days) + TOO_LONG)
    assert tasks() == [("app_not_reached", "open")]
    theirs.usually = 200
    home.book_all(course)
    deliver(steadfast, NOW + timedelta(days=9))
    assert tasks() == [("app_not_reached", "closed")]
    assert db.session.get_one(Endpoint, (endpoint.clinic_id, endpoint.id)).failing_since is None


def tasks():
    rows = db.session.execute(db.select(TaskReason.code, Task.state).join(Task, Task.id == TaskReason.task_id))
    return [(code, state) for code, state in rows if code.startswith("app_")]


def test_gone_ends_the_endpoint_and_somebody_is_told(steadfast, home, theirs):
    endpoint = added(home, theirs)
    theirs.usually = 410
    course = home.enrol_ada()
    deliver(steadfast)
    row = db.session.get_one(Endpoint, (endpoint.clinic_id, endpoint.id))
    assert (row.ended_why, row.ended_at) == ("gone", NOW)
    assert tasks() == [("app_gone", "open")]
    home.book_all(course)
    deliver(steadfast, NOW + timedelta(days=1))
    assert len(theirs.heard) == 1


def test_what_was_taken_off_hears_nothing_more(steadfast, home, theirs):
    endpoint = added(home, theirs)
    home.enrol_ada()
    end_endpoint(endpoint, by=home.cora, now=NOW)
    db.session.commit()
    deliver(steadfast)
    assert theirs.heard == []


def test_for_a_day_both_secrets_sign(steadfast, home, theirs):
    endpoint = added(home, theirs)
    old = endpoint.secret
    rotate_secret(endpoint, by=home.cora, now=NOW)
    db.session.commit()
    new = endpoint.secret
    assert old != new
    home.enrol_ada()
    ringing = claim_call(NOW, machine_now(), lease_s=5, besides=())
    for secret in (old, new):
        Webhook(secret).verify(ringing.body, signed(ringing, machine_now()))
    db.session.rollback()
    assert claim_call(NOW + timedelta(days=2), machine_now(), lease_s=5, besides=()).secrets == (new,)
    db.session.rollback()


def test_a_test_call_is_signed_like_any_other(steadfast, home, theirs):
    endpoint = added(home, theirs)
    ping(endpoint, now=NOW)
    db.session.commit()
    deliver(steadfast)
    assert [(said["type"], said["data"]) for said in theirs.heard] == [("ping", {})]
    assert theirs.unverified == []


def test_a_dispatcher_that_died_between_claim_and_answer_is_followed_by_another(steadfast, home, theirs):
    added(home, theirs)
    home.enrol_ada()
    died_at = machine_now()
    lost = claim_call(NOW, died_at, lease_s=30, besides=())
    db.session.commit()
    deliver(steadfast)
    assert theirs.heard == [], "its lease is not over"
    again = claim_call(NOW, died_at + timedelta(seconds=31), lease_s=30, besides=())
    db.session.commit()
    assert (again.call_id, again.tries) == (lost.call_id, 2)
    settle_call(lost, Said(500), now=NOW)
    db.session.commit()
    assert calls()[0].answered is None, "what the dead one heard is not the second one's answer"
    settle_call(again, Said(200), now=NOW)
    db.session.commit()
    assert calls()[0].heard


def test_two_dispatchers_do_not_make_the_same_call(steadfast, database, home, theirs):
    added(home, theirs)
    home.enrol_ada()
    first = claim_call(NOW, machine_now(), lease_s=30, besides=())
    db.session.commit()
    assert first is not None
    assert claim_call(NOW, machine_now(), lease_s=30, besides=()) is None
    db.session.rollback()


def test_a_backend_that_hangs_keeps_neither_others_nor_the_round_waiting(steadfast, home, theirs):
    elsewhere = harbor("Cove")
    endpoint = added(home, theirs)
    for _ in range(6):
        ping(endpoint, now=NOW - timedelta(hours=1))
    theirs.usually = HANGS
    with backend() as quick:
        endpoint = add_endpoint(quick.url, by=elsewhere.cora, now=NOW)
        quick.secret = endpoint.secret
        ping(endpoint, now=NOW)
        db.session.commit()
        began = time.monotonic()
        webhooks = steadfast.extensions["steadfast.webhooks"]
        webhooks.wake(lambda: NOW)
        assert time.monotonic() - began < 0.5
        while not quick.heard and time.monotonic() - began < 0.9:
            time.sleep(0.02)
        assert len(quick.heard) == 1
        assert len(theirs.heard) == PER_ENDPOINT
        webhooks.wait()


def test_without_leave_no_address_of_this_machine_is_called(database, theirs):
    with app_on(database.url) as app, app.app_context():
        home = harbor()
        added(home, theirs)
        home.enrol_ada()
        deliver(app)
        app.extensions["steadfast.webhooks"].close()
        assert theirs.heard == []
        assert [(call.why, call.answered) for call in calls()] == [("forbidden", None)]
