"""How does each test get an empty, migrated database of its own, quickly?

A template is migrated once per run. On SQLite every test copies its file, 1 ms. On PostgreSQL a process keeps one copy and
deletes what the last test wrote; a copy for each test took 370 ms of the machine.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, LiteralString
from unittest.mock import patch
from urllib.parse import urlsplit

import flask_migrate
import psycopg
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from psycopg import sql
from sqlalchemy import URL, Dialect, Engine, event, make_url

SQLITE, POSTGRESQL = "sqlite", "postgresql"
KINDS = (SQLITE, POSTGRESQL)

# What every app in the tests is told; the addresses and keys mean nothing to anyone.
SETTINGS: dict[str, Any] = {
    "TESTING": True,
    "DEMO": "1",
    "PUBLIC_BASE_URL": "http://localhost",
    "SECRET_KEY": "tests-only-" + "s" * 32,
    "DATA_KEYS": "t1:" + "5a" * 32,
    "SMS_TRANSPORT": "phones",
    "EMBEDDED_DISPATCHER": "0",
}


@dataclass(frozen=True)
class Database:
    """One test's own database, as the app is told of it."""

    kind: str
    url: str

    def __str__(self) -> str:
        return self.url


class Shelf:
    """Hands out migrated databases. Processes that share `folder` and `run` share the templates."""

    def __init__(self, folder: Path, run: str, start_postgresql: Callable[[], str]) -> None:
        self.folder, self.run, self.start_postgresql = folder, run, start_postgresql
        self._numbers = count()
        self._kept_name: str | None = None
        self._kept_is_lent = False

    @contextmanager
    def database(self, kind: str) -> Iterator[Database]:
        """An empty migrated database; it is gone afterwards."""
        make = self._sqlite if kind == SQLITE else self._postgresql
        with make(template=self._template(kind)) as database:
            yield database

    @contextmanager
    def blank(self, kind: str) -> Iterator[Database]:
        """A database without a single table, for tests of migrations themselves."""
        make = self._sqlite if kind == SQLITE else self._postgresql
        with make(template=None) as database:
            yield database

    def _name(self, suffix: object) -> str:
        return f"steadfast_{self.run}_{suffix}"

    def _template(self, kind: str) -> str:
        """The template's file or name, migrated by whichever process needs it first."""
        done = self.folder / f"{self.run}-{kind}-migrated"
        where = str(self.folder / f"{self.run}-template.db") if kind == SQLITE else self._name("template")
        with (self.folder / f"{self.run}-{kind}-lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                self._migrate(kind, where)
                done.touch()
        return where

    def _migrate(self, kind: str, where: str) -> None:
        if kind == POSTGRESQL:
            with self._admin() as admin:
                admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(where)))
        migrate(f"sqlite:///{where}" if kind == SQLITE else self._url(where))

    def _own_number(self) -> str:
        return f"{os.getpid()}_{next(self._numbers)}"

    @contextmanager
    def _sqlite(self, template: str | None) -> Iterator[Database]:
        file = self.folder / f"{self._own_number()}.db"
        if template:
            shutil.copyfile(template, file)
        try:
            yield Database(SQLITE, f"sqlite:///{file}")
        finally:
            for left in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
                left.unlink(missing_ok=True)

    @contextmanager
    def _postgresql(self, template: str | None) -> Iterator[Database]:
        """For migrated ones this process keeps a database and empties it: making one anew costs 50 times as much."""
        keep = template is not None and not self._kept_is_lent
        name = self._kept_name if keep and self._kept_name else self._created(template)
        self._kept_is_lent = self._kept_is_lent or keep
        try:
            yield Database(POSTGRESQL, self._url(name))
        finally:
            if keep:
                self._kept_is_lent = False
                self._kept_name = None
                self._kept_name = name if emptied(self._url(name), self._url(str(template))) else None
            if not keep or self._kept_name is None:
                self._drop(name)

    def _created(self, template: str | None) -> str:
        name = self._name(self._own_number())
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        with self._admin() as admin:
            admin.execute(copied.format(sql.Identifier(name), sql.Identifier(template or "template1")))
        return name

    def _drop(self, name: str) -> None:
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _admin(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.start_postgresql(), autocommit=True)

    def _url(self, name: str) -> str:
        return urlsplit(self.start_postgresql())._replace(path=f"/{name}").geturl()


# What a migration would change: tables, columns, indexes, constraints and triggers, in one number.
SHAPE = """
    SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (
        SELECT c.relname || a.attname || a.atttypid || a.attnotnull AS line
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
        UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal
    ) lines
"""
EMPTY = """
    DO $$ DECLARE name text; filled boolean; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
                     ORDER BY tablename = 'clinic' LOOP  -- clinics last: only keys to them do not wait for the commit
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
            IF filled THEN EXECUTE format('DELETE FROM %I', name); END IF;
        END LOOP;
    END $$
"""
GUARDED = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
OTHERS_LEAVE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_shapes: dict[str, str] = {}


def emptied(url: str, template_url: str) -> bool:
    """Whether the database is as its template again: nobody connected, no rows, and the shape that migrations gave it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(OTHERS_LEAVE)
        if _shape(connection) != _shape_of(template_url):
            return False
        guarded = [table for (table,) in connection.execute(GUARDED)]
        _switch(connection, guarded, "DISABLE")
        connection.execute(EMPTY)
        _switch(connection, guarded, "ENABLE")
    return True


def _switch(connection: "psycopg.Connection[Any]", tables: list[str], how: LiteralString) -> None:
    """The guards that keep the record and the consents, off and on."""
    for table in tables:
        connection.execute(sql.SQL("ALTER TABLE {} " + how + " TRIGGER USER").format(sql.Identifier(table)))


def _shape(connection: "psycopg.Connection[Any]") -> str:
    row = connection.execute(SHAPE).fetchone()
    return str(row and row[0])


def _shape_of(template_url: str) -> str:
    if template_url not in _shapes:
        with psycopg.connect(template_url) as connection:
            _shapes[template_url] = _shape(connection)
    return _shapes[template_url]


def drop_all(server_url: str, run: str) -> None:
    """The last act of a run; matters only on a server that lives on."""
    with psycopg.connect(server_url, autocommit=True) as admin:
        ours = admin.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"steadfast_{run}_"]
        ).fetchall()
        for (name,) in ours:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def migrate(url: str) -> None:
    """Run every migration on an empty database and leave no connection behind."""
    with app_on(url) as app, app.app_context():
        flask_migrate.upgrade()


class Engines:
    """One engine of each kind for all tests of a process, turned to the next database by each: what it compiled stays known.

    Compiling the same statements anew for every test took an eighth of a run. A second app beside the first gets its own.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Engine] = {}
        self._turned_to: dict[str, URL] = {}

    @contextmanager
    def lent(self, db: SQLAlchemy, url: str) -> Iterator["AbstractContextManager[Any]"]:
        """What to make the app of `url` in, so that it gets the kept engine of its kind, unless another app has it."""
        wanted = make_url(url)
        kind = wanted.get_backend_name()
        if kind in self._turned_to:
            yield nullcontext()
            return
        self._turned_to[kind] = wanted
        make = db._make_engine
        try:
            yield patch.object(
                db, "_make_engine", lambda *asked: self._kept.get(kind) or self._keep(kind, make(*asked))
            )
        finally:
            del self._turned_to[kind]

    def _keep(self, kind: str, engine: Engine) -> Engine:
        event.listen(engine, "do_connect", lambda dialect, record, args, named: self._turn(kind, dialect, args, named))
        self._kept[kind] = engine
        return engine

    def _turn(self, kind: str, dialect: Dialect, args: list[Any], named: dict[str, Any]) -> None:
        args[:], others = dialect.create_connect_args(self._turned_to[kind])
        named.clear()
        named.update(others)


class Compiled(BytecodeCache):
    """Pages' templates, compiled once a process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


ENGINES, COMPILED = Engines(), Compiled()


@contextmanager
def app_on(url: str, **settings: Any) -> Iterator[Any]:
    """Steadfast on this database, with the tests' settings; its connections are closed afterwards."""
    from models.database import db  # the rooms are imported on first use, so that tests of rules need none of them
    from tests import clients
    from wsgi import create_app

    with ENGINES.lent(db, url) as kept:
        with kept:
            app = create_app(**{**SETTINGS, "DATABASE_URL": url, **settings})
        app.jinja_env.bytecode_cache = COMPILED
        app.test_client_class, app.test_cli_runner_class = clients.Client, clients.CliRunner
        try:
            yield app
        finally:
            with app.app_context():
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()
