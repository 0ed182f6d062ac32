"""`python -m tests.tour`: walk through the main job, say what was checked, end with 1 at the first thing that is wrong."""

import argparse
import signal
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.tour.asking import asking, moving
from tests.tour.beginning import doors, enrolling, inviting, signing_in
from tests.tour.booking import booking
from tests.tour.client import Client
from tests.tour.days_before import food, silence
from tests.tour.ending import cancelling, judging
from tests.tour.report import Mismatch, Report
from tests.tour.visit import arriving, leaving
from tests.tour.walk import Walk
from tests.tour.world import DidNotStart, World, running

STAFF = (("coordinator", "Cora Bell"), ("clinician", "Dr. Clive Okoro"), ("coordinator", "Milo Hart"))
CHAPTERS = (
    doors, enrolling, inviting, signing_in, booking, asking, moving, silence, food, arriving, leaving, cancelling, judging,
)  # fmt: skip


def main() -> int:
    asked = argparse.ArgumentParser(prog="./run tour", description=__doc__)
    asked.add_argument("--weeks", type=int, default=0, help="begin so many weeks later, when clocks change for example")
    return walk_through(weeks=asked.parse_args().weeks)


def walk_through(*, weeks: int) -> int:
    signal.signal(signal.SIGTERM, _leave)
    report = Report()
    print("Starting a provider and a server of our own ...", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="steadfast-tour-") as folder, running(Path(folder)) as world:
            print(f"The provider: {world.provider}\nThe server:   {world.server}", flush=True)
            cora, clive, milo = _staff(world)
            walk = Walk(world, report, cora, clive, milo, ada=Client(world.server), weeks=weeks)
            for chapter in CHAPTERS:
                chapter(walk)
    except Mismatch as mismatch:
        print(f"\n  WRONG  {mismatch}", file=sys.stderr, flush=True)
        return 1
    except DidNotStart as why:
        print(f"\n  The walk could not go on: {why}", file=sys.stderr, flush=True)
        return 1
    report.end()
    return 0


def _staff(world: World) -> list[Client]:
    """Everyone with a token of their own; three commands at once."""
    with ThreadPoolExecutor() as several:
        return [Client(world.server, token) for token in several.map(lambda each: world.token(*each), STAFF)]


def _leave(*_: Any) -> None:
    raise SystemExit(1)


sys.exit(main())
