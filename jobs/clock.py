"""When does something happen by itself? One round after another; in a demonstration the clock can be moved through them.

APScheduler only says that it is time to look. What is due stands in the tables.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from apscheduler.schedulers.base import BaseScheduler
from flask import Flask, current_app

from jobs import followups, recover
from jobs.dispatch import Clock, Dispatcher, committing
from jobs.due import next_moments
from models import db
from models.clock import care_now, machine_now, set_care_clock
from models.database import name_clinic, reading

log = logging.getLogger(__name__)


def dispatcher() -> Dispatcher:
    found: Dispatcher = current_app.extensions["steadfast.dispatcher"]
    return found


def round_at(clock: Clock = care_now) -> None:
    """Everything that is due at this moment, once: what came in, what goes out, what nobody answered.

    Commits what its caller has written so far, and works in transactions of its own.
    """
    db.session.commit()
    ours = dispatcher()
    with ours.turn:
        acting_for = db.session.info.get("clinic_id")
        try:
            for step in _steps(ours, clock):
                _try(step)
        finally:
            name_clinic(acting_for)


def _steps(ours: Dispatcher, clock: Clock) -> Iterator[Callable[[], Any]]:
    """In the order in which one may make another due: what was said first, then silence; what waits for a provider comes last."""
    yield lambda: current_app.extensions["steadfast.webhooks"].wake(clock)
    yield lambda: current_app.extensions["steadfast.feeds"].wake(clock)
    yield lambda: recover.end_leases(machine_now())
    yield lambda: recover.interpret_new(clock())
    yield lambda: followups.remind_all_stale(clock())
    yield lambda: ours.run(clock)
    yield lambda: recover.end_silent_texts(clock())
    yield lambda: recover.expire_kept_back(clock())
    yield lambda: followups.ask_about_silences(clock())
    yield lambda: followups.ask_about_absences(clock())
    yield lambda: followups.let_holds_go(clock())
    yield lambda: followups.keep_all_closed(clock())
    yield lambda: followups.let_courses_go_on(clock())
    yield lambda: recover.look_for_lost(clock(), machine_now())
    yield lambda: recover.pull_receipts(clock(), machine_now())
    yield lambda: recover.interpret_new(clock())


def _try(step: Callable[[], Any]) -> None:
    """A fault in one step leaves the others be; the next round tries it again."""
    try:
        step()
    except Exception:
        db.session.rollback()
        log.exception("a step of this round failed")


def tick(app: Flask) -> None:
    """One round of a dispatcher process."""
    with app.app_context():
        round_at()


def schedule(scheduler: BaseScheduler, app: Flask) -> None:
    """Look every TICK_S seconds, never twice at once, and once for all the times that were missed.

    Whoever shares this process may ask for a look now: what a reply calls for does not wait for the tick.
    """
    look = scheduler.add_job(
        tick,
        "interval",
        args=[app],
        seconds=app.config["TICK_S"],
        next_run_time=machine_now(),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    app.extensions["steadfast.wake"] = lambda: look.modify(next_run_time=machine_now())


# The demonstration's clock


def advance(to: datetime) -> None:
    """Move the care clock to `to` through every moment at which something is due, living each one in order."""
    db.session.commit()
    with _hurrying():
        at = care_now().replace(microsecond=0)
        db.session.rollback()
        if at < to:
            _live(at)  # what is due already
        while (moment := _next_moment(at, to)) is not None:
            at = moment
            _live(at)
        _live(to)


@contextmanager
def _hurrying() -> Iterator[None]:
    ours = dispatcher()
    with ours.turn:
        ours.hurries = True
        try:
            yield
        finally:
            ours.hurries = False


def _live(at: datetime) -> None:
    with committing():
        set_care_clock(at)
    round_at(lambda: at)


def _next_moment(after: datetime, until: datetime) -> datetime | None:
    with reading():
        moments = [at for at in (*next_moments(after), *dispatcher().rests_until()) if after < at <= until]
        db.session.rollback()
    return min(moments, default=None)
