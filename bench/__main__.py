"""Which benches are run, and how are their lines printed? `python -m bench [NAME ...] [--json] [--list]`."""

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict

import bench
from bench.harness import BENCHES, Line, ground, said

HEAD = ("name", "figure", "against", "ratio", "aim", "met", "runs")
MET = {None: "", True: "met", False: "NOT MET"}


def main(words: list[str]) -> int:
    for module in pkgutil.iter_modules(bench.__path__):
        if module.name != "__main__":
            importlib.import_module(f"bench.{module.name}")
    asked = _asked(words)
    if asked.list:
        print("\n".join(f"{name:12} {(each.__doc__ or '').splitlines()[0]}" for name, each in sorted(BENCHES.items())))
        return 0
    show = _as_json if asked.json else _as_table
    with ground() as here:
        print(f"Medians on SQLite and {here.server}; figures, not promises: compare within one run.", file=sys.stderr)
        for name in asked.name or sorted(BENCHES):
            for text in show(BENCHES[name](here)):
                print(text, flush=True)
    return 0


def _asked(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench", description=bench.__doc__)
    parser.add_argument("name", nargs="*", metavar="NAME", help="which benches; all when left out")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--list", action="store_true", help="the names, and what each measures")
    asked = parser.parse_args(words)
    if unknown := sorted(set(asked.name) - set(BENCHES)):
        parser.error(f"no bench {', '.join(unknown)}; there are: {', '.join(sorted(BENCHES))}")
    return asked


def _as_json(lines: Iterable[Line]) -> Iterator[str]:
    return (json.dumps(asdict(line)) for line in lines)


def _as_table(lines: Iterable[Line]) -> Iterator[str]:
    """As wide as its widest words, so it comes when the bench is through."""
    rows = [HEAD, *(_row(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""


def _row(line: Line) -> tuple[str, ...]:
    ratio = "" if line.ratio is None else f"{line.ratio:.3g}"
    figure = said(line.figure, line.unit)
    return line.name, figure, line.against or "", ratio, line.aim or "", MET[line.met], str(line.runs)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
