"""How is time counted where much of it is searched? In pieces of whole seconds since 1970, whose end is not part of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

Stretch = tuple[datetime, datetime]  # from, until
Piece = tuple[int, int]  # the same in seconds

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def piece(stretch: Stretch) -> Piece:
    """Every whole second that the stretch touches: what is taken is never taken for shorter. Naive times: TypeError."""
    begin, until = stretch
    return (begin - EPOCH) // SECOND, first_second(until)


def first_second(at: datetime) -> int:
    """The first whole second at or after an instant."""
    return -((EPOCH - at) // SECOND)


def stretch(one: Piece) -> Stretch:
    return instant(one[0]), instant(one[1])


def instant(at: int) -> datetime:
    return EPOCH + timedelta(seconds=at)


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """The same time in as few pieces as can be, in order."""
    whole: list[Piece] = []
    for begin, until in sorted(one for one in pieces if one[0] < one[1]):
        if whole and begin <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(whole[-1][1], until)
        else:
            whole.append((begin, until))
    return whole


def without(pieces: Iterable[Piece], taken: Iterable[Piece]) -> list[Piece]:
    """What is left of the pieces outside the taken ones."""
    holes = joined(taken)
    return [part for one in joined(pieces) for part in _left(one, holes)]


def overlap(one: Piece, others: Iterable[Piece]) -> bool:
    return any(begin < one[1] and one[0] < until for begin, until in others)


def held_whole(one: Piece, others: Iterable[Piece]) -> bool:
    """Whether one of the others holds it whole; they are joined."""
    return any(begin <= one[0] and one[1] <= until for begin, until in others)


def _left(one: Piece, holes: Sequence[Piece]) -> Iterator[Piece]:
    begin, until = one
    for hole_begin, hole_until in holes:
        if hole_until <= begin or hole_begin >= until:
            continue
        if begin < hole_begin:
            yield begin, hole_begin
        begin = hole_until
    if begin < until:
        yield begin, until
