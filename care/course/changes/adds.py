"""May one more session be added to a course, and which would it be? Its spacing is judged when it is booked."""

from datetime import date, timedelta

from care.course.booking import OPEN
from care.course.changes.around import Around, Standing
from care.course.changes.ends import next_number
from care.course.changes.plans import Add, Days, Plan
from care.course.changes.wishes import Addition
from care.facts import ENDED_WITHOUT_HAPPENING, SessionKind
from care.refusals import Code, Refusal
from care.times import local_date

LONGEST, FURTHEST = timedelta(days=93), timedelta(days=731)  # of a span, and ahead of today: all of it is searched


def added(wish: Addition, around: Around) -> Plan:
    """One planned session with its number and span, or every reason against it."""
    refusals = [*_against_course(wish, around), *_against_dose(wish, around), *_against_replacing(wish, around)]
    add = Add(
        kind=wish.kind,
        number=next_number(wish.kind, around),
        phase=wish.phase or _phase_of(wish, around),
        days=Days(wish.target_on, wish.earliest_on, wish.latest_on),
        of_session_id=wish.of_session_id,
        replaces_id=wish.replaces_id,
    )
    return Plan(adds=(add,), refusals=tuple(refusals))


def _phase_of(wish: Addition, around: Around) -> str:
    """Of the session that it belongs to or stands in for, else the one under way."""
    beside = around.by_id.get(wish.of_session_id or wish.replaces_id or around.course_id)
    return beside.facts.phase if beside else around.phase


def _against_course(wish: Addition, around: Around) -> list[Refusal]:
    """An active course, a kind and a phase that its protocol knows, and a span that runs forward around the target."""
    status = around.terms.course_status
    phases = [phase.name for phase in around.rules.phases]
    first, last = _widest(wish, local_date(around.now, around.zone))
    days = {"earliest_on": first.isoformat(), "latest_on": last.isoformat()}
    fits = first <= wish.earliest_on <= wish.target_on <= wish.latest_on <= last
    checks = (
        (status in ("active", "paused"), Refusal(Code.COURSE_NOT_ACTIVE, {"status": status})),
        (wish.phase is None or wish.phase in phases, Refusal(Code.NOT_A_CHOICE, {"choices": phases})),
        (fits, Refusal(Code.OUTSIDE_SPAN, days)),
    )
    return [refusal for holds, refusal in checks if not holds]


def _widest(wish: Addition, today: date) -> tuple[date, date]:
    """The span that may be had, the nearest to the one wished for."""
    first = min(max(wish.earliest_on, today - LONGEST), today + FURTHEST)
    return first, max(first, min(wish.latest_on, first + LONGEST, today + FURTHEST))


def _against_dose(wish: Addition, around: Around) -> list[Refusal]:
    """An integration session belongs to a dose of this course that was or will be given and has none yet; others to none."""
    if wish.kind is not SessionKind.INTEGRATION:
        return [Refusal(Code.NOT_A_DOSE, {"kind": wish.kind.value})] if wish.of_session_id else []
    dose = _mine(wish.of_session_id, around)
    if dose is None or dose.facts.kind is not SessionKind.DOSING or dose.facts.status in ENDED_WITHOUT_HAPPENING:
        return [Refusal(Code.NOT_A_DOSE, {"kind": dose.facts.kind.value if dose else None})]
    bound = around.bound_to({dose.id}, *OPEN)
    return [Refusal(Code.ALREADY_THERE, {"session_id": str(one.id), "number": one.facts.number}) for one in bound]


def _against_replacing(wish: Addition, around: Around) -> list[Refusal]:
    """Only what did not happen is replaced, by one of its own kind, once."""
    if wish.replaces_id is None:
        return []
    before = _mine(wish.replaces_id, around)
    if before is None or before.facts.status not in ENDED_WITHOUT_HAPPENING or before.facts.kind is not wish.kind:
        status = before.facts.status.value if before else None
        ended = sorted(each.value for each in ENDED_WITHOUT_HAPPENING)
        return [Refusal(Code.WRONG_STATUS, {"status": status, "allowed": ended})]
    others = [one for one in around.sessions if one.replaces_id == before.id]
    counting = [one for one in others if one.facts.status not in ENDED_WITHOUT_HAPPENING]
    return [Refusal(Code.ALREADY_THERE, {"session_id": str(one.id), "number": one.facts.number}) for one in counting]


def _mine(session_id: object, around: Around) -> Standing | None:
    one = around.by_id.get(session_id)  # type: ignore[call-overload]
    return one if one is not None and one.facts.course_id == around.course_id else None
