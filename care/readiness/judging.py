"""Can this session go ahead: ready, waiting or not ready, with what is missing, who must act, and by when?

One refusal outweighs silence; silence outweighs every yes. Only what was said about this version of the session counts.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from care.facts import (
    AnswerFacts,
    OpenReason,
    PatientFacts,
    Role,
    SessionFacts,
    SessionKind,
    Status,
    Step,
    Value,
)
from care.people import at_home, support_gate
from care.protocol import DoseGate, Gate
from care.questions import QuestionWanted, questions
from care.readiness.said import heard, is_value, turned_down
from care.readiness.values import Readiness, State, StepState, Verdict
from care.refusals import Code, Refusal
from care.tasks import TaskCode
from care.times import local_date, wall

STILL_TO_GO_AHEAD = (Status.PLANNED, Status.BOOKED, Status.ARRIVED)
SOON = timedelta(hours=24)
# A text that may have taken an answer back.
UNREAD = (TaskCode.UNCLEAR_REPLY, TaskCode.AMBIGUOUS_REPLY, TaskCode.PROBLEM_MAY_BE_TODAY)
PREPARATION = ("prep_bundle", "alcohol_window", "solids_stop", "liquids_stop")
PRESENT_ASKED = timedelta(minutes=15)  # before the dose


def judge(session: SessionFacts, facts: PatientFacts, now: datetime) -> Readiness:
    """Ready when every step that can be known by now is a yes. Advisory steps are shown and keep nobody back.

    Not ready: somebody said no, or a hard step is silent past its deadline, or a day ahead the dose is stopped. Waiting:
    silence with time left, a stop with time left, or a day ahead something that a person has yet to settle. No verdict once
    the dose was given, or the session is over or off.
    """
    asked = {each.step: each for each in questions(facts) if _about(each, session)}
    steps = tuple(_state(step, gate, session, facts, asked.get(step), now) for step, gate in _steps(session, facts))
    if session.status not in STILL_TO_GO_AHEAD:
        return Readiness(None, steps)
    missing = sorted((each for each in steps if _keeps_back(each)), key=lambda each: _pressing(each, session))
    unsettled = _unsettled(session, facts.reasons, now)
    stopped = _stopped(session, facts)
    verdict = Verdict.NOT_READY if stopped and _is_soon(session, now) else _verdict(missing, session, now)
    held_back = bool(unsettled or stopped) and verdict is Verdict.READY
    return Readiness(
        Verdict.WAITING if held_back else verdict, steps, tuple(missing), unsettled, stopped, _unchecked(session)
    )


def hard_gates_open(session: SessionFacts, facts: PatientFacts) -> list[Refusal]:
    """Every hard gate without a yes, as it stands when the dose is about to be given."""
    hard = [step for step, gate in _steps(session, facts) if gate is Gate.HARD]
    said = {step: heard(step, Gate.HARD, session, facts) for step in hard}
    return [_gate_open(step, answer) for step, answer in said.items() if not is_value(answer, Value.YES)]


def _gate_open(step: Step, answer: AnswerFacts | None) -> Refusal:
    said = State.NO if is_value(answer, Value.NO) else State.WAITING
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
    unasked = session.kind is SessionKind.INTEGRATION and heard(Step.ATTENDANCE, Gate.SOFT, session, facts) is None
    return Gate.ADVISORY if unasked else Gate.SOFT


def _about(question: QuestionWanted, session: SessionFacts) -> bool:
    return question.session_id == session.id and question.version == session.version


# One step


def _state(
    step: Step, gate: Gate, session: SessionFacts, facts: PatientFacts, question: QuestionWanted | None, now: datetime
) -> StepState:
    answer = heard(step, gate, session, facts)
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
    if is_value(answer, Value.YES):
        return State.YES
    if is_value(answer, Value.NO) or (step is Step.SUPPORT and turned_down(session, facts)):
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


# What no step says


def _unsettled(session: SessionFacts, reasons: Iterable[OpenReason], now: datetime) -> tuple[OpenReason, ...]:
    """A day ahead: texts of theirs that nobody has read, and preparation that nobody has told them."""
    if not _is_soon(session, now):
        return ()
    mine = (each for each in reasons if each.session_id in (None, session.id))
    return tuple(each for each in mine if each.code in UNREAD or _leaves_unprepared(each))


def _is_soon(session: SessionFacts, now: datetime) -> bool:
    return session.starts_at is not None and session.starts_at - now < SOON


def _leaves_unprepared(reason: OpenReason) -> bool:
    return reason.code == TaskCode.NOT_TOLD and reason.step in PREPARATION


def _stopped(session: SessionFacts, facts: PatientFacts) -> tuple[Refusal, ...]:
    """What the doses of its course wait for."""
    return facts.stops.get(session.course_id, ()) if session.kind is SessionKind.DOSING else ()


def _unchecked(session: SessionFacts) -> tuple[DoseGate, ...]:
    """What the protocol wants in order before the dose and no record here can show."""
    gates = session.protocol.dose_gates if session.kind is SessionKind.DOSING else ()
    return tuple(gate for gate in gates if gate is not DoseGate.REVIEW)
