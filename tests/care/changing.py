"""An invented clinic and course in memory, to plan changes in and to carry them out."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from care.course.booking import Terms, place_of
from care.course.changes.around import Around, Standing
from care.course.changes.plans import Days, Plan
from care.course.plan import PlannedSession, Preferences, plan
from care.course.slots import ResourceFacts, Seat, Slot, SlotWish, WeeklyRule, free_slots, open_hours, piece
from care.course.spacing import spacing_refusals
from care.facts import ENDED_WITHOUT_HAPPENING, SessionFacts, SessionKind, Status
from care.protocol import Protocol
from care.times import local_date, wall
from care.windows import integration_window
from tests.care.clocks import NEW_YORK
from tests.care.visits import COURSE, LONG_AGO

FREEZE = timedelta(hours=48)
KINDS = ("chair", "clinician", "monitor", "therapist", "guide")


class Shop:
    """Resources that work 7 to 19 on some weekdays, and what others have booked of them."""

    def __init__(self, zone: str = NEW_YORK, weekdays: Iterable[int] = range(6), each: int = 2) -> None:
        self.zone = zone
        self.rules = [WeeklyRule(weekday, time(7), time(19), date(2020, 1, 1), None) for weekday in weekdays]
        self.ids = {kind: [UUID(int=1000 * (place + 1) + n) for n in range(each)] for place, kind in enumerate(KINDS)}
        self.others: list[Seat] = []

    def resources(self, first: date, last: date, taken: Iterable[Seat]) -> list[ResourceFacts]:
        hours = open_hours(tuple(self.rules), (), first, last + timedelta(days=1), self.zone)
        booked: dict[UUID, list[tuple[int, int]]] = {}
        for seat in taken:
            booked.setdefault(seat.resource_id, []).append(piece((seat.from_at, seat.until_at)))
        return [
            ResourceFacts(id_, kind, 1, hours, {1: sorted(booked.get(id_, []))})
            for kind, ids in self.ids.items()
            for id_ in ids
        ]

    def take_all(self, kind: str, begins: datetime, until: datetime) -> None:
        """Somebody else has every resource of the kind."""
        self.others += [Seat(id_, kind, 1, begins, until) for id_ in self.ids[kind]]


class ShopRooms:
    """The shop over some days; `lifted` sessions' places count as free."""

    def __init__(
        self, shop: Shop, protocol: Protocol, now: datetime, taken: list[Seat], first: date, last: date
    ) -> None:
        self.shop, self.protocol, self.now, self.taken = shop, protocol, now, taken
        self.first, self.last = first, last

    def free(self, kind: SessionKind, first: date, last: date, wish: SlotWish | None = None) -> list[Slot]:
        zone = self.shop.zone
        begins, ends = wall(first, time(), zone), wall(last + timedelta(days=1), time(), zone)
        within = max(begins, self.now), ends
        if within[0] >= within[1]:
            return []
        facts = self.shop.resources(first, last, self.taken)
        return free_slots(self.protocol.visits[kind], facts, within, wish or SlotWish(), zone=zone)

    def with_resources(self, kind: SessionKind, starts_at: datetime, resource_ids: Iterable[UUID]) -> Slot | None:
        day = local_date(starts_at, self.shop.zone)
        found = self.free(kind, day, day, SlotWish(resource_ids=frozenset(resource_ids)))
        return next((slot for slot in found if slot.starts_at == starts_at), None)

    def take(self, slot: Slot) -> None:
        self.taken = [*self.taken, *slot.seats]

    def give_back(self, slot: Slot) -> None:
        self.taken = [seat for seat in self.taken if seat not in slot.seats]


def around(
    shop: Shop,
    protocol: Protocol,
    sessions: Iterable[Standing],
    now: datetime,
    *,
    by: str = "coordinator",
    **known: object,
) -> Around:
    whole = tuple(sessions)

    def rooms(lifted, first, last):
        seats = [seat for one in whole if one.id not in lifted and one.slot and _holds(one) for seat in one.slot.seats]
        return ShopRooms(shop, protocol, now, [*shop.others, *seats], first, last)

    usual: dict[str, object] = {"course_status": "active", "seven_day_reason": False, "freeze": FREEZE}
    terms = Terms(zone=shop.zone, now=now, by_staff=by != "patient", **(usual | known))  # type: ignore[arg-type]
    return Around(COURSE, protocol.phases[0].name, time(10), protocol, terms, by, whole, rooms)


def _holds(one: Standing) -> bool:
    return one.facts.status in (Status.BOOKED, Status.ARRIVED, Status.DOSED)


def enrolled(
    shop: Shop,
    protocol: Protocol,
    start: date,
    weekdays: tuple[int, ...] = (1, 4),
    *,
    clock: time = time(10),
    most: int = 30,
    booked: bool = True,
) -> list[Standing]:
    """A course as it was planned, its doses and integration sessions booked where their wish is free, else planned."""
    whole = list(plan(protocol, start, Preferences(weekdays, clock), shop.zone))
    doses = [one for one in whole if one.kind is SessionKind.DOSING][:most]
    numbers = {one.number for one in doses}
    bound = [one for one in whole if one.kind is SessionKind.INTEGRATION and one.of_number in numbers]
    standing = [_standing(protocol, one) for one in (*doses, *bound)]
    return booked_at(shop, protocol, standing, clock) if booked else standing


def _standing(protocol: Protocol, one: PlannedSession) -> Standing:
    facts = SessionFacts(
        id=identity(one.kind, one.number),
        course_id=COURSE,
        number=one.number,
        kind=one.kind,
        phase=one.phase,
        status=Status.PLANNED,
        version=1,
        protocol=protocol,
        since=LONG_AGO,
        of_session_id=identity(SessionKind.DOSING, one.of_number) if one.of_number else None,
    )
    return Standing(facts, Days(one.target_on, one.earliest_on, one.latest_on))


def identity(kind: SessionKind, number: int) -> UUID:
    return UUID(int=number + 1000 * (1 + list(SessionKind).index(kind)))


def booked_at(shop: Shop, protocol: Protocol, standing: list[Standing], clock: time) -> list[Standing]:
    rooms = ShopRooms(shop, protocol, LONG_AGO, list(shop.others), date.min, date.max)
    done: list[Standing] = []
    for one in standing:
        free = rooms.free(one.facts.kind, one.days.target_on, one.days.target_on)
        wish = wall(one.days.target_on, clock, shop.zone)
        if one.facts.kind is SessionKind.INTEGRATION:
            dose = next(each for each in done if each.id == one.facts.of_session_id)
            free = [slot for slot in free if dose.facts.end and _in_window(dose.facts, slot.starts_at)]
        slot = min(free, key=lambda each: (abs(each.starts_at - wish), each.starts_at), default=None)
        if slot is not None:
            rooms.take(slot)
        done.append(at_slot(one, slot) if slot else one)
    return done


def _in_window(dose: SessionFacts, at: datetime) -> bool:
    opens, closes = integration_window(dose)
    return opens <= at <= closes


def at_slot(one: Standing, slot: Slot | None) -> Standing:
    """The session booked there; None: without a time."""
    visit = one.facts.protocol.visits[one.facts.kind]
    known = {
        "status": Status.BOOKED if slot else Status.PLANNED,
        "starts_at": slot and slot.starts_at,
        "arrive_at": slot and slot.starts_at - timedelta(minutes=visit.arrive_minutes),
        "ends_at": slot and slot.ends_at,
    }
    return replace(one, facts=replace(one.facts, **known), slot=slot)


def carried_out(sessions: Iterable[Standing], plan: Plan) -> list[Standing]:
    """The course as it is after the plan."""
    after = {one.id: one for one in sessions}
    for slide in plan.slides:
        after[slide.session_id] = replace(after[slide.session_id], days=slide.to)
    for move in plan.moves:
        after[move.session_id] = at_slot(after[move.session_id], move.slot)
    for reseat in plan.reseats:
        after[reseat.session_id] = replace(after[reseat.session_id], slot=reseat.slot)
    for end in plan.ends:
        one = after[end.session_id]
        after[end.session_id] = replace(one, facts=replace(one.facts, status=end.becomes), slot=None)
    return list(after.values())


def broken(sessions: Iterable[Standing], shop: Shop, *, seven_days: bool = True) -> list[str]:
    """Every rule that the course breaks: spacing, order, spans, windows, a patient or a resource in two places."""
    known = [one for one in sessions if one.facts.starts_at and one.facts.status not in ENDED_WITHOUT_HAPPENING]
    doses = sorted((one for one in known if one.facts.kind is SessionKind.DOSING), key=lambda one: place_of(one.facts))
    starts = [one.facts.starts_at for one in doses if one.facts.starts_at]
    found = [f"order {one} {other}" for one, other in pairwise(starts) if one >= other]
    for place, one in enumerate(doses):
        others = [*starts[:place], *starts[place + 1 :]]
        first = min(starts)
        refusals = spacing_refusals(
            one.facts.protocol, starts[place], others, first, shop.zone, seven_day_reason=not seven_days
        )
        found += [f"{refusal.code} {one.facts.number}" for refusal in refusals]
    for one in known:
        day = local_date(one.facts.starts_at, shop.zone)
        if not one.days.earliest_on <= day <= one.days.latest_on:
            found.append(f"span of {one.facts.kind} {one.facts.number}: {day} {one.days}")
    by_id = {one.id: one for one in known}
    for one in known:
        dose = by_id.get(one.facts.of_session_id)
        if dose is not None and not _in_window(dose.facts, one.facts.starts_at):
            found.append(f"window of {one.facts.number}")
    times = sorted((one.facts.arrive_at or one.facts.starts_at, one.facts.ends_at) for one in known)
    found += [f"patient twice {one} {other}" for one, other in pairwise(times) if other[0] < one[1]]
    seats = [seat for one in known if one.slot for seat in one.slot.seats] + shop.others
    lanes = sorted((seat.resource_id, seat.lane, seat.from_at, seat.until_at) for seat in seats)
    for lane, later in pairwise(lanes):
        if lane[:2] == later[:2] and later[2] < lane[3]:
            found.append(f"lane twice {lane} {later}")
    return found
