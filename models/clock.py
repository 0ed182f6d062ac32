"""What time is it? The care clock is what people live through, movable in a demo; the machine clock never moves.

Only doors read a clock, once, and pass `now` on.
"""

from datetime import UTC, datetime, timedelta

from flask import current_app
from sqlalchemy import Float, Integer, select
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Base, db


class DemoClock(Base):
    """One row: by how many seconds the care clock is ahead of the machine's."""

    __tablename__ = "demo_clock"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ahead_seconds: Mapped[float] = mapped_column(Float)


def machine_now() -> datetime:
    return datetime.now(UTC)


def care_now() -> datetime:
    """The instant that people live in, aware UTC. Only a demo keeps its own."""
    if not current_app.config["DEMO"]:
        return machine_now()
    ahead = db.session.scalar(select(DemoClock.ahead_seconds).where(DemoClock.id == 1))
    return machine_now() + timedelta(seconds=ahead or 0)


def set_care_clock(to: datetime) -> None:
    """Move the demo's care clock forward; it never goes back, because what was said stays said."""
    ahead = (to - machine_now()).total_seconds()
    kept = db.session.get(DemoClock, 1)
    if kept is None:
        db.session.add(DemoClock(id=1, ahead_seconds=ahead))
    elif ahead > kept.ahead_seconds:
        kept.ahead_seconds = ahead
