"""Which times can be offered for a session, and what speaks against the others?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from actions.record import Actor
from actions.sessions.book import booking_judge
from actions.sessions.move import moving_judge
from actions.sessions.slots import Diary, slots, visit_of
from care.course.slots import ANY, Missing, Slot, SlotWish, Start, Stretch
from care.facts import Status
from care.refusals import Code, Refusal
from care.times import wall
from models import Clinic, Patient, Session, db

Offered = tuple[Slot, list[Refusal]]
Judge = Callable[[Slot], list[Refusal]]


@dataclass(frozen=True, slots=True)
class Offer:
    """One start with every reason against it. `slot` is None where a resource is missing, so that it cannot be taken."""

    starts_at: datetime
    ends_at: datetime
    slot: Slot | None
    refusals: tuple[Refusal, ...]


def offered(
    session: Session, from_at: datetime, until_at: datetime, *, by: Actor, now: datetime, wish: SlotWish = ANY
) -> list[Offered]:
    """Every free time between two instants with every rule's reason against it; none means that it can be taken."""
    judge = _judge(session, by=by, now=now)
    return [(slot, judge(slot)) for slot in slots(session, from_at, until_at, now=now, wish=wish)]


def lawful(
    session: Session, from_at: datetime, until_at: datetime, *, by: Actor, now: datetime, wish: SlotWish = ANY
) -> Iterator[Slot]:
    """The free times that no rule speaks against, in order, judged one by one as they are asked for."""
    begins, ends = _within_span(session, from_at, until_at)
    if begins >= ends:
        return iter(())
    judge, any_number = _judge(session, by=by, now=now), replace(wish, limit=None)
    return (slot for slot in slots(session, begins, ends, now=now, wish=any_number) if not judge(slot))


def every_offer(
    session: Session, from_at: datetime, until_at: datetime, *, by: Actor, now: datetime, wish: SlotWish = ANY
) -> list[Offer]:
    """Every wished start between two instants, free or not, with all reasons at once: rules, and what is missing and why."""
    diary = Diary(session.clinic_id, from_at, until_at, now=now, without={session.id})
    judge = _judge(session, by=by, now=now)
    return [_offer(start, judge) for start in diary.every_start(visit_of(session), wish)]


def _offer(start: Start, judge: Judge) -> Offer:
    """Rules look at the time alone, so that a start without seats is judged like any other."""
    slot = start.slot or Slot(start.starts_at, start.ends_at, ())
    return Offer(start.starts_at, start.ends_at, start.slot, (*judge(slot), *map(_refusal, start.missing)))


def _refusal(missing: Missing) -> Refusal:
    return Refusal(Code.RESOURCE_MISSING, {"kind": missing.kind, "why": missing.why.value})


def _judge(session: Session, *, by: Actor, now: datetime) -> Judge:
    """For a booked session what speaks against moving it there."""
    patient = db.session.get_one(Patient, (session.clinic_id, session.patient_id))
    judge_of = moving_judge if session.status == Status.BOOKED else booking_judge
    return judge_of(session, patient, by=by, now=now)


def _within_span(session: Session, from_at: datetime, until_at: datetime) -> Stretch:
    """Outside its span no time is lawful, so none is looked for there."""
    zone = db.session.get_one(Clinic, session.clinic_id).zone
    opens, closes = session.earliest_on, session.latest_on + timedelta(days=1)
    return max(from_at, wall(opens, time(), zone)), min(until_at, wall(closes, time(), zone))
