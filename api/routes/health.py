"""Is this process alive, and is the clinic being served?"""

from datetime import timedelta
from typing import Any

from flask import Response, json
from sqlalchemy import func, select

from api.auth import public
from api.contract.blueprint import Blueprint
from api.shapes.clinic import HealthShown, ReadyShown
from models import Reminder, Sender, Stage, db
from models.clock import care_now

health = Blueprint("health", "For whoever runs it", prefix="")

TOO_LATE = timedelta(seconds=60)


@health.route("/healthz")
@public("load balancers have no account")
@health.response(200, HealthShown)
def is_alive() -> dict[str, str]:
    """Does the process answer?

    Asks nothing of the database.
    """
    return {"status": "ok"}


@health.route("/readyz")
@public("load balancers have no account")
@health.response(200, ReadyShown)
@health.alt_response(503, schema=ReadyShown, description="reminders are late: no dispatcher works")
def is_ready() -> Any:
    """Are reminders going out?

    Computed from the table and not from a heartbeat: reminders that have been due for more than a minute while their
    sender is not paused. Any of them, and the answer is 503.
    """
    late = late_reminders()
    shown = {"status": "late" if late else "ready", "late_reminders": late}
    return Response(json.dumps(shown), status=503 if late else 200, mimetype="application/json")


def late_reminders() -> int:
    """How many reminders should have been looked at a minute ago."""
    waiting = (
        select(func.count())
        .select_from(Reminder)
        .join(Sender, Sender.id == Reminder.sender_id)
        .where(Reminder.stage == Stage.WAITING, Reminder.look_at < care_now() - TOO_LATE, Sender.paused_at.is_(None))
    )
    return db.session.scalar(waiting) or 0
