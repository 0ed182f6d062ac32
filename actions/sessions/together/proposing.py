"""Which times would the sessions of a phase get, all at once? Free slots nearest to a wish, with every reason and other times."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from actions.courses.plan import preferences_of
from actions.facts import rules_of, session_facts, sessions_of
from actions.record import Actor
from actions.sessions.book import terms_of
from actions.sessions.diary import Diary
from care.course.slots import Slot, SlotWish, Stretch, overlap, piece
from care.course.together import Proposal, Proposed, Terms, Unbooked, Wish, propose
from care.facts import SessionFacts, SessionKind, Status
from care.refusals import Refusal
from care.times import wall
from models import Clinic, Course, Patient, Session, db

A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PhaseWish:
    """Which sessions shall get times, and when.

    `weekdays` (Monday 0; none: those of the course) and `around` (None: that of the course) are clocks of `zone` (None: the
    clinic's). `phase` None: the one under way. `integration`: those that follow the doses too.
    """

    weekdays: tuple[int, ...] = ()
    around: time | None = None
    zone: str | None = None
    phase: str | None = None
    integration: bool = True


@dataclass(frozen=True, slots=True)
class ProposedSlot:
    """One session: the slot it would get (None: it finds none), why not the time wished for, and other free slots.

    Each alternative keeps every rule together with the rest of the proposal.
    """

    session: Session
    wished_at: datetime | None
    slot: Slot | None
    refusals: tuple[Refusal, ...]
    alternatives: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class TogetherProposal:
    """Times for all of them. `token` agrees to just these times for just these rows; `optimal`: nothing nearer is possible."""

    token: str
    sessions: tuple[ProposedSlot, ...]
    optimal: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that times for several sessions are judged by, read once."""

    course: Course
    rows: Mapping[UUID, Session]
    unbooked: tuple[Unbooked, ...]
    known: tuple[SessionFacts, ...]
    terms: Terms
    diary: Diary
    prefers: SlotWish

    def slot(self, session: Session, starts_at: datetime) -> Slot | None:
        """The free slot at this start."""
        return next(iter(self.free(session, (starts_at, starts_at + A_MINUTE))), None)

    def is_free(self, slot: Slot) -> bool:
        """Whether nobody has one of its seats."""
        booked = {one.id: one.booked for one in self.diary.resources}
        parts = [(booked[seat.resource_id].get(seat.lane, ()), seat) for seat in slot.seats]
        return not any(overlap(piece((seat.from_at, seat.until_at)), taken) for taken, seat in parts)

    def free(self, session: Session, within: Stretch) -> list[Slot]:
        return self.diary.free(rules_of(self.course).visits[session.kind], self.prefers, within=within)


def propose_together(
    course: Course, wish: PhaseWish, *, by: Actor, now: datetime, reason: str | None = None
) -> TogetherProposal:
    """Times for every planned session of the phase. Writes nothing; a coordinator's `reason` lifts the rule of seven dates."""
    return proposed(laid_out(course, wish, by=by, now=now, reason=reason), wish)


def laid_out(course: Course, wish: PhaseWish, *, by: Actor, now: datetime, reason: str | None = None) -> Table:
    patient = db.session.get_one(Patient, (course.clinic_id, course.patient_id))
    rows = {row.id: row for row in sessions_of(patient)}
    terms = terms_of(course, by=by, now=now, reason=reason)
    wanted = [row for row in rows.values() if _is_wanted(row, course, wish)]
    diary = _diary(course.clinic_id, wanted, terms.zone, now)
    resource_ids = tuple(UUID(each) for each in course.preferences.get("resource_ids", ()))
    table = Table(course, rows, (), _facts(rows.values()), terms, diary, SlotWish(preferred_ids=resource_ids))
    facts = {each.id: each for each in table.known}
    return Table(
        course,
        rows,
        tuple(_unbooked(row, facts[row.id], table) for row in wanted),
        table.known,
        terms,
        diary,
        table.prefers,
    )


def proposed(table: Table, wish: PhaseWish) -> TogetherProposal:
    found = propose(table.unbooked, table.known, _wish(wish, table), table.terms)
    placed = _seated(found, table)
    sessions = tuple(_shown(each, placed.get(each.session.id), table) for each in found.sessions)
    return TogetherProposal(token_of(table, sessions), sessions, found.optimal)


def token_of(table: Table, sessions: Iterable[ProposedSlot]) -> str:
    """A digest of every row of the course as it was read, and of the times. Which of several free chairs it is may change."""
    mine = sorted((str(id_), row.edition) for id_, row in table.rows.items() if row.course_id == table.course.id)
    times = [(str(each.session.id), each.slot.starts_at if each.slot else None) for each in sessions]
    packed = json.dumps([table.course.edition, mine, times], default=str)
    return hashlib.sha256(packed.encode()).hexdigest()[:32]


def _is_wanted(row: Session, course: Course, wish: PhaseWish) -> bool:
    mine = row.course_id == course.id and row.phase == (wish.phase or course.phase)
    free = row.status == Status.PLANNED and row.elsewhere_on is None
    return mine and free and (wish.integration or row.kind != SessionKind.INTEGRATION)


def _diary(clinic_id: UUID, wanted: Sequence[Session], zone: str, now: datetime) -> Diary:
    first = min((row.earliest_on for row in wanted), default=now.date())
    last = max((row.latest_on for row in wanted), default=first)
    begins, ends = _days(first, last, zone)
    return Diary(clinic_id, begins, max(ends, now), now=now, without={row.id for row in wanted})


def _facts(rows: Iterable[Session]) -> tuple[SessionFacts, ...]:
    rules = {}
    for row in rows:
        if row.course_id not in rules:
            rules[row.course_id] = rules_of(db.session.get_one(Course, (row.clinic_id, row.course_id)))
    return tuple(session_facts(row, rules[row.course_id]) for row in rows)


def _unbooked(row: Session, facts: SessionFacts, table: Table) -> Unbooked:
    within = _days(row.earliest_on, row.latest_on, table.terms.zone)
    starts = tuple(slot.starts_at for slot in table.free(row, within)) if within[1] > table.terms.now else ()
    return Unbooked(facts, (row.earliest_on, row.latest_on), row.target_on, starts)


def _days(first: date, last: date, zone: str) -> Stretch:
    return wall(first, time(), zone), wall(last + A_DAY, time(), zone)


def _wish(wish: PhaseWish, table: Table) -> Wish:
    usual = preferences_of(table.course.preferences)
    zone = wish.zone or db.session.get_one(Clinic, table.course.clinic_id).zone
    return Wish(zone, wish.weekdays or usual.weekdays, wish.around or usual.around)


def _seated(found: Proposal, table: Table) -> dict[UUID, Slot]:
    """One after another, so that what one takes is not offered to the next."""
    seated = {}
    for each in found.sessions:
        slot = table.slot(table.rows[each.session.id], each.starts_at) if each.starts_at else None
        if slot is not None:
            table.diary.take(slot)
            seated[each.session.id] = slot
    return seated


def _shown(each: Proposed, slot: Slot | None, table: Table) -> ProposedSlot:
    row = table.rows[each.session.id]
    others = (table.slot(row, start) for start in each.alternatives)
    return ProposedSlot(row, each.wished_at, slot, each.refusals, tuple(other for other in others if other))
