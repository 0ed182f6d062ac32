"""How far has a text got, and what does a provider's code mean for us?

The network's words are merged by rank, never by the order of their arrival. The codes are those of Twilio's error
dictionary (https://www.twilio.com/docs/api/errors); Twilio adds new ones without notice, so every lookup has a default.
"""

from enum import StrEnum


class Trouble(StrEnum):
    """What a provider's code asks us to do."""

    OPTED_OUT = "opted_out"  # the person wants no texts: so recorded, and a person hears of it
    NUMBER = "number"  # nothing can be texted to this number
    REFUSED = "refused"  # this text does not get through; the number may still be good
    LATER = "later"  # nothing is wrong with the text: it may go later
    OPERATOR = "operator"  # the account or its numbers: no text of this sender gets out until a person has looked
    OURS = "ours"  # a fault in what we asked for
    UNKNOWN = "unknown"


INVALID, LANDLINE, GONE = "invalid_number", "landline", "number_gone"

NUMBER_CODES = {
    21211: INVALID,
    21214: INVALID,
    21217: INVALID,
    21614: LANDLINE,
    21635: LANDLINE,
    30006: LANDLINE,
    30005: GONE,
}

CODES: dict[int, Trouble] = {
    21610: Trouble.OPTED_OUT,
    **dict.fromkeys(NUMBER_CODES, Trouble.NUMBER),
    **dict.fromkeys((21612, 30004, 30007, 30450), Trouble.REFUSED),
    **dict.fromkeys((429, 20429, 21611), Trouble.LATER),
    **dict.fromkeys((30001, 30003, 30008, 30017, 30022, 30023, 30027, 30410, 30500), Trouble.LATER),
    # A proxy on the way answers with the bare HTTP status.
    **dict.fromkeys((401, 403, 404, 407, 10001, 20003, 20005, 20404, 30002), Trouble.OPERATOR),
    **dict.fromkeys((21212, 21601, 21603, 21606, 21701, 21703, 21704, 21705), Trouble.OPERATOR),
    **dict.fromkeys((30024, 30032, 30034), Trouble.OPERATOR),
    **dict.fromkeys((21602, 21604, 21609, 21617, 21618, 21619, 35111, 35114, 35118, 90007), Trouble.OURS),
    # Settings of the account that stop some numbers only: pausing everyone for them would be worse.
    **dict.fromkeys((21408, 21607, 21608), Trouble.OURS),
}

_ON_THE_WAY = ("accepted", "scheduled", "queued", "sending", "sent")
_FINAL = {
    "canceled": "failed",
    "failed": "failed",
    "undelivered": "undelivered",
    "delivered": "delivered",
    "read": "delivered",
}
_STATUSES = (*_ON_THE_WAY, *_FINAL)
_OUTCOMES = ("unconfirmed", "unreported", "failed", "undelivered", "delivered")


def trouble(code: int | None) -> Trouble:
    """What a code asks us to do; `UNKNOWN` for those that nobody has read yet."""
    return CODES.get(code or 0, Trouble.UNKNOWN)


def further(known: str | None, heard: str) -> str | None:
    """The network's furthest word of the two; words that we do not know never replace one that we do."""
    return heard if status_rank(heard) > status_rank(known) else known


def status_rank(status: str | None) -> int:
    return _STATUSES.index(status) if status in _STATUSES else -1


def final(status: str) -> str | None:
    """The outcome that a status means, or None while the text is on its way."""
    return _FINAL.get(status)


def outweighs(outcome: str, code: int | None, known: str | None, known_code: int | None) -> bool:
    """Does what is heard now replace the outcome known so far? A delivery is the last word; order never matters."""
    return (_rank(outcome), code or 0) > (_rank(known), known_code or 0)


def _rank(outcome: str | None) -> int:
    """Outcomes that are not the network's (a message given back, say) are never replaced by its words."""
    if outcome is None:
        return -1
    return _OUTCOMES.index(outcome) if outcome in _OUTCOMES else len(_OUTCOMES)
