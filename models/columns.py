"""Which kinds of columns and keys do our tables have?

Every row of a clinic has the primary key `(clinic_id, id)`, so that no key can point into another clinic. Foreign keys are
deferred to the commit: rows of one unit of work may be written in any order.
"""

import secrets
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, String, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An instant: aware in, UTC in the table, aware UTC out. Naive times are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its offset; naive times are refused")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON()  # not JSONB: it forgets the order of keys, and the phases of a protocol have one


def uuid7() -> UUID:
    """A time-ordered identifier (RFC 9562, version 7): 48 bits of Unix milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random_bits = secrets.randbits(74)
    high, low = random_bits >> 62, random_bits & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


class Owned:
    """A row of one clinic. Its id is made here, before anything is sealed to it."""

    clinic_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("clinic.id"), primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-1)

    def __init__(self, **values: Any) -> None:
        self.id = values.pop("id", None) or uuid7()
        self.clinic_id = values.pop("clinic_id")
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name}")
            setattr(self, name, value)


def refers(column: str, table: str) -> ForeignKeyConstraint:
    """The foreign key `(clinic_id, column)` to the row of the same clinic in `table`."""
    return ForeignKeyConstraint(
        ["clinic_id", column],
        [f"{table}.clinic_id", f"{table}.id"],
        deferrable=True,
        initially="DEFERRED",
    )


def belongs(here: str, column: str, there: str) -> Any:
    """The row that `here.column` points at. Read-only: verbs write the column, so that a key never moves by a side effect."""
    return relationship(
        there,
        primaryjoin=f"and_(foreign({here}.{column}) == {there}.id, {here}.clinic_id == {there}.clinic_id)",
        viewonly=True,
        uselist=False,
    )


def one_of(column: str, words: type[StrEnum] | Iterable[str], *, nullable: bool = False) -> CheckConstraint:
    """The CHECK that keeps a text column to its words."""
    listed = ", ".join(f"'{word}'" for word in words)
    empty = f"{column} IS NULL OR " if nullable else ""
    return CheckConstraint(f"{empty}{column} IN ({listed})", name=f"{column}_is_known")


Word = String(40)
