"""What would a change bring? One answer for every verb and scope, the same when it is shown and when it is done."""

from collections.abc import Callable, Mapping

from care.course.booking import OPEN
from care.course.changes.adds import added
from care.course.changes.around import Around, meant
from care.course.changes.ends import ended
from care.course.changes.moves import moved_alone, preferred, pushed_back, shifted_together
from care.course.changes.plans import Plan
from care.course.changes.reseats import reseated
from care.course.changes.wishes import OWN, SCOPES, Change, ChangeVerb, Scope
from care.refusals import Code, Refusal


def planned(change: Change, around: Around) -> Plan:
    """All that follows, with every reason against it. Writes nothing."""
    if wrong := _out_of_scope(change, around):
        return Plan(refusals=(wrong,))
    if change.scope is not Scope.THIS and not any(one.facts.status in OPEN for one in meant(change, around)):
        return Plan(refusals=(Refusal(Code.NOTHING_IN_SCOPE, {"scope": change.scope.value}),))
    return PLANS[change.verb](change, around)


def _out_of_scope(change: Change, around: Around) -> Refusal | None:
    """Not every verb goes for several; patients change their own one by one, and a date is needed where all from it are meant."""
    scopes = [scope for scope in SCOPES[change.verb] if around.terms.by_staff or (change.verb, scope) in OWN]
    if change.scope in scopes:
        return None
    return Refusal(Code.WRONG_SCOPE, {"verb": change.verb.value, "scopes": [scope.value for scope in scopes]})


def _moved(change: Change, around: Around) -> Plan:
    if change.scope is Scope.FROM:
        return pushed_back(change, around) if change.by_days else preferred(change, around)
    if change.scope is Scope.FOLLOWING:
        return shifted_together(change, around)
    (me,) = meant(change, around)
    return (
        Plan(refusals=(Refusal(Code.SLOT_NOT_OFFERED),))
        if change.slot is None
        else moved_alone(me, change.slot, around)
    )


def _deferred(change: Change, around: Around) -> Plan:
    """Ended; or, by so many days, only pushed back, so that none is lost."""
    return pushed_back(change, around) if change.by_days else ended(change, around)


def _added(change: Change, around: Around) -> Plan:
    if change.addition is None:
        raise ValueError("adding needs what to add")
    return added(change.addition, around)


PLANS: Mapping[ChangeVerb, Callable[[Change, Around], Plan]] = {
    ChangeVerb.MOVE: _moved,
    ChangeVerb.RESEAT: reseated,
    ChangeVerb.DEFER: _deferred,
    ChangeVerb.OMIT: ended,
    ChangeVerb.CANCEL: ended,
    ChangeVerb.MISS: ended,
    ChangeVerb.ADD: _added,
}
