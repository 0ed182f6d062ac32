"""How is a bench declared, and how are contestants measured side by side?

    @bench("slots")
    def slots(ground: Ground) -> Iterator[Line]:
        with ground.app("postgresql"):                       # a migrated database of its own, the app's context pushed
            ...
            times = side_by_side(30, ours=search, read=read)  # seconds of each call, the contestants taking turns
        yield times["ours"].against(times["read"], "slots, 10 resources", "a plain read of the same rows", at_most(2))

What has a rate of its own (clients in other processes) says it: `rates_beside(5, ours=..., bare=...)` takes callables that
return how many a second. A ratio is the median of the rounds' own ratios, so that a busy moment hits both sides.
"""

import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from tests import postgres
from tests.databases import KINDS, Database, Shelf, app_on, drop_all

DURABLE = ("listen_addresses=", "timezone=UTC", "max_connections=200")
UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6}


@dataclass(frozen=True, slots=True)
class Aim:
    """What a ratio should be: at least, or at most, `ratio`."""

    ratio: float
    at_least: bool

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.ratio:g}"

    def met(self, ratio: float) -> bool:
        return ratio >= self.ratio if self.at_least else ratio <= self.ratio


def at_least(ratio: float) -> Aim:
    return Aim(ratio, at_least=True)


def at_most(ratio: float) -> Aim:
    return Aim(ratio, at_least=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table, and one JSON object. `ratio` is figure to figure of what stands in `against`, as `aim` reads it."""

    name: str
    figure: float
    unit: str
    runs: int
    against: str | None = None
    ratio: float | None = None
    aim: str | None = None
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """One contestant's figure of each round: seconds of a call, or how many a second."""

    each: tuple[float, ...]
    unit: str

    @property
    def median(self) -> float:
        return median(self.each)

    def times(self, count: float) -> "Figures":
        """Where only a part was measured, the figure of the whole."""
        return Figures(tuple(count * each for each in self.each), self.unit)

    def alone(self, name: str) -> Line:
        """A line that compares with nothing."""
        return Line(name, self.median, self.unit, len(self.each))

    def against(self, other: "Figures", name: str, what: str, aim: Aim | None = None) -> Line:
        """Ours divided by theirs."""
        return self._beside(other, name, what, aim, [mine / theirs for mine, theirs in self._pairs(other)])

    def times_faster_than(self, other: "Figures", name: str, what: str, aim: Aim | None = None) -> Line:
        """How many of ours fit into one of theirs: their seconds divided by ours."""
        return self._beside(other, name, what, aim, [theirs / mine for mine, theirs in self._pairs(other)])

    def _pairs(self, other: "Figures") -> Iterable[tuple[float, float]]:
        return zip(self.each, other.each, strict=True)

    def _beside(self, other: "Figures", name: str, what: str, aim: Aim | None, ratios: list[float]) -> Line:
        against = f"{what}: {said(other.median, other.unit)}"
        ratio, wanted = median(ratios), str(aim) if aim else None
        return Line(
            name, self.median, self.unit, len(self.each), against, ratio, wanted, aim.met(ratio) if aim else None
        )


def side_by_side(rounds: int, **contestants: Callable[[], object]) -> dict[str, Figures]:
    """Seconds of each contestant in each round; they take turns in going first. One round before is not counted."""
    return {name: Figures(times, "s") for name, times in _rounds(rounds, contestants, _seconds).items()}


def rates_beside(rounds: int, *, unit: str = "/s", **contestants: Callable[[], float]) -> dict[str, Figures]:
    """What each contestant says of itself in each round; they take turns in going first. One round before is not counted."""
    return {name: Figures(rates, unit) for name, rates in _rounds(rounds, contestants, _said_itself).items()}


def _rounds(
    rounds: int, contestants: Mapping[str, Callable[[], Any]], measured: Callable[[Callable[[], Any]], float]
) -> dict[str, tuple[float, ...]]:
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for each in contestants.values():
        measured(each)
    for _ in range(rounds):
        names.append(names.pop(0))
        for name in names:
            taken[name].append(measured(contestants[name]))
    return {name: tuple(times) for name, times in taken.items()}


def _seconds(contestant: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    try:
        begins = time.perf_counter()
        contestant()
        return time.perf_counter() - begins
    finally:
        gc.enable()


def _said_itself(contestant: Callable[[], float]) -> float:
    return float(contestant())


def said(figure: float, unit: str) -> str:
    """The figure as one reads it: three digits that matter, seconds as ms or us where they are short."""
    if unit == "s":
        unit = "s" if figure >= 1 else "ms" if figure >= 1e-3 else "us"
        figure *= UNITS[unit]
    digits = f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"
    return f"{digits}{unit}" if unit.startswith("/") else f"{digits} {unit}"


@dataclass
class Ground:
    """Where benches are run: fresh migrated databases on SQLite and on a real PostgreSQL, found as the tests find it."""

    folder: Path
    server: postgres.Server

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.folder, f"bench{os.getpid():x}", self.server.start)

    @property
    def kinds(self) -> tuple[str, ...]:
        return KINDS

    @contextmanager
    def database(self, kind: str) -> Iterator[Database]:
        """An empty migrated database, never one that was used and emptied; `.url` is for processes of one's own."""
        with (
            self.shelf.database(kind),
            self.shelf.database(kind) as fresh,
        ):  # the first is the one that is kept for reuse
            yield fresh

    @contextmanager
    def app(self, kind: str, **settings: Any) -> Iterator[Any]:
        """Steadfast on an empty migrated database, its context pushed; `app.config["DATABASE_URL"]` says where it is."""
        with self.database(kind) as database, app_on(database.url, **settings) as app, app.app_context():
            yield app


@contextmanager
def ground() -> Iterator[Ground]:
    """Ground for one run; databases, server and files are gone afterwards."""
    with _on(postgres.find()) as here:
        yield here


@contextmanager
def durable_ground() -> Iterator[Ground]:
    """The same on a PostgreSQL whose commits reach the disk, as in production; a server that was given is as it is."""
    with _on(replace(postgres.find(), settings=DURABLE)) as here:
        yield here


@contextmanager
def _on(server: postgres.Server) -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="steadfast-bench-") as folder:
        here = Ground(Path(folder), server)
        try:
            yield here
        finally:
            if here.server.url and not here.server.folder:
                drop_all(here.server.url, here.shelf.run)
            here.server.stop()


Bench = Callable[[Ground], Iterable[Line]]
BENCHES: dict[str, Bench] = {}


def bench(name: str) -> Callable[[Bench], Bench]:
    """Declare a bench by the NAME it is asked for; its docstring is its line in `--list`."""

    def declare(measured: Bench) -> Bench:
        BENCHES[name] = measured
        return measured

    return declare
