"""What has to be asked of whom, when is it asked, and when does silence become a task?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from uuid import UUID

from care.facts import (
    PatientFacts,
    Person,
    Role,
    SessionFacts,
    SessionKind,
    Status,
    Step,
    SupportFacts,
)
from care.hours import in_quiet, settled, shift
from care.kinds import Quiet
from care.people import INVITATION_VERSION, at_home, is_booked, is_on, keeper, support_gate, supporter
from care.protocol import Gate
from care.times import hours, local_date, wall
from care.windows import integration_window

GRACE = timedelta(hours=4)  # the longest that someone asked late may be silent
SAME_DAY = timedelta(hours=6)  # from a safety check to its task
EVENING = time(23)  # "the same day" ends here for whoever calls

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


@dataclass(frozen=True, slots=True)
class QuestionWanted:
    """One thing to be confirmed by one person about one version. It is wanted whether or not it was answered.

    `task_at`: when silence becomes a task called `task_code` for `role`. `then_at`, `then_code`: what is added to that
    task when the silence goes on. `asks_at`: the moments to ask and to repeat, before quiet hours move them. `since`:
    when the need arose. `useful_until`: after it no text asks any more.
    """

    subject_id: UUID
    session_id: UUID | None
    version: int
    step: Step
    person: Person
    gate: Gate
    task_at: datetime
    role: Role
    task_code: str
    since: datetime
    useful_until: datetime
    asks_at: tuple[datetime, ...] = ()
    then_at: datetime | None = None
    then_code: str | None = None


def questions(facts: PatientFacts) -> list[QuestionWanted]:
    """Every question that holds by these facts, the earliest task first. Turning a text off never opens a hard gate."""
    wanted = [
        *(each for session in facts.sessions for each in _about(facts, session)),
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
    if session.kind is SessionKind.INTEGRATION and session.status is Status.PLANNED:
        yield from integration(facts, session)


# Before a session


def attendance(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """Asked about every visit but integration, which the patient chose the time of and is reminded of."""
    if session.kind is not SessionKind.INTEGRATION:
        asked = _before(session, Step.ATTENDANCE, facts.patient, Gate.SOFT, hours(20), "attendance_unanswered")
        yield replace(asked, asks_at=_ahead(session, 72, 24))


def transport(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """The ride, asked ahead, and once more on the morning itself; at the door the day's ride is verified."""
    gate = session.protocol.transport_gate
    if gate is None or not _is_dose(session):
        return
    ahead = _before(session, Step.TRANSPORT, facts.patient, gate, hours(22), "transport_unanswered")
    yield replace(ahead, asks_at=_ahead(session, 48, 24))
    door = max(_start(session) - there_at(session), timedelta(minutes=15))
    today = _before(session, Step.RIDE_TODAY, facts.patient, gate, door, "ride_unverified")
    yield replace(today, asks_at=(morning_of(session, facts.patient.zone),))


def support(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """Whether the support person will be there; with none who accepted, the patient still has to find one."""
    gate = support_gate(facts, session)
    if gate is None or not _is_dose(session):
        return
    if supporter(facts, session) is None:
        yield _before(session, Step.SUPPORT, facts.patient, gate, hours(48), "support_missing")
    else:
        person = keeper(facts, session)
        asked = _before(session, Step.SUPPORT, person, gate, hours(20), "support_unanswered")
        yield replace(asked, asks_at=_ahead(session, 48, 24))


def presence(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """Whether the support person is there now, where no staff can see it."""
    gate = support_gate(facts, session)
    if gate is None or not at_home(session) or not _is_dose(session):
        return
    person = keeper(facts, session)
    asked = _before(session, Step.PRESENT, person, gate, timedelta(minutes=5), "support_not_present")
    asks_at = (_start(session) - timedelta(minutes=15),) if supporter(facts, session) else ()
    yield replace(asked, asks_at=asks_at, useful_until=_start(session))


def new_times(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """Whether a moved time suits those who had been told another one. Known while `told` keeps what was said before."""
    support = supporter(facts, session)
    for person in (facts.patient, *([support.person] if support else [])):
        asked_at = _told_anew_at(facts, session, person)
        if asked_at is not None and asked_at < _start(session):
            asked = _before(session, Step.NEW_TIME, person, Gate.SOFT, hours(20), "new_time_unanswered")
            yield replace(asked, task_at=asked_at + _grace(asked_at, _start(session)))


def _told_anew_at(facts: PatientFacts, session: SessionFacts, person: Person) -> datetime | None:
    """When this person hears, or heard, that the session has another time than the one they knew."""
    told = [each for each in facts.told if (each.person_id, each.session_id) == (person.id, session.id)]
    heard_at = None
    while told and told[-1].starts_at == session.starts_at:
        heard_at = told.pop().at
    if not told or told[-1].starts_at is None:
        return None
    return heard_at or settled(session.since, _start(session), facts.clinic.notice_delay)


def _before(
    session: SessionFacts, step: Step, person: Person, gate: Gate, lead: timedelta, code: str
) -> QuestionWanted:
    """A question about a session to come, whose silence becomes a task `lead` before the dose."""
    return QuestionWanted(
        subject_id=session.id,
        session_id=session.id,
        version=session.version,
        step=step,
        person=person,
        gate=gate,
        task_at=task_at(_start(session) - lead, session.since, _start(session)),
        role=Role.COORDINATOR,
        task_code=code,
        since=session.since,
        useful_until=there_at(session),
    )


def task_at(nominal: datetime, since: datetime, starts_at: datetime) -> datetime:
    """`nominal`, or where the need arose late, after a fair time to answer: always before `starts_at`.

    Fair is four hours, or half of what is left when that is less.
    """
    return max(nominal, since + _grace(since, starts_at))


def _grace(since: datetime, starts_at: datetime) -> timedelta:
    return max(min(GRACE, (starts_at - since) / 2), timedelta())


def _ahead(session: SessionFacts, *leads: int) -> tuple[datetime, ...]:
    return tuple(_start(session) - hours(lead) for lead in leads)


def morning_of(session: SessionFacts, zone: str) -> datetime:
    """A quarter past eight on the day of the session, on the patient's clock."""
    return wall(local_date(_start(session), zone), time(8, 15), zone)


def there_at(session: SessionFacts) -> datetime:
    """When people are expected: questions about coming are useful until then."""
    return session.arrive_at or _start(session)


def _start(session: SessionFacts) -> datetime:
    if session.starts_at is None:
        raise ValueError(f"session {session.id} has no time yet")
    return session.starts_at


def _is_dose(session: SessionFacts) -> bool:
    return session.kind is SessionKind.DOSING and session.starts_at is not None


# On naming a support person


def invitation(facts: PatientFacts, support: SupportFacts) -> QuestionWanted:
    """Whether someone will be a support person at all; its subject is that person."""
    return QuestionWanted(
        subject_id=support.person.id,
        session_id=None,
        version=INVITATION_VERSION,
        step=Step.INVITATION,
        person=support.person,
        gate=Gate.SOFT,
        task_at=support.named_at + hours(48),
        role=Role.COORDINATOR,
        task_code="invitation_unanswered",
        since=support.named_at,
        useful_until=support.named_at + hours(48),
        asks_at=(support.named_at,),
    )


# After a session


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
            task_code=f"{step}_unanswered",
            since=since,
            useful_until=by,
            asks_at=(ask,) if again >= by or in_quiet(again, zone, quiet) else (ask, again),
        )


def integration(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """When the integration session shall be; asked of the patient until it has a time, or was held elsewhere."""
    dose = next((each for each in facts.sessions if each.id == session.of_session_id), None)
    if dose is None or dose.status is not Status.DISCHARGED or dose.discharged_at is None:
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
        task_code="integration_unbooked",
        since=since,
        useful_until=shut,
        asks_at=(end + hours(2), next_day, end + hours(36)),
        then_at=shut,
        then_code="integration_late",
    )
