"""What is said of a visit ahead? When it is, what to do before it, what is asked; all pieces of one visit as one text."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from care.facts import Part
from care.words.texts.dates import WEEK, Moment, in_a_row
from care.words.texts.voice import Piece, Voice

GROUPED = (
    "session_confirm",
    "prep_bundle",
    "solids_stop",
    "liquids_stop",
    "transport_confirm",
    "support_confirm",
    "support_present",
    "arrival",
)
KINDS = (*GROUPED, "alcohol_window")
ARRIVING = {"session_confirm", "support_confirm", "arrival"}
NUDGING = {"solids_stop", "liquids_stop"}
EATING = {"light_food", "no_food"}
CLOCKS = ("solids_at", "light_meal_at", "any_liquid_at", "clear_liquid_at")


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences, and how many things they ask."""

    sentences: tuple[str, ...] = ()
    asked: int = 0

    def __add__(self, other: "Said") -> "Said":
        return Said(self.sentences + other.sentences, self.asked + other.asked)


def visits_ahead(voice: Voice, pieces: Sequence[Piece]) -> Said:
    """The pieces about visits ahead, one group of sentences per visit, in order of time."""
    alcohol = [piece.fills for piece in pieces if piece.kind == "alcohol_window"]
    said = Said()
    for of_one_visit in _by_visit(pieces):
        its_own = [window for window in alcohol if _begins_with(window, of_one_visit)]
        alcohol = [window for window in alcohol if window not in its_own]
        said += _visit(voice, of_one_visit, its_own)
    return Said(tuple(_alcohol_alone(voice, alcohol))) + said


def _begins_with(window: Mapping[str, Any], pieces: Sequence[Piece]) -> bool:
    """Beside another visit than its first one, a window would be taken for that visit's."""
    starts_at = pieces[0].fills["starts_at"]
    return bool(window.get("starts_at", starts_at) == starts_at)


def _by_visit(pieces: Sequence[Piece]) -> list[list[Piece]]:
    groups: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.kind in GROUPED:
            groups[piece.fills["starts_at"]].append(piece)
    return [groups[starts_at] for starts_at in sorted(groups)]


def _visit(voice: Voice, pieces: list[Piece], alcohol: list[Mapping[str, Any]]) -> Said:
    kinds = {piece.kind for piece in pieces}
    fills: dict[str, Any] = {name: value for piece in pieces for name, value in piece.fills.items()}
    asks = _asks(voice, kinds, fills)
    sentences = [
        _lead(voice, kinds, fills),
        *_alcohol(voice, fills, alcohol),
        *_food_and_drink(voice, kinds, fills),
        *_around(voice, kinds, fills),
    ]
    if asks:
        clauses = voice.listed([voice.clause(ask) for ask in asks])
        said = voice.clause("asked_of", asks=clauses[:1].upper() + clauses[1:], starts_at=fills["starts_at"])
        sentences.append(voice.phrase("question", asks=said))
    return Said(tuple(sentences), len(asks))


def _lead(voice: Voice, kinds: set[str], fills: Mapping[str, Any]) -> str:
    if kinds == {"prep_bundle"}:
        return voice.phrase("lead.short", starts_at=fills["starts_at"])
    words = {"visit": voice.visit(fills.get("session_kind")), "starts_at": fills["starts_at"]}
    if kinds == {"support_present"}:
        return voice.phrase("lead.present", **words)
    if kinds & ARRIVING and fills.get("home") and (voice.hears_preparation or voice.has_patient_name):
        return voice.phrase("lead.home" if voice.hears_preparation else "lead.home_support", **words, **_ready(fills))
    if kinds & ARRIVING and fills.get("arrive_at", fills["starts_at"]) != fills["starts_at"]:
        return voice.phrase("lead.arrive", **words, arrive_at=fills["arrive_at"])
    return voice.phrase("lead.today" if fills.get("today") else "lead", **words)


def _ready(fills: Mapping[str, Any]) -> dict[str, Any]:
    return {"arrive_at": fills.get("arrive_at", fills["starts_at"])}


def _alcohol(voice: Voice, fills: Mapping[str, Any], windows: list[Mapping[str, Any]]) -> Iterator[str]:
    """A window with its end says more than the start that the preparation text names."""
    if not windows and fills.get("alcohol_from"):
        begun = voice.is_past(fills["alcohol_from"])
        yield voice.phrase("no_alcohol_now" if begun else "no_alcohol_from", alcohol_from=fills["alcohol_from"])
    for window in windows:
        starts, ends = voice.moment(window["from"]), voice.moment(window["until"])
        if voice.is_past(window["from"]):
            yield voice.phrase("no_alcohol_begun", until=window["until"])
            continue
        same_week = ends.at - starts.at < WEEK
        yield voice.phrase(
            "no_alcohol" if same_week else "no_alcohol.alone", from_at=window["from"], until=window["until"]
        )


def _alcohol_alone(voice: Voice, windows: list[Mapping[str, Any]]) -> Iterator[str]:
    for window in windows:
        key = "no_alcohol_begun" if voice.is_past(window["from"]) else "no_alcohol.alone"
        yield voice.phrase(key, from_at=window["from"], until=window["until"])


def food_drink_and_alcohol(voice: Voice, fills: Mapping[str, Any]) -> list[str]:
    """All that is said of preparation where it comes with the news of the visit."""
    return [*_alcohol(voice, fills, []), *_food_and_drink(voice, {"prep_bundle"}, fills)]


def _food_and_drink(voice: Voice, kinds: set[str], fills: Mapping[str, Any]) -> Iterator[str]:
    steps = _steps({name: voice.moment(fills[name]) for name in CLOCKS if fills.get(name)})
    if not steps:
        return
    clocks = in_a_row([moment for _, moment in steps])
    past = {key for key, moment in steps if voice.is_past(moment.at.isoformat())}
    clauses = ", ".join(
        voice.clause(f"{key}.past" if key in past else key, clock=clock)
        for (key, _), clock in zip(steps, clocks, strict=True)
    )
    coming = kinds & NUDGING and steps[0][0] in EATING and steps[0][0] not in past
    yield voice.phrase("please" if coming else "steps", steps=clauses)
    if kinds & NUDGING:
        yield voice.phrase("medicines")


def _steps(clocks: Mapping[str, Moment]) -> list[tuple[str, Moment]]:
    """What to do in order of time. Where two clocks are equal the stricter one speaks for both."""
    solids, light = clocks.get("solids_at"), clocks.get("light_meal_at")
    liquid, clear = clocks.get("any_liquid_at"), clocks.get("clear_liquid_at")
    steps = {
        "light_food": solids if solids and light and solids.at < light.at else None,
        "no_food": light or solids,
        "clear_drinks": liquid if liquid != clear else None,
        "no_drinks": clear,
    }
    return sorted(((key, moment) for key, moment in steps.items() if moment), key=lambda step: step[1].at)


def _around(voice: Voice, kinds: set[str], fills: Mapping[str, Any]) -> Iterator[str]:
    if "prep_bundle" in kinds and "transport_confirm" not in kinds and fills.get("ride"):
        yield voice.phrase("plan_ride")
    if "transport_confirm" in kinds:
        yield voice.phrase("not_driving")
    if "support_confirm" in kinds and (fills.get("declined") or fills.get("unanswered")):
        yield voice.phrase("declined" if fills.get("declined") else "not_heard")
    if "arrival" in kinds:
        yield voice.phrase("running_late")


def _asks(voice: Voice, kinds: set[str], fills: Mapping[str, Any]) -> list[str]:
    asks = {
        "ask.attendance": "session_confirm" in kinds,
        "ask.ride": "transport_confirm" in kinds and not fills.get("today"),
        "ask.ride_today": "transport_confirm" in kinds and bool(fills.get("today")),
        "ask.support": "support_confirm" in kinds and voice.part is not Part.PATIENT,
        "ask.present": "support_present" in kinds,
    }
    return [ask for ask, asked in asks.items() if asked]
