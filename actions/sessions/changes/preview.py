"""What would a change bring? The rules' plan, with who is told, what is asked again, and the token that agrees to just this."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from actions.record import Actor
from actions.sessions.changes.reading import Reading, read
from actions.sessions.changes.tokens import token_of
from actions.sessions.slots import busy_refusals
from care.course.changes.planning import planned
from care.course.changes.plans import Add, Asked, End, Follows, Move, Plan, Reseat, Slide, Stay
from care.course.changes.wishes import Change, ChangeVerb
from care.facts import SessionKind
from care.refusals import Code, Refusal, Refused
from models import Clinic, Course, Patient, Session, db


@dataclass(frozen=True, slots=True)
class Advice:
    """What the label or the protocol's author says, by language, and where it is written. It decides nothing."""

    say: Mapping[str, str]
    source: str


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What would follow. `token` covers the rows that were used; with refusals it cannot be carried out.

    `told`: the persons who will hear of it. `void`: answers that no longer count, as session and step. `late_change`: the
    clinic's rule and price for late changes, by language.
    """

    token: str
    plan: Plan
    told: tuple[UUID, ...]
    void: tuple[tuple[UUID, str], ...]
    advice: Advice | None = None
    late_change: Mapping[str, str] | None = None
    alternative: "ChangePreview | None" = None  # disturbs fewer by breaking the rule of seven dates, for a reason

    @property
    def moves(self) -> tuple[Move, ...]:
        return self.plan.moves

    @property
    def unplaced(self) -> tuple[Move, ...]:
        return self.plan.unplaced

    @property
    def reseats(self) -> tuple[Reseat, ...]:
        return self.plan.reseats

    @property
    def ends(self) -> tuple[End, ...]:
        return self.plan.ends

    @property
    def adds(self) -> tuple[Add, ...]:
        return self.plan.adds

    @property
    def slides(self) -> tuple[Slide, ...]:
        return self.plan.slides

    @property
    def stays(self) -> tuple[Stay, ...]:
        return self.plan.stays

    @property
    def asks(self) -> tuple[Asked, ...]:
        return self.plan.asks

    @property
    def follows(self) -> Follows | None:
        return self.plan.follows

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self.plan.refusals

    @property
    def optimal(self) -> bool:
        return self.plan.optimal


def preview_change(wish: Change, *, by: Actor, now: datetime, reason: str | None = None) -> ChangePreview:
    """What the change would bring, without writing anything. Refusals are part of the answer."""
    return shown(wish, reading_for(wish, by=by, now=now, reason=reason))


def reading_for(wish: Change, *, by: Actor, now: datetime, reason: str | None = None) -> Reading:
    """The rows of the course that the wish is about. Raises `Refused` when its session is none of the course's."""
    course = db.session.get_one(Course, (by.clinic_id, wish.course_id))
    patient = db.session.get_one(Patient, (by.clinic_id, course.patient_id))
    reading = read(course, patient, by=by, now=now, reason=reason)
    mine = reading.rows.get(wish.session_id) if wish.session_id else None
    if wish.session_id is not None and (mine is None or mine.course_id != course.id):
        raise Refused([Refusal(Code.NOTHING_IN_SCOPE, {"scope": wish.scope.value})])
    return reading


def shown(wish: Change, reading: Reading) -> ChangePreview:
    """The plan as it is shown; for staff also the one that breaks the rule of seven dates to disturb fewer."""
    plan = planned(wish, reading.around).refused(*_busy_elsewhere(wish, reading))
    other = plan.alternative
    return _shown(wish, reading, plan, _shown(wish, reading, other, None) if other else None)


def _shown(wish: Change, reading: Reading, plan: Plan, alternative: ChangePreview | None) -> ChangePreview:
    touched = {each.session_id for each in plan.retimed}
    return ChangePreview(
        token=token_of(wish, plan, reading),
        plan=plan,
        told=_told(plan, reading),
        void=tuple((id_, step.value) for id_, step in reading.yeses if id_ in touched),
        advice=_advice(wish, reading),
        late_change=_late_change(wish, reading),
        alternative=alternative,
    )


def _busy_elsewhere(wish: Change, reading: Reading) -> list[Refusal]:
    """What the chosen place's own calendars say against it."""
    if wish.slot is None:
        return []
    terms = reading.around.terms
    reasoned = terms.seven_day_reason
    return busy_refusals(wish.slot, reading.course.clinic_id, by_staff=terms.by_staff, reasoned=reasoned)


def _told(plan: Plan, reading: Reading) -> tuple[UUID, ...]:
    """The patient, and whoever stands by a dose that moves or is off; of what never had a time nobody hears."""
    heard = [each for each in plan.retimed if each.was is not None]
    if not heard:
        return ()
    rows = [reading.rows[each.session_id] for each in heard]
    return tuple(dict.fromkeys([reading.patient.id, *_supports(rows)]))


def _supports(rows: Iterable[Session]) -> list[UUID]:
    return [row.support_person_id for row in rows if row.kind == SessionKind.DOSING and row.support_person_id]


def _advice(wish: Change, reading: Reading) -> Advice | None:
    """What the label says of a dose that is not given."""
    row = reading.rows.get(wish.session_id) if wish.session_id else None
    if row is None or row.kind != SessionKind.DOSING or wish.verb not in (ChangeVerb.MISS, ChangeVerb.DEFER):
        return None
    rules = reading.around.rules
    phase = next((one for one in rules.phases if one.name == row.phase), None)
    if phase is None or not phase.missed_advice:
        return None
    return Advice(phase.missed_advice, rules.sources.get(f"phases.{phase.name}.missed_advice", ""))


def _late_change(wish: Change, reading: Reading) -> Mapping[str, str] | None:
    """The clinic's own rule is quoted before a patient's time changes."""
    if wish.verb not in (ChangeVerb.MOVE, ChangeVerb.CANCEL):
        return None
    clinic = db.session.get_one(Clinic, reading.course.clinic_id)
    return clinic.settings.get("late_change") or None
