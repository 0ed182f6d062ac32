"""Does this lane of this resource serve this need? The one rule of how a slot is put together from its seats."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from care.course.slots.values import ResourceFacts, Seat, Slot
from care.protocol import Need, Visit

Lane = tuple[ResourceFacts, int]


def span_of(need: Need, visit: Visit) -> tuple[int, int]:
    """From when until when the need lasts, in minutes after the start."""
    return need.from_minutes, visit.minutes if need.until_minutes is None else need.until_minutes


def assembly(visit: Visit) -> Callable[[datetime, Sequence[Lane]], Slot]:
    """How slots for this visit are put together: from a start and one lane for each need, in their order."""
    spans = [tuple(timedelta(minutes=count) for count in span_of(need, visit)) for need in visit.needs]
    lasts = timedelta(minutes=visit.minutes)

    def put_together(starts_at: datetime, lanes: Sequence[Lane]) -> Slot:
        seats = [
            Seat(resource.id, resource.kind, lane, starts_at + begin, starts_at + until)
            for (resource, lane), (begin, until) in zip(lanes, spans, strict=True)
        ]
        return Slot(starts_at, starts_at + lasts, tuple(seats))

    return put_together


def fitted(visit: Visit, starts_at: datetime, lanes: Sequence[Lane]) -> Slot | None:
    """The slot that these lanes make; None when they are too few, too many, of another kind, unknown, or one comes twice."""
    serve = [
        resource.kind == need.kind and 1 <= lane <= resource.lanes
        for (resource, lane), need in zip(lanes, visit.needs, strict=False)
    ]
    different = {(resource.id, lane) for resource, lane in lanes}
    fits = len(lanes) == len(visit.needs) == len(different) and all(serve)
    return assembly(visit)(starts_at, lanes) if fits else None
