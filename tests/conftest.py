"""What does every test find ready? A database of each kind, an app on it, a client, and no way to the world outside."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import postgres
from tests.databases import KINDS, SQLITE, Database, Shelf, app_on, drop_all

# How the first process tells xdist's workers which server and which names are this run's.
SERVER_URL = "STEADFAST_TESTS_SERVER"
RUN = "STEADFAST_TESTS_RUN"
SERVER = pytest.StashKey[postgres.Server]()

hypothesis.settings.register_profile("every-run", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=2_000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "every-run"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sqlite-only", action="store_true", help="leave PostgreSQL out, and say so")


def pytest_configure(config: pytest.Config) -> None:
    """Without a PostgreSQL the run fails here, before a single test could pass and reassure anyone."""
    if _is_worker(config):
        return
    os.environ[RUN] = f"{os.getpid():x}"
    if config.getoption("--sqlite-only"):
        return
    try:
        server = postgres.find()
        if getattr(config.option, "numprocesses", None):
            os.environ[SERVER_URL] = server.start()  # one server, which all workers share
    except postgres.NoPostgreSQL as error:
        raise pytest.UsageError(f"No PostgreSQL: {error}\n(--sqlite-only runs half of the tests.)") from error
    config.stash[SERVER] = server


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER not in config.stash:
        return
    server = config.stash[SERVER]
    if server.url and not server.folder:
        drop_all(server.url, os.environ[RUN])
    server.stop()


def pytest_report_header(config: pytest.Config) -> str:
    if _is_worker(config):
        return ""
    if config.getoption("--sqlite-only"):
        return "databases: SQLite alone (--sqlite-only); nothing is shown about PostgreSQL"
    return f"databases: SQLite and {config.stash[SERVER]}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Also where `-q` leaves the header out."""
    if not _is_worker(config) and (config.getoption("--sqlite-only") or config.get_verbosity() < 0):
        terminalreporter.write_line(pytest_report_header(config))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        kinds = (SQLITE,) if metafunc.config.getoption("--sqlite-only") else KINDS
        metafunc.parametrize("database_kind", kinds)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.fixture(scope="session")
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Where databases come from."""
    base = tmp_path_factory.getbasetemp()
    start = request.config.stash[SERVER].start if SERVER in request.config.stash else lambda: os.environ[SERVER_URL]
    return Shelf(base.parent if _is_worker(request.config) else base, os.environ[RUN], start)


@pytest.fixture
def database(database_kind: str, shelf: Shelf) -> Iterator[Database]:
    """An empty migrated database of this test alone. Tests really commit."""
    with shelf.database(database_kind) as database:
        yield database


@pytest.fixture
def blank_database(database_kind: str, shelf: Shelf) -> Iterator[Database]:
    """A database no migration has met."""
    with shelf.blank(database_kind) as database:
        yield database


@pytest.fixture
def app(database: Database) -> Iterator[Any]:
    """Steadfast on `database`, its context pushed. For other settings use `tests.databases.app_on`."""
    with app_on(database.url) as app, app.app_context():
        yield app


@pytest.fixture
def client(app: Any) -> Any:
    return app.test_client()


@pytest.fixture
def cli(app: Any) -> Any:
    """Operator commands, as `cli.invoke(args=["token", ...])`."""
    return app.test_cli_runner()


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).resolve().parent.parent
