"""What does one course follow? Another version for it, shown before it is adopted, and numbers that are others for it alone."""

import json
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from actions.courses.known import known
from actions.facts import rules_under
from actions.protocols.adopt import adopt, decline, preview_adoption
from actions.protocols.effects import Effects
from actions.protocols.overrides import (
    bounds_of,
    end_override,
    override,
    overrides_of,
    preview_ending,
    preview_override,
)
from actions.protocols.safety import open_safety_version
from actions.protocols.versions import names, versions
from care.protocols import ProtocolError, from_json
from care.protocols.overriding import OVERRIDABLE, bound_of
from care.refusals import Refused
from models import Course, Override, Patient, Protocol, db
from web import rows, show
from web.auth import guarded, staff
from web.forms import Form, Unreadable
from web.pages import pages
from web.trouble import again
from web.words import protocols as words

Found = TypeVar("Found")


@pages.get("/console/courses/<uuid:course_id>/rules")
@staff
def rules(course_id: UUID) -> str:
    course = rows.own(Course, course_id)
    pinned = rules_under(course.clinic_id, course.protocol_id, {})
    effects, wrong, against = _asked(course)
    return show.console(
        "rules.html",
        course=course,
        patient=db.session.get_one(Patient, (course.clinic_id, course.patient_id)),
        pinned=pinned,
        overrides=overrides_of(course),
        safety=open_safety_version(course),
        choices=_choices(course),
        overridable=[(path, bound_of(pinned, path, bounds_of(course)), side) for path, side in OVERRIDABLE.items()],
        effects=effects,
        wrong=wrong,
        against=against,
        about={row.id: row for row in known(course).rows},
        staff=rows.staff_names(course.clinic_id),
        value_words=words.value_words,
        sides=words.SIDE,
        done=words.DONE.get(request.args.get("done", "")),
    )


@pages.post("/console/courses/<uuid:course_id>/adopt")
@guarded("clinician")
@again(rules)
def adopt_version(course_id: UUID) -> Response:
    form = Form(request.form)
    version, phase = _version(form.key("adopt")), form.words_or_none("phase")
    plan, reason = form.words("plan"), _why(form)
    course = rows.own(Course, course_id)
    _read(lambda: adopt(course, version, plan, reason=reason, by=g.who, now=g.now, phase=phase))
    return _back(course_id, "adopted")


@pages.post("/console/courses/<uuid:course_id>/decline")
@guarded("clinician")
@again(rules)
def decline_version(course_id: UUID) -> Response:
    reason = _why(Form(request.form), "decline_reason")
    decline(rows.own(Course, course_id), reason=reason, by=g.who, now=g.now)
    return _back(course_id, "declined")


@pages.post("/console/courses/<uuid:course_id>/overrides")
@guarded("clinician")
@again(rules)
def override_number(course_id: UUID) -> Response:
    form = Form(request.form)
    path, value = form.one_of("path", tuple(OVERRIDABLE)), form.words("value")
    plan, reason = form.words("plan"), _why(form)
    course = rows.own(Course, course_id)
    _read(lambda: override(course, path, _value(value), plan, reason=reason, by=g.who, now=g.now))
    return _back(course_id, "overridden")


@pages.post("/console/courses/<uuid:course_id>/overrides/<uuid:override_id>/end")
@guarded("clinician")
@again(rules)
def take_back(course_id: UUID, override_id: UUID) -> Response:
    form = Form(request.form)
    plan, reason = form.words("plan"), _why(form)
    row = _override(course_id, override_id)
    _read(lambda: end_override(row, plan, reason=reason, by=g.who, now=g.now))
    return _back(course_id, "ended")


def _asked(course: Course) -> tuple[Effects | None, dict[str, str], tuple[Any, ...]]:
    """What the form asks about would bring, what is wrong in it, or what speaks against it."""
    wanted = _wanted(course)
    if wanted is None:
        return None, {}, ()
    try:
        return wanted(), {}, ()
    except ProtocolError as error:
        return None, error.fields, ()
    except Refused as error:
        return None, {}, error.refusals


def _wanted(course: Course) -> Callable[[], Effects] | None:
    given = request.values
    if given.get("adopt"):
        version = _version(Form(given).key("adopt"))
        return lambda: preview_adoption(course, version, given.get("phase") or None, now=g.now)
    if given.get("end"):
        row = _override(course.id, Form(given).key("end"))
        return lambda: preview_ending(row, now=g.now)
    if given.get("path") and given.get("value"):
        return lambda: preview_override(course, given["path"], _value(given["value"]), now=g.now)
    return None


def _choices(course: Course) -> list[tuple[Protocol, list[str]]]:
    """Every version that it could go on under, with its phases."""
    clinic = rows.own_clinic()
    made = [row for name in names(clinic) for row in versions(clinic, name) if row.id != course.protocol_id]
    return [(row, [phase.name for phase in from_json(row.resolved).phases]) for row in made]


def _value(text: str) -> Any:
    """A number, yes or no, or the word itself."""
    if text in ("yes", "no"):
        return text == "yes"
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _why(form: Form, name: str = "reason") -> str:
    reason = form.words(name, most=500, ask="Please say why, for the record.")
    form.refuse_if_wrong()
    return reason


def _read(verb: Callable[[], Found]) -> Found:
    """What the verb cannot read is said at the form."""
    try:
        return verb()
    except ProtocolError as error:
        raise Unreadable({"value": str(error)}) from error


def _version(version_id: UUID) -> Protocol:
    return rows.own(Protocol, version_id)


def _override(course_id: UUID, override_id: UUID) -> Override:
    row = rows.own(Override, override_id)
    if row.course_id != course_id:
        abort(404)
    return row


def _back(course_id: UUID, done: str) -> Response:
    return redirect(url_for("pages.rules", course_id=course_id, done=done), 303)
