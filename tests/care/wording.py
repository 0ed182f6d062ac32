"""What does every text say, in both languages? Samples of every kind, and the listing that a person can read through.

After changing words: `python -m tests.care.wording > tests/care/texts_snapshot.txt`, and read the difference.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from care.facts import Part
from care.words.segments import segments
from care.words.texts import LANGUAGES, Piece, compose

NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"


@dataclass(frozen=True)
class Harborview:
    """A clinic with a short name of twelve letters."""

    short_name: str = "Harborview12"
    phone: str = "555-0100"
    zone: str = NEW_YORK


CLINIC = Harborview()
NAMES = {"patient": "Ana", "code": "123456"}
LINKS = {
    "integration": "https://steady.example/go/h7Kq2Zp4Lm9sT1vWxYz0aB",
    "invite": "https://steady.example/go/q0RmN3dFg8HjK5lPoI2uYt",
}


def at(day: int, hour: int, minute: int = 0) -> str:
    """An instant of March 2027 in UTC; Wednesday the 10th at 15:00 is 10:00 AM in New York."""
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC).isoformat()


def line(change: str, was: str | None, starts_at: str | None, session_kind: str = "dosing") -> dict[str, Any]:
    return {"session_kind": session_kind, "starts_at": starts_at, "was": was, "change": change}


DOSE, ARRIVE = at(10, 15), at(10, 14, 45)
TIMES = {"starts_at": DOSE, "arrive_at": ARRIVE}
SHORT_FAST = {"solids_at": at(10, 13), "light_meal_at": at(10, 13)}
SHORT_THIRST = {"any_liquid_at": at(10, 14, 30), "clear_liquid_at": at(10, 14, 30)}
MIDNIGHT = {"solids_at": at(10, 5), "light_meal_at": at(10, 5)}
FOUR_CLOCKS = {
    "solids_at": at(10, 7),
    "light_meal_at": at(10, 9),
    "any_liquid_at": at(10, 11),
    "clear_liquid_at": at(10, 13),
}
ALCOHOL = {"from": at(9, 15), "until": at(11, 17)}
PREPARED = {"starts_at": DOSE, "alcohol_from": at(9, 15), "ride": True}


@dataclass(frozen=True)
class Sample:
    """One message: its pieces as (kind, part, fills)."""

    title: str
    pieces: tuple[tuple[str, Part, dict[str, Any]], ...]
    rest: dict[str, Any] = field(default_factory=dict)

    def body(self, language: str, **changes: Any) -> str:
        said = [Piece(kind, part, 0, fills) for kind, part, fills in self.pieces]
        given: dict[str, Any] = (
            {"clinic": CLINIC, "zone": NEW_YORK, "names": NAMES, "links": LINKS} | self.rest | changes
        )
        return compose(said, language=language, **given)


def alone(kind: str, fills: dict[str, Any], note: str = "", part: Part = Part.PATIENT) -> Sample:
    return Sample(f"{kind}, {part}{note and ', '}{note}", ((kind, part, fills),))


SUPPORT = Part.SUPPORT

SINGLES = [
    alone("booked_notice", {"lines": [line("booked", None, DOSE)], "ask": False}),
    alone("booked_notice", {"lines": [line("booked", None, DOSE)], "ask": False}, part=SUPPORT),
    alone("change_notice", {"lines": [line("moved", DOSE, at(11, 15))], "ask": True}),
    alone("change_notice", {"lines": [line("moved", DOSE, at(11, 15))], "ask": False}, "moved by themselves"),
    alone("change_notice", {"lines": [line("moved", DOSE, at(10, 17))], "ask": True}, "on the same day"),
    alone("change_notice", {"lines": [line("moved", DOSE, at(11, 15))], "ask": True}, part=SUPPORT),
    alone("cancel_notice", {"lines": [line("off", DOSE, None)], "ask": False}),
    alone("cancel_notice", {"lines": [line("off", DOSE, None)], "ask": False}, part=SUPPORT),
    alone("session_confirm", {**TIMES, "session_kind": "dosing"}),
    alone("session_confirm", {**TIMES, "session_kind": "integration"}, "follow-up"),
    alone("prep_bundle", {**PREPARED, **SHORT_FAST, **SHORT_THIRST}),
    alone("alcohol_window", ALCOHOL),
    alone("solids_stop", {"starts_at": DOSE, **MIDNIGHT}, "at midnight"),
    alone("solids_stop", {"starts_at": DOSE, **SHORT_FAST}),
    alone("liquids_stop", {"starts_at": DOSE, **SHORT_THIRST}),
    alone("transport_confirm", {"starts_at": DOSE, "today": False}),
    alone("transport_confirm", {"starts_at": DOSE, "today": True}, "on the day"),
    alone("support_invite", {"unanswered": True}, "not answered"),
    alone("support_confirm", TIMES, part=SUPPORT),
    alone("support_confirm", {"starts_at": DOSE, "unanswered": True}, "not answered"),
    alone("support_present", {"starts_at": DOSE}, part=SUPPORT),
    alone("arrival", TIMES),
    alone("post_rules", {"driving_until": at(11, 13), "alcohol_until": at(11, 17)}),
    alone(
        "post_rules", {"driving_until": at(11, 13), "alcohol_until": at(11, 17), "stay_until": at(10, 21)}, part=SUPPORT
    ),
    alone("safety_check", {"starts_at": DOSE}),
    alone("integration_book", {"window_from": at(11, 17), "window_until": at(13, 17)}),
    alone("integration_remind", {"starts_at": DOSE}),
    alone("help_text", {}),
    alone("help_text", {}, part=SUPPORT),
    alone("opted_in_text", {}),
    alone("opted_in_text", {}, part=SUPPORT),
    alone("moved_answer", {"was": DOSE, "starts_at": at(11, 15)}),
    alone("moved_answer", {"was": DOSE, "starts_at": None}, "cancelled"),
    alone("moved_answer", {"was": DOSE, "starts_at": at(11, 15)}, part=SUPPORT),
    alone("unclear_answer", {}),
    alone("unclear_answer", {}, part=SUPPORT),
    alone("thanks_answer", {}),
    alone("thanks_answer", {}, part=SUPPORT),
    alone("call_answer", {}),
    alone("call_answer", {}, part=SUPPORT),
    alone("login_code", {}),
    alone("login_code", {}, part=SUPPORT),
]

LONGER = [
    alone("crisis_text", {}),
    alone("crisis_text", {}, part=SUPPORT),
    alone("support_invite", {}, part=SUPPORT),
    alone("prep_bundle", {**PREPARED, **MIDNIGHT, **SHORT_THIRST}, "at midnight"),
    alone("prep_bundle", {**PREPARED, **FOUR_CLOCKS}, "four clocks"),
    alone("solids_stop", {"starts_at": DOSE, **{name: FOUR_CLOCKS[name] for name in SHORT_FAST}}, "four clocks"),
    alone("liquids_stop", {"starts_at": DOSE, **{name: FOUR_CLOCKS[name] for name in SHORT_THIRST}}, "four clocks"),
]

BUNDLES = [
    Sample(
        "the evening before: food, drink, alcohol and arrival",
        (
            ("alcohol_window", Part.PATIENT, ALCOHOL),
            ("solids_stop", Part.PATIENT, {"starts_at": DOSE, **MIDNIGHT}),
            ("liquids_stop", Part.PATIENT, {"starts_at": DOSE, **SHORT_THIRST}),
            ("arrival", Part.PATIENT, TIMES),
        ),
    ),
    Sample(
        "attendance and ride as one question",
        (
            ("session_confirm", Part.PATIENT, {**TIMES, "session_kind": "dosing"}),
            ("transport_confirm", Part.PATIENT, {"starts_at": DOSE, "today": False}),
        ),
    ),
    Sample(
        "attendance, ride and support person as one question",
        (
            ("session_confirm", Part.PATIENT, {**TIMES, "session_kind": "dosing"}),
            ("transport_confirm", Part.PATIENT, {"starts_at": DOSE, "today": False}),
            ("support_confirm", Part.PATIENT, {"starts_at": DOSE}),
        ),
    ),
    Sample(
        "preparation with the question of the day before",
        (
            ("prep_bundle", Part.PATIENT, {**PREPARED, **SHORT_FAST, **SHORT_THIRST}),
            ("alcohol_window", Part.PATIENT, ALCOHOL),
            ("session_confirm", Part.PATIENT, {**TIMES, "session_kind": "dosing"}),
            ("transport_confirm", Part.PATIENT, {"starts_at": DOSE, "today": False}),
        ),
    ),
    Sample(
        "at discharge, with the choice of the follow-up visit",
        (
            ("post_rules", Part.PATIENT, {"driving_until": at(11, 13), "alcohol_until": at(11, 17)}),
            ("integration_book", Part.PATIENT, {"window_from": at(11, 17), "window_until": at(13, 17)}),
        ),
    ),
    Sample(
        "a whole course booked",
        (
            (
                "booked_notice",
                Part.PATIENT,
                {"lines": [line("booked", None, at(day, 14)) for day in (16, 18, 23, 25)], "ask": False},
            ),
        ),
    ),
    Sample(
        "several changes at once",
        (
            (
                "change_notice",
                Part.PATIENT,
                {
                    "lines": [
                        line("moved", DOSE, at(11, 15)),
                        line("moved", at(12, 15), at(15, 14)),
                        line("off", at(19, 14), None),
                        line("booked", None, at(25, 14), "integration"),
                    ],
                    "ask": True,
                },
            ),
        ),
    ),
    Sample(
        "a phone of two people",
        (
            ("session_confirm", Part.PATIENT, {**TIMES, "session_kind": "dosing"}),
            ("booked_notice", SUPPORT, {"lines": [line("booked", None, DOSE)], "ask": False}),
        ),
        {"shared": True},
    ),
    Sample(
        "in another zone than the clinic",
        (("session_confirm", Part.PATIENT, {**TIMES, "session_kind": "dosing"}),),
        {"zone": LOS_ANGELES},
    ),
    Sample("the first text to a support person", (("support_invite", SUPPORT, {}),), {"first": True}),
    Sample(
        "the first text to a patient",
        (("booked_notice", Part.PATIENT, {"lines": [line("booked", None, DOSE)], "ask": False}),),
        {"first": True},
    ),
]

SAMPLES = [*SINGLES, *LONGER, *BUNDLES]


def listing() -> str:
    """Every sample in every language with what it costs."""
    return "\n".join(_entries())


def _entries() -> Iterator[str]:
    for sample in SAMPLES:
        yield f"## {sample.title}"
        for language in LANGUAGES:
            body = sample.body(language)
            cost = segments(body)
            yield f"{language}  {cost.count} x {cost.encoding}, {cost.units}"
            yield body
        yield ""


if __name__ == "__main__":
    print(listing(), end="")
