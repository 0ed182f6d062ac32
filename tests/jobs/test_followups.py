"""What happens because nothing happened?"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from actions import remind
from actions.ask import close
from actions.remind import stale_all
from actions.sessions.attend import arrive
from actions.sessions.book import hold
from actions.sessions.confirm import confirm
from care.facts import How, Step, Value
from jobs import clock, recover
from models import Booking, Outcome, Patient, Question, Session, Task, TaskReason, db
from tests.jobs.sending import on_phones, reasons, reminders, texts
from tests.people import NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def scene(database):
    with on_phones(database) as scene:
        yield scene


@pytest.fixture
def first(scene):
    """Ada's first dose, booked."""
    return scene.harbor.book_all(scene.enrol(), now=scene.now)[0]


def test_silence_becomes_one_task_of_the_session(scene, first):
    scene.now = first.starts_at - timedelta(hours=19)
    scene.send()
    scene.send(after=MINUTE)
    tasks = db.session.scalars(select(Task).where(Task.session_id == first.id)).all()
    assert len(tasks) == 1
    codes = [each.code for each in tasks[0].reasons]
    assert len(codes) == len(set(codes))
    assert {"attendance_unanswered", "transport_unanswered"} <= set(codes)


def test_a_task_made_of_silence_is_not_made_again_after_a_person_closed_it(scene, first):
    scene.now = first.starts_at - timedelta(hours=19)
    scene.send()
    for task in db.session.scalars(select(Task).where(Task.session_id == first.id)).all():
        close(task, by=scene.harbor.cora, now=scene.now)
    db.session.commit()
    scene.send(after=MINUTE)
    assert reasons(first.patient_id) == set()


def test_an_answer_in_time_makes_no_task(scene, first):
    for step in (Step.ATTENDANCE, Step.TRANSPORT, Step.SUPPORT):
        confirm(first, step, Value.YES, by=scene.harbor.cora, how=How.STAFF, now=scene.now)
    db.session.commit()
    scene.now = first.starts_at - timedelta(hours=19)
    scene.send()
    assert {"attendance_unanswered", "transport_unanswered"}.isdisjoint(reasons())


def test_an_answer_after_the_task_takes_the_task_back(scene, first):
    scene.now = first.starts_at - timedelta(hours=19)
    scene.send()
    for step in (Step.ATTENDANCE, Step.TRANSPORT, Step.SUPPORT):
        confirm(first, step, Value.YES, by=scene.harbor.cora, how=How.STAFF, now=scene.now)
    db.session.commit()
    assert {"attendance_unanswered", "transport_unanswered"}.isdisjoint(reasons())


def test_a_silence_that_goes_on_is_a_second_reason(scene, first):
    question = db.session.scalars(select(Question).where(Question.session_id == first.id)).first()
    question.then_at, question.then_code = question.task_at + HOUR, "integration_late"
    db.session.commit()
    code, scene.now = question.task_code, question.task_at
    scene.send()
    assert code in reasons()
    assert "integration_late" not in reasons()
    scene.send(after=HOUR)
    assert {code, "integration_late"} <= reasons()


def test_who_has_not_come_a_quarter_of_an_hour_after_the_start_is_called(scene, first):
    scene.now = first.starts_at + timedelta(minutes=14)
    scene.send()
    assert "not_arrived" not in reasons()
    scene.send(after=MINUTE)
    assert "not_arrived" in reasons()
    db.session.refresh(first)
    assert first.status == "booked"


def test_who_was_called_is_not_called_again(scene, first):
    scene.now = first.starts_at + timedelta(minutes=15)
    scene.send()
    for task in db.session.scalars(select(Task).where(Task.session_id == first.id)).all():
        close(task, by=scene.harbor.cora, now=scene.now)
    db.session.commit()
    scene.send(after=MINUTE)
    absences = db.session.scalars(select(TaskReason).where(TaskReason.code == "not_arrived")).all()
    assert len(absences) == 1
    assert "not_arrived" not in reasons()


def test_who_has_come_is_not_called(scene, first):
    for step in (Step.ATTENDANCE, Step.TRANSPORT, Step.RIDE_TODAY, Step.SUPPORT):
        confirm(first, step, Value.YES, by=scene.harbor.cora, how=How.STAFF, now=scene.now)
    arrive(first, by=scene.harbor.cora, now=first.starts_at)
    db.session.commit()
    scene.now = first.starts_at + timedelta(minutes=20)
    scene.send()
    assert "not_arrived" not in reasons()


def test_a_hold_ends_with_its_minutes(scene):
    course = scene.enrol()
    session = scene.harbor.session(course)
    hold(session, scene.harbor.first_slot(session), by=scene.harbor.cora, minutes=10, now=scene.now)
    db.session.commit()
    scene.send(after=9 * MINUTE)
    assert db.session.scalars(select(Booking)).all()
    scene.send(after=MINUTE)
    assert db.session.scalars(select(Booking)).all() == []


def test_stale_patients_are_judged_anew(scene, first):
    stale_all(scene.clinic_id)
    db.session.commit()
    scene.send()
    assert db.session.scalars(select(Patient.stale)).all() == [False]


def test_one_odd_patient_keeps_no_other_stale_and_what_is_overdue_of_theirs_is_for_a_person(scene, monkeypatch):
    scene.greet("+12125550120")
    scene.greet("+12125550121")
    odd, other = db.session.scalars(select(Patient.id).order_by(Patient.id)).all()
    stale_all(scene.clinic_id)
    db.session.commit()
    usual = remind.patient_facts

    def facts(patient):
        return usual(patient) if patient.id != odd else 1 / 0

    monkeypatch.setattr(remind, "patient_facts", facts)
    scene.send()
    assert db.session.scalars(select(Patient.id).where(Patient.stale)).all() == [odd]
    assert {each.patient_id for each in texts()} == {other}
    scene.send(after=timedelta(days=10))
    assert {each.outcome for each in reminders() if each.patient_id == odd and each.not_after < scene.now} == {
        Outcome.EXPIRED
    }


def test_stale_patients_behind_a_page_of_odd_ones_have_their_turn(scene, monkeypatch):
    for number in range(20, 24):
        scene.greet(f"+121255501{number}")
    *odd, last = db.session.scalars(select(Patient.id).order_by(Patient.id)).all()
    stale_all(scene.clinic_id)
    db.session.commit()
    usual = remind.patient_facts
    monkeypatch.setattr(recover, "AT_ONCE", 2)
    monkeypatch.setattr(remind, "patient_facts", lambda patient: usual(patient) if patient.id == last else 1 / 0)
    scene.send()
    assert set(db.session.scalars(select(Patient.id).where(Patient.stale))) == set(odd)


def test_a_fault_in_one_step_leaves_the_others_be(scene, first, monkeypatch):
    scene.now = first.starts_at - timedelta(hours=24)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(clock.recover, "interpret_new", fail)
    scene.send()
    assert texts()
    assert db.session.get_one(Session, (first.clinic_id, first.id)).starts_at > NOW
