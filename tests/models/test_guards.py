"""What does the database itself refuse, whatever the code above it believes?"""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from models import Booking, RecordEntry, Resource, Session, db
from tests.people import NOW, Harbor, harbor


@pytest.fixture
def clinic(app: Any) -> Harbor:
    return harbor()


def _booking(session: Session, resource: Resource, minutes: int, *, lane: int = 1) -> Booking:
    starts = NOW + timedelta(days=3, minutes=minutes)
    return Booking(
        clinic_id=session.clinic_id,
        session_id=session.id,
        resource_id=resource.id,
        lane=lane,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=60),
    )


def _chair() -> Resource:
    return db.session.execute(db.select(Resource).filter_by(kind="chair")).scalar_one()


def test_one_lane_is_never_promised_twice(clinic: Harbor) -> None:
    session, chair = clinic.session(clinic.enrol_ada()), _chair()
    db.session.add(_booking(session, chair, 0))
    db.session.commit()
    for minutes in (-59, 0, 30, 59):
        db.session.add(_booking(session, chair, minutes))
        with pytest.raises(IntegrityError, match="booking_no_lane_twice"):
            db.session.commit()
        db.session.rollback()


def test_neighbours_and_other_lanes_do_not_collide(clinic: Harbor) -> None:
    session, chair = clinic.session(clinic.enrol_ada()), _chair()
    db.session.add_all([_booking(session, chair, 0), _booking(session, chair, 60), _booking(session, chair, 0, lane=2)])
    db.session.commit()
    assert db.session.query(Booking).count() == 3


def test_a_booking_cannot_be_moved_onto_another(clinic: Harbor) -> None:
    session, chair = clinic.session(clinic.enrol_ada()), _chair()
    first, second = _booking(session, chair, 0), _booking(session, chair, 120)
    db.session.add_all([first, second])
    db.session.commit()
    second.starts_at, second.ends_at = first.starts_at, first.ends_at
    with pytest.raises(IntegrityError, match="booking_no_lane_twice"):
        db.session.commit()


def test_a_patient_is_in_one_place_at_a_time(clinic: Harbor) -> None:
    one, two = clinic.book_all(clinic.enrol_ada())[:2]
    two.arrive_at, two.starts_at, two.ends_at = one.arrive_at, one.starts_at, one.ends_at
    with pytest.raises(IntegrityError, match="session_no_patient_twice"):
        db.session.commit()
    db.session.rollback()
    two.status, two.cause = "cancelled", "patient"
    two.arrive_at, two.starts_at, two.ends_at = one.arrive_at, one.starts_at, one.ends_at
    db.session.commit()


@pytest.mark.parametrize("statement", ["UPDATE record_entry SET verb = 'x'", "DELETE FROM record_entry"])
def test_the_record_only_grows(clinic: Harbor, statement: str) -> None:
    clinic.enrol_ada()
    before = db.session.query(RecordEntry).count()
    with pytest.raises((IntegrityError, OperationalError), match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert db.session.query(RecordEntry).count() == before


def test_of_many_who_want_one_chair_at_once_one_gets_it(clinic: Harbor, app: Any) -> None:
    session_id, chair_id = clinic.session(clinic.enrol_ada()).id, _chair().id
    db.session.remove()
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def want() -> None:
        with app.app_context():
            session = db.session.execute(db.select(Session).filter_by(id=session_id)).scalar_one()
            chair = db.session.execute(db.select(Resource).filter_by(id=chair_id)).scalar_one()
            booking = _booking(session, chair, 0)
            db.session.rollback()
            start.wait()
            db.session.add(booking)
            try:
                db.session.commit()
                outcomes.append("taken")
            except IntegrityError:
                outcomes.append("refused")

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["refused"] * 7 + ["taken"]
