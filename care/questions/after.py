"""What has to be asked after a dose: how the patient is, and when integration shall be?"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from care.facts import PatientFacts, Role, SessionFacts, SessionKind, Status, Step
from care.hours import in_quiet, shift
from care.kinds import Quiet
from care.protocol import Gate
from care.questions.wanted import QuestionWanted, task_at
from care.tasks import TaskCode
from care.times import hours, local_date, wall
from care.windows import integration_window

SAME_DAY = timedelta(hours=6)  # from a safety check to its task
EVENING = time(23)  # "the same day" ends here for whoever calls


def safety(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """How the patient is: four hours after the end where that is before quiet hours, and on the next day at ten."""
    end = session.discharged_at
    if end is None or not facts.clinic.safety_check or session.kind is not SessionKind.DOSING:
        return
    zone, quiet = facts.patient.zone, facts.clinic.quiet
    if not in_quiet(end + hours(4), zone, quiet):
        yield from _check(facts, session, Step.SAFETY_EVENING, end, end + hours(4))
    ten = wall(local_date(end, zone) + timedelta(days=1), time(10), zone)
    yield from _check(facts, session, Step.SAFETY_NEXT_DAY, end, shift(ten, Quiet.LATER, zone, quiet, key="") or ten)


def _check(
    facts: PatientFacts, session: SessionFacts, step: Step, end: datetime, ask: datetime
) -> Iterator[QuestionWanted]:
    """One ask and one repeat, which never leaves the waking hours of that day; the task is of the same day."""
    zone, quiet = facts.patient.zone, facts.clinic.quiet
    late = wall(local_date(ask, zone), EVENING, zone)
    by = min(ask + SAME_DAY, max(late, ask + hours(1)))
    again = ask + hours(4)
    since = max(end, session.since)
    if since < by:
        yield QuestionWanted(
            subject_id=session.id,
            session_id=session.id,
            version=session.version,
            step=step,
            person=facts.patient,
            gate=Gate.SOFT,
            task_at=by,
            role=Role.COORDINATOR,
            task_code=TaskCode(f"{step}_unanswered"),
            since=since,
            useful_until=by,
            asks_at=(ask,) if again >= by or in_quiet(again, zone, quiet) else (ask, again),
        )


def integration(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """When the integration session shall be; asked of the patient until it has a time, or was held elsewhere."""
    dose = next((each for each in facts.sessions if each.id == session.of_session_id), None)
    if session.status is not Status.PLANNED or session.elsewhere_on or dose is None or dose.given_before:
        return
    if dose.discharged_at is None:
        return
    end, (_, shut) = dose.discharged_at, integration_window(dose)
    since = max(end, dose.since, session.since)
    if since >= shut:
        return
    zone = facts.patient.zone
    next_day = wall(local_date(end, zone) + timedelta(days=1), time(10, 30), zone)
    yield QuestionWanted(
        subject_id=session.id,
        session_id=session.id,
        version=session.version,
        step=Step.INTEGRATION,
        person=facts.patient,
        gate=Gate.SOFT,
        task_at=task_at(min(end + hours(48), shut), since, shut),
        role=Role.COORDINATOR,
        task_code=TaskCode.INTEGRATION_UNBOOKED,
        since=since,
        useful_until=shut,
        asks_at=(end + hours(2), next_day, end + hours(36)),
        then_at=shut,
        then_code=TaskCode.INTEGRATION_LATE,
    )
