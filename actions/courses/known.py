"""What do the rules need to know of a course? Its rows read once, under its patient's lock, as the values of `care.course`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from actions.courses.plan import horizon, preferences_of
from actions.facts import rules_of
from care.course.cadence import Preferences
from care.course.progress.horizon import Numbers
from care.course.progress.phases import Cadence, Dose, Progress, cadence, phase_named, progress
from care.facts import UNDER_WAY, SessionKind, Status
from care.protocol import Phase, Protocol
from care.times import local_date, wall
from models import Clinic, Course, Session, db


@dataclass(frozen=True, slots=True)
class Known:
    """A course with its sessions in the order of their targets, and its doses as phases and reviews count them."""

    course: Course
    rules: Protocol
    zone: str
    wish: Preferences
    horizon: timedelta  # how far ahead an open phase is planned
    rows: tuple[Session, ...]
    doses: tuple[Dose, ...]

    @property
    def phase(self) -> Phase:
        """The one under way."""
        return phase_named(self.rules, self.course.phase)

    @property
    def cadence(self) -> Cadence:
        """How often doses come in the phase under way."""
        return cadence(self.phase)

    @property
    def progress(self) -> Progress:
        return progress(self.rules, self.course.phase, self.doses)

    @property
    def numbers(self) -> Numbers:
        return Numbers(self._next_number(SessionKind.DOSING), self._next_number(SessionKind.INTEGRATION))

    @property
    def under_way(self) -> Session | None:
        """A session whose patient is here now."""
        return next((row for row in self.rows if row.status in UNDER_WAY), None)

    @property
    def next_dose(self) -> Session | None:
        """The first dose that is still to be given."""
        waiting = [dose for dose in self.doses if dose.status in TO_BE_GIVEN]
        first = min(waiting, key=lambda dose: (dose.at, dose.number), default=None)
        return self.row(first.id) if first else None

    def today(self, now: datetime) -> date:
        """The clinic's local day."""
        return local_date(now, self.zone)

    def of_dose(self, dose_id: UUID) -> list[Session]:
        """The integration sessions that belong to a dose."""
        return [row for row in self.rows if row.of_session_id == dose_id]

    def row(self, session_id: UUID) -> Session:
        return next(row for row in self.rows if row.id == session_id)

    def _next_number(self, kind: SessionKind) -> int:
        return max((row.number for row in self.rows if row.kind == kind), default=0) + 1


TO_BE_GIVEN = (Status.PLANNED, Status.BOOKED, Status.ARRIVED)


def known(course: Course) -> Known:
    """The course as it is now; whatever was written before is flushed first."""
    db.session.flush()
    clinic = db.session.get_one(Clinic, course.clinic_id)
    wish = preferences_of(course.preferences)
    rows = _rows(course)
    return Known(
        course=course,
        rules=rules_of(course),
        zone=clinic.zone,
        wish=wish,
        horizon=horizon(clinic),
        rows=tuple(rows),
        doses=tuple(_dose(row, wish, clinic.zone) for row in rows if row.kind == SessionKind.DOSING),
    )


def _rows(course: Course) -> Sequence[Session]:
    mine = select(Session).where(Session.clinic_id == course.clinic_id, Session.course_id == course.id)
    return db.session.scalars(mine.order_by(Session.target_on, Session.number)).all()


def _dose(row: Session, wish: Preferences, zone: str) -> Dose:
    return Dose(
        id=row.id,
        number=row.number,
        phase=row.phase,
        status=Status(row.status),
        at=row.dosed_at or row.starts_at or wall(row.target_on, wish.around, zone),
        over_at=_over_at(row),
        given_before=row.given_before,
    )


def _over_at(row: Session) -> datetime | None:
    """When it was discharged, else when it was called off; None while it is to come."""
    if row.status in TO_BE_GIVEN or row.status == Status.DOSED:
        return None
    return row.discharged_at or row.since
