"""Who is treated, by which rules, and who stands by them? Patients, protocols, courses, support people."""

from typing import Any
from uuid import UUID

from flask import current_app, g, url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from actions.courses.enrol import enrol
from actions.courses.rehearse import dry_run
from actions.courses.support import name_support
from actions.courses.wish import Enrolment, SupportNamed
from actions.facts import sessions_of
from actions.protocols.versions import names
from api.auth import caller, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.contract.problems import INVALID, Problem
from api.editions import etag
from api.pages import page
from api.reach import find, reachable
from api.repeats import repeatable
from api.shapes.people import (
    COURSE,
    CourseGiven,
    CourseWithSessions,
    PatientList,
    PatientWithCourses,
    Rehearsal,
    SupportGiven,
    SupportShown,
)
from api.shapes.sessions import ListQuery
from care.refusals import Code
from care.rehearse import Rehearsed
from models import Course, Patient, SupportPerson, db

courses = Blueprint("courses", "Patients, protocols, courses and support people")


@courses.route("/patients")
@staff
@courses.arguments(ListQuery, location="query")
@courses.response(200, PatientList)
def list_patients(query: dict[str, Any]) -> dict[str, Any]:
    """The clinic's patients

    In the order in which they were enrolled, a page at a time.
    """
    return page(Patient, reachable(Patient).options(selectinload(Patient.contact)), query)


@courses.route("/patients/<uuid:patient_id>")
@staff
@says(404)
@courses.response(200, PatientWithCourses)
def get_patient(patient_id: UUID) -> tuple[dict[str, Any], dict[str, str]]:
    """One patient with their courses and support people

    And the contact at which texts reach them.
    """
    patient = find(Patient, patient_id)
    mine = [Course.clinic_id == patient.clinic_id, Course.patient_id == patient.id]
    shown = {
        **_fields(patient, "id", "name", "edition", "change_no", "contact"),
        "courses": db.session.scalars(select(Course).where(*mine).order_by(Course.id)).all(),
        "supports": _supports(SupportPerson.patient_id == patient.id),
    }
    return shown, etag(patient)


@courses.route("/courses", methods=["POST"])
@staff
@repeatable
@courses.arguments(CourseGiven)
@courses.response(201, CourseWithSessions)
@may_refuse(Code.ALREADY_ACTIVE, Code.IN_THE_PAST)
def enrol_patient(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Enrol a patient in a course

    Writes the patient (or takes the one named by `patient_id`), the course under the protocol's present version, its
    planned sessions and the support people, who are invited at once.
    """
    course = enrol(caller().clinic, _enrolment(given), by=caller().actor, now=g.now)
    where = url_for("courses.get_course", course_id=course.id)
    return _course(course), {**etag(course), "Location": where}


@courses.route("/courses/dry-run", methods=["POST"])
@staff
@courses.arguments(CourseGiven)
@courses.response(200, Rehearsal)
def rehearse_course(given: dict[str, Any]) -> dict[str, Any]:
    """What would a course send?

    Every text of the whole course, as if all doses were booked on their target days and every question answered yes.
    Writes nothing.
    """
    base_url = current_app.config["PUBLIC_BASE_URL"]
    rehearsal = dry_run(caller().clinic, _enrolment(given), base_url=base_url, now=g.now).rehearsal
    return {"texts": [_text(text) for text in rehearsal.texts], "tasks": rehearsal.tasks}


@courses.route("/courses/<uuid:course_id>")
@staff
@says(404)
@courses.response(200, CourseWithSessions)
def get_course(course_id: UUID) -> tuple[dict[str, Any], dict[str, str]]:
    """One course with its sessions and support people

    Its ETag is the edition of the course itself.
    """
    course = find(Course, course_id)
    return _course(course), etag(course)


@courses.route("/courses/<uuid:course_id>/support-people", methods=["POST"])
@staff
@says(404)
@repeatable
@courses.arguments(SupportGiven)
@courses.response(201, SupportShown)
@may_refuse(Code.COURSE_NOT_ACTIVE)
def name_support_person(given: dict[str, Any], course_id: UUID) -> SupportPerson:
    """Name another support person

    They are invited by text, and stand by the sessions that have nobody yet.
    """
    course = find(Course, course_id)
    return name_support(course, _named(given), by=caller().actor, now=g.now)


def _text(text: Rehearsed) -> dict[str, Any]:
    to = sorted({wanted.person.part for wanted in text.said})
    return {"at": text.at, "to": to, "kinds": text.kinds, "body": text.body}


def _enrolment(given: dict[str, Any]) -> Enrolment:
    """The wish in the words of the verb. Raises 422 for an unknown protocol and for two patients or none."""
    _refuse_unknown(given["protocol"])
    preferences = given["preferences"]
    return Enrolment(
        **_who(given),
        protocol=given["protocol"],
        starts_on=given["starts_on"],
        weekdays=tuple(preferences.get("weekdays", ())),
        around=preferences.get("around", "10:00"),
        supports=tuple(_named(each) for each in given["supports"]),
    )


def _who(given: dict[str, Any]) -> dict[str, Any]:
    if ("patient" in given) == ("patient_id" in given):
        raise _wrong("patient", "Give either patient or patient_id.")
    if "patient" in given:
        return dict(given["patient"])
    known = find(Patient, given["patient_id"])
    contact = known.contact
    return {
        "patient_id": known.id, "name": known.name, "number": contact.number, "zone": contact.zone, "language": contact.language,
    }  # fmt: skip


def _refuse_unknown(protocol: str) -> None:
    known = names(caller().clinic)
    if protocol not in known:
        raise _wrong("protocol", f"Must be one of: {', '.join(known)}.")


def _wrong(field: str, say: str) -> Problem:
    return Problem(INVALID, f"{field}: {say}", fields=[{"where": "json", "field": field, "say": say}])


def _named(given: dict[str, Any]) -> SupportNamed:
    return SupportNamed(given["name"], given["number"], given["language"], given.get("zone"))


def _course(course: Course) -> dict[str, Any]:
    patient = db.session.get_one(Patient, (course.clinic_id, course.patient_id))
    sessions = [session for session in sessions_of(patient) if session.course_id == course.id]
    return {
        **_fields(course, *COURSE),
        "sessions": sessions,
        "supports": _supports(SupportPerson.course_id == course.id),
    }


def _supports(theirs: Any) -> list[SupportPerson]:
    return list(db.session.scalars(reachable(SupportPerson).where(theirs).order_by(SupportPerson.position)))


def _fields(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
