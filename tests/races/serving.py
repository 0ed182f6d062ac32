"""What runs during a race? A server with several worker processes on a database of its own; all end with the test."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.databases import SETTINGS

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_S = 60
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "TZ")
QUIET = {"EMBEDDED_DISPATCHER": "0", "ACCESS_TOKEN_S": "3600"}


@contextmanager
def serving(
    database_url: str, *, workers: int = 2, threads: int = 8, app: str = "tests.races.mortal:app"
) -> Iterator[str]:
    """The address of a gunicorn as the README starts it, until the block ends in whatever way."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("BENCH_")}
    told = {name: str(value) for name, value in SETTINGS.items() if name != "TESTING"}
    command = [
        sys.executable, "-m", "gunicorn", "--no-control-socket", "--log-level", "warning", "--workers", str(workers),
        "--threads", str(threads), "--backlog", "512", app,
    ]  # fmt: skip
    with answering(command, kept | told | QUIET | {"DATABASE_URL": database_url}, "/healthz") as address:
        yield address


@contextmanager
def answering(command: list[str], environment: dict[str, str], path: str) -> Iterator[str]:
    """The address of any server that takes `--host` and `--port` or `--bind`, once it answers at `path`."""
    port = _free_port()
    where = ["--bind", f"127.0.0.1:{port}"] if "gunicorn" in command else ["--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen([*command, *where], cwd=ROOT, env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        _await(f"{address}{path}", process)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            requests.get(address, timeout=5).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError(f"the server was not ready within {PATIENCE_S} s")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
