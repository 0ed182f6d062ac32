"""Who gets another chair or other staff at the time that they have: one session, or all later ones where these are free?"""

from care.course.booking import may_reseat
from care.course.changes.around import Around, Standing, meant
from care.course.changes.plans import Plan, Reseat, Stay
from care.course.changes.wishes import Change, Scope
from care.course.slots import Slot
from care.facts import Status
from care.refusals import Code, Refusal
from care.times import local_date


def reseated(change: Change, around: Around) -> Plan:
    """The session takes the slot's seats; later ones of its kind the same resources, where they are free."""
    me, *later = meant(change, around)
    if change.slot is None:
        return Plan(refusals=(Refusal(Code.SLOT_NOT_OFFERED),))
    refusals = [*may_reseat(me.facts)]
    if me.facts.starts_at != change.slot.starts_at:
        refusals.append(Refusal(Code.SLOT_NOT_OFFERED, {"starts_at": change.slot.starts_at}))
    if refusals:
        return Plan(refusals=tuple(refusals))
    like = [one for one in later if one.facts.kind is me.facts.kind and one.facts.status is Status.BOOKED]
    found = [(one, _seats(one, change.slot, around)) for one in like] if change.scope is Scope.FOLLOWING else []
    others = [_reseat(one, slot) for one, slot in found if slot is not None and slot != one.slot]
    return Plan(
        reseats=(_reseat(me, change.slot), *others),
        stays=tuple(_stay(one) for one, slot in found if slot is None),
    )


def _seats(one: Standing, like: Slot, around: Around) -> Slot | None:
    """The same resources at its own time; the slot that it has where it has them already."""
    wanted = {seat.resource_id for seat in like.seats}
    if one.slot is not None and {seat.resource_id for seat in one.slot.seats} == wanted:
        return one.slot
    if one.facts.starts_at is None:
        return None
    day = local_date(one.facts.starts_at, around.zone)
    return around.rooms(frozenset({one.id}), day, day).with_resources(one.facts.kind, one.facts.starts_at, wanted)


def _reseat(one: Standing, slot: Slot) -> Reseat:
    return Reseat(one.id, one.facts.kind, one.facts.number, slot.starts_at, slot)


def _stay(one: Standing) -> Stay:
    return Stay(
        one.id, one.facts.kind, one.facts.number, (Refusal(Code.SLOT_TAKEN, {"starts_at": one.facts.starts_at}),)
    )
