"""What stands before each session: which steps are confirmed by whom, and what else the protocol wants in order by then?"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from care.course.progress.phases import Dose
from care.course.progress.reviews import reviews_due
from care.facts import SessionFacts, SessionKind, Status
from care.protocol import DoseGate, Gate
from care.questions import QuestionWanted
from care.rehearse.values import Rehearsed, RehearsedGate


def gates(
    asked: Iterable[QuestionWanted],
    texts: Sequence[Rehearsed],
    sessions: Sequence[SessionFacts],
    zone: str,
    since: datetime | None,
) -> tuple[RehearsedGate, ...]:
    """Every gate of the sessions as they went, in order of when it has to be settled; none that was so before `since`."""
    doses = sorted((each for each in sessions if _is_coming(each)), key=_start)
    found = [*_steps(asked, texts), *_in_order(doses), *_reviews(doses, sessions, zone)]
    kept = (each for each in found if since is None or each.due_at >= since)
    return tuple(sorted(kept, key=lambda each: (each.due_at, each.name, str(each.session_id))))


def _steps(asked: Iterable[QuestionWanted], texts: Sequence[Rehearsed]) -> Iterator[RehearsedGate]:
    """What people are asked to confirm; silence becomes a task."""
    for each in asked:
        at = tuple(text.at for text in texts if _asks(text, each))
        yield RehearsedGate(each.session_id, each.step.value, each.gate, each.person.id, each.task_at, at)


def _asks(text: Rehearsed, question: QuestionWanted) -> bool:
    wanted = (question.subject_id, question.version, question.step, question.person.id)
    return any(
        (ask.subject_id, ask.version, ask.step, said.person.id) == wanted for said in text.said for ask in said.asks
    )


def _in_order(doses: Iterable[SessionFacts]) -> Iterator[RehearsedGate]:
    """What staff see to before each dose."""
    for dose in doses:
        for gate in dose.protocol.dose_gates:
            if gate is not DoseGate.REVIEW:
                yield RehearsedGate(dose.id, gate.value, Gate.HARD, None, _start(dose))


def _reviews(doses: Sequence[SessionFacts], sessions: Iterable[SessionFacts], zone: str) -> Iterator[RehearsedGate]:
    """A review is due when a dose is over, and stops the next one until a clinician decided."""
    if not doses:
        return
    counted = [_dose(each) for each in sessions if each.kind is SessionKind.DOSING and each.starts_at]
    for review in reviews_due(doses[0].protocol, doses[-1].phase, counted, zone, _start(doses[-1])):
        stopped = next((dose for dose in doses if _start(dose) > review.at), None)
        if stopped is not None:
            yield RehearsedGate(stopped.id, DoseGate.REVIEW, Gate.HARD, None, _start(stopped), (review.at,))


def _is_coming(session: SessionFacts) -> bool:
    return session.kind is SessionKind.DOSING and session.starts_at is not None and not session.given_before


def _dose(session: SessionFacts) -> Dose:
    over = session.discharged_at or (session.since if session.status is Status.MISSED else None)
    return Dose(
        session.id,
        session.number,
        session.phase,
        session.status,
        _start(session),
        over,
        session.given_before,
    )


def _start(session: SessionFacts) -> datetime:
    at = session.dose_at
    if at is None:
        raise ValueError(f"session {session.id} has no time yet")
    return at
