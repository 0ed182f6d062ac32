"""What would a course bring? Every session, text, task and gate with its time, before anything is written."""

from typing import Any
from uuid import UUID

from flask import current_app, g

from actions.courses.rehearse import DryRun, dry_run, dry_run_course
from api.auth import caller, staff
from api.contract.documented import may_refuse, says
from api.contract.voice import told_refusal
from api.reach import find
from api.routes.courses.enrolling import enrolment, wrong
from api.routes.courses.noun import courses
from api.shapes.courses.rehearsal import Rehearsal
from api.shapes.people import CourseRehearsed
from care.facts import Part, SessionFacts
from care.protocols import ProtocolError
from care.protocols.overriding import OVERRIDABLE
from care.refusals import Code
from care.rehearse import Rehearsed, RehearsedGate
from care.words.segments import segments
from models import Course


@courses.route("/courses/dry-run", methods=["POST"])
@staff
@courses.arguments(CourseRehearsed)
@courses.response(200, Rehearsal)
@may_refuse(
    Code.IN_THE_PAST, Code.REF_TAKEN, Code.OUT_OF_TIME, Code.GIVEN_TWICE, Code.OUT_OF_ORDER, Code.MORE_THAN_THE_COURSE
)
def rehearse_course(given: dict[str, Any]) -> dict[str, Any]:
    """What would a course bring?

    Every session, text, task and gate of the whole course, as if what has no time yet took the preferred one on its target
    day and every question were answered yes; a phase without an end as far as the clinic plans ahead. Writes nothing.
    """
    wish, base_url = enrolment(given), current_app.config["PUBLIC_BASE_URL"]
    for path in given["overrides"].keys() - OVERRIDABLE.keys():
        raise wrong(f"overrides.{path}", "Is not a number that may be another one for one course.")
    try:
        run = dry_run(caller().clinic, wish, base_url=base_url, now=g.now, overrides=given["overrides"])
    except ProtocolError as error:
        raise wrong("overrides", str(error)) from error
    return shown(run)


@courses.route("/courses/<uuid:course_id>/dry-run")
@staff
@says(404)
@courses.response(200, Rehearsal)
def rehearse_rest(course_id: UUID) -> dict[str, Any]:
    """What would the rest of a course bring?

    From now on, as it is booked; what has no time yet takes the preferred one on its target day, and `assumed` says so.
    """
    course = find(Course, course_id)
    base_url = current_app.config["PUBLIC_BASE_URL"]
    return shown(dry_run_course(course, base_url=base_url, now=g.now, assume=True))


def shown(run: DryRun) -> dict[str, Any]:
    """A dry run as clients see it; what is about a session names its kind and number."""
    of: dict[UUID | None, Any] = {each.id: {"kind": each.kind, "number": each.number} for each in run.sessions}
    return {
        "sessions": [_session(each, run) for each in run.sessions],
        "texts": [_text(text) for text in run.rehearsal.texts],
        "tasks": [
            {"at": task.at, "reason": task.reason, "session": of.get(task.session_id)} for task in run.rehearsal.tasks
        ],
        "gates": [_gate(gate, run) | {"session": of.get(gate.session_id)} for gate in run.rehearsal.gates],
        "warnings": [told_refusal(each) for each in run.warnings],
    }


def _session(each: SessionFacts, run: DryRun) -> dict[str, Any]:
    names = ("kind", "number", "phase", "status", "starts_at", "ends_at", "given_before")
    return {name: getattr(each, name) for name in names} | {"assumed": each.id in run.assumed}


def _text(text: Rehearsed) -> dict[str, Any]:
    to = sorted({wanted.person.part for wanted in text.said})
    count = segments(text.body).count
    return {"at": text.at, "to": to, "kinds": text.kinds, "body": text.body, "segments": count}


def _gate(gate: RehearsedGate, run: DryRun) -> dict[str, Any]:
    asked = None if gate.person_id is None else Part.PATIENT if gate.person_id == run.patient_id else Part.SUPPORT
    return {"name": gate.name, "gate": gate.gate, "of": asked, "asked_at": gate.asked_at, "due_at": gate.due_at}
