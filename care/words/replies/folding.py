"""How is a text made comparable? Lower case, no accents, no punctuation, no apostrophes, no drawn-out letters."""

import re
import unicodedata

_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_SIGNATURE = re.compile(r" ?\b(?:sent from my|enviado desde mi|get outlook for)\b.*$")
_COURTESY = re.compile(
    r"\b(?:thank you(?: (?:so|very) much)?|thanks(?: (?:a lot|so much))?|thx|tysm|ty|please|pls|plz|pleas|muchas gracias"
    r"|gracias|grax|por favor|porfa|porfavor|xfa|good (?:morning|afternoon|evening)|hi|hello|hey|hola|buen(?:os)? dias?"
    r"|buenas (?:tardes|noches)|buenas|sir|maam|doctor|doctora)\b"
)


def listed(words: str) -> frozenset[str]:
    """The words of a list written as one text."""
    return frozenset(words.split())


def folded(body: str) -> str:
    """The words of a text with single spaces, "Ya no, ¡por favor!" as "ya no por favor". Total over all of Unicode."""
    letters = "".join(_plain(character) for character in unicodedata.normalize("NFKD", body.casefold()))
    words = _NOT_WORDS.sub(" ", _DRAWN_OUT.sub(r"\1", letters)).strip()
    return _SIGNATURE.sub("", words).strip()


def without_courtesy(words: str) -> str:
    """The folded text without greetings, please and thanks."""
    return " ".join(_COURTESY.sub(" ", words).split())


def _plain(character: str) -> str:
    """Accents, joiners, key caps and apostrophes vanish; digits of every script become ours."""
    if character in "'\u2019\u2018\u00b4`\u02bc" or unicodedata.category(character) in {"Mn", "Me", "Mc", "Cf"}:
        return ""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
