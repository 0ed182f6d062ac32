"""What did somebody fill in? Every field is read, and everything that cannot be read is said at once, field by field."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from werkzeug.datastructures import MultiDict

from care.names import is_a_name

FIRST_YEAR, LAST_YEAR = 2000, 2100
Otherwise = TypeVar("Otherwise", date, None)
REGION = "US"  # of numbers written without a country code


class Unreadable(Exception):
    """Raised once per form; `complaints` says by field what is wrong, in words."""

    def __init__(self, complaints: Mapping[str, str]) -> None:
        self.complaints = dict(complaints)
        super().__init__(", ".join(self.complaints))


class Form:
    """Reads one posted form. What cannot be read yields something harmless and a complaint: end with `refuse_if_wrong`."""

    def __init__(self, given: MultiDict[str, str]) -> None:
        self.given = given
        self.complaints: dict[str, str] = {}

    def refuse_if_wrong(self) -> None:
        if self.complaints:
            raise Unreadable(self.complaints)

    def words(self, name: str, *, most: int = 200, ask: str = "Please fill this in.") -> str:
        words = self.words_or_none(name, most=most)
        if words is None and name not in self.complaints:
            self.complaints[name] = ask
        return words or ""

    def words_or_none(self, name: str, *, most: int = 200) -> str | None:
        words = self.given.get(name, "").strip()
        if len(words) > most:
            self.complaints[name] = f"Please use at most {most} characters."
        if any(ord(letter) < 32 and letter not in "\r\n\t" for letter in words):
            self.complaints[name] = "This contains characters that cannot be kept."
        return words[:most] or None

    def person(self, name: str) -> str:
        """What a person is called."""
        called = self.words(name, most=80)
        if called and not is_a_name(called):
            self.complaints[name] = "Please give a name, without hidden characters or addresses."
        return called

    def one_of(self, name: str, choices: Collection[str]) -> str:
        chosen = self.given.get(name, "")
        if chosen not in choices:
            self.complaints[name] = "Please choose one of these."
            return next(iter(choices))
        return chosen

    def ticked(self, name: str) -> bool:
        return self.given.get(name) == "yes"

    def numbers(self, name: str, choices: Collection[int]) -> tuple[int, ...]:
        """Every ticked box of this name, in order."""
        ticked = set(self.given.getlist(name))
        if ticked - {str(choice) for choice in choices}:
            self.complaints[name] = "Please choose some of these."
        return tuple(choice for choice in choices if str(choice) in ticked)

    def day(self, name: str) -> date:
        day = day_or(self.given.get(name), None)
        if day is None:
            self.complaints[name] = "Please give a date."
        return day or date(FIRST_YEAR, 1, 1)

    def clock(self, name: str) -> str:
        """A time of day as "HH:MM"."""
        try:
            return time.fromisoformat(self.given.get(name, "")).strftime("%H:%M")
        except ValueError:
            self.complaints[name] = "Please give a time of day."
            return "00:00"

    def zone(self, name: str) -> str:
        return self.one_of(name, available_timezones())

    def zone_or_none(self, name: str) -> str | None:
        return self.zone(name) if self.given.get(name) else None

    def key(self, name: str) -> UUID:
        try:
            return UUID(self.given.get(name, ""))
        except ValueError:
            self.complaints[name] = "Please choose one of these."
            return UUID(int=0)

    def whole(self, name: str) -> int:
        number = self.given.get(name, "")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            self.complaints[name] = "Please give a whole number."
            return 0
        return int(number)

    def number(self, name: str) -> str:
        """A telephone number, however it is written, as E.164."""
        given = self.given.get(name, "")
        try:
            number = phonenumbers.parse(given, REGION)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            self.complaints[name] = "Please give a telephone number with its area code."
            return ""
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def local_moment(self, name: str, zone: str) -> datetime:
        """A date with a time of day as clocks in `zone` show it."""
        try:
            given = datetime.fromisoformat(self.given.get(name, "")).replace(tzinfo=ZoneInfo(zone))
        except ValueError:
            given = datetime.max.replace(tzinfo=UTC)
        if not FIRST_YEAR <= given.year < LAST_YEAR:
            self.complaints[name] = "Please give a date and a time."
            return given.replace(tzinfo=UTC)
        return given.astimezone(UTC)


def day_or(text: str | None, otherwise: Otherwise) -> date | Otherwise:
    """A day of the years we plan for, or something else when the text names none."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return day if FIRST_YEAR <= day.year < LAST_YEAR else otherwise
