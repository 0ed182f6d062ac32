"""What does somebody want to change about a course? One session, this and the following, or all from a date."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from uuid import UUID

from care.course.slots import Slot
from care.facts import Cause, SessionKind
from care.protocol import MissedPolicy


class ChangeVerb(StrEnum):
    MOVE = "move"
    RESEAT = "reseat"
    DEFER = "defer"
    OMIT = "omit"
    CANCEL = "cancel"
    MISS = "miss"
    ADD = "add"


class Scope(StrEnum):
    THIS = "this"
    FOLLOWING = "following"  # this and the later ones of the course
    FROM = "from"  # all from a date on


SCOPES = {
    ChangeVerb.MOVE: (Scope.THIS, Scope.FOLLOWING, Scope.FROM),
    ChangeVerb.RESEAT: (Scope.THIS, Scope.FOLLOWING),
    ChangeVerb.DEFER: (Scope.THIS, Scope.FOLLOWING, Scope.FROM),
    ChangeVerb.OMIT: (Scope.THIS, Scope.FOLLOWING, Scope.FROM),
    ChangeVerb.CANCEL: (Scope.THIS, Scope.FOLLOWING, Scope.FROM),
    ChangeVerb.MISS: (Scope.THIS,),
    ChangeVerb.ADD: (Scope.THIS,),
}
OWN = frozenset({(ChangeVerb.MOVE, Scope.THIS), (ChangeVerb.CANCEL, Scope.THIS)})  # what patients may do themselves


@dataclass(frozen=True, slots=True)
class Addition:
    """One more session. `of_session_id`: the dose an integration session belongs to; `replaces_id`: the one it stands in for.

    `phase` None: the course's present one.
    """

    kind: SessionKind
    target_on: date
    earliest_on: date
    latest_on: date
    phase: str | None = None
    of_session_id: UUID | None = None
    replaces_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A wish. With `scope` from there is no session but a day, `from_on`.

    `slot`: where the session goes, or whose chair and staff it gets. From a date, `weekdays` and `around` are the new
    preferences. `by_days` pushes what is deferred back instead of ending it. `then`: what a clinician decides to follow,
    where it is not what the protocol proposes.
    """

    verb: ChangeVerb
    course_id: UUID
    session_id: UUID | None = None
    scope: Scope = Scope.THIS
    from_on: date | None = None
    slot: Slot | None = None
    weekdays: tuple[int, ...] = ()
    around: time | None = None
    by_days: int | None = None
    cause: Cause = Cause.OTHER
    then: MissedPolicy | None = None
    addition: Addition | None = None
