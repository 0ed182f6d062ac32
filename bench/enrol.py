"""How quickly is a course written with all its reminders, and how long does enrolling take as a whole?"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment, SupportNamed
from actions.rows import write_rows
from bench.harness import Ground, Line, at_least, bench, side_by_side
from models import Reminder, Session, db
from models.columns import uuid7
from tests.people import NOW, Harbor, harbor

TURNS = 15

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Written:
    """Every session and reminder of a course whose doses are booked, as rows; each turn writes them under new ids."""

    sessions: Rows
    reminders: Rows

    def anew(self) -> "Written":
        ids = {row["id"]: uuid7() for row in self.sessions}
        sessions = [
            {**row, "id": ids[row["id"]], "number": row["number"] + 500, "of_session_id": ids.get(row["of_session_id"])}
            for row in self.sessions
        ]
        return Written(sessions, [{**row, "id": uuid7(), "repeat": row["repeat"] + 500} for row in self.reminders])


@bench("enrol")
def enrolling(ground: Ground) -> Iterator[Line]:
    """A course is written with all its reminders: against one hand-written statement and against ORM add_all."""
    for kind in ground.kinds:
        with ground.app(kind):
            home = harbor()
            yield from _writing(_course(home), kind)
            times = side_by_side(9, whole=partial(_enrolled, home))
            yield times["whole"].alone(f"enrolling a patient, judged, planned, recorded, {kind}")


def _writing(course: Written, kind: str) -> Iterator[Line]:
    another = iter([course.anew() for _ in range(3 * (TURNS + 1))])
    ways = {"ours": _by_us, "add_all": _by_objects, **({"hand": _by_hand} if kind == "postgresql" else {})}
    times = side_by_side(TURNS, **{name: partial(_taken_back, way, another) for name, way in ways.items()})
    what = f"{len(course.sessions)} sessions and {len(course.reminders)} reminders, {kind}"
    yield times["ours"].times_faster_than(times["add_all"], what, "ORM add_all of the same rows", at_least(7))
    if "hand" in times:
        yield times["ours"].times_faster_than(times["hand"], what, "one statement written by hand", at_least(0.6))


def _course(home: Harbor) -> Written:
    """Twenty sessions and more, and what is said around them."""
    course = home.enrol_ada("spravato_trd")
    for kind in ("dosing", "integration"):
        home.book_all(course, kind)
    return Written(_rows(Session), _rows(Reminder))


def _rows(table: Any) -> Rows:
    """As they stand, free of what the guards would refuse a second time."""
    names = [column.key for column in table.__table__.columns]
    found = [{name: getattr(row, name) for name in names} for row in db.session.scalars(select(table))]
    free = {"starts_at": None, "ends_at": None, "arrive_at": None, "status": "planned"} if table is Session else {}
    return [{**row, **free} for row in found]


def _taken_back(write: Callable[[Written], None], another: Iterator[Written]) -> None:
    try:
        write(next(another))
    finally:
        db.session.rollback()


def _by_us(course: Written) -> None:
    write_rows(Session, course.sessions)
    write_rows(Reminder, course.reminders)


def _by_objects(course: Written) -> None:
    db.session.add_all([Session(**row) for row in course.sessions] + [Reminder(**row) for row in course.reminders])
    db.session.flush()


def _by_hand(course: Written) -> None:
    """Both tables in one statement, their columns unnested, as somebody would write it who has only this to do."""
    connection = db.session.connection()
    parts, values = [], []
    for table, rows in ((Session, course.sessions), (Reminder, course.reminders)):
        columns = table.__table__.columns
        names = ", ".join(f'"{column.name}"' for column in columns)
        arrays = ", ".join(f"%s::{_type(column, connection)}[]" for column in columns)
        chosen = ", ".join(f'"{column.name}"{"::json" if _is_json(column) else ""}' for column in columns)
        parts.append(
            f'INSERT INTO "{table.__tablename__}" ({names}) SELECT {chosen} FROM unnest({arrays}) AS one ({names})'
        )
        values += [_values(rows, column.key, as_json=_is_json(column)) for column in columns]
    connection.exec_driver_sql(f"WITH first AS ({parts[0]}) {parts[1]}", tuple(values))


def _values(rows: Sequence[dict[str, Any]], name: str, *, as_json: bool) -> list[Any]:
    return [json.dumps(row[name]) if as_json else row[name] for row in rows]


def _type(column: Any, connection: Connection) -> str:
    said = column.type.compile(connection.dialect)
    return "text" if said == "JSON" or said.startswith("VARCHAR") else said


def _is_json(column: Any) -> bool:
    return str(column.type.compile()).startswith("JSON")


def _enrolled(home: Harbor) -> None:
    with _nothing_kept():
        wish = Enrolment(
            name="Bo Sample",
            number="+12125550120",
            protocol="spravato_trd",
            starts_on=date(2027, 1, 12),
            weekdays=(1, 4),
            supports=(SupportNamed("Kim Sample", "+12125550121"),),
        )
        enrol(home.clinic, wish, by=home.cora, now=NOW)


@contextmanager
def _nothing_kept() -> Iterator[None]:
    yield
    db.session.rollback()
