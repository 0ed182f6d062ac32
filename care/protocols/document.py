"""What does a protocol's document say, and what in it is not as it should be?

A document is nested tables whose leaves are `{value, source}`, below a head of its name, version and title.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from care.protocols.fields import DERIVED, FIELDS, FIXED, NAMED, pattern

CLINIC_DEFAULT = "clinic default"
HEAD = ("name", "version", "title", "phase_order")

Document = Mapping[str, Any]
Leaves = dict[str, Any]  # field path -> value
Wrong = dict[str, str]  # field path -> what would be right


class ProtocolError(ValueError):
    """A protocol that cannot be followed. `fields` maps every bad field's path to what would be right."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__("; ".join(f"{field}: {wrong}" for field, wrong in sorted(fields.items())))


def read(document: Document) -> tuple[Leaves, dict[str, str]]:
    """The value and the source of every field. Raises `ProtocolError` with all that is missing, unknown or out of range."""
    wrong = _wrong_head(document)
    raw, sources = _leaves(document, wrong)
    wrong |= _missing(raw) | _wrong_order(document, raw)
    values = _read(raw, wrong)
    if wrong:
        raise ProtocolError(wrong)
    return values, sources


def phases_of(document: Document, values: Leaves) -> list[str]:
    """The names in their order: as stated, and what is not stated after that as the document has it."""
    return list(dict.fromkeys([*document.get("phase_order", []), *named_in(values, "phases")]))


def _wrong_head(document: Document) -> Wrong:
    right = {
        "name": isinstance(document.get("name"), str) and str(document["name"]).isidentifier(),
        "version": type(document.get("version")) is int and document["version"] >= 1,
        "title": _is_title(document.get("title")),
    }
    says = {
        "name": "must be a word of letters, digits and underscores",
        "version": "must be a whole number from 1",
        "title": "must have words in en and es",
    }
    return {field: says[field] for field, fine in right.items() if not fine}


def _wrong_order(document: Document, raw: Leaves) -> Wrong:
    order = document.get("phase_order", [])
    if isinstance(order, list) and all(name in named_in(raw, "phases") for name in order):
        return {}
    return {"phase_order": "must be a list of names of phases"}


def _is_title(title: Any) -> bool:
    return (
        isinstance(title, Mapping)
        and {"en", "es"} <= set(title)
        and all(isinstance(t, str) and t for t in title.values())
    )


def _leaves(document: Document, wrong: Wrong) -> tuple[Leaves, dict[str, str]]:
    """Raw values and sources of every known field; what is not a field, or names no source, is noted as wrong."""
    raw: Leaves = {}
    sources: dict[str, str] = {}
    body = {name: table for name, table in document.items() if name not in HEAD}
    for path, leaf in _walk(body, ""):
        if pattern(path) not in FIELDS or path in DERIVED or _misnamed(path):
            wrong[path] = "is not a field of a protocol"
        elif not isinstance(leaf, Mapping) or set(leaf) != {"value", "source"}:
            wrong[path] = "must have a value and a source, and nothing else"
        elif not isinstance(leaf["source"], str) or not leaf["source"].strip():
            wrong[path] = f'must name its source, or the words "{CLINIC_DEFAULT}"'
        else:
            raw[path], sources[path] = leaf["value"], leaf["source"]
    return raw, sources


def _walk(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, inner in table.items():
        path = f"{prefix}{name}"
        if isinstance(inner, Mapping) and "value" not in inner and pattern(path) not in FIELDS:
            yield from _walk(inner, f"{path}.")
        else:
            yield path, inner


def _misnamed(path: str) -> bool:
    table, _, rest = path.partition(".")
    return table in FIXED and rest.split(".")[0] not in FIXED[table]


def _missing(raw: Leaves) -> Wrong:
    """Every field that a protocol must say and this one does not, in each of its phases, measures and visits."""
    names = {table: named_in(raw, table) for table in NAMED} | FIXED
    wanted = [path for field in FIELDS for path in _every(field, names)]
    lacking = [path for path in wanted if path not in raw and path not in DERIVED]
    return dict.fromkeys(lacking, "is missing") | ({} if names["phases"] else {"phases": "must have at least one"})


def _every(field: str, names: Mapping[str, Iterable[str]]) -> list[str]:
    if "*" not in field:
        return [field]
    return [field.replace("*", name) for name in names[field.split(".", maxsplit=1)[0]]]


def named_in(paths: Mapping[str, Any], table: str) -> list[str]:
    """The names used in a table, in the order of the document."""
    return list(dict.fromkeys(path.split(".")[1] for path in paths if path.startswith(f"{table}.")))


def _read(raw: Leaves, wrong: Wrong) -> Leaves:
    values: Leaves = {}
    for path, value in raw.items():
        try:
            values[path] = FIELDS[pattern(path)](value)
        except ValueError as error:
            wrong[path] = str(error)
    return values
