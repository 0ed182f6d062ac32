"""How does a course go on under another version, or another protocol? A clinician sees what follows, then adopts or declines."""

from datetime import datetime

from actions.facts import rules_under
from actions.protocols.effects import Effects, Following, effects, following_of
from actions.protocols.safety import meet_if_none_waits, open_safety_version
from actions.protocols.turn import EffectsAreStale, clinic_of, turn, turning_refusals
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from care.course.booking import by_a_clinician
from care.course.progress.phases import Cadence, choices
from care.protocol import Protocol as Rules
from care.protocols import ProtocolError
from care.refusals import Code, Refusal, Refused, refuse_if_any
from models import Adoption, Course, Patient, Protocol, db


def preview_adoption(course: Course, version: Protocol, phase: str | None = None, *, now: datetime) -> Effects:
    """What would follow if the course went on under this version. `phase`: of the version, where it has not the course's.

    Raises `Refused` with every reason.
    """
    refuse_if_any([*turning_refusals(course), *_no_news(course, version, phase)])
    patient = db.session.get_one(Patient, (course.clinic_id, course.patient_id))
    then = _then(course, version, phase)
    try:
        return effects(course, patient, then, now=now)
    except ProtocolError as error:
        raise Refused([Refusal(Code.OVERRIDES_IN_THE_WAY, {"fields": error.fields})]) from error


def adopt(
    course: Course, version: Protocol, token: str, *, reason: str, by: Actor, now: datetime, phase: str | None = None
) -> Effects:
    """The course goes on under this version, as it was shown. Raises `Refused`, or `EffectsAreStale` with what holds now."""
    patient = _locked(course, by)
    shown = preview_adoption(course, version, phase, now=now)
    if shown.token != token:
        raise EffectsAreStale(shown)
    was, waited = course.protocol_id, open_safety_version(course)
    turn(course, patient, shown, by=by, now=now)
    known = {"was": was, "to": version.id, "name": version.name, "version": version.version, "phase": course.phase}
    _answer(course, version, by=by, now=now, reason=reason, adopted=True)
    note(Verb.ADOPT, by=by, now=now, patient=patient, subject_id=course.id, facts=known, reason=reason)
    if waited is not None:
        meet_if_none_waits(clinic_of(course), waited, now=now)
    return shown


def decline(course: Course, *, reason: str, by: Actor, now: datetime) -> Protocol:
    """The course stays with its version although a safety version waits; its doses are no longer stopped by it."""
    patient = _locked(course, by)
    version = open_safety_version(course)
    if version is None:
        raise Refused([Refusal(Code.NOTHING_TO_DECLINE)])
    _answer(course, version, by=by, now=now, reason=reason, adopted=False)
    known = {"name": version.name, "version": version.version}
    note(Verb.DECLINE, by=by, now=now, patient=patient, subject_id=course.id, facts=known, reason=reason)
    meet_if_none_waits(clinic_of(course), version, now=now)
    remind(patient, now=now)
    return version


def _locked(course: Course, by: Actor) -> Patient:
    refuse_if_any(by_a_clinician(by.kind))
    patient = lock(course.clinic_id, course.patient_id)
    db.session.refresh(course)
    return patient


def _answer(course: Course, version: Protocol, *, by: Actor, now: datetime, reason: str, adopted: bool) -> None:
    row = Adoption(
        clinic_id=course.clinic_id,
        course_id=course.id,
        patient_id=course.patient_id,
        protocol_id=version.id,
        adopted=adopted,
        at=now,
        staff_id=by.id,
        reason=reason,
    )
    db.session.add(row)
    db.session.flush()


def _no_news(course: Course, version: Protocol, phase: str | None) -> list[Refusal]:
    if version.id == course.protocol_id and phase in (None, course.phase):
        return [Refusal(Code.NOTHING_CHANGES)]
    names = [each.name for each in _rules(version).phases]
    wanted = phase or course.phase
    # the same word may mean another stretch in another protocol: there somebody says which one it is
    unsaid = phase is None and version.name != _pinned(course).name
    if wanted not in names or unsaid:
        return [Refusal(Code.PHASE_NEEDED, {"phase": wanted, "phases": names})]
    return []


def _then(course: Course, version: Protocol, phase: str | None) -> Following:
    """With the same overrides, and the cadence that a clinician chose where it is still one of the choices."""
    now = following_of(course)
    name = phase or course.phase
    rules = next(each for each in _rules(version).phases if each.name == name)
    cadence = Cadence(every_days=now.every_days, per_week=now.per_week)
    kept = name == course.phase and cadence in choices(rules)
    return Following(
        version.id,
        now.overridden,
        name,
        now.every_days if kept else None,
        now.per_week if kept else None,
    )


def _pinned(course: Course) -> Rules:
    return rules_under(course.clinic_id, course.protocol_id, {})


def _rules(version: Protocol) -> Rules:
    return rules_under(version.clinic_id, version.id, {})
