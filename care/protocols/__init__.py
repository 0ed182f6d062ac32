"""How does a protocol get from its file, or a clinic's differences, to a value that every rule can trust?

A protocol's document is nested tables whose leaves are `{value, source}`. Everything wrong is named at once.
"""

import tomllib
from collections.abc import Mapping
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
    Preceding,
    Preparation,
    Protocol,
    Spacing,
    Visit,
)
from care.protocols.checks import contradictions
from care.protocols.differences import overlay
from care.protocols.document import Document, Leaves, ProtocolError, named_in, phases_of, read
from care.protocols.fields import PRECEDING, VISITS

__all__ = ["ProtocolError", "as_json", "from_json", "load", "parse", "resolve", "shipped"]


@cache
def shipped() -> dict[str, Protocol]:
    """The protocols that come with Steadfast, by name."""
    folder = files("care.protocols") / "templates"
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
    """`base` with a clinic's differences laid over it: nested like the document; a bare value is a clinic default.

    None in the place of a whole phase or measure takes it away. Raises `ProtocolError` with every bad field.
    """
    return from_json(overlay(as_json(base), differences))


def as_json(protocol: Protocol) -> dict[str, Any]:
    """The whole document, leaves with their sources, as JSON values; `from_json` gives the same protocol back."""
    document: dict[str, Any] = {
        "name": protocol.name,
        "version": protocol.version,
        "title": dict(protocol.title),
        "phase_order": [phase.name for phase in protocol.phases],  # a database may sort the keys of an object
    }
    for path, source in protocol.sources.items():
        table = document
        *tables, leaf = path.split(".")
        for name in tables:
            table = table.setdefault(name, {})
        table[leaf] = {"value": _plain(_at(protocol, path)), "source": source}
    return document


def from_json(document: Document) -> Protocol:
    """A protocol from its document. Raises `ProtocolError` with every bad field."""
    values, sources = read(document)
    protocol = _protocol(document, values, sources)
    if against := contradictions(protocol):
        raise ProtocolError(against)
    return protocol


def _protocol(document: Document, values: Leaves, sources: Mapping[str, str]) -> Protocol:
    values = values | {"visits.dosing.minutes": values["dose_block_minutes"] + values["observation_minutes"]}
    return Protocol(
        name=document["name"],
        version=document["version"],
        title=dict(document["title"]),
        phases=tuple(Phase(name=name, **_table(values, f"phases.{name}")) for name in phases_of(document, values)),
        spacing=Spacing(**_table(values, "spacing")),
        preparation=Preparation(**_table(values, "preparation")),
        driving=Driving(**_table(values, "driving")),
        blood_pressure=BloodPressure(**_table(values, "blood_pressure")),
        integration=Integration(**_table(values, "integration")),
        measures=tuple(
            Measure(name=name, **_table(values, f"measures.{name}")) for name in sorted(named_in(values, "measures"))
        ),
        visits={name: Visit(**_table(values, f"visits.{name}")) for name in VISITS},
        preceding={name: Preceding(**_table(values, f"preceding.{name}")) for name in PRECEDING},
        sources=dict(sources),
        **{path: value for path, value in values.items() if "." not in path},
    )


def _table(values: Leaves, table: str) -> dict[str, Any]:
    return {path.rpartition(".")[2]: value for path, value in values.items() if path.rpartition(".")[0] == table}


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
    if isinstance(value, Mapping):
        return dict(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
