"""What of a patient's things stands now? All that an app needs to keep, and what is gone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select

from actions.facts import sessions_of
from actions.record import Verb
from care.facts import ENDED_WITHOUT_HAPPENING
from models import (
    Answer,
    Booking,
    Course,
    CourseRequest,
    CourseStatus,
    Patient,
    RecordEntry,
    Session,
    SupportPerson,
    SupportState,
    Thing,
    db,
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A slot that is kept for a session until `held_until`, when it ends by itself."""

    session_id: UUID
    starts_at: datetime
    held_until: datetime


@dataclass(frozen=True)
class Standing:
    """Everything of one patient, read once. Sessions in order of the course, the rest in order of their making."""

    patient: Patient
    courses: Sequence[Course]
    sessions: Sequence[Session]
    supports: Sequence[SupportPerson]
    answers: Sequence[Answer]
    holds: Sequence[Hold]
    requests: Sequence[CourseRequest] = ()
    ever_held: frozenset[UUID] = field(default_factory=frozenset)

    def is_gone(self, kind: Thing, thing_id: UUID) -> bool:
        """Whether it no longer stands: ended without happening, taken off, said of another time, let go."""
        return kind is not Thing.PROFILE and (kind, thing_id) not in self._standing

    def standing(self, kind: Thing) -> list[Any]:
        """The rows of this kind that stand."""
        rows: dict[Thing, Sequence[Any]] = {
            Thing.COURSE: self.courses,
            Thing.SESSION: self.sessions,
            Thing.SUPPORT: self.supports,
            Thing.ANSWER: self.answers,
            Thing.HOLD: self.holds,
            Thing.REQUEST: self.requests,
        }
        return [row for row in rows[kind] if not self.is_gone(kind, _id_of(row))]

    def with_all_that_hangs_on(self, subject_id: UUID) -> Iterator[tuple[Thing, UUID]]:
        """What a verb about this may have changed: about a course, all its sessions too."""
        yield from self.with_its_own(subject_id)
        for session in self.sessions:
            if session.course_id == subject_id:
                yield from self.with_its_own(session.id)

    def with_its_own(self, thing_id: UUID) -> Iterator[tuple[Thing, UUID]]:
        """The thing itself; with a session its answers and the hold it has or had."""
        kind = self._kinds.get(thing_id)
        if kind is not None:
            yield kind, self.patient.id if kind is Thing.PROFILE else thing_id
        if kind is Thing.SESSION:
            yield from ((Thing.ANSWER, answer.id) for answer in self._answers_by_session[thing_id])
            if thing_id in self.ever_held:
                yield Thing.HOLD, thing_id

    @cached_property
    def _kinds(self) -> dict[UUID, Thing]:
        rows: tuple[tuple[Thing, Sequence[Any]], ...] = (
            (Thing.COURSE, self.courses),
            (Thing.SESSION, self.sessions),
            (Thing.SUPPORT, self.supports),
            (Thing.REQUEST, self.requests),
        )
        known = {row.id: kind for kind, all_rows in rows for row in all_rows}
        return known | dict.fromkeys((self.patient.id, self.patient.contact_id), Thing.PROFILE)

    @cached_property
    def _standing(self) -> set[tuple[Thing, UUID]]:
        sessions = {one.id: one.version for one in self.sessions if one.status not in ENDED_WITHOUT_HAPPENING}
        last = {(one.subject_id, one.step, one.person_id): one for one in self.answers}
        counting = [one for one in last.values() if sessions.get(one.subject_id) == one.version]
        return {
            *((Thing.COURSE, one.id) for one in self.courses if one.status != CourseStatus.DISCONTINUED),
            *((Thing.SESSION, session_id) for session_id in sessions),
            *((Thing.SUPPORT, one.id) for one in self.supports if one.state != SupportState.REMOVED),
            *((Thing.ANSWER, one.id) for one in counting),
            *((Thing.HOLD, one.session_id) for one in self.holds),
            *((Thing.REQUEST, one.id) for one in self.requests),
        }

    @cached_property
    def _answers_by_session(self) -> dict[UUID, list[Answer]]:
        found: dict[UUID, list[Answer]] = defaultdict(list)
        for answer in self.answers:
            found[answer.subject_id].append(answer)
        return found


def _id_of(row: Any) -> UUID:
    found: UUID = row.session_id if isinstance(row, Hold) else row.id
    return found


def standing(patient: Patient, now: datetime) -> Standing:
    """Everything that an app may keep of this patient."""
    held = _last_held(patient)
    return Standing(
        patient,
        courses=_mine(Course, patient),
        sessions=sessions_of(patient),
        supports=_mine(SupportPerson, patient),
        answers=_mine(Answer, patient),
        holds=_holds(patient, held, now),
        requests=_mine(CourseRequest, patient),
        ever_held=frozenset(held),
    )


def _mine(table: Any, patient: Patient) -> list[Any]:
    rows = select(table).where(table.clinic_id == patient.clinic_id, table.patient_id == patient.id)
    return list(db.session.scalars(rows.order_by(table.id)))


def _holds(patient: Patient, held: dict[UUID, datetime], now: datetime) -> list[Hold]:
    rows = (
        select(Booking.session_id, Booking.held_until)
        .join(Session, (Session.clinic_id == Booking.clinic_id) & (Session.id == Booking.session_id))
        .where(Booking.clinic_id == patient.clinic_id, Session.patient_id == patient.id, Booking.held_until > now)
        .distinct()
    )
    found = {session_id: until for session_id, until in db.session.execute(rows) if session_id in held}
    return [Hold(session_id, held[session_id], until) for session_id, until in found.items() if until]


def _last_held(patient: Patient) -> dict[UUID, datetime]:
    """Which start was held last for each session, by the record."""
    rows = select(RecordEntry.subject_id, RecordEntry.facts).where(
        RecordEntry.clinic_id == patient.clinic_id,
        RecordEntry.patient_id == patient.id,
        RecordEntry.verb == Verb.HOLD,
    )
    found = db.session.execute(rows.order_by(RecordEntry.change_no))
    return {
        session_id: datetime.fromisoformat(facts["starts_at"])
        for session_id, facts in found
        if session_id is not None and "starts_at" in facts
    }
