"""Closing against booking in the same instant: a booking is hit by the closure or refused, and none is left inside it."""

import threading
from collections import Counter
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy.exc import OperationalError

from actions.resources.closing import ClosureIsStale, close, lift_closure, preview_closure
from actions.resources.hit import Wished
from actions.sessions.book import book
from actions.sessions.slots import slots
from care.refusals import Refused
from care.times import wall
from models import Closure, Resource, Session, db
from models.clock import care_now, set_care_clock
from models.database import name_clinic
from tests.people import NOW
from tests.races import judge
from tests.races.cast import big_clinic, runners

DAY = date(2027, 1, 12)
ZONE = "America/New_York"
PATIENTS = 10

INSIDE = """
    SELECT count(*) FROM booking b JOIN closure c ON c.clinic_id = b.clinic_id AND c.lifted_at IS NULL
    AND (c.resource_id IS NULL OR c.resource_id = b.resource_id)
    AND b.starts_at < c.ends_at AND c.starts_at < b.ends_at
    WHERE b.session_id IS NOT NULL
"""


def at(hour: int) -> datetime:
    return wall(DAY, time(hour), ZONE)


def shut(wished, by):
    """Preview and close until the plan holds."""
    for _ in range(40):
        try:
            plan = preview_closure(wished, by=by, now=care_now())
            close(wished, plan.token, by=by, now=care_now(), reason="Water damage")
            db.session.commit()
        except (ClosureIsStale, OperationalError):
            db.session.rollback()
        else:
            return "closed"
    return "never closed"


def take_a_time(place, hour, by):
    """One of the free times that are shown, as long as others are not quicker."""
    session = db.session.get_one(Session, place)
    for slot in slots(session, at(hour), at(hour) + timedelta(hours=6), now=care_now())[:6]:
        try:
            book(session, slot, by=by, now=care_now())
            db.session.commit()
        except (Refused, OperationalError):
            db.session.rollback()
            session = db.session.get_one(Session, place)
        else:
            return "booked"
    return "refused"


def together(app, clinic_id, jobs):
    """Each on a thread with a connection of its own, all starting at once; what became of them."""
    outcome: Counter[str] = Counter()
    start = threading.Barrier(len(jobs))

    def alone(job):
        with app.app_context():
            name_clinic(clinic_id)
            start.wait()
            try:
                outcome[job()] += 1
            finally:
                db.session.remove()

    threads = [threading.Thread(target=alone, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return outcome


def test_nobody_is_left_inside_a_closure_however_they_race(app, database):
    """Ten patients book the same day while its room, and then its whole clinic, is closed; afterwards both are lifted."""
    set_care_clock(NOW)
    home = big_clinic()
    field = runners(home, PATIENTS, DAY)
    room = db.session.scalars(db.select(Resource).filter_by(clinic_id=home.clinic.id, name="chair 0")).one()
    clinic_id = home.clinic.id
    wishes = [Wished(clinic_id, room.id, at(8), at(14)), Wished(clinic_id, None, at(11), at(17))]
    db.session.commit()
    jobs = [partial(shut, wished, home.cora) for wished in wishes]
    jobs += [
        partial(take_a_time, (clinic_id, runner.session_id), 8 + number % 6, home.cora)
        for number, runner in enumerate(field)
    ]
    outcome = together(app, clinic_id, jobs)
    assert outcome["closed"] == len(wishes)
    assert outcome["booked"] + outcome["refused"] == PATIENTS
    assert judge.count(database.url, INSIDE) == 0
    assert judge.overlaps(database.url) == {"lanes": 0, "patients": 0}
    for closure in db.session.scalars(db.select(Closure).order_by(Closure.id)).all():
        lift_closure(closure, by=home.cora, now=NOW)
        db.session.commit()
    assert judge.count(database.url, "SELECT count(*) FROM booking WHERE closure_id IS NOT NULL") == 0
