"""Where does a clinic's app backend hear of changes? Added, given a new secret, tried out and taken off by staff."""

import base64
import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from actions.ask import meet
from actions.record import Actor, Verb, note
from care.refusals import Code, Refusal, Refused
from models import Call, Endpoint, db

AT_MOST = 5
BOTH_SIGN = timedelta(hours=24)  # after a new secret was made, so that the backend can change its own in peace
SECRET_BYTES = 32


def add_endpoint(url: str, *, by: Actor, now: datetime) -> Endpoint:
    """The clinic's changes are told to this address from now on. Raises `Refused` when there are as many as may be."""
    mine = select(func.count()).where(Endpoint.clinic_id == by.clinic_id, Endpoint.ended_at.is_(None))
    if (db.session.scalar(mine.select_from(Endpoint)) or 0) >= AT_MOST:
        raise Refused([Refusal(Code.TOO_MANY_ENDPOINTS, {"most": AT_MOST})])
    endpoint = Endpoint(clinic_id=by.clinic_id, url=url, secret=_secret(), made_at=now)
    db.session.add(endpoint)
    db.session.flush()
    note(Verb.ADD_ENDPOINT, by=by, now=now, subject_id=endpoint.id)
    return endpoint


def rotate_secret(endpoint: Endpoint, *, by: Actor, now: datetime) -> Endpoint:
    """A new secret; for a day the one before it signs too. Raises `Refused` when the endpoint has ended."""
    _refuse_ended(endpoint)
    endpoint.old_secret, endpoint.old_until = endpoint.secret, now + BOTH_SIGN
    endpoint.secret = _secret()
    note(Verb.RENEW_ENDPOINT, by=by, now=now, subject_id=endpoint.id)
    return endpoint


def end_endpoint(endpoint: Endpoint, *, by: Actor, now: datetime) -> None:
    """Nothing is told to it any more. Ending it twice changes nothing."""
    if endpoint.ended_at is None:
        close_endpoint(endpoint, "removed", now=now)
        meet(endpoint.clinic_id, endpoint.id, how="taken off", now=now)
        note(Verb.END_ENDPOINT, by=by, now=now, subject_id=endpoint.id)


def close_endpoint(endpoint: Endpoint, why: str, *, now: datetime) -> None:
    """With it end the calls that still waited."""
    endpoint.ended_at, endpoint.ended_why = now, why
    mine = (Call.clinic_id == endpoint.clinic_id) & (Call.endpoint_id == endpoint.id)
    db.session.execute(update(Call).where(mine, Call.ended_at.is_(None)).values(ended_at=now, heard=False))
    db.session.flush()


def ping(endpoint: Endpoint, *, now: datetime) -> Call:
    """A test call, signed and tried like any other. Raises `Refused` when the endpoint has ended."""
    _refuse_ended(endpoint)
    call = Call(clinic_id=endpoint.clinic_id, endpoint_id=endpoint.id, made_at=now, due_at=now)
    db.session.add(call)
    db.session.flush()
    return call


def _refuse_ended(endpoint: Endpoint) -> None:
    if endpoint.ended_at is not None:
        raise Refused([Refusal(Code.ENDPOINT_ENDED, {"ended_at": endpoint.ended_at})])


def _secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
