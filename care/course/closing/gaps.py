"""What of a stretch of time is left beside what others take?"""

from collections.abc import Iterable, Iterator
from datetime import datetime

Between = tuple[datetime, datetime]


def gaps(whole: Between, taken: Iterable[Between]) -> Iterator[Between]:
    """The parts of `whole` that nothing in `taken` covers, in order."""
    begin, until = whole
    for since, end in sorted(taken):
        if begin < min(since, until):
            yield begin, min(since, until)
        begin = max(begin, end)
    if begin < until:
        yield begin, until
