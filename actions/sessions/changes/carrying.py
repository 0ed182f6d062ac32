"""How does a plan become rows? All that change give their places back before any takes its new one; many rows at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm.attributes import flag_modified

from actions.ask import ask
from actions.lanes import stand_in_line
from actions.sessions.book import judged_by_database, set_time
from actions.sessions.elsewhere import here_again
from actions.sessions.seats import write_seats
from care.course.changes.plans import Add, End, Move, Reseat, Slide
from care.course.slots import Slot
from care.facts import Cause, Role, SessionKind, Status
from care.tasks import TaskCode
from models import Booking, Course, Session, db

Rows = Mapping[UUID, Session]


def carry_out(moves: Iterable[Move], rows: Rows, *, now: datetime) -> None:
    """Each gives its time back, then takes its new one; they may pass through each other's. For whom there is none, a
    coordinator is asked. The patients are locked.
    """
    moves = tuple(moves)
    placed = [(rows[each.session_id], each.slot) for each in moves if each.slot is not None]
    stand_in_line(seat for _, slot in placed for seat in slot.seats)
    _give_back([rows[each.session_id] for each in moves], now)
    for each in moves:
        _lift(rows[each.session_id], now)
    db.session.flush()
    for row, slot in placed:
        set_time(row, slot, now=now)
    _take(placed)
    here_again([row for row, _ in placed], now=now)
    for each in moves:
        if each.slot is None:
            row = rows[each.session_id]
            ask(Role.COORDINATOR, TaskCode.NOWHERE_TO_GO, row, subject_id=row.id, now=now)


def take_seats(reseats: Sequence[Reseat], rows: Rows, *, now: datetime) -> None:
    """Other resources at the same time: nothing that anyone was told changes, so no version grows."""
    placed = [(rows[each.session_id], each.slot) for each in reseats]
    stand_in_line(seat for _, slot in placed for seat in slot.seats)
    _give_back([row for row, _ in placed], now)
    for row, _ in placed:
        flag_modified(row, "status")  # its edition grows: whoever saw the other seats saw something else
    _take(placed)


def end_all(ends: Iterable[End], rows: Rows, cause: Cause, *, now: datetime) -> None:
    """They are off, and their times are free again."""
    ends = tuple(ends)
    _give_back([rows[each.session_id] for each in ends], now)
    for each in ends:
        row = rows[each.session_id]
        row.status, row.cause, row.since = each.becomes, cause, now
    db.session.flush()


def slide(slides: Iterable[Slide], rows: Rows) -> None:
    """Other days to be meant for; nobody was told of those."""
    for each in slides:
        row = rows[each.session_id]
        row.target_on, row.earliest_on, row.latest_on = each.to.target_on, each.to.earliest_on, each.to.latest_on
    db.session.flush()


def add_all(adds: Iterable[Add], course: Course, setting: str, rows: Rows, *, now: datetime) -> list[Session]:
    """New planned sessions; an integration session after the new dose that it belongs to."""
    made: list[Session] = []
    for each in adds:
        of = next((row for row in made if row.kind == SessionKind.DOSING and row.number == each.of_number), None)
        made.append(_planned(each, course, setting, _support_for(each, rows), of, now))
        db.session.add(made[-1])
        db.session.flush()
    return made


def _planned(
    each: Add, course: Course, setting: str, support_id: UUID | None, of: Session | None, now: datetime
) -> Session:
    return Session(
        clinic_id=course.clinic_id,
        course_id=course.id,
        patient_id=course.patient_id,
        kind=each.kind,
        number=each.number,
        phase=each.phase,
        setting=setting,
        status=Status.PLANNED,
        version=1,
        since=now,
        target_on=each.days.target_on,
        earliest_on=each.days.earliest_on,
        latest_on=each.days.latest_on,
        of_session_id=of.id if of else each.of_session_id,
        replaces_id=each.replaces_id,
        support_person_id=support_id,
    )


def _support_for(each: Add, rows: Rows) -> UUID | None:
    """Who stood by the one that it replaces, else by the last dose."""
    if each.kind is not SessionKind.DOSING:
        return None
    before = rows.get(each.replaces_id) if each.replaces_id else None
    doses = sorted((row for row in rows.values() if row.kind == SessionKind.DOSING), key=lambda row: row.number)
    like = before or (doses[-1] if doses else None)
    return like.support_person_id if like else None


def _lift(row: Session, now: datetime) -> None:
    """Out of its time; the version grows here, once, for wherever it goes."""
    row.status, row.since, row.version = Status.PLANNED, now, row.version + 1
    row.starts_at = row.ends_at = row.arrive_at = None


def _give_back(rows: Sequence[Session], now: datetime) -> None:
    """Everyone's expired holds go too, for no constraint can see that they expired."""
    clinic_ids = {row.clinic_id for row in rows}
    for clinic_id in clinic_ids:
        db.session.execute(Booking.expired_holds(clinic_id, now))
    mine = delete(Booking).where(Booking.clinic_id.in_(clinic_ids), Booking.session_id.in_([row.id for row in rows]))
    db.session.execute(mine)


def _take(placed: Sequence[tuple[Session, Slot]]) -> None:
    if placed:
        with judged_by_database(min(slot.starts_at for _, slot in placed)):
            write_seats(placed)
