"""Is what was shown what is done, all of it or nothing, and can a decision about a miss be taken back?"""

from datetime import timedelta

import pytest

from actions.sessions.attend import arrive, correct
from actions.sessions.book import book
from actions.sessions.changes.change import PlanIsStale, change, change_at_once
from actions.sessions.changes.preview import preview_change
from actions.sessions.move import move, preview, reseat
from actions.sessions.offer import offered
from actions.sessions.slots import taken_by
from care.course.changes.wishes import Change, ChangeVerb, Scope
from care.facts import Cause
from care.protocol import MissedPolicy
from care.refusals import Code, Refused
from models import Booking, Course, RecordEntry, Reminder, Session, db
from tests.people import NOW, Harbor, harbor

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def clinic(app: object) -> Harbor:
    return harbor()


def slot_at(clinic, session, at):
    found = offered(session, at, at + MINUTE, by=clinic.cora, now=NOW)
    return next(slot for slot, _ in found)


def stands(course: Course) -> dict[str, object]:
    """Every session of the course as a plan names it."""
    rows = db.session.scalars(db.select(Session).filter_by(course_id=course.id))
    return {f"{row.kind} {row.number}": (row.status, row.starts_at, row.target_on) for row in rows}


def test_a_whole_course_moves_as_shown_with_its_follow_up_visits_and_back(clinic):
    course = clinic.enrol_ada()
    doses = clinic.book_all(course)
    clinic.book_all(course, "integration")
    before, second = stands(course), doses[1]
    wish = Change(
        ChangeVerb.MOVE, course.id, second.id, Scope.FOLLOWING, slot=slot_at(clinic, second, second.starts_at + HOUR)
    )
    shown = preview_change(wish, by=clinic.cora, now=NOW)
    done = change(wish, shown.token, by=clinic.cora, now=NOW, reason="a new job")
    db.session.commit()
    assert done.plan == shown.plan
    after = stands(course)
    for move_ in shown.moves:
        assert after[f"{move_.kind} {move_.number}"][1] == move_.to
    assert len(shown.moves) == 10
    entries = db.session.scalars(db.select(RecordEntry).filter_by(verb="move")).all()
    assert {entry.subject_id for entry in entries} == {each.session_id for each in shown.moves}
    assert {entry.reason for entry in entries} == {"a new job"}
    back = Change(
        ChangeVerb.MOVE, course.id, second.id, Scope.FOLLOWING, slot=slot_at(clinic, second, before["dosing 2"][1])
    )
    change_at_once(back, by=clinic.cora, now=NOW, reason="stays after all")
    db.session.commit()
    assert stands(course) == before
    assert db.session.query(Booking).count() == 6 * 3 + 6


def test_a_change_that_somebody_else_was_quicker_than_leaves_everything_as_it_was(clinic):
    course = clinic.enrol_ada()
    first = clinic.book_all(course)[0]
    other = clinic.session(course, 1, "integration")
    slot = slot_at(clinic, first, first.starts_at + HOUR)
    plan = preview(first, slot, by=clinic.cora, now=NOW)
    free = slot_at(clinic, other, first.starts_at + 30 * HOUR)
    book(other, free, by=clinic.cora, now=NOW)
    db.session.commit()
    before = stands(course)
    with pytest.raises(PlanIsStale) as stale:
        move(first, slot, plan.token, by=clinic.cora, now=NOW, reason="later")
    db.session.rollback()
    assert [each.session_id for each in stale.value.differs if each.row] == [other.id]
    assert stands(course) == before


def test_other_seats_change_no_version_and_are_noted(clinic):
    course = clinic.enrol_ada()
    first = clinic.book_all(course)[0]
    edition, slot = first.edition, taken_by(first)
    other = slot._replace(seats=tuple(seat._replace(lane=2) if seat.kind == "chair" else seat for seat in slot.seats))
    reseat(first, other, by=clinic.cora, now=NOW)
    db.session.commit()
    assert (first.version, first.edition > edition) == (1, True)
    assert taken_by(first).seats[0].lane == 2
    entry = db.session.scalars(db.select(RecordEntry).filter_by(verb="reseat")).one()
    assert entry.subject_id == first.id


def test_a_slide_after_a_miss_is_taken_back_with_it(clinic):
    course = clinic.enrol_ada("spravato_trd")
    for number in range(1, 5):
        book(clinic.session(course, number), clinic.first_slot(clinic.session(course, number)), by=clinic.cora, now=NOW)
    missed, later = clinic.session(course, 4), clinic.session(course, 9)
    was = later.target_on
    now = missed.starts_at + 20 * MINUTE
    wish = Change(ChangeVerb.MISS, course.id, missed.id, cause=Cause.PATIENT, then=MissedPolicy.SLIDE)
    change_at_once(wish, by=clinic.clive, now=now, reason="ill")
    db.session.commit()
    assert later.target_on == was + timedelta(days=4)
    added = clinic.session(course, 13)
    assert (added.replaces_id, added.phase) == (missed.id, "induction")
    correct(missed, "wrong patient", by=clinic.cora, now=now + MINUTE)
    db.session.commit()
    assert (missed.status, added.status, later.target_on) == ("booked", "cancelled", was)


def test_a_replacement_between_two_phases_can_be_booked(clinic):
    course = clinic.enrol_ada("spravato_trd")
    doses = clinic.book_all(course)[:8]
    now = doses[3].starts_at + 20 * MINUTE
    wish = Change(ChangeVerb.MISS, course.id, doses[3].id, cause=Cause.PATIENT, then=MissedPolicy.SLIDE)
    change_at_once(wish, by=clinic.clive, now=now, reason="ill")
    db.session.commit()
    added = clinic.session(course, 13)
    book(added, clinic.first_slot(added, now=now), by=clinic.cora, now=now)
    db.session.commit()
    assert doses[7].starts_at < added.starts_at < clinic.session(course, 9).starts_at


def test_all_or_none(clinic):
    course = clinic.enrol_ada()
    doses = clinic.book_all(course)
    before = stands(course)
    wish = Change(ChangeVerb.CANCEL, course.id, doses[0].id, Scope.FOLLOWING, cause=Cause.PATIENT)
    late = doses[0].starts_at + HOUR
    arrive(doses[0], by=clinic.cora, now=doses[0].starts_at)
    with pytest.raises(Refused) as refused:
        change_at_once(wish, by=clinic.cora, now=late, reason="away")
    assert {refusal.code for refusal in refused.value.refusals} == {Code.NOT_CANCELLABLE}
    assert {key: each for key, each in stands(course).items() if key != "dosing 1"} == {
        key: each for key, each in before.items() if key != "dosing 1"
    }


def test_a_course_that_moves_leaves_no_text_about_the_old_times(clinic):
    course = clinic.enrol_ada()
    doses = clinic.book_all(course)
    wish = Change(ChangeVerb.DEFER, course.id, doses[0].id, Scope.FOLLOWING, by_days=7, cause=Cause.PATIENT)
    change_at_once(wish, by=clinic.cora, now=NOW, reason="ill")
    db.session.commit()
    waiting = db.session.scalars(db.select(Reminder).filter_by(stage="waiting", kind="solids_stop")).all()
    said = {row.session_id: row.fills["starts_at"] for row in waiting}
    assert said == {dose.id: dose.starts_at.isoformat() for dose in doses}
