"""Which call goes out next, and what follows from what the other side said? At least once, under one id, by one dispatcher."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, and_, delete, or_, select, update

from actions.apps.endpoints import close_endpoint
from actions.ask import ask, meet
from care.calls import TOO_LONG, wait_after
from care.facts import Role
from care.tasks import TaskCode
from models import Call, Clinic, Endpoint, TaskReason, db

GONE = 410


@dataclass(frozen=True, slots=True)
class Ringing:
    """A claimed call, with all that is needed to make it without touching a row. The first of `secrets` is the newest."""

    clinic_id: UUID
    call_id: UUID
    endpoint_id: UUID
    tries: int
    url: str
    secrets: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a call: the HTTP status, or why there is none; how long the other side wishes to be left alone."""

    status: int | None
    why: str | None = None
    wait: timedelta | None = None

    @property
    def heard(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def calls_due(now: datetime, machine_now: datetime, *, most: int) -> int:
    """How many calls may be made now, counted up to `most`."""
    return len(db.session.execute(_due(now, machine_now).limit(most)).all())


def claim_call(now: datetime, machine_now: datetime, *, lease_s: int, besides: Collection[UUID]) -> Ringing | None:
    """The call that is due longest, of an endpoint that is not among `besides`; nobody else makes it during the lease."""
    due = _due(now, machine_now).where(Endpoint.id.not_in(besides)).order_by(Call.due_at, Call.id).limit(1)
    found = db.session.execute(due.with_for_update(of=Call, skip_locked=True)).first()
    if found is None:
        return None
    call, endpoint = found
    call.tries += 1
    call.claimed_until = machine_now + timedelta(seconds=lease_s)
    return Ringing(call.clinic_id, call.id, endpoint.id, call.tries, endpoint.url, _secrets(endpoint, now), _body(call))


def _due(now: datetime, machine_now: datetime) -> Select[Call, Endpoint]:
    joined = and_(Endpoint.clinic_id == Call.clinic_id, Endpoint.id == Call.endpoint_id)
    return (
        select(Call, Endpoint)
        .join(Endpoint, joined)
        .where(
            Call.ended_at.is_(None),
            Call.due_at <= now,
            or_(Call.claimed_until.is_(None), Call.claimed_until <= machine_now),
            Endpoint.ended_at.is_(None),
        )
    )


def _secrets(endpoint: Endpoint, now: datetime) -> tuple[str, ...]:
    old = endpoint.old_secret if endpoint.old_until and endpoint.old_until > now else None
    return (endpoint.secret, old) if old else (endpoint.secret,)


def _body(call: Call) -> bytes:
    """Nothing about anyone but an id and a number."""
    about = {"patient_id": str(call.patient_id), "change_no": call.change_no} if call.patient_id else {}
    at = call.made_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = {"type": "changed" if call.patient_id else "ping", "timestamp": at, "data": about}
    return json.dumps(said, separators=(",", ":")).encode()


def settle_call(ringing: Ringing, said: Said, *, now: datetime) -> None:
    """Heard, gone, again later, or given up. An answer that comes after the lease was over changes nothing."""
    endpoint = db.session.execute(_locked(ringing)).scalar_one()
    call = db.session.get(Call, (ringing.clinic_id, ringing.call_id))
    if call is None or call.ended_at is not None or call.tries != ringing.tries:
        return
    call.answered, call.why, call.claimed_until = said.status, said.why, None
    if said.heard:
        _end(call, now, heard=True)
        _is_reached(endpoint, now)
    elif said.status == GONE:
        close_endpoint(endpoint, "gone", now=now)
        _tell(endpoint, TaskCode.APP_GONE, now)
    else:
        _again(call, said, now)
        _is_not_reached(endpoint, now)


def _locked(ringing: Ringing) -> Select[Endpoint]:
    mine = select(Endpoint).where(Endpoint.clinic_id == ringing.clinic_id, Endpoint.id == ringing.endpoint_id)
    return mine.with_for_update(key_share=True).execution_options(populate_existing=True)


def _end(call: Call, now: datetime, *, heard: bool) -> None:
    """Whoever heard this number knows of every earlier one; of what has ended only the last is kept."""
    call.ended_at, call.heard = now, heard
    db.session.flush()
    if call.patient_id is None:
        return
    same = (Call.clinic_id == call.clinic_id, Call.endpoint_id == call.endpoint_id, Call.patient_id == call.patient_id)
    before = (*same, Call.id != call.id, Call.change_no <= call.change_no, Call.tries > 0)
    if heard:
        db.session.execute(update(Call).where(*before, Call.ended_at.is_(None)).values(ended_at=now, heard=True))
    db.session.execute(delete(Call).where(*before, Call.ended_at.is_not(None)))


def _again(call: Call, said: Said, now: datetime) -> None:
    wait = None if _is_overtaken(call) else wait_after(call.tries, call.id, wished=said.wait)
    if wait is None:
        _end(call, now, heard=False)
    else:
        call.due_at = now + wait


def _is_overtaken(call: Call) -> bool:
    """A later number waits for the same endpoint and patient: it says all that this one does."""
    later = select(Call.id).where(
        Call.clinic_id == call.clinic_id,
        Call.endpoint_id == call.endpoint_id,
        Call.patient_id == call.patient_id,
        Call.ended_at.is_(None),
        Call.change_no > (call.change_no or 0),
    )
    return db.session.scalar(later.limit(1)) is not None


def _is_reached(endpoint: Endpoint, now: datetime) -> None:
    if endpoint.failing_since is not None:
        endpoint.failing_since = None
        meet(endpoint.clinic_id, endpoint.id, how="it answers again", now=now)


def _is_not_reached(endpoint: Endpoint, now: datetime) -> None:
    """After days of silence a person is asked, once for each stretch of it."""
    endpoint.failing_since = endpoint.failing_since or now
    if now - endpoint.failing_since < TOO_LONG:
        return
    asked = select(TaskReason.id).where(
        TaskReason.clinic_id == endpoint.clinic_id,
        TaskReason.subject_id == endpoint.id,
        TaskReason.at >= endpoint.failing_since,
    )
    if db.session.scalar(asked.limit(1)) is None:
        _tell(endpoint, TaskCode.APP_NOT_REACHED, now)


def _tell(endpoint: Endpoint, code: TaskCode, now: datetime) -> None:
    clinic = db.session.get_one(Clinic, endpoint.clinic_id)
    ask(Role.COORDINATOR, code, clinic, subject_id=endpoint.id, now=now)
