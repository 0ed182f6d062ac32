"""When are people busy elsewhere? Their calendars are read now and then, on a thread of its own: nobody's text waits for them.

Each calendar is claimed, fetched and understood with no transaction open, and kept whole or not at all.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask

from actions.resources.calendars import Feed, claim_feed, feeds_due, keep_busy, keep_unchanged, keep_wrong
from jobs.dispatch import committing
from jobs.feeds.calendar import Taken, Unreadable, taken_times
from jobs.outbound import Answered, Outbound, Unanswered
from jobs.recover import found
from models import db
from models.clock import care_now, machine_now
from models.database import name_clinic

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Seen = tuple[str, datetime | None]  # an ETag, and the reading that it belongs to

BACK, AHEAD = timedelta(days=1), timedelta(days=180)
MOST_BYTES = 2_000_000
WHOLE_EVERY = timedelta(hours=6)  # a calendar that does not change still reaches further ahead each day


class Feeds:
    """The reader of one process."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.outbound: Outbound = app.extensions["steadfast.outbound"]
        self.every = timedelta(minutes=app.config["FEED_MINUTES"])
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="calendar")
        self._reading: Future[None] | None = None
        self._tags: dict[UUID, Seen] = {}
        self._lock = threading.Lock()

    def wake(self, clock: Clock = care_now) -> None:
        """Let the thread read what is due; returns at once."""
        with self._lock:
            idle = self._reading is None or self._reading.done()
            if idle and found(feeds_due(machine_now(), self.every).limit(1)):
                self._reading = self._pool.submit(self._work, clock)

    def wait(self, timeout_s: float | None = None) -> None:
        """Until the thread has read what was due; for tests and for leaving."""
        if self._reading is not None:
            wait([self._reading], timeout=timeout_s)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, clock: Clock) -> None:
        with self.app.app_context():
            try:
                self.read_due(clock)
            finally:
                db.session.remove()

    def read_due(self, clock: Clock = care_now) -> None:
        """Every calendar that is due, one after another; a fault in one leaves the others be."""
        for clinic_id, resource_id in found(feeds_due(machine_now(), self.every)):
            try:
                self._read(clinic_id, resource_id, clock)
            except Exception:
                db.session.rollback()
                log.exception("a calendar is left for the next time", extra={"resource_id": str(resource_id)})

    def _read(self, clinic_id: UUID, resource_id: UUID, clock: Clock) -> None:
        name_clinic(clinic_id)
        with committing():
            feed = claim_feed(clinic_id, resource_id, machine_now(), self.every)
        if feed is None:
            return
        now = clock()
        db.session.rollback()  # no transaction is open while somebody else's machine is asked
        try:
            taken, tag = self._fetch(feed, now)
        except (Unanswered, Unreadable) as silence:
            log.info("calendar not read", extra={"resource_id": str(resource_id), "why": str(silence.why)})
            with committing():
                keep_wrong(feed, str(silence.why))
            return
        with committing():
            if taken is None:
                keep_unchanged(feed)
            else:
                keep_busy(feed, taken, now=now)
        if taken is not None:
            self._tags[resource_id] = tag, now

    def _fetch(self, feed: Feed, now: datetime) -> tuple[list[Taken] | None, str]:
        """What is taken, None when nothing changed since it was last read here; and the ETag that it came with."""
        tag, read_at = self._tags.get(feed.resource_id, ("", None))
        fresh = bool(tag) and read_at is not None and read_at == feed.read_at and now - read_at < WHOLE_EVERY
        got = self.outbound.get(feed.address, {"If-None-Match": tag} if fresh else {}, most_bytes=MOST_BYTES)
        if fresh and got.status == 304:
            return None, tag
        return taken_times(_body(got), feed.zone, now - BACK, now + AHEAD), got.headers.get("etag", "")


def _body(got: Answered) -> bytes:
    if got.status != 200:
        raise Unreadable(f"status_{got.status}")
    return got.body


def init_app(app: Flask) -> None:
    app.extensions["steadfast.feeds"] = Feeds(app)
