"""Who is claimed when, and what is written with it? Contacts by deadline, one text each, one open question each."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from actions.courses.wish import SupportNamed
from actions.facts import person_of
from actions.texts.claiming import Batch, batch, claim, senders_due
from actions.texts.tell import tell
from care.pacing import Pace
from models import (
    Contact,
    Link,
    Message,
    Outcome,
    Patient,
    Question,
    QuestionState,
    Reminder,
    Sender,
    Stage,
    SupportPerson,
    SupportState,
    db,
)
from models.clock import machine_now
from models.sealed import keyed_digest
from tests.databases import POSTGRESQL
from tests.jobs.sending import Scene, on_phones, open_question, reasons, reminders, texts
from tests.people import ADA, SAM, harbor

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def scene(database):
    with on_phones(database) as scene:
        yield scene


BASE_URL = "https://steadfast.example"


def claim_all(scene: Scene, limit: int = 50) -> Batch:
    batch = claim(scene.sender(), base_url=BASE_URL, now=scene.now, machine_now=machine_now(), lease_s=60, limit=limit)
    db.session.commit()
    return batch


def test_a_claim_writes_the_text_its_reminders_and_its_question_together(scene):
    scene.invite()
    batch = claim_all(scene)
    (text,) = texts()
    (claimed,) = batch.claimed
    assert (text.stage, text.id) == (Stage.CLAIMED, claimed.message_id)
    assert {each.stage for each in reminders() if each.id in claimed.reminder_ids} == {Stage.CLAIMED}
    assert open_question().id == text.question_id
    assert text.segments >= 1


def test_what_is_claimed_is_not_claimed_again(scene):
    scene.invite()
    assert claim_all(scene).claimed
    assert claim_all(scene) == Batch((), 0)


def test_the_most_urgent_contact_comes_first(scene):
    for number in ("+12125550120", "+12125550121", "+12125550122"):
        scene.greet(number)
    hurried = db.session.scalars(
        select(Reminder).where(Reminder.kind == "help_text").order_by(Reminder.id.desc())
    ).first()
    assert hurried is not None
    hurried.not_after = scene.now + MINUTE
    db.session.commit()
    (claimed,) = claim_all(scene, limit=1).claimed
    assert claimed.reminder_ids == (hurried.id,)


def test_a_text_names_people_by_their_first_names_and_opens_its_page(scene):
    scene.invite()
    claim_all(scene)
    (text,) = texts()
    assert "Ada" in text.body
    assert "Example" not in text.body
    token = text.body.partition("/go/")[2].split()[0]
    (link,) = db.session.scalars(select(Link)).all()
    assert link.digest == keyed_digest("link", token.encode())
    assert link.subject_id == db.session.scalars(select(SupportPerson.id)).one()
    assert len(token) >= 22


def test_only_the_first_text_introduces_itself(scene):
    scene.invite()
    scene.send()
    scene.send(after=timedelta(hours=25))
    bodies = [text.body for text in texts() if text.contact_id == scene.contact(SAM).id]
    assert [("HELP" in body) for body in bodies] == [True] + [False] * (len(bodies) - 1)


def test_a_stale_patients_contacts_are_passed_over(scene):
    scene.invite()
    db.session.execute(update(Patient).values(stale=True))
    db.session.commit()
    assert senders_due(scene.now) == []
    assert claim_all(scene) == Batch((), 0)


def test_a_paused_sender_has_nothing_due(scene):
    scene.invite()
    assert scene.sender().id in senders_due(scene.now)
    db.session.execute(update(Sender).values(paused_at=scene.now))
    db.session.commit()
    assert senders_due(scene.now) == []


def test_a_number_that_cannot_be_texted_becomes_a_call(scene):
    scene.invite()
    db.session.execute(update(Contact).values(unusable_why="landline"))
    db.session.commit()
    assert claim_all(scene).claimed == ()
    invited = next(each for each in reminders("support_invite") if each.part == "support")
    assert (invited.outcome, invited.reason) == (Outcome.EXPIRED, "number_unusable")
    assert "not_told" in reasons()


def test_an_opted_out_number_hears_nothing_and_a_person_knows(scene):
    scene.invite()
    db.session.execute(update(Contact).values(opted_out_at=scene.now))
    db.session.commit()
    assert claim_all(scene).claimed == ()
    invited = next(each for each in reminders("support_invite") if each.part == "support")
    assert (invited.outcome, invited.reason) == (Outcome.SUPPRESSED, "opted_out")
    assert "not_told" in reasons()


def test_what_is_too_late_expires_with_a_task(scene):
    scene.invite()
    scene.now += timedelta(days=3)
    claim_all(scene)
    assert {each.outcome for each in reminders("support_invite") if each.part == "support"} == {Outcome.EXPIRED}
    assert "not_told" in reasons()


def test_a_held_reminder_is_looked_at_again_when_pacing_says(scene):
    scene.invite()
    scene.now = scene.now.replace(hour=4)  # 23:00 in New York the day before: quiet
    db.session.execute(
        update(Reminder)
        .values(not_before=scene.now, due_at=scene.now, look_at=scene.now)
        .where(Reminder.stage == Stage.WAITING)
    )
    db.session.commit()
    assert claim_all(scene).claimed == ()
    held = next(each for each in reminders("support_invite") if each.part == "support")
    assert held.stage == Stage.WAITING
    assert held.look_at == scene.now.replace(hour=13)  # 8:00 in New York


def test_a_harder_question_takes_over_and_the_other_lapses(scene):
    course = scene.harbor.enrol_ada(supports=(SupportNamed("Sam Sample", ADA),), now=scene.now)
    scene.harbor.book_all(course, now=scene.now)
    scene.send()
    invitation = open_question()
    scene.send(after=3 * MINUTE)  # what was booked is told before anybody is asked about it
    transport = next(each for each in reminders("transport_confirm"))
    transport.not_before = transport.due_at = transport.look_at = scene.now
    transport.gate = "hard"
    db.session.commit()
    scene.send(after=MINUTE)
    assert open_question().step == "transport"
    db.session.refresh(invitation)
    assert invitation.state == QuestionState.LAPSED
    assert scene.contact(ADA).takeover_until == scene.now + 10 * MINUTE


def test_one_text_on_a_phone_of_two_patients_speaks_of_one(scene):
    first = scene.harbor.patient(scene.enrol())
    second = scene.enrol_someone("+12125550120")
    second.contact_id = first.contact_id
    for patient in (first, second):
        tell(patient, "post_rules", person_of(patient), subject_id=patient.id, fills=_rules(scene), now=scene.now)
    db.session.execute(update(Reminder).values(part="patient"))
    db.session.commit()
    claimed = claim_all(scene).claimed
    assert {each.patient_id for each in claimed} == {first.id, second.id}


def _rules(scene: Scene) -> dict[str, str]:
    later = (scene.now + timedelta(days=1)).isoformat()
    return {"driving_until": later, "alcohol_until": later}


def test_what_a_removed_support_person_was_to_hear_holds_nobody_up(scene):
    scene.invite()
    db.session.execute(update(SupportPerson).values(state=SupportState.REMOVED))
    db.session.commit()
    scene.greet("+12125550120")
    db.session.commit()
    claim_all(scene, limit=1)
    unheard = [each for each in reminders() if each.part == "support"]
    assert {(each.outcome, each.reason) for each in unheard} == {(Outcome.CANCELLED, "they were removed")}
    assert "not_told" not in reasons()
    assert [each.contact_id for each in texts()] == [scene.contact("+12125550120").id]


def test_what_pacing_does_not_decide_does_not_come_up_again_and_again(scene, monkeypatch):
    scene.invite()
    monkeypatch.setattr(batch, "pace", lambda *_: Pace())
    claim_all(scene)
    assert senders_due(scene.now) == []
    assert senders_due(scene.now + timedelta(minutes=1)) != []


def test_a_contact_that_somebody_else_has_locked_is_passed_over(database):
    """On SQLite there is one writer, so nobody else has anything locked."""
    if database.kind != POSTGRESQL:
        return
    with on_phones(database) as scene:
        scene.invite()
        sam, locked, done = scene.contact(SAM).id, threading.Event(), threading.Event()

        def hold():
            with scene.app.app_context():
                db.session.execute(select(Contact).where(Contact.id == sam).with_for_update())
                locked.set()
                done.wait(10)
                db.session.rollback()

        holder = threading.Thread(target=hold)
        holder.start()
        locked.wait(10)
        assert claim_all(scene) == Batch((), 0, frozenset({sam}))
        scene.greet("+12125550120")
        db.session.commit()
        scene.send()
        assert [each.contact_id for each in texts()] == [scene.contact("+12125550120").id]
        done.set()
        holder.join()
        assert len(claim_all(scene).claimed) == 1


def test_each_clinic_sends_by_its_own_sender(scene):
    other = harbor("Bayside")
    scene.invite()
    batch = claim(
        db.session.scalars(select(Sender).where(Sender.clinic_id == other.clinic.id)).first(),
        base_url=BASE_URL,
        now=scene.now,
        machine_now=machine_now(),
        lease_s=60,
        limit=50,
    )
    assert batch == Batch((), 0)
    assert len(claim_all(scene).claimed) == 1


def test_the_caps_count_what_went_out(scene):
    scene.invite()
    sam = scene.contact(SAM)
    for number in range(3):
        db.session.add(
            Message(
                clinic_id=sam.clinic_id,
                contact_id=sam.id,
                patient_id=db.session.scalars(select(Patient.id)).one(),
                sender_id=scene.sender().id,
                body=f"text {number}",
                segments=1,
                load="window",
                stage=Stage.ENDED,
                outcome=Outcome.DELIVERED,
                not_after=scene.now,
                made_at=scene.now - HOUR,
                sent_at=scene.now - HOUR,
                claim=sam.id,
                lease_until=scene.now,
            )
        )
    db.session.execute(update(Reminder).values(repeat=1).where(Reminder.part == "support"))
    db.session.commit()
    assert claim_all(scene).claimed == ()
    held = next(each for each in reminders("support_invite") if each.part == "support")
    assert held.stage == Stage.WAITING
    assert held.look_at > scene.now
    assert db.session.scalars(select(Question.state)).all() == [QuestionState.PLANNED]
