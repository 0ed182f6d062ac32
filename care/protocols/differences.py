"""What does a clinic's protocol say otherwise than the one it is based on?

Differences are nested like a document; a leaf is `{value, source}` or a bare value, which is a clinic default.
"""

from collections.abc import Mapping
from typing import Any

from care.protocols.document import CLINIC_DEFAULT, HEAD, Document
from care.protocols.fields import FIELDS, FIXED, NAMED, pattern

Differences = Mapping[str, Any]


def overlay(base: Document, differences: Differences) -> dict[str, Any]:
    """The document that says what `base` says wherever the differences say nothing."""
    laid = _laid_over(base, differences, "")
    phases = laid.get("phases")
    if "phase_order" in laid and "phase_order" not in differences and isinstance(phases, Mapping):
        laid["phase_order"] = [name for name in laid["phase_order"] if name in phases]
    return laid


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
