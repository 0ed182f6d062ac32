"""Do the migrations build what the models and guards declare? `python -m tests.drift` says so of both databases.

Two databases are made, one by the migrations and one from the declarations, and everything their catalogues hold is compared:
Alembic alone does not see checks, predicates, exclusions, triggers, functions and policies.
"""

import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from tests import postgres
from tests.databases import KINDS, Shelf, app_on, drop_all

ALEMBICS_OWN = "alembic_version"

POSTGRESQL = """
SELECT 'column ' || table_name || '.' || column_name,
       concat_ws(' ', udt_name, character_maximum_length, is_nullable, column_default, generation_expression)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
UNION ALL SELECT 'index ' || tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger ' || tgrelid::regclass || '.' || tgname, pg_get_triggerdef(t.oid)
  FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace
UNION ALL SELECT 'function ' || proname, prosrc
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL SELECT 'policy ' || tablename || '.' || policyname, concat_ws(' ', permissive, roles, cmd, qual, with_check)
  FROM pg_policies WHERE schemaname = 'public'
UNION ALL SELECT 'row policies of ' || relname, concat_ws(' ', relrowsecurity, relforcerowsecurity)
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
UNION ALL SELECT 'extension ' || extname, '' FROM pg_extension
"""
SQLITE = "SELECT type || ' ' || tbl_name || '.' || name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql <> ''"


def catalogue(connection: Connection) -> dict[str, str]:
    """Everything the database itself knows of our tables, by name."""
    postgresql = connection.dialect.name == "postgresql"
    rows = connection.execute(text(POSTGRESQL if postgresql else SQLITE)).all()
    found = {str(name): " ".join(str(definition).split()) for name, definition in rows}
    if not postgresql:
        found |= _sqlite_tables(connection)
    return {name: definition for name, definition in found.items() if ALEMBICS_OWN not in name}


def _sqlite_tables(connection: Connection) -> dict[str, str]:
    inspector = inspect(connection)
    found: dict[str, str] = {}
    for table in inspector.get_table_names():
        reflected: dict[str, Iterable[Mapping[str, Any]]] = {
            "column": inspector.get_columns(table),
            "check": inspector.get_check_constraints(table),
            "unique": inspector.get_unique_constraints(table),
            "foreign key": inspector.get_foreign_keys(table),
            "primary key": [inspector.get_pk_constraint(table)],
        }
        found |= {f"{what} {table}.{one['name']}": repr(one) for what, those in reflected.items() for one in those}
    return found


def differences(migrated: dict[str, str], declared: dict[str, str]) -> list[str]:
    """One line for everything that is in only one of the two, or not the same in both."""
    lines = [f"declared, but no migration makes it: {name}" for name in sorted(declared.keys() - migrated.keys())]
    lines += [f"made by a migration, but not declared: {name}" for name in sorted(migrated.keys() - declared.keys())]
    for name in sorted(migrated.keys() & declared.keys()):
        if migrated[name] != declared[name]:
            lines.append(f"differs: {name}\n    migrated: {migrated[name]}\n    declared: {declared[name]}")
    return lines


def drift(shelf: Shelf, kind: str) -> list[str]:
    """What differs on a database of this kind between the migrations and the declarations."""
    with shelf.database(kind) as migrated, shelf.blank(kind) as declared:
        return differences(_catalogue_at(migrated.url), _declared_at(declared.url))


def _catalogue_at(url: str) -> dict[str, str]:
    from models.database import db

    with app_on(url) as app, app.app_context(), db.engine.connect() as connection:
        return catalogue(connection)


def _declared_at(url: str) -> dict[str, str]:
    from models import guards
    from models.database import db

    with app_on(url) as app, app.app_context(), db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
        db.metadata.create_all(connection)
        for statement in guards.statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
        return catalogue(connection)


def main() -> int:
    server = postgres.find()
    found = {}
    with tempfile.TemporaryDirectory(prefix="steadfast-drift-") as folder:
        shelf = Shelf(Path(folder), "drift", server.start)
        try:
            found = {kind: drift(shelf, kind) for kind in KINDS}
        finally:
            if not server.folder:
                drop_all(server.url, "drift")
            server.stop()
    for kind, lines in found.items():
        print(
            f"{server if kind == 'postgresql' else 'SQLite'}: {'; '.join(lines) or 'migrations, models and guards agree'}"
        )
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except postgres.NoPostgreSQL as error:
        sys.exit(f"No PostgreSQL: {error}")
