"""How does one agree to exactly what was shown? A token of the rows used and of the plan; and when it is stale, what differs?

The first part digests everything. The second has eight bytes for each session of the course, so that it can be said which
of them changed and of which the plan says something else now.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from actions.sessions.changes.reading import Reading
from care.course.changes.plans import End, Move, Plan, Reseat, Slide
from care.course.changes.wishes import Change
from care.facts import Cause

HEAD, ROW, PLANNED = 12, 3, 3  # bytes
EACH = 2 + ROW + PLANNED  # the first two name the session


@dataclass(frozen=True, slots=True)
class Differs:
    """One session that is not as it was when the plan was shown: its row changed, or the plan for it, or both."""

    session_id: UUID
    row: bool
    plan: bool


def token_of(wish: Change, plan: Plan, reading: Reading) -> str:
    """A digest of every row the plan was made of, as it was read, and of the plan itself."""
    parts = _parts(plan, reading)
    rest = [_plain(wish), reading.course.edition, [asdict(each) for each in plan.adds]]
    head = _digest([rest, sorted(part.hex() for part in parts.values())], HEAD)
    return base64.urlsafe_b64encode(head + b"".join(parts[key] for key in sorted(parts))).decode().rstrip("=")


def differing(token: str, plan: Plan, reading: Reading) -> tuple[Differs, ...]:
    """Which sessions are not as the token says; none when it is something else that changed, or no token at all."""
    before = _read(token)
    now = _parts(plan, reading)
    return tuple(
        Differs(session_id, row=was[: 2 + ROW] != part[: 2 + ROW], plan=was[2 + ROW :] != part[2 + ROW :])
        for session_id, part in sorted(now.items())
        if before and (was := before.get(part[:2], b"")) != part
    )


def _parts(plan: Plan, reading: Reading) -> dict[UUID, bytes]:
    mine = {id_: row for id_, row in reading.rows.items() if row.course_id == reading.course.id}
    said = _said(plan)
    return {
        id_: id_.bytes[-2:] + _digest([row.edition, row.version], ROW) + _digest(said.get(id_, []), PLANNED)
        for id_, row in mine.items()
    }


def _said(plan: Plan) -> dict[UUID, list[Any]]:
    said: dict[UUID, list[Any]] = {}
    touched: tuple[Move | Reseat | End | Slide, ...] = (*plan.moves, *plan.reseats, *plan.ends, *plan.slides)
    for each in touched:
        said.setdefault(each.session_id, []).append([type(each).__name__, asdict(each)])
    return said


def _read(token: str) -> dict[bytes, bytes]:
    try:
        packed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))[HEAD:]
    except (binascii.Error, ValueError):
        return {}
    parts = [packed[at : at + EACH] for at in range(0, len(packed), EACH)]
    return {part[:2]: part for part in parts}


def _digest(values: Any, size: int) -> bytes:
    return hashlib.sha256(json.dumps(values, default=str, sort_keys=True).encode()).digest()[:size]


def _plain(wish: Change) -> dict[str, Any]:
    """Whose circumstance it is changes nothing of what follows."""
    return asdict(replace(wish, cause=Cause.OTHER))
