"""How does a course begin over the wire? A patient is enrolled, also with what was given before; courses are found again."""

from typing import Any
from uuid import UUID

from flask import g, url_for

from actions.courses.enrol import enrol, protocol_rules
from actions.courses.wish import Enrolment
from actions.protocols.versions import names
from api.auth import caller, staff
from api.contract.documented import may_refuse, says
from api.contract.problems import INVALID, Problem
from api.editions import etag
from api.pages import page
from api.reach import find, reachable
from api.repeats import repeatable
from api.routes.courses.noun import courses, named, of_ref, whole
from api.shapes.people import CourseGiven, CourseList, CourseQuery, CourseWithSessions
from care.course.given import GivenBefore
from care.facts import SessionKind
from care.refusals import Code
from models import Course, Patient, Resource


@courses.route("/courses")
@staff
@courses.arguments(CourseQuery, location="query")
@courses.response(200, CourseList)
def list_courses(query: dict[str, Any]) -> dict[str, Any]:
    """The clinic's courses

    In the order in which they were enrolled, a page at a time; of one patient, or the one of an `external_ref`.
    """
    rows = of_ref(Course, reachable(Course), query)
    if "patient" in query:
        rows = rows.where(Course.patient_id == query["patient"])
    return page(Course, rows, query)


@courses.route("/courses", methods=["POST"])
@staff
@repeatable
@courses.arguments(CourseGiven)
@courses.response(201, CourseWithSessions)
@may_refuse(
    Code.ALREADY_ACTIVE, Code.IN_THE_PAST, Code.REF_TAKEN, Code.OUT_OF_TIME, Code.GIVEN_TWICE, Code.OUT_OF_ORDER,
    Code.MORE_THAN_THE_COURSE,
)  # fmt: skip
def enrol_patient(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Enrol a patient in a course

    Writes the patient (or takes the one named by `patient_id`), the course under the protocol's present version, its
    planned sessions and the support people, who are invited at once. Sessions that were `given` before are kept as facts:
    they count for spacing, numbers and phases, and nothing is said or asked of them.
    """
    course = enrol(caller().clinic, enrolment(given), by=caller().actor, now=g.now)
    where = url_for("courses.get_course", course_id=course.id)
    return whole(course), {**etag(course), "Location": where}


@courses.route("/courses/<uuid:course_id>")
@staff
@says(404)
@courses.response(200, CourseWithSessions)
def get_course(course_id: UUID) -> tuple[dict[str, Any], dict[str, str]]:
    """One course with its sessions and support people

    Its ETag is the edition of the course itself.
    """
    course = find(Course, course_id)
    return whole(course), etag(course)


def enrolment(given: dict[str, Any]) -> Enrolment:
    """The wish in the words of the verb. Raises 422 for names nobody knows, and for two patients or none."""
    _refuse_unknown(given)
    preferences = given["preferences"]
    return Enrolment(
        **_who(given),
        protocol=given["protocol"],
        starts_on=given["starts_on"],
        weekdays=tuple(preferences.get("weekdays", ())),
        around=preferences.get("around", "10:00"),
        resource_ids=tuple(find(Resource, each).id for each in preferences.get("resource_ids", ())),
        supports=tuple(named(each) for each in given["supports"]),
        given=tuple(_given(place, each) for place, each in enumerate(given["given"])),
        phase=given.get("phase"),
        external_ref=given.get("external_ref"),
    )


def _who(given: dict[str, Any]) -> dict[str, Any]:
    if ("patient" in given) == ("patient_id" in given):
        raise wrong("patient", "Give either patient or patient_id.")
    if "patient" in given:
        stated = dict(given["patient"])
        return {"patient_ref": stated.pop("external_ref", None), **stated}
    known = find(Patient, given["patient_id"])
    contact = known.contact
    return {
        "patient_id": known.id, "name": known.name, "number": contact.number, "zone": contact.zone, "language": contact.language,
    }  # fmt: skip


def _given(place: int, each: dict[str, Any]) -> GivenBefore:
    if ("on" in each) == ("at" in each):
        raise wrong(f"given.{place}", "Give either on, a day, or at, an instant.")
    if each["kind"] != SessionKind.DOSING and "number" in each:
        raise wrong(f"given.{place}.number", "Only doses are numbered by you.")
    return GivenBefore(**{**each, "kind": SessionKind(each["kind"])})


def _refuse_unknown(given: dict[str, Any]) -> None:
    known = names(caller().clinic)
    if given["protocol"] not in known:
        raise wrong("protocol", f"Must be one of: {', '.join(known)}.")
    phases = [phase.name for phase in protocol_rules(caller().clinic, given["protocol"]).phases]
    if given.get("phase", phases[0]) not in phases:
        raise wrong("phase", f"Must be one of: {', '.join(phases)}.")


def wrong(field: str, say: str) -> Problem:
    return Problem(INVALID, f"{field}: {say}", fields=[{"where": "json", "field": field, "say": say}])
