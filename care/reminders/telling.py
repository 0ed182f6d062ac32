"""How does a fact or a question become something to hear?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from care.facts import ENDED_WITHOUT_HAPPENING, Part, PatientFacts, Person, SessionFacts, Step
from care.hours import last_evening
from care.kinds import KINDS, Quiet
from care.people import last_answer
from care.protocol import Gate
from care.questions import QuestionWanted
from care.reminders.moments import Anchor, Ear, Moment, place
from care.reminders.wanted import Ask, Key, Wanted, iso, says

AHEAD = frozenset({Step.ATTENDANCE, Step.TRANSPORT, Step.SUPPORT})  # asked days before a visit
NEAR = timedelta(hours=3)  # repeats nearer than what is bundled anyway are one


def ear(facts: PatientFacts, person: Person, kind: str) -> Ear:
    return Ear(facts, person, KINDS[kind].quiet)


def tell(
    kind: str,
    person: Person,
    subject_id: UUID,
    fills: Mapping[str, Any],
    moment: Moment,
    *,
    sessions: Sequence[UUID],
    repeat: int = 0,
) -> Wanted:
    """Something to hear that asks nothing."""
    key = Key(person.id, kind, subject_id, repeat, says(fills, ()))
    return Wanted(
        key=key,
        person=person,
        session_ids=tuple(sessions),
        not_before=moment.not_before,
        due_at=moment.due_at,
        not_after=moment.not_after,
        fills=fills,
        asks=(),
        gate=Gate.ADVISORY,
        hard_deadline=None,
        why=moment.why,
        lawful=moment.lawful,
    )


def ask(kind: str, question: QuestionWanted, fills: Mapping[str, Any], moment: Moment, *, repeat: int = 0) -> Wanted:
    """Something to hear that asks this question."""
    asks = (Ask(question.subject_id, question.version, question.step, question.session_id),)
    sessions = (question.session_id,) if question.session_id else ()
    told = tell(kind, question.person, question.subject_id, fills, moment, sessions=sessions, repeat=repeat)
    key = replace(told.key, says=says(fills, asks))
    return replace(told, key=key, asks=asks, gate=question.gate, hard_deadline=question.task_at)


def repeats(
    facts: PatientFacts,
    kind: str,
    question: QuestionWanted,
    fills: Mapping[str, Any],
    anchor: Anchor,
    *,
    since: datetime | None = None,
    early: bool = True,
) -> list[Wanted]:
    """The ask and its repeats until it is answered. A no or a wish to be called ends them too: a person takes over.

    `since`: when the need arose, else the question's own. `early`: may ride along with a text that goes before it is due.
    """
    if answered(facts, question):
        return []
    listener = ear(facts, question.person, kind)
    need = since or question.since
    moments = [
        place(at, listener, anchor=anchor, since=need, until=question.useful_until, not_before=None if early else at)
        for at in question.asks_at
    ]
    moments = [_after_nearer_visits(moment, question, facts) for moment in moments]
    return [ask(kind, question, fills, moment, repeat=repeat) for repeat, moment in _worth_saying(moments)]


def _after_nearer_visits(moment: Moment, question: QuestionWanted, facts: PatientFacts) -> Moment:
    """From the eve of a visit until its end nobody is asked about a later one, unless that cannot wait."""
    if not moment.lawful or question.step not in AHEAD:
        return moment
    due = moment.due_at
    for eve, end in _nearer_visits(question, facts, due):
        if eve <= due < end:
            due = Ear(facts, question.person, Quiet.LATER).moved(end) or due
    if due == moment.due_at or due > min(question.task_at, moment.not_after):
        return moment
    return replace(
        moment, not_before=due, due_at=due, why={**moment.why, "shifted": "later_for_another_visit", "since": iso(due)}
    )


def _nearer_visits(question: QuestionWanted, facts: PatientFacts, after: datetime) -> list[tuple[datetime, datetime]]:
    """The eves and ends of this person's visits before the asked one that are not over `after`, in order of time."""
    person, quiet = question.person, facts.clinic.quiet
    theirs = (each for each in facts.sessions if person.part is Part.PATIENT or each.support_person_id == person.id)
    others = [each for each in theirs if each.id != question.session_id and each.status not in ENDED_WITHOUT_HAPPENING]
    timed = [(each.arrive_at or each.starts_at, each.end) for each in others]
    nearer = [
        (begins, end) for begins, end in timed if begins and end and begins < question.useful_until and end > after
    ]
    return sorted((last_evening(begins, person.zone, quiet), end) for begins, end in nearer)


def answered(facts: PatientFacts, question: QuestionWanted) -> bool:
    """Did this person, or staff for them, say anything about this version?"""
    said = last_answer(facts, question.subject_id, question.version, question.step, question.person.id)
    return said is not None


def before(facts: PatientFacts, person: Person, kind: str, session: SessionFacts) -> datetime:
    """When the need to say this about a session to come arose."""
    if session.starts_at is None:
        raise ValueError(f"session {session.id} has no time yet")
    return ear(facts, person, kind).needs_from(session.since, session.starts_at)


def _worth_saying(moments: Sequence[Moment]) -> list[tuple[int, Moment]]:
    """Of repeats that fall together, as all do whose moment had passed, the last; when none is lawful, the last shows it."""
    kept: list[tuple[int, Moment]] = []
    for repeat, moment in reversed(list(enumerate(moments))):
        if moment.lawful and (not kept or kept[0][1].due_at - moment.due_at >= NEAR):
            kept.insert(0, (repeat, moment))
    return kept or list(enumerate(moments))[-1:]
