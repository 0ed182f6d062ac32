"""Does each text go out at most once, and end in exactly one outcome, whatever the provider and the processes do?"""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from actions.record import lock
from actions.remind import remind, stale_all
from actions.texts.contacts import opt_out
from jobs import dispatch, recover
from jobs.clock import round_at
from jobs.provider import Unreachable
from jobs.recover import end_leases, end_silent_texts, look_for_lost, pull_receipts
from models import Attempt, Message, Outcome, Patient, Question, QuestionState, Reminder, Sender, Stage, Verdict, db
from models.clock import machine_now
from tests.jobs.fake_provider import (
    BROKEN,
    BUSY,
    DRIP,
    HALF,
    HANG,
    HTML,
    NEVER_TAKEN,
    OK,
    RESET,
    provider,
    refused_url,
)
from tests.jobs.sending import Scene, on_phones, on_the_wire, open_question, reasons, reminders, texts
from tests.people import NOW, SAM

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def fake():
    with provider() as fake:
        yield fake


@pytest.fixture
def scene(database, fake):
    with on_the_wire(database, fake) as scene:
        yield scene


def one_text() -> Message:
    (text,) = texts()
    return text


def invitation() -> Reminder:
    return next(each for each in reminders("support_invite") if each.part == "support")


def looks(scene: Scene, times: int) -> None:
    """As many looks at the provider's list as have come due, without waiting for them."""
    for _ in range(times):
        look_for_lost(scene.now, machine_now() + HOUR)


# Once, and with everything written


def test_a_text_that_is_due_goes_out_once(scene, fake):
    scene.invite()
    for _ in range(3):
        scene.send()
    assert len(fake.taken) == 1
    assert (one_text().stage, invitation().stage) == (Stage.SENT, Stage.SENT)
    assert fake.taken[0]["body"] == one_text().body
    assert "Ada" in one_text().body
    assert "Example" not in one_text().body


def test_the_attempt_is_committed_before_the_call_and_no_transaction_is_open_in_it(scene, fake):
    seen = []

    def look(message):
        with scene.app.app_context():
            seen.append([(each.verdict, each.token) for each in db.session.scalars(select(Attempt))])
            db.session.execute(update(Sender).values(paused_why=None))  # nobody else holds a lock now
            db.session.commit()

    fake.before_answer = look
    scene.invite()
    scene.send()
    ((verdict, token),) = seen[0]
    assert verdict == Verdict.POSTING
    assert token in fake.posts[0]["StatusCallback"]


def test_what_is_not_due_does_not_go(scene, fake):
    course = scene.enrol()
    scene.harbor.book_all(course, now=scene.now)
    scene.send()
    assert fake.taken == []


def test_a_notice_goes_after_its_delay_and_its_news_is_told(scene, fake):
    course = scene.enrol()
    scene.harbor.book_all(course, now=scene.now)
    scene.send(after=timedelta(minutes=2))
    scene.send(after=timedelta(minutes=2))
    assert len(fake.taken) == 1
    patient = scene.harbor.patient(course)
    remind(lock(patient.clinic_id, patient.id), now=scene.now)
    db.session.commit()
    scene.send(after=timedelta(minutes=5))
    assert len(fake.taken) == 1


def test_a_question_opens_with_its_text_and_is_of_its_contact(scene):
    scene.invite()
    scene.send()
    question = open_question()
    assert (question.step, question.contact_id) == ("invitation", scene.contact(SAM).id)
    assert one_text().question_id == question.id


# Lost answers


@pytest.mark.parametrize("mood", [RESET, HALF, HTML, BROKEN])
def test_a_lost_answer_is_found_at_the_provider_and_never_sent_again(scene, fake, mood):
    fake.script = [mood]
    scene.invite()
    scene.send()
    assert (one_text().stage, invitation().stage) == (Stage.UNCONFIRMED, Stage.UNCONFIRMED)
    looks(scene, 1)
    scene.send(after=HOUR)
    assert len(fake.taken) == len(fake.posts) == 1
    assert one_text().stage == Stage.SENT
    assert "not_told" not in reasons()


def test_a_provider_that_hangs_is_given_up_in_time(scene, fake):
    fake.script = [HANG]
    scene.invite()
    scene.send()
    assert one_text().stage == Stage.UNCONFIRMED


def test_an_answer_that_drips_is_given_up_in_time_and_counts_when_it_is_whole(scene, fake):
    """The client's timeout is one for each read; ours is for the whole call."""
    scene.dispatcher.timeout_s = 1.0
    fake.script = [DRIP]
    scene.invite()
    scene.send()
    assert one_text().stage == Stage.UNCONFIRMED
    fake.release.set()
    while not all(future.done() for future in scene.dispatcher._late):
        threading.Event().wait(0.05)
    scene.send()
    assert one_text().stage == Stage.SENT
    assert len(fake.posts) == 1


def test_what_the_provider_never_took_in_ends_with_a_person_and_is_not_sent_blindly(scene, fake):
    fake.script = [NEVER_TAKEN]
    scene.invite()
    scene.send()
    looks(scene, 1)
    assert one_text().stage == Stage.UNCONFIRMED
    looks(scene, 1)
    scene.send(after=HOUR)
    assert (one_text().outcome, invitation().outcome) == (Outcome.UNCONFIRMED, Outcome.UNCONFIRMED)
    assert "not_told" in reasons()
    assert len(fake.posts) == 1


def test_a_look_waits_for_its_time(scene, fake):
    fake.script = [RESET]
    scene.invite()
    scene.send()
    look_for_lost(scene.now, machine_now())
    assert fake.lists == 0


def test_two_equal_texts_to_one_number_are_not_mistaken_for_each_other(scene, fake):
    """One text was lost for good, an equal one arrived: the arrived one is not proof of the other."""
    fake.script = [OK, NEVER_TAKEN]
    scene.invite()
    scene.send()
    first = one_text()
    db.session.execute(
        update(Reminder).where(Reminder.id == invitation().id).values(message_id=None, stage=Stage.WAITING)
    )
    db.session.commit()
    scene.send()
    second = next(each for each in texts() if each.id != first.id)
    fake.taken[0]["body"] = second.body
    looks(scene, 2)
    assert next(each for each in texts() if each.id == second.id).outcome == Outcome.UNCONFIRMED


# Refusals


def test_too_many_requests_go_back_and_go_later(scene, fake):
    fake.script = [BUSY]
    scene.invite()
    scene.send()
    assert invitation().stage == Stage.WAITING
    scene.send(after=SECOND)
    assert len(fake.posts) == 1
    scene.send(after=timedelta(minutes=1))
    assert len(fake.taken) == 1
    assert invitation().stage == Stage.SENT
    assert open_question().step == "invitation"


def test_an_opt_out_that_only_the_provider_knew_is_kept_and_handed_to_a_person(scene, fake):
    fake.script = [21610]
    scene.invite()
    scene.send()
    assert scene.contact(SAM).opted_out_at == scene.now
    assert {"opted_out", "not_told"} <= reasons()
    assert invitation().outcome == Outcome.FAILED


@pytest.mark.parametrize(("code", "why"), [(21211, "invalid_number"), (21614, "landline")])
def test_a_number_that_cannot_be_texted_is_marked_and_handed_to_a_person(scene, fake, code, why):
    fake.script = [code]
    scene.invite()
    scene.send()
    assert scene.contact(SAM).unusable_why == why
    assert {"number_unusable", "not_told"} <= reasons()


def test_a_fault_of_the_account_pauses_the_sender_and_fails_nobody(scene, fake):
    fake.script = [20003]
    scene.invite()
    scene.send()
    scene.send(after=HOUR)
    assert scene.sender().paused_at is not None
    assert invitation().stage == Stage.WAITING
    assert len(fake.posts) == 1
    assert reasons() == {"sending_paused"}


def test_what_waits_behind_a_pause_goes_when_it_is_lifted(scene, fake):
    fake.script = [20003]
    scene.invite()
    scene.send()
    said = scene.app.test_cli_runner().invoke(args=["resume-sends"])
    assert said.exit_code == 0
    scene.send(after=HOUR)
    assert len(fake.taken) == 1
    assert reasons() == set()


def test_what_outlives_its_use_behind_a_pause_joins_the_clinics_one_call_list(scene, fake):
    fake.script = [20003]
    scene.invite()
    scene.send()
    scene.send(after=timedelta(days=3))
    assert invitation().outcome == Outcome.EXPIRED
    assert {"sending_paused", "not_told"} <= reasons()


def test_a_code_that_nobody_has_read_yet_fails_and_is_handed_to_a_person(scene, fake):
    fake.script = [29999]
    scene.invite()
    scene.send()
    assert (invitation().outcome, invitation().reason) == (Outcome.FAILED, "provider code 29999")
    assert "not_told" in reasons()


def test_a_fault_of_ours_is_told_to_the_clinic(scene, fake):
    fake.script = [21617]
    scene.invite()
    scene.send()
    assert {"text_refused", "not_told"} <= reasons()


def test_a_provider_that_is_down_loses_nothing(database):
    with on_the_wire(database, refused_url()) as scene:
        scene.invite()
        for _ in range(4):
            scene.send(after=timedelta(minutes=10))
        assert invitation().stage == Stage.WAITING
        assert reasons() == set()
        scene.send(after=timedelta(days=3))
        assert invitation().outcome == Outcome.EXPIRED
        assert "not_told" in reasons()


def test_what_outlives_its_use_while_a_sender_rests_is_a_task_at_once(scene):
    scene.invite()
    scene.now = invitation().not_after + timedelta(seconds=10)
    scene.dispatcher.breakers[scene.sender().id].until = scene.now + timedelta(minutes=5)
    scene.send()
    assert invitation().outcome == Outcome.EXPIRED
    assert "not_told" in reasons()


# The point of no return


@contextmanager
def between_claim_and_call(monkeypatch, meanwhile):
    """Something happens once, after the claim was committed and before the point of no return."""
    begin, coming = dispatch.begin, [meanwhile]

    def late(*args, **given):
        if coming:
            coming.pop()()
            db.session.commit()
        return begin(*args, **given)

    with monkeypatch.context() as patch:
        patch.setattr(dispatch, "begin", late)
        yield


def test_an_opt_out_at_the_last_moment_wins(scene, fake, monkeypatch):
    scene.invite()
    with between_claim_and_call(monkeypatch, lambda: opt_out(scene.contact(SAM), source="desk", now=scene.now)):
        scene.send()
    assert fake.posts == []
    assert (invitation().outcome, invitation().reason) == (Outcome.SUPPRESSED, "opted_out")
    assert texts() == []


def test_what_is_cancelled_after_the_claim_does_not_go_and_the_rest_waits_again(scene, fake, monkeypatch):
    course = scene.enrol()
    first, *_ = scene.harbor.book_all(course, now=scene.now)
    scene.send(after=timedelta(minutes=2))
    fake.taken.clear()
    scene.now, cancelled = first.starts_at - timedelta(hours=24), []

    def cancel():
        claimed = [each for each in reminders() if each.stage == Stage.CLAIMED]
        assert len(claimed) > 1
        cancelled.append(claimed[0].id)
        ended = {"stage": Stage.ENDED, "outcome": Outcome.CANCELLED, "reason": "the facts changed", "message_id": None}
        db.session.execute(update(Reminder).where(Reminder.id == claimed[0].id).values(**ended))

    with between_claim_and_call(monkeypatch, cancel):
        scene.send()
    assert fake.taken == []
    scene.send(after=SECOND)
    assert len(fake.taken) == 1
    sent = [each.id for each in reminders() if each.stage == Stage.SENT and each.message_id == texts()[-1].id]
    assert sent
    assert cancelled[0] not in sent


def test_a_stale_patients_texts_wait_until_they_are_judged_anew(scene, fake, monkeypatch):
    scene.invite()
    clinic_id = scene.harbor.clinic.id
    with between_claim_and_call(monkeypatch, lambda: stale_all(clinic_id)):
        scene.send()
    assert fake.posts == []
    assert invitation().stage == Stage.WAITING
    scene.send(after=SECOND)
    assert len(fake.taken) == 1
    assert db.session.scalars(select(Patient.stale)).all() == [False]


# Lost dispatchers


def test_a_dispatcher_that_dies_after_its_claim_leaves_it_to_the_next(scene, fake, monkeypatch):
    scene.invite()
    with between_claim_and_call(monkeypatch, lambda: 1 / 0):
        scene.send()
    assert invitation().stage == Stage.CLAIMED
    end_leases(machine_now())
    assert invitation().stage == Stage.CLAIMED
    end_leases(machine_now() + timedelta(minutes=1))
    assert (invitation().stage, texts()) == (Stage.WAITING, [])
    assert db.session.scalars(select(Question.state)).all() == [QuestionState.PLANNED]
    scene.send()
    assert len(fake.taken) == 1


def test_a_dispatcher_that_dies_in_the_call_leaves_a_doubt_and_no_second_text(scene, fake, monkeypatch):
    scene.invite()
    with monkeypatch.context() as patch:
        patch.setattr(dispatch, "settle", lambda *_, **__: 1 / 0)
        scene.send()
    scene.dispatcher._late.clear()  # the process is gone, and with it what it remembered
    assert invitation().stage == Stage.POSTING
    end_leases(machine_now() + timedelta(minutes=1))
    assert invitation().stage == Stage.UNCONFIRMED
    looks(scene, 1)
    scene.send(after=HOUR)
    assert invitation().stage == Stage.SENT
    assert len(fake.posts) == 1


def test_an_outcome_that_could_not_be_recorded_is_recorded_in_the_next_round(scene, fake, monkeypatch):
    scene.invite()
    with monkeypatch.context() as patch:
        patch.setattr(dispatch, "settle", lambda *_, **__: 1 / 0)
        scene.send()
    assert invitation().stage == Stage.POSTING
    scene.send()
    assert invitation().stage == Stage.SENT
    assert len(fake.posts) == 1


def test_two_dispatchers_at_once_send_everything_once(database, fake):
    with on_the_wire(database, fake) as scene:
        numbers = {f"+121255501{number}" for number in range(20, 32)}
        for number in numbers:
            scene.greet(number)
        db.session.commit()
        start = threading.Barrier(2)

        def run():
            start.wait()
            with scene.app.app_context():
                dispatch.Dispatcher(scene.app).run(lambda: scene.now)
                db.session.remove()

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(each["to"] for each in fake.taken) == sorted(numbers)
        assert {each.stage for each in texts()} == {Stage.SENT}


# Silence of the network


def test_a_network_that_says_nothing_for_three_days_is_an_outcome(scene):
    scene.invite()
    scene.send()
    end_silent_texts(scene.now + timedelta(hours=71))
    assert one_text().stage == Stage.SENT
    end_silent_texts(scene.now + timedelta(hours=73))
    assert (one_text().outcome, invitation().outcome) == (Outcome.UNREPORTED, Outcome.UNREPORTED)
    assert "not_told" not in reasons()


def test_nothing_depends_on_a_webhook_arriving(scene, fake):
    scene.invite()
    scene.send()
    fake.taken[0]["status"] = "delivered"
    pull_receipts(scene.now + timedelta(minutes=30), machine_now())
    scene.send()
    assert one_text().stage == Stage.SENT
    pull_receipts(scene.now + 2 * HOUR, machine_now())
    scene.send()
    assert one_text().outcome == Outcome.DELIVERED


def test_a_text_that_the_provider_does_not_know_is_asked_after_once(scene, fake):
    scene.invite()
    scene.send()
    fake.taken.clear()
    fake.unknown = True
    for _ in range(3):
        pull_receipts(scene.now + 2 * HOUR, machine_now())
    assert fake.lists == 1


def test_one_odd_text_keeps_no_other_from_being_asked_after(scene, fake, monkeypatch):
    for number in range(20, 23):
        scene.greet(f"+121255501{number}")
    db.session.commit()
    scene.send()
    first, *_ = db.session.scalars(select(Attempt.id).order_by(Attempt.id)).all()
    usual = recover._pull

    def pull(clinic_id, attempt_id, now):
        return usual(clinic_id, attempt_id, now) if attempt_id != first else 1 / 0

    monkeypatch.setattr(recover, "_pull", pull)
    pull_receipts(scene.now + 2 * HOUR, machine_now())
    assert fake.lists == 2
    monkeypatch.undo()
    pull_receipts(scene.now + 2 * HOUR, machine_now())
    assert fake.lists == 2  # put off
    pull_receipts(scene.now + 2 * HOUR, machine_now() + HOUR)
    assert fake.lists == 3


def test_a_provider_out_of_reach_is_asked_once_in_a_round(scene, monkeypatch):
    for number in range(20, 23):
        scene.greet(f"+121255501{number}")
    db.session.commit()
    scene.send()
    asked = []

    def out_of_reach(*_):
        asked.append(1)
        raise Unreachable

    monkeypatch.setattr(scene.dispatcher.providers["twilio"], "fetch", out_of_reach)
    pull_receipts(scene.now + 2 * HOUR, machine_now())
    assert len(asked) == 1


# The rate that was bought


def test_no_more_is_claimed_than_the_bought_rate_lets_out(database, fake):
    with on_the_wire(database, fake, TICK_S="1") as scene:
        for sender in db.session.scalars(select(Sender)).all():
            sender.segments_per_second = 4.0
        db.session.commit()
        for number in range(20, 26):
            scene.greet(f"+121255501{number}")
        db.session.commit()
        scene.send()
        assert 1 <= len(fake.taken) < 6


def test_a_text_without_words_is_handed_to_a_person_and_keeps_nobody_back(database):
    with on_phones(database) as scene:
        scene.invite()
        db.session.execute(update(Reminder).where(Reminder.kind == "support_invite").values(kind="post_rules"))
        scene.greet("+12125550120")
        db.session.commit()
        scene.send()
        assert [each.outcome for each in texts()] == [Outcome.DELIVERED]
        assert "not_told" in reasons()


def test_a_round_commits_what_its_caller_wrote(database):
    with on_phones(database) as scene:
        scene.invite()
        contact = scene.contact(SAM)
        contact.language = "es"
        round_at(lambda: NOW)
        db.session.rollback()
        assert scene.contact(SAM).language == "es"
