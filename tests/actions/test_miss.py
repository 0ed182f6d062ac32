"""What follows a missed dose, and is it undone when the patient comes after all?"""

from datetime import timedelta

import pytest

from actions.sessions.attend import arrive, correct
from actions.sessions.book import book
from actions.sessions.end import miss
from care.facts import Cause
from models import Booking, Course, Session, Task, TaskReason, db
from tests.people import Harbor, harbor

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clinic(app: object) -> Harbor:
    return harbor()


@pytest.fixture
def course(clinic: Harbor) -> Course:
    return clinic.enrol_ada()


@pytest.fixture
def doses(clinic: Harbor, course: Course) -> list[Session]:
    return clinic.book_all(course)


def missed(clinic: Harbor, session: Session) -> None:
    miss(session, Cause.PATIENT, "no show", by=clinic.cora, now=session.starts_at + 20 * MINUTE)
    db.session.commit()


def of_kind(course: Course, kind: str, *statuses: str) -> list[Session]:
    rows = db.session.scalars(db.select(Session).filter_by(course_id=course.id, kind=kind).order_by(Session.number))
    return [row for row in rows if row.status in statuses]


def open_codes(clinic: Harbor) -> set[str]:
    unmet = db.select(TaskReason.code).where(TaskReason.met_at.is_(None))
    return set(db.session.scalars(unmet))


def test_a_replacement_has_its_own_integration_session(clinic: Harbor, course: Course, doses: list[Session]) -> None:
    missed(clinic, doses[0])
    (replacement,) = [each for each in of_kind(course, "dosing", "planned") if each.replaces_id == doses[0].id]
    (integration,) = [
        each for each in of_kind(course, "integration", "planned") if each.of_session_id == replacement.id
    ]
    (before,) = of_kind(course, "integration", "cancelled")
    assert before.of_session_id == doses[0].id
    assert integration.target_on - replacement.target_on == before.target_on - doses[0].target_on


def test_a_replacement_stays_within_the_days_that_the_phase_allows(
    clinic: Harbor, course: Course, doses: list[Session]
) -> None:
    missed(clinic, doses[0])
    (replacement,) = of_kind(course, "dosing", "planned")
    assert replacement.latest_on <= doses[0].target_on + timedelta(days=35)


def test_a_dose_too_late_to_be_replaced_is_for_a_clinician_to_decide(
    clinic: Harbor, course: Course, doses: list[Session]
) -> None:
    doses[-1].target_on += timedelta(days=30)
    doses[-1].latest_on += timedelta(days=30)
    db.session.commit()
    missed(clinic, doses[0])
    assert of_kind(course, "dosing", "planned") == []
    assert "missed_review" in open_codes(clinic)


@pytest.mark.parametrize("how", ["arrive", "correct"])
def test_who_comes_after_all_has_no_extra_dose_and_keeps_the_integration_session(
    clinic: Harbor, course: Course, doses: list[Session], how: str
) -> None:
    first, later = doses[0], doses[0].starts_at + 30 * MINUTE
    (integration, *_) = of_kind(course, "integration", "planned")
    missed(clinic, first)
    if how == "arrive":
        arrive(first, by=clinic.cora, now=later)
    else:
        correct(first, "wrong patient", by=clinic.cora, now=later)
    db.session.commit()
    assert of_kind(course, "dosing", "planned") == []
    assert (integration.of_session_id, integration.status) == (first.id, "planned")
    assert len(of_kind(course, "integration", "planned")) == len(doses)
    assert db.session.query(Booking).filter_by(session_id=first.id).count() == 3
    assert open_codes(clinic) == set()
    assert db.session.query(Task).filter_by(state="open").count() == 0


def test_a_replacement_that_was_booked_meanwhile_is_called_off(
    clinic: Harbor, course: Course, doses: list[Session]
) -> None:
    missed(clinic, doses[0])
    (replacement,) = of_kind(course, "dosing", "planned")
    now = doses[0].starts_at + 25 * MINUTE
    book(replacement, clinic.first_slot(replacement, now=now), by=clinic.cora, now=now)
    arrive(doses[0], by=clinic.cora, now=now + MINUTE)
    db.session.commit()
    assert replacement.status == "cancelled"
    assert db.session.query(Booking).filter_by(session_id=replacement.id).count() == 0


def test_who_comes_to_a_place_given_away_is_for_a_coordinator(
    clinic: Harbor, course: Course, doses: list[Session]
) -> None:
    first = doses[0]
    missed(clinic, first)
    kept = db.session.scalars(db.select(Booking).filter_by(session_id=doses[1].id)).all()
    for booking in kept:
        for lane in (1, 2):
            db.session.add(
                Booking(
                    clinic_id=booking.clinic_id,
                    session_id=doses[1].id,
                    resource_id=booking.resource_id,
                    lane=lane,
                    starts_at=first.starts_at - 15 * MINUTE,
                    ends_at=first.ends_at,
                )
            )
    db.session.commit()
    arrive(first, by=clinic.cora, now=first.starts_at + 30 * MINUTE)
    assert first.status == "arrived"
    assert "seat_taken" in open_codes(clinic)
