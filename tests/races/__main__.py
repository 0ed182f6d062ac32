"""`./run prove`: the long drills. Each race on both databases, at full size; ends with 1 at the first that is lost."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests import postgres
from tests.databases import KINDS, Shelf
from tests.races import races

FULL: dict[str, Callable[[str], str]] = {
    "one_slot": partial(races.one_slot, clients=200, rounds=100),
    "intervals": partial(races.intervals, threads=50, each=100),
    "one_fate": partial(races.one_fate, rounds=8, each=10),
    "lost_answers": partial(races.lost_answers, times=20),
}


def main() -> int:
    asked = argparse.ArgumentParser(prog="./run prove", description=__doc__)
    asked.add_argument("names", nargs="*", help=f"which ones: {', '.join(FULL)}; all when none is named")
    names = asked.parse_args().names or list(FULL)
    if unknown := set(names) - set(FULL):
        asked.error(f"there is no drill called {', '.join(sorted(unknown))}")
    server = postgres.find()
    print(f"databases: SQLite and {server}", flush=True)
    with tempfile.TemporaryDirectory(prefix="steadfast-prove-") as folder:
        shelf = Shelf(Path(folder), f"{os.getpid():x}", server.start)
        lost = [name for name in names for kind in KINDS if not _won(name, kind, shelf)]
    server.stop()
    print(f"{len(names) * len(KINDS) - len(lost)} passed, {len(lost)} failed", flush=True)
    return 1 if lost else 0


def _won(name: str, kind: str, shelf: Shelf) -> bool:
    began = time.monotonic()
    try:
        with shelf.database(kind) as database:
            said = FULL[name](database.url)
    except AssertionError as wrong:
        print(f"  LOST  {name} on {kind}: {wrong}", file=sys.stderr, flush=True)
        return False
    print(f"  won   {name} on {kind}, {time.monotonic() - began:.0f} s: {said}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
