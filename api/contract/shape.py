"""What do all shapes have in common? What comes in is strict, what goes out is complete."""

from typing import Any

from marshmallow import RAISE, Schema, fields


class Given(Schema):
    """What comes in: a field that we do not know is refused, not ignored."""

    class Meta:
        unknown = RAISE


class Shown(Schema):
    """What goes out: every field is always there, empty ones as null."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = True


def example_of(schema: Schema, *, incoming: bool) -> dict[str, Any]:
    """One example made of the fields' own; a field without one is left out of what comes in."""
    made = {}
    for name, field in schema.fields.items():
        shown = _example(field, incoming=incoming)
        if shown is not None or (not incoming and field.allow_none):
            made[field.data_key or name] = shown
    return made


def _example(field: fields.Field[Any], *, incoming: bool) -> Any:
    if "example" in field.metadata:
        return field.metadata["example"]
    if isinstance(field, fields.Nested):
        inside = example_of(field.schema, incoming=incoming)
        return [inside] if field.many else inside
    if isinstance(field, fields.List):
        inner = _example(field.inner, incoming=incoming)
        return [] if inner is None else [inner]
    return {} if isinstance(field, fields.Dict) else None
