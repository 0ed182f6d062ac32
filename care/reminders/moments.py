"""At which moment is something said, and why then?

The moment hangs on an anchor: so many hours before the dose, after the end, or a clock time on a day. Quiet hours move
it as its kind says. Where the moment had passed when the need arose, it is due at that instant; where that instant is
quiet and the kind may not wait, or its use is over, no moment is lawful and a person has to act.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from care.facts import ENDED_WITHOUT_HAPPENING, Part, PatientFacts, Person, SessionKind
from care.hours import in_quiet, last_lawful, settled, shift
from care.kinds import Quiet
from care.reminders.wanted import iso

ON_THE_WAY = timedelta(minutes=30)  # so long before they are expected people may be under way


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a moment hangs on: its name for people ("dose", "end") and its instant."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    not_before: datetime
    due_at: datetime
    not_after: datetime
    lawful: bool
    why: dict[str, str]


@dataclass(frozen=True, slots=True)
class Ear:
    """Someone's hours, as one kind of text has to keep them."""

    facts: PatientFacts
    person: Person
    policy: Quiet

    def open_at(self, at: datetime) -> bool:
        return self.policy is Quiet.EXEMPT or not in_quiet(at, self.person.zone, self.facts.clinic.quiet)

    def moved(self, at: datetime) -> datetime | None:
        lawful = shift(at, self.policy, self.person.zone, self.facts.clinic.quiet, key=str(self.person.id))
        return None if lawful is None else self._beside_visits(lawful)

    def _beside_visits(self, at: datetime) -> datetime:
        """Nobody is texted in the middle of their own treatment: before they leave for it, or when it is over."""
        visit = self._visit_at(at)
        if visit is None or self.policy is Quiet.EXEMPT:
            return at
        beside = visit[0] - ON_THE_WAY if self.policy is Quiet.EARLIER else visit[1]
        return beside if self.open_at(beside) else at

    def _visit_at(self, at: datetime) -> tuple[datetime, datetime] | None:
        """The patient's dosing session, as planned, that is under way at `at`."""
        if self.person.part is not Part.PATIENT:
            return None
        doses = (each for each in self.facts.sessions if each.kind is SessionKind.DOSING)
        planned = (
            (each.arrive_at or each.starts_at, each.end) for each in doses if each.status not in ENDED_WITHOUT_HAPPENING
        )
        return next(((begins, ends) for begins, ends in planned if begins and ends and begins <= at < ends), None)

    def needs_from(self, since: datetime, starts_at: datetime) -> datetime:
        """When a change of a session counts: with the notice that tells of it, so that both are one text."""
        counts = settled(since, starts_at, self.facts.clinic.notice_delay)
        return counts if self.open_at(counts) else since

    def last(self, at: datetime) -> datetime:
        return at if self.policy is Quiet.EXEMPT else last_lawful(at, self.person.zone, self.facts.clinic.quiet)


def place(
    nominal: datetime, ear: Ear, *, anchor: Anchor, since: datetime, until: datetime, not_before: datetime | None = None
) -> Moment:
    """The moment for what is nominally said at `nominal`, needed since `since` and of use until `until`.

    `not_before` None: as soon as it is needed. All instants are aware UTC.
    """
    due, shifted = _due(nominal, ear, since)
    if due is not None and due > until:
        due, shifted = None, "too_late"
    last = ear.last(until)
    why = {
        "rule": anchor.name,
        "anchor": iso(anchor.at),
        "offset": offset(nominal, anchor.at),
        "shifted": shifted,
        "since": iso(since),
    }
    if due is None:
        return Moment(last, last, last, lawful=False, why=why)
    earliest = min(due, max(since, not_before or since))
    return Moment(earliest, due, max(due, last), lawful=True, why=why)


def _due(nominal: datetime, ear: Ear, since: datetime) -> tuple[datetime | None, str]:
    if nominal >= since and (moved := ear.moved(nominal)) is not None and moved >= since:
        return (
            moved,
            "no" if moved == nominal else f"{ear.policy}_for_{'a_visit' if ear.open_at(nominal) else 'quiet_hours'}",
        )
    if ear.policy is Quiet.LATER:
        return ear.moved(since), "needed_late"
    return (since, "needed_late") if ear.open_at(since) else (None, "needed_in_quiet_hours")


def offset(nominal: datetime, anchor: datetime) -> str:
    """How far from its anchor: "-72 h", "+2 h", "-15 min"."""
    minutes = round((nominal - anchor).total_seconds() / 60)
    return f"{minutes / 60:+g} h" if minutes % 30 == 0 else f"{minutes:+d} min"
