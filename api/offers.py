"""Which free times are shown for a session, and what speaks against them?"""

from datetime import datetime, timedelta
from typing import Any

from flask import g

from actions.sessions.offer import offered
from actions.sessions.slots import token
from api.auth import caller
from api.contract.problems import INVALID, Problem
from api.contract.voice import told_refusal
from care.times import exact
from models import Session

USUAL, LONGEST = timedelta(days=14), timedelta(days=62)
ONE_MINUTE = timedelta(minutes=1)


def slots_for(session: Session, query: dict[str, Any]) -> list[dict[str, Any]]:
    """Every free time asked for, each with the reasons against it. Raises `Refused` for impossible clock times."""
    first, last = _stretch(query)
    found = offered(session, first, last, by=caller().actor, now=g.now)
    return [
        {
            "id": token(slot),
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "seats": slot.seats,
            "refusals": [told_refusal(refusal) for refusal in refusals],
        }
        for slot, refusals in found
        if first <= slot.starts_at < last
    ]


def _stretch(query: dict[str, Any]) -> tuple[datetime, datetime]:
    local = query.get("local")
    if local is not None:
        at = exact(local.date(), local.time(), caller().clinic.zone)
        return at, at + ONE_MINUTE
    first = query.get("from_at", g.now)
    last = query.get("until_at", first + USUAL)
    if not first < last <= first + LONGEST:
        wrong = {"where": "query", "field": "until", "say": f"Must be after `from`, by at most {LONGEST.days} days."}
        raise Problem(INVALID, f"until: {wrong['say']}", fields=[wrong])
    return first, last
