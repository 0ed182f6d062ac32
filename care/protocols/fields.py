"""Which fields does a protocol have, and which values may each take?

A reader takes the raw value of one field and returns ours, or raises `ValueError` with what would be right.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from care.facts import SessionKind
from care.protocol import Advance, DoseGate, Gate, MissedPolicy, Need, Setting

Reader = Callable[[Any], Any]

LANGUAGES = ("en", "es")
LONGEST_ADVICE = 600
NOT_USED = (None, "none", "open")
RESOURCES = ("chair", "clinician", "monitor", "therapist", "guide")


def whole(low: int, high: int) -> Reader:
    def read(raw: Any) -> int:
        if type(raw) is not int or not low <= raw <= high:
            raise ValueError(f"must be a whole number from {low} to {high}, not {raw!r}")
        return raw

    return read


def number(low: float, high: float) -> Reader:
    def read(raw: Any) -> float:
        if type(raw) not in (int, float) or not low <= raw <= high:
            raise ValueError(f"must be a number from {low:g} to {high:g}, not {raw!r}")
        return float(raw)

    return read


def word(words: type[StrEnum]) -> Reader:
    def read(raw: Any) -> StrEnum:
        if raw not in list(words):
            raise ValueError(f"must be one of {', '.join(words)}, not {raw!r}")
        return words(raw)

    return read


def yes_no(raw: Any) -> bool:
    if type(raw) is not bool:
        raise ValueError(f"must be true or false, not {raw!r}")
    return raw


def or_none(read: Reader) -> Reader:
    return lambda raw: None if raw in NOT_USED else read(raw)


def several(read: Reader) -> Reader:
    def read_all(raw: Any) -> tuple[Any, ...]:
        if not isinstance(raw, list | tuple):
            raise ValueError(f"must be a list, not {raw!r}")  # noqa: TRY004  every reader refuses alike
        if len({repr(one) for one in raw}) < len(raw):
            raise ValueError(f"names one thing twice: {raw!r}")
        return tuple(read(one) for one in raw)

    return read_all


def advice(raw: Any) -> dict[str, str]:
    """Words for staff in every language, or in none."""
    if not isinstance(raw, Mapping) or set(raw) != set(LANGUAGES) or not all(isinstance(t, str) for t in raw.values()):
        raise ValueError(f"must have words in {' and '.join(LANGUAGES)}, not {raw!r}")
    if len({bool(words.strip()) for words in raw.values()}) > 1:
        raise ValueError("must have words in each language, or in none")
    if max(len(words) for words in raw.values()) > LONGEST_ADVICE:
        raise ValueError(f"must not be longer than {LONGEST_ADVICE} characters")
    return {language: raw[language].strip() for language in LANGUAGES}


def need(raw: Any) -> Need:
    """`{kind, from, until}` in minutes from the start; `until` may be the word "end", the planned end."""
    if not isinstance(raw, Mapping) or set(raw) != {"kind", "from", "until"}:
        raise ValueError(f"must have exactly kind, from and until, not {raw!r}")
    if raw["kind"] not in RESOURCES:
        raise ValueError(f"kind must be one of {', '.join(RESOURCES)}, not {raw['kind']!r}")
    minutes = whole(-240, 720)
    until = None if raw["until"] == "end" else minutes(raw["until"])
    if until is not None and until <= minutes(raw["from"]):
        raise ValueError("until must be after from")
    return Need(raw["kind"], minutes(raw["from"]), until)


FIELDS: dict[str, Reader] = {
    "setting": word(Setting),
    "lapse_days": whole(1, 366),
    "lapse_advice": advice,
    "review_after_doses": several(whole(1, 100)),
    "review_every_doses": whole(0, 60),
    "dose_block_minutes": whole(5, 360),
    "observation_minutes": whole(0, 720),
    "observation_check_minutes": whole(0, 120),
    "support_gate": or_none(word(Gate)),
    "support_stay_minutes": whole(0, 1440),
    "support_min_age": whole(18, 99),
    "transport_gate": or_none(word(Gate)),
    "rideshare": yes_no,
    "dose_gates": several(word(DoseGate)),
    "gates_stop_booking": yes_no,
    "form_due_days": or_none(whole(1, 60)),
    "phases.*.sessions": or_none(whole(1, 60)),
    "phases.*.per_week": whole(0, 7),
    "phases.*.per_week_choices": several(whole(1, 7)),
    "phases.*.weeks": or_none(whole(1, 60)),
    "phases.*.every_days": several(whole(7, 366)),
    "phases.*.max_gap_days": whole(1, 366),
    "phases.*.missed": word(MissedPolicy),
    "phases.*.missed_advice": advice,
    "phases.*.append_within_days": or_none(whole(1, 366)),
    "phases.*.advance": word(Advance),
    "phases.*.as_needed": yes_no,
    "preceding.*.sessions": whole(0, 5),
    "preceding.*.from_days": whole(0, 90),
    "preceding.*.until_days": whole(0, 90),
    "spacing.min_gap_days": whole(1, 60),
    "spacing.max_in_course_week": whole(1, 7),
    "spacing.max_in_seven_days": whole(1, 7),
    "preparation.solids_h": number(0, 24),
    "preparation.light_meal_h": number(0, 24),
    "preparation.any_liquid_h": number(0, 24),
    "preparation.clear_liquid_h": number(0, 24),
    "preparation.alcohol_before_h": number(0, 168),
    "preparation.alcohol_after_h": number(0, 168),
    "preparation.nasal_product_h": number(0, 24),
    "driving.hours": number(0, 72),
    "driving.next_day_at_hour": or_none(whole(0, 23)),
    "blood_pressure.systolic": whole(90, 220),
    "blood_pressure.diastolic": whole(50, 140),
    "blood_pressure.readings": whole(1, 5),
    "blood_pressure.minutes_apart": whole(0, 60),
    "integration.after_each": whole(0, 60),
    "integration.window_from_h": number(0, 336),
    "integration.window_until_h": number(0, 336),
    "measures.*.every_days": whole(0, 366),
    "measures.*.every_doses": whole(0, 60),
    "measures.*.at_review": yes_no,
    "visits.*.minutes": whole(5, 720),
    "visits.*.arrive_minutes": whole(0, 240),
    "visits.*.needs": several(need),
}

DERIVED = frozenset({"visits.dosing.minutes"})  # the dose block and the observation, never said twice
NAMED = frozenset({"phases", "measures", "visits", "preceding"})  # tables whose second word is a name
VISITS = tuple(kind.value for kind in SessionKind)
PRECEDING = (SessionKind.CONSULT.value, SessionKind.PREPARATION.value)
FIXED = {"visits": VISITS, "preceding": PRECEDING}  # tables that name these, each of them and nothing else


def pattern(path: str) -> str:
    """The key of `FIELDS` for a field's path: `phases.induction.weeks` is `phases.*.weeks`."""
    parts = path.split(".")
    return ".".join([parts[0], "*", *parts[2:]]) if parts[0] in NAMED and len(parts) > 1 else path
