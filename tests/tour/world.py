"""What runs during the walk? A provider in its own process, a fresh server on a database of its own; both end with it."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.standin.ledger import taken_in

ROOT = Path(__file__).resolve().parent.parent.parent
ACCOUNT, SERVICE = "AC" + "7" * 32, "MG" + "8" * 32
PATIENCE_S = 40  # a first start migrates a database


class DidNotStart(Exception):
    """A process of the walk ended, or did not answer in time."""


@dataclass
class World:
    """Where everything is, and the environment that the server's own commands need."""

    server: str
    provider: str
    ledger: Path
    environment: dict[str, str]
    account_token: str
    read: dict[str, int] = field(default_factory=dict)

    def token(self, role: str, who: str) -> str:
        """A bearer token, as an operator prints one."""
        return _flask(self.environment, "token", "--role", role, "--who", who)

    def texts_to(self, number: str) -> list[str]:
        """What has arrived at this number since this was last asked."""
        all_of_them = [entry["body"] for entry in taken_in(self.ledger) if entry["to"] == number]
        seen, self.read[number] = self.read.get(number, 0), len(all_of_them)
        return all_of_them[seen:]

    def text_in(self, number: str, words: str) -> int:
        """Somebody texts the clinic: the provider calls our webhook, signed; what we answered."""
        return int(self._control("inbound", {"from": number, "body": words})["answered"])

    def bad_days(self, *faults: dict[str, object]) -> None:
        """What the next texts meet at the provider."""
        self._control("faults", {"next": list(faults)})

    def _control(self, what: str, said: dict[str, object]) -> dict[str, Any]:
        answer = requests.post(f"{self.provider}/stand-in/{what}", json=said, timeout=30)
        answer.raise_for_status()
        return dict(answer.json())


@contextmanager
def running(folder: Path) -> Iterator[World]:
    """Provider and server, until the block ends in whatever way."""
    token, port, ledger = secrets.token_hex(16), _free_port(), folder / "ledger.jsonl"
    server = f"http://127.0.0.1:{port}"
    with _provider(ledger, token, f"{server}/twilio/replies") as provider:
        environment = _environment(folder, port, provider, token)
        with _server(environment, server, folder / "server.log"):
            yield World(server, provider, ledger, environment, token)


@contextmanager
def _provider(ledger: Path, token: str, replies_url: str) -> Iterator[str]:
    words = ["--ledger", str(ledger), "--account", ACCOUNT, "--token", token, "--service", SERVICE]
    command = [sys.executable, "-m", "tests.standin", *words, "--replies-url", replies_url]
    with _child(command, dict(os.environ), stdout=subprocess.PIPE) as process:
        address = process.stdout.readline().strip() if process.stdout else ""
        if not address.startswith("http"):
            raise DidNotStart("the provider did not say where it is")
        yield address


@contextmanager
def _server(environment: dict[str, str], address: str, log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    with log.open("w") as written, _child(command, environment, stdout=written, stderr=subprocess.STDOUT) as process:
        try:
            _await(address, process)
            yield
        except BaseException:
            written.flush()
            print(f"\nThe server's last words:\n{_last_lines(log)}", file=sys.stderr)
            raise


def _await(address: str, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise DidNotStart(f"the server ended with {process.returncode}")
        try:
            if requests.get(f"{address}/readyz", timeout=2).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise DidNotStart(f"the server was not ready within {PATIENCE_S} s")


@contextmanager
def _child(command: list[str], environment: dict[str, str], **streams: object) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **streams)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=8)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(folder: Path, port: int, provider: str, token: str) -> dict[str, str]:
    """Nothing of the caller's own settings: a demonstration with invented secrets and a database of its own."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR", "TZ")}
    return kept | {
        "DEMO": "1",
        "EMBEDDED_DISPATCHER": "1",
        "TICK_S": "1",
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{folder / 'tour.db'}",
        "SECRET_KEY": secrets.token_hex(32),
        "DATA_KEYS": f"k1:{secrets.token_hex(32)}",
        "SMS_TRANSPORT": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": token,
        "TWILIO_MESSAGING_SERVICE_SID": SERVICE,
        "TWILIO_BASE_URL": provider,
        "LOG_LEVEL": "WARNING",
    }


def _flask(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=60)
    if done.returncode:
        raise DidNotStart(f"flask {words[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8").splitlines()[-40:])
