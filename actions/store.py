"""Is this row news? The unique keys of the database decide, also between two who write it at the same moment."""

from typing import Any

from sqlalchemy.exc import IntegrityError

from models import db


def stored(row: Any) -> bool:
    """Write the row; False when another one has its place, and nothing of it is left in the session."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True
