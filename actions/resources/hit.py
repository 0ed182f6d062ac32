"""Which sessions does a closure hit, and what is known of the courses that they belong to?

Read in a few queries for all of them together; only the facts of each patient are read one by one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from actions.facts import all_sessions, clinic_facts, rules_of, sessions_of
from actions.resources.shutting import concerned
from actions.sessions.slots import Diary
from care.course.closing import HitCourse, Sitting
from care.course.slots import Seat, Slot
from care.facts import UNDER_WAY, SessionFacts, SessionKind, Status, Step, Value
from care.times import wall
from models import Answer, Booking, Clinic, Course, Patient, Resource, Session, db

FOLLOWING = timedelta(days=21)  # beyond the last span: an integration session may follow its dose there


@dataclass(frozen=True, slots=True)
class Wished:
    """A closure as somebody wishes it: of one resource, or of the clinic (None), from whole minute to whole minute.

    `leave`: sessions that are to get no other time by themselves; `choices`: the time that somebody chose for a session.
    """

    clinic_id: UUID
    resource_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    leave: frozenset[UUID] = frozenset()
    choices: Mapping[UUID, Slot] = field(default_factory=dict)


@dataclass
class Hit:
    """What a wished closure meets at this moment. Rows are read once, when first asked for."""

    wished: Wished
    now: datetime

    @cached_property
    def clinic(self) -> Clinic:
        return db.session.get_one(Clinic, self.wished.clinic_id)

    @cached_property
    def resources(self) -> Sequence[Resource]:
        return concerned(self.wished.clinic_id, self.wished.resource_id)

    @cached_property
    def met(self) -> Sequence[Session]:
        """Every session that has a place in the closure and is not over, in order of time."""
        return db.session.scalars(sessions_in(self.wished).order_by(Session.starts_at, Session.id)).all()

    @property
    def begun(self) -> list[Session]:
        """A fact, whatever closes: they are under way, or should be."""
        return [row for row in self.met if not self._may_move(row)]

    @property
    def hit(self) -> list[Session]:
        return [row for row in self.met if self._may_move(row)]

    @property
    def patient_ids(self) -> list[UUID]:
        """Whose sessions are hit, in the order in which they are locked."""
        return sorted({row.patient_id for row in self.hit})

    @cached_property
    def patients(self) -> dict[UUID, Patient]:
        rows = select(Patient).where(Patient.clinic_id == self.clinic.id, Patient.id.in_(self.patient_ids))
        return {row.id: row for row in db.session.scalars(rows)}

    @cached_property
    def rows(self) -> dict[UUID, Session]:
        """Every session of those patients."""
        return {row.id: row for patient in self.patients.values() for row in sessions_of(patient)}

    @cached_property
    def courses(self) -> list[HitCourse]:
        return [self._course(course_id, rows) for course_id, rows in self._by_course().items()]

    @property
    def sittings(self) -> dict[UUID, Sitting]:
        return {one.id: one for course in self.courses for one in course.sittings}

    def diary(self) -> Diary:
        """The clinic's free times with everything closed that is to be closed, and none of these sessions in its place."""
        sittings = self.sittings
        last = max((one.span[1] for one in sittings.values()), default=None)
        latest = max((one.has.ends_at for one in sittings.values()), default=self.now)
        until = latest if last is None else max(latest, wall(last, time(), self.clinic.zone))
        diary = Diary(self.clinic.id, self.now, until + FOLLOWING, now=self.now, without=set(sittings))
        diary.take(self.closed)
        return diary

    @cached_property
    def yeses(self) -> set[tuple[UUID, str]]:
        """What was said yes to, of the versions in force: session and step."""
        said = select(Answer.subject_id, Answer.step).join(
            Session, (Session.clinic_id == Answer.clinic_id) & (Session.id == Answer.subject_id)
        )
        mine = said.where(
            Answer.clinic_id == self.clinic.id,
            Answer.patient_id.in_(self.patient_ids),
            Answer.value == Value.YES,
            Answer.version == Session.version,
        )
        return {(session_id, step) for session_id, step in db.session.execute(mine)}

    @property
    def closed(self) -> Slot:
        """Every lane that closes, as if one session took them all."""
        lanes = [(row, lane) for row in self.resources for lane in range(1, row.lanes + 1)]
        begin, until = self.wished.starts_at, self.wished.ends_at
        return Slot(begin, until, tuple(Seat(row.id, row.kind, lane, begin, until) for row, lane in lanes))

    def _may_move(self, row: Session) -> bool:
        return row.status == Status.BOOKED and row.starts_at is not None and row.starts_at > self.now

    def _by_course(self) -> dict[UUID, list[Session]]:
        hit: dict[UUID, list[Session]] = defaultdict(list)
        for row in self.hit:
            hit[row.course_id].append(row)
        return hit

    def _course(self, course_id: UUID, hit: Sequence[Session]) -> HitCourse:
        """The hit sessions, the doses after the first hit one, and the integration sessions of all those."""
        patient = self.patients[hit[0].patient_id]
        known = {one.id: one for one in all_sessions(patient)}
        doses = _doses_from(hit, [one for one in known.values() if one.course_id == course_id])
        ids = {one.id for one in doses}
        bound = [one for one in known.values() if one.of_session_id in ids and self._may_move(self.rows[one.id])]
        rest = [known[row.id] for row in hit if row.id not in ids and row.id not in {one.id for one in bound}]
        others = sorted([*bound, *rest], key=lambda one: (one.kind, one.number))
        sitting = {one.id for one in (*doses, *others)}
        course = db.session.get_one(Course, (self.clinic.id, course_id))
        return HitCourse(
            id=course_id,
            rules=rules_of(course),
            doses=tuple(self._sitting(one) for one in doses),
            others=tuple(self._sitting(one) for one in others),
            known=tuple(one for one in known.values() if one.id not in sitting),
        )

    def _sitting(self, facts: SessionFacts) -> Sitting:
        row, hit_ids = self.rows[facts.id], {row.id for row in self.hit}
        return Sitting(
            facts=facts,
            has=self._has(row),
            hit=row.id in hit_ids,
            span=(row.earliest_on, row.latest_on),
            target=row.target_on,
            confirmed=(row.id, Step.ATTENDANCE) in self.yeses,
            frozen=self._has(row).starts_at - self.now < clinic_facts(self.clinic).freeze,
            only=self._only(row.id),
        )

    def _only(self, session_id: UUID) -> tuple[Slot, ...] | None:
        if session_id in self.wished.leave:
            return ()
        chosen = self.wished.choices.get(session_id)
        return None if chosen is None else (chosen,)

    def _has(self, row: Session) -> Slot:
        if row.starts_at is None or row.ends_at is None:
            raise ValueError(f"session {row.id} is booked without a time")
        return Slot(row.starts_at, row.ends_at, tuple(self._seats[row.id]))

    @cached_property
    def _seats(self) -> dict[UUID, list[Seat]]:
        """The seats of every booked session of these patients, in one query."""
        mine = (
            select(Booking, Resource.kind)
            .join(Resource, (Resource.clinic_id == Booking.clinic_id) & (Resource.id == Booking.resource_id))
            .join(Session, (Session.clinic_id == Booking.clinic_id) & (Session.id == Booking.session_id))
            .where(
                Booking.clinic_id == self.clinic.id,
                Session.patient_id.in_(self.patient_ids),
                Booking.held_until.is_(None),
            )
        )
        seats: dict[UUID, list[Seat]] = defaultdict(list)
        for row, kind in db.session.execute(mine):
            if row.session_id is not None:
                seats[row.session_id].append(Seat(row.resource_id, kind, row.lane, row.starts_at, row.ends_at))
        return seats


def sessions_in(wished: Wished) -> Select[Session]:
    """Sessions booked or under way with a resource that closes; a closed clinic meets those without any resource too."""
    booked = select(Booking.session_id).where(*_overlapping(wished))
    if wished.resource_id is not None:
        booked = booked.where(Booking.resource_id == wished.resource_id)
    meets: ColumnElement[bool] = Session.id.in_(booked)
    if wished.resource_id is None:
        meets = or_(meets, (Session.starts_at < wished.ends_at) & (Session.ends_at > wished.starts_at))
    return select(Session).where(
        Session.clinic_id == wished.clinic_id, Session.status.in_((Status.BOOKED, *UNDER_WAY)), meets
    )


def _overlapping(wished: Wished) -> Iterable[ColumnElement[bool]]:
    return (
        Booking.clinic_id == wished.clinic_id,
        Booking.session_id.is_not(None),
        Booking.held_until.is_(None),
        Booking.starts_at < wished.ends_at,
        Booking.ends_at > wished.starts_at,
    )


def _doses_from(hit: Collection[Session], course: Iterable[SessionFacts]) -> list[SessionFacts]:
    """The booked doses of the course from the first hit one on, in their order."""
    numbers = [row.number for row in hit if row.kind == SessionKind.DOSING]
    if not numbers:
        return []
    doses = [one for one in course if one.kind is SessionKind.DOSING and one.status is Status.BOOKED]
    return sorted((one for one in doses if one.number >= min(numbers)), key=lambda one: one.number)
