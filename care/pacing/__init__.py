"""Of what is due for one contact, what goes now, in which texts, and what waits, lapses or becomes a call?

Decided when a text is claimed, and by the dry run in the same way.
"""

from care.pacing.caps import in_induction
from care.pacing.deciding import pace
from care.pacing.serial import ambiguous_digit, takeover_until
from care.pacing.values import TOGETHER, Bundle, ContactState, Fate, OpenQuestion, Pace, Stay, Waiting
from care.pacing.waking import lapses_at

__all__ = [
    "TOGETHER",
    "Bundle",
    "ContactState",
    "Fate",
    "OpenQuestion",
    "Pace",
    "Stay",
    "Waiting",
    "ambiguous_digit",
    "in_induction",
    "lapses_at",
    "pace",
    "takeover_until",
]
