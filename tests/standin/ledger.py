"""What did the provider take in, and what did it say? A file that only grows, one JSON object a line."""

import json
import threading
from pathlib import Path
from typing import Any


class Ledger:
    """Every message that was taken in and every webhook that was sent, in order, flushed before anyone is answered."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, what: str, **facts: Any) -> None:
        with self._lock:
            self._file.write(json.dumps({"what": what, **facts}) + "\n")
            self._file.flush()


def read(file: Path) -> list[dict[str, Any]]:
    """The ledger so far; a judge reads it from outside."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def taken_in(file: Path) -> list[dict[str, Any]]:
    """The messages that were taken in, each with sid, to, body and the callback's address."""
    return [entry for entry in read(file) if entry["what"] == "message"]
