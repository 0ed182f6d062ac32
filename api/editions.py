"""Did the caller see what they are about to change? The ETag of a row is its edition."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request

from api.contract.documented import IF_MATCH, noted
from api.contract.problems import EDITION_MISSING, STALE, Problem
from models import db

View = Callable[..., Any]


def etag(row: Any) -> dict[str, str]:
    """The header that names the row's edition, with everything written that would still change it."""
    db.session.flush()
    return {"ETag": f'"{row.edition}"'}


def expects_edition(view: View) -> View:
    """If-Match is needed here: 428 without. The view judges it under the lock by `judge_edition`."""

    @wraps(view)
    def expecting(*args: Any, **kwargs: Any) -> Any:
        if "If-Match" not in request.headers or request.if_match.star_tag:
            raise Problem(EDITION_MISSING, 'Send If-Match with the ETag that you saw, such as "3".')
        return view(*args, **kwargs)

    return noted(expecting, says=[412, 428], parameters=[IF_MATCH])


def judge_edition(row: Any) -> None:
    """412 when the caller saw another edition; the row must be locked, or its own edition decides at the flush."""
    if not request.if_match.contains(str(row.edition)):
        raise Problem(STALE, "It changed since you looked; look again.", headers={"ETag": f'"{row.edition}"'})
