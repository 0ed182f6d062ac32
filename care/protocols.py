"""How does a protocol get from its file, or a clinic's differences, to a value that every rule can trust?

A protocol's document is nested tables whose leaves are `{value, source}`. Everything wrong is named at once.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from care.protocol import (
    BloodPressure,
    Driving,
    Integration,
    Measure,
    Need,
    Phase,
    Preparation,
    Protocol,
    Spacing,
    Visit,
)
from care.protocol_checks import contradictions
from care.protocol_fields import DERIVED, FIELDS, NAMED, VISITS, pattern

CLINIC_DEFAULT = "clinic default"
HEAD = ("name", "version", "title")

Document = Mapping[str, Any]
Leaves = dict[str, Any]  # field path -> value
Wrong = dict[str, str]  # field path -> what would be right


class ProtocolError(ValueError):
    """A protocol that cannot be followed. `fields` maps every bad field's path to what would be right."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__("; ".join(f"{field}: {wrong}" for field, wrong in sorted(fields.items())))


@cache
def shipped() -> dict[str, Protocol]:
    """The protocols that come with Steadfast, by name."""
    folder = files("care") / "shipped"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    protocols = [parse((folder / name).read_text("utf-8")) for name in names]
    return {protocol.name: protocol for protocol in protocols}


def load(name: str) -> Protocol:
    """A shipped protocol by its name; KeyError when there is none."""
    return shipped()[name]


def parse(text: str) -> Protocol:
    """A protocol from TOML. Raises `ProtocolError` with every bad field."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError({"file": f"is not TOML: {error}"}) from error
    return from_json(document)


def resolve(base: Protocol, differences: Mapping[str, Any]) -> Protocol:
    """`base` with a clinic's differences laid over it: nested like the document; a bare value is a clinic default."""
    return from_json(_overlay(as_json(base), differences))


def as_json(protocol: Protocol) -> dict[str, Any]:
    """The whole document, leaves with their sources, as JSON values; `from_json` gives the same protocol back."""
    document: dict[str, Any] = {"name": protocol.name, "version": protocol.version, "title": dict(protocol.title)}
    for path, source in protocol.sources.items():
        table = document
        *tables, leaf = path.split(".")
        for name in tables:
            table = table.setdefault(name, {})
        table[leaf] = {"value": _plain(_at(protocol, path)), "source": source}
    return document


def from_json(document: Document) -> Protocol:
    """A protocol from its document. Raises `ProtocolError` with every bad field."""
    wrong = _wrong_head(document)
    raw, sources = _leaves(document, wrong)
    wrong |= _missing(raw)
    values = _read(raw, wrong)
    if wrong:
        raise ProtocolError(wrong)
    protocol = _protocol(document, values, sources)
    if against := contradictions(protocol):
        raise ProtocolError(against)
    return protocol


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
    return table == "visits" and rest.split(".")[0] not in VISITS


def _missing(raw: Leaves) -> Wrong:
    """Every field that a protocol must say and this one does not, in each of its phases, measures and visits."""
    names = {table: _names(raw, table) for table in NAMED} | {"visits": list(VISITS)}
    wanted = [path for field in FIELDS for path in _every(field, names)]
    lacking = [path for path in wanted if path not in raw and path not in DERIVED]
    return dict.fromkeys(lacking, "is missing") | ({} if names["phases"] else {"phases": "must have at least one"})


def _every(field: str, names: Mapping[str, list[str]]) -> list[str]:
    if "*" not in field:
        return [field]
    return [field.replace("*", name) for name in names[field.split(".", maxsplit=1)[0]]]


def _names(paths: Mapping[str, Any], table: str) -> list[str]:
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


def _protocol(document: Document, values: Leaves, sources: Mapping[str, str]) -> Protocol:
    values = values | {"visits.dosing.minutes": values["dose_block_minutes"] + values["observation_minutes"]}
    return Protocol(
        name=document["name"],
        version=document["version"],
        title=dict(document["title"]),
        phases=tuple(Phase(name=name, **_table(values, f"phases.{name}")) for name in _names(values, "phases")),
        spacing=Spacing(**_table(values, "spacing")),
        preparation=Preparation(**_table(values, "preparation")),
        driving=Driving(**_table(values, "driving")),
        blood_pressure=BloodPressure(**_table(values, "blood_pressure")),
        integration=Integration(**_table(values, "integration")),
        measures=tuple(Measure(name=name, **_table(values, f"measures.{name}")) for name in _names(values, "measures")),
        visits={name: Visit(**_table(values, f"visits.{name}")) for name in VISITS},
        sources=dict(sources),
        **{path: value for path, value in values.items() if "." not in path},
    )


def _table(values: Leaves, table: str) -> dict[str, Any]:
    return {path.rpartition(".")[2]: value for path, value in values.items() if path.rpartition(".")[0] == table}


def _overlay(base: Mapping[str, Any], differences: Mapping[str, Any]) -> dict[str, Any]:
    laid = dict(base)
    for name, difference in differences.items():
        laid[name] = _laid(laid.get(name), difference, name)
    return laid


def _laid(base: Any, difference: Any, name: str) -> Any:
    if name in HEAD:
        return difference
    if isinstance(base, Mapping) and "value" in base:
        stated = difference if isinstance(difference, Mapping) else {"value": difference}
        return {"source": CLINIC_DEFAULT, **stated}
    if isinstance(difference, Mapping) and "value" not in difference:
        return _overlay(base if isinstance(base, Mapping) else {}, difference)
    return difference


def _at(protocol: Protocol, path: str) -> Any:
    here: Any = protocol
    for name in path.split("."):
        here = _step(here, name)
    return here


def _step(here: Any, name: str) -> Any:
    if isinstance(here, tuple):
        return next(one for one in here if one.name == name)
    return here[name] if isinstance(here, Mapping) else getattr(here, name)


def _plain(value: Any) -> Any:
    if isinstance(value, Need):
        until = "end" if value.until_minutes is None else value.until_minutes
        return {"kind": value.kind, "from": value.from_minutes, "until": until}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
