"""Are several sessions booked together or not at all, whoever comes between?"""

from datetime import date, time

import pytest

from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment
from actions.sessions.seats import write_seats
from actions.sessions.together.booking import NotTogether, ProposalIsStale, book_together
from actions.sessions.together.proposing import PhaseWish, propose_together
from care.refusals import Code
from care.times import local
from models import Booking, RecordEntry, Session, db
from tests.people import NOW, harbor

NEAR_TEN = PhaseWish(weekdays=(1, 4), around=time(10), phase="induction")
DOSES = ["Tue 12 10:00", "Fri 15 10:00", "Tue 19 10:00", "Fri 22 10:00", "Tue 26 10:00", "Fri 29 10:00"]


def clocks(sessions):
    doses = [each for each in sessions if each.kind == "dosing"]
    return [local(each.starts_at, "America/New_York").strftime("%a %d %H:%M") for each in doses]


def planned(course):
    mine = db.select(Session).filter_by(course_id=course.id, status="planned", phase="induction")
    return db.session.scalars(mine).all()


def bos_session(home):
    bo = Enrolment(name="Bo Sample", number="+12125550120", protocol="iv_6", starts_on=date(2027, 1, 12))
    return home.session(enrol(home.clinic, bo, by=home.cora, now=NOW), kind="integration")


def test_an_induction_gets_the_days_it_was_wished_for_with_what_follows_each_dose(app):
    home = harbor()
    course = home.enrol_ada()
    proposal = propose_together(course, NEAR_TEN, by=home.cora, now=NOW)
    assert db.session.query(Booking).count() == 0
    booked = book_together(course, NEAR_TEN, proposal.token, {}, by=home.cora, now=NOW)
    db.session.commit()
    assert clocks(booked) == DOSES
    assert proposal.optimal
    assert len(booked) > len(DOSES)
    assert not planned(course)
    assert db.session.query(RecordEntry).filter_by(verb="book").count() == len(booked)


def test_one_may_be_left_out_and_another_chosen_for_one_of_them(app):
    home = harbor()
    course = home.enrol_ada()
    wish = PhaseWish(weekdays=(1, 4), around=time(10), integration=False)
    proposal = propose_together(course, wish, by=home.cora, now=NOW)
    first, last = proposal.sessions[0], proposal.sessions[-1]
    afternoon = home.first_slot(first.session, around=time(19))
    choices = {first.session.id: afternoon, last.session.id: None}
    booked = book_together(course, wish, proposal.token, choices, by=home.cora, now=NOW)
    assert clocks(booked) == ["Tue 12 14:00", *DOSES[1:5]]
    assert last.session.status == "planned"


def test_choices_that_do_not_go_together_are_all_named_at_once(app):
    home = harbor()
    course = home.enrol_ada()
    first, second, third = (home.session(course, number) for number in (1, 2, 3))
    slot, far = home.first_slot(second), home.first_slot(home.session(course, 6))
    choices = {first.id: slot, second.id: slot, third.id: far}
    with pytest.raises(NotTogether) as refused:
        book_together(course, NEAR_TEN, None, choices, by=home.cora, now=NOW)
    said = {each.session.number: {refusal.code for refusal in each.refusals} for each in refused.value.conflicts}
    assert Code.PATIENT_BUSY in said[1] & said[2]
    assert Code.OUTSIDE_SPAN in said[3]
    assert all(each.alternatives for each in refused.value.conflicts)
    assert len(planned(course)) == len(refused.value.proposal.sessions)


def test_a_rival_in_the_middle_leaves_nothing_half_taken(app):
    """Bo takes the only therapist at one of the times between the proposal and the yes to it."""
    home = harbor()
    course = home.enrol_ada()
    proposal = propose_together(course, NEAR_TEN, by=home.cora, now=NOW)
    lost = next(each for each in reversed(proposal.sessions) if each.session.kind == "integration")
    lost_id, chosen = lost.session.id, {each.session.id: each.slot for each in proposal.sessions}
    assert lost.slot is not None
    write_seats([(bos_session(home), lost.slot)])
    db.session.commit()
    with pytest.raises(ProposalIsStale) as stale:
        book_together(course, NEAR_TEN, proposal.token, {}, by=home.cora, now=NOW)
    assert stale.value.proposal.token != proposal.token
    db.session.rollback()
    with pytest.raises(NotTogether) as refused:
        book_together(course, NEAR_TEN, None, chosen, by=home.cora, now=NOW)
    (conflict,) = refused.value.conflicts
    assert (conflict.session.id, [each.code for each in conflict.refusals]) == (lost_id, [Code.SLOT_TAKEN])
    assert conflict.alternatives
    db.session.commit()
    assert db.session.query(Booking).count() == len(lost.slot.seats)
    assert {each.starts_at for each in planned(course)} == {None}
    book_together(course, NEAR_TEN, refused.value.proposal.token, {}, by=home.cora, now=NOW)
    db.session.commit()
    assert not planned(course)
