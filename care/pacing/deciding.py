"""What goes to one contact now, and why does the rest not?"""

from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from care.facts import Part
from care.hours import in_quiet
from care.kinds import Load, Quiet
from care.notices import at_any_hour
from care.pacing.caps import caps_free_at, held_by_cap
from care.pacing.serial import (
    SETTLES,
    family,
    first_askable,
    goes_with,
    held_by_news,
    held_by_question,
    held_by_visit,
    still_open,
)
from care.pacing.values import HARDNESS, TOGETHER, Bundle, ContactState, Fate, OpenQuestion, Pace, Stay, Waiting
from care.pacing.waking import quiet_over

_SAID_REGARDLESS = ("login_code", "crisis_text")  # asked for, from a sender of its own; the answer to a cry
ANY = Stay(Fate.HELD, "")

_WEIGHT = (Load.SAFETY, Load.CHANGE, Load.WINDOW, Load.QUESTION, Load.ANSWER, Load.ADVISORY)


def pace(state: ContactState, waiting: Sequence[Waiting], now: datetime) -> Pace:
    """What goes to this contact now. `waiting` holds all that is due by `now` plus `TOGETHER`, held ones included."""
    due = sorted((each for each in waiting if each.due_at <= now), key=_in_order)
    stays = _outdone(due) | {each.id: stay for each in due if (stay := _stay(each, state, now)) is not None}
    stays |= _said_in_reply([each for each in due if each.id not in stays], now)
    free = [each for each in due if each.id not in stays]
    replies = tuple(_said_back(each, state.open) for each in free if each.said_back)
    question = still_open(state, replies, now)

    told = [each for each in free if not each.asks and not each.said_back]
    asking = [each for each in free if each.asks and not each.said_back]
    stays |= held_by_visit(asking, told, now, state)
    asked = first_askable([each for each in asking if each.id not in stays], question)
    known = [*told, *asked, *(each for each in due if stays.get(each.id, ANY).reason == "said_in_reply")]
    unannounced = held_by_news(waiting, known, now)
    stays |= {id_: stay for id_, stay in unannounced.items() if any(each.id == id_ for each in free)}
    waiting = [each for each in waiting if each.id not in unannounced]
    asked = [each for each in asked if each.id not in unannounced]
    pieces = [each for each in told if each.id not in unannounced] + asked
    frees_at = caps_free_at(state, now, more=len(replies))
    if frees_at is not None:
        held = _beyond_the_caps(pieces, asked, free)
        stays |= {each.id: held_by_cap(each, frees_at, now) for each in held}
        pieces, asked = ([each for each in some if each not in held] for some in (pieces, asked))
    texts = _texts(pieces, asked, question, state, waiting, now)
    behind = [each for each in asking if each.id not in stays and each not in pieces]
    stays |= held_by_question(behind, question.asked_at if question and not asked else now, state)
    return Pace(replies + texts, stays)


# What cannot go, whatever else is due


def _stay(each: Waiting, state: ContactState, now: datetime) -> Stay | None:
    if reason := _silenced(each, state):
        return Stay(Fate.SUPPRESSED, reason)
    if now > each.not_after:
        return _too_late(each, state)
    if _lawful(each, state, now):
        return None
    return _kept_by_quiet(each, quiet_over(now, state.zone, state.quiet))


def _silenced(each: Waiting, state: ContactState) -> str | None:
    """An opted-out number hears nothing (the network blocks it too); before consent a support person is only invited."""
    if each.kind in _SAID_REGARDLESS:
        return None
    if state.opted_out and each.kind != "opted_in_text":
        return "opted_out"
    invited = each.kind == "support_invite" and each.part is Part.SUPPORT
    return None if state.consented or invited or each.said_back else "no_consent"


def _too_late(each: Waiting, state: ContactState) -> Stay:
    kept_by_cap = each.holdable and caps_free_at(state, each.not_after) is not None
    return Stay(Fate.SUPPRESSED, "cap") if kept_by_cap else Stay(Fate.EXPIRED, "too_late")


def _lawful(each: Waiting, state: ContactState, now: datetime) -> bool:
    return at_any_hour(each.kind, each.fills, each.due_at) or not in_quiet(now, state.zone, state.quiet)


def _kept_by_quiet(each: Waiting, over: datetime) -> Stay:
    """Preparation is never said later than it was due: it becomes a call. What may be said later waits for the morning."""
    may_wait = each.row.quiet is Quiet.LATER or each.holdable
    if may_wait and over <= each.not_after:
        return Stay(Fate.HELD, "quiet_hours", over)
    return Stay(Fate.CALL, "quiet_hours")


def _outdone(due: Iterable[Waiting]) -> dict[Hashable, Stay]:
    """Of several repeats that are due together, after an outage say, only the last is worth saying."""
    last: dict[tuple[str, UUID, str], Waiting] = {}
    outdone: list[Waiting] = []
    for each in sorted(due, key=lambda waiting: waiting.repeat):
        if (earlier := last.get(_saying(each))) is not None and earlier.repeat < each.repeat:
            outdone.append(earlier)
        last[_saying(each)] = each
    return {each.id: Stay(Fate.SUPPRESSED, "later_repeat") for each in outdone}


def _said_in_reply(due: Sequence[Waiting], now: datetime) -> dict[Hashable, Stay]:
    """News that is said back at this very moment needs no notice of its own, unless that answer does not get out."""
    answering = {ask for each in due if each.said_back for ask in each.asks}
    told = [each for each in due if each.row.load is Load.CHANGE and each.asks and set(each.asks) <= answering]
    return {each.id: Stay(Fate.HELD, "said_in_reply", now + SETTLES) for each in told}


def _saying(each: Waiting) -> tuple[str, UUID, str]:
    return each.kind, each.person_id, each.says


# Which texts


def _texts(
    pieces: Sequence[Waiting],
    asked: Sequence[Waiting],
    question: OpenQuestion | None,
    state: ContactState,
    waiting: Iterable[Waiting],
    now: datetime,
) -> tuple[Bundle, ...]:
    """One text, or two where one visit is asked about at once while there is something to say of another."""
    apart = _apart(pieces, asked)
    whole = [each for each in pieces if each not in apart]
    texts = [apart, whole + _riders(whole, asked, question, state, waiting, now) if whole else []]
    return tuple(_bundle(each, question if each is not apart else None) for each in texts if each)


def _beyond_the_caps(pieces: Sequence[Waiting], asked: Sequence[Waiting], free: Sequence[Waiting]) -> list[Waiting]:
    """What may be held and would make a text without anything in it that has to go."""
    if all(each.holdable for each in pieces):
        return [each for each in free if each.holdable]
    apart = _apart(pieces, asked)
    groups = (apart, [each for each in pieces if each not in apart])
    return [each for group in groups if all(one.holdable for one in group) for each in group]


def _apart(pieces: Sequence[Waiting], asked: Sequence[Waiting]) -> list[Waiting]:
    """What is to be said of another visit than the one that is asked about at the same moment."""
    return [each for each in pieces if asked and not each.asks and not goes_with(each, asked)]


def _riders(
    pieces: Sequence[Waiting],
    asked: Sequence[Waiting],
    question: OpenQuestion | None,
    state: ContactState,
    waiting: Iterable[Waiting],
    now: datetime,
) -> list[Waiting]:
    """What is due within three hours and may be said now, so that it makes no text of its own."""
    said = {_saying(each) for each in pieces}
    soon = [each for each in waiting if now < each.due_at <= now + TOGETHER and each.not_before <= now]
    able = [each for each in soon if _saying(each) not in said and not each.said_back and not _stay(each, state, now)]
    told = [each for each in able if not each.asks and (not asked or goes_with(each, asked))]
    named = [each for each in (*pieces, *told) if not each.asks]
    fitting = [each for each in able if each.asks and all(goes_with(one, [each]) for one in named)]
    return told + _joining(asked, question, fitting)


def _joining(asked: Sequence[Waiting], question: OpenQuestion | None, asking: Sequence[Waiting]) -> list[Waiting]:
    """An ask comes early only into its own family, or where none is asked; a nudge by itself never comes early."""
    if asked:
        return [each for each in asking if family(each) == family(asked[0])]
    return [] if question else first_askable([each for each in asking if not each.repeat], None)


def _bundle(pieces: Sequence[Waiting], question: OpenQuestion | None) -> Bundle:
    """Statements first, in the order they were due, then what is asked, so that a text ends with its question."""
    ordered = sorted(pieces, key=lambda each: (bool(each.asks), _in_order(each)))
    asks = tuple(dict.fromkeys(ask for each in ordered for ask in each.asks))
    gates = [each.gate for each in ordered if each.asks]
    return Bundle(
        tuple(each.id for each in ordered),
        asks,
        max(gates, key=HARDNESS.__getitem__) if gates else None,
        min((each.row.load for each in ordered), key=_WEIGHT.index),
        question.id if question and not set(asks) <= set(question.asks) else None,
    )


def _said_back(each: Waiting, question: OpenQuestion | None) -> Bundle:
    return _bundle([each], question)


def _in_order(each: Waiting) -> tuple[datetime, str, str]:
    return each.due_at, each.kind, str(each.id)
