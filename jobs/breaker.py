"""When does a sender rest? After several calls in a row that got no answer, so that an outage costs few texts their certainty."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FAULTS = 3
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(minutes=5)


@dataclass(slots=True)
class Breaker:
    """One sender's rest. While it rests nothing is claimed; afterwards one text tries, and its fault doubles the rest."""

    faults: int = 0
    rests: int = 0
    until: datetime | None = None

    def rests_at(self, now: datetime) -> bool:
        return self.until is not None and now < self.until

    @property
    def is_probing(self) -> bool:
        return self.rests > 0

    def answered(self) -> None:
        self.faults, self.rests, self.until = 0, 0, None

    def silent(self, now: datetime) -> None:
        if self.rests_at(now):
            return
        self.faults += 1
        if self.faults >= FAULTS or self.is_probing:
            self.until = now + min(SHORTEST * 2**self.rests, LONGEST)
            self.faults, self.rests = 0, self.rests + 1
