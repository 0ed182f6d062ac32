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
QUIET = {"EMBEDDED_DISPATCHER": "0", "ACCESS_TOKEN_S": "3600"}


@contextmanager
def serving(database_url: str, *, workers: int = 2, threads: int = 8) -> Iterator[str]:
    """The address of a gunicorn as the README starts it, until the block ends in whatever way."""
    port = _free_port()
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR", "TZ")}
    told = {name: str(value) for name, value in SETTINGS.items() if name != "TESTING"}
    command = [
        sys.executable, "-m", "gunicorn", "--no-control-socket", "--log-level", "warning", "--bind", f"127.0.0.1:{port}",
        "--workers", str(workers), "--threads", str(threads), "--backlog", "512", "tests.races.mortal:app",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=kept | told | QUIET | {"DATABASE_URL": database_url})
    try:
        address = f"http://127.0.0.1:{port}"
        _await(address, process)
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
            requests.get(f"{address}/healthz", timeout=5).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError(f"the server was not ready within {PATIENCE_S} s")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
