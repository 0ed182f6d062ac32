"""Which free times are shown for a session, and what speaks against them? A page of them at a time."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

from flask import g

from actions.sessions.offer import Offer, every_offer, lawful, offered
from actions.sessions.slots import token
from api.auth import caller
from api.contract.problems import INVALID, Problem
from api.contract.voice import instant, told_refusal
from care.course.slots import Slot, SlotWish
from care.times import exact
from models import Session

USUAL, LONGEST = timedelta(days=14), timedelta(days=93)
ONE_MINUTE, ONE_SECOND = timedelta(minutes=1), timedelta(seconds=1)
USUAL_COUNT = 200

Page = dict[str, Any]


def lawful_slots(session: Session, query: dict[str, Any]) -> Page:
    """The free times that every rule allows. Raises `Refused` for impossible clock times."""
    first, last = _stretch(query)
    found = lawful(session, first, last, by=caller().actor, now=g.now, wish=_wish(query))
    return _page([_shown(slot) for slot in islice(found, _most(query) + 1)], query)


def slots_for_staff(session: Session, query: dict[str, Any]) -> Page:
    """Free times, or all times, each with every reason against it. Raises `Refused` for impossible clock times."""
    first, last = _stretch(query)
    known = {"by": caller().actor, "now": g.now, "wish": _wish(query)}
    if query.get("refused") == "true":
        offers = every_offer(session, first, last, **known)
    else:
        free = offered(session, first, last, **known)
        offers = [Offer(slot.starts_at, slot.ends_at, slot, tuple(refusals)) for slot, refusals in free]
    return _page([_with_reasons(each) for each in offers], query)


def _shown(slot: Slot) -> dict[str, Any]:
    return {"id": token(slot), "starts_at": slot.starts_at, "ends_at": slot.ends_at}


def _with_reasons(offer: Offer) -> dict[str, Any]:
    return {
        "id": token(offer.slot) if offer.slot else None,
        "starts_at": offer.starts_at,
        "ends_at": offer.ends_at,
        "seats": offer.slot.seats if offer.slot else (),
        "refusals": [told_refusal(refusal) for refusal in offer.refusals],
    }


def _page(found: Sequence[dict[str, Any]], query: dict[str, Any]) -> Page:
    """One more was looked for than is shown."""
    most = _most(query)
    return {"items": found[:most], "next": instant(found[most - 1]["starts_at"]) if len(found) > most else None}


def _most(query: dict[str, Any]) -> int:
    return int(query.get("limit", USUAL_COUNT))


def _wish(query: dict[str, Any]) -> SlotWish:
    return SlotWish(
        weekdays=frozenset(query.get("weekdays", ())),
        from_time=_clock(query, "from_time"),
        until_time=_clock(query, "until_time"),
        around=_clock(query, "around"),
        resource_ids=frozenset(query.get("resources", ())),
        limit=_most(query) + 1,
        zone=query.get("zone"),
    )


def _clock(query: dict[str, Any], name: str) -> time | None:
    return time.fromisoformat(query[name]) if name in query else None


def _stretch(query: dict[str, Any]) -> tuple[datetime, datetime]:
    """From the first start asked for, or after the last one shown, up to where it ends."""
    first, last = _asked(query)
    return max(first, query["after"] + ONE_SECOND) if "after" in query else first, last


def _asked(query: dict[str, Any]) -> tuple[datetime, datetime]:
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
