"""Which kinds of reminder are there? To whom, with which quiet-hours policy, gate, place in the caps and sources of answers."""

from dataclasses import dataclass
from enum import StrEnum

from care.facts import Part
from care.protocol import Gate


class Quiet(StrEnum):
    """Where a text goes that falls into quiet hours: earlier and never later, later when they end, or exempt."""

    EARLIER = "earlier"
    LATER = "later"
    EXEMPT = "exempt"


class Load(StrEnum):
    """What the caps do with a text: `advisory` is held back, all others are counted but never held."""

    ADVISORY = "advisory"
    QUESTION = "question"  # first asks and hard gates; soft repeats are held like advisory ones
    WINDOW = "window"
    CHANGE = "change"
    SAFETY = "safety"
    ANSWER = "answer"  # said back to someone who just wrote to us


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table. `number` is the row's place in the field's list of kinds; None for what we say back."""

    name: str
    number: int | None
    to: frozenset[Part]
    quiet: Quiet
    gate: Gate
    load: Load


PATIENT = frozenset({Part.PATIENT})
SUPPORT = frozenset({Part.SUPPORT})
BOTH = PATIENT | SUPPORT

_TABLE = (
    Kind("booked_notice", 1, BOTH, Quiet.LATER, Gate.ADVISORY, Load.CHANGE),
    Kind("session_confirm", 2, PATIENT, Quiet.EARLIER, Gate.SOFT, Load.QUESTION),
    Kind("prep_bundle", 3, PATIENT, Quiet.EARLIER, Gate.ADVISORY, Load.WINDOW),
    Kind("alcohol_window", 4, PATIENT, Quiet.EARLIER, Gate.ADVISORY, Load.WINDOW),
    Kind("solids_stop", 7, PATIENT, Quiet.EARLIER, Gate.ADVISORY, Load.WINDOW),
    Kind("liquids_stop", 8, PATIENT, Quiet.EARLIER, Gate.ADVISORY, Load.WINDOW),
    Kind("transport_confirm", 9, PATIENT, Quiet.EARLIER, Gate.HARD, Load.QUESTION),
    Kind("support_invite", 10, BOTH, Quiet.LATER, Gate.SOFT, Load.QUESTION),
    Kind("support_confirm", 11, BOTH, Quiet.EARLIER, Gate.HARD, Load.QUESTION),
    Kind("support_present", 12, SUPPORT, Quiet.EXEMPT, Gate.HARD, Load.QUESTION),
    Kind("arrival", 15, PATIENT, Quiet.EARLIER, Gate.ADVISORY, Load.ADVISORY),
    Kind("post_rules", 18, BOTH, Quiet.EXEMPT, Gate.ADVISORY, Load.SAFETY),
    Kind("safety_check", 20, PATIENT, Quiet.LATER, Gate.SOFT, Load.SAFETY),
    Kind("integration_book", 21, PATIENT, Quiet.LATER, Gate.SOFT, Load.QUESTION),
    Kind("integration_remind", 22, PATIENT, Quiet.EARLIER, Gate.ADVISORY, Load.ADVISORY),
    Kind("change_notice", 25, BOTH, Quiet.LATER, Gate.ADVISORY, Load.CHANGE),
    Kind("cancel_notice", 25, BOTH, Quiet.LATER, Gate.ADVISORY, Load.CHANGE),
    # What is said back at once to someone who wrote or asked.
    Kind("crisis_text", None, BOTH, Quiet.EXEMPT, Gate.ADVISORY, Load.SAFETY),
    Kind("help_text", None, BOTH, Quiet.EXEMPT, Gate.ADVISORY, Load.ANSWER),
    Kind("opted_in_text", None, BOTH, Quiet.EXEMPT, Gate.ADVISORY, Load.ANSWER),
    Kind("moved_answer", None, BOTH, Quiet.EXEMPT, Gate.ADVISORY, Load.ANSWER),
    Kind("unclear_answer", None, BOTH, Quiet.EXEMPT, Gate.ADVISORY, Load.ANSWER),
    Kind("thanks_answer", None, BOTH, Quiet.EXEMPT, Gate.ADVISORY, Load.ANSWER),
    Kind("call_answer", None, BOTH, Quiet.EXEMPT, Gate.ADVISORY, Load.ANSWER),
    Kind("login_code", None, BOTH, Quiet.EXEMPT, Gate.ADVISORY, Load.ANSWER),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _TABLE}
