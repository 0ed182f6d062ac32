"""Does what the network says end alike in every order, and does everyone who was not told become somebody's task?"""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from actions.texts.hear import hear_receipt, interpret_receipt
from actions.texts.send import resume
from models import Attempt, Contact, Outcome, Receipt, Stage, Verdict, db
from tests.jobs.fake_provider import provider
from tests.jobs.sending import on_the_wire, reasons, reminders, sid_of, texts, token_of
from tests.people import SAM

WORDS: dict[str, list[tuple[str, int | None]]] = {
    "arrived": [("sent", None), ("delivered", None), ("queued", None)],
    "unreachable, then arrived": [("sent", None), ("undelivered", 30003), ("delivered", None)],
    "gone, then arrived": [("undelivered", 30005), ("sent", None), ("delivered", None)],
    "failed, then undelivered": [("failed", 30008), ("undelivered", 30003), ("sending", None)],
    "two reasons": [("undelivered", 30003), ("undelivered", 30005), ("sent", None)],
    "opted out, then arrived": [("undelivered", 21610), ("delivered", None), ("sent", None)],
    "an operator's fault": [("undelivered", 30034), ("sent", None), ("queued", None)],
}


@pytest.fixture
def fake():
    with provider() as fake:
        yield fake


@pytest.fixture
def scene(database, fake):
    with on_the_wire(database, fake) as scene:
        scene.invite()
        scene.send()
        yield scene


def what_holds(scene, text):
    """Everything that an order of receipts could change."""
    contact = db.session.get_one(Contact, (text.clinic_id, text.contact_id))
    said = [(each.stage, each.outcome, each.reason) for each in reminders() if each.message_id == text.id]
    paused = scene.sender().paused_at is not None
    return (
        (text.stage, text.outcome, text.status, text.error_code, said),
        (reasons(text.patient_id), contact.unusable_why, contact.opted_out_at is not None, paused),
    )


@pytest.mark.parametrize("story", WORDS)
def test_receipts_in_every_order_and_repeated_end_alike(database, fake, story):
    """As many people as there are orders get a text each."""
    orders = list(permutations(WORDS[story]))
    with on_the_wire(database, fake) as scene:
        for number in range(len(orders)):
            scene.tell_in_crisis(f"+121255501{number + 20}")
        db.session.commit()
        scene.send()
        ends = [_end_of(scene, taken, order) for taken, order in zip(fake.taken, orders, strict=True)]
    assert all(end == ends[0] for end in ends)


def _end_of(scene, taken, order):
    for status, code in [*order, *order]:
        scene.receipt(taken, status, code)
    text = next(each for each in texts() if sid_of(each) == taken["sid"])
    end = what_holds(scene, text)
    scene.sender().paused_at = None
    db.session.commit()
    return end


def test_a_delivery_is_the_outcome_of_the_text_and_all_it_said(scene, fake):
    scene.receipt(fake.taken[0], "delivered")
    (text,) = texts()
    assert (text.stage, text.outcome, text.status) == (Stage.ENDED, Outcome.DELIVERED, "delivered")
    assert {each.outcome for each in reminders() if each.message_id == text.id} == {Outcome.DELIVERED}
    assert reasons() == set()


def test_what_was_not_delivered_is_a_task_that_a_late_delivery_closes(scene, fake):
    scene.receipt(fake.taken[0], "undelivered", 30003)
    assert reasons() == {"not_told"}
    scene.receipt(fake.taken[0], "delivered")
    assert reasons() == set()


def test_a_repeated_receipt_is_not_stored_twice(scene, fake):
    assert scene.receipt(fake.taken[0], "sent")
    assert not scene.receipt(fake.taken[0], "sent")
    assert len(db.session.scalars(select(Receipt)).all()) == 1


def test_a_delivery_is_never_taken_back(scene, fake):
    scene.receipt(fake.taken[0], "delivered")
    scene.receipt(fake.taken[0], "undelivered", 30005)
    (text,) = texts()
    assert (text.outcome, text.error_code) == (Outcome.DELIVERED, None)
    assert scene.contact(SAM).unusable_why is None
    assert reasons() == set()


def test_a_delivery_that_comes_late_ends_what_nobody_reported(scene, fake):
    scene.send(after=timedelta(hours=73))
    assert texts()[0].outcome == Outcome.UNREPORTED
    scene.receipt(fake.taken[0], "delivered")
    assert texts()[0].outcome == Outcome.DELIVERED


def test_a_receipt_that_comes_before_the_answer_proves_the_text(database, fake):
    with on_the_wire(database, fake) as scene:
        fake.before_answer = lambda taken: _hear_early(scene, taken, "delivered")
        scene.invite()
        scene.send()
        (text,) = texts()
        assert (text.stage, text.outcome) == (Stage.ENDED, Outcome.DELIVERED)
        assert text.sent_at == scene.now
        (attempt,) = db.session.scalars(select(Attempt)).all()
        assert (attempt.verdict, attempt.sid) == (Verdict.ACCEPTED, fake.taken[0]["sid"])


def _hear_early(scene, taken, status):
    """The provider calls back while our own call is still waiting for its answer."""
    with scene.app.app_context():
        scene.receipt(taken, status)
        db.session.remove()


def test_a_receipt_of_nobodys_is_kept_and_left_alone(scene):
    hear_receipt(scene.sender(), "0" * 32, "SM" + "0" * 32, "delivered", None, now=scene.now)
    db.session.commit()
    scene.send()
    assert db.session.scalars(select(Receipt.interpreted_at)).all() == [None]
    scene.send(after=timedelta(hours=2))
    assert None not in db.session.scalars(select(Receipt.interpreted_at)).all()
    assert texts()[0].outcome is None


def test_a_receipt_with_our_token_and_another_sid_changes_nothing(scene, fake):
    forged = {**fake.taken[0], "sid": "SM" + "9" * 32}
    scene.receipt(forged, "undelivered", 30005)
    assert texts()[0].outcome is None
    assert scene.contact(SAM).unusable_why is None


def test_a_receipt_without_our_token_is_found_by_its_sid(scene, fake):
    bare = {**fake.taken[0], "callback": ""}
    assert token_of(bare["callback"]) == ""
    scene.receipt(bare, "delivered")
    assert texts()[0].outcome == Outcome.DELIVERED


def test_a_stored_receipt_is_interpreted_once(scene, fake):
    hear_receipt(scene.sender(), "", fake.taken[0]["sid"], "undelivered", 30003, now=scene.now)
    receipt = db.session.scalars(select(Receipt)).one()
    interpret_receipt(receipt, now=scene.now)
    first = receipt.interpreted_at
    interpret_receipt(receipt, now=scene.now + timedelta(hours=1))
    assert receipt.interpreted_at == first


def test_a_fault_of_a_text_from_before_the_pause_does_not_pause_a_resumed_sender_again(database, fake):
    with on_the_wire(database, fake) as scene:
        for number in ("+12125550120", "+12125550121"):
            scene.tell_in_crisis(number)
        db.session.commit()
        scene.send()
        scene.receipt(fake.taken[0], "undelivered", 30034)
        assert scene.sender().paused_at is not None
        scene.now += timedelta(minutes=1)
        resume(scene.sender(), now=scene.now)
        db.session.commit()
        scene.receipt(fake.taken[1], "undelivered", 30034)
        assert scene.sender().paused_at is None
        scene.tell_in_crisis("+12125550122")
        db.session.commit()
        scene.send()
        scene.receipt(fake.taken[2], "undelivered", 30034)
        assert scene.sender().paused_at is not None
