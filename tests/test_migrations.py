"""Do the migrations go up and down, build what is declared, and survive being started twice at once?"""

import os
import subprocess
import sys

import flask_migrate
from sqlalchemy import inspect

from tests.databases import SETTINGS, app_on
from tests.drift import drift

UPGRADE = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]


def test_migrations_build_exactly_what_models_and_guards_declare(shelf, database_kind):
    assert drift(shelf, database_kind) == []


def test_the_models_need_no_further_migration(app):
    flask_migrate.check()  # exits when something differs


def test_every_guard_stands_in_the_catalogue(app):
    from models import guards
    from models.database import db

    with db.engine.connect() as connection:
        assert guards.present(connection) == guards.expected(connection.dialect.name)


def test_migrations_go_down_to_nothing_and_up_again(blank_database):
    from models.database import db

    with app_on(blank_database.url) as app, app.app_context():
        flask_migrate.upgrade()
        flask_migrate.downgrade(revision="base")
        with db.engine.connect() as connection:
            assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        flask_migrate.upgrade()
        flask_migrate.check()


def test_two_upgrades_at_once_make_one(blank_database, root):
    environment = {name: value for name, value in SETTINGS.items() if isinstance(value, str)}
    environment = {**os.environ, **environment, "DATABASE_URL": blank_database.url}
    both = [subprocess.Popen(UPGRADE, cwd=root, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [upgrade.communicate(timeout=60)[1] for upgrade in both]
    assert [upgrade.returncode for upgrade in both] == [0, 0], said


def test_migrations_import_none_of_our_rooms(root):
    for file in (root / "migrations" / "versions").glob("*.py"):
        words = file.read_text(encoding="utf-8").split()
        assert not {"care", "models", "actions", "models.columns", "models.guards"} & set(words), file.name


def test_migrations_are_numbered_in_one_line(root):
    names = sorted(file.name for file in (root / "migrations" / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
