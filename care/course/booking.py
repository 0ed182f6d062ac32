"""May this session take, leave or give up a time, or go on to its next status? Every reason against it at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care.course.overdue import observed_until
from care.course.spacing import spacing_refusals
from care.facts import ENDED_WITHOUT_HAPPENING, UNDER_WAY, Role, SessionFacts, SessionKind, Status
from care.refusals import Code, Refusal
from care.times import local_date
from care.windows import integration_window

OPEN = frozenset({Status.PLANNED, Status.BOOKED})
CLINICIANS_FACTS = frozenset({Status.DOSED, Status.DISCHARGED})
EARLY = timedelta(days=1)  # nobody arrives longer before a visit; how late it is written down is nobody's to refuse


@dataclass(frozen=True, slots=True)
class Terms:
    """What a start is judged by beside the course itself. `seven_day_reason`: staff gave one; `freeze` binds patients alone.

    `stops`: what a dose of this course waits for before it is booked, where its clinic wants that.
    """

    zone: str
    course_status: str
    now: datetime
    by_staff: bool
    seven_day_reason: bool
    freeze: timedelta
    stops: tuple[Refusal, ...] = ()


def booking_refusals(
    session: SessionFacts,
    start: datetime,
    course: Sequence[SessionFacts],
    span: tuple[date, date] | None,
    terms: Terms,
) -> list[Refusal]:
    """Every reason against giving a planned session this start.

    `course` holds the sessions of the patient, final ones and this one included; `span` the earliest and latest local
    day, None where it goes along.
    """
    late = not terms.by_staff and _near(session, start, terms.now, terms.freeze)
    return [
        *_unless(session.status is Status.PLANNED, Code.NOT_BOOKABLE, status=session.status),
        *_taking(session, start, course, span, terms),
        *_unless(not late, Code.INSIDE_FREEZE, hours=_hours(terms.freeze)),
        *(terms.stops if session.kind is SessionKind.DOSING else ()),
    ]


def move_refusals(
    session: SessionFacts,
    start: datetime,
    course: Sequence[SessionFacts],
    span: tuple[date, date] | None,
    terms: Terms,
) -> list[Refusal]:
    """Every reason against moving a booked session to this start; for patients neither time may be too near.

    Leave out of `course` the later sessions that a reflow will place anew.
    """
    near = _leaving_late(session, terms.now, terms.freeze) or _near(session, start, terms.now, terms.freeze)
    return [
        *_unless(session.status is Status.BOOKED, Code.NOT_MOVABLE, status=session.status),
        *_taking(session, start, course, span, terms),
        *_unless(terms.by_staff or not near, Code.INSIDE_FREEZE, hours=_hours(terms.freeze)),
    ]


def cancel_refusals(session: SessionFacts, *, now: datetime, by_staff: bool, freeze: timedelta) -> list[Refusal]:
    """Every reason against cancelling; a patient may do so until the freeze begins."""
    return [
        *_unless(session.status in OPEN, Code.NOT_CANCELLABLE, status=session.status),
        *_unless(by_staff or not _leaving_late(session, now, freeze), Code.INSIDE_FREEZE, hours=_hours(freeze)),
    ]


def may_arrive(session: SessionFacts, *, now: datetime, zone: str) -> list[Refusal]:
    """For a dose, on its local day or later: booked, or marked missed earlier on that day. Other sessions are attended."""
    late = session.status is Status.MISSED and _is_today(session, now, zone)
    early = session.starts_at is not None and local_date(now, zone) < local_date(session.starts_at, zone)
    return [
        *([] if late else _status(session, {Status.BOOKED})),
        *_kind(session, dosing=True),
        *_unless(not early, Code.NOT_YET, starts_at=session.starts_at),
    ]


def may_dose(session: SessionFacts, *, open_gates: Iterable[Refusal] = ()) -> list[Refusal]:
    """Arrived, and every hard gate answered; `open_gates` are those that readiness found open."""
    return [*_status(session, {Status.ARRIVED}), *_kind(session, dosing=True), *open_gates]


def may_discharge(session: SessionFacts, *, at: datetime, reasoned: bool) -> list[Refusal]:
    """Dosed, and observed for as long as the protocol says. `reasoned`: a clinician says why it is shorter this time."""
    until = observed_until(session)
    observed = reasoned or until is None or at >= until
    return [*_status(session, {Status.DOSED}), *_unless(observed, Code.OBSERVATION_NOT_OVER, until=until)]


def may_attend(session: SessionFacts, *, now: datetime) -> list[Refusal]:
    """A session other than a dose, once its time has come."""
    return [*_status(session, {Status.BOOKED}), *_kind(session, dosing=False), *_not_yet(session, now)]


def may_miss(session: SessionFacts, *, now: datetime) -> list[Refusal]:
    return [*_status(session, {Status.BOOKED}), *_not_yet(session, now)]


def may_defer(session: SessionFacts) -> list[Refusal]:
    """Not given for a clinical reason: until the dose itself."""
    return _status(session, {*OPEN, Status.ARRIVED})


def may_omit(session: SessionFacts) -> list[Refusal]:
    return _status(session, OPEN)


def may_reseat(session: SessionFacts) -> list[Refusal]:
    """Another chair or other staff at the same time: also while the patient is here."""
    return _status(session, {Status.BOOKED, *UNDER_WAY})


def may_correct(session: SessionFacts, *, now: datetime, zone: str) -> list[Refusal]:
    """What was marked wrongly can be mended; a miss only on its own local day."""
    marked = session.status in UNDER_WAY | {Status.DISCHARGED, Status.ATTENDED}
    missed_today = session.status is Status.MISSED and _is_today(session, now, zone)
    return _unless(marked or missed_today, Code.NOTHING_TO_CORRECT, status=session.status)


def by_a_clinician(kind: str) -> list[Refusal]:
    """That a dose was given and that its patient may leave is for clinicians to say, and to take back."""
    return _unless(kind == Role.CLINICIAN, Code.WRONG_CLINICIAN_ROLE)


def may_have_been(session: SessionFacts, at: datetime, *, now: datetime) -> list[Refusal]:
    """What happened came after the fact before it, not long before the visit, and not later than now."""
    known = [session.starts_at - EARLY] if session.starts_at else []
    not_before = max([*known, *filter(None, (session.arrived_at, session.dosed_at))], default=at)
    return _unless(not_before <= at <= now, Code.OUT_OF_TIME, at=at, not_before=not_before, not_after=now)


def _taking(
    session: SessionFacts,
    start: datetime,
    course: Sequence[SessionFacts],
    span: tuple[date, date] | None,
    terms: Terms,
) -> list[Refusal]:
    """Every reason against the time itself."""
    others = [one for one in course if one.id != session.id and one.status not in ENDED_WITHOUT_HAPPENING]
    lifted = terms.seven_day_reason
    return [
        *_unless(start > terms.now, Code.IN_THE_PAST, starts_at=start),
        *_outside_span(start, span, terms.zone),
        *_outside_integration_window(session, start, course),
        *_out_of_order(session, start, others),
        *_busy(session, start, others),
        *_spacing(session, start, others, terms.zone, seven_day_reason=lifted),
        *_course_over(session, course, terms.course_status),
    ]


def _course_over(session: SessionFacts, course: Iterable[SessionFacts], status: str) -> list[Refusal]:
    """Care after a dose that was given goes on, whatever becomes of its course."""
    given = any(one.id == session.of_session_id and one.status in (*UNDER_WAY, Status.DISCHARGED) for one in course)
    return _unless(status == "active" or given, Code.COURSE_NOT_ACTIVE, status=status)


def _unless(holds: bool, code: Code, **known: object) -> list[Refusal]:  # noqa: FBT001  a condition is what it takes
    return [] if holds else [Refusal(code, known)]


def _status(session: SessionFacts, allowed: Iterable[Status]) -> list[Refusal]:
    names = sorted(status.value for status in allowed)
    return _unless(session.status in names, Code.WRONG_STATUS, status=session.status, allowed=names)


def _kind(session: SessionFacts, *, dosing: bool) -> list[Refusal]:
    fits = (session.kind is SessionKind.DOSING) is dosing
    return _unless(fits, Code.WRONG_STATUS, status=session.status, allowed=[], kind=session.kind)


def _not_yet(session: SessionFacts, now: datetime) -> list[Refusal]:
    due = session.starts_at is not None and session.starts_at <= now
    return _unless(due or session.status is not Status.BOOKED, Code.NOT_YET, starts_at=session.starts_at)


def _is_today(session: SessionFacts, now: datetime, zone: str) -> bool:
    return session.starts_at is not None and local_date(session.starts_at, zone) == local_date(now, zone)


def _near(session: SessionFacts, start: datetime, now: datetime, freeze: timedelta) -> bool:
    """A dose needs its days of preparation; other sessions may be taken at short notice."""
    return session.kind is SessionKind.DOSING and start - now < freeze


def _leaving_late(session: SessionFacts, now: datetime, freeze: timedelta) -> bool:
    return session.status is Status.BOOKED and session.starts_at is not None and session.starts_at - now < freeze


def _hours(freeze: timedelta) -> int:
    return round(freeze / timedelta(hours=1))


def _outside_span(start: datetime, span: tuple[date, date] | None, zone: str) -> list[Refusal]:
    if span is None:
        return []
    earliest, latest = span
    inside = earliest <= local_date(start, zone) <= latest
    days = {"earliest_on": earliest.isoformat(), "latest_on": latest.isoformat()}
    return _unless(inside, Code.OUTSIDE_SPAN, **days)


def _outside_integration_window(
    session: SessionFacts, start: datetime, course: Iterable[SessionFacts]
) -> list[Refusal]:
    """An integration session belongs into the window after its dose, as soon as that has an end."""
    dose = next((one for one in course if one.id == session.of_session_id), None)
    if dose is None or dose.end is None:
        return []
    opens, closes = integration_window(dose)
    inside = opens <= start <= closes
    return _unless(inside, Code.OUTSIDE_INTEGRATION_WINDOW, **{"from": opens, "until": closes})


def place_of(session: SessionFacts) -> tuple[int, int]:
    """Where a dose stands in its course: by phase, within one by number. A replacement has its number from the end."""
    phases = [phase.name for phase in session.protocol.phases]
    return (phases.index(session.phase) if session.phase in phases else len(phases)), session.number


def _out_of_order(session: SessionFacts, start: datetime, others: Iterable[SessionFacts]) -> list[Refusal]:
    """Doses of a course keep their order."""
    mine = place_of(session)
    timed = [(place_of(one), one.number, one.dose_at) for one in _doses_beside(session, others) if one.dose_at]
    crossed = [(number, at) for place, number, at in timed if (place < mine) != (at < start)]
    return [Refusal(Code.OUT_OF_ORDER, {"number": number, "other": at}) for number, at in sorted(crossed)]


def _doses_beside(session: SessionFacts, others: Iterable[SessionFacts]) -> list[SessionFacts]:
    if session.kind is not SessionKind.DOSING:
        return []
    return [one for one in others if one.kind is SessionKind.DOSING and one.course_id == session.course_id]


def _busy(session: SessionFacts, start: datetime, others: Iterable[SessionFacts]) -> list[Refusal]:
    """A patient is in one place at a time, from arrival to the end."""
    visit = session.protocol.visits[session.kind]
    arrives, ends = start - timedelta(minutes=visit.arrive_minutes), start + timedelta(minutes=visit.minutes)
    taken = sorted((one.arrive_at or one.starts_at, one.end) for one in others if one.starts_at and one.end)
    overlaps = [(begins, until) for begins, until in taken if arrives < until and begins < ends]
    return [Refusal(Code.PATIENT_BUSY, {"from": begins, "until": until}) for begins, until in overlaps]


def _spacing(
    session: SessionFacts, start: datetime, others: Iterable[SessionFacts], zone: str, *, seven_day_reason: bool
) -> list[Refusal]:
    if session.kind is not SessionKind.DOSING:
        return []
    doses = [one.dose_at for one in _doses_beside(session, others) if one.dose_at]
    first = min(doses, default=None)
    return spacing_refusals(session.protocol, start, doses, first, zone, seven_day_reason=seven_day_reason)
