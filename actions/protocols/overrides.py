"""Which numbers of its protocol are others for one course, and why? Clinicians alone say so, within bounds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from actions.facts import rules_under
from actions.protocols.effects import Effects, Following, effects, following_of
from actions.protocols.turn import EffectsAreStale, clinic_of, turn, turning_refusals
from actions.record import Actor, Verb, lock, note
from care.course.booking import by_a_clinician
from care.protocols import ProtocolError
from care.protocols.checks import most_a_week
from care.protocols.overriding import override as overridden_by
from care.protocols.overriding import value_of
from care.refusals import Code, Refusal, Refused, refuse_if_any
from models import Course, Override, Patient, db


def preview_override(course: Course, path: str, value: Any, *, now: datetime) -> Effects:
    """What one more override would change. Raises `ProtocolError` with the bad fields, `Refused` with every reason."""
    refuse_if_any(turning_refusals(course))
    shown = effects(course, _patient(course), _with(course, path, value), now=now)
    if all(each.before == each.after for each in shown.rules):
        raise Refused([Refusal(Code.NOTHING_CHANGES)])
    return shown


def override(
    course: Course, path: str, value: Any, token: str, *, reason: str, by: Actor, now: datetime
) -> tuple[Override, Effects]:
    """This number is another one for this course, as it was shown; one in force for the same field ends."""
    patient = _locked(course, by)
    shown = preview_override(course, path, value, now=now)
    if shown.token != token:
        raise EffectsAreStale(shown)
    if earlier := _in_force(course, path):
        _end(earlier, by, now)
    row = Override(
        clinic_id=course.clinic_id,
        course_id=course.id,
        patient_id=course.patient_id,
        path=path,
        value=value,
        made_at=now,
        staff_id=by.id,
        reason=reason,
    )
    db.session.add(row)
    db.session.flush()
    turn(course, patient, shown, by=by, now=now)
    _note(Verb.OVERRIDE, row, patient, by=by, now=now, reason=reason)
    return row, shown


def preview_ending(row: Override, *, now: datetime) -> Effects:
    """What taking an override back would change. Raises `Refused` with every reason."""
    course = _course(row)
    if row.ended_at is not None:
        raise Refused([Refusal(Code.ALREADY_ENDED)])
    refuse_if_any(turning_refusals(course))
    return effects(course, _patient(course), _without(course, row.path), now=now)


def end_override(row: Override, token: str, *, reason: str, by: Actor, now: datetime) -> Effects:
    """The protocol's own number holds again, as it was shown."""
    course = _course(row)
    patient = _locked(course, by)
    db.session.refresh(row)
    shown = preview_ending(row, now=now)
    if shown.token != token:
        raise EffectsAreStale(shown)
    _end(row, by, now)
    turn(course, patient, shown, by=by, now=now)
    _note(Verb.END_OVERRIDE, row, patient, by=by, now=now, reason=reason)
    return shown


def overrides_of(course: Course) -> Sequence[Override]:
    """All that were made for this course, those in force first, then the latest."""
    mine = select(Override).where(Override.clinic_id == course.clinic_id, Override.course_id == course.id)
    return db.session.scalars(mine.order_by(Override.ended_at.is_not(None), Override.id.desc())).all()


def bounds_of(course: Course) -> Mapping[str, Any]:
    """How far the clinic lets an override go beyond its protocol, by path; mostly nowhere."""
    bounds: Mapping[str, Any] = clinic_of(course).settings.get("override_bounds", {})
    return bounds


def _with(course: Course, path: str, value: Any) -> Following:
    """Raises `ProtocolError` also where the cadence that a clinician chose would no longer find room."""
    pinned, others = _pinned(course), {each: said for each, said in course.overridden.items() if each != path}
    rules = overridden_by(pinned, others, path, value, bounds_of(course))
    room = most_a_week(rules.spacing)
    if (course.per_week or 0) > room:
        raise ProtocolError({path: f"leaves room for {room} in a course week, and {course.per_week} are chosen"})
    if course.every_days is not None and course.every_days < rules.spacing.min_gap_days:
        raise ProtocolError({path: f"is longer than the interval that is chosen, {course.every_days} days"})
    return _following(course, {**others, path: value})


def _without(course: Course, path: str) -> Following:
    return _following(course, {each: said for each, said in course.overridden.items() if each != path})


def _following(course: Course, overridden: Mapping[str, Any]) -> Following:
    now = following_of(course)
    return Following(now.protocol_id, overridden, now.phase, now.every_days, now.per_week)


def _locked(course: Course, by: Actor) -> Patient:
    refuse_if_any(by_a_clinician(by.kind))
    patient = lock(course.clinic_id, course.patient_id)
    db.session.refresh(course)
    return patient


def _in_force(course: Course, path: str) -> Override | None:
    return next((each for each in overrides_of(course) if each.path == path and each.ended_at is None), None)


def _end(row: Override, by: Actor, now: datetime) -> None:
    row.ended_at, row.ended_by_id = now, by.id
    db.session.flush()


def _note(verb: Verb, row: Override, patient: Patient, *, by: Actor, now: datetime, reason: str) -> None:
    facts = {"path": row.path, "value": row.value, "protocol": value_of(_pinned(_course(row)), row.path)}
    note(verb, by=by, now=now, patient=patient, subject_id=row.id, facts=facts, reason=reason)


def _pinned(course: Course) -> Any:
    return rules_under(course.clinic_id, course.protocol_id, {})


def _patient(course: Course) -> Patient:
    return db.session.get_one(Patient, (course.clinic_id, course.patient_id))


def _course(row: Override) -> Course:
    return db.session.get_one(Course, (row.clinic_id, row.course_id))


def override_row(course: Course, override_id: UUID) -> Override | None:
    """One of this course's overrides."""
    return next((each for each in overrides_of(course) if each.id == override_id), None)
