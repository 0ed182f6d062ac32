"""What exactly did the request say? Strict JSON, known query names, and every wrong field named at once."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Request
from marshmallow import RAISE, Schema, ValidationError
from webargs import missing
from webargs.flaskparser import FlaskParser

from api.contract.problems import INVALID, UNREADABLE, WRONG_MEDIA, Problem


class Reader(FlaskParser):
    """The parser of every route: nothing unknown, nothing twice, nothing that JSON does not have."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "json": None}  # noqa: RUF012

    def load_json(self, req: Request, schema: Schema) -> Any:
        if req.mimetype != "application/json":
            if req.mimetype or req.get_data(cache=True):
                raise Problem(
                    WRONG_MEDIA, f"The body must be application/json, not {req.mimetype or 'without a type'}."
                )
            return missing
        return strict_json(req.get_data(cache=True))

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        twice = [name for name, given in req.args.lists() if len(given) > 1]
        if twice:
            fields = [_wrong("query", name, "Given twice.") for name in twice]
            raise Problem(INVALID, "A query names each value once.", fields=fields)
        return super().load_querystring(req, schema)


def refuse_fields(invalid: ValidationError, *_: Any, **__: Any) -> NoReturn:
    """Every wrong field at once."""
    wrong = [_wrong(where, field, say) for where, field, say in _flat(invalid.messages)]
    raise Problem(INVALID, "; ".join(f"{each['field']}: {each['say']}" for each in wrong), fields=wrong) from invalid


READER = Reader(error_handler=refuse_fields)


def strict_json(body: bytes) -> Any:
    """The body's value. Refuses names given twice, NaN, lone surrogates, and what nests too deep."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as broken:
        raise Problem(UNREADABLE, f"The body is not JSON that we can read: {_why(broken)}.") from broken
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a name is given twice")
    return named


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _why(broken: Exception) -> str:
    if isinstance(broken, UnicodeError):
        return "it is not UTF-8 text"
    if isinstance(broken, RecursionError):
        return "it nests too deep"
    return str(broken)


def _flat(messages: Any) -> Iterator[tuple[str, str, str]]:
    for where, inside in messages.items():
        for path, say in _leaves(inside, ()):
            yield where, ".".join(path) or "body", say


def _leaves(inside: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(inside, Mapping):
        for name, deeper in inside.items():
            yield from _leaves(deeper, path if name == "_schema" else (*path, str(name)))
    else:
        for say in inside if isinstance(inside, list) else [inside]:
            yield path, str(say)


def _wrong(where: str, field: str, say: str) -> dict[str, str]:
    return {"where": where, "field": field, "say": say}
