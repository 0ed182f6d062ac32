"""What does a clinic's protocol say otherwise than the one it is based on?

Differences are nested like a document; a leaf is `{value, source}` or a bare value, which is a clinic default.
"""

from collections.abc import Mapping
from typing import Any

from care.protocols.document import CLINIC_DEFAULT, HEAD, Document, ProtocolError
from care.protocols.fields import FIELDS, FIXED, NAMED, pattern

Differences = Mapping[str, Any]

DEEPEST = 8  # more than any field of a document needs


def overlay(base: Document, differences: Differences) -> dict[str, Any]:
    """The document that says what `base` says wherever the differences say nothing. Raises `ProtocolError` for odd depths."""
    deep = [name for name, said in differences.items() if not _fits(said, DEEPEST)]
    if deep:
        raise ProtocolError(dict.fromkeys(deep, "is nested too deep"))
    laid = _laid_over(base, differences, "")
    phases = laid.get("phases")
    if "phase_order" in laid and "phase_order" not in differences and isinstance(phases, Mapping):
        laid["phase_order"] = [name for name in laid["phase_order"] if name in phases]
    return laid


def _fits(said: Any, levels: int) -> bool:
    if not isinstance(said, Mapping | list | tuple):
        return True
    inner = said.values() if isinstance(said, Mapping) else said
    return levels > 0 and all(_fits(each, levels - 1) for each in inner)


def _laid_over(base: Mapping[str, Any], differences: Differences, prefix: str) -> dict[str, Any]:
    laid = dict(base)
    for name, said in differences.items():
        path = f"{prefix}{name}"
        if said is None and _may_go(path):
            laid.pop(name, None)
        else:
            laid[name] = _laid(laid.get(name), said, path)
    return laid


def _laid(base: Any, said: Any, path: str) -> Any:
    if path in HEAD:
        return said
    if pattern(path) in FIELDS:
        return {"source": CLINIC_DEFAULT, **(said if _is_leaf(said) else {"value": said})}
    if isinstance(said, Mapping) and not _is_leaf(said):
        return _laid_over(base if isinstance(base, Mapping) else {}, said, f"{path}.")
    return said


def _is_leaf(said: Any) -> bool:
    return isinstance(said, Mapping) and bool(said.keys() & {"value", "source"})


def _may_go(path: str) -> bool:
    """Whole phases and measures are a clinic's to have or not."""
    table, _, name = path.partition(".")
    return table in NAMED and table not in FIXED and bool(name) and "." not in name
