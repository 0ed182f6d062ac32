"""What would one write first? A search that walks minute by minute through every lane; it must find what ours finds."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from care.course.slots import Piece, ResourceFacts, Stretch, stretch
from care.protocol import Need, Visit

MINUTE, STEP_MINUTES = timedelta(minutes=1), 30
BEFORE, AFTER = 60, 240  # minutes that starts at the edges may need

Found = tuple[datetime, tuple[tuple[UUID, int], ...]]  # a start, and a resource and lane for each need
Lanes = dict[tuple[UUID, str, int], bytearray]


def scan(visit: Visit, resources: Sequence[ResourceFacts], within: Stretch) -> list[Found]:
    """Every start on the half hour at which each need finds a lane that is free in each of its minutes.

    No lane is looked at twice for kinds of which one is needed; visits with more are not what this is for.
    """
    begin, until = within
    kinds = {need.kind for need in visit.needs}
    lanes: Lanes = {
        (one.id, one.kind, lane): _free_minutes(one, lane, begin - BEFORE * MINUTE, until + AFTER * MINUTE)
        for one in resources
        for lane in range(1, one.lanes + 1)
        if one.kind in kinds
    }
    found, at, place = [], begin, BEFORE
    while at < until:
        if at.minute % STEP_MINUTES == 0:
            chosen = [_first(need, visit, place, lanes) for need in visit.needs]
            if all(chosen):
                found.append((at, tuple(one for one in chosen if one)))
        at, place = at + MINUTE, place + 1
    return found


def _free_minutes(resource: ResourceFacts, lane: int, begin: datetime, until: datetime) -> bytearray:
    """One byte for each minute: is the lane open then, and not taken?"""
    is_open = _walk(resource.open)
    is_taken = _walk([*resource.booked.get(lane, ()), *resource.closed, *resource.busy])
    free, at = bytearray(), begin
    while at < until:
        free.append(is_open(at) and not is_taken(at))
        at += MINUTE
    return free


def _walk(pieces: Sequence[Piece]) -> Callable[[datetime], bool]:
    """Whether a minute lies in one of the pieces, asked minute after minute."""
    waiting = map(stretch, sorted(pieces))
    here = next(waiting, None)

    def inside(at: datetime) -> bool:
        nonlocal here
        while here and here[1] <= at:
            here = next(waiting, None)
        return here is not None and here[0] <= at

    return inside


def _first(need: Need, visit: Visit, place: int, lanes: Lanes) -> tuple[UUID, int] | None:
    begin = place + need.from_minutes
    until = place + (visit.minutes if need.until_minutes is None else need.until_minutes)
    for (id_, kind, lane), free in lanes.items():
        if kind == need.kind and all(free[begin:until]):
            return id_, lane
    return None
