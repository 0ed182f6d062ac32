"""What follows when sessions change their time: one alone, with all that follow it, or all from a date?"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from care.course.booking import OPEN, move_refusals, place_of
from care.course.changes.around import Around, Standing, is_dose_of, meant
from care.course.changes.placing import Outcome, Placing
from care.course.changes.plans import Days, Plan, Slide
from care.course.changes.pulls import Pull, shifted, wall_delta
from care.course.changes.wishes import Change
from care.course.moving import giving_way
from care.course.slots import Slot
from care.facts import Status
from care.refusals import Code, Refusal
from care.times import local, local_date


def moved_alone(me: Standing, slot: Slot, around: Around) -> Plan:
    """One session goes there; later doses give way as little as they must, integration sessions follow their dose."""
    refusals = judged(me, slot, around)
    if me.facts.starts_at is None or me.facts.status is not Status.BOOKED:
        return Plan(refusals=tuple(refusals))
    placing = Placing(around, {me.id: slot}, {}, _later_doses(me, around))
    return _own_limits(_both(placing, around), me, around).refused(*refusals)


def judged(me: Standing, slot: Slot, around: Around) -> list[Refusal]:
    """Every reason against this session going there, when all that may give way does."""
    yielding = giving_way(me.facts, [one.facts for one in around.sessions])
    return _against(me, slot, around, yielding, (me.days.earliest_on, me.days.latest_on))


def shifted_together(change: Change, around: Around) -> Plan:
    """This one goes to the slot and all later ones by as many local days and clock hours, their spans with them."""
    me, *later = meant(change, around)
    if change.slot is None or me.facts.starts_at is None:
        return Plan(refusals=(Refusal(Code.NOT_MOVABLE, {"status": me.facts.status}),))
    delta = wall_delta(me.facts.starts_at, change.slot.starts_at, around.zone)
    together = {one.id for one in later}
    bound = {one.id for one in around.bound_to({me.id, *together}, Status.BOOKED)}
    days = local_date(change.slot.starts_at, around.zone) - local_date(me.facts.starts_at, around.zone)
    plan = shift([me, *later], delta, days.days, around, settled={me.id: change.slot})
    return plan.refused(*_against(me, change.slot, around, together | bound, None))


def pushed_back(change: Change, around: Around) -> Plan:
    """All of the scope goes on so many days later, at the time of day that it has."""
    sessions, days = meant(change, around), change.by_days or 0
    closed = [one for one in sessions if not around.is_ahead(one)]
    plan = shift([one for one in sessions if one not in closed], timedelta(days=days), days, around)
    return plan.refused(*(about(one, Refusal(Code.NOT_MOVABLE, {"status": one.facts.status})) for one in closed))


def preferred(change: Change, around: Around) -> Plan:
    """All from the date go to the weekdays and the time of day that are preferred now, within their spans."""
    sessions = meant(change, around)
    pulls = {one.id: _pull(one, change, around) for one in sessions}
    placing = Placing(around, {}, pulls, ())
    return _both(placing, around, lambda outcome: _meant_anew(sessions, outcome, around))


def shift(
    sessions: Iterable[Standing],
    delta: timedelta,
    days: int,
    around: Around,
    settled: dict[UUID, Slot] | None = None,
) -> Plan:
    """These sessions and what is bound to them, by a wall clock's delta; `settled` have chosen their place already."""
    whole = list(sessions)
    spans = {one.id: one.days.later(days) for one in (*whole, *around.bound_to([one.id for one in whole], *OPEN))}
    booked = [one for one in whole if one.facts.status is Status.BOOKED]
    pulls = {one.id: Pull(at=shifted(at, delta, around.zone)) for one in booked if (at := one.facts.starts_at)}
    slides = tuple(_slide(around.by_id[id_], to) for id_, to in spans.items() if to != around.by_id[id_].days)
    if not pulls:
        return Plan(slides=slides)
    placing = Placing(around, settled or {}, pulls, (), spans)
    return _both(placing, around, lambda _: slides)


def about(one: Standing, refusal: Refusal) -> Refusal:
    """A reason against one session among several names it."""
    named = {"session_id": str(one.id), "kind": one.facts.kind.value, "number": one.facts.number}
    return Refusal(refusal.code, {**refusal.data, **named})


def _nothing_slides(_: Outcome) -> tuple[Slide, ...]:
    return ()


def _both(placing: Placing, around: Around, slides: Callable[[Outcome], tuple[Slide, ...]] = _nothing_slides) -> Plan:
    keeping, breaking = placing.outcomes()
    plan = Plan(moves=keeping.moves, slides=slides(keeping), optimal=keeping.optimal)
    if breaking is None or not around.terms.by_staff:
        return plan
    return replace(plan, alternative=Plan(moves=breaking.moves, slides=slides(breaking), optimal=breaking.optimal))


def _later_doses(me: Standing, around: Around) -> list[UUID]:
    """The booked doses after this one that have not begun."""
    if not is_dose_of(around.course_id, me.facts):
        return []
    later = [one for one in around.doses() if place_of(one.facts) > place_of(me.facts)]
    return [one.id for one in later if one.facts.status is Status.BOOKED and around.is_ahead(one)]


def _against(
    me: Standing, slot: Slot, around: Around, without: Collection[UUID], span: tuple[date, date] | None
) -> list[Refusal]:
    """Only what stays where it is can speak against a time."""
    staying = [one.facts for one in around.sessions if one.id not in without]
    return move_refusals(me.facts, slot.starts_at, staying, span, around.terms)


def _own_limits(plan: Plan, me: Standing, around: Around) -> Plan:
    """Patients may move their own, as long as it costs no other session its time and none inside the freeze period."""
    if around.terms.by_staff:
        return plan
    lost = [move for move in plan.moves if move.to is None]
    near = [move for move in plan.moves if move.session_id != me.id and move.was - around.now < around.terms.freeze]
    reasons = [Refusal(Code.LEAVES_UNPLACED, {"number": move.number, "kind": move.kind}) for move in lost]
    hours = round(around.terms.freeze / timedelta(hours=1))
    return plan.refused(
        *reasons, *(Refusal(Code.INSIDE_FREEZE, {"hours": hours, "number": move.number}) for move in near)
    )


def _pull(one: Standing, change: Change, around: Around) -> Pull:
    at = one.facts.starts_at
    clock = change.around or (local(at, around.zone).time() if at else around.clock)
    return Pull(on=around.day_of(one), weekdays=change.weekdays, around=clock)


def _meant_anew(sessions: Iterable[Standing], outcome: Outcome, around: Around) -> tuple[Slide, ...]:
    """What is meant for another day now, and what is bound to it by as many days."""
    slides = []
    for one in sessions:
        target = outcome.meant_for.get(one.id)
        if target is None or target == one.days.target_on:
            continue
        days = (target - one.days.target_on).days
        slides.append(_slide(one, one.days.aimed(target)))
        bound = around.bound_to({one.id}, *OPEN)
        slides += [_slide(each, each.days.aimed(each.days.target_on + timedelta(days=days))) for each in bound]
    return tuple(slides)


def _slide(one: Standing, to: Days) -> Slide:
    return Slide(one.id, one.facts.kind, one.facts.number, one.days, to)
