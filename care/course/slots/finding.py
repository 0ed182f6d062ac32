"""Which starts are free, and for those that are not, what is missing?

Each lane's free starts are the bits of one integer, and needs of different kinds never meet, so that a month of a clinic is
some thousand shifts. Where several needs are of one kind, no lane serves two of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from care.course.slots.grid import Grid, grid, wished
from care.course.slots.pieces import SECOND, Piece, Stretch, instant
from care.course.slots.seats import Lane, assembly, span_of
from care.course.slots.values import ANY, Missing, ResourceFacts, Slot, SlotWish, Start, Why
from care.protocol import Need, Visit

STEP_MINUTES = 30

Choice = tuple[int, tuple[Lane, ...]]  # at these starts, these lanes serve the needs of one kind


def free_slots(
    visit: Visit,
    resources: Sequence[ResourceFacts],
    within: Stretch,
    wish: SlotWish = ANY,
    *,
    zone: str = "UTC",
    step_minutes: int = STEP_MINUTES,
) -> list[Slot]:
    """Every wished start in `within` at which all needs of the visit find a free lane, in order of time.

    Starts lie on whole steps from the full hour by the clocks of `zone`. Resources are tried in the order given, preferred
    ones first, then lane by lane, so that the same question has the same answer.
    """
    return [slot for _, slot in _search(visit, resources, within, wish, zone, step_minutes).slots(wish.limit)]


def every_start(
    visit: Visit,
    resources: Sequence[ResourceFacts],
    within: Stretch,
    wish: SlotWish = ANY,
    *,
    zone: str = "UTC",
    step_minutes: int = STEP_MINUTES,
) -> list[Start]:
    """Every wished start in `within`, free or not, with all that is missing. Arguments and order as in `free_slots`."""
    search = _search(visit, resources, within, wish, zone, step_minutes)
    search.wanted = search.grid.earliest(search.wanted, wish.limit)
    idle = replace(search, resources=[replace(one, busy=()) for one in search.resources])
    slots, over_busy, missing = dict(search.slots()), dict(idle.slots()), search.missing()
    return [
        _start(visit, at, slots.get(place), over_busy.get(place), [one for one, bits in missing if bits >> place & 1])
        for place, at in search.grid.starts(search.wanted)
    ]


def _start(visit: Visit, at: int, slot: Slot | None, over_busy: Slot | None, missing: Iterable[Missing]) -> Start:
    """Where busy times alone stand in the way, they alone are missing."""
    kinds = dict.fromkeys(one.kind for one in missing)
    lacking = missing if over_busy is None else (Missing(kind, Why.BUSY) for kind in kinds)
    return Start(instant(at), instant(at + visit.minutes * 60), slot or over_busy, tuple(lacking))


def _search(
    visit: Visit, resources: Sequence[ResourceFacts], within: Stretch, wish: SlotWish, zone: str, step_minutes: int
) -> "Search":
    starts = grid(within, zone, step_minutes)
    return Search(visit, _chosen(resources, wish), starts, wished(wish, starts, zone))


def _chosen(resources: Sequence[ResourceFacts], wish: SlotWish) -> list[ResourceFacts]:
    """Preferred ones first; of a kind that the wish names, only those named."""
    named = {one.kind for one in resources if one.id in wish.resource_ids}
    left = [one for one in resources if one.id in wish.resource_ids or one.kind not in named]
    return sorted(left, key=lambda one: _place(one, wish)) if wish.preferred_ids else left


def _place(resource: ResourceFacts, wish: SlotWish) -> int:
    preferred = wish.preferred_ids
    return preferred.index(resource.id) if resource.id in preferred else len(preferred)


@dataclass
class Search:
    """One question: these starts, these resources. `wanted` has a bit for every start that is asked for."""

    visit: Visit
    resources: Sequence[ResourceFacts]
    grid: Grid
    wanted: int
    _open: dict[tuple[int, Need], int] = field(default_factory=dict)

    def slots(self, limit: int | None = None) -> Iterator[tuple[int, Slot]]:
        """The place and slot of each start at which every kind has its lanes."""
        free, choices = self.wanted, {}
        for kind in self._needs:
            choices[kind] = self._choices(kind, free)
            free = _all_of(choices[kind])
        free = self.grid.earliest(free, limit)
        lanes = [self._lanes_at(number, choices[need.kind], free) for number, need in enumerate(self.visit.needs)]
        put_together, first, step = assembly(self.visit), instant(self.grid.first), self.grid.step * SECOND
        return (
            (place, put_together(first + place * step, [one[place] for one in lanes]))
            for place, at in self.grid.starts(free)
        )

    def missing(self) -> list[tuple[Missing, int]]:
        """What is missing at which starts: every reason why a kind's lanes that work then are not free."""
        there = {kind: _all_of(self._choices(kind, self.wanted)) for kind in self._needs}
        return [one for kind, bits in there.items() for one in self._missing(kind, self.wanted & ~bits)]

    def _missing(self, kind: str, lacking: int) -> list[tuple[Missing, int]]:
        reasons = {why: lacking & self._stopped(kind, why) for why in (Why.CLOSED, Why.TAKEN, Why.BUSY)}
        alone = lacking & ~(reasons[Why.CLOSED] | reasons[Why.TAKEN] | reasons[Why.BUSY])
        return [(Missing(kind, why), bits) for why, bits in (*reasons.items(), (Why.NONE, alone))]

    def _stopped(self, kind: str, why: Why) -> int:
        """The starts at which some lane of the kind works, but not free for this reason."""
        bits = 0
        for need in self._needs[kind]:
            for resource, lane in self._lanes[kind]:
                taken = {Why.CLOSED: resource.closed, Why.BUSY: resource.busy, Why.TAKEN: resource.booked.get(lane, ())}
                bits |= self._opened(resource, need) & self._touched(taken[why], need)
        return bits

    @cached_property
    def _needs(self) -> dict[str, list[Need]]:
        kinds = dict.fromkeys(need.kind for need in self.visit.needs)
        return {kind: [need for need in self.visit.needs if need.kind == kind] for kind in kinds}

    @cached_property
    def _lanes(self) -> dict[str, list[Lane]]:
        """By kind, in the order in which they are tried."""
        return {
            kind: [(one, lane) for one in self.resources if one.kind == kind for lane in range(1, one.lanes + 1)]
            for kind in self._needs
        }

    def _choices(self, kind: str, wanted: int) -> list[Choice]:
        """Who serves the needs of this kind at the wanted starts; those at which nobody works are left out at once."""
        needs, lanes = self._needs[kind], self._lanes[kind]
        works = 0
        for resource, lane in lanes:
            if lane == 1:
                works |= self._opened(resource, needs[0])
        return [*self._chosen(needs, lanes, wanted & works)]

    def _chosen(self, needs: Sequence[Need], lanes: Sequence[Lane], wanted: int) -> Iterator[Choice]:
        """A lane for each need, no lane twice: at each start the first choice that leaves room for the needs after it."""
        for lane in lanes:
            if not wanted:
                return
            here = self._free(lane, needs[0], wanted)
            if here and len(needs) == 1:
                wanted ^= here
                yield here, (lane,)
            elif here:
                others = [one for one in lanes if one is not lane]
                for bits, chosen in self._chosen(needs[1:], others, here):
                    wanted ^= bits
                    yield bits, (lane, *chosen)

    def _free(self, lane: Lane, need: Need, wanted: int) -> int:
        """Those of the wanted starts at which the lane is free for all of the need."""
        resource, number = lane
        bits = wanted & self._opened(resource, need)
        for pieces in (resource.closed, resource.busy, resource.booked.get(number, ())):
            if pieces and bits:
                bits &= ~self._touched(pieces, need)
        return bits

    def _opened(self, resource: ResourceFacts, need: Need) -> int:
        """Kept, because most resources keep the same hours, in one and the same sequence."""
        key = id(resource.open), need
        if key not in self._open:
            begin, until = span_of(need, self.visit)
            self._open[key] = self.grid.fitting(resource.open, begin * 60, until * 60)
        return self._open[key]

    def _touched(self, pieces: Iterable[Piece], need: Need) -> int:
        begin, until = span_of(need, self.visit)
        return self.grid.touched(pieces, begin * 60, until * 60)

    def _lanes_at(self, number: int, choices: Iterable[Choice], free: int) -> dict[int, Lane]:
        """Which lane serves the need of this number, by the place of the start."""
        kind = self.visit.needs[number].kind
        which = sum(need.kind == kind for need in self.visit.needs[:number])
        return {place: lanes[which] for bits, lanes in choices for place, _ in self.grid.starts(bits & free)}


def _all_of(choices: Iterable[Choice]) -> int:
    bits = 0
    for more, _ in choices:
        bits |= more
    return bits
