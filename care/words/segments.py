"""How many segments does a text take on the air? Exact for GSM-7 and UCS-2 (3GPP TS 23.038 and 23.040)."""

from collections.abc import Iterable
from dataclasses import dataclass

GSM_7 = "GSM-7"
UCS_2 = "UCS-2"

ALONE = {GSM_7: 160, UCS_2: 70}  # units in a text of one segment
JOINED = {GSM_7: 153, UCS_2: 67}  # units in each segment of a longer one: the header takes the rest

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # two septets each: an escape and the character

_PLAIN = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "\u00b4": "'", "\u02bc": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"', "\u2033": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\u2026": "...", "\u2022": "-", "\u00b7": "-",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\t": " ",
        "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segments:
    """`units` are septets in GSM-7 and UTF-16 code units in UCS-2."""

    encoding: str
    count: int
    units: int


def segments(text: str) -> Segments:
    """Count as a phone network does. An escape pair and a surrogate pair never straddle two segments."""
    encoding = GSM_7 if not outside_gsm_7(text) else UCS_2
    sizes = _septets(text) if encoding == GSM_7 else _utf_16_units(text)
    units = sum(sizes)
    if units <= ALONE[encoding]:
        return Segments(encoding, 1 if text else 0, units)
    return Segments(encoding, _filled(sizes, JOINED[encoding]), units)


def outside_gsm_7(text: str) -> list[str]:
    """The characters that make a text UCS-2, each once, in order."""
    return list(dict.fromkeys(character for character in text if character not in BASIC | EXTENSION))


def plain(text: str) -> str:
    """The same text with typographic quotes, dashes and spaces as their GSM-7 look-alikes; letters stay as they are."""
    return text.translate(_PLAIN)


def _septets(text: str) -> list[int]:
    return [2 if character in EXTENSION else 1 for character in text]


def _utf_16_units(text: str) -> list[int]:
    return [2 if ord(character) > 0xFFFF else 1 for character in text]


def _filled(sizes: Iterable[int], room: int) -> int:
    count, used = 1, 0
    for size in sizes:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return count
