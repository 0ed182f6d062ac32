"""Does a course live: enrolled, booked, moved, answered, ended?"""

import itertools
from datetime import timedelta

import pytest

from actions.remind import remind
from actions.sessions.attend import arrive, correct, discharge, dose
from actions.sessions.book import book, hold
from actions.sessions.confirm import confirm
from actions.sessions.end import cancel, miss
from actions.sessions.move import PlanIsStale, move, preview
from actions.sessions.readiness import readiness
from actions.sessions.slots import slot_of, token
from care.facts import Cause, How, Step, Value
from care.refusals import Code, Refused
from models import Booking, Question, RecordEntry, Reminder, Session, Task, db
from tests.people import NOW, Harbor, harbor


@pytest.fixture
def clinic(app: object) -> Harbor:
    return harbor()


def test_enrolling_plans_the_course_and_invites_the_support_person(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    sessions = db.session.scalars(db.select(Session).filter_by(course_id=course.id)).all()
    assert sum(session.kind == "dosing" for session in sessions) == 6
    kinds = db.session.scalars(db.select(Reminder.kind)).all()
    assert "support_invite" in kinds


def test_booking_takes_every_resource_and_writes_reminders(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    session = clinic.session(course)
    slot = clinic.first_slot(session)
    book(session, slot_of(token(slot), session), by=clinic.cora, now=NOW)
    db.session.commit()
    assert session.status == "booked"
    assert db.session.query(Booking).count() == 3
    kinds = set(db.session.scalars(db.select(Reminder.kind)))
    assert {"session_confirm", "solids_stop", "liquids_stop", "transport_confirm", "booked_notice"} <= kinds


def test_reconciling_twice_changes_nothing(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    clinic.book_all(course)
    before = db.session.execute(db.select(Reminder.id, Reminder.stage, Reminder.due_at).order_by(Reminder.id)).all()
    remind(clinic.patient(course), now=NOW + timedelta(hours=1))
    db.session.commit()
    after = db.session.execute(db.select(Reminder.id, Reminder.stage, Reminder.due_at).order_by(Reminder.id)).all()
    assert before == after


def test_a_held_slot_is_nobody_elses(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    first = clinic.session(course)
    slot = clinic.first_slot(first)
    hold(first, slot, by=clinic.cora, minutes=10, now=NOW)
    db.session.commit()
    assert db.session.query(Booking).filter(Booking.held_until.is_not(None)).count() == 3
    book(first, slot, by=clinic.cora, now=NOW)
    db.session.commit()
    assert db.session.query(Booking).filter(Booking.held_until.is_not(None)).count() == 0


def test_a_move_reflows_the_later_doses_and_voids_old_answers(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    sessions = clinic.book_all(course)
    first = sessions[0]
    confirm(first, Step.TRANSPORT, Value.YES, by=clinic.cora, how=How.STAFF, now=NOW)
    db.session.commit()
    at = first.starts_at + timedelta(days=2)
    from actions.sessions.offer import offered

    slot = next(s for s, r in offered(first, at, at + timedelta(days=1), by=clinic.cora, now=NOW) if not r)
    plan = preview(first, slot, by=clinic.cora, now=NOW, reason="holiday")
    assert not plan.refusals
    assert len(plan.moves) > 1
    assert (first.id, "transport") in plan.void
    done = move(first, slot, plan.token, by=clinic.cora, now=NOW, reason="holiday")
    db.session.commit()
    assert done.token == plan.token
    assert first.version == 2
    starts = sorted(session.starts_at for session in sessions if session.starts_at)
    assert all(later - earlier >= timedelta(hours=36) for earlier, later in itertools.pairwise(starts))
    steps = {step.step: step.state for step in readiness(first, now=NOW).steps}
    assert steps[Step.TRANSPORT] != "yes"


def test_a_plan_that_changed_is_shown_again(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    sessions = clinic.book_all(course)
    at = sessions[0].starts_at + timedelta(hours=1)
    from actions.sessions.offer import offered

    slot = next(s for s, r in offered(sessions[0], at, at + timedelta(hours=9), by=clinic.cora, now=NOW) if not r)
    plan = preview(sessions[0], slot, by=clinic.cora, now=NOW)
    cancel(sessions[3], Cause.PATIENT, "away", by=clinic.cora, now=NOW)
    db.session.commit()
    with pytest.raises(PlanIsStale) as stale:
        move(sessions[0], slot, plan.token, by=clinic.cora, now=NOW, reason="later")
    assert stale.value.preview.token != plan.token


def test_a_dose_waits_for_every_hard_gate(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    session = clinic.book_all(course)[0]
    now = session.starts_at
    arrive(session, by=clinic.cora, now=now)
    db.session.commit()
    with pytest.raises(Refused) as refused:
        dose(session, by=clinic.clive, now=now)
    assert {refusal.code for refusal in refused.value.refusals} == {Code.GATE_OPEN}
    db.session.rollback()
    for step in (Step.TRANSPORT, Step.RIDE_TODAY, Step.SUPPORT):
        confirm(session, step, Value.YES, by=clinic.cora, how=How.STAFF, now=now)
    dose(session, by=clinic.clive, now=now)
    discharge(session, by=clinic.clive, now=now + timedelta(hours=2))
    db.session.commit()
    assert "post_rules" in set(db.session.scalars(db.select(Reminder.kind)))
    correct(session, "pressed by mistake", by=clinic.clive, now=now + timedelta(hours=2))
    db.session.commit()
    assert session.status == "dosed"


def test_a_missed_dose_shifts_no_number_and_asks_for_a_call(clinic: Harbor) -> None:
    course = clinic.enrol_ada("spravato_trd")
    sessions = clinic.book_all(course)
    missed = sessions[3]
    before = [(session.number, session.starts_at) for session in sessions if session is not missed]
    miss(missed, Cause.PATIENT, "did not come", by=clinic.cora, now=missed.starts_at + timedelta(minutes=30))
    db.session.commit()
    assert missed.status == "missed"
    assert [(session.number, session.starts_at) for session in sessions if session is not missed] == before
    assert db.session.query(Session).filter_by(course_id=course.id, kind="dosing").count() == len(sessions)
    assert db.session.query(Task).filter_by(session_id=missed.id, role="coordinator", state="open").count() == 1
    assert db.session.query(Question).filter_by(session_id=missed.id, state="planned").count() == 0


def test_the_record_numbers_a_patients_changes_without_gaps(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    clinic.book_all(course)
    numbers = db.session.scalars(
        db.select(RecordEntry.change_no)
        .where(RecordEntry.patient_id == course.patient_id)
        .order_by(RecordEntry.change_no)
    ).all()
    assert list(numbers) == list(range(1, clinic.patient(course).change_no + 1))
    assert all(entry.mac == entry.expected_mac() for entry in db.session.scalars(db.select(RecordEntry)))
