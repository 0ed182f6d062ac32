"""In whose words and zone does this answer speak? Times go out as an instant, a local time and the words of a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import g

from care.refusals import Refusal
from care.times import local
from care.words.sayings import say_refusal
from care.words.texts import say


@dataclass(frozen=True, slots=True)
class Voice:
    """`zone` is an IANA name, `language` one that we can write."""

    zone: str = "UTC"
    language: str = "en"


def voice() -> Voice:
    """The voice of this answer; before anyone is known, English and UTC."""
    spoken: Voice = g.get("voice", Voice())
    return spoken


def speak(zone: str, language: str) -> None:
    g.voice = Voice(zone, language)


def instant(at: datetime) -> str:
    """RFC 3339 in UTC: `2026-03-09T17:00:00Z`."""
    whole = at.astimezone(UTC)
    return whole.isoformat(timespec="microseconds" if whole.microsecond else "seconds").replace("+00:00", "Z")


def told(at: datetime) -> dict[str, str]:
    """One instant as every answer gives it."""
    return dict(_told(at, voice()))


@lru_cache(maxsize=20_000)
def _told(at: datetime, voice: Voice) -> Mapping[str, str]:
    """The same instant is said over and over, in lists, boards and repeats; finding its words takes the longest."""
    return {
        "at": instant(at),
        "local": local(at, voice.zone).isoformat(timespec="seconds"),
        "zone": voice.zone,
        "say": say(at, voice.zone, voice.language),
    }


def told_refusal(refusal: Refusal) -> dict[str, Any]:
    """A reason with its words and what to act on."""
    mine = voice()
    return {
        "code": refusal.code.value,
        "say": say_refusal(refusal, mine.language, mine.zone),
        "data": plain(refusal.data),
    }


def plain(value: Any) -> Any:
    """The value as JSON: instants told, ids and dates as text, everything inside likewise."""
    if isinstance(value, datetime):
        return told(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID | date):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return value
