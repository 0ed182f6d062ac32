"""What would a closure bring, and how does it come and go? Shown first, then carried out exactly as shown, or not at all.

Everyone whom it hits gets another time where there is one; then the closure books every lane that it concerns, so that the
database itself refuses whoever comes later, and whoever was quicker makes the plan stale.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError, OperationalError

from actions.ask import meet
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.resources.hit import Hit, Wished
from actions.resources.shutting import in_line, lock_resources, open_again, shut
from actions.sessions.book import free, terms_of
from actions.sessions.changes.carrying import carry_out, take_seats
from actions.sessions.slots import token
from care.course.booking import move_refusals
from care.course.changes.plans import Move, Reseat
from care.course.closing import Sitting, propose
from care.course.slots import Seat, Slot
from care.refusals import Code, Refusal, Refused, refuse_if_any
from care.tasks import TaskCode
from models import Booking, Closure, Course, Session, db

MENDED = (TaskCode.OUTSIDE_HOURS, TaskCode.CALENDAR_BUSY)  # what another place settles


class ClosureIsStale(Refused):
    """What the plan was made of has changed since it was shown; `preview` is the new one."""

    def __init__(self, preview: "ClosurePreview") -> None:
        super().__init__([Refusal(Code.PLAN_IS_STALE)])
        self.preview = preview


@dataclass(frozen=True, slots=True)
class ClosurePreview:
    """What would follow. `token` covers the rows that were used.

    `moves` are the sessions that change their time, in order, those hit and those that must follow; `to` None: it finds none
    and waits for a person. `reseated` keep their time with other resources. `begun` are under way and stay: a fact.
    """

    token: str
    hit: tuple[UUID, ...]
    moves: tuple[Move, ...]
    reseated: tuple[Move, ...]
    begun: tuple[UUID, ...]
    refusals: tuple[Refusal, ...]
    told: tuple[UUID, ...]  # persons who will hear of it
    void: tuple[tuple[UUID, str], ...]  # answers that no longer count: session and step

    @property
    def unplaced(self) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.to is None)


def preview_closure(wished: Wished, *, by: Actor, now: datetime) -> ClosurePreview:
    """Every session that the closure hits, with a proposal for each. Writes nothing; refusals are part of the answer."""
    return _preview(Hit(wished, now), by)


def close(wished: Wished, plan_token: str, *, by: Actor, now: datetime, reason: str) -> tuple[Closure, ClosurePreview]:
    """Carry out the plan that was shown. Raises `Refused` with every reason, `ClosureIsStale` when it is no longer the plan."""
    patient_ids = Hit(wished, now).patient_ids
    patients = [lock(wished.clinic_id, patient_id) for patient_id in patient_ids]
    lock_resources(wished.clinic_id)
    db.session.expire_all()  # what was read before the locks may be old
    hit = Hit(wished, now)
    plan = _preview(hit, by)
    refuse_if_any(plan.refusals)
    if plan.token != plan_token or hit.patient_ids != patient_ids:
        raise ClosureIsStale(plan)
    closure = _carry_out(hit, plan, reason, by=by, now=now)
    _note(closure, plan, hit.rows, by=by, now=now, reason=reason)
    for patient in patients:
        remind(patient, now=now)
    return closure, plan


def lift_closure(closure: Closure, *, by: Actor, now: datetime) -> None:
    """Open again; what another closure needs stays closed. Nobody is moved back. Raises `Refused` the second time."""
    lock_resources(closure.clinic_id)
    db.session.refresh(closure, with_for_update=True)
    if closure.lifted_at is not None:
        raise Refused([Refusal(Code.ALREADY_LIFTED)])
    closure.lifted_at = now
    db.session.flush()
    open_again(closure, now=now)
    note(Verb.LIFT_CLOSURE, by=by, now=now, subject_id=closure.id, facts=_times(closure))


def _preview(hit: Hit, by: Actor) -> ClosurePreview:
    proposal = propose(hit.courses, hit.diary(), hit.clinic.zone)
    sittings = hit.sittings
    changed = [_move(sittings[id_], slot) for id_, slot in proposal.places.items()]
    changed.sort(key=lambda move: (move.was, str(move.session_id)))
    moves = tuple(move for move in changed if move.to != move.was)
    moved = {move.session_id for move in moves}
    return ClosurePreview(
        token=_token(hit, changed),
        hit=tuple(row.id for row in hit.hit),
        moves=moves,
        reseated=tuple(move for move in changed if move.to == move.was),
        begun=tuple(row.id for row in hit.begun),
        refusals=tuple(_refusals(hit, {move.session_id: move for move in changed}, by)),
        told=_told(hit, moves),
        void=tuple(sorted((id_, step) for id_, step in hit.yeses if id_ in moved)),
    )


def _move(one: Sitting, slot: Slot | None) -> Move:
    to = slot.starts_at if slot else None
    return Move(one.id, one.facts.kind, one.facts.number, one.has.starts_at, to, slot)


def _refusals(hit: Hit, changed: dict[UUID, Move], by: Actor) -> Iterable[Refusal]:
    """A closure that is over already, wishes for sessions that it does not hit, and chosen times that cannot be had."""
    wished = hit.wished
    if wished.ends_at <= hit.now:
        yield Refusal(Code.IN_THE_PAST, {"starts_at": wished.ends_at})
    ids = {row.id for row in hit.hit}
    for session_id in sorted({*wished.leave, *wished.choices} - ids):
        yield Refusal(Code.NOT_HIT, {"session_id": session_id})
    for session_id, slot in wished.choices.items():
        if session_id in ids and session_id not in wished.leave:
            yield from _against(hit, session_id, slot, changed, by)


def _against(hit: Hit, session_id: UUID, slot: Slot, changed: dict[UUID, Move], by: Actor) -> list[Refusal]:
    """Every reason against a time that somebody chose, where the plan could not keep to it."""
    found = changed.get(session_id)
    if found is not None and found.to == slot.starts_at:
        return []
    course = next(each for each in hit.courses if session_id in {one.id for one in each.sittings})
    mine = next(one for one in course.sittings if one.id == session_id)
    terms = terms_of(db.session.get_one(Course, (hit.clinic.id, course.id)), by=by, now=hit.now)
    against = move_refusals(mine.facts, slot.starts_at, course.known, mine.span, terms)
    taken = [Refusal(Code.SLOT_TAKEN, {"starts_at": slot.starts_at})]
    return [Refusal(each.code, {**each.data, "session_id": session_id}) for each in against or taken]


def _told(hit: Hit, moves: Sequence[Move]) -> tuple[UUID, ...]:
    rows = [hit.rows[move.session_id] for move in moves]
    people = [person for row in rows for person in (row.patient_id, row.support_person_id) if person is not None]
    return tuple(dict.fromkeys(people))


def _token(hit: Hit, changed: Sequence[Move]) -> str:
    """A digest of what was wished, of every row that the plan was made of, and of the plan itself."""
    wished, courses = hit.wished, {course.id for course in hit.courses}
    used = sorted((str(row.id), row.edition, row.version) for row in hit.rows.values() if row.course_id in courses)
    choices = sorted((str(id_), token(slot)) for id_, slot in wished.choices.items())
    whole = [
        [str(wished.resource_id), wished.starts_at.isoformat(), wished.ends_at.isoformat()],
        [sorted(map(str, wished.leave)), choices],
        [[str(row.id), row.edition] for row in hit.resources],
        [used, sorted(str(row.id) for row in hit.begun)],
        [[str(move.session_id), token(move.slot) if move.slot else None] for move in changed],
    ]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:32]


def _carry_out(hit: Hit, plan: ClosurePreview, reason: str, *, by: Actor, now: datetime) -> Closure:
    """All of it or none; whoever booked into the closure at this very moment makes the plan stale."""
    in_line(hit.closed.seats, _seats(plan))
    try:
        with db.session.begin_nested():
            closure = _write(hit.wished, reason, now)
            _let_holds_go(hit, now)
            _move_all(plan, hit.rows, now)
            shut(closure)
            _leave_nobody_inside(hit.wished, now)
    except (IntegrityError, OperationalError, Refused) as quicker:
        db.session.expire_all()
        again = _preview(Hit(hit.wished, now), by)
        if again.token == plan.token:  # it would be shown and refused for ever
            raise Refused(
                [Refusal(Code.SLOT_TAKEN)] if not isinstance(quicker, Refused) else quicker.refusals
            ) from quicker
        raise ClosureIsStale(again) from quicker
    return closure


def _leave_nobody_inside(wished: Wished, now: datetime) -> None:
    """Whoever booked after the plan was made, and before the closure took their place, is in no constraint's way."""
    if Hit(wished, now).hit:
        raise Refused([Refusal(Code.SLOT_TAKEN)])


def _seats(plan: ClosurePreview) -> list[Seat]:
    """What the moved and reseated sessions are going to take."""
    return [seat for each in (*plan.moves, *plan.reseated) if each.slot for seat in each.slot.seats]


def _write(wished: Wished, reason: str, now: datetime) -> Closure:
    closure = Closure(
        clinic_id=wished.clinic_id,
        resource_id=wished.resource_id,
        starts_at=wished.starts_at,
        ends_at=wished.ends_at,
        reason=reason,
        made_at=now,
    )
    db.session.add(closure)
    db.session.flush()
    return closure


def _let_holds_go(hit: Hit, now: datetime) -> None:
    """Nothing is held in a closure."""
    db.session.execute(Booking.expired_holds(hit.clinic.id, now))
    db.session.execute(
        delete(Booking).where(
            Booking.clinic_id == hit.clinic.id,
            Booking.resource_id.in_([row.id for row in hit.resources]),
            Booking.held_until.is_not(None),
            Booking.starts_at < hit.wished.ends_at,
            Booking.ends_at > hit.wished.starts_at,
        )
    )


def _move_all(plan: ClosurePreview, rows: dict[UUID, Session], now: datetime) -> None:
    """Everyone gives their place back before anyone takes a new one: they may pass through each other's."""
    for each in plan.reseated:
        free(rows[each.session_id], now=now)
    carry_out(plan.moves, rows, now=now)
    others = [Reseat(one.session_id, one.kind, one.number, one.was, one.slot) for one in plan.reseated if one.slot]
    take_seats(others, rows, now=now)
    for each in (*plan.moves, *plan.reseated):
        for code in MENDED:
            meet(rows[each.session_id].clinic_id, each.session_id, code=code, how="it got another place", now=now)


def _note(
    closure: Closure, plan: ClosurePreview, rows: dict[UUID, Session], *, by: Actor, now: datetime, reason: str
) -> None:
    counts = {"moved": len(plan.moves), "reseated": len(plan.reseated), "unplaced": len(plan.unplaced)}
    resource = {"resource_id": closure.resource_id} if closure.resource_id else {}
    facts = {**_times(closure), **resource, **counts}
    note(Verb.CLOSE, by=by, now=now, subject_id=closure.id, facts=facts, reason=reason)
    for verb, moves in ((Verb.MOVE, plan.moves), (Verb.RESEAT, plan.reseated)):
        for each in moves:
            patient = lock(closure.clinic_id, rows[each.session_id].patient_id)
            said = {"was": each.was, "to": each.to, "closure_id": closure.id}
            note(verb, by=by, now=now, patient=patient, subject_id=each.session_id, facts=said, reason=reason)


def _times(closure: Closure) -> dict[str, Any]:
    return {"from": closure.starts_at, "until": closure.ends_at}
