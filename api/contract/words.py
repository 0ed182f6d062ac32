"""How does the document name a list of words? Once each: what is known so far, and that more may come.

A client generated from it gets an enumeration that it can switch over, and still reads words that did not exist when it was made.
"""

from enum import StrEnum
from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

KNOWN = "Known"

# What is called otherwise over the wire than among ourselves; all other lists go by their own name.
NAMES = {
    "Code": "RefusalCode",
    "How": "AnswerHow",
    "Outcome": "ReminderOutcome",
    "Part": "PersonPart",
    "Role": "StaffRole",
    "Scope": "ChangeScope",
    "Stage": "ReminderStage",
    "State": "StepState",
    "Status": "SessionStatus",
    "Step": "StepName",
    "Thing": "ThingKind",
    "Value": "AnswerValue",
    "Verdict": "ReadinessVerdict",
}


def name_of(words: object) -> str | None:
    """The list's name in the document; None for one without a name, which is written out where it stands."""
    if isinstance(words, type) and issubclass(words, StrEnum):
        return NAMES.get(words.__name__, words.__name__)
    return None


def word2ref(self: OpenAPIConverter, field: fields.Field[Any], ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A word of a named list as a reference to it. `ret` is what is known of the property so far."""
    name, listed = getattr(field, "list_name", None), getattr(field, "listed", [])
    if name is None:
        return {}
    may_grow = getattr(field, "may_grow", False)
    _name(self.spec.components, name, listed, may_grow=may_grow)
    known = {"$ref": f"#/components/schemas/{name if may_grow else KNOWN + name}"}
    for replaced in ("type", "enum", "x-extensible-enum"):
        ret.pop(replaced, None)
    return {"anyOf": [known, {"type": "null"}]} if field.allow_none else known


def _name(components: Any, name: str, listed: list[str], *, may_grow: bool) -> None:
    known = KNOWN + name
    if known not in components.schemas:
        components.schema(known, {"type": "string", "enum": listed, "description": "The words known so far."})
    if may_grow and name not in components.schemas:
        components.schema(
            name,
            {
                "anyOf": [{"$ref": f"#/components/schemas/{known}"}, {"type": "string"}],
                "x-extensible-enum": listed,
                "description": "One of the known words, or one that came later: treat that as you would an unknown one.",
            },
        )
