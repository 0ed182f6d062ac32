"""How does a closure keep everyone out? It books every lane that it concerns, so that the database refuses whoever comes later.

What another closure or a session under way takes is left to it; when that goes, the closure takes the place as well.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from actions.lanes import lines, stand_in_line
from care.course.closing import gaps
from care.course.slots import Seat
from models import Booking, Clinic, Closure, Resource, db
from models.columns import uuid7

Lane = tuple[UUID, int]
MOST_LINES = 3_000  # PostgreSQL keeps some thousands of locks for everybody


def lock_resources(clinic_id: UUID) -> None:
    """One closure, or one change of what can be closed, at a time. After the patients' locks, never before."""
    db.session.execute(select(Clinic.id).where(Clinic.id == clinic_id).with_for_update(key_share=True))


def in_force(clinic_id: UUID, now: datetime) -> Sequence[Closure]:
    """The closures that are not lifted and not over, in the order in which they were made."""
    mine = select(Closure).where(Closure.clinic_id == clinic_id, Closure.lifted_at.is_(None), Closure.ends_at > now)
    return db.session.scalars(mine.order_by(Closure.id)).all()


def keep_closed(clinic_id: UUID, *, now: datetime) -> int:
    """Every closure in force takes what nothing else takes; how many places that were."""
    return sum(shut(closure) for closure in in_force(clinic_id, now))


def shut(closure: Closure) -> int:
    """Book what is left of the closure's time on every lane; the database judges whoever was quicker."""
    seats = list(_left(closure))
    if seats:
        in_line(seats)
        db.session.execute(insert(Booking), [_row(closure, seat) for seat in seats])
    return len(seats)


def in_line(seats: Sequence[Seat], beside: Sequence[Seat] = ()) -> None:
    """Wait for whoever takes one of these at this moment; of a closure so large that it would fill the locks, only for
    those `beside` it that sessions take.
    """
    whole = [*seats, *beside]
    stand_in_line(whole if len(lines(whole)) <= MOST_LINES else beside)


def open_again(closure: Closure, *, now: datetime) -> None:
    """Give its places back; what another closure needs of them, that one takes."""
    db.session.execute(delete(Booking).where(Booking.clinic_id == closure.clinic_id, Booking.closure_id == closure.id))
    keep_closed(closure.clinic_id, now=now)


def shorten_closures(resource: Resource) -> None:
    """Lanes that are gone need not be kept closed."""
    db.session.execute(
        delete(Booking).where(
            Booking.clinic_id == resource.clinic_id,
            Booking.resource_id == resource.id,
            Booking.closure_id.is_not(None),
            Booking.lane > resource.lanes,
        )
    )


def closed_by(closure: Closure) -> Sequence[Resource]:
    """Whom and what the closure concerns."""
    return concerned(closure.clinic_id, closure.resource_id)


def concerned(clinic_id: UUID, resource_id: UUID | None) -> Sequence[Resource]:
    """One resource, or all of the clinic."""
    mine = select(Resource).where(Resource.clinic_id == clinic_id).order_by(Resource.id)
    return db.session.scalars(mine if resource_id is None else mine.where(Resource.id == resource_id)).all()


def _left(closure: Closure) -> Iterator[Seat]:
    resources = closed_by(closure)
    taken = _taken(closure, [row.id for row in resources])
    for row in resources:
        for lane in range(1, row.lanes + 1):
            for begin, until in gaps((closure.starts_at, closure.ends_at), taken[row.id, lane]):
                yield Seat(row.id, row.kind, lane, begin, until)


def _row(closure: Closure, seat: Seat) -> dict[str, Any]:
    return {
        "clinic_id": closure.clinic_id,
        "id": uuid7(),
        "closure_id": closure.id,
        "resource_id": seat.resource_id,
        "lane": seat.lane,
        "starts_at": seat.from_at,
        "ends_at": seat.until_at,
    }


def _taken(closure: Closure, resource_ids: Collection[UUID]) -> dict[Lane, list[tuple[datetime, datetime]]]:
    """What is booked or held on these resources meanwhile, its own places among it."""
    overlapping = select(Booking.resource_id, Booking.lane, Booking.starts_at, Booking.ends_at).where(
        Booking.clinic_id == closure.clinic_id,
        Booking.resource_id.in_(resource_ids),
        Booking.starts_at < closure.ends_at,
        Booking.ends_at > closure.starts_at,
    )
    taken: dict[Lane, list[tuple[datetime, datetime]]] = defaultdict(list)
    for resource_id, lane, begin, until in db.session.execute(overlapping):
        taken[resource_id, lane].append((begin, until))
    return taken
