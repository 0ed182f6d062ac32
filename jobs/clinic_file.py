"""What does an operator's file say about a clinic? Read strictly, with every complaint by its place."""

import re
import tomllib
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import Any

import phonenumbers
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from actions.clinics.opening import Hours, Opening, OtherDay, Resourced
from care.addresses import address
from care.facts import Role
from care.words.texts import LANGUAGES
from models import ResourceKind

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OTHER = re.compile(r"(\d{4}-\d\d-\d\d) (?:closed|(\d\d:\d\d)-(\d\d:\d\d))")
OPEN = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)(?:-(mon|tue|wed|thu|fri|sat|sun))? (\d\d:\d\d)-(\d\d:\d\d)")


class OpenHours(fields.Field[Hours]):
    """`mon-fri 08:00-18:00` or `sat 09:00-13:00`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Hours:
        found = OPEN.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValidationError('Write hours like "mon-fri 08:00-18:00".')
        first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
        try:
            opens, closes = time.fromisoformat(found[3]), time.fromisoformat(found[4])
        except ValueError as error:
            raise ValidationError("No clock shows this time.") from error
        if opens >= closes or first > last:
            raise ValidationError("Hours and days run forward.")
        return Hours(tuple(range(first, last + 1)), opens, closes)


class OtherHours(fields.Field[OtherDay]):
    """`2027-12-24 08:00-12:00` or `2027-12-25 closed`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> OtherDay:
        found = OTHER.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValidationError('Write other hours like "2027-12-24 08:00-12:00" or "2027-12-25 closed".')
        try:
            on = date.fromisoformat(found[1])
            opens, closes = (time.fromisoformat(clock) if clock else None for clock in (found[2], found[3]))
        except ValueError as error:
            raise ValidationError("No calendar or clock shows this date or time.") from error
        if opens is not None and closes is not None and opens >= closes:
            raise ValidationError("Hours run forward.")
        return OtherDay(on, opens, closes)


class Calendar(fields.String):
    """The address of a calendar, which we are to call."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        written = super()._deserialize(value, attr, data, **kwargs)
        try:
            address(written)
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong
        return written


class Number(fields.String):
    """A phone number with its country, as E.164."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            number = phonenumbers.parse(super()._deserialize(value, attr, data, **kwargs))
        except phonenumbers.NumberParseException as error:
            raise ValidationError("Write the number with its country, like +12125550190.") from error
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _words(most: int) -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1, max=most))


class StaffSchema(Schema):
    role = fields.String(required=True, validate=validate.OneOf([role.value for role in Role]))
    name = _words(80)


class OnCallSchema(Schema):
    name = _words(80)
    number = Number(required=True)


class ResourceSchema(Schema):
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in ResourceKind]))
    name = _words(80)
    lanes = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 50))
    open = fields.List(OpenHours(), required=True, validate=validate.Length(min=1))
    other = fields.List(OtherHours(), load_default=list)
    address = fields.String(validate=validate.Length(min=1, max=200))
    online = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    busy_feed = Calendar()

    @validates_schema
    def one_answer_a_date(self, said: dict[str, Any], **_: Any) -> None:
        """Several hours on one date are fine; the same ones twice, or hours beside "closed", are not."""
        by_date = sorted(said.get("other", ()), key=lambda other: (other.on, other.opens or time.min))
        for one, other in pairwise(by_date):
            if one.on == other.on and (one.closes is None or other.opens is None or other.opens < one.closes):
                raise ValidationError(f"{one.on} is said twice, differently.", "other")

    @post_load
    def resourced(self, said: dict[str, Any], **_: Any) -> Resourced:
        hours, others = tuple(said.pop("open")), tuple(said.pop("other"))
        return Resourced(hours=hours, others=others, **said)


class ClinicSchema(Schema):
    short_name = _words(24)
    zone = _words(64)
    phone = _words(24)
    language = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))
    crisis_text = fields.Dict(keys=fields.String(validate=validate.OneOf(LANGUAGES)), values=fields.String())
    late_change = fields.Dict(
        keys=fields.String(validate=validate.OneOf(LANGUAGES)), values=fields.String(validate=validate.Length(1, 500))
    )
    freeze_hours = fields.Integer(strict=True, validate=validate.Range(0, 24 * 14))
    staff = fields.List(fields.Nested(StaffSchema), required=True)
    resources = fields.List(fields.Nested(ResourceSchema), required=True)
    on_call = fields.List(fields.Nested(OnCallSchema), load_default=list)

    @post_load
    def opening(self, said: dict[str, Any], **_: Any) -> Opening:
        people = tuple((each["role"], each["name"]) for each in said.pop("staff"))
        pages = tuple((each["name"], each["number"]) for each in said.pop("on_call"))
        return Opening(staff=people, on_call=pages, resources=tuple(said.pop("resources")), **said)


def read(file: Path) -> Opening:
    """The clinic that a TOML file describes. Raises ValueError with every complaint, each by its place in the file."""
    try:
        opening: Opening = ClinicSchema().load(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{file.name} is not TOML: {error}") from error
    except ValidationError as error:
        raise ValueError("\n".join(_told(error.messages_dict))) from error
    return opening


def _told(said: Any, place: str = "") -> list[str]:
    if isinstance(said, dict):
        return [line for name, rest in said.items() for line in _told(rest, f"{place}.{name}" if place else str(name))]
    return [f"{place}: {words}" for words in said]
