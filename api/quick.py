"""How are rows told that are asked for often? Read as columns and written as JSON at once, beside the documented shape.

`./run bench lists` measures it beside row objects and marshmallow. A test holds both ways equal.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from flask import Response
from marshmallow import Schema, fields
from sqlalchemy import ColumnElement, Row, Select

from api.contract.fields import At
from api.contract.voice import told

ENCODER = msgspec.json.Encoder()


def columns_of(shape: type[Schema], table: Any) -> list[ColumnElement[Any]]:
    """The columns that a shape shows; every field of it has one."""
    return [getattr(table, name) for name in fields_of(shape)]


def shown(shape: type[Schema], row: Row[Any]) -> dict[str, Any]:
    """One row as its shape would dump it."""
    times = times_of(shape)
    return {name: _said(value) if name in times else value for name, value in zip(fields_of(shape), row, strict=True)}


def answer_of(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The body as JSON: ids and dates are written as text, times were told before."""
    return Response(ENCODER.encode(body), mimetype="application/json", headers=dict(headers or {}))


def only(rows: Select[Any], shape: type[Schema], table: Any) -> Select[Any]:
    """The same rows, read as the shape's columns alone."""
    return rows.with_only_columns(*columns_of(shape, table), maintain_column_froms=True)


def _said(at: datetime | None) -> dict[str, str] | None:
    return None if at is None else told(at)


@cache
def fields_of(shape: type[Schema]) -> tuple[str, ...]:
    return tuple(_declared(shape))


@cache
def times_of(shape: type[Schema]) -> frozenset[str]:
    return frozenset(name for name, field in _declared(shape).items() if isinstance(field, At))


_declared: Callable[[type[Schema]], dict[str, fields.Field[Any]]] = cache(lambda shape: dict(shape().fields))
