"""How does a booked session change its time? A preview of what follows, then the move, all or nothing.

The preview writes nothing; the move makes the same preview again and compares its token, so that nobody agrees to one plan and
gets another.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from actions.ask import ask
from actions.facts import all_sessions, clinic_facts, patient_facts, rules_of, session_facts, sessions_of
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.sessions.book import free, judged_by_database, take
from actions.sessions.slots import Diary, taken_by, token, visit_of
from care.course.booking import may_reseat, move_refusals
from care.course.reflow import Candidate, Reflow, ToPlace, both_plans
from care.course.slots import Slot
from care.facts import ENDED_WITHOUT_HAPPENING, Role, SessionFacts, SessionKind, Status, Step, Value
from care.protocol import Protocol
from care.refusals import Code, Refusal, Refused, refuse_if_any
from care.tasks import TaskCode
from care.times import local_date, wall
from care.windows import integration_window
from models import Clinic, Course, Patient, Session, db

MOVED_ALONE = frozenset({SessionKind.CONSULT, SessionKind.PREPARATION, SessionKind.REVIEW, SessionKind.INTEGRATION})


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


class PlanIsStale(Refused):
    """The plan changed since it was shown; `preview` is the new one."""

    def __init__(self, preview: MovePreview) -> None:
        super().__init__([Refusal(Code.PLAN_IS_STALE)])
        self.preview = preview


def preview(session: Session, slot: Slot, *, by: Actor, now: datetime, reason: str | None = None) -> MovePreview:
    """What a move would bring, without writing anything. Refusals are part of the answer."""
    patient = db.session.get_one(Patient, (session.clinic_id, session.patient_id))
    return _Mover(session, patient, now).preview(slot, by=by, reason=reason)


def move(session: Session, slot: Slot, plan_token: str, *, by: Actor, now: datetime, reason: str) -> MovePreview:
    """Carry out the plan that was shown. Raises `Refused` with every reason, `PlanIsStale` when it is no longer the plan."""
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    mover = _Mover(session, patient, now)
    plan = mover.preview(slot, by=by, reason=reason)
    refuse_if_any(plan.refusals)
    if plan.alternative is not None and plan.alternative.token == plan_token:
        plan = plan.alternative
    if plan.token != plan_token:
        raise PlanIsStale(plan)
    mover.carry_out(plan)
    for each in plan.moves:
        facts = {"was": each.was, "to": each.to}
        note(Verb.MOVE, by=by, now=now, patient=patient, subject_id=each.session_id, facts=facts, reason=reason)
    remind(patient, now=now)
    return plan


def reseat(session: Session, slot: Slot, *, by: Actor, now: datetime) -> None:
    """Another chair or other staff at the same time: nothing that anyone was told changes, so no version grows."""
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    refuse_if_any(may_reseat(session_facts(session, _rules(session))))
    if slot.starts_at != session.starts_at:
        raise Refused([Refusal(Code.SLOT_NOT_OFFERED, {"starts_at": slot.starts_at})])
    status, since = session.status, session.since
    take(session, slot, now=now)
    session.status, session.since = status, since
    seats = [{"resource_id": str(seat.resource_id), "lane": seat.lane} for seat in slot.seats]
    note(Verb.RESEAT, by=by, now=now, patient=patient, subject_id=session.id, facts={"seats": seats})


def moving_judge(
    session: Session, patient: Patient, *, by: Actor, now: datetime, reason: str | None = None
) -> Callable[[Slot], list[Refusal]]:
    """What is known read once, to judge many new times for one booked session; later doses would give way."""
    return _Mover(session, patient, now).judge(by=by, reason=reason)


def _seat_of(row: Session) -> str | None:
    slot = taken_by(row)
    return token(slot) if slot else None


def _rules(session: Session) -> Protocol:
    return rules_of(db.session.get_one(Course, (session.clinic_id, session.course_id)))


@dataclass
class _Mover:
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
        self.facts = {one.id: one for one in all_sessions(self.patient)}

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

    def carry_out(self, plan: MovePreview) -> None:
        """All that change give their places back before any takes its new one: they may pass through each other's."""
        for each in plan.moves:
            self._lift(self.rows[each.session_id])
        for each in plan.moves:
            if each.slot is not None:
                row = self.rows[each.session_id]
                with judged_by_database(each.slot.starts_at):
                    take(row, each.slot, now=self.now)
        for each in plan.unplaced:
            row = self.rows[each.session_id]
            ask(Role.COORDINATOR, TaskCode.NOWHERE_TO_GO, row, subject_id=row.id, now=self.now)

    def _lift(self, row: Session) -> None:
        """Out of its time; the version grows here, once, for wherever it goes."""
        free(row, now=self.now)
        row.status, row.since, row.version = Status.PLANNED, self.now, row.version + 1
        row.starts_at = row.ends_at = row.arrive_at = None
        db.session.flush()

    def judge(self, *, by: Actor, reason: str | None) -> Callable[[Slot], list[Refusal]]:
        """Later doses give way by the reflow, so that only what stays where it is can speak against a time."""
        giving_way = self._giving_way()
        staying = [one for one in self.facts.values() if one.id not in giving_way]
        return lambda slot: move_refusals(
            self.facts[self.session.id],
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

    def _giving_way(self) -> set[UUID]:
        """Later doses of the course that are booked, and the integration sessions of every dose that may move."""
        me = self.facts[self.session.id]
        doses = {me.id, *(one.id for one in self._later_doses())}
        bound = {one.id for one in self.facts.values() if one.of_session_id in doses and one.status is Status.BOOKED}
        return (doses | bound) - {me.id}

    def _later_doses(self) -> list[SessionFacts]:
        me = self.facts[self.session.id]
        if me.kind is not SessionKind.DOSING:
            return []
        later = [
            one
            for one in self.facts.values()
            if one.kind is SessionKind.DOSING
            and one.course_id == me.course_id
            and one.number > me.number
            and one.status is Status.BOOKED
        ]
        return sorted(later, key=lambda one: one.number)

    def _plans(self, slot: Slot) -> tuple[Reflow | None, Reflow | None]:
        """The later doses among free slots, the mover's own new place counted as taken."""
        if self.facts[self.session.id].kind in MOVED_ALONE:
            return None, None
        fixed = [one.dose_at for one in self._doses_that_stay() if one.dose_at is not None]
        starts = [*fixed, slot.starts_at]
        to_place = [self._to_place(one, slot) for one in self._later_doses()]
        return both_plans(to_place, starts, self.rules, min(starts), self.clinic.zone)

    def _moves(self, slot: Slot, plan: Reflow | None) -> tuple[Move, ...]:
        mine = self._move(self.session.id, slot)
        if plan is None:
            return (mine,)
        doses = [mine, *self._changed(self._later_doses(), plan)]
        return (*doses, *self._bound_moves([move for move in doses if move.to is not None], doses))

    def _doses_that_stay(self) -> list[SessionFacts]:
        giving_way = self._giving_way() | {self.session.id}
        return [
            one
            for one in self.facts.values()
            if one.kind is SessionKind.DOSING
            and one.course_id == self.course.id
            and one.id not in giving_way
            and one.status not in ENDED_WITHOUT_HAPPENING
        ]

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
        without = self._giving_way() | {self.session.id}
        diary = Diary(row.clinic_id, begins, ends, now=self.now, without=without)
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
        given_up = [self._move(one.id, None) for one in self._integrations_of(homeless)]
        return given_up + [move for dose in placed for move in self._following(dose)]

    def _following(self, dose: Move) -> list[Move]:
        window = self._window_after(dose)
        outside = [
            one
            for one in self._integrations_of({dose.session_id})
            if one.starts_at is None or not window[0] <= one.starts_at <= window[1]
        ]
        return [self._move(one.id, self._nearest_in(window, one)) for one in outside]

    def _integrations_of(self, dose_ids: set[UUID]) -> list[SessionFacts]:
        return [one for one in self.facts.values() if one.of_session_id in dose_ids and one.status is Status.BOOKED]

    def _window_after(self, dose: Move) -> tuple[datetime, datetime]:
        row = self.rows[dose.session_id]
        if dose.slot is None:
            raise ValueError("a dose without a time has no integration window")
        there = replace(session_facts(row, self.rules), starts_at=dose.slot.starts_at, ends_at=dose.slot.ends_at)
        return integration_window(there)

    def _nearest_in(self, window: tuple[datetime, datetime], one: SessionFacts) -> Slot | None:
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
        return any(step is Step.ATTENDANCE for _, step in self._yeses({one.id}))

    def _yeses(self, session_ids: set[UUID]) -> list[tuple[UUID, Step]]:
        """What was said yes to, of the versions in force."""
        versions = {one.id: one.version for one in self.facts.values()}
        return [
            (answer.subject_id, answer.step)
            for answer in patient_facts(self.patient).answers
            if answer.subject_id in session_ids
            and answer.version == versions[answer.subject_id]
            and answer.value is Value.YES
        ]

    def _void(self, moves: Iterable[Move]) -> tuple[tuple[UUID, str], ...]:
        moved = {move.session_id for move in moves}
        return tuple(dict.fromkeys((session_id, step.value) for session_id, step in self._yeses(moved)))

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
