"""What has to be asked before a session: of the patient, of the support person, and of who is named as one?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

from care.facts import PatientFacts, Person, Role, SessionFacts, SessionKind, Step, SupportFacts
from care.hours import settled
from care.people import INVITATION_VERSION, at_home, has_declined, keeper, support_gate, supporter
from care.protocol import Gate
from care.questions.wanted import QuestionWanted, grace, task_at
from care.tasks import TaskCode
from care.times import hours, local_date, wall


def attendance(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """Asked about every visit but integration, which the patient chose the time of and is reminded of."""
    if session.kind is not SessionKind.INTEGRATION:
        asked = _before(session, Step.ATTENDANCE, facts.patient, Gate.SOFT, hours(20), TaskCode.ATTENDANCE_UNANSWERED)
        yield replace(asked, asks_at=_ahead(session, 72, 24))


def transport(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """The ride, asked ahead, and once more on the morning itself; at the door the day's ride is verified."""
    gate = session.protocol.transport_gate
    if gate is None or not _is_dose(session):
        return
    ahead = _before(session, Step.TRANSPORT, facts.patient, gate, hours(22), TaskCode.TRANSPORT_UNANSWERED)
    yield replace(ahead, asks_at=_ahead(session, 48, 24))
    door = max(_start(session) - there_at(session), timedelta(minutes=15))
    today = _before(session, Step.RIDE_TODAY, facts.patient, gate, door, TaskCode.RIDE_UNVERIFIED)
    yield replace(today, asks_at=(morning_of(session, facts.patient.zone),))


def support(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """Whether the support person will be there; with none who accepted, the patient still has to find one."""
    gate = support_gate(facts, session)
    if gate is None or not _is_dose(session):
        return
    if supporter(facts, session) is None:
        yield _before(session, Step.SUPPORT, facts.patient, gate, hours(48), TaskCode.SUPPORT_MISSING)
    else:
        person = keeper(facts, session)
        asked = _before(session, Step.SUPPORT, person, gate, hours(20), TaskCode.SUPPORT_UNANSWERED)
        yield replace(asked, asks_at=_ahead(session, 48, 24))


def presence(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """Whether the support person is there now, where no staff can see it. Not asked of one who said they will not be."""
    gate = support_gate(facts, session)
    if gate is None or not at_home(session) or not _is_dose(session):
        return
    person = keeper(facts, session)
    asked = _before(session, Step.PRESENT, person, gate, timedelta(minutes=5), TaskCode.SUPPORT_NOT_PRESENT)
    coming = supporter(facts, session) is not None and not has_declined(facts, session)
    asks_at = (_start(session) - timedelta(minutes=15),) if coming else ()
    yield replace(asked, asks_at=asks_at, useful_until=_start(session))


def new_times(facts: PatientFacts, session: SessionFacts) -> Iterator[QuestionWanted]:
    """Whether a moved time suits those who had been told another one. Known while `told` keeps what was said before."""
    support = supporter(facts, session)
    for person in (facts.patient, *([support.person] if support else [])):
        asked_at = _told_anew_at(facts, session, person)
        if asked_at is not None and asked_at < _start(session):
            asked = _before(session, Step.NEW_TIME, person, Gate.SOFT, hours(20), TaskCode.NEW_TIME_UNANSWERED)
            yield replace(asked, task_at=asked_at + grace(asked_at, _start(session)))


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
    session: SessionFacts, step: Step, person: Person, gate: Gate, lead: timedelta, code: TaskCode
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
        task_code=TaskCode.INVITATION_UNANSWERED,
        since=support.named_at,
        useful_until=support.named_at + hours(48),
        asks_at=(support.named_at,),
    )
