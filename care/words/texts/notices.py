"""How is it told what was booked, moved or cancelled? All lines for one person as one piece of news."""

from collections.abc import Mapping, Sequence
from typing import Any

from care.words.texts.visits import Said, food_drink_and_alcohol
from care.words.texts.voice import Piece, Voice

KINDS = ("booked_notice", "change_notice", "cancel_notice")

Line = Mapping[str, Any]


def notices(voice: Voice, pieces: Sequence[Piece]) -> Said:
    """The news in order moved, booked, cancelled; a new time is asked about, for a yes to the old one no longer counts."""
    lines = [line for piece in pieces if piece.kind in KINDS for line in piece.fills["lines"]]
    moved, booked, off, later, home = (
        _of(lines, change) for change in ("moved", "booked", "off", "postponed", "sent_home")
    )
    asks_new_time = bool(moved) and any(piece.fills.get("ask", True) for piece in pieces if piece.kind in KINDS)
    sentences = [
        *([voice.phrase("sent_home" if voice.has_patient_name else "sent_home.nameless")] if home else []),
        *_told(voice, "moved", moved),
        *_told(voice, "booked", booked),
        *_told(voice, "off", off),
        *_told(voice, "postponed", later),
        *_prepared(voice, [*moved, *booked]),
        *_then(voice, moved, booked, [*off, *later]),
    ]
    if asks_new_time:
        sentences.append(voice.phrase("question", asks=_new_times(voice, moved)))
    return Said(tuple(sentences), int(asks_new_time))


def _prepared(voice: Voice, lines: Sequence[Line]) -> list[str]:
    """What to do before a visit that is told of at night."""
    return [words for line in lines if line.get("prepare") for words in food_drink_and_alcohol(voice, line["prepare"])]


def _new_times(voice: Voice, moved: Sequence[Line]) -> str:
    """The question names its days: an answer must not be taken for another visit's."""
    days = list(dict.fromkeys(voice.moment(line["starts_at"]).day for line in moved))
    return voice.phrase("ask.new_time" if len(moved) == 1 else "ask.new_times", days=voice.listed(days))


def _of(lines: Sequence[Line], change: str) -> list[Line]:
    return sorted(
        (line for line in lines if line["change"] == change),
        key=lambda line: str(line["starts_at"] or line["was"] or ""),
    )


def _told(voice: Voice, change: str, lines: Sequence[Line]) -> list[str]:
    if not lines:
        return []
    if len(lines) == 1:
        return [_one(voice, change, lines[0])]
    return [
        voice.phrase(
            f"{change}.many", visits=voice.visits(), list="; ".join(_item(voice, change, line) for line in lines)
        )
    ]


def _one(voice: Voice, change: str, line: Line) -> str:
    words = {"visit": voice.visit(line.get("session_kind")), "starts_at": line["starts_at"], "was": line.get("was")}
    if change != "booked" and not line.get("was"):
        change = f"{change}.unknown_before"
    elif change == "moved" and voice.moment(line["was"]).day == voice.moment(line["starts_at"]).day:
        change = "moved.same_day"
    return voice.phrase(change, **words)


def _item(voice: Voice, change: str, line: Line) -> str:
    if change == "moved" and line.get("was"):
        said = voice.clause("moved.item", starts_at=line["starts_at"], was=line["was"])
    else:
        said = voice.moment(line["starts_at"] or line["was"]).when
    if voice.noun(line.get("session_kind")) == voice.noun(None):
        return said
    return voice.clause("item", moment=said, noun=voice.noun(line["session_kind"]))


def _then(voice: Voice, moved: Sequence[Line], booked: Sequence[Line], off: Sequence[Line]) -> list[str]:
    """What to do now, said for the weightiest part of the news."""
    if not (moved or booked or off):
        return []
    if moved:
        needs_preparing = any(line.get("session_kind", "dosing") == "dosing" for line in moved)
        return [voice.phrase("moved.then")] if needs_preparing and voice.hears_preparation else []
    if booked:
        return [voice.phrase("booked.then")]
    return [voice.phrase("off.then" if len(off) == 1 else "off.then.many")]
