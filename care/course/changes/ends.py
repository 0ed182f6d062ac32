"""What follows when sessions do not happen? They end, what is bound to them ends too, and the protocol proposes what comes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from care.course.booking import OPEN, cancel_refusals, may_defer, may_miss, may_omit, place_of
from care.course.changes.around import Around, Standing, meant
from care.course.changes.moves import about, shift
from care.course.changes.plans import Add, Asked, Days, End, Follows, Plan
from care.course.changes.wishes import Change, ChangeVerb, Scope
from care.facts import Role, SessionFacts, SessionKind, Status
from care.protocol import MissedPolicy, Phase
from care.refusals import Code, Refusal
from care.tasks import TaskCode
from care.times import local_date

BECOMES = {
    ChangeVerb.CANCEL: Status.CANCELLED,
    ChangeVerb.OMIT: Status.OMITTED,
    ChangeVerb.DEFER: Status.DEFERRED,
    ChangeVerb.MISS: Status.MISSED,
}
REVIEWED = {
    ChangeVerb.CANCEL: TaskCode.CANCELLED_REVIEW,
    ChangeVerb.DEFER: TaskCode.DEFERRED_REVIEW,
    ChangeVerb.MISS: TaskCode.MISSED_REVIEW,
}


def ended(change: Change, around: Around) -> Plan:
    """All of the scope at once, or none: every reason against each of them is named."""
    sessions = meant(change, around)
    refusals = [_named(one, refusal, change) for one in sessions for refusal in _against(one, change, around)]
    bound = around.bound_to([one.id for one in sessions], *OPEN)
    ends = [_end(one, BECOMES[change.verb]) for one in sessions] + [_end(one, Status.CANCELLED) for one in bound]
    plan = Plan(ends=tuple(ends), refusals=tuple(refusals))
    if change.scope is Scope.THIS and sessions[0].facts.kind is SessionKind.DOSING:
        plan = _followed(plan, sessions[0], change, around)
    return replace(plan, asks=(*plan.asks, *_calls(change, sessions)))


def _against(one: Standing, change: Change, around: Around) -> list[Refusal]:
    terms = around.terms
    judges: dict[ChangeVerb, Callable[[SessionFacts], list[Refusal]]] = {
        ChangeVerb.CANCEL: lambda facts: cancel_refusals(
            facts, now=terms.now, by_staff=terms.by_staff, freeze=terms.freeze
        ),
        ChangeVerb.OMIT: may_omit,
        ChangeVerb.DEFER: may_defer,
        ChangeVerb.MISS: lambda facts: may_miss(facts, now=terms.now),
    }
    return judges[change.verb](one.facts)


def _named(one: Standing, refusal: Refusal, change: Change) -> Refusal:
    return refusal if change.scope is Scope.THIS else about(one, refusal)


def _end(one: Standing, becomes: Status) -> End:
    booked_at = one.facts.starts_at if one.facts.status is not Status.PLANNED else None
    return End(one.id, one.facts.kind, one.facts.number, becomes, booked_at)


def _calls(change: Change, sessions: list[Standing]) -> tuple[Asked, ...]:
    if change.verb is not ChangeVerb.MISS:
        return ()
    return tuple(Asked(Role.COORDINATOR, TaskCode.MISSED_CALL, one.id) for one in sessions)


# What comes after a dose that is not given


def _followed(plan: Plan, dose: Standing, change: Change, around: Around) -> Plan:
    """The protocol proposes; only a clinician decides otherwise."""
    after = After(dose, around)
    usual = after.usual(change.verb)
    policy = change.then or usual
    follows = Follows(policy, usual, after.choices)
    reasons = []
    if policy not in after.choices:
        reasons.append(Refusal(Code.NOT_A_CHOICE, {"choices": [choice.value for choice in after.choices]}))
    if policy is not usual and around.by_kind != Role.CLINICIAN:
        reasons.append(Refusal(Code.WRONG_CLINICIAN_ROLE))
    if reasons:
        return replace(plan, follows=follows).refused(*reasons)
    return _with(policy, replace(plan, follows=follows), after, change)


def _with(policy: MissedPolicy, plan: Plan, after: "After", change: Change) -> Plan:
    if policy is MissedPolicy.CLINICIAN:
        asked = Asked(Role.CLINICIAN, REVIEWED.get(change.verb, TaskCode.MISSED_REVIEW), after.dose.id)
        return replace(plan, asks=(asked,))
    if policy is MissedPolicy.APPEND:
        return replace(plan, adds=after.replacement(after.soonest()))
    if policy is MissedPolicy.SLIDE:
        slid = shift(after.later_phases(), timedelta(days=after.step), after.step, after.around)
        return replace(
            slid, ends=plan.ends, adds=after.replacement(after.a_step_later()), follows=plan.follows,
            refusals=(*plan.refusals, *slid.refusals),
        )  # fmt: skip
    return plan


@dataclass
class After:
    """What a protocol makes of a dose that is not given."""

    dose: Standing
    around: Around

    def __post_init__(self) -> None:
        rules = self.around.rules
        self.phase: Phase | None = next((one for one in rules.phases if one.name == self.dose.facts.phase), None)
        self.gap = rules.spacing.min_gap_days

    def usual(self, verb: ChangeVerb) -> MissedPolicy:
        """What is left out on purpose is not replaced; what was not given for a clinical reason is a clinician's.

        A replacement that the phase allows no more is a clinician's too.
        """
        if verb is ChangeVerb.OMIT:
            return MissedPolicy.CONTINUE
        if verb is ChangeVerb.DEFER or self.phase is None:
            return MissedPolicy.CLINICIAN
        return self.phase.missed if self.phase.missed in self.choices else MissedPolicy.CLINICIAN

    @property
    def choices(self) -> tuple[MissedPolicy, ...]:
        if self.phase is None or self.around.terms.course_status != "active":
            return MissedPolicy.CONTINUE, MissedPolicy.CLINICIAN
        in_time = (MissedPolicy.APPEND,) if self._in_time(self.soonest()) else ()
        sliding = (MissedPolicy.SLIDE,) if self._in_time(self.a_step_later()) else ()
        return MissedPolicy.CONTINUE, *in_time, *sliding, MissedPolicy.CLINICIAN

    @property
    def step(self) -> int:
        """Days from one dose of the phase to the next."""
        phase = self._known_phase
        return max(self.gap, phase.every_days[0] if not phase.per_week else -(-7 // phase.per_week))

    def soonest(self) -> Days:
        """At the end of the phase, as soon as the gap allows."""
        earliest = self._last_day() + timedelta(days=self.gap)
        return self._within(Days(earliest, earliest, earliest + timedelta(days=self._known_phase.max_gap_days)))

    def a_step_later(self) -> Days:
        """At the end of the phase, in its own cadence."""
        last, phase = self._last_day(), self._known_phase
        target = last + timedelta(days=self.step)
        latest = target + timedelta(days=phase.max_gap_days)
        return self._within(Days(target, last + timedelta(days=self.gap), latest))

    def later_phases(self) -> list[Standing]:
        """The doses of the phases after this one that are still to come."""
        mine = place_of(self.dose.facts)[0]
        doses = [one for one in self.around.doses() if place_of(one.facts)[0] > mine]
        return [one for one in doses if self.around.is_ahead(one)]

    def replacement(self, days: Days) -> tuple[Add, ...]:
        """The dose, and an integration session after it where the one not given had one ahead."""
        number = self._next(SessionKind.DOSING)
        dose = Add(SessionKind.DOSING, number, self.dose.facts.phase, days, replaces_id=self.dose.id)
        bound = self.around.bound_to({self.dose.id}, *OPEN)
        first = self._next(SessionKind.INTEGRATION)
        return dose, *(
            Add(SessionKind.INTEGRATION, first + place, one.facts.phase, self._as_far(one, days), of_number=number)
            for place, one in enumerate(bound)
        )

    @property
    def _known_phase(self) -> Phase:
        if self.phase is None:
            raise ValueError("the protocol does not know the phase")
        return self.phase

    def _in_time(self, days: Days) -> bool:
        return days.earliest_on <= days.target_on <= days.latest_on

    def _within(self, days: Days) -> Days:
        most = self._known_phase.append_within_days
        if most is None:
            return days
        latest = min(days.latest_on, self._began_on() + timedelta(days=most))
        return replace(days, latest_on=latest, target_on=min(days.target_on, max(latest, days.earliest_on)))

    def _as_far(self, bound: Standing, days: Days) -> Days:
        """As far from the replacement as it was from the dose."""
        was, dose = bound.days, self.dose.days
        return Days(
            days.target_on + (was.target_on - dose.target_on),
            days.earliest_on + (was.earliest_on - dose.earliest_on),
            days.latest_on + (was.latest_on - dose.latest_on),
        )

    def _of_phase(self) -> list[Standing]:
        return [one for one in self.around.doses() if one.facts.phase == self.dose.facts.phase]

    def _last_day(self) -> date:
        """Of the phase's doses, as they are booked or meant; those called off do not count."""
        counting = [one for one in self._of_phase() if one.facts.status is not Status.CANCELLED or one is self.dose]
        return max(max(one.days.target_on, self.around.day_of(one)) for one in counting)

    def _began_on(self) -> date:
        """The local day of the phase's first dose, as it was booked or planned."""
        first = self._of_phase()[0]
        return local_date(first.facts.starts_at, self.around.zone) if first.facts.starts_at else first.days.target_on

    def _next(self, kind: SessionKind) -> int:
        return next_number(kind, self.around)


def next_number(kind: SessionKind, around: Around) -> int:
    """The first number that no session of this kind in the course has had."""
    mine = (one.facts for one in around.sessions if one.facts.course_id == around.course_id)
    return max((one.number for one in mine if one.kind is kind), default=0) + 1
