"""Who is treated here, and who stands by them? Patients with their courses and support people."""

from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from actions.courses.support import name_support
from api.auth import caller, staff
from api.contract.documented import may_refuse, says
from api.editions import etag
from api.pages import page
from api.reach import find, reachable
from api.repeats import repeatable
from api.routes.courses.noun import courses, members, named, of_ref, supports_of
from api.shapes.people import PatientList, PatientQuery, PatientWithCourses, SupportGiven, SupportShown
from care.refusals import Code
from models import Course, Patient, SupportPerson, db


@courses.route("/patients")
@staff
@courses.arguments(PatientQuery, location="query")
@courses.response(200, PatientList)
def list_patients(query: dict[str, Any]) -> dict[str, Any]:
    """The clinic's patients

    In the order in which they were enrolled, a page at a time; with `external_ref` the one of that name.
    """
    rows = reachable(Patient).options(selectinload(Patient.contact))
    return page(Patient, of_ref(Patient, rows, query), query)


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
        **members(patient, "id", "name", "edition", "change_no", "external_ref", "contact"),
        "courses": db.session.scalars(select(Course).where(*mine).order_by(Course.id)).all(),
        "supports": supports_of(SupportPerson.patient_id == patient.id),
    }
    return shown, etag(patient)


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
    return name_support(course, named(given), by=caller().actor, now=g.now)
