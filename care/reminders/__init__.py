"""What should this patient and their people hear, and when? Everything but notices, one file per family.

Computed per patient, because windows of neighbouring sessions merge, and from facts alone: it reads no clock.
"""

from care.facts import PatientFacts
from care.people import is_on
from care.reminders.after import after
from care.reminders.attendance import attendance
from care.reminders.integration import integration
from care.reminders.preparation import preparation
from care.reminders.support import support
from care.reminders.transport import transport
from care.reminders.wanted import Ask, Key, Wanted, iso, says

__all__ = ["Ask", "Key", "Wanted", "iso", "reminders", "says"]

_FAMILIES = (attendance, preparation, transport, support, after, integration)


def reminders(facts: PatientFacts) -> list[Wanted]:
    """Everything these people should hear by these facts, in order of its due moment. Equal facts give equal keys.

    Past moments included: what was said stays in the set until its session is over. Expired from the start (`lawful`
    False) are only preparation and questions of which no repeat is lawful: their missing leaves somebody uninformed.
    """
    wanted = [each for family in _FAMILIES for each in family(facts) if is_on(facts, each.key.kind)]
    return sorted(wanted, key=_in_order)


def _in_order(wanted: Wanted) -> tuple[object, ...]:
    key = wanted.key
    return wanted.due_at, key.kind, str(key.person_id), str(key.subject_id), key.repeat
