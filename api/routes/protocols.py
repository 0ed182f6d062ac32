"""By which rules are people treated? Protocols with their versions, what a course follows, adopts and has changed for it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import g, url_for
from sqlalchemy import select

from actions.courses.enrol import protocol_row
from actions.facts import rules_of, rules_under
from actions.protocols.adopt import adopt, decline, preview_adoption
from actions.protocols.overrides import (
    bounds_of,
    end_override,
    override,
    overrides_of,
    preview_ending,
    preview_override,
)
from actions.protocols.safety import open_safety_version
from actions.protocols.turn import EffectsAreStale
from actions.protocols.versions import Edit, from_previous, make_version, names, newest, preview_version, versions
from api.auth import caller, guarded, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.contract.problems import NOT_FOUND, Problem
from api.contract.voice import plain
from api.reach import find, find_locked
from api.repeats import repeatable
from api.shapes.protocols import (
    Adopted,
    AdoptionAgreed,
    AdoptionList,
    AdoptionWished,
    CourseRules,
    DeclineGiven,
    EffectsShown,
    EndingAgreed,
    Overridden,
    OverrideAgreed,
    OverrideList,
    OverrideWished,
    ProtocolList,
    ProtocolWhole,
    SafetyVersionShown,
    VersionList,
    VersionMade,
    VersionPreviewShown,
    VersionShown,
    VersionWished,
    difference_shown,
    effects_shown,
    stale_effects,
    wrong_fields,
)
from care.protocol import Protocol as Rules
from care.protocols import ProtocolError, as_json, from_json, shipped
from care.protocols.overriding import OVERRIDABLE, bound_of, value_of
from care.refusals import Code
from models import Adoption, Course, Override, Protocol, db

protocols = Blueprint("protocols", "Protocols, their versions, and what a course follows of them")
protocols.register_error_handler(ProtocolError, wrong_fields)
protocols.register_error_handler(EffectsAreStale, stale_effects)


@protocols.route("/protocols")
@staff
@protocols.response(200, ProtocolList)
def list_protocols() -> dict[str, Any]:
    """The protocols that a course can follow

    By the names that `POST /v1/courses` takes; each with its latest version at this clinic.
    """
    return {"items": [_shown(name, newest(caller().clinic, name)) for name in names(caller().clinic)]}


@protocols.route("/protocols/<name>")
@staff
@says(404)
@protocols.response(200, ProtocolWhole)
def get_protocol(name: str) -> dict[str, Any]:
    """One protocol with every parameter

    As its latest version at this clinic has it. Beside each parameter its source, or the words `clinic default`.
    """
    row, rules = newest(caller().clinic, name), _rules(name)
    return {**_shown(name, row), "rules": as_json(rules), "sources": dict(rules.sources)}


@protocols.route("/protocols/<name>/versions")
@staff
@says(404)
@protocols.response(200, VersionList)
def list_versions(name: str) -> dict[str, Any]:
    """Every version of a protocol at this clinic

    The latest first, each with what it changed. A version never changes.
    """
    _rules(name)
    rows = versions(caller().clinic, name)
    return {"items": [_version(row, before) for row, before in zip(rows, [*rows[1:], None], strict=False)]}


@protocols.route("/protocols/preview", methods=["POST"])
@staff
@protocols.arguments(VersionWished)
@protocols.response(200, VersionPreviewShown)
@may_refuse(Code.NOTHING_CHANGES, Code.VERSION_SUPERSEDED)
def preview_protocol_version(given: dict[str, Any]) -> dict[str, Any]:
    """What would the next version of a protocol say?

    The whole of it, and what it says otherwise than the shipped one and than the version before. Every field that is not
    right is named at once. Writes nothing.
    """
    shown = preview_version(caller().clinic, _edit(given))
    return {
        "name": shown.rules.name,
        "version": shown.rules.version,
        "rules": as_json(shown.rules),
        "from_base": [difference_shown(each) for each in shown.from_base],
        "from_previous": [difference_shown(each) for each in shown.from_previous],
        "running": shown.running,
    }


@protocols.route("/protocols", methods=["POST"])
@guarded("clinician")
@repeatable
@protocols.arguments(VersionMade)
@protocols.response(201, VersionShown)
@may_refuse(Code.NOTHING_CHANGES, Code.VERSION_SUPERSEDED)
def make_protocol_version(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Make the next version of a protocol

    Courses under way stay with the version they follow until they adopt another. A version marked `safety` stops the next
    dose of each of them until a clinician adopts it for that course or declines with a reason.
    """
    clinic = caller().clinic
    row = make_version(clinic, _edit(given), reason=given["reason"], by=caller().actor, now=g.now)
    before = next((each for each in versions(clinic, row.name) if each.version < row.version), None)
    return _version(row, before), {"Location": url_for("protocols.get_protocol", name=row.name)}


# What one course follows


@protocols.route("/courses/<uuid:course_id>/rules")
@staff
@says(404)
@protocols.response(200, CourseRules)
def get_course_rules(course_id: UUID) -> dict[str, Any]:
    """What does a course follow?

    Its pinned version with what is overridden for it alone, what may be overridden and how far, and the safety version
    that waits for an answer, if any.
    """
    course = find(Course, course_id)
    pinned = rules_under(course.clinic_id, course.protocol_id, {})
    return {
        "protocol": pinned.name,
        "version": pinned.version,
        "phase": course.phase,
        "every_days": course.every_days,
        "per_week": course.per_week,
        "rules": as_json(rules_of(course)),
        "overrides": [each for each in overrides_of(course) if each.ended_at is None],
        "overridable": [_overridable(path, pinned, bounds_of(course)) for path in OVERRIDABLE],
        "safety_version": open_safety_version(course),
    }


@protocols.route("/courses/<uuid:course_id>/adoptions")
@staff
@says(404)
@protocols.response(200, AdoptionList)
def list_adoptions(course_id: UUID) -> dict[str, Any]:
    """What was adopted and declined for a course

    In the order in which clinicians answered.
    """
    course = find(Course, course_id)
    mine = select(Adoption, Protocol).join(
        Protocol, (Protocol.clinic_id == Adoption.clinic_id) & (Protocol.id == Adoption.protocol_id)
    )
    mine = mine.where(Adoption.clinic_id == course.clinic_id, Adoption.course_id == course.id)
    rows = db.session.execute(mine.order_by(Adoption.id)).all()
    return {"items": [_adoption(row, version) for row, version in rows]}


@protocols.route("/courses/<uuid:course_id>/adoptions/preview", methods=["POST"])
@staff
@says(404)
@protocols.arguments(AdoptionWished)
@protocols.response(200, EffectsShown)
@may_refuse(
    Code.NOTHING_CHANGES, Code.PHASE_NEEDED, Code.OVERRIDES_IN_THE_WAY, Code.COURSE_NOT_ACTIVE, Code.DOSE_UNDER_WAY
)
def preview_course_adoption(given: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """What would follow if a course went on under another version?

    Which rules are others, which sessions get other days, what speaks against booked times, which texts are said anew and
    which windows move. What is over keeps the rules it was held under. Writes nothing.
    """
    course = find(Course, course_id)
    return effects_shown(preview_adoption(course, _wanted(given), given.get("phase"), now=g.now))


@protocols.route("/courses/<uuid:course_id>/adoptions", methods=["POST"])
@guarded("clinician")
@says(404, 412)
@repeatable
@protocols.arguments(AdoptionAgreed)
@protocols.response(200, Adopted)
@may_refuse(
    Code.NOTHING_CHANGES, Code.PHASE_NEEDED, Code.OVERRIDES_IN_THE_WAY, Code.COURSE_NOT_ACTIVE, Code.DOSE_UNDER_WAY
)
def adopt_version(given: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """Let a course go on under another version, or another protocol

    Exactly as it was shown: `plan` is the preview's token, and 412 brings the new preview. Booked sessions keep their
    times; a coordinator is asked about those that do not go with the new rules.
    """
    course, version = find_locked(Course, course_id), _wanted(given)
    known = {"reason": given["reason"], "by": caller().actor, "now": g.now, "phase": given.get("phase")}
    shown = adopt(course, version, given["plan"], **known)
    return {
        "protocol": version.name,
        "version": version.version,
        "phase": course.phase,
        "effects": effects_shown(shown),
    }


@protocols.route("/courses/<uuid:course_id>/declines", methods=["POST"])
@guarded("clinician")
@says(404)
@repeatable
@protocols.arguments(DeclineGiven)
@protocols.response(200, SafetyVersionShown)
@may_refuse(Code.NOTHING_TO_DECLINE)
def decline_version(given: dict[str, Any], course_id: UUID) -> Protocol:
    """Decline the safety version that waits for a course

    The course stays with the version it follows, and its doses are no longer stopped; the reason is recorded.
    """
    course = find_locked(Course, course_id)
    return decline(course, reason=given["reason"], by=caller().actor, now=g.now)


@protocols.route("/courses/<uuid:course_id>/overrides")
@staff
@says(404)
@protocols.response(200, OverrideList)
def list_overrides(course_id: UUID) -> dict[str, Any]:
    """What was changed for one course alone

    Those in force first.
    """
    return {"items": overrides_of(find(Course, course_id))}


@protocols.route("/courses/<uuid:course_id>/overrides/preview", methods=["POST"])
@staff
@says(404, 422)
@protocols.arguments(OverrideWished)
@protocols.response(200, EffectsShown)
@may_refuse(Code.NOTHING_CHANGES, Code.COURSE_NOT_ACTIVE, Code.DOSE_UNDER_WAY)
def preview_course_override(given: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """What would one more override change?

    Writes nothing. A value beyond its bound, or against another number, is named by its path.
    """
    course = find(Course, course_id)
    return effects_shown(preview_override(course, given["path"], given["value"], now=g.now))


@protocols.route("/courses/<uuid:course_id>/overrides", methods=["POST"])
@guarded("clinician")
@says(404, 412)
@repeatable
@protocols.arguments(OverrideAgreed)
@protocols.response(201, Overridden)
@may_refuse(Code.NOTHING_CHANGES, Code.COURSE_NOT_ACTIVE, Code.DOSE_UNDER_WAY)
def override_number(given: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """Change a number for one course alone

    Such as longer fasting for somebody whose medicine slows the stomach. One in force for the same field ends.
    """
    course = find_locked(Course, course_id)
    agreed = given["path"], given["value"], given["plan"]
    row, shown = override(course, *agreed, reason=given["reason"], by=caller().actor, now=g.now)
    return {"override": row, "effects": effects_shown(shown)}


@protocols.route("/courses/<uuid:course_id>/overrides/<uuid:override_id>/end/preview", methods=["POST"])
@staff
@says(404)
@protocols.response(200, EffectsShown)
@may_refuse(Code.ALREADY_ENDED, Code.COURSE_NOT_ACTIVE, Code.DOSE_UNDER_WAY)
def preview_override_end(course_id: UUID, override_id: UUID) -> dict[str, Any]:
    """What would taking an override back change?

    Writes nothing.
    """
    return effects_shown(preview_ending(_override(course_id, override_id), now=g.now))


@protocols.route("/courses/<uuid:course_id>/overrides/<uuid:override_id>/end", methods=["POST"])
@guarded("clinician")
@says(404, 412)
@repeatable
@protocols.arguments(EndingAgreed)
@protocols.response(200, Overridden)
@may_refuse(Code.ALREADY_ENDED, Code.COURSE_NOT_ACTIVE, Code.DOSE_UNDER_WAY)
def end_course_override(given: dict[str, Any], course_id: UUID, override_id: UUID) -> dict[str, Any]:
    """Take an override back

    The protocol's own number holds again for what is to come.
    """
    find_locked(Course, course_id)
    row = _override(course_id, override_id)
    shown = end_override(row, given["plan"], reason=given["reason"], by=caller().actor, now=g.now)
    return {"override": row, "effects": effects_shown(shown)}


def _edit(given: Mapping[str, Any]) -> Edit:
    return Edit(given["name"], given["base"], given["differences"], given["safety"], given.get("follows"))


def _wanted(given: Mapping[str, Any]) -> Protocol:
    """The version that is named; the shipped one becomes the clinic's first. 404 for any other."""
    clinic, name = caller().clinic, given["protocol"]
    if given["version"] == 1 and name in shipped():
        protocol_row(clinic, name)
    found = next((row for row in versions(clinic, name) if row.version == given["version"]), None)
    if found is None:
        raise Problem(NOT_FOUND, "There is no such version of a protocol at this clinic.")
    return found


def _override(course_id: UUID, override_id: UUID) -> Override:
    row = find(Override, override_id)
    if row.course_id != course_id:
        raise Problem(NOT_FOUND, "There is no such override of this course.")
    return row


def _rules(name: str) -> Rules:
    """As the clinic has it now. 404 when nobody knows the name."""
    row = newest(caller().clinic, name)
    if row is None and name not in shipped():
        raise Problem(NOT_FOUND, "There is no protocol with this name.")
    return from_json(row.resolved) if row else shipped()[name]


def _shown(name: str, row: Protocol | None) -> dict[str, Any]:
    rules = _rules(name)
    return {
        "name": name,
        "title": rules.title.get(caller().clinic.language, rules.title["en"]),
        "setting": rules.setting,
        "base": row.base if row else name,
        "version": row.version if row else rules.version,
        "safety": row.safety if row else False,
    }


def _version(row: Protocol, before: Protocol | None) -> dict[str, Any]:
    columns = ("id", "name", "base", "version", "safety", "made_at", "reason", "differences")
    changes = [difference_shown(each) for each in from_previous(row, before)]
    return {**{name: getattr(row, name) for name in columns}, "changes": changes}


def _adoption(row: Adoption, version: Protocol) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in ("id", "adopted", "at", "reason")}
    return {**said, "protocol": version.name, "version": version.version}


def _overridable(path: str, pinned: Rules, bounds: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "path": path,
        "value": plain(value_of(pinned, path)),
        "side": OVERRIDABLE[path],
        "bound": plain(bound_of(pinned, path, bounds)),
    }
