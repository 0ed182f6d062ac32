"""What has changed since each person was last told, and how is it said in one text?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from care.facts import Part, PatientFacts, Person, SessionFacts, SessionKind, Status, Step, SupportFacts, ToldFacts
from care.hours import SOON, in_quiet, last_lawful, shift
from care.kinds import KINDS, Load, Quiet
from care.people import accepted_at, is_on, last_answer
from care.protocol import Gate
from care.questions.wanted import task_at
from care.reminders.preparation import stops
from care.reminders.wanted import Ask, Key, Wanted, iso, says
from care.times import hours

SENT_HOME = "sent_home"  # put off at the door: whoever came along has to hear it now
PICKED_UP = timedelta(hours=4)  # so long it helps to know that somebody can be picked up

_OFF = frozenset({"off", "postponed", SENT_HOME})
_TAKEN_OFF = frozenset({Status.CANCELLED, Status.OMITTED, Status.DEFERRED})


@dataclass(frozen=True, slots=True)
class _Line:
    """One session of which a person knows something else than what holds."""

    session: SessionFacts
    change: str  # booked, moved, off, postponed, sent_home
    was: datetime | None  # the time they were told
    since: datetime  # when that ceased to hold

    @property
    def starts_at(self) -> datetime | None:
        return None if self.change in _OFF else self.session.starts_at

    @property
    def instants(self) -> list[datetime]:
        """The times concerned that were still to come when it changed."""
        if self.change == SENT_HOME:
            return [self.since + PICKED_UP]
        return [at for at in (self.was, self.starts_at) if at is not None and at > self.since]

    @property
    def useful_until(self) -> datetime:
        """Whoever was told an earlier time has to know before that."""
        return min(self.instants, default=self.since)


def notices(facts: PatientFacts) -> list[Wanted]:
    """At most one notice per person: the difference between what they were told and what holds. A missed session is none."""
    supports = [each for each in facts.supports if each.state == "accepted"]
    told = [_notice(facts, facts.patient, _news_for_patient(facts))]
    told += [_notice(facts, each.person, _news_for_support(facts, each)) for each in supports]
    return [each for each in told if each is not None and is_on(facts, each.key.kind)]


def at_any_hour(kind: str, fills: Mapping[str, Any], due_at: datetime) -> bool:
    """May this reminder go in quiet hours? The exempt kinds, and news of a visit that is near when it is due."""
    if KINDS[kind].load is not Load.CHANGE:
        return KINDS[kind].quiet is Quiet.EXEMPT
    if any(line["change"] == SENT_HOME for line in fills["lines"]):
        return True
    instants = [line[name] for line in fills["lines"] for name in ("was", "starts_at") if line[name]]
    return any(timedelta() <= datetime.fromisoformat(at) - due_at < SOON for at in instants)


# What is news


def _news_for_patient(facts: PatientFacts) -> list[_Line]:
    return _still_ahead([_line(facts, facts.patient, session, session.since) for session in facts.sessions])


def _news_for_support(facts: PatientFacts, support: SupportFacts) -> list[_Line]:
    """They hear of the doses that they stand by, from when they accepted."""
    theirs = [each for each in facts.sessions if each.support_person_id == support.person.id]
    doses = [each for each in theirs if each.kind is SessionKind.DOSING]
    accepted = accepted_at(facts, support)
    return _still_ahead([_line(facts, support.person, each, max(each.since, accepted)) for each in doses])


def _line(facts: PatientFacts, person: Person, session: SessionFacts, since: datetime) -> _Line | None:
    told = _last_told(facts, person, session)
    was = told.starts_at if told else None
    if session.status is Status.BOOKED and session.starts_at not in (None, was):
        line = _Line(session, "moved" if was else "booked", was, since)
        return line if session.starts_at in line.instants else None
    return _gone(person, session, was, since) if was and _is_off(session) else None


def _gone(person: Person, session: SessionFacts, was: datetime, since: datetime) -> _Line | None:
    """Put off at the door, the patient was there to hear it, and only who came along is told."""
    if session.status is not Status.DEFERRED:
        return _Line(session, "off", was, since)
    if session.arrived_at is None:
        return _Line(session, "postponed", was, since)
    return None if person.part is Part.PATIENT else _Line(session, SENT_HOME, was, since)


def _last_told(facts: PatientFacts, person: Person, session: SessionFacts) -> ToldFacts | None:
    about = (each for each in reversed(facts.told) if each.session_id == session.id)
    return next((each for each in about if each.person_id == person.id), None)


def _is_off(session: SessionFacts) -> bool:
    """It will not happen, or has lost its time and waits for a new one."""
    return session.status in _TAKEN_OFF or (session.status is Status.PLANNED and session.starts_at is None)


def _still_ahead(lines: list[_Line | None]) -> list[_Line]:
    """Without what lay in the past by the last of the changes: nobody needs to hear of it."""
    news = [line for line in lines if line is not None and line.instants]
    last = max((line.since for line in news), default=None)
    kept = [line for line in news if last is not None and line.useful_until > last]
    return sorted(kept, key=lambda line: (line.useful_until, str(line.session.id)))


# How and when it is said


def _notice(facts: PatientFacts, person: Person, news: list[_Line]) -> Wanted | None:
    if not news:
        return None
    changed = max(line.since for line in news)
    due, shifted, last = _moment(facts, person, news, changed)
    asks = _asks(facts, person, news)
    fills = {"lines": [_said(line, _rides_along(facts, person, line)) for line in news], "ask": bool(asks)}
    kind = _kind(news)
    key = Key(person.id, kind, news[0].session.course_id, 0, says(fills, asks, *(_versions(news))))
    return Wanted(
        key=key,
        person=person,
        session_ids=tuple(line.session.id for line in news),
        not_before=due,
        due_at=due,
        not_after=max(due, last),
        fills=fills,
        asks=asks,
        gate=Gate.SOFT if asks else Gate.ADVISORY,
        hard_deadline=_deadline(news, changed) if asks else None,
        why={
            "rule": "change",
            "anchor": iso(changed),
            "offset": _offset(facts, news, changed),
            "shifted": shifted,
            "since": iso(changed),
        },
    )


def _moment(
    facts: PatientFacts, person: Person, news: list[_Line], changed: datetime
) -> tuple[datetime, str, datetime]:
    """When it is due, what moved it, and its last useful moment. A visit that is near is told of at any hour."""
    last = min(line.useful_until for line in news)
    if _is_near(news, changed):
        return changed, "no", last
    settled, zone, quiet = changed + facts.clinic.notice_delay, person.zone, facts.clinic.quiet
    due = shift(settled, Quiet.LATER, zone, quiet, key="") or settled
    return due, "no" if due == settled else "later_for_quiet_hours", last_lawful(last, zone, quiet)


def _is_near(news: list[_Line], changed: datetime) -> bool:
    return any(at - changed < SOON for line in news for at in line.instants)


def _offset(facts: PatientFacts, news: list[_Line], changed: datetime) -> str:
    delay = timedelta() if _is_near(news, changed) else facts.clinic.notice_delay
    return f"+{delay.total_seconds() / 60:g} min"


def _kind(news: list[_Line]) -> str:
    changes = {line.change for line in news}
    if changes == {"booked"}:
        return "booked_notice"
    return "cancel_notice" if changes <= _OFF else "change_notice"


def _asks(facts: PatientFacts, person: Person, news: list[_Line]) -> tuple[Ask, ...]:
    """Whether each new time suits, unless they said so already, as whoever moved it themselves has."""
    moved = [line.session for line in news if line.change == "moved"]
    unsaid = [each for each in moved if not last_answer(facts, each.id, each.version, Step.NEW_TIME, person.id)]
    return tuple(Ask(each.id, each.version, Step.NEW_TIME, each.id) for each in unsaid)


def _deadline(news: list[_Line], changed: datetime) -> datetime:
    starts = [line.session.starts_at for line in news if line.change == "moved" and line.session.starts_at]
    return min(task_at(min(changed + hours(4), start - hours(20)), changed, start) for start in starts)


def _rides_along(facts: PatientFacts, person: Person, line: _Line) -> dict[str, str]:
    """Told at night, a visit of the next day brings its clocks along: no other text could go before the morning."""
    at, session = line.starts_at, line.session
    night = in_quiet(line.since, person.zone, facts.clinic.quiet)
    if at is None or person.part is not Part.PATIENT or session.kind is not SessionKind.DOSING or not night:
        return {}
    if at - line.since >= SOON:
        return {}
    before = session.protocol.preparation.alcohol_before_h
    alcohol = {"alcohol_from": at - hours(before)} if before else {}
    return {name: iso(stop) for name, stop in {**stops(session), **alcohol}.items()}


def _said(line: _Line, prepare: Mapping[str, str]) -> dict[str, Any]:
    said = _line_of(line)
    return {**said, "prepare": dict(prepare)} if prepare else said


def _line_of(line: _Line) -> dict[str, Any]:
    return {
        "session_kind": line.session.kind.value,
        "starts_at": iso(line.starts_at) if line.starts_at else None,
        "was": iso(line.was) if line.was else None,
        "change": line.change,
    }


def _versions(news: list[_Line]) -> list[int]:
    """A session moved there and back and there again is news each time, though the words are the same."""
    return [line.session.version for line in news]
