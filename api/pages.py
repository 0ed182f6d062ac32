"""How is a long list read? A page at a time, by a cursor in the body: rows may come and go under the reader."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select

from api.contract.problems import INVALID, Problem
from models import db

USUAL = 50


def page(table: Any, rows: Select[Any], query: dict[str, Any]) -> dict[str, Any]:
    """The next rows in order of id, which is the order of their making; `next` is null on the last page."""
    if "after" in query:
        rows = rows.where(table.id > cursor_of(query))
    most = query.get("limit", USUAL)
    found = db.session.scalars(rows.order_by(table.id).limit(most + 1)).all()
    return {"items": found[:most], "next": str(found[most - 1].id) if len(found) > most else None}


def cursor_of(query: dict[str, Any]) -> UUID:
    try:
        return UUID(query["after"])
    except ValueError as unreadable:
        wrong = {"where": "query", "field": "after", "say": "Must be `next` of the page before."}
        raise Problem(INVALID, f"after: {wrong['say']}", fields=[wrong]) from unreadable
