"""How do app backends hear that something changed? By threads of their own, so that a slow backend keeps nobody's text waiting.

Each thread claims one call, commits, makes it with no transaction open, and records what came of it. A dispatcher that dies in
between leaves a lease behind; when it is over the call is made again under the same id.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from flask import Flask
from standardwebhooks.webhooks import Webhook

from actions.apps.calling import Ringing, Said, calls_due, claim_call, settle_call
from care.calls import retry_after
from jobs.dispatch import committing
from jobs.outbound import Outbound, Unanswered
from models import db
from models.clock import care_now, machine_now
from models.database import name_clinic, reading

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
THREADS = 4
PER_ENDPOINT = 2  # a backend that hangs leaves threads for the others
MOST_READ = 10_000  # of an answer's body, which nobody looks at


class Webhooks:
    """The callers of one process."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.outbound: Outbound = app.extensions["steadfast.outbound"]
        self.lease_s: int = app.config["LEASE_S"] + app.config["OUTBOUND_TIMEOUT_S"]
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
        self._working: set[Future[None]] = set()
        self._calling: Counter[UUID] = Counter()
        self._lock = threading.Lock()

    def wake(self, clock: Clock = care_now) -> None:
        """Let idle threads take on the calls that are due; returns at once."""
        with reading():
            due = calls_due(clock(), machine_now(), most=THREADS)
            db.session.rollback()
        with self._lock:
            self._working = {each for each in self._working if not each.done()}
            for _ in range(min(due, THREADS - len(self._working))):
                self._working.add(self._pool.submit(self._work, clock))

    def wait(self, timeout_s: float | None = None) -> None:
        """Until the threads have found nothing more to do; for tests and for leaving."""
        wait(set(self._working), timeout=timeout_s)

    def close(self) -> None:
        """Let calls under way end; what is not recorded is found again by its lease."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, clock: Clock) -> None:
        with self.app.app_context():
            try:
                while self.call_one(clock):
                    pass
            except Exception:
                log.exception("calls are left for the next round")
            finally:
                db.session.remove()

    def call_one(self, clock: Clock) -> bool:
        """Claim, commit, call, record, commit; False when nothing is due that this process may take on."""
        with self._claimed(clock) as ringing:
            if ringing is None:
                return False
            said = self._call(ringing)
            log.info("backend called", extra={"call_id": str(ringing.call_id), "status": said.status, "why": said.why})
            name_clinic(ringing.clinic_id)
            with committing():
                settle_call(ringing, said, now=clock())
            return True

    @contextmanager
    def _claimed(self, clock: Clock) -> Iterator[Ringing | None]:
        with self._lock:  # so that the count of calls under way holds between the look and the claim
            busy = {endpoint_id for endpoint_id, calls in self._calling.items() if calls >= PER_ENDPOINT}
            name_clinic(None)
            with committing():
                ringing = claim_call(clock(), machine_now(), lease_s=self.lease_s, besides=busy)
            if ringing is not None:
                self._calling[ringing.endpoint_id] += 1
        try:
            yield ringing
        finally:
            if ringing is not None:
                with self._lock:
                    self._calling[ringing.endpoint_id] -= 1

    def _call(self, ringing: Ringing) -> Said:
        try:
            got = self.outbound.post(ringing.url, ringing.body, signed(ringing, machine_now()), most_bytes=MOST_READ)
        except Unanswered as silence:
            return Said(None, why=silence.why)
        return Said(got.status, wait=retry_after(got.headers.get("retry-after")))


def signed(ringing: Ringing, at: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks. `at` is the machine's clock: receivers refuse what is minutes away from theirs."""
    message_id, body = str(ringing.call_id), ringing.body.decode()
    signatures = [Webhook(secret).sign(message_id, at, body) for secret in ringing.secrets]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def init_app(app: Flask) -> None:
    app.extensions["steadfast.webhooks"] = Webhooks(app)
