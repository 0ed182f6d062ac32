"""The cast: Harbor clinic with Cora and Clive, Ada the patient, Sam who stands by her, and Zed who must see nothing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment, SupportNamed
from actions.record import Actor
from actions.sessions.book import book
from actions.sessions.offer import offered
from care.course.slots import Slot
from models import (
    Availability,
    Clinic,
    Course,
    OnCall,
    Patient,
    Purpose,
    Resource,
    Sender,
    Session,
    Staff,
    Transport,
    db,
)

ADA, SAM, ZED = "+12125550101", "+12125550102", "+12125550199"
NOW = datetime(2027, 1, 4, 15, tzinfo=UTC)  # a Monday, 10:00 in New York


@dataclass
class Harbor:
    """A clinic with everything that its sessions need."""

    clinic: Clinic
    cora: Actor
    clive: Actor

    def enrol_ada(self, protocol: str = "iv_6", *, now: datetime = NOW, **wish: object) -> Course:
        """Ada's course, on Tuesdays and Fridays near ten, with Sam as her support person."""
        supports = wish.pop("supports", (SupportNamed("Sam Sample", SAM),))
        enrolment = Enrolment(
            name="Ada Example",
            number=ADA,
            protocol=protocol,
            starts_on=date(2027, 1, 12),
            weekdays=(1, 4),
            supports=supports,  # type: ignore[arg-type]
            **wish,  # type: ignore[arg-type]
        )
        course = enrol(self.clinic, enrolment, by=self.cora, now=now)
        db.session.commit()
        return course

    def session(self, course: Course, number: int = 1, kind: str = "dosing") -> Session:
        return db.session.execute(
            db.select(Session).filter_by(clinic_id=course.clinic_id, course_id=course.id, kind=kind, number=number)
        ).scalar_one()

    def patient(self, course: Course) -> Patient:
        return db.session.get_one(Patient, (course.clinic_id, course.patient_id))

    def first_slot(
        self, session: Session, *, now: datetime = NOW, around: time = time(15), by: Actor | None = None
    ) -> Slot:
        """The first legal slot at or after a UTC time of day on the session's target day."""
        at = datetime.combine(session.target_on, around, UTC)
        found = offered(session, at, at + timedelta(days=7), by=by or self.cora, now=now)
        return next(slot for slot, refusals in found if not refusals)

    def book_all(self, course: Course, kind: str = "dosing", *, now: datetime = NOW) -> list[Session]:
        """Every planned dose gets the first legal slot on its target day."""
        sessions = db.session.scalars(
            db.select(Session)
            .filter_by(clinic_id=course.clinic_id, course_id=course.id, kind=kind)
            .order_by(Session.number)
        ).all()
        for session in sessions:
            book(session, self.first_slot(session, now=now), by=self.cora, now=now)
        db.session.commit()
        return list(sessions)


def harbor(short_name: str = "Harbor", zone: str = "America/New_York", *, on_call: bool = True) -> Harbor:
    """Write the clinic with chairs, clinicians, therapists and guides that work 7 to 19 every day but Sunday."""
    clinic = Clinic(short_name=short_name, zone=zone, phone="212-555-0100", language="en", settings={}, crisis_text={})
    db.session.add(clinic)
    db.session.flush()
    for purpose in Purpose:
        db.session.add(Sender(clinic_id=clinic.id, purpose=purpose, transport=Transport.PHONES))
    people = [
        Staff(clinic_id=clinic.id, role=role, name=name)
        for role, name in (("coordinator", "Cora Coordinator"), ("clinician", "Clive Clinician"))
    ]
    db.session.add_all(people)
    for kind, lanes in (("chair", 2), ("clinician", 2), ("monitor", 3), ("therapist", 1), ("guide", 2)):
        _works(clinic, kind, lanes)
    if on_call:
        page = OnCall(clinic_id=clinic.id, name="Olive On-Call", number="+12125550190", position=1)
        db.session.add(page)
        db.session.flush()
        clinic.safety_on_call_id = page.id
    db.session.commit()
    cora, clive = (Actor(person.role, person.id, clinic.id) for person in people)
    return Harbor(clinic, cora, clive)


def _works(clinic: Clinic, kind: str, lanes: int) -> None:
    resource = Resource(clinic_id=clinic.id, kind=kind, name=f"{kind} of {clinic.short_name}", lanes=lanes)
    db.session.add(resource)
    for weekday in range(6):
        db.session.add(
            Availability(clinic_id=clinic.id, resource_id=resource.id, weekday=weekday, opens=time(7), closes=time(19))
        )
