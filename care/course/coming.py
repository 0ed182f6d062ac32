"""Which of a patient's sessions is the next one?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from care.facts import UNDER_WAY, Status


class Timed(Protocol):
    """A session as it is known to rules, or as it is stored."""

    @property
    def id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...


OneOf = TypeVar("OneOf", bound=Timed)


def coming(sessions: Iterable[OneOf], now: datetime) -> OneOf | None:
    """The one under way, else the first that has a time and is not over by `now`; None when there is none."""
    timed = [(each.starts_at, str(each.id), each) for each in sessions if each.starts_at and _is_coming(each, now)]
    return min(timed, key=lambda each: each[:2])[2] if timed else None


def _is_coming(session: Timed, now: datetime) -> bool:
    ahead = session.status == Status.BOOKED and session.ends_at is not None and session.ends_at > now
    return session.status in UNDER_WAY or ahead
