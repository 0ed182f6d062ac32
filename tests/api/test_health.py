"""Does readiness follow from what is late, and not from a heartbeat?"""

from datetime import timedelta

from models import Reminder, Sender, db
from models.clock import care_now, machine_now
from tests.api.conftest import booked


def test_alive_asks_nobody(client):
    assert client.get("/healthz").json == {"status": "ok"}


def test_late_reminders_make_it_not_ready_until_their_sender_is_paused(cast):
    assert cast.stranger.get("/readyz").status_code == 200
    booked(cast)
    db.session.execute(db.update(Reminder).values(look_at=care_now() + timedelta(hours=1)))
    first, second = db.session.scalars(db.select(Reminder).limit(2)).all()
    first.look_at = care_now() - timedelta(seconds=61)
    second.look_at = care_now() - timedelta(seconds=30)
    db.session.commit()
    late = cast.stranger.get("/readyz")
    assert (late.status_code, late.json) == (503, {"status": "late", "late_reminders": 1})
    db.session.execute(db.update(Sender).values(paused_at=machine_now(), paused_why="drill"))
    db.session.commit()
    assert cast.stranger.get("/readyz").json == {"status": "ready", "late_reminders": 0}
