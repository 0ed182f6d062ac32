"""How do staff pages say the numbers of protocols, and what a change of rules brings?"""

from collections.abc import Mapping
from typing import Any

SIDE = {
    "more": "more, not less",
    "less": "less, not more",
    "either": "more or less",
    "harder": "stricter, not milder",
    "never": "taken back, not allowed",
}

DONE = {
    "version": "The new version is there. Running courses stay with theirs until a clinician adopts it for them.",
    "adopted": "The course goes on under the new rules. Whoever is told something else now hears it.",
    "declined": "Declined. The course stays with its rules, and its doses are no longer stopped by it.",
    "overridden": "This number is another one for this course now.",
    "ended": "The protocol's own number holds again.",
}


def value_words(value: Any) -> str:
    """A field's value as one reads it; None: it is not there."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return _mapped(value)
    if isinstance(value, list | tuple):
        return ", ".join(value_words(each) for each in value) or "none"
    return str(value)


def _mapped(value: Mapping[str, Any]) -> str:
    if {"kind", "from", "until"} <= set(value):
        return f"{value['kind']} from minute {value['from']} to {value['until']}"
    return str(value.get("en") or "none")
