"""How do migrations meet the database? One at a time, each run whole or not at all, and never importing our rooms."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

ONE_AT_A_TIME = 7_306_531_174_290  # the advisory lock that all upgrades of a PostgreSQL database take


def render_item(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Our own column types are written as the plain type beneath them, because migrations outlive our code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    if kind == "type" and isinstance(item, JSONB):  # as a variant Alembic would write its argument without `sa.`
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        return "postgresql.JSONB()"
    return False


def foreign_keys(connection: Connection, state: Literal["ON", "OFF"]) -> None:
    """SQLite rebuilds tables by dropping them, which must not touch what refers to them. Works only outside a transaction."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={state}")  # type: ignore[union-attr]


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=current_app.extensions["migrate"].db.metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_server_default=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        context.run_migrations()
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("After these migrations a row refers to one that is not there; nothing was kept.")


if context.is_offline_mode():
    raise SystemExit("Migrations ask the database as they go; writing them out with --sql is not offered.")
with current_app.extensions["migrate"].db.engine.connect() as connection:
    foreign_keys(connection, "OFF")
    try:
        run(connection)
    finally:
        foreign_keys(connection, "ON")
