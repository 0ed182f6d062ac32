"""How does staff name the app backends that hear of changes, and the links to calendars?"""

from marshmallow import fields

from api.contract.fields import At, Id, Truth, WebAddress, Whole, Word
from api.contract.shape import Given, Shown

SIGNS = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


class EndpointGiven(Given):
    """Your app backend's address for "changed" webhooks."""

    url = WebAddress(required=True, about="https; it answers 2xx within seconds, and does its work afterwards")


class EndpointCallShown(Shown):
    """What one endpoint was told, or will be. `id` is the `webhook-id` of every try."""

    id = Id()
    patient_id = Id(allow_none=True, about="null: a test")
    change_no = Whole(1, 999_999_999, allow_none=True)
    made_at = At()
    due_at = At(about="of the next try, while it is not heard")
    tries = Whole(0, 99)
    answered = fields.Integer(
        strict=True, allow_none=True, metadata={"description": "the last HTTP status", "example": 204}
    )
    why = fields.String(allow_none=True, metadata={"description": "why there was no answer", "example": "unreachable"})
    ended_at = At(allow_none=True)
    heard = Truth(allow_none=True, about="null while it is still to be made; false: given up")


class EndpointShown(Shown):
    """Where changes are told. Its secret is shown once, when it is made."""

    id = Id()
    url = fields.String(metadata={"example": "https://app.example.com/changed"})
    made_at = At()
    failing_since = At(allow_none=True, about="since when no call was heard")
    old_until = At(allow_none=True, about="until then the secret before the present one signs too")
    ended_at = At(allow_none=True)
    ended_why = Word(["gone", "removed"], named="EndpointEnding", allow_none=True, about="gone: it answered 410")


class EndpointWithCalls(EndpointShown):
    calls = fields.List(fields.Nested(EndpointCallShown), metadata={"description": "the latest 50, newest first"})


class EndpointWithSecret(EndpointShown):
    secret = fields.String(
        metadata={"description": "verify signatures with it; it is not shown again", "example": SIGNS}
    )


class EndpointList(Shown):
    items = fields.List(fields.Nested(EndpointShown))


class CalendarLinkShown(Shown):
    """That there is a link, and since when."""

    made_at = At()


class CalendarLinkMade(CalendarLinkShown):
    """The address of a calendar feed. Whoever knows it can read it; it is not shown again."""

    url = fields.String(metadata={"format": "uri", "example": "https://steadfast.example.com/calendar/q3Zk1.ics"})
    webcal = fields.String(
        metadata={
            "format": "uri",
            "description": "the same, to open it in the calendar of a phone",
            "example": "webcal://steadfast.example.com/calendar/q3Zk1.ics",
        }
    )
