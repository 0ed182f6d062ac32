"""What is one thing to be confirmed by one person, and when does silence about it become a task?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from care.facts import Person, Role, Step
from care.protocol import Gate
from care.tasks import TaskCode

GRACE = timedelta(hours=4)  # the longest that someone asked late may be silent


@dataclass(frozen=True, slots=True)
class QuestionWanted:
    """One thing to be confirmed by one person about one version. It is wanted whether or not it was answered.

    `task_at`: when silence becomes a task called `task_code` for `role`. `then_at`, `then_code`: what is added to that
    task when the silence goes on. `asks_at`: the moments to ask and to repeat, before quiet hours move them. `since`:
    when the need arose. `useful_until`: after it no text asks any more.
    """

    subject_id: UUID
    session_id: UUID | None
    version: int
    step: Step
    person: Person
    gate: Gate
    task_at: datetime
    role: Role
    task_code: TaskCode
    since: datetime
    useful_until: datetime
    asks_at: tuple[datetime, ...] = ()
    then_at: datetime | None = None
    then_code: TaskCode | None = None


def task_at(nominal: datetime, since: datetime, starts_at: datetime) -> datetime:
    """`nominal`, or where the need arose late, after a fair time to answer: always before `starts_at`.

    Fair is four hours, or half of what is left when that is less.
    """
    return max(nominal, since + grace(since, starts_at))


def grace(since: datetime, starts_at: datetime) -> timedelta:
    return max(min(GRACE, (starts_at - since) / 2), timedelta())
