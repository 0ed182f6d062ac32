"""What is a change planned in? The rows of one patient's course, read once, as the rules want them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select

from actions.courses.plan import preferences_of
from actions.facts import answer_facts, rules_of, session_facts, sessions_of
from actions.record import Actor
from actions.sessions.book import terms_of
from actions.sessions.slots import Diary
from care.course.changes.around import Around, Standing
from care.course.changes.plans import Days
from care.course.slots import Seat, Slot, SlotWish
from care.facts import SessionFacts, SessionKind, Step, Value
from care.protocol import Protocol as Rules
from care.times import wall
from models import Answer, Booking, Course, Patient, Resource, Session, db

Yes = tuple[UUID, Step]


@dataclass(frozen=True)
class Reading:
    """The course under change, everything of its patient, and what was said yes to of the versions in force."""

    patient: Patient
    course: Course
    rows: Mapping[UUID, Session]
    around: Around
    yeses: tuple[Yes, ...]


def read(course: Course, patient: Patient, *, by: Actor, now: datetime, reason: str | None = None) -> Reading:
    """Everything that a change of this course is planned from."""
    rows = {row.id: row for row in sessions_of(patient)}
    rules = {each: rules_of(db.session.get_one(Course, (course.clinic_id, each))) for each in _courses(rows, course)}
    facts = {row.id: session_facts(row, rules[row.course_id]) for row in rows.values()}
    yeses = _yeses(patient, facts)
    slots = _slots_of([row for row in rows.values() if row.starts_at is not None], rules)
    terms = terms_of(course, by=by, now=now, reason=reason)
    around = Around(
        course_id=course.id,
        phase=course.phase,
        clock=preferences_of(course.preferences).around,
        rules=rules[course.id],
        terms=terms,
        by_kind=by.kind,
        sessions=tuple(_standing(row, facts[row.id], slots.get(row.id), yeses) for row in rows.values()),
        rooms=Opening(course.clinic_id, rules[course.id], slots, terms.zone, now),
    )
    return Reading(patient, course, rows, around, yeses)


def _courses(rows: Mapping[UUID, Session], course: Course) -> set[UUID]:
    return {course.id, *(row.course_id for row in rows.values())}


def _standing(row: Session, facts: SessionFacts, slot: Slot | None, yeses: Sequence[Yes]) -> Standing:
    return Standing(
        facts=facts,
        days=Days(row.target_on, row.earliest_on, row.latest_on),
        slot=slot,
        confirmed=(row.id, Step.ATTENDANCE) in yeses,
        replaces_id=row.replaces_id,
    )


def _yeses(patient: Patient, facts: Mapping[UUID, SessionFacts]) -> tuple[Yes, ...]:
    mine = select(Answer).where(
        Answer.clinic_id == patient.clinic_id, Answer.patient_id == patient.id, Answer.value == Value.YES
    )
    said = [answer_facts(row) for row in db.session.scalars(mine.order_by(Answer.at, Answer.id))]
    in_force = [one for one in said if one.subject_id in facts and one.version == facts[one.subject_id].version]
    return tuple(dict.fromkeys((one.subject_id, one.step) for one in in_force))


def _slots_of(sessions: Collection[Session], rules: Mapping[UUID, Rules]) -> dict[UUID, Slot]:
    """The slots that they have, read in one query, each one's seats in the order of its needs."""
    seats: dict[Any, list[Seat]] = defaultdict(list)
    booked = {row.id: row for row in sessions if row.ends_at is not None}
    taken = select(
        Booking.session_id, Booking.resource_id, Resource.kind, Booking.lane, Booking.starts_at, Booking.ends_at
    ).join(Resource, (Resource.clinic_id == Booking.clinic_id) & (Resource.id == Booking.resource_id))
    clinic_ids = {row.clinic_id for row in booked.values()}
    mine = taken.where(Booking.clinic_id.in_(clinic_ids), Booking.session_id.in_(booked), Booking.held_until.is_(None))
    for session_id, resource_id, kind, lane, starts_at, ends_at in db.session.execute(mine):
        seats[session_id].append(Seat(resource_id, kind, lane, starts_at, ends_at))
    return {id_: _slot(booked[id_], each, rules[booked[id_].course_id]) for id_, each in seats.items()}


def _slot(row: Session, seats: Sequence[Seat], rules: Rules) -> Slot:
    if row.starts_at is None or row.ends_at is None:
        raise ValueError("what has seats has a time")
    order = [need.kind for need in rules.visits[row.kind].needs]
    order += [seat.kind for seat in seats if seat.kind not in order]  # what an earlier version of the rules needed
    return Slot(row.starts_at, row.ends_at, tuple(sorted(seats, key=lambda seat: (order.index(seat.kind), seat.lane))))


class DiaryRooms:
    """The clinic's diary over some local days; whoever a course has met before is tried first."""

    def __init__(self, diary: Diary, rules: Rules, zone: str, met: Sequence[UUID]) -> None:
        self.diary, self.rules, self.zone = diary, rules, zone
        self.wish = SlotWish(preferred_ids=tuple(met))

    def free(self, kind: SessionKind, first: date, last: date) -> Sequence[Slot]:
        within = wall(first, time(), self.zone), wall(last + timedelta(days=1), time(), self.zone)
        if within[1] <= self.diary.within[0]:
            return ()
        return self.diary.free(self.rules.visits[kind], self.wish, within=within)

    def with_resources(self, kind: SessionKind, starts_at: datetime, resource_ids: Collection[UUID]) -> Slot | None:
        wish, within = SlotWish(resource_ids=frozenset(resource_ids)), (starts_at, starts_at + timedelta(minutes=1))
        return next(iter(self.diary.free(self.rules.visits[kind], wish, within=within)), None)

    def take(self, slot: Slot) -> None:
        self.diary.take(slot)

    def give_back(self, slot: Slot) -> None:
        self.diary.give_back(slot)


@dataclass
class Opening:
    """Opens the clinic's resources for a change."""

    clinic_id: UUID
    rules: Rules
    slots: Mapping[UUID, Slot]
    zone: str
    now: datetime

    def __call__(self, lifted: AbstractSet[UUID], first: date, last: date) -> DiaryRooms:
        begins, ends = wall(first, time(), self.zone), wall(last + timedelta(days=1), time(), self.zone)
        diary = Diary(self.clinic_id, begins, max(ends, self.now), now=self.now, without=lifted)
        return DiaryRooms(diary, self.rules, self.zone, self.met)

    @cached_property
    def met(self) -> list[UUID]:
        """The resources of this patient's sessions, the most usual first."""
        seats = [seat.resource_id for slot in self.slots.values() for seat in slot.seats]
        return sorted(set(seats), key=lambda each: (-seats.count(each), each))
