"""How much may a sender post now? What the bought rate leaves, whoever posts."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, select

from models import Attempt, Message, Sender, db


def room(sender: Sender, *, machine_now: datetime, within_s: int) -> int:
    """How many more segments the bought rate lets this sender post within `within_s` seconds, whoever posts them."""
    since = _first_id(machine_now - timedelta(seconds=within_s))  # ids grow with time, so the primary key finds them
    posted = (
        select(func.coalesce(func.sum(Message.segments), 0))
        .join(Attempt, and_(Attempt.clinic_id == Message.clinic_id, Attempt.message_id == Message.id))
        .where(Attempt.clinic_id == sender.clinic_id, Attempt.id >= since, Attempt.sender_id == sender.id)
    )
    return max(0, round(sender.segments_per_second * within_s) - int(db.session.scalar(posted) or 0))


def _first_id(at: datetime) -> UUID:
    return UUID(int=int(at.timestamp() * 1000) << 80)
