"""Of what is due for one contact, what goes now, in which texts, and what waits, lapses or becomes a call?

Decided when a text is claimed, and by the dry run in the same way. Which asks may share a text: those of one person about
the same versions of the same sessions that are answered by the same digits (1 all yes, 2 problem, 3 call me). So attendance,
ride and support person of one session are one question, and all new times of one change notice are one question; an
invitation, a safety check and the choice of an integration time each stand alone.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from care.facts import UNDER_WAY, Caps, Part, PatientFacts, QuietHours, SessionKind, Status, Step
from care.hours import in_quiet, shift
from care.kinds import KINDS, Kind, Load, Quiet
from care.protocol import Gate
from care.reminders.wanted import Ask
from care.times import local_date, wall

TOGETHER = timedelta(hours=3)  # what is due this soon joins a text that goes now
QUESTION_HOLDS = timedelta(hours=4)  # waking hours in which an open question keeps other asks back
UNSURE = timedelta(minutes=10)  # after a takeover a bare digit may still mean the old question
WEEK = timedelta(days=7)

HARDNESS = {Gate.ADVISORY: 0, Gate.SOFT: 1, Gate.HARD: 2}
_WEIGHT = (Load.SAFETY, Load.CHANGE, Load.WINDOW, Load.QUESTION, Load.ANSWER, Load.ADVISORY)
_AHEAD = UNDER_WAY | {Status.PLANNED, Status.BOOKED}
_DIGITS = {Step.INVITATION: "invitation", Step.INTEGRATION: "integration"} | dict.fromkeys(
    (Step.SAFETY_EVENING, Step.SAFETY_NEXT_DAY), "safety"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One reminder that waits for this contact; `not_after` is its last useful moment."""

    id: Hashable
    kind: str
    person_id: UUID
    part: Part
    repeat: int
    due_at: datetime
    not_before: datetime
    not_after: datetime
    fills: Mapping[str, Any]
    asks: tuple[Ask, ...]
    gate: Gate
    says: str

    @property
    def row(self) -> Kind:
        return KINDS[self.kind]

    @property
    def said_back(self) -> bool:
        """Said at once to someone who wrote or asked: a text of its own, never mixed with what was due anyway."""
        return self.row.number is None

    @property
    def holdable(self) -> bool:
        """May the caps hold it back? Advisory texts and soft nudges only."""
        nudge = self.row.load is Load.QUESTION and self.repeat > 0 and self.gate is not Gate.HARD
        return self.row.load is Load.ADVISORY or nudge


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The one question this contact was last asked and has not answered; the caller leaves out void ones."""

    id: Hashable
    asked_at: datetime
    gate: Gate
    asks: tuple[Ask, ...]
    took_over: bool = False


@dataclass(frozen=True, slots=True)
class ContactState:
    """A phone number as pacing sees it. `sent` covers at least the last eight days, one item a text, in any order."""

    id: UUID
    zone: str
    language: str
    quiet: QuietHours
    caps: Caps
    phase_is_induction: bool
    sent: tuple[tuple[datetime, Load], ...] = ()
    open: OpenQuestion | None = None
    opted_out: bool = False
    consented: bool = True
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """One text. `gate` is that of its question, None without one; `takes_over` names the question it supersedes."""

    reminder_ids: tuple[Hashable, ...]
    asks: tuple[Ask, ...]
    gate: Gate | None
    load: Load
    takes_over: Hashable | None = None


class Fate(StrEnum):
    HELD = "held"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Stay:
    """Why a due reminder does not go now. `until` is when to look again, for held ones."""

    fate: Fate
    reason: str  # opted_out | no_consent | later_repeat | cap | too_late | quiet_hours | question_open
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """The decision for one contact at one moment. Every due reminder is in a message or in `stays`."""

    messages: tuple[Bundle, ...] = ()
    stays: Mapping[Hashable, Stay] = field(default_factory=dict)

    @property
    def held(self) -> dict[Hashable, datetime]:
        """Look again at this moment, or earlier when an answer comes or another text is due."""
        return {id_: stay.until for id_, stay in self.stays.items() if stay.until is not None}

    @property
    def expired(self) -> tuple[Hashable, ...]:
        return tuple(id_ for id_, stay in self.stays.items() if stay.fate is Fate.EXPIRED)

    @property
    def suppressed(self) -> dict[Hashable, str]:
        return self._reasons(Fate.SUPPRESSED)

    @property
    def call_instead(self) -> dict[Hashable, str]:
        """What no text can say in time: each becomes a task to call."""
        return self._reasons(Fate.CALL)

    def _reasons(self, fate: Fate) -> dict[Hashable, str]:
        return {id_: stay.reason for id_, stay in self.stays.items() if stay.fate is fate}


def pace(state: ContactState, waiting: Sequence[Waiting], now: datetime) -> Pace:
    """What goes to this contact now. `waiting` holds all that is due by `now` plus `TOGETHER`, held ones included."""
    due = sorted((each for each in waiting if each.due_at <= now), key=_in_order)
    stays = _outdone(due) | {each.id: stay for each in due if (stay := _stay(each, state, now)) is not None}
    free = [each for each in due if each.id not in stays]
    replies = tuple(_said_back(each, state.open) for each in free if each.said_back)
    question = _still_open(state, replies, now)

    asked = _first_askable([each for each in free if each.asks and not each.said_back], question)
    pieces = [each for each in free if not each.asks and not each.said_back] + asked
    frees_at = _caps_free_at(state, now, more=len(replies))
    capped = frees_at is not None and all(each.holdable for each in pieces)
    if frees_at is not None and capped:
        stays |= {each.id: _held_by_cap(each, frees_at, now) for each in free if each.holdable}
        pieces, asked = [], []
    bundle = _bundle(pieces + _riders(pieces, asked, question, state, waiting, now), question) if pieces else None
    behind = [each for each in free if each.asks and not each.said_back and each.id not in stays and each not in pieces]
    stays |= _held_by_question(behind, question.asked_at if question and not asked else now, state)
    return Pace(replies + ((bundle,) if bundle else ()), stays)


def lapses_at(asked_at: datetime, zone: str, quiet: QuietHours) -> datetime:
    """When an unanswered question stops holding its contact: four waking hours after it was asked."""
    at, left = _quiet_over(asked_at, zone, quiet), QUESTION_HOLDS
    while (bedtime := _next_quiet(at, zone, quiet)) - at < left:
        left -= bedtime - at
        at = _quiet_over(bedtime, zone, quiet)
    return at + left


def ambiguous_digit(question: OpenQuestion | None, now: datetime) -> bool:
    """Might a bare digit still answer the question that was just taken over? Then a person reads it."""
    return question is not None and question.took_over and now < question.asked_at + UNSURE


def takeover_until(question: OpenQuestion) -> datetime | None:
    """Until when a bare digit goes to a person; None when the question took over no other."""
    return question.asked_at + UNSURE if question.took_over else None


def in_induction(facts: PatientFacts) -> bool:
    """Is the patient's present dose, the next one or else the last, one of the first phase of its course?"""
    doses = sorted((each for each in facts.sessions if each.kind is SessionKind.DOSING), key=lambda each: each.number)
    ahead = [each for each in doses if each.status in _AHEAD]
    return all(each.phase == each.protocol.phases[0].name for each in (ahead[:1] or doses[-1:]))


# What cannot go, whatever else is due


def _stay(each: Waiting, state: ContactState, now: datetime) -> Stay | None:
    if reason := _silenced(each, state):
        return Stay(Fate.SUPPRESSED, reason)
    if now > each.not_after:
        return _too_late(each, state)
    if _lawful(each, state, now):
        return None
    return _kept_by_quiet(each, _quiet_over(now, state.zone, state.quiet))


def _silenced(each: Waiting, state: ContactState) -> str | None:
    """An opted-out number hears nothing (the network blocks it too); before consent a support person is only invited."""
    if each.kind == "login_code":  # asked for by the person, from a sender of its own
        return None
    if state.opted_out and each.kind != "opted_in_text":
        return "opted_out"
    invited = each.kind == "support_invite" and each.part is Part.SUPPORT
    return None if state.consented or invited or each.said_back else "no_consent"


def _too_late(each: Waiting, state: ContactState) -> Stay:
    kept_by_cap = each.holdable and _caps_free_at(state, each.not_after) is not None
    return Stay(Fate.SUPPRESSED, "cap") if kept_by_cap else Stay(Fate.EXPIRED, "too_late")


def _lawful(each: Waiting, state: ContactState, now: datetime) -> bool:
    return each.row.quiet is Quiet.EXEMPT or not in_quiet(now, state.zone, state.quiet)


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


def _saying(each: Waiting) -> tuple[str, UUID, str]:
    return each.kind, each.person_id, each.says


# Questions: one at a time


def _still_open(state: ContactState, replies: Sequence[Bundle], now: datetime) -> OpenQuestion | None:
    for reply in replies:
        if reply.asks and reply.gate is not None:
            return OpenQuestion(reply.reminder_ids[0], now, reply.gate, reply.asks)
    lapsed = state.open is None or now >= lapses_at(state.open.asked_at, state.zone, state.quiet)
    return None if lapsed else state.open


def _first_askable(asking: Sequence[Waiting], question: OpenQuestion | None) -> list[Waiting]:
    """The most urgent family of asks that may go beside the open question; empty when it keeps all back."""
    families: dict[Hashable, list[Waiting]] = {}
    for each in asking:
        families.setdefault(_family(each), []).append(each)
    for family in sorted(families.values(), key=_urgency):
        if askable := _askable(family, question):
            return askable
    return []


def _family(each: Waiting) -> Hashable:
    """Asks with the same family share a text, because one digit answers all of them."""
    subjects = frozenset((ask.subject_id, ask.version) for ask in each.asks)
    return each.person_id, subjects, frozenset(_DIGITS.get(ask.step, "visit") for ask in each.asks)


def _urgency(family: Sequence[Waiting]) -> tuple[bool, int, datetime, datetime, str]:
    nudge = all(each.holdable for each in family)
    soonest = min(each.not_after for each in family)
    return nudge, -_hardness(family), soonest, min(each.due_at for each in family), str(family[0].id)


def _askable(family: list[Waiting], question: OpenQuestion | None) -> list[Waiting]:
    """Everything when nothing is open or this is harder; else only what repeats the open question."""
    if question is None or _hardness(family) > HARDNESS[question.gate]:
        return family
    return [each for each in family if set(each.asks) <= set(question.asks)]


def _hardness(family: Iterable[Waiting]) -> int:
    return max(HARDNESS[each.gate] for each in family)


def _held_by_question(behind: Iterable[Waiting], asked_at: datetime, state: ContactState) -> dict[Hashable, Stay]:
    until = lapses_at(asked_at, state.zone, state.quiet)
    return {each.id: _behind(each, until) for each in behind}


def _behind(each: Waiting, until: datetime) -> Stay:
    cannot_wait = each.not_after < until
    return Stay(Fate.CALL, "question_open") if cannot_wait else Stay(Fate.HELD, "question_open", until)


# Caps: counted over all texts, holding back only what may wait


def _caps_free_at(state: ContactState, now: datetime, *, more: int = 0) -> datetime | None:
    """When the caps next let a text through; None when they do now. `more` texts go at this very moment."""
    sent = sorted([at for at, _ in state.sent if at <= now] + [now] * more)
    today = [at for at in sent if local_date(at, state.zone) == local_date(now, state.zone)]
    week = [at for at in sent if at > now - WEEK]
    per_week = state.caps.per_week_induction if state.phase_is_induction else state.caps.per_week_later
    frees = []
    if len(today) >= state.caps.per_day:
        frees.append(wall(local_date(now, state.zone) + timedelta(days=1), state.quiet.end, state.zone))
    if len(week) >= per_week:
        frees.append(week[-per_week] + WEEK if per_week else now + WEEK)
    return _quiet_over(max(frees), state.zone, state.quiet) if frees else None


def _held_by_cap(each: Waiting, frees_at: datetime, now: datetime) -> Stay:
    """Until its last useful moment it may still ride along with a text that goes anyway."""
    if now >= each.not_after:
        return Stay(Fate.SUPPRESSED, "cap")
    return Stay(Fate.HELD, "cap", min(frees_at, each.not_after))


# One text


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
    return [each for each in able if not each.asks] + _joining(asked, question, [each for each in able if each.asks])


def _joining(asked: Sequence[Waiting], question: OpenQuestion | None, asking: Sequence[Waiting]) -> list[Waiting]:
    """An ask comes early only into its own family, or where none is asked; a nudge by itself never comes early."""
    if asked:
        return [each for each in asking if _family(each) == _family(asked[0])]
    return [] if question else _first_askable([each for each in asking if not each.repeat], None)


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


# Waking hours


def _quiet_over(at: datetime, zone: str, quiet: QuietHours) -> datetime:
    """The instant itself, or the end of the quiet hours it falls into."""
    return shift(at, Quiet.LATER, zone, quiet, key="") or at


def _next_quiet(at: datetime, zone: str, quiet: QuietHours) -> datetime:
    today = local_date(at, zone)
    starts = (wall(today + timedelta(days=ahead), quiet.start, zone) for ahead in range(3))
    return next(start for start in starts if start > at)
