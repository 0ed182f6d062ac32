"""Where do sessions go that follow others? Integration sessions go with their dose, the rest keeps out of the way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from care.course.changes.around import Around, Rooms, Standing, instants, lasts, occupied, overlaps, with_its_own
from care.course.changes.plans import Days
from care.course.changes.pulls import Pull, shifted, wall_delta
from care.course.moving import Between, window_after
from care.course.slots import Slot
from care.times import local_date

Placed = dict[UUID, Slot | None]


@dataclass(frozen=True, slots=True)
class Following:
    """What stays, and how far the doses were pulled: by these the others go along. `days`: spans that change with it."""

    around: Around
    rooms: Rooms
    staying: Sequence[Standing]
    pulls: Mapping[UUID, Pull]
    pulled_along: frozenset[UUID]
    days: Mapping[UUID, Days]

    def followed(self, places: Placed, sessions: Iterable[Standing], held: Iterable[Slot]) -> Placed:
        """Each takes its place before the next looks. `places`: where the doses are; `held`: those of them not taken yet."""
        taken, held = [*occupied(self.staying), *stretches(places, self.around)], list(held)
        for slot in held:
            self.rooms.take(slot)
        followed: Placed = {}
        for one in sessions:
            found = followed[one.id] = self._nearest(one, places, taken)
            if found is not None:
                self.rooms.take(found)
                held.append(found)
                taken.append(lasts(one, found))
        for slot in held:
            self.rooms.give_back(slot)
        return followed

    def _nearest(self, one: Standing, places: Placed, taken: Sequence[Between]) -> Slot | None:
        """Nearest to where it would rather be, else to where it is; None when nothing is free where it belongs."""
        window = self._belongs(one, places)
        if window is None:
            return None
        pull, zone = self.pulls.get(one.id) or self._along(one, places), self.around.zone
        first, last = local_date(window[0], zone), local_date(window[1], zone)
        offered = with_its_own(one, self.rooms.free(one.facts.kind, first, last), first, last, self.around)
        inside = [slot for slot in offered if window[0] <= slot.starts_at <= window[1]]
        lawful = [slot for slot in inside if not overlaps(lasts(one, slot), taken)]

        def apart(slot: Slot) -> tuple[bool, int, datetime]:
            return pull.off(slot.starts_at, zone), pull.far(slot.starts_at, zone), slot.starts_at

        return min(lawful, key=apart, default=None)

    def _along(self, one: Standing, places: Placed) -> Pull:
        """By itself it stays; when its dose is pulled it goes along by as many local days and clock hours."""
        at, dose_id = one.facts.starts_at, one.facts.of_session_id
        slot = places.get(dose_id) if dose_id in self.pulled_along else None
        dose = self.around.by_id[dose_id].facts.starts_at if dose_id else None
        if at is None or slot is None or dose is None:
            return Pull(at=at)
        return Pull(at=shifted(at, wall_delta(dose, slot.starts_at, self.around.zone), self.around.zone))

    def _belongs(self, one: Standing, places: Placed) -> Between | None:
        """The window after its dose; for the others their span."""
        dose_id = one.facts.of_session_id
        if dose_id is None:
            days = self.days.get(one.id, one.days)
            opens, closes = instants(days.earliest_on, days.latest_on, self.around.zone)
            return opens, closes - timedelta(seconds=1)
        slot = places.get(dose_id)
        return None if slot is None else window_after(self.around.by_id[dose_id].facts, slot.starts_at, slot.ends_at)


def stretches(places: Placed, around: Around) -> list[Between]:
    """When the patient would be somewhere, from arrival to the end."""
    return [lasts(around.by_id[id_], slot) for id_, slot in places.items() if slot is not None]
