"""What has to be asked of whom, when is it asked, and when does silence become a task?"""

from collections.abc import Iterator

from care.facts import PatientFacts, SessionFacts, SessionKind, Status, Step
from care.people import is_booked, is_on
from care.protocol import Gate
from care.questions.after import integration, safety
from care.questions.before import attendance, invitation, new_times, presence, support, transport
from care.questions.wanted import QuestionWanted

__all__ = ["QuestionWanted", "questions"]

KIND_OF_STEP = {
    Step.ATTENDANCE: "session_confirm",
    Step.TRANSPORT: "transport_confirm",
    Step.RIDE_TODAY: "transport_confirm",
    Step.SUPPORT: "support_confirm",
    Step.PRESENT: "support_present",
    Step.NEW_TIME: "change_notice",
    Step.INVITATION: "support_invite",
    Step.SAFETY_EVENING: "safety_check",
    Step.SAFETY_NEXT_DAY: "safety_check",
    Step.INTEGRATION: "integration_book",
}


def questions(facts: PatientFacts) -> list[QuestionWanted]:
    """Every question that holds by these facts, the earliest task first. Turning a text off never opens a hard gate."""
    wanted = [
        *(each for session in facts.sessions if not session.given_before for each in _about(facts, session)),
        *(invitation(facts, support) for support in facts.supports if support.state == "named"),
    ]
    kept = [each for each in wanted if each.gate is Gate.HARD or is_on(facts, KIND_OF_STEP[each.step])]
    return sorted(kept, key=lambda each: (each.task_at, str(each.subject_id), each.step, str(each.person.id)))


def _about(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    if is_booked(session):
        yield from attendance(facts, session)
        yield from new_times(facts, session)
    if is_booked(session) or session.status is Status.ARRIVED:
        yield from transport(facts, session)
        yield from support(facts, session)
        yield from presence(facts, session)
    if session.status is Status.DISCHARGED:
        yield from safety(facts, session)
    if session.kind is SessionKind.INTEGRATION:
        yield from integration(facts, session)
