"""What does a clinician decide about a course? Reviews, the next phase, how often its doses come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from actions.ask import meet
from actions.courses.follow import enter, follow
from actions.courses.horizon import plan_anew, plan_phase
from actions.courses.known import Known, known
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.steering.discontinue import end, ended_refusals
from actions.steering.lifting import call_off, under_way_refusals
from care.course.booking import by_a_clinician
from care.course.progress.phases import Cadence, cadence, cadence_refusals, choices, phase_after, steps_back
from care.course.progress.reviews import Decision
from care.facts import Cause, Status
from care.protocol import Phase
from care.refusals import Code, Refusal, refuse_if_any
from models import Course, Patient, Review, Session, db

NOT_BEGUN = (Status.PLANNED, Status.BOOKED)
MOST_MORE = 12  # sessions by which one decision may extend an open phase


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided. `cadence`: how often from now on, where it changes. `sessions`: by how many a phase is extended."""

    decision: Decision
    note: str
    cadence: Cadence | None = None
    sessions: int | None = None


def review(course: Course, looked_at: Review, decided: Decided, *, by: Actor, now: datetime) -> list[Session]:
    """A clinician decides a review; the next dose no longer waits for it.

    Booked sessions that no longer fit the cadence are returned and are a coordinator's to move. Raises `Refused` with every
    reason: not a clinician, decided already, or not one of the protocol's choices.
    """
    patient = lock(course.clinic_id, course.patient_id)
    db.session.refresh(course)
    db.session.refresh(looked_at)
    facts = known(course)
    refuse_if_any([*_may_decide(course, looked_at, by), *_refusals(facts, decided)])
    looked_at.decided_at, looked_at.decision, looked_at.staff_id = now, decided.decision, by.id
    looked_at.note = decided.note
    if decided.cadence is not None:
        looked_at.every_days, looked_at.per_week = decided.cadence.every_days, decided.cadence.per_week
    meet(course.clinic_id, looked_at.id, how=decided.decision, now=now)
    said = {"kind": looked_at.kind, "decision": decided.decision}
    note(Verb.REVIEW, by=by, now=now, patient=patient, subject_id=looked_at.id, facts=said, reason=decided.note)
    off = _carry_out(facts, patient, decided, by=by, now=now)
    follow(course, patient, by=by, now=now)
    remind(patient, now=now)
    return off


def advance(course: Course, reason: str, every: Cadence | None = None, *, by: Actor, now: datetime) -> list[Session]:
    """On to the next phase, also before this one is over: what is left of it is omitted. As at a review, without one."""
    decided = Decided(Decision.ADVANCE, reason, every)
    return _without_review(course, decided, by=by, now=now)


def set_cadence(course: Course, every: Cadence, reason: str, *, by: Actor, now: datetime) -> list[Session]:
    """How often doses come from now on: one of the choices of the phase under way."""
    decided = Decided(Decision.CONTINUE, reason, every)
    return _without_review(course, decided, by=by, now=now)


def _without_review(course: Course, decided: Decided, *, by: Actor, now: datetime) -> list[Session]:
    patient = lock(course.clinic_id, course.patient_id)
    db.session.refresh(course)
    facts = known(course)
    refuse_if_any([*by_a_clinician(by.kind), *ended_refusals(course), *_refusals(facts, decided)])
    off = _carry_out(facts, patient, decided, by=by, now=now)
    follow(course, patient, by=by, now=now)
    remind(patient, now=now)
    return off


# Why not


def _may_decide(course: Course, looked_at: Review, by: Actor) -> list[Refusal]:
    decided = looked_at.decided_at is not None
    return [
        *by_a_clinician(by.kind),
        *([Refusal(Code.ALREADY_DECIDED)] if decided else []),
        *ended_refusals(course),
    ]


def _refusals(facts: Known, decided: Decided) -> list[Refusal]:
    """What the protocol does not have, and what has to wait until a dose is over."""
    following = phase_after(facts.rules, facts.course.phase)
    match decided.decision:
        case Decision.ADVANCE if following is None and facts.progress.over_at is None:
            return [Refusal(Code.NO_NEXT_PHASE)]
        case Decision.STEP_BACK:
            return _no_step_back(facts, decided.cadence)
        case Decision.EXTEND:
            return [*_too_many_more(facts.phase, decided.sessions), *_not_chosen(facts.phase, decided.cadence)]
        case Decision.STOP:
            return under_way_refusals(facts)
    waits = under_way_refusals(facts) if decided.decision is Decision.ADVANCE else []
    return [*waits, *_not_chosen(_entered(facts, decided) or facts.phase, decided.cadence)]


def _entered(facts: Known, decided: Decided) -> Phase | None:
    """The phase that the decision leads on to; None where it leaves the course in the one under way."""
    goes_on = decided.decision is Decision.CONTINUE and facts.progress.over_at is not None
    if decided.decision is not Decision.ADVANCE and not goes_on:
        return None
    return phase_after(facts.rules, facts.course.phase)


def _not_chosen(phase: Phase, every: Cadence | None) -> list[Refusal]:
    return cadence_refusals(every, {*choices(phase), cadence(phase)}) if every else []


def _no_step_back(facts: Known, every: Cadence | None) -> list[Refusal]:
    allowed = steps_back(facts.rules, facts.course.phase, facts.cadence)
    return cadence_refusals(every or next(iter(allowed), Cadence()), allowed)


def _too_many_more(phase: Phase, sessions: int | None) -> list[Refusal]:
    most = phase.sessions or MOST_MORE
    fits = sessions is not None and 1 <= sessions <= most
    return [] if fits else [Refusal(Code.NOT_A_CHOICE, {"sessions": [1, most]})]


# What follows


def _carry_out(facts: Known, patient: Patient, decided: Decided, *, by: Actor, now: datetime) -> list[Session]:
    course, today = facts.course, facts.today(now)
    entered = _entered(facts, decided)
    match decided.decision:
        case Decision.STOP:
            return end(facts, patient, Cause.CLINICAL, decided.note, aftercare=True, by=by, now=now)
        case Decision.EXTEND:
            plan_phase(course, patient, today, decided.sessions or 0, by=by, now=now)
        case Decision.STEP_BACK:
            nearest = steps_back(facts.rules, course.phase, facts.cadence)[0]
            _choose(course, patient, decided.cadence or nearest, decided.note, by=by, now=now)
    left = _left(facts) if entered is not None else []
    _omit(left, patient, decided.note, by=by, now=now)
    if entered is not None:
        enter(facts, patient, entered.name, by=by, now=now)
    if decided.cadence is not None and decided.decision is not Decision.STEP_BACK:
        _choose(course, patient, decided.cadence, decided.note, by=by, now=now)
    changes = left or decided.cadence or decided.decision in (Decision.EXTEND, Decision.STEP_BACK)
    return plan_anew(course, today, now=now) if changes else []


def _choose(course: Course, patient: Patient, every: Cadence, reason: str, *, by: Actor, now: datetime) -> None:
    course.every_days, course.per_week = every.every_days, every.per_week
    said = {"every_days": every.every_days, "per_week": every.per_week}
    note(Verb.SET_CADENCE, by=by, now=now, patient=patient, subject_id=course.id, facts=said, reason=reason)
    db.session.flush()


def _left(facts: Known) -> list[Session]:
    """What the phase under way still has to come, with the integration sessions of those doses."""
    doses = [facts.row(dose.id) for dose in facts.doses if dose.phase == facts.course.phase and dose.is_to_come]
    return [row for dose in doses for row in (dose, *facts.of_dose(dose.id)) if row.status in NOT_BEGUN]


def _omit(left: Iterable[Session], patient: Patient, reason: str, *, by: Actor, now: datetime) -> None:
    for row in left:
        call_off(row, Verb.OMIT, Cause.CLINICAL, patient, by=by, now=now, reason=reason)
