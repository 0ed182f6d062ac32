"""How are resources, their hours and what closes them shown and set? Hours by the clinic's clocks, closures as instants."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response
from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from actions.resources.closing import ClosureIsStale, ClosurePreview
from api.contract.fields import At, Chosen, Clock, Day, Id, Instant, Line, Truth, WebAddress, Whole, Word
from api.contract.problems import PLAN_STALE, RefusalShape, answer, refused
from api.contract.shape import Given, Shown
from api.contract.voice import told_refusal
from api.shapes.sessions import SLOT_EXAMPLE, SLOT_WORD
from care.course.slots import OtherDay, WeeklyRule
from care.facts import SessionKind, Step
from models import Closure, Resource, ResourceKind

LONGEST = timedelta(days=400)
MOST = 200  # rules, hours or sessions in one request


class ResourceShown(Shown):
    """A chair, clinician, monitor, therapist or guide. Holds only the facts of its row; its hours are apart."""

    id = Id()
    kind = Word(ResourceKind)
    name = fields.String(metadata={"example": "Room Maple"})
    lanes = Whole(1, 50, about="how many sessions it can serve at once")
    address = fields.String(
        allow_none=True, metadata={"description": "where to go; null: the clinic's rooms", "example": None}
    )
    online = Truth(about="by video, whatever the address")
    retired_on = Day(allow_none=True, about="not offered from this day on")
    has_busy_feed = Truth(about="whether a calendar of its own says when it is busy; its address is never shown")
    busy_read_at = At(allow_none=True, about="when that calendar was last read whole")
    busy_wrong = fields.String(
        allow_none=True,
        metadata={"description": "why the last reading failed; what was read before holds", "example": None},
    )
    edition = Whole(1, 999_999, about="in double quotes it is the ETag for If-Match; hours count as well")


class ResourceList(Shown):
    items = fields.List(fields.Nested(ResourceShown))


class ResourceQuery(Given):
    kind = Chosen(ResourceKind, exemplary=False, about="only of this kind")


def _name(**options: Any) -> Line:
    return Line(80, example="Room Maple", **options)


def _address() -> Line:
    return Line(200, example="12 Elm Street", exemplary=False, allow_none=True, about="null: the clinic's own rooms")


def _feed() -> WebAddress:
    return WebAddress(
        allow_none=True, exemplary=False, about="a calendar (iCalendar) whose times count as taken; null: none"
    )


class ResourceGiven(Given):
    kind = Chosen(ResourceKind, required=True)
    name = _name(required=True)
    lanes = Whole(1, 50, load_default=1, about="how many sessions it can serve at once")
    address = _address()
    online = Truth(load_default=False, about="by video, whatever the address")
    busy_feed = _feed()


class ResourceChange(Given):
    """What is to be different; what is left out stays."""

    name = _name()
    lanes = Whole(1, 50)
    address = _address()
    online = Truth()
    busy_feed = _feed()
    retired_on = Day(allow_none=True, exemplary=False, about="not offered from this day on; null: it works again")


class HoursGiven(Given):
    """From one clock time to a later one of the same day, at the clinic."""

    opens = Clock(required=True)
    closes = Clock(required=True, example="18:00")

    @validates_schema
    def run_forward(self, given: dict[str, Any], **_: Any) -> None:
        if given["opens"] >= given["closes"]:
            raise ValidationError("Must be after `opens`.", "closes")


class RuleGiven(HoursGiven):
    """Open each week on one weekday."""

    weekday = Whole(0, 6, example=0, required=True, about="Monday is 0")
    valid_from = Day(allow_none=True, exemplary=False, about="the first day that it holds for; null: always did")
    valid_until = Day(allow_none=True, exemplary=False, about="the last day that it holds for; null: until changed")

    @validates_schema
    def holds_sometime(self, given: dict[str, Any], **_: Any) -> None:
        if (given.get("valid_from") or date.min) > (given.get("valid_until") or date.max):
            raise ValidationError("Must not be before `valid_from`.", "valid_until")


def _despite() -> fields.List[Any]:
    return fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=MOST),
        metadata={
            "description": "sessions that you know will lie outside; without them the change is refused",
            "example": [],
        },
    )


class WeekGiven(Given):
    """All weekly hours anew."""

    week = fields.List(fields.Nested(RuleGiven), required=True, validate=validate.Length(max=MOST))
    despite = _despite()

    @post_load
    def rules(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**given, "week": [_rule(each) for each in given["week"]]}


def _rule(given: Mapping[str, Any]) -> WeeklyRule:
    opens, closes = time.fromisoformat(given["opens"]), time.fromisoformat(given["closes"])
    return WeeklyRule(given["weekday"], opens, closes, given.get("valid_from") or date.min, given.get("valid_until"))


class OtherHoursGiven(Given):
    """What holds on one date instead of the weekly hours."""

    on = Day(required=True)
    open = fields.List(
        fields.Nested(HoursGiven),
        required=True,
        allow_none=True,
        validate=validate.Length(max=20),
        metadata={"description": "empty: closed all day; null: the weekly hours again"},
    )
    despite = _despite()

    @post_load
    def times(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        read = time.fromisoformat
        hours = given["open"]
        whole = None if hours is None else [(read(each["opens"]), read(each["closes"])) for each in hours]
        return {**given, "open": whole}


class RuleShown(Shown):
    weekday = Whole(0, 6, example=0)
    opens = Clock()
    closes = Clock()
    valid_from = Day(allow_none=True)
    valid_until = Day(allow_none=True)


class OtherDayShown(Shown):
    """Closed all day when both times are null."""

    on = Day()
    opens = Clock(allow_none=True)
    closes = Clock(allow_none=True)


class OutsideShown(Shown):
    session_id = Id()
    at = At()


class AvailabilityShown(Shown):
    """When a resource is there, by the clinic's clocks. `outside`: the sessions that a change has just left outside."""

    resource_id = Id()
    week = fields.List(fields.Nested(RuleShown))
    other_hours = fields.List(fields.Nested(OtherDayShown))
    outside = fields.List(fields.Nested(OutsideShown))


def availability_shown(
    resource: Resource,
    week: Iterable[WeeklyRule],
    others: Iterable[OtherDay],
    outside: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    return {
        "resource_id": resource.id,
        "week": [_rule_shown(rule) for rule in week],
        "other_hours": [{"on": each.on, "opens": _clock(each.opens), "closes": _clock(each.closes)} for each in others],
        "outside": list(outside),
    }


def _rule_shown(rule: WeeklyRule) -> dict[str, Any]:
    return {
        "weekday": rule.weekday,
        "opens": _clock(rule.opens),
        "closes": _clock(rule.closes),
        "valid_from": None if rule.valid_from == date.min else rule.valid_from,
        "valid_until": rule.valid_until,
    }


def _clock(at: time | None) -> str | None:
    return at.isoformat("minutes") if at else None


class ChosenTime(Given):
    session_id = Id(required=True)
    slot = Line(
        600, pattern=SLOT_WORD, example=SLOT_EXAMPLE, required=True, says="Must be a slot's id as it was given."
    )


def _later(field: Instant) -> Instant:
    """The documented example comes after that of `from`."""
    field.metadata = {**field.metadata, "example": "2026-03-10T18:00:00-07:00"}
    return field


class ClosureWished(Given):
    """Nobody is served between two instants, by one resource or in the whole clinic. Counted in whole minutes."""

    resource_id = Id(exemplary=False, allow_none=True, about="null or left out: the whole clinic")
    from_at = Instant(data_key="from", required=True)
    until_at = _later(Instant(data_key="until", required=True))
    leave = fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=MOST),
        metadata={"description": "hit sessions that are to get no other time by themselves", "example": []},
    )
    choices = fields.List(
        fields.Nested(ChosenTime),
        load_default=list,
        validate=validate.Length(max=MOST),
        metadata={"description": "the time that you chose for a hit session", "example": []},
    )

    @validates_schema
    def lasts(self, given: dict[str, Any], **_: Any) -> None:
        if not given["from_at"] < given["until_at"] <= given["from_at"] + LONGEST:
            raise ValidationError(f"Must be after `from`, by at most {LONGEST.days} days.", "until")

    @post_load
    def minutes(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        until = _minute(given["until_at"])
        whole = until if until == given["until_at"] else until + timedelta(minutes=1)
        return {**given, "from_at": _minute(given["from_at"]), "until_at": whole}


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


class ClosureAgreed(ClosureWished):
    """The same wish, with the token of the preview that was agreed to."""

    plan = Line(64, example="6f1d0c7a52c94be0a1f3d2c4b5a69788", required=True, about="`token` of the preview")
    reason = Line(200, example="Water damage.", required=True, about="for staff and the record; it names no patient")


class ClosureMoveShown(Shown):
    """One session that changes its time; `to` null: it finds none and waits for a person."""

    session_id = Id()
    kind = Word(SessionKind)
    number = Whole(1, 999)
    was = At()
    to = At(allow_none=True)


class ClosureVoidShown(Shown):
    session_id = Id()
    step = Word(Step)


def _ids(about: str) -> fields.List[Any]:
    return fields.List(Id(), metadata={"description": about})


class ClosurePreviewShown(Shown):
    """What would follow from a closure. With refusals it cannot be carried out."""

    token = fields.String(metadata={"example": "6f1d0c7a52c94be0a1f3d2c4b5a69788"})
    hit = _ids("sessions that lie in the closure and have not begun")
    moves = fields.List(fields.Nested(ClosureMoveShown))
    reseated = fields.List(
        fields.Nested(ClosureMoveShown), metadata={"description": "keep their time, with other resources"}
    )
    unplaced = _ids("sessions that find no time")
    begun = _ids("sessions under way, or that should be: they stay")
    told = _ids("persons who will hear of it")
    void = fields.List(fields.Nested(ClosureVoidShown), metadata={"description": "answers that no longer count"})
    refusals = fields.List(fields.Nested(RefusalShape))


class ClosureShown(Shown):
    id = Id()
    resource_id = Id(allow_none=True, about="null: the whole clinic")
    from_at = At(data_key="from", attribute="starts_at")
    until_at = At(data_key="until", attribute="ends_at")
    reason = fields.String(metadata={"example": "Water damage."})
    made_at = At()
    lifted_at = At(allow_none=True)
    edition = Whole(1, 999_999)


class ClosureList(Shown):
    items = fields.List(fields.Nested(ClosureShown))


class ClosureDone(ClosureShown):
    """The closure, and what was carried out with it."""

    done = fields.Nested(ClosurePreviewShown)


class ClosureQuery(Given):
    from_at = Instant(data_key="from", about="closures that last beyond it; now when left out")
    resource = Id(about="of this resource, or of the whole clinic")


def closure_preview_shown(preview: ClosurePreview) -> dict[str, Any]:
    """The preview as JSON: what the views dump, and what the problem of a stale plan carries."""
    dumped: dict[str, Any] = ClosurePreviewShown().dump(closure_preview_fields(preview))
    return dumped


def closure_preview_fields(preview: ClosurePreview) -> dict[str, Any]:
    return {
        "token": preview.token,
        "hit": preview.hit,
        "moves": preview.moves,
        "reseated": preview.reseated,
        "unplaced": [move.session_id for move in preview.unplaced],
        "begun": preview.begun,
        "told": preview.told,
        "void": [{"session_id": session_id, "step": step} for session_id, step in preview.void],
        "refusals": [told_refusal(refusal) for refusal in preview.refusals],
    }


def closure_shown(closure: Closure) -> dict[str, Any]:
    names = ("id", "resource_id", "starts_at", "ends_at", "reason", "made_at", "lifted_at", "edition")
    return {name: getattr(closure, name) for name in names}


def stale_closure(said: ClosureIsStale) -> Response:
    """The refusal of a plan whose rows have changed carries the plan as it would be now."""
    return answer(refused(said.refusals, PLAN_STALE, preview=closure_preview_shown(said.preview)))
