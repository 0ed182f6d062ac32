"""Who takes part? A clinic with many rooms and as many patients as a race needs, each with a token of their own."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from flask import current_app

from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment
from models import Availability, Resource, Session, db
from models.clock import care_now
from tests.people import Harbor, harbor

ROOMS = 6


@dataclass(frozen=True)
class Runner:
    """One patient with a planned first dose, and what their app holds."""

    patient_id: UUID
    session_id: UUID
    token: str


def big_clinic() -> Harbor:
    """Harbor with six rooms and everyone they need."""
    place = harbor()
    for kind, lanes in (("chair", 1), ("clinician", 2), ("monitor", 3)):
        for number in range(ROOMS):
            resource = Resource(clinic_id=place.clinic.id, kind=kind, name=f"{kind} {number}", lanes=lanes)
            db.session.add(resource)
            db.session.add_all(
                Availability(
                    clinic_id=place.clinic.id, resource_id=resource.id, weekday=day, opens=time(7), closes=time(19)
                )
                for day in range(7)
            )
    db.session.commit()
    return place


def runners(place: Harbor, count: int, starts_on: date) -> list[Runner]:
    """So many patients, all enrolled from the same day."""
    return [_runner(place, number, starts_on, care_now()) for number in range(count)]


def _runner(place: Harbor, number: int, starts_on: date, now: datetime) -> Runner:
    wish = Enrolment(
        name=f"Runner {number}",
        number=f"+1{212 + number // 100}55501{number % 100:02d}",
        protocol="iv_6",
        starts_on=starts_on,
    )
    course = enrol(place.clinic, wish, by=place.cora, now=now)
    first = db.session.scalars(
        db.select(Session).filter_by(clinic_id=course.clinic_id, course_id=course.id, kind="dosing", number=1)
    ).one()
    db.session.commit()
    return Runner(course.patient_id, first.id, token_of("patient", course.patient_id, course.clinic_id))


def token_of(kind: str, actor_id: UUID | None, clinic_id: UUID) -> str:
    """What proves for the length of a race who is speaking."""
    return str(current_app.extensions["steadfast.token"](kind, actor_id, clinic_id))
