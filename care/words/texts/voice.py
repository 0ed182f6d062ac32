"""Who speaks to whom? A clinic to one person, in that person's language and zone, with what may be named."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from care.facts import Part
from care.words.texts.dates import Moment
from care.words.texts.english import ENGLISH
from care.words.texts.spanish import SPANISH

WORDS: dict[str, dict[str, str]] = {"en": ENGLISH, "es": SPANISH}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whom to call when it cannot wait, in one country."""

    emergency: str
    crisis_line: str


NUMBERS = {"US": Numbers("911", "988"), "CA": Numbers("911", "988")}


class Clinic(Protocol):
    """What a text needs to know of the clinic that sends it."""

    @property
    def short_name(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def zone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """One reminder's part of a message. `fills` holds ISO 8601 UTC instants, numbers and codes, never names."""

    kind: str
    part: Part
    repeat: int
    fills: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Voice:
    """The words of one language, with what every phrase may use already filled in.

    `names` may hold `patient` (a first name), `code`, `country` ("US") and the clinic's own `crisis_text`; `links` may hold
    `integration` and `invite`. `labels` says for whom each section is, on a phone of two people.
    """

    clinic: Clinic
    zone: str
    language: str
    names: Mapping[str, str]
    links: Mapping[str, str]
    part: Part = Part.PATIENT
    labels: bool = False
    now: datetime | None = None  # when it is sent, so that nothing past is told as to come

    def is_past(self, iso: str) -> bool:
        return self.now is not None and datetime.fromisoformat(iso) <= self.now

    def to(self, part: Part) -> "Voice":
        return replace(self, part=part)

    def phrase(self, key: str, /, **fills: Any) -> str:
        """The phrase for this person, as a sentence: what is an instant becomes a `Moment`."""
        words = self._words[self._key(key)].format(**self._common, **self._moments(fills))
        return words[:1].upper() + words[1:]

    def clause(self, key: str, /, **fills: Any) -> str:
        """The phrase inside a sentence."""
        return self._words[self._key(key)].format(**self._common, **self._moments(fills))

    def visit(self, session_kind: str | None = None) -> str:
        """ "your visit", "Ana's visit", "your follow-up visit"."""
        return self._owned("owned", noun=self.noun(session_kind))

    def noun(self, session_kind: str | None) -> str:
        return self._words[f"noun.{session_kind or 'dosing'}"]

    def visits(self) -> str:
        return self._owned("all_owned")

    def listed(self, clauses: list[str]) -> str:
        """ "a, b and c"."""
        *most, last = clauses
        return f"{', '.join(most)}{self._words['and']}{last}" if most else last

    def moment(self, iso: str) -> Moment:
        return Moment(datetime.fromisoformat(iso), self.zone, self.language)

    @property
    def has_patient_name(self) -> bool:
        return bool(self.names.get("patient"))

    @property
    def hears_preparation(self) -> bool:
        return self.part is Part.PATIENT

    @property
    def _words(self) -> dict[str, str]:
        return WORDS[self.language]

    @property
    def _common(self) -> dict[str, str]:
        numbers = NUMBERS[self.names.get("country", "US")]
        return {
            "clinic": self.clinic.short_name,
            "phone": self.clinic.phone,
            "patient": self.names.get("patient", ""),
            "emergency": numbers.emergency,
            "crisis_line": numbers.crisis_line,
        }

    def _key(self, key: str) -> str:
        special = f"{key}.support"
        return special if self.part is Part.SUPPORT and special in self._words else key

    def _owned(self, key: str, **words: str) -> str:
        nameless = self.part is Part.SUPPORT and not self.has_patient_name
        return self.clause(f"{key}.nameless" if nameless else key, **words)

    def _moments(self, fills: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.moment(value) if is_instant(value) else value for name, value in fills.items()}


def is_instant(value: object) -> bool:
    """Fills are JSON: an instant is the text that reads as one, with its offset."""
    if not isinstance(value, str) or len(value) < 20 or not value[:4].isdigit():
        return False
    try:
        return datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False
