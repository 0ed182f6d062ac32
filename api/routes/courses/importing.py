"""How do courses come in from another system over the wire? The same file as for an operator, in smaller pieces."""

import io
from typing import Any

from flask import g, request

from actions.importing import Imported, import_courses
from api.auth import caller, staff
from api.contract.documented import may_refuse
from api.contract.problems import INVALID, WRONG_MEDIA, Problem
from api.repeats import repeatable
from api.routes.courses.noun import courses
from api.shapes.courses.importing import ImportQuery, ImportShown
from care.refusals import Code

CSV = "text/csv"
MOST_LINES = 200
EXAMPLE = "external_ref,name,number,protocol,starts_on,consent\nclinic-4711,Alex Hale,+12025550143,spravato_trd,2026-03-09,yes\n"


@courses.route("/courses/import", methods=["POST"])
@staff
@repeatable
@courses.arguments(ImportQuery, location="query")
@courses.response(200, ImportShown)
@may_refuse(Code.IN_THE_PAST, Code.ALREADY_ACTIVE, Code.SLOT_NOT_OFFERED, Code.OUT_OF_TIME, Code.GIVEN_TWICE)
@courses.doc(requestBody={"required": True, "content": {CSV: {"schema": {"type": "string"}, "example": EXAMPLE}}})
def import_course_file(query: dict[str, Any]) -> dict[str, Any]:
    """Enrol the courses of a CSV file

    A line each, by columns that `docs/import.md` describes; at most 200 lines. Every line is judged before anything is kept;
    where one is refused nothing is written and the answer is 422 with every complaint, unless `skip_refused`. A course
    whose `external_ref` is here already is left as it is. A dry run always answers 200, and writes nothing.
    """
    dry_run, skip = query["dry_run"] == "true", query["skip_refused"] == "true"
    known = caller()
    done = import_courses(
        known.clinic, io.BytesIO(_file()), by=known.actor, now=g.now, dry_run=dry_run, skip_refused=skip
    )
    if not (dry_run or done.written):
        raise Problem(INVALID, "Nothing was written: some lines are refused.", fields=_complaints(done))
    return {"written": done.written, "items": done.lines}


def _file() -> bytes:
    if request.mimetype != CSV:
        raise Problem(WRONG_MEDIA, f"The body must be {CSV}, not {request.mimetype or 'without a type'}.")
    body = request.get_data(cache=True)
    if body.count(b"\n") > MOST_LINES + 1:
        raise Problem(INVALID, f"A file of at most {MOST_LINES} lines: split it, or ask an operator to import it.")
    return body


def _complaints(done: Imported) -> list[dict[str, str]]:
    return [{"where": f"line {each.line}", "field": each.column or "line", "say": each.say} for each in done.complaints]
