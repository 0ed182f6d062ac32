"""Where do rows live, and how does a transaction begin?

A transaction names its clinic to the database as soon as it begins, so that policies there can judge it. On SQLite it takes
the write lock at once unless the door said that it only reads: a read that turns into a write fails under load.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, event, text
from sqlalchemy.orm import DeclarativeBase, SessionTransaction
from sqlalchemy.orm import Session as OrmSession


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory="migrations", render_as_batch=True)
_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read: on SQLite they do not queue for the write lock."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def name_clinic(clinic_id: UUID | None) -> None:
    """Say which clinic this and every later transaction of the current session acts for; None: none."""
    db.session.info["clinic_id"] = clinic_id
    if db.session().in_transaction():
        _tell_database(db.session.connection(), clinic_id)


def _tell_database(connection: Connection, clinic_id: UUID | None) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT set_config('app.clinic', :clinic, true)"), {"clinic": str(clinic_id or "")})


def _after_begin(session: OrmSession, transaction: SessionTransaction, connection: Connection) -> None:
    clinic_id = session.info.get("clinic_id")
    if clinic_id is not None:
        _tell_database(connection, clinic_id)


def _on_connect(connection: Any, record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # the driver's own transactions lose savepoints; we begin ourselves
        # recursive_triggers: what INSERT OR REPLACE takes away is taken away before the eyes of the guards
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=15000",
            "recursive_triggers=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN DEFERRED" if _reading.get() else "BEGIN IMMEDIATE")


def init_app(app: Flask) -> None:
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"hide_parameters": True, "pool_pre_ping": True})
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        for engine in db.engines.values():
            _listen(engine)
    if not event.contains(OrmSession, "after_begin", _after_begin):
        event.listen(OrmSession, "after_begin", _after_begin)


def _listen(engine: Engine) -> None:
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
