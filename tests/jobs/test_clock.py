"""Does the demonstration's clock live through every moment in its order, and does the tick only tick?"""

from datetime import timedelta

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from actions.sessions.attend import arrive, dose
from actions.sessions.confirm import confirm
from care.facts import How, Step, Value
from jobs.breaker import FAULTS, LONGEST, SHORTEST, Breaker
from jobs.clock import advance, schedule
from models import TaskReason, db
from models.clock import care_now, set_care_clock
from tests.jobs.sending import on_phones, reasons, reminders, texts
from tests.people import NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def scene(database):
    with on_phones(database) as scene:
        set_care_clock(NOW)
        db.session.commit()
        yield scene


def test_every_text_goes_at_its_own_moment(scene):
    course = scene.enrol()
    first, *_ = scene.harbor.book_all(course, now=scene.now)
    advance(first.starts_at)
    sent = {reminder.id: reminder for reminder in reminders() if reminder.message_id}
    moments = {text.id: text.sent_at for text in texts()}
    assert sent
    alone = [each for each in sent.values() if each.kind in ("booked_notice", "session_confirm") and not each.repeat]
    assert all(moments[each.message_id] == each.due_at for each in alone if each.session_id == first.id)
    assert care_now() >= first.starts_at


def test_moments_that_fall_between_two_moves_are_lived_through_all_the_same(scene):
    first, *_ = scene.harbor.book_all(scene.enrol(), now=scene.now)
    while NOW + timedelta(hours=7) < first.starts_at and care_now() < first.starts_at - timedelta(hours=24):
        advance(care_now() + timedelta(hours=7))
    asked = [each for each in reminders("session_confirm") if each.session_id == first.id and each.message_id]
    moments = {text.id: text.sent_at for text in texts()}
    assert [moments[each.message_id] for each in asked] == [each.due_at for each in asked]
    assert asked


def test_silence_and_absence_become_tasks_on_the_way(scene):
    first, *_ = scene.harbor.book_all(scene.enrol(), now=scene.now)
    advance(first.starts_at + timedelta(hours=1))
    assert {"attendance_unanswered", "transport_unanswered", "not_arrived"} <= reasons()


@pytest.mark.parametrize(("dosed", "code"), [(False, "not_dosed"), (True, "not_discharged")])
def test_a_visit_that_does_not_go_on_becomes_a_task_at_its_own_moment(scene, dosed, code):
    first, *_ = scene.harbor.book_all(scene.enrol(), now=scene.now)
    at = first.starts_at
    advance(at)
    for step in (Step.TRANSPORT, Step.RIDE_TODAY):
        confirm(first, step, Value.YES, by=scene.harbor.cora, how=How.STAFF, now=at)
    arrive(first, by=scene.harbor.cora, now=at)
    if dosed:
        dose(first, by=scene.harbor.clive, now=at + 20 * MINUTE)
    db.session.commit()
    advance(at + timedelta(hours=5))
    (asked,) = db.session.scalars(db.select(TaskReason).where(TaskReason.code == code)).all()
    assert asked.at == (first.ends_at + 35 * MINUTE if dosed else at + 30 * MINUTE)


def test_the_clock_never_goes_back(scene):
    advance(NOW + timedelta(days=1))
    advance(NOW)
    assert care_now() >= NOW + timedelta(days=1)


def test_the_tick_keeps_no_jobs_and_never_runs_twice_at_once(scene):
    scheduler = BackgroundScheduler(timezone="UTC")
    schedule(scheduler, scene.app)
    scheduler.start(paused=True)
    (job,) = scheduler.get_jobs()
    assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
    assert type(scheduler._lookup_jobstore("default")).__name__ == "MemoryJobStore"
    scheduler.shutdown()


# A sender's rest


def test_a_sender_rests_after_several_lost_calls_and_then_tries_one():
    breaker = Breaker()
    for _ in range(FAULTS):
        assert not breaker.rests_at(NOW)
        breaker.silent(NOW)
    assert breaker.rests_at(NOW)
    assert not breaker.rests_at(NOW + SHORTEST)
    assert breaker.is_probing


def test_a_rest_doubles_with_each_failed_try_up_to_a_limit():
    breaker, now = Breaker(), NOW
    rests: list[timedelta] = []
    for _ in range(FAULTS):
        breaker.silent(now)
    while len(rests) < 6 and breaker.until is not None:
        rests.append(breaker.until - now)
        now = breaker.until
        breaker.silent(now)
    assert rests[:3] == [SHORTEST, 2 * SHORTEST, 4 * SHORTEST]
    assert rests[-1] == LONGEST


def test_an_answer_ends_the_rest():
    breaker = Breaker()
    for _ in range(FAULTS):
        breaker.silent(NOW)
    breaker.answered()
    assert not breaker.rests_at(NOW)
    assert not breaker.is_probing
