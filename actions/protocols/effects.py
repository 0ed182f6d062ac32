"""What would follow if a course followed other rules from now on? Read once, written nowhere."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from actions.courses.known import Known, known
from actions.facts import patient_facts, rules_under
from care.course.beside import PlannedSession
from care.course.progress.horizon import is_movable
from care.course.progress.phases import chosen
from care.course.replanning import Replan, Rules, needs_replan, replanned
from care.course.spacing import spacing_refusals
from care.facts import ENDED_WITHOUT_HAPPENING, PatientFacts, SessionFacts, SessionKind, Status
from care.notices import notices
from care.protocol import Protocol
from care.protocols.comparing import Difference, differences
from care.refusals import Code, Refusal
from care.reminders import reminders
from care.times import local_date
from care.windows import Window, all_windows, integration_window
from models import Course, Patient, Session

TO_COME = (Status.PLANNED, Status.BOOKED)
KEPT = Replan({}, (), ())  # nothing is planned anew


@dataclass(frozen=True, slots=True)
class Following:
    """What a course follows: a version, the overrides in force, its phase and the cadence chosen in it."""

    protocol_id: UUID
    overridden: Mapping[str, Any]
    phase: str
    every_days: int | None
    per_week: int | None

    def rules(self, clinic_id: UUID) -> Protocol:
        """The whole of it. Raises `ProtocolError` when the overrides do not go with the version."""
        whole = rules_under(clinic_id, self.protocol_id, self.overridden)
        return chosen(whole, self.phase, every_days=self.every_days, per_week=self.per_week)


@dataclass(frozen=True, slots=True)
class Days:
    """The phase and the span of a session."""

    phase: str
    target_on: date
    earliest_on: date
    latest_on: date


@dataclass(frozen=True, slots=True)
class SessionEffect:
    """One session to come. `before` None: it is new; `after` None: the new rules have no place for it.

    `violations`: what speaks against the time it is booked at. `other_needs`: it takes other people, rooms or minutes than
    are booked.
    """

    session_id: UUID | None
    kind: str
    number: int
    before: Days | None
    after: Days | None
    starts_at: datetime | None
    violations: tuple[Refusal, ...]
    other_needs: bool

    @property
    def is_news(self) -> bool:
        return self.before != self.after or bool(self.violations) or self.other_needs


@dataclass(frozen=True, slots=True)
class Texts:
    """Reminders of one kind: how many are no longer to be said, and how many new ones are."""

    kind: str
    withdrawn: int
    new: int


@dataclass(frozen=True, slots=True)
class WindowEffect:
    """One window of the days ahead as it was and as it would be; None: there is none."""

    kind: str
    session_ids: tuple[UUID, ...]
    before: tuple[datetime, datetime] | None
    after: tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True)
class Effects:
    """Everything that would be another. `token` covers the rows that were used and what was found."""

    token: str
    following: Following
    rules: tuple[Difference, ...]
    sessions: tuple[SessionEffect, ...]
    texts: tuple[Texts, ...]
    windows: tuple[WindowEffect, ...]
    replan: Replan


def following_of(course: Course) -> Following:
    """What the course follows now."""
    return Following(course.protocol_id, course.overridden, course.phase, course.every_days, course.per_week)


def effects(course: Course, patient: Patient, then: Following, *, now: datetime) -> Effects:
    """What would be another under the rules of `then`. Raises `ProtocolError` when these are none."""
    return _Turn(course, patient, then, now).effects()


class _Turn:
    """A course between two sets of rules."""

    def __init__(self, course: Course, patient: Patient, then: Following, now: datetime) -> None:
        self.course, self.then, self.now = course, then, now
        self.known: Known = known(course)
        self.before, self.after = self.known.rules, then.rules(course.clinic_id)
        self.facts = patient_facts(patient)
        self.replan = self._replan()
        self.coming = [row for row in self.known.rows if row.status in TO_COME]
        self.under_new = self._under_new()

    def effects(self) -> Effects:
        sessions = tuple(each for each in self._sessions() if each.is_news)
        return Effects(
            token=self._token(),
            following=self.then,
            rules=differences(self.before, self.after),
            sessions=sessions,
            texts=_texts(self.facts, self.under_new, self.now),
            windows=_windows(self.facts, self.under_new, self.known.zone, self.now),
            replan=self.replan,
        )

    def _replan(self) -> Replan:
        rules = Rules(self.before, self.after, self.then.phase)
        if not needs_replan(rules):
            return KEPT
        facts, start = self.known, self._not_before()
        coming = {row.of_session_id: row.id for row in facts.rows if row.of_session_id and row.status in TO_COME}
        return replanned(rules, facts.doses, coming, self.now, start, facts.wish, facts.zone, facts.numbers)

    def _not_before(self) -> date:
        """The next dose is not called earlier than it is meant to be now."""
        waiting = [local_date(dose.at, self.known.zone) for dose in self.known.doses if is_movable(dose, self.now)]
        return max([self.known.today(self.now), *sorted(waiting)[:1]])

    def _under_new(self) -> PatientFacts:
        """The same facts with the new rules for what is still to come; what is over keeps its own."""
        coming = {row.id for row in self.coming}
        sessions = (self._moved(each) if each.id in coming else each for each in self.facts.sessions)
        gone = set(self.replan.dropped) - {row.id for row in self.coming if row.status == Status.BOOKED}
        return replace(self.facts, sessions=tuple(each for each in sessions if each.id not in gone))

    def _moved(self, each: SessionFacts) -> SessionFacts:
        planned = self.replan.kept.get(each.id)
        return replace(each, protocol=self.after, phase=planned.phase if planned else each.phase)

    def _sessions(self) -> list[SessionEffect]:
        known_ = [self._known(row) for row in self.coming]
        added = [
            SessionEffect(None, each.kind, each.number, None, _days(each), None, (), other_needs=False)
            for each in self.replan.added
        ]
        return [*known_, *added]

    def _known(self, row: Session) -> SessionEffect:
        before = Days(row.phase, row.target_on, row.earliest_on, row.latest_on)
        after = _days(self.replan.kept[row.id]) if row.id in self.replan.kept else before
        dropped = row.id in self.replan.dropped
        booked = row.status == Status.BOOKED
        return SessionEffect(
            session_id=row.id,
            kind=row.kind,
            number=row.number,
            before=before,
            after=None if dropped else after,
            starts_at=row.starts_at,
            violations=tuple(self._violations(row, after)) if booked and not dropped else (),
            other_needs=booked and self.before.visits[row.kind] != self.after.visits[row.kind],
        )

    def _violations(self, row: Session, days: Days) -> list[Refusal]:
        """Whatever the new rules would say against the time at which it is booked."""
        if row.starts_at is None or row.starts_at <= self.now:
            return []
        on = local_date(row.starts_at, self.known.zone)
        outside = not days.earliest_on <= on <= days.latest_on
        span = {"earliest_on": days.earliest_on.isoformat(), "latest_on": days.latest_on.isoformat()}
        found = [Refusal(Code.OUTSIDE_SPAN, span)] if outside else []
        if row.kind == SessionKind.DOSING:
            return [*found, *self._crowding(row.id, row.starts_at)]
        return [*found, *self._off_window(row, row.starts_at)]

    def _crowding(self, session_id: UUID, at: datetime) -> list[Refusal]:
        others = [one.dose_at for one in self._doses() if one.id != session_id and one.dose_at is not None]
        return spacing_refusals(self.after, at, others, None, self.known.zone)

    def _doses(self) -> list[SessionFacts]:
        mine = [one for one in self.under_new.sessions if one.course_id == self.course.id]
        doses = [one for one in mine if one.kind is SessionKind.DOSING]
        return [one for one in doses if one.status not in ENDED_WITHOUT_HAPPENING]

    def _off_window(self, row: Session, at: datetime) -> list[Refusal]:
        dose = next((one for one in self._doses() if one.id == row.of_session_id and one.end is not None), None)
        if dose is None:
            return []
        opens, shuts = integration_window(dose)
        return (
            [] if opens <= at <= shuts else [Refusal(Code.OUTSIDE_INTEGRATION_WINDOW, {"from": opens, "until": shuts})]
        )

    def _token(self) -> str:
        """A digest of every row that was read and of what they shall follow."""
        rows = sorted((str(row.id), row.edition, row.version) for row in self.known.rows)
        then = [
            str(self.then.protocol_id),
            self.then.overridden,
            self.then.phase,
            self.then.every_days,
            self.then.per_week,
        ]
        plan = [(str(id_), each.target_on.isoformat()) for id_, each in self.replan.kept.items()]
        whole = json.dumps([self.course.edition, then, rows, sorted(plan), len(self.replan.added)], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _days(planned: PlannedSession) -> Days:
    return Days(planned.phase, planned.target_on, planned.earliest_on, planned.latest_on)


def _texts(before: PatientFacts, after: PatientFacts, now: datetime) -> tuple[Texts, ...]:
    """What reconciling would withdraw and write, of what may still be said."""
    was, will = _said(before, now), _said(after, now)
    withdrawn = Counter(key[1] for key in was - will)
    new = Counter(key[1] for key in will - was)
    return tuple(Texts(kind, withdrawn[kind], new[kind]) for kind in sorted(withdrawn | new))


def _said(facts: PatientFacts, now: datetime) -> set[tuple[UUID, str, UUID, int, str]]:
    wanted = (*reminders(facts), *notices(facts))
    keys = (each.key for each in wanted if each.not_after > now)
    return {(key.person_id, key.kind, key.subject_id, key.repeat, key.says) for key in keys}


def _windows(before: PatientFacts, after: PatientFacts, zone: str, now: datetime) -> tuple[WindowEffect, ...]:
    was = {_place(each): (each.start, each.end) for each in _ahead(before, zone, now)}
    will = {_place(each): (each.start, each.end) for each in _ahead(after, zone, now)}
    places = [place for place in dict.fromkeys([*was, *will]) if was.get(place) != will.get(place)]
    return tuple(WindowEffect(kind, ids, was.get((kind, ids)), will.get((kind, ids))) for kind, ids in places)


def _ahead(facts: PatientFacts, zone: str, now: datetime) -> Iterable[Window]:
    return (each for each in all_windows(facts.sessions, zone) if each.end > now)


def _place(window: Window) -> tuple[str, tuple[UUID, ...]]:
    return window.kind, window.session_ids


def clashing(sessions: Sequence[SessionEffect]) -> list[SessionEffect]:
    """Booked ones that somebody has to look at: they do not go with the new rules at their time, or have no place in them."""
    return [each for each in sessions if each.starts_at and (each.violations or each.other_needs or each.after is None)]
