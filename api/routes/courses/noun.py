"""What do the routes of patients and courses have in common? One noun, and how its rows are found and shown."""

from typing import Any

from sqlalchemy import Select

from actions.courses.wish import SupportNamed
from actions.facts import sessions_of
from api.contract.blueprint import Blueprint
from api.reach import reachable
from api.shapes.people import COURSE
from models import Course, Patient, SupportPerson, db

courses = Blueprint("courses", "Patients, courses and support people")


def of_ref(table: Any, rows: Select[Any], query: dict[str, Any]) -> Select[Any]:
    """Only the row with this name in another system, where the query has one."""
    return rows.where(table.external_ref == query["external_ref"]) if "external_ref" in query else rows


def whole(course: Course) -> dict[str, Any]:
    """A course with its sessions and support people."""
    patient = db.session.get_one(Patient, (course.clinic_id, course.patient_id))
    sessions = [session for session in sessions_of(patient) if session.course_id == course.id]
    return {
        **members(course, *COURSE),
        "sessions": sessions,
        "supports": supports_of(SupportPerson.course_id == course.id),
    }


def supports_of(theirs: Any) -> list[SupportPerson]:
    return list(db.session.scalars(reachable(SupportPerson).where(theirs).order_by(SupportPerson.position)))


def members(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def named(given: dict[str, Any]) -> SupportNamed:
    return SupportNamed(given["name"], given["number"], given["language"], given.get("zone"))
