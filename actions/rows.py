"""How do many rows go in at once? On PostgreSQL as one document in one statement, on SQLite as one statement over and over.

The document is taken apart there: a VALUES list whose every cell is a parameter, or an array for each column, takes several times
as long to write down here.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Dialect, Table, insert
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from models import db

Row = Mapping[str, Any]


def write_rows(table: type[Any], rows: Sequence[Row]) -> None:
    """Write rows of one table that all name the same columns, none of them bytes; what they leave out has its default."""
    if not rows:
        return
    connection = db.session.connection()
    if connection.dialect.name != "postgresql":
        db.session.execute(insert(table), rows)
        return
    statement, defaults = _statement(table.__table__, tuple(rows[0]), connection.dialect)
    document = json.dumps([{**defaults, **row} for row in rows], default=str)
    connection.exec_driver_sql(statement, (document,))


@lru_cache(maxsize=64)
def _statement(table: Table, given: tuple[str, ...], dialect: Dialect) -> tuple[str, Row]:
    """The statement, and the values of the columns that the rows leave out."""
    defaults = {column.key: _default(column) for column in table.columns if column.key not in given}
    named = {name: value for name, value in defaults.items() if value is not None}
    columns = [column for column in table.columns if column.key in given or column.key in named]
    names = ", ".join(f'"{column.name}"' for column in columns)
    typed = ", ".join(f'"{column.name}" {_type(column, dialect)}' for column in columns)
    statement = f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM json_to_recordset(%s::json) AS one ({typed})'  # noqa: S608  names of our own columns
    return statement, named


def _default(column: Column[Any]) -> Any:
    return column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None


def _type(column: Column[Any], dialect: Dialect) -> str:
    """As the table has it; but text, where varchar(n) would cut what is too long without a word."""
    said = column.type.compile(dialect)
    return "text" if said.startswith("VARCHAR") else said
