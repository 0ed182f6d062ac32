"""How quickly is a change of a course shown, and how quickly does a whole course move with all its reminders?"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import func, select

from actions.facts import patient_facts
from actions.remind import reconcile
from actions.sessions.changes.change import change_at_once
from actions.sessions.changes.preview import ChangePreview, preview_change
from actions.sessions.offer import offered
from bench.harness import Ground, Line, at_least, bench, side_by_side
from care.course.changes.wishes import Change, ChangeVerb, Scope
from care.notices import notices
from care.protocols import as_json, load, resolve
from care.reminders import Wanted, reminders
from models import Course, Protocol, Reminder, Session, Stage, db
from tests.people import NOW, Harbor, harbor

LONG = {"phases": {"induction": {"sessions": 26, "weeks": 13}}}  # and four weekly ones: thirty doses
TURNS = 6
WHY = "The patient starts another job."
YEARS_AHEAD = datetime(2040, 1, 1, tzinfo=UTC)


@dataclass
class Under:
    """A course of thirty doses with their integration sessions, all booked, in a clinic with ten places."""

    home: Harbor
    course: Course

    @property
    def first(self) -> Session:
        return self.home.session(self.course, 1)

    def wish(self, scope: Scope, minutes: int) -> Change:
        """The first dose goes so many minutes later."""
        at = self.first.starts_at
        if at is None:
            raise LookupError("the course is booked")
        wanted = at + timedelta(minutes=minutes)
        found = offered(self.first, wanted, wanted + timedelta(minutes=1), by=self.home.cora, now=NOW)
        return Change(ChangeVerb.MOVE, self.course.id, self.first.id, scope, slot=next(slot for slot, _ in found))

    def wanted_after(self, wish: Change) -> list[Wanted]:
        """What the rules would want said after this change, which is forgotten again."""
        change_at_once(wish, by=self.home.cora, now=NOW, reason=WHY)
        facts = patient_facts(self.home.patient(self.course))
        db.session.rollback()
        return [*reminders(facts), *notices(facts)]

    def reminders(self) -> int:
        waiting = select(func.count()).select_from(Reminder).where(Reminder.stage == Stage.WAITING)
        return int(db.session.scalar(waiting) or 0)


def _under_way() -> Under:
    home = harbor()
    rules = as_json(resolve(load("spravato_trd"), LONG))
    db.session.add(
        Protocol(
            clinic_id=home.clinic.id,
            name="spravato_trd",
            version=1,
            base="spravato_trd",
            differences=LONG,
            resolved=rules,
        )
    )
    db.session.commit()
    course = home.enrol_ada("spravato_trd")
    for kind in ("dosing", "integration"):
        home.book_all(course, kind)
    return Under(home, course)


@bench("preview")
def preview(ground: Ground) -> Iterator[Line]:
    """What would a move of one session, and of a whole course of thirty doses, bring?"""
    for kind in ground.kinds:
        with ground.app(kind):
            yield from _previews(_under_way(), kind)


def _previews(under: Under, kind: str) -> Iterator[Line]:
    one, whole = under.wish(Scope.THIS, 60), under.wish(Scope.FOLLOWING, 60)
    times = side_by_side(9, one=lambda: _previewed(under, one), whole=lambda: _previewed(under, whole))
    yield times["one"].alone(f"preview of a move, 30 doses, {kind}")
    yield times["whole"].alone(f"preview of moving all 30 doses, {kind}")


def _previewed(under: Under, wish: Change) -> ChangePreview:
    db.session.expire_all()
    found = preview_change(wish, by=under.home.cora, now=NOW)
    if found.refusals or not found.optimal:
        raise AssertionError("the bench moves what can move, and proves it")
    return found


@bench("course")
def move_a_course(ground: Ground) -> Iterator[Line]:
    """A course of thirty doses moves: its reminders alone, and everything; against one reschedule per reminder."""
    for kind in ground.kinds:
        with ground.app(kind) as app, tempfile.TemporaryDirectory() as folder:
            url = app.config["DATABASE_URL"] if kind == "postgresql" else f"sqlite:///{Path(folder) / 'jobs.db'}"
            yield from _moves(_under_way(), kind, url)


def _moves(under: Under, kind: str, url: str) -> Iterator[Line]:
    """Half an hour later at each turn, so that everything is to be said anew."""
    wishes = [under.wish(Scope.FOLLOWING, 30 * turn) for turn in range(1, 2 * TURNS + 1)]
    ahead = iter(wishes)
    wants = [under.wanted_after(next(ahead)) for _ in range(TURNS)]
    later, number = iter(wants), under.reminders()
    with Jobs(url, number) as jobs:
        rows = side_by_side(TURNS - 1, ours=lambda: _reconciled(under, next(later)), jobs=jobs.reschedule_all)
        whole = side_by_side(TURNS - 1, ours=lambda: _moved(under, next(ahead)), jobs=jobs.reschedule_all)
    theirs = "APScheduler's reschedule of each"
    yield rows["ours"].times_faster_than(rows["jobs"], f"{number} reminders of 30 doses, {kind}", theirs, at_least(80))
    yield whole["ours"].times_faster_than(whole["jobs"], f"30 doses, judged, moved, recorded, {kind}", theirs)


def _reconciled(under: Under, wants: Sequence[Wanted]) -> None:
    patient = under.home.patient(under.course)
    reconcile(patient, patient_facts(patient), wants, now=NOW)
    db.session.commit()


def _moved(under: Under, wish: Change) -> None:
    change_at_once(wish, by=under.home.cora, now=NOW, reason=WHY)
    db.session.commit()


class Jobs:
    """One APScheduler job per reminder in a job store of the same database."""

    def __init__(self, url: str, number: int) -> None:
        self.url, self.number, self.shifts = url.replace("postgresql://", "postgresql+psycopg://"), number, count(1)

    def __enter__(self) -> "Jobs":
        self.scheduler: Any = BackgroundScheduler(
            jobstores={"default": SQLAlchemyJobStore(url=self.url, tablename="bench_jobs")}, timezone="UTC"
        )
        self.scheduler.start(paused=True)
        for number in range(self.number):
            self.scheduler.add_job("builtins:len", "date", run_date=self._at(number, 0), id=str(number), args=[""])
        return self

    def __exit__(self, *_: object) -> None:
        self.scheduler.remove_all_jobs()
        self.scheduler.shutdown()

    def reschedule_all(self) -> None:
        shift = next(self.shifts)
        for number in range(self.number):
            self.scheduler.reschedule_job(str(number), trigger=DateTrigger(self._at(number, shift)))

    def _at(self, number: int, shift: int) -> datetime:
        return YEARS_AHEAD + timedelta(minutes=number, hours=shift)
