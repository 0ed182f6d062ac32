"""What would follow if a booked session moved? Read once, written nowhere.

Later doses are placed anew with the least disturbance and integration sessions follow their dose.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from actions.facts import all_sessions, clinic_facts, patient_facts, rules_of, sessions_of
from actions.record import Actor
from actions.sessions.slots import Diary, taken_by, token, visit_of
from care.course.booking import move_refusals
from care.course.moving import (
    Between,
    doses_that_stay,
    following,
    giving_way,
    later_doses,
    moves_alone,
    outside,
    window_after,
)
from care.course.reflow import Candidate, Reflow, ToPlace, both_plans
from care.course.slots import Slot
from care.facts import SessionFacts, SessionKind, Step, Value
from care.refusals import Code, Refusal, Refused
from care.times import local_date, wall
from models import Clinic, Course, Patient, Session, db


@dataclass(frozen=True, slots=True)
class Move:
    """One session that changes its time; `to` None: it has nowhere to go and waits for a person."""

    session_id: UUID
    kind: str
    number: int
    was: datetime
    to: datetime | None
    slot: Slot | None


@dataclass(frozen=True, slots=True)
class MovePreview:
    """What would follow. `token` covers the rows that were used; `optimal` says whether less disturbance was ruled out."""

    token: str
    moves: tuple[Move, ...]
    refusals: tuple[Refusal, ...]
    optimal: bool
    told: tuple[UUID, ...]  # persons who will hear of it: the patient and support people concerned
    void: tuple[tuple[UUID, str], ...]  # answers that no longer count: session and step
    alternative: "MovePreview | None" = None  # disturbs fewer by breaking the rule of seven dates, for a reason

    @property
    def unplaced(self) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.to is None)


def preview(session: Session, slot: Slot, *, by: Actor, now: datetime, reason: str | None = None) -> MovePreview:
    """What a move would bring, without writing anything. Refusals are part of the answer."""
    patient = db.session.get_one(Patient, (session.clinic_id, session.patient_id))
    return Mover(session, patient, now).preview(slot, by=by, reason=reason)


def moving_judge(
    session: Session, patient: Patient, *, by: Actor, now: datetime, reason: str | None = None
) -> Callable[[Slot], list[Refusal]]:
    """What is known read once, to judge many new times for one booked session; later doses would give way."""
    return Mover(session, patient, now).judge(by=by, reason=reason)


@dataclass
class Mover:
    """The course around one session that is to move, read once."""

    session: Session
    patient: Patient
    now: datetime
    found: dict[UUID, list[Slot]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clinic = db.session.get_one(Clinic, self.session.clinic_id)
        self.course = db.session.get_one(Course, (self.session.clinic_id, self.session.course_id))
        self.rules = rules_of(self.course)
        self.rows = {row.id: row for row in sessions_of(self.patient)}
        self.known = all_sessions(self.patient)
        self.facts = {one.id: one for one in self.known}
        self.me = self.facts[self.session.id]
        self.later = later_doses(self.me, self.known)
        self.giving_way = giving_way(self.me, self.known)

    def preview(self, slot: Slot, *, by: Actor, reason: str | None) -> MovePreview:
        """The plan that keeps every rule; for staff also the one that breaks the rule of seven dates to disturb fewer."""
        refusals = tuple(self.judge(by=by, reason=reason)(slot))
        keeping, breaking = self._plans(slot)
        plan = self._shown(slot, refusals, keeping)
        if breaking is None or not by.is_staff:
            return plan
        return replace(plan, alternative=self._shown(slot, refusals, breaking))

    def _shown(self, slot: Slot, refusals: tuple[Refusal, ...], plan: Reflow | None) -> MovePreview:
        moves = self._moves(slot, plan)
        return MovePreview(
            token=self._token(slot, moves),
            moves=moves,
            refusals=refusals,
            optimal=plan is None or plan.optimal,
            told=self._told(moves),
            void=self._void(moves),
        )

    def judge(self, *, by: Actor, reason: str | None) -> Callable[[Slot], list[Refusal]]:
        """Later doses give way by the reflow, so that only what stays where it is can speak against a time."""
        staying = [one for one in self.known if one.id not in self.giving_way]
        return lambda slot: move_refusals(
            self.me,
            slot.starts_at,
            course=staying,
            zone=self.clinic.zone,
            course_status=self.course.status,
            span=(self.session.earliest_on, self.session.latest_on),
            now=self.now,
            by_staff=by.is_staff,
            seven_day_reason=bool(reason) and by.is_staff,
            freeze=clinic_facts(self.clinic).freeze,
        )

    def _plans(self, slot: Slot) -> tuple[Reflow | None, Reflow | None]:
        """The later doses among free slots, the mover's own new place counted as taken."""
        if moves_alone(self.me):
            return None, None
        fixed = [one.dose_at for one in doses_that_stay(self.me, self.known) if one.dose_at is not None]
        starts = [*fixed, slot.starts_at]
        to_place = [self._to_place(one, slot) for one in self.later]
        return both_plans(to_place, starts, self.rules, min(starts), self.clinic.zone)

    def _moves(self, slot: Slot, plan: Reflow | None) -> tuple[Move, ...]:
        mine = self._move(self.session.id, slot)
        if plan is None:
            return (mine,)
        doses = [mine, *self._changed(self.later, plan)]
        return (*doses, *self._bound_moves([move for move in doses if move.to is not None], doses))

    def _to_place(self, one: SessionFacts, slot: Slot) -> ToPlace:
        row = self.rows[one.id]
        found = self._free_in(row.earliest_on, row.latest_on, row, taken=slot)
        self.found[one.id] = found
        return ToPlace(
            id=one.id,
            number=one.number,
            current=one.starts_at,
            booked=True,
            confirmed=self._confirmed(one),
            frozen=one.starts_at is not None and one.starts_at - self.now < clinic_facts(self.clinic).freeze,
            span=(row.earliest_on, row.latest_on),
            target=row.target_on,
            candidates=tuple(Candidate(each.starts_at, token(each)) for each in found),
            seat=_seat_of(row),
        )

    def _free_in(self, first: date, last: date, row: Session, *, taken: Slot | None = None) -> list[Slot]:
        """Free slots on these local days; the places that this course's movable sessions give back are free to it."""
        zone = self.clinic.zone
        begins, ends = wall(first, time(), zone), wall(last + timedelta(days=1), time(), zone)
        if ends <= self.now:
            return []
        diary = Diary(row.clinic_id, begins, ends, now=self.now, without=self.giving_way | {self.session.id})
        if taken is not None:
            diary.take(taken)
        return diary.free(visit_of(row))

    def _changed(self, later: Sequence[SessionFacts], result: Reflow) -> list[Move]:
        placed = [self._placed(one, result) for one in later]
        return [move for move in placed if move.to != move.was]

    def _placed(self, one: SessionFacts, result: Reflow) -> Move:
        chosen = result.placed.get(one.id)
        slot = next((each for each in self.found[one.id] if chosen and token(each) == chosen.token), None)
        return self._move(one.id, slot)

    def _bound_moves(self, placed: Iterable[Move], doses: Sequence[Move]) -> list[Move]:
        """Integration sessions follow their dose: they stay when their time still lies in the new window."""
        homeless = {move.session_id for move in doses if move.to is None}
        given_up = [self._move(one.id, None) for one in following(homeless, self.known)]
        return given_up + [move for dose in placed for move in self._following(dose)]

    def _following(self, dose: Move) -> list[Move]:
        window = self._window_after(dose)
        lost = outside(window, following({dose.session_id}, self.known))
        return [self._move(one.id, self._nearest_in(window, one)) for one in lost]

    def _window_after(self, dose: Move) -> Between:
        if dose.slot is None:
            raise ValueError("a dose without a time has no integration window")
        return window_after(self.facts[dose.session_id], dose.slot.starts_at, dose.slot.ends_at)

    def _nearest_in(self, window: Between, one: SessionFacts) -> Slot | None:
        zone, row = self.clinic.zone, self.rows[one.id]
        free_here = self._free_in(local_date(window[0], zone), local_date(window[1], zone), row)
        inside = [slot for slot in free_here if window[0] <= slot.starts_at <= window[1]]
        was = one.starts_at or window[0]
        return min(inside, key=lambda slot: (abs(slot.starts_at - was), slot.starts_at), default=None)

    def _move(self, session_id: UUID, slot: Slot | None) -> Move:
        row = self.rows[session_id]
        if row.starts_at is None:
            raise Refused([Refusal(Code.NOT_MOVABLE, {"status": row.status})])
        return Move(row.id, row.kind, row.number, row.starts_at, slot.starts_at if slot else None, slot)

    def _confirmed(self, one: SessionFacts) -> bool:
        return (one.id, Step.ATTENDANCE) in self._yeses

    @cached_property
    def _yeses(self) -> list[tuple[UUID, Step]]:
        """What was said yes to, of the versions in force: session and step."""
        return [
            (answer.subject_id, answer.step)
            for answer in patient_facts(self.patient).answers
            if answer.subject_id in self.facts
            and answer.version == self.facts[answer.subject_id].version
            and answer.value is Value.YES
        ]

    def _void(self, moves: Iterable[Move]) -> tuple[tuple[UUID, str], ...]:
        moved = {move.session_id for move in moves}
        return tuple(dict.fromkeys((id_, step.value) for id_, step in self._yeses if id_ in moved))

    def _told(self, moves: Iterable[Move]) -> tuple[UUID, ...]:
        supports = [self.rows[move.session_id].support_person_id for move in moves if move.kind == SessionKind.DOSING]
        return tuple(dict.fromkeys([self.patient.id, *(support for support in supports if support)]))

    def _token(self, slot: Slot, moves: Sequence[Move]) -> str:
        """A digest of every row the plan was made of, as it was read, and of the plan itself."""
        used = [
            (str(row.id), row.edition, row.version) for row in self.rows.values() if row.course_id == self.course.id
        ]
        plan = [(str(move.session_id), token(move.slot) if move.slot else None) for move in moves]
        whole = json.dumps([token(slot), self.course.edition, sorted(used), plan])
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _seat_of(row: Session) -> str | None:
    slot = taken_by(row)
    return token(slot) if slot else None
