"""Is this a repeat of a request whose answer was lost? Then it gets that answer again and changes nothing.

The key is written first, in the transaction of what it asks for: both are kept or neither is, and only a success is kept.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Response, current_app, request
from sqlalchemy import delete, select, text

from api.auth import caller
from api.contract.documented import IDEMPOTENCY_KEY, noted
from api.contract.problems import KEY_MISSING, KEY_REUSED, TWIN_RUNNING, UNREADABLE, Problem
from models import IdempotencyKey, db
from models.clock import machine_now

KEPT_FOR = timedelta(hours=48)
HEADERS = ("ETag", "Location")

View = Callable[..., Any]


def repeatable(view: View) -> View:
    """The request may be sent again with the same Idempotency-Key. Judged before If-Match and before the body is read."""

    @wraps(view)
    def repeating(*args: Any, **kwargs: Any) -> Any:
        key, digest = _key(), _digest()
        _refuse_twin(key)
        earlier = _earlier(key)
        if earlier is not None:
            return _again(earlier, digest)
        row = _begin(key, digest)
        response = current_app.make_response(view(*args, **kwargs))
        _keep(row, response)
        return response

    return noted(repeating, says=[400, 409, 422], parameters=[IDEMPOTENCY_KEY])


def _key() -> str:
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise Problem(
            KEY_MISSING, "Send an Idempotency-Key: a word of your own, the same when you repeat this request."
        )
    if not re.fullmatch(r"[!-~]{1,80}", key):
        raise Problem(UNREADABLE, "An Idempotency-Key has 1 to 80 visible ASCII characters.")
    return key


def _digest() -> bytes:
    """What was asked for: method, address and body, byte for byte."""
    whole = b"\n".join((request.method.encode(), request.full_path.encode(), request.get_data(cache=True)))
    return hashlib.sha256(whole).digest()


def _actor() -> str:
    who = caller().actor
    return f"{who.kind}:{who.id}"


def _refuse_twin(key: str) -> None:
    """On PostgreSQL two with one key would otherwise wait for each other; SQLite has one writer at a time."""
    if db.session.connection().dialect.name != "postgresql":
        return
    name = f"{caller().clinic.id}:{_actor()}:{key}"
    free = db.session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
    if not free:
        raise Problem(TWIN_RUNNING, "The same request is being answered right now.", headers={"Retry-After": "1"})


def _earlier(key: str) -> IdempotencyKey | None:
    mine = (IdempotencyKey.clinic_id == caller().clinic.id, IdempotencyKey.actor == _actor())
    over = machine_now() - KEPT_FOR
    db.session.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.made_at < over))
    return db.session.scalar(select(IdempotencyKey).where(*mine, IdempotencyKey.key == key))


def _begin(key: str, digest: bytes) -> IdempotencyKey:
    row = IdempotencyKey(
        clinic_id=caller().clinic.id, actor=_actor(), key=key, request_digest=digest, made_at=machine_now()
    )
    db.session.add(row)
    db.session.flush()
    return row


def _keep(row: IdempotencyKey, response: Response) -> None:
    headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
    row.status = response.status_code
    row.answer = json.dumps({"headers": headers, "body": response.get_data(as_text=True)})
    db.session.flush()


def _again(earlier: IdempotencyKey, digest: bytes) -> Response:
    if bytes(earlier.request_digest) != digest:
        raise Problem(KEY_REUSED, "This Idempotency-Key was used for a different request; take a new one.")
    kept = json.loads(earlier.answer)
    response = Response(kept["body"], status=earlier.status, mimetype="application/json", headers=kept["headers"])
    response.headers["Idempotency-Replayed"] = "true"
    return response
