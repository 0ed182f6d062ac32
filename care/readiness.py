"""Can this session go ahead: ready, waiting or not ready, with what is missing, who must act, and by when?

One refusal outweighs silence; silence outweighs every yes. Only what was said about this version of the session counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from care.facts import (
    AnswerFacts,
    How,
    PatientFacts,
    Role,
    SessionFacts,
    SessionKind,
    Step,
    SupportFacts,
    Value,
)
from care.people import at_home, support_gate, supporter
from care.protocol import Gate
from care.questions import QuestionWanted, questions
from care.refusals import Code, Refusal
from care.times import local_date, wall

PRESENT_ASKED = timedelta(minutes=15)  # before the dose


class State(StrEnum):
    """`not_asked`: it belongs to the day or the moment itself, which has not come; it keeps nobody from being ready."""

    YES = "yes"
    NO = "no"
    WAITING = "waiting"
    NOT_ASKED = "not_asked"


class Verdict(StrEnum):
    READY = "ready"
    WAITING = "waiting"
    NOT_READY = "not_ready"


@dataclass(frozen=True, slots=True)
class StepState:
    """One thing to confirm. `by`, `how`, `at` tell of the answer that counts; `by` None with an answer means staff."""

    step: Step
    gate: Gate
    state: State
    by: UUID | None = None
    how: How | None = None
    at: datetime | None = None
    deadline: datetime | None = None  # when it becomes a task
    role: Role = Role.COORDINATOR  # who must act then


@dataclass(frozen=True, slots=True)
class Readiness:
    verdict: Verdict
    steps: tuple[StepState, ...]
    missing: tuple[StepState, ...]  # what keeps it from being ready, the most pressing first


def judge(session: SessionFacts, facts: PatientFacts, now: datetime) -> Readiness:
    """Ready when every step that can be known by now is a yes. Advisory steps are shown and keep nobody back.

    Not ready: somebody said no, or a hard step is silent past its deadline. Waiting: silence with time left.
    """
    asked = {each.step: each for each in questions(facts) if _about(each, session)}
    steps = tuple(_state(step, gate, session, facts, asked.get(step), now) for step, gate in _steps(session, facts))
    missing = sorted((each for each in steps if _keeps_back(each)), key=lambda each: _pressing(each, session))
    return Readiness(_verdict(missing, session, now), steps, tuple(missing))


def hard_gates_open(session: SessionFacts, facts: PatientFacts) -> list[Refusal]:
    """Every hard gate without a yes, as it stands when the dose is about to be given."""
    hard = [step for step, gate in _steps(session, facts) if gate is Gate.HARD]
    heard = {step: _heard(step, Gate.HARD, session, facts) for step in hard}
    return [_gate_open(step, answer) for step, answer in heard.items() if not _is(answer, Value.YES)]


def _gate_open(step: Step, answer: AnswerFacts | None) -> Refusal:
    said = State.NO if _is(answer, Value.NO) else State.WAITING
    return Refusal(Code.GATE_OPEN, {"step": step.value, "state": said.value})


def _steps(session: SessionFacts, facts: PatientFacts) -> list[tuple[Step, Gate]]:
    """What this session needs, by its kind, setting and protocol. Support that is only advised needs a named person."""
    steps = [(Step.ATTENDANCE, _attendance_gate(session, facts))]
    if session.kind is SessionKind.DOSING and (ride := session.protocol.transport_gate):
        steps += [(Step.TRANSPORT, ride), (Step.RIDE_TODAY, ride)]
    if support := support_gate(facts, session):
        steps.append((Step.SUPPORT, support))
        if at_home(session):
            steps.append((Step.PRESENT, support))
    return steps


def _attendance_gate(session: SessionFacts, facts: PatientFacts) -> Gate:
    """Nobody is asked whether they come to an integration session, whose time they chose; a no counts all the same."""
    unasked = session.kind is SessionKind.INTEGRATION and _heard(Step.ATTENDANCE, Gate.SOFT, session, facts) is None
    return Gate.ADVISORY if unasked else Gate.SOFT


def _about(question: QuestionWanted, session: SessionFacts) -> bool:
    return question.session_id == session.id and question.version == session.version


# One step


def _state(
    step: Step, gate: Gate, session: SessionFacts, facts: PatientFacts, question: QuestionWanted | None, now: datetime
) -> StepState:
    answer = _heard(step, gate, session, facts)
    return StepState(
        step,
        gate,
        _said(step, answer, session, facts, now),
        by=answer.person_id if answer else None,
        how=answer.how if answer else None,
        at=answer.at if answer else None,
        deadline=question.task_at if question else None,
        role=question.role if question else Role.COORDINATOR,
    )


def _said(step: Step, answer: AnswerFacts | None, session: SessionFacts, facts: PatientFacts, now: datetime) -> State:
    """A wish to be called is neither yes nor no: it waits for the person who calls."""
    if _is(answer, Value.YES):
        return State.YES
    if _is(answer, Value.NO) or (step is Step.SUPPORT and _turned_down(session, facts)):
        return State.NO
    return State.WAITING if answer or _asked_by(step, session, facts, now) else State.NOT_ASKED


def _asked_by(step: Step, session: SessionFacts, facts: PatientFacts, now: datetime) -> bool:
    """The ride of the day is asked on that day, presence shortly before the dose; all else may be known any time."""
    if session.starts_at is None or step not in (Step.RIDE_TODAY, Step.PRESENT):
        return step not in (Step.RIDE_TODAY, Step.PRESENT)
    if step is Step.PRESENT:
        return now >= session.starts_at - PRESENT_ASKED
    zone = facts.patient.zone
    return now >= wall(local_date(session.starts_at, zone), time(), zone)


def _heard(step: Step, gate: Gate, session: SessionFacts, facts: PatientFacts) -> AnswerFacts | None:
    """The last answer that counts for this step, whoever gave it; None is silence."""
    counting = [each for each in facts.answers if _counts(each, step, gate, session, facts)]
    if step is Step.ATTENDANCE and session.arrived_at is not None:
        counting.append(_seen_arriving(session, session.arrived_at))
    return max(counting, key=lambda each: (each.at, each.value is Value.NO), default=None)


def _counts(answer: AnswerFacts, step: Step, gate: Gate, session: SessionFacts, facts: PatientFacts) -> bool:
    if (answer.subject_id, answer.version) != (session.id, session.version) or not _speaks_of(
        answer, step, session, facts
    ):
        return False
    if answer.how is How.STAFF or step not in (Step.SUPPORT, Step.PRESENT):
        return True
    support = supporter(facts, session)
    speaks_for_it = support is not None and answer.person_id == support.person.id
    if gate is not Gate.HARD or answer.value is not Value.YES:
        return speaks_for_it or answer.person_id == facts.patient.id
    return speaks_for_it and _in_own_voice(answer, facts)


def _speaks_of(answer: AnswerFacts, step: Step, session: SessionFacts, facts: PatientFacts) -> bool:
    """Answers to its own question, and what another one says of it too.

    A ride today is a ride, and a yes to the ride given on the day is a ride today; who is here said they would be; a new
    time that does not suit is an attendance refused.
    """
    if answer.step is step:
        return True
    yes = answer.value is Value.YES
    match step, answer.step:
        case (Step.TRANSPORT, Step.RIDE_TODAY) | (Step.SUPPORT, Step.PRESENT):
            return yes
        case Step.RIDE_TODAY, Step.TRANSPORT:
            return yes and _on_the_day(answer.at, session, facts.patient.zone)
        case Step.ATTENDANCE, Step.NEW_TIME:
            return not yes
        case _:
            return False


def _on_the_day(at: datetime, session: SessionFacts, zone: str) -> bool:
    return session.starts_at is not None and local_date(at, zone) == local_date(session.starts_at, zone)


def _in_own_voice(answer: AnswerFacts, facts: PatientFacts) -> bool:
    """A support person's yes from the patient's own phone may be the patient's; the clinic decides whether it counts."""
    contact_id = answer.from_contact_id or _contact_of(answer.person_id, facts.supports)
    return facts.clinic.shared_phone_ok or contact_id is None or contact_id != facts.patient.contact_id


def _contact_of(person_id: UUID | None, supports: Iterable[SupportFacts]) -> UUID | None:
    return next((each.person.contact_id for each in supports if each.person.id == person_id), None)


def _turned_down(session: SessionFacts, facts: PatientFacts) -> bool:
    """Whether the session's support person declined, or was removed since."""
    states = [each.state for each in facts.supports if each.person.id == session.support_person_id]
    return session.support_person_id is not None and states[:1] not in (["named"], ["accepted"])


def _seen_arriving(session: SessionFacts, arrived_at: datetime) -> AnswerFacts:
    return AnswerFacts(session.id, session.version, Step.ATTENDANCE, None, Value.YES, How.STAFF, arrived_at)


def _is(answer: AnswerFacts | None, value: Value) -> bool:
    return answer is not None and answer.value is value


# All steps together


def _keeps_back(state: StepState) -> bool:
    return state.gate is not Gate.ADVISORY and state.state in (State.NO, State.WAITING)


def _pressing(state: StepState, session: SessionFacts) -> tuple[bool, bool, bool, float]:
    by_when = state.deadline or session.starts_at
    soonest = by_when.timestamp() if by_when else float("inf")
    return state.state is not State.NO, state.gate is not Gate.HARD, by_when is None, soonest


def _verdict(missing: Iterable[StepState], session: SessionFacts, now: datetime) -> Verdict:
    missing = list(missing)
    if any(each.state is State.NO or _too_late(each, session, now) for each in missing):
        return Verdict.NOT_READY
    return Verdict.WAITING if missing or session.starts_at is None else Verdict.READY


def _too_late(state: StepState, session: SessionFacts, now: datetime) -> bool:
    by_when = state.deadline or session.starts_at
    return state.gate is Gate.HARD and by_when is not None and now >= by_when
