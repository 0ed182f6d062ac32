"""How is a clinic shown and set up, and whom does it page?"""

from marshmallow import fields

from api.contract.fields import At, Id, Instant, Name, Number, Truth, Whole
from api.contract.shape import Given, Shown


class ClinicShown(Shown):
    id = Id()
    short_name = fields.String(metadata={"example": "Northside"})
    zone = fields.String(metadata={"example": "America/Los_Angeles"})
    language = fields.String(metadata={"example": "en"})
    phone = fields.String(metadata={"example": "(202) 555-0100"})
    safety_check = Truth(about="whether patients are asked how they are after a session")
    edition = Whole(1, 999_999)


class ClinicChange(Given):
    safety_check = Truth(required=True, about="only with somebody on call")


class OnCallGiven(Given):
    name = Name(120, example="Dr. Sam Reyes", required=True)
    number = Number(required=True)


class OnCallShown(Shown):
    """Somebody to page about an urgent answer, in order of position."""

    id = Id()
    name = fields.String(metadata={"example": "Dr. Sam Reyes"})
    number = fields.String(metadata={"example": "+12025550143"})
    position = Whole(1, 99)


class ClockShown(Shown):
    now = At(about="what people live through")


class ClockMove(Given):
    to = Instant(required=True, about="later than now; the clock never goes back")


class HealthShown(Shown):
    status = fields.String(metadata={"example": "ok"})


class ReadyShown(Shown):
    status = fields.String(metadata={"example": "ready"})
    late_reminders = Whole(0, 999_999_999, about="due for more than a minute and not looked at")
