"""What may be written in a field? Strict ones: nothing is guessed, cut or quietly turned into something else."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from flask import current_app
from marshmallow import Schema, ValidationError, fields, validate

from api.contract.voice import told
from api.contract.words import name_of
from care.addresses import address
from care.names import is_a_name

FIRST_YEAR, LAST_YEAR = 2000, 2100
INSTANT = r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})$"
WALL_TIME = r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"
LINE = r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"  # one line of visible text, no blank first
EXAMPLE_ID = "0197a3c2-5b1e-7d40-8a31-6c2f0e9d4b17"
EXAMPLE_NUMBER = "+12025550143"


class Matches(validate.Regexp):
    """The whole text, to its last character; documented by the same pattern."""

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


class Line(fields.String):
    """One line of text: no NUL or other control characters, no blank at its beginning, at most `most` characters."""

    def __init__(self, most: int, *, example: str, least: int = 1, pattern: str = LINE, **options: Any) -> None:
        says = options.pop("says", "Must be one line of text without control characters.")
        rules = [validate.Length(min=least, max=most), Matches(pattern, error=says)]
        super().__init__(validate=rules, metadata=_metadata(options, example), **options)


class Name(Line):
    """What a person is called: letters among it, nothing hidden, nothing like an address."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        name = super()._deserialize(value, attr, data, **kwargs)
        if not is_a_name(name):
            raise ValidationError("Must be a person's name, without hidden characters or addresses.")
        return name


class Whole(fields.Integer):
    """A whole number from `least` to `most`; 7.0, "7" and true are none."""

    def __init__(self, least: int, most: int, *, example: int | None = None, **options: Any) -> None:
        shown = _metadata(options, least if example is None else example)
        super().__init__(strict=True, validate=validate.Range(min=least, max=most), metadata=shown, **options)

    def _validated(self, value: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Count(fields.String):
    """A whole number in a query, where everything is text."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        shown = {"type": "integer", "minimum": least, "maximum": most, "example": least}
        if "load_default" in options:
            shown["default"] = options["load_default"]
        super().__init__(metadata=_metadata(options, None) | shown, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not re.fullmatch(r"[0-9]{1,12}", str(value)) or not self.least <= int(value) <= self.most:
            raise ValidationError(f"Must be a whole number from {self.least} to {self.most}.")
        return int(value)


class Truth(fields.Boolean):
    """true or false; neither 1 nor "yes"."""

    truthy = {True}  # noqa: RUF012  marshmallow's own class attribute
    falsy = {False}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata=_metadata(options, example=True), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Id(fields.UUID):
    """A UUID in its usual writing, with hyphens."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata=_metadata(options, EXAMPLE_ID), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or len(value) != len(EXAMPLE_ID):
            raise self.make_error("invalid_uuid")
        return super()._deserialize(value, attr, data, **kwargs)


class Chosen(fields.String):
    """One of the words of a closed list. `named` as with `Word`."""

    may_grow = False

    def __init__(self, words: type[StrEnum] | Iterable[str], *, named: str | None = None, **options: Any) -> None:
        self.list_name, self.listed = named or name_of(words), [str(word) for word in words]
        super().__init__(validate=validate.OneOf(self.listed), metadata=_metadata(options, self.listed[0]), **options)


class Word(fields.String):
    """One of the words of a list that may grow: readers must tolerate words they do not know.

    `named` is what a list without a class of its own is called in the document.
    """

    may_grow = True

    def __init__(self, words: type[StrEnum] | Iterable[str], *, named: str | None = None, **options: Any) -> None:
        self.list_name, self.listed = named or name_of(words), [str(word) for word in words]
        more = {"x-extensible-enum": self.listed, **options.pop("more", {})}
        super().__init__(metadata=_metadata(options, self.listed[0]) | more, **options)


class Instant(fields.String):
    """A time that comes in: RFC 3339 with its offset, in the years we plan for. Loads as aware UTC."""

    def __init__(self, **options: Any) -> None:
        shown = _metadata(options, "2026-03-09T10:00:00-07:00") | {"format": "date-time", "pattern": INSTANT}
        super().__init__(metadata=shown, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        written = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(INSTANT, written):
            raise ValidationError(_what_is_wrong_with(written))
        try:
            at = datetime.fromisoformat(written).astimezone(UTC)
        except (ValueError, OverflowError) as impossible:
            raise ValidationError("No calendar or clock shows this date and time.") from impossible
        return at


def _what_is_wrong_with(written: str) -> str:
    if re.fullmatch(INSTANT, written + "Z"):
        return (
            "Needs its offset from UTC, such as 2026-03-09T10:00:00-07:00 or ...Z: a local time alone names no instant."
        )
    if re.fullmatch(INSTANT, written.replace(" ", "+", 1)):
        return "In a query write + as %2B, or give the time in UTC with Z."
    return f"Must be a time with its offset, such as 2026-03-09T10:00:00-07:00, from {FIRST_YEAR} to {LAST_YEAR - 1}."


class WallTime(fields.String):
    """A clock reading at the clinic without an offset, such as 2026-03-09T10:00; the rules say which instant it is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata=_metadata(options, "2026-03-09T10:00") | {"pattern": WALL_TIME}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        written = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(WALL_TIME, written):
            raise ValidationError("Must be a local date and time, such as 2026-03-09T10:00.")
        try:
            return datetime.fromisoformat(written)
        except ValueError as impossible:
            raise ValidationError("No calendar or clock shows this date and time.") from impossible


class Clock(fields.String):
    """A time of day, HH:MM on a 24-hour clock."""

    def __init__(self, *, example: str = "10:00", **options: Any) -> None:
        rule = Matches(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", error="Must be a time of day such as 09:30.")
        super().__init__(validate=rule, metadata=_metadata(options, example), **options)


class Day(fields.Date):
    """A calendar day, YYYY-MM-DD, in the years we plan for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", metadata=_metadata(options, "2026-03-09"), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", value):
            raise ValidationError(f"Must be a day such as 2026-03-09, from {FIRST_YEAR} to {LAST_YEAR - 1}.")
        day: date = super()._deserialize(value, attr, data, **kwargs)
        return day


class Number(fields.String):
    """A phone number in E.164, possible and valid."""

    def __init__(self, **options: Any) -> None:
        shown = _metadata(options, EXAMPLE_NUMBER) | {"pattern": r"^\+[1-9][0-9]{6,14}$"}
        super().__init__(metadata=shown, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        written = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", written):
            raise ValidationError(f"Write the number with + and country code, digits only, such as {EXAMPLE_NUMBER}.")
        try:
            number = phonenumbers.parse(written, None)
        except phonenumbers.NumberParseException as unknown:
            raise ValidationError("No country has numbers like this one; check the country code.") from unknown
        if not phonenumbers.is_valid_number(number):
            raise ValidationError("This is not a number that can exist in its country; check the digits.")
        return written


class WebAddress(fields.String):
    """Somebody else's address, which we are to call: https, or http where the operator named a network of their own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata=_metadata(options, "https://app.example.com/changed") | {"format": "uri"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        written = super()._deserialize(value, attr, data, **kwargs)
        try:
            where = address(written)
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong
        if where.scheme != "https" and not current_app.config["OUTBOUND_NETWORKS"]:
            raise ValidationError("Must begin with https://.")
        return written


class Zone(fields.String):
    """An IANA time zone that has places in it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata=_metadata(options, "America/Los_Angeles"), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        written = super()._deserialize(value, attr, data, **kwargs)
        if written not in ZONES:
            raise ValidationError("Must be an IANA time zone such as America/Los_Angeles.")
        return written


ZONES = frozenset(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
) | {"UTC"}


class Time(Schema):
    """One instant, four ways."""

    at = fields.String(
        required=True,
        metadata={"format": "date-time", "description": "RFC 3339, UTC", "example": "2026-03-09T17:00:00Z"},
    )
    local = fields.String(
        required=True,
        metadata={
            "format": "date-time",
            "description": "the same instant in `zone`",
            "example": "2026-03-09T10:00:00-07:00",
        },
    )
    zone = fields.String(required=True, metadata={"description": "IANA zone", "example": "America/Los_Angeles"})
    say = fields.String(
        required=True, metadata={"description": "the words a text would use", "example": "Mon, Mar 9 at 10:00 AM"}
    )


class At(fields.Nested):
    """A time that goes out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Time, metadata=_metadata(options, None), **options)

    def _serialize(self, nested_obj: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # as in Nested
        return None if nested_obj is None else told(nested_obj)


def _metadata(options: dict[str, Any], example: Any) -> dict[str, Any]:
    """What the documentation says of a field: its `about` and an example, unless it is not `exemplary`."""
    about, exemplary = options.pop("about", None), options.pop("exemplary", True)
    shown = {"description": about, "example": example if exemplary else None}
    return {name: each for name, each in shown.items() if each is not None}
