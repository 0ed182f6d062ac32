"""What does one message say? Several pieces for one phone, read as one natural text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from care.facts import Part
from care.words.segments import plain
from care.words.texts import notices as news
from care.words.texts import visits
from care.words.texts.alone import FIRST, LAST, tellings
from care.words.texts.dates import one_full_stop, spoken
from care.words.texts.notices import notices
from care.words.texts.visits import visits_ahead
from care.words.texts.voice import Clinic, Piece, Voice, is_instant

KNOWN = {*FIRST, *LAST, *news.KINDS, *visits.KINDS}
NOTHING: Mapping[str, str] = MappingProxyType({})


def compose(
    pieces: Sequence[Piece],
    *,
    clinic: Clinic,
    zone: str,
    language: str,
    names: Mapping[str, str] = NOTHING,
    links: Mapping[str, str] = NOTHING,
    shared: bool = False,
    first: bool = False,
    now: datetime | None = None,
) -> str:
    """The body of one message, in the reader's language and zone.

    `names` and `links` are those of `Voice`; `shared` labels the parts on a phone of two people; `first` adds what the first
    text to a contact must say; `now` is when it goes. Raises ValueError without pieces and KeyError for an unknown kind.
    """
    if not pieces:
        raise ValueError("a message needs at least one piece")
    if unknown := {piece.kind for piece in pieces} - KNOWN:
        raise KeyError(f"no text for {', '.join(sorted(unknown))}")
    voice = Voice(clinic, zone, spoken(language), names, links, labels=shared, now=now)
    heard = [part for part in Part if any(piece.part is part for piece in pieces)]
    sections = [_section(voice.to(part), [piece for piece in pieces if piece.part is part]) for part in heard]
    words = [voice.clause("opening"), "\n".join(sections), _zone_note(voice, pieces)]
    if first:
        words.append(voice.phrase("first"))
    return plain(one_full_stop(" ".join(filter(None, words))))


def _section(voice: Voice, pieces: Sequence[Piece]) -> str:
    said = notices(voice, pieces) + visits_ahead(voice, pieces)
    label = [voice.clause(f"for.{voice.part}")] if voice.labels else []
    reply = [voice.phrase("reply" if said.asked == 1 else "reply.all")] if said.asked else []
    first, last = tellings(voice, pieces, FIRST), tellings(voice, _unsaid(pieces), LAST)
    return " ".join([*label, *first, *said.sentences, *reply, *last])


def _unsaid(pieces: Sequence[Piece]) -> list[Piece]:
    """Without the reminders of a follow-up whose time a notice in this text already says."""
    said = {line["starts_at"] for piece in pieces if piece.kind in news.KINDS for line in piece.fills["lines"]}
    return [each for each in pieces if each.kind != "integration_remind" or each.fills["starts_at"] not in said]


def _zone_note(voice: Voice, pieces: Sequence[Piece]) -> str:
    """Which clock is meant, for someone whose clock is not the clinic's."""
    moments = [voice.moment(value) for piece in pieces for value in _values(piece.fills) if is_instant(value)]
    far = [moment for moment in moments if moment.differs_from(voice.clinic.zone)]
    return voice.phrase("times_are", zone=far[0].zone_name) if far else ""


def _values(fills: Any) -> Iterator[Any]:
    if isinstance(fills, Mapping):
        fills = fills.values()
    if isinstance(fills, str) or not isinstance(fills, Iterable):
        yield fills
        return
    for value in fills:
        yield from _values(value)
