"""Which question may be asked now? One at a time for each contact.

Which asks may share a text: those of one person about the same versions of the same sessions that are answered by the
same digits (1 all yes, 2 problem, 3 call me). So attendance, ride and support person of one session are one question, and
all new times of one change notice are one question; an invitation, a safety check and the choice of an integration time
each stand alone.

Who reads of one visit and is asked about another answers for the wrong one. So a text that names a visit asks about no
other: the question waits for a text of its own.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from care.facts import Step
from care.hours import SOON
from care.kinds import Load
from care.pacing.values import (
    HARDNESS,
    JUST_OVER,
    TOGETHER,
    Bundle,
    ContactState,
    Fate,
    OpenQuestion,
    Stay,
    Waiting,
)
from care.pacing.waking import lapses_at, quiet_over

SETTLES = timedelta(minutes=5)  # by then it is known whether a text got out
UNSURE = timedelta(minutes=10)  # after a takeover a bare digit may still mean the old question

_DIGITS = {Step.INVITATION: "invitation", Step.INTEGRATION: "integration"} | dict.fromkeys(
    (Step.SAFETY_EVENING, Step.SAFETY_NEXT_DAY), "safety"
)


def takeover_until(question: OpenQuestion) -> datetime | None:
    """Until when a bare digit may still mean the question that this one took over; None when it took over no other."""
    return question.asked_at + UNSURE if question.took_over else None


def ambiguous_digit(until: datetime | None, now: datetime) -> bool:
    """Might a bare digit still answer the question that was just taken over? Then a person reads it."""
    return until is not None and now < until


def still_open(state: ContactState, replies: Sequence[Bundle], now: datetime) -> OpenQuestion | None:
    for reply in replies:
        if reply.asks and reply.gate is not None:
            return OpenQuestion(reply.reminder_ids[0], now, reply.gate, reply.asks)
    lapsed = state.open is None or now >= lapses_at(state.open.asked_at, state.zone, state.quiet)
    return None if lapsed else state.open


def first_askable(asking: Sequence[Waiting], question: OpenQuestion | None) -> list[Waiting]:
    """The most urgent family of asks that may go beside the open question; empty when it keeps all back."""
    families: dict[Hashable, list[Waiting]] = {}
    for each in asking:
        families.setdefault(family(each), []).append(each)
    for asks in sorted(families.values(), key=_urgency):
        if askable := _askable(asks, question):
            return askable
    return []


def family(each: Waiting) -> Hashable:
    """Asks with the same family share a text, because one digit answers all of them."""
    subjects = frozenset((ask.subject_id, ask.version) for ask in each.asks)
    return each.person_id, subjects, frozenset(_DIGITS.get(ask.step, "visit") for ask in each.asks)


def _urgency(together: Sequence[Waiting]) -> tuple[bool, bool, int, datetime, datetime, str]:
    nudge = all(each.holdable for each in together)
    soonest = min(each.not_after for each in together)
    return (
        not _is_news(together),
        nudge,
        -_hardness(together),
        soonest,
        min(each.due_at for each in together),
        str(together[0].id),
    )


def _askable(together: list[Waiting], question: OpenQuestion | None) -> list[Waiting]:
    """Everything when nothing is open, this is harder or it is news; else only what repeats the open question.

    Nothing takes over a safety check: its 3 means urgent, and that of a visit only a call.
    """
    if question is None or (_takes_over(together, question) and not _is_check(question)):
        return together
    return [each for each in together if set(each.asks) <= set(question.asks)]


def _takes_over(together: Iterable[Waiting], question: OpenQuestion) -> bool:
    """News does not wait for an answer about a time that may no longer hold."""
    return _hardness(together) > HARDNESS[question.gate] or _is_news(together)


def _is_news(together: Iterable[Waiting]) -> bool:
    return any(each.row.load is Load.CHANGE for each in together)


def held_by_news(waiting: Iterable[Waiting], going: Iterable[Waiting], now: datetime) -> dict[Hashable, Stay]:
    """Nothing names a new time before the notice of it has gone."""
    kept = [each for each in waiting if each.row.load is Load.CHANGE and each not in going]
    unknown = {(each.person_id, line["starts_at"]): each for each in kept for line in each.fills.get("lines", ())}
    held = {}
    for each in waiting:
        news = [unknown[each.person_id, at] for at in each.visits if (each.person_id, at) in unknown]
        if news and each not in kept and not each.said_back:
            until = max([now + SETTLES, *(notice.due_at for notice in news)])
            held[each.id] = Stay(Fate.HELD, "not_announced", until)
    return held


def _is_check(question: OpenQuestion) -> bool:
    return any(_DIGITS.get(ask.step) == "safety" for ask in question.asks)


def _hardness(together: Iterable[Waiting]) -> int:
    return max(HARDNESS[each.gate] for each in together)


def goes_with(told: Waiting, asked: Iterable[Waiting]) -> bool:
    """May this be said in the text that asks these? Not when it names a visit that they do not ask about."""
    return told.visits <= frozenset().union(*(_asked_about(each) for each in asked))


def _asked_about(each: Waiting) -> frozenset[str]:
    """What is asked after a visit goes with the rules for after it."""
    afterwards = any(ask.step in _DIGITS for ask in each.asks)
    return each.visits | {JUST_OVER} if afterwards else each.visits


def held_by_visit(
    asking: Iterable[Waiting], told: Sequence[Waiting], now: datetime, state: ContactState
) -> dict[Hashable, Stay]:
    """Asks that can wait until what is said now of another visit has been read. Others go in a text of their own."""
    until = quiet_over(max([now + TOGETHER, *_nearly_over(told, now)]), state.zone, state.quiet)
    waits = [each for each in asking if each.row.load is not Load.CHANGE and until + SOON <= each.not_after]
    apart = [each for each in waits if not all(goes_with(one, [each]) for one in told)]
    return {each.id: Stay(Fate.HELD, "other_visit", until) for each in apart}


def _nearly_over(told: Iterable[Waiting], now: datetime) -> Iterator[datetime]:
    """When the visits of the next day that are spoken of are behind everyone: on their day nothing else is asked."""
    for start in (datetime.fromisoformat(at) for each in told for at in each.visits - {JUST_OVER}):
        if timedelta() <= start - now < SOON:
            yield start + TOGETHER


def held_by_question(behind: Iterable[Waiting], asked_at: datetime, state: ContactState) -> dict[Hashable, Stay]:
    until = lapses_at(asked_at, state.zone, state.quiet)
    return {each.id: _behind(each, until) for each in behind}


def _behind(each: Waiting, until: datetime) -> Stay:
    cannot_wait = each.not_after < until
    return Stay(Fate.CALL, "question_open") if cannot_wait else Stay(Fate.HELD, "question_open", until)
