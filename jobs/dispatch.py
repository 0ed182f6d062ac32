"""How does everything that is due get out? Claim, commit, begin, commit, call, settle, commit; no transaction is open in a call.

Any number of dispatchers may run on PostgreSQL: locks and conditions in the database decide who sends what. Calls go out on a
bounded pool of threads that touch no row; everything else happens on the thread that runs the round.
"""

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask import Flask

from actions.texts.claiming import Batch, claim, room, senders_due
from actions.texts.send import Claimed, Envelope, Posted, begin, settle
from jobs.breaker import Breaker
from jobs.provider import Provider
from models import Sender, Transport, Verdict, db
from models.clock import care_now, machine_now
from models.database import name_clinic, reading

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
GRACE_S = 2.0  # what a call may take beyond its own timeout, which is one for each read
PROVED = (Verdict.ACCEPTED, Verdict.REJECTED)


@contextmanager
def committing() -> Iterator[None]:
    """What happens inside is kept when it ends well, forgotten and passed on when it does not."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


@dataclass(slots=True)
class _Call:
    envelope: Envelope
    give_up_at: float  # on the monotonic clock


@dataclass(slots=True)
class _Round:
    """What one round still has to do: senders in turn, texts claimed and not yet begun."""

    senders: deque[UUID]
    claimed: deque[Claimed] = field(default_factory=deque)
    busy: set[UUID] = field(default_factory=set)  # contacts that somebody else is working on: the next round's
    begun: int = 0


class Dispatcher:
    """One dispatcher of this process. `run` is one round; rounds never overlap."""

    def __init__(self, app: Flask) -> None:
        self.threads: int = app.config["SEND_THREADS"]
        self.timeout_s: float = app.config["SEND_TIMEOUT_S"] + GRACE_S
        self.lease_s: int = app.config["LEASE_S"]
        self.base_url: str = app.config["PUBLIC_BASE_URL"]
        self.tick_s: int = app.config["TICK_S"]
        self.providers: dict[str, Provider] = app.extensions["steadfast.providers"]
        self.turn = threading.RLock()
        self.hurries = False  # while the demonstration's clock is moved, hours pass in moments: no bought rate fits
        self.breakers: dict[UUID, Breaker] = defaultdict(Breaker)
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="send")
        self._calls: dict[Future[Posted], _Call] = {}
        self._late: dict[Future[Posted], _Call] = {}

    def run(self, clock: Clock = care_now) -> int:
        """Send everything that is due, sender by sender in turn; how many texts began. Needs an app context."""
        with self.turn:
            self._settle_late(clock)
            with reading():
                turn = _Round(deque(senders_due(clock())))
                db.session.rollback()
            while turn.senders or turn.claimed or self._calls:
                self._claim(turn, clock)
                self._begin(turn, clock)
                if not self._calls:
                    if self._free < 1 or not (turn.senders or turn.claimed):
                        break  # every thread hangs: leases give back what was claimed
                    continue
                self._await(clock)
            return turn.begun

    def rests_until(self) -> list[datetime]:
        """When resting senders try again."""
        return [breaker.until for breaker in self.breakers.values() if breaker.until is not None]

    @property
    def _free(self) -> int:
        """Threads without a call: never more texts are past the point of no return than can be called for."""
        return self.threads - len(self._calls) - sum(not future.done() for future in self._late)

    # Claim

    def _claim(self, turn: _Round, clock: Clock) -> None:
        while turn.senders and (wanted := self._free - len(turn.claimed)) > 0:
            batch = self._claim_or_skip(turn.senders[0], wanted, turn.busy, clock)
            turn.claimed.extend(batch.claimed)
            turn.busy |= batch.passed_over
            if batch.decided or batch.passed_over:
                turn.senders.rotate(-1)  # clinics take turns
            else:
                turn.senders.popleft()

    def _claim_or_skip(self, sender_id: UUID, wanted: int, busy: set[UUID], clock: Clock) -> Batch:
        """One sender's fault never keeps the texts of the others back."""
        try:
            return self._claim_of(sender_id, wanted, busy, clock)
        except Exception:
            log.exception("not claimed in this round", extra={"sender_id": str(sender_id)})
            return Batch((), 0)

    def _claim_of(self, sender_id: UUID, wanted: int, busy: set[UUID], clock: Clock) -> Batch:
        now, machine, breaker = clock(), machine_now(), self.breakers[sender_id]
        if breaker.rests_at(now):
            return Batch((), 0)
        with committing():
            sender = db.session.get_one(Sender, sender_id)
            name_clinic(sender.clinic_id)
            limit = min(wanted, 1 if breaker.is_probing else wanted, self._room(sender, machine))
            if limit < 1 or sender.paused_at is not None:
                return Batch((), 0)
            return claim(
                sender,
                base_url=self.base_url,
                now=now,
                machine_now=machine,
                lease_s=self.lease_s,
                limit=limit,
                besides=busy,
            )

    def _room(self, sender: Sender, machine: datetime) -> int:
        if self.hurries or sender.transport == Transport.PHONES:
            return self.threads
        return room(sender, machine_now=machine, within_s=self.tick_s)

    # Call

    def _begin(self, turn: _Round, clock: Clock) -> None:
        while turn.claimed and self._free > 0:
            envelope = self._begin_or_leave(turn.claimed.popleft(), clock)
            if envelope is not None:
                turn.begun += 1
                self._call(envelope)

    def _begin_or_leave(self, claimed: Claimed, clock: Clock) -> Envelope | None:
        """None when it may not go any more; also when the database fails, and then its lease gives it back."""
        lease_s = self.lease_s + round(self.timeout_s)
        try:
            name_clinic(claimed.clinic_id)
            with committing():
                return begin(claimed, now=clock(), machine_now=machine_now(), lease_s=lease_s)
        except Exception:
            log.exception("not begun in this round", extra={"message_id": str(claimed.message_id)})
            return None

    def _call(self, envelope: Envelope) -> None:
        provider = self.providers[envelope.account.transport]
        self._calls[self._pool.submit(provider.post, envelope)] = _Call(envelope, time.monotonic() + self.timeout_s)

    def _await(self, clock: Clock) -> None:
        left_s = min(call.give_up_at for call in self._calls.values()) - time.monotonic()
        done, _ = wait(self._calls, timeout=max(0.0, left_s), return_when=FIRST_COMPLETED)
        for future in done:
            self._settle(future, self._calls.pop(future), clock)
        for future in [each for each, call in self._calls.items() if call.give_up_at <= time.monotonic()]:
            call = self._late[future] = self._calls.pop(future)
            self._record(call.envelope, Posted(Verdict.UNKNOWN), clock)

    # Settle

    def _settle(self, future: "Future[Posted]", call: _Call, clock: Clock) -> None:
        """Keep the answer until it is recorded: when the database fails now, the next round tries again."""
        fault = future.exception()
        posted = Posted(Verdict.UNKNOWN) if fault else future.result()
        if not self._record(call.envelope, posted, clock):
            self._late[future] = call

    def _settle_late(self, clock: Clock) -> None:
        for future in [each for each in self._late if each.done()]:
            self._settle(future, self._late.pop(future), clock)

    def _record(self, envelope: Envelope, posted: Posted, clock: Clock) -> bool:
        breaker, now = self.breakers[envelope.sender_id], clock()
        if posted.verdict in PROVED:
            breaker.answered()
        else:
            breaker.silent(now)
        log.info("text posted", extra={"attempt_id": str(envelope.attempt_id), "verdict": posted.verdict})
        try:
            name_clinic(envelope.clinic_id)
            with committing():
                settle(envelope.clinic_id, envelope.attempt_id, posted, now=now, machine_now=machine_now())
        except Exception:
            log.exception("outcome not recorded yet", extra={"attempt_id": str(envelope.attempt_id)})
            return False
        return True

    def close(self) -> None:
        """Let calls under way end; what is not recorded is found again by its lease."""
        self._pool.shutdown(wait=True, cancel_futures=True)
