"""`python -m client`: is the API's document good enough that generated clients need no types written by hand?

Spectral reads it first. A TypeScript client (openapi-typescript, compiled strictly) and a Python one (openapi-python-client,
checked strictly) are made from what a freshly started server says of itself, and each walks through a treatment. Everything made
lies in `build/client`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.tour.world import ROOT, DidNotStart, World, running

HERE, MADE = ROOT / "client", ROOT / "build" / "client"
TYPESCRIPT, PYTHON = MADE / "typescript", MADE / "python"
LONGEST_S = 170
BIN = Path(sys.executable).parent


class Wrong(Exception):
    """A step ended badly; its last words say why."""


def main() -> int:
    began = time.monotonic()
    MADE.mkdir(parents=True, exist_ok=True)
    try:
        if shutil.which("node") and shutil.which("npm"):
            _walk("TypeScript", _make_typescript, ["node", "made/tour.js"], TYPESCRIPT)
        else:
            print("left out: no node to make and run the TypeScript client with", flush=True)
        _walk("Python", _make_python, [sys.executable, str(HERE / "tour.py")], PYTHON)
    except (Wrong, DidNotStart) as why:
        print(f"\n  WRONG  {why}", file=sys.stderr, flush=True)
        return 1
    print(f"\nGenerated clients walk through a treatment: {time.monotonic() - began:.0f} s.", flush=True)
    return 0


def _walk(language: str, make: Callable[[], None], command: list[str], folder: Path) -> None:
    print(f"\n{language}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="steadfast-client-") as place, running(Path(place)) as world:
        document = requests.get(f"{world.server}/openapi.json", timeout=30)
        (MADE / "openapi.json").write_bytes(document.content)
        make()
        _run(command, folder, _surroundings(world))


def _surroundings(world: World) -> dict[str, str]:
    return {
        "SERVER": world.server,
        "LEDGER": str(world.ledger),
        "CORA": world.token("coordinator", "Cora Bell"),
        "CLIVE": world.token("clinician", "Dr. Clive Okoro"),
        "PYTHONPATH": str(PYTHON),
    }


def _make_typescript() -> None:
    for name in ("package.json", "package-lock.json", "tsconfig.json", "tour.ts"):
        shutil.copyfile(HERE / name, TYPESCRIPT / name)
    with _timed("the tools that its lock names are there"):
        if not _is_installed():
            _run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], TYPESCRIPT)
    with _timed("Spectral finds nothing to complain of in the document"):
        rules = ["-r", str(HERE / "spectral.yaml"), "--fail-severity", "warn"]
        _run(["npx", "--no-install", "spectral", "lint", str(MADE / "openapi.json"), *rules], TYPESCRIPT)
    with _timed("types are made from the document"):
        _run(["npx", "--no-install", "openapi-typescript", str(MADE / "openapi.json"), "-o", "schema.d.ts"], TYPESCRIPT)
    with _timed("tsc finds the walk well typed"):
        _run(["npx", "--no-install", "tsc", "-p", "."], TYPESCRIPT)


def _is_installed() -> bool:
    """npm leaves its own copy of the lock behind; it is newer than ours when just that was installed."""
    left = TYPESCRIPT / "node_modules" / ".package-lock.json"
    return left.exists() and left.stat().st_mtime > (HERE / "package-lock.json").stat().st_mtime


def _make_python() -> None:
    package = PYTHON / "steadfast_client"
    shutil.rmtree(package, ignore_errors=True)
    with _timed("a package is made from the document"):
        words = ["--path", str(MADE / "openapi.json"), "--output-path", str(package), "--meta", "none"]
        _run([str(BIN / "openapi-python-client"), "generate", *words], PYTHON, {"PATH": f"{BIN}:{os.environ['PATH']}"})
        (package / "py.typed").touch()
    with _timed("mypy finds the walk well typed"):
        words = ["--strict", "--follow-imports", "silent", "--config-file", os.devnull, str(HERE / "tour.py")]
        _run([str(BIN / "mypy"), *words], PYTHON, {"MYPYPATH": str(PYTHON)})


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"  ok  {what} ({time.monotonic() - began:.0f} s)", flush=True)


def _run(command: list[str], folder: Path, more: Mapping[str, str] | None = None) -> None:
    """Quiet when it ends well, except for what the walk itself prints."""
    shown = more is not None and "SERVER" in more
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(more or {})},
        text=True,
        timeout=LONGEST_S,
        check=False,
        stdout=None if shown else subprocess.PIPE,
        stderr=subprocess.STDOUT if not shown else None,
    )
    if done.returncode:
        raise Wrong(f"{' '.join(command[:4])} ended with {done.returncode}:\n{(done.stdout or '')[-4000:]}")


sys.exit(main())
