"""What does the OpenAPI document say of each operation? What its decorators do, so that the two cannot drift apart."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from functools import wraps
from http import HTTPStatus
from typing import Any

from care.refusals import Code

View = Callable[..., Any]
IDEMPOTENCY_KEY = "IDEMPOTENCY_KEY"
IF_MATCH = "IF_MATCH_EDITION"


def noted(
    view: View, *, says: Iterable[int] = (), parameters: Iterable[str] = (), more: Mapping[str, Any] | None = None
) -> View:
    """Add to what is documented of a view: statuses it may answer, parameters by name, and other members."""
    kept = deepcopy(getattr(view, "_apidoc", {}))
    manners = kept.setdefault("manners", {"says": [], "parameters": [], "more": {}})
    manners["says"] += list(says)
    manners["parameters"] += list(parameters)
    manners["more"] |= more or {}
    view._apidoc = kept  # type: ignore[attr-defined]  # noqa: SLF001  where flask-smorest keeps it
    return view


def says(*statuses: int) -> Callable[[View], View]:
    """The operation may also answer with these."""

    def mark(view: View) -> View:
        return noted(view, says=statuses)

    return mark


def may_refuse(*codes: Code) -> Callable[[View], View]:
    """The rules may say no to this operation, with these reasons among others."""

    def mark(view: View) -> View:
        @wraps(view)
        def refusing(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        return noted(refusing, says=[409], more={"x-refusals": [code.value for code in codes]})

    return mark


def add_manners(operation: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    """The operation with what `noted` collected."""
    manners = about.get("manners", {"says": [], "parameters": [], "more": {}})
    responses = operation.setdefault("responses", {})
    body = operation.get("requestBody", {})
    says = {*manners["says"], 500, 503, *({400, 413, 415} if body else ())}
    for status in sorted(says):
        responses.setdefault(status, HTTPStatus(status).name)
    operation["responses"] = dict(sorted(responses.items(), key=_status))
    if manners["parameters"]:
        operation.setdefault("parameters", []).extend(manners["parameters"])
    operation.update(deepcopy(manners["more"]))
    return operation


def _status(answer: tuple[Any, Any]) -> str:
    return str(answer[0])


def camel(name: str) -> str:
    """`book_session` as an operation's id: `bookSession`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
