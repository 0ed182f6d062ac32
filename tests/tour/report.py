"""What is the walk doing, and is it as it should be? Steps with numbers, and every check said in a sentence."""

import time
from collections.abc import Sequence
from typing import Any


class Mismatch(Exception):
    """Something is not as it should be; the message names what was expected and what was found."""


class Report:
    """Prints as the walk goes, so that a newcomer can read along."""

    def __init__(self) -> None:
        self.steps = self.checks = 0
        self.began = time.monotonic()

    def chapter(self, title: str) -> None:
        print(f"\n{title}\n{'-' * len(title)}", flush=True)

    def step(self, what_happens: str) -> None:
        self.steps += 1
        print(f"{self.steps:3}. {what_happens}", flush=True)

    def shows(self, words: str) -> None:
        """A text as it is read on a phone."""
        print(f"       | {words}", flush=True)

    def same(self, what: str, found: Any, expected: Any) -> None:
        if found != expected:
            raise Mismatch(f"{what}\n       expected: {expected}\n       found:    {found}")
        self._right(what)

    def holds(self, what: str, found: Any, *, so: bool) -> None:
        """`so` says whether it is right; `found` is what to show when it is not."""
        if not so:
            raise Mismatch(f"{what}\n       expected: this to hold\n       found:    {found}")
        self._right(what)

    def one_text(self, what: str, texts: Sequence[str], *words: str) -> str:
        """Exactly one text, with all of these words in it."""
        if len(texts) != 1 or not all(each in texts[0] for each in words):
            shown = "\n                 ".join(texts) or "no text"
            raise Mismatch(f"{what}\n       expected: one text with {list(words)}\n       found:    {shown}")
        self._right(what)
        self.shows(texts[0])
        return texts[0]

    def silence(self, what: str, texts: Sequence[str]) -> None:
        self.same(what, list(texts), [])

    def end(self) -> None:
        seconds = time.monotonic() - self.began
        print(f"\nAll as it should be: {self.steps} steps, {self.checks} checks, {seconds:.0f} s.", flush=True)

    def _right(self, what: str) -> None:
        self.checks += 1
        print(f"       ok  {what}", flush=True)
