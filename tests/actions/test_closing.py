"""A closure shows whom it hits, moves them all or none, and keeps everyone out: the database refuses whoever comes later."""

from datetime import UTC, datetime, timedelta

import pytest

from actions.ask import ask
from actions.courses.enrol import Enrolment, enrol
from actions.resources.closing import ClosureIsStale, close, lift_closure, preview_closure
from actions.resources.hit import Wished
from actions.resources.keeping import NewResource, add_resource, change_resource
from actions.resources.shutting import keep_closed
from actions.sessions.attend import arrive
from actions.sessions.book import book, hold
from actions.sessions.end import defer
from actions.sessions.slots import slots
from care.facts import Cause, Role
from care.refusals import Code, Refused
from care.tasks import TaskCode
from models import Booking, Closure, RecordEntry, Reminder, Resource, Session, Task, TaskReason, db
from tests.people import NOW, harbor

DAY = timedelta(days=1)
SECOND_AT = datetime(2027, 1, 15, 15, tzinfo=UTC)  # Ada's second dose, a Friday


@pytest.fixture
def home(app):
    return harbor()


def chair_of(home):
    return db.session.scalars(db.select(Resource).filter_by(clinic_id=home.clinic.id, kind="chair")).one()


def closing(home, from_at, until_at, resource=None, **more):
    return Wished(home.clinic.id, resource.id if resource else None, from_at, until_at, **more)


def closed_by_all(home, wished, *, now=NOW, reason="Water damage"):
    plan = preview_closure(wished, by=home.cora, now=now)
    closure, _ = close(wished, plan.token, by=home.cora, now=now, reason=reason)
    db.session.commit()
    return closure, plan


def inside_a_closure():
    """What no closure may hold: an independent look at the rows."""
    query = """
        SELECT count(*) FROM booking b JOIN closure c ON c.clinic_id = b.clinic_id AND c.lifted_at IS NULL
        AND (c.resource_id IS NULL OR c.resource_id = b.resource_id)
        AND b.starts_at < c.ends_at AND c.starts_at < b.ends_at
        JOIN session s ON s.clinic_id = b.clinic_id AND s.id = b.session_id
        WHERE s.status IN ('planned', 'booked')
    """
    return db.session.execute(db.text(query)).scalar_one()


def test_everyone_hit_gets_another_time_and_one_notice_and_nobody_books_into_it(home):
    course = home.enrol_ada()
    doses = home.book_all(course)
    before = {one.id: one.starts_at for one in doses}
    wished = closing(home, SECOND_AT - timedelta(hours=12), SECOND_AT + timedelta(hours=12))
    plan = preview_closure(wished, by=home.cora, now=NOW)
    assert ([move.number for move in plan.moves], plan.hit, plan.unplaced) == ([2], (doses[1].id,), ())
    assert db.session.query(Closure).count() == 0
    closure, done = close(wished, plan.token, by=home.cora, now=NOW, reason="Water damage")
    db.session.commit()
    assert done == plan
    assert {one.id for one in doses if one.starts_at != before[one.id]} == {doses[1].id}
    assert doses[1].version == 2
    notices = db.session.scalars(db.select(Reminder).filter_by(kind="booked_notice", stage="waiting")).all()
    assert len({row.person_id for row in notices}) == len(notices) > 0
    assert all(doses[1].starts_at.isoformat() in str(row.fills) for row in notices)
    lanes = db.session.query(Booking).filter_by(closure_id=closure.id).count()
    assert lanes == sum(row.lanes for row in db.session.query(Resource))
    assert inside_a_closure() == 0
    day = slots(home.session(course, 1, "integration"), wished.starts_at, wished.ends_at, now=NOW)
    assert day == []
    verbs = [row.verb for row in db.session.query(RecordEntry).order_by(RecordEntry.id)][-2:]
    assert sorted(verbs) == ["close", "move"]


def test_the_database_refuses_a_session_in_a_closure_even_when_nobody_looked(home):
    course = home.enrol_ada()
    first = home.session(course, 1)
    slot = home.first_slot(first)
    closed_by_all(home, closing(home, slot.starts_at, slot.ends_at, chair_of(home)))
    with pytest.raises(Refused) as refused:
        book(first, slot, by=home.cora, now=NOW)
    assert [each.code for each in refused.value.refusals] == [Code.SLOT_TAKEN]


def test_a_session_that_keeps_its_time_on_another_chair_is_not_moved(home):
    course = home.enrol_ada()
    doses = home.book_all(course)
    other = add_resource(home.clinic, NewResource("chair", "Room Birch"), by=home.cora, now=NOW)
    works_like(chair_of_name(home, "chair of Harbor"), other)
    version, since = doses[0].version, doses[0].since
    at = doses[0].starts_at
    _, plan = closed_by_all(home, closing(home, at - DAY, at + DAY, chair_of_name(home, "chair of Harbor")))
    assert (plan.moves, [move.session_id for move in plan.reseated]) == ((), [doses[0].id])
    assert (doses[0].starts_at, doses[0].version, doses[0].since, doses[0].status) == (at, version, since, "booked")
    seats = db.session.query(Booking.resource_id).filter_by(session_id=doses[0].id)
    assert other.id in {row.resource_id for row in seats}


def chair_of_name(home, name):
    return db.session.scalars(db.select(Resource).filter_by(clinic_id=home.clinic.id, name=name)).one()


def works_like(model, other):
    from models import Availability

    for rule in db.session.query(Availability).filter_by(resource_id=model.id).all():
        given = {"weekday": rule.weekday, "opens": rule.opens, "closes": rule.closes}
        db.session.add(Availability(clinic_id=other.clinic_id, resource_id=other.id, **given))
    db.session.commit()


def test_a_plan_that_is_no_longer_the_plan_is_shown_anew_and_nothing_happens(home):
    course = home.enrol_ada()
    doses = home.book_all(course)
    wished = closing(home, SECOND_AT - DAY, SECOND_AT + DAY)
    plan = preview_closure(wished, by=home.cora, now=NOW)
    defer(doses[5], Cause.CLINICAL, "Fever", by=home.clive, now=NOW)
    db.session.commit()
    with pytest.raises(ClosureIsStale) as stale:
        close(wished, plan.token, by=home.cora, now=NOW, reason="Water damage")
    db.session.rollback()
    assert stale.value.preview.token != plan.token
    assert db.session.query(Closure).count() == 0
    assert doses[1].starts_at == SECOND_AT


def test_whoever_books_while_the_closure_waits_in_line_makes_the_plan_stale(home, monkeypatch):
    course = home.enrol_ada()
    first = home.session(course, 1)
    slot = home.first_slot(first)
    wished = closing(home, slot.starts_at - DAY, slot.starts_at + DAY)
    plan = preview_closure(wished, by=home.cora, now=NOW)
    monkeypatch.setattr("actions.resources.closing.in_line", lambda *_: book(first, slot, by=home.cora, now=NOW))
    with pytest.raises(ClosureIsStale) as stale:
        close(wished, plan.token, by=home.cora, now=NOW, reason="Water damage")
    assert (stale.value.preview.hit, db.session.query(Closure).count()) == ((first.id,), 0)


def test_what_finds_no_place_waits_for_a_person_and_a_person_may_choose(home):
    course = home.enrol_ada()
    doses = home.book_all(course)
    chosen = next(
        slot
        for slot in slots(doses[1], SECOND_AT + timedelta(hours=24), SECOND_AT + timedelta(hours=30), now=NOW)
        if slot.starts_at == SECOND_AT + timedelta(hours=27)
    )
    shut = (SECOND_AT - timedelta(hours=6), SECOND_AT + timedelta(hours=10))
    plan = preview_closure(closing(home, *shut, choices={doses[1].id: chosen}), by=home.cora, now=NOW)
    assert ([move.to for move in plan.moves], plan.refusals) == ([chosen.starts_at], ())
    tomorrow = doses[0].starts_at + timedelta(hours=24)
    wrong = slots(doses[1], tomorrow, tomorrow + timedelta(hours=4), now=NOW)[0]
    plan = preview_closure(closing(home, *shut, choices={doses[1].id: wrong}), by=home.cora, now=NOW)
    assert Code.TOO_SOON in {each.code for each in plan.refusals}
    plan = preview_closure(closing(home, *shut, leave=frozenset({doses[4].id})), by=home.cora, now=NOW)
    assert [each.code for each in plan.refusals] == [Code.NOT_HIT]
    closed_by_all(home, closing(home, *shut, leave=frozenset({doses[1].id})))
    assert (doses[1].status, doses[1].starts_at) == ("planned", None)
    assert {row.code for row in db.session.query(TaskReason)} >= {TaskCode.NOWHERE_TO_GO}


def test_who_is_here_already_stays_and_their_place_closes_once_they_leave_it(home):
    course = home.enrol_ada()
    first = home.book_all(course)[0]
    at = first.starts_at
    arrive(first, by=home.cora, now=at)
    closure, plan = closed_by_all(home, closing(home, at, at + timedelta(hours=9)), now=at)
    assert (plan.begun, plan.hit, plan.moves) == ((first.id,), (), ())
    assert db.session.query(Booking).filter_by(session_id=first.id).count() > 0
    defer(first, Cause.CLINICAL, "Blood pressure", by=home.clive, now=at)
    db.session.commit()
    assert keep_closed(home.clinic.id, now=at) > 0
    assert keep_closed(home.clinic.id, now=at) == 0
    db.session.commit()
    covered = db.session.query(Booking).filter_by(closure_id=closure.id, resource_id=chair_of(home).id, lane=1)
    assert sum((row.ends_at - row.starts_at for row in covered), timedelta()) == timedelta(hours=9)


def test_overlapping_closures_share_the_time_and_lifting_one_opens_only_what_no_other_needs(home):
    chair = chair_of(home)
    noon = datetime(2027, 1, 20, 17, tzinfo=UTC)
    one, _ = closed_by_all(home, closing(home, noon, noon + timedelta(hours=4), chair))
    two, _ = closed_by_all(home, closing(home, noon + timedelta(hours=2), noon + timedelta(hours=6)))
    assert taken_hours(chair) == 6
    lift_closure(one, by=home.cora, now=NOW)
    db.session.commit()
    assert taken_hours(chair) == 4
    with pytest.raises(Refused) as refused:
        lift_closure(one, by=home.cora, now=NOW)
    assert [each.code for each in refused.value.refusals] == [Code.ALREADY_LIFTED]
    db.session.rollback()
    lift_closure(two, by=home.cora, now=NOW)
    db.session.commit()
    assert db.session.query(Booking).count() == 0


def taken_hours(resource, lane=1):
    rows = db.session.query(Booking).filter_by(resource_id=resource.id, lane=lane)
    return sum((row.ends_at - row.starts_at for row in rows), timedelta()) / timedelta(hours=1)


def test_what_is_added_during_a_closure_is_closed_too(home):
    noon = datetime(2027, 1, 20, 17, tzinfo=UTC)
    closed_by_all(home, closing(home, noon, noon + timedelta(hours=4)))
    chair = change_resource(chair_of(home), {"lanes": 3}, by=home.cora, now=NOW)
    added = add_resource(home.clinic, NewResource("chair", "Room Birch"), by=home.cora, now=NOW)
    db.session.commit()
    assert (taken_hours(chair, 3), taken_hours(added)) == (4, 4)
    change_resource(chair, {"lanes": 1}, by=home.cora, now=NOW)
    db.session.commit()
    assert (taken_hours(chair, 1), taken_hours(chair, 2), taken_hours(chair, 3)) == (4, 0, 0)


def test_a_hold_ends_when_its_time_is_closed(home):
    course = home.enrol_ada()
    first = home.session(course, 1)
    slot = home.first_slot(first)
    hold(first, slot, by=home.cora, minutes=10, now=NOW)
    db.session.commit()
    closed_by_all(home, closing(home, slot.starts_at - DAY, slot.ends_at))
    assert db.session.query(Booking).filter(Booking.held_until.is_not(None)).count() == 0


def test_another_place_settles_what_a_calendar_had_asked(home):
    course = home.enrol_ada()
    doses = home.book_all(course)
    ask(Role.COORDINATOR, TaskCode.CALENDAR_BUSY, doses[1], subject_id=doses[1].id, now=NOW)
    db.session.commit()
    closed_by_all(home, closing(home, SECOND_AT - timedelta(hours=12), SECOND_AT + timedelta(hours=12)))
    assert [row.state for row in db.session.query(Task).filter_by(about_id=doses[1].id)] == ["closed"]


def test_two_patients_hit_at_once_never_get_one_place(home):
    course = home.enrol_ada()
    doses = home.book_all(course)
    wish = Enrolment(
        name="Bo Sample",
        number="+12125550120",
        protocol="iv_6",
        starts_on=course.starts_on,
        weekdays=(1, 4),
        supports=(),
    )
    other = enrol(home.clinic, wish, by=home.cora, now=NOW)
    db.session.commit()
    theirs = home.book_all(other)
    _, plan = closed_by_all(home, closing(home, SECOND_AT - timedelta(hours=12), SECOND_AT + timedelta(hours=12)))
    assert sorted(move.session_id for move in plan.moves) == sorted([doses[1].id, theirs[1].id])
    assert all(move.to for move in plan.moves)
    assert inside_a_closure() == 0
    booked = db.session.scalars(db.select(Session).filter_by(status="booked")).all()
    assert len(booked) == 12
