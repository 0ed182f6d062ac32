"""In what do two protocols differ? Field by field, with what is said of each number's source."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from care.protocol import Protocol
from care.protocols import as_json

HEAD = ("title", "phase_order")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is another. None as `before` or `after`: the field is not there. `source` is that of what holds now."""

    path: str
    before: Any
    after: Any
    source: str | None


def differences(before: Protocol, after: Protocol) -> tuple[Difference, ...]:
    """Every field that differs in its value or its source, in the order of their paths."""
    was, now = _leaves(before), _leaves(after)
    paths = sorted(path for path in was.keys() | now.keys() if was.get(path) != now.get(path))
    return tuple(_difference(path, was.get(path), now.get(path)) for path in paths)


def _difference(path: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Difference:
    return Difference(
        path, was["value"] if was else None, now["value"] if now else None, now["source"] if now else None
    )


def _leaves(protocol: Protocol) -> dict[str, dict[str, Any]]:
    document = as_json(protocol)
    head = {name: {"value": document[name], "source": None} for name in HEAD}
    return head | dict(_walk({name: table for name, table in document.items() if name in _tables(protocol)}, ""))


def _tables(protocol: Protocol) -> set[str]:
    return {path.split(".")[0] for path in protocol.sources}


def _walk(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in table.items():
        if set(inner) == {"value", "source"}:
            yield f"{prefix}{name}", inner
        else:
            yield from _walk(inner, f"{prefix}{name}.")
