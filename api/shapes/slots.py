"""How are free times asked for and shown? A stretch of time, a wish, and a page at a time."""

from marshmallow import fields
from webargs.fields import DelimitedList

from api.contract.fields import At, Chosen, Clock, Count, Id, Instant, WallTime, Whole, Zone
from api.contract.problems import RefusalShape
from api.contract.shape import Given, Shown
from api.shapes.sessions import SLOT_EXAMPLE

NEXT = "2026-03-10T17:00:00Z"


class SeatShown(Shown):
    resource_id = Id()
    kind = fields.String(metadata={"example": "chair"})
    lane = Whole(1, 50)


class SlotShown(Shown):
    """A free time. Its `id` is judged again when it is taken."""

    id = fields.String(metadata={"example": SLOT_EXAMPLE})
    starts_at = At()
    ends_at = At()


class SlotForStaff(SlotShown):
    id = fields.String(
        allow_none=True,
        metadata={"example": SLOT_EXAMPLE, "description": "null where a resource is missing: it cannot be taken"},
    )
    seats = fields.List(fields.Nested(SeatShown))
    refusals = fields.List(fields.Nested(RefusalShape), metadata={"description": "none: it can be taken"})


class SlotPage(Shown):
    next = fields.String(
        allow_none=True,
        metadata={"example": NEXT, "description": "give it as `after` for the next page; null: the last"},
    )


class SlotList(SlotPage):
    items = fields.List(fields.Nested(SlotShown))


class SlotListForStaff(SlotPage):
    items = fields.List(fields.Nested(SlotForStaff))


class SlotQuery(Given):
    """Which starts to look at. Days and clock times are the clinic's, unless `zone` names another."""

    from_at = Instant(data_key="from", about="the first start asked for; now when left out")
    until_at = Instant(
        data_key="until", about="before which a slot starts; at most 93 days after `from`, two weeks when left out"
    )
    local = WallTime(about="only slots that start at this clock time at the clinic")
    weekdays = DelimitedList(
        Count(0, 6), metadata={"example": [1, 4], "description": "only these days, Monday is 0: `weekdays=1,4`"}
    )
    from_time = Clock(about="only starts at this time of day or later")
    until_time = Clock(about="only starts before this time of day; not after `from_time`: it is the next morning's")
    around = Clock(about="only starts within two hours of this time of day")
    zone = Zone(about="whose days and clock times are meant; the clinic's when left out")
    resources = DelimitedList(
        Id(),
        metadata={
            "example": ["0197a3c2-5b1e-7d40-8a31-6c2f0e9d4b17"],
            "description": "only with these; of kinds that are not among them any will do",
        },
    )
    after = Instant(about="`next` of the page before")
    limit = Count(1, 500, about="at most so many; 200 when left out")


class SlotQueryOfStaff(SlotQuery):
    refused = Chosen(
        ["false", "true"],
        about="true: every start, also those at which a resource is missing, each with all reasons at once",
    )
