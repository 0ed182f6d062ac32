"""Who looks at a page, may they, and did their own click send this?

Staff sign in once with a bearer token; from then on a signed cookie names them for a working day. It is never sent along from
another site, and every POST must in addition come from a page of ours.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import abort, current_app, g, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from actions.record import Actor
from models import Staff, db
from models.clock import care_now, machine_now
from models.database import name_clinic

COOKIE = "steadfast_console"
WORKING_DAY_S = 12 * 60 * 60
View = Callable[..., Any]


def guarded(*kinds: str) -> Callable[[View], View]:
    """Only for signed-in staff of these kinds; everything the view reads is their clinic's."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded_view(**values: Any) -> Any:
            refuse_foreign_posts()
            who = signed_in()
            if who is None:
                return redirect(url_for("pages.show_sign_in", then=_afterwards()), 303)
            if who.kind not in kinds:
                abort(403)
            g.who, g.now = who, care_now()
            return view(**values)

        guarded_view.guard = " or ".join(kinds)  # type: ignore[attr-defined]
        return guarded_view

    return mark


staff = guarded("coordinator", "clinician")


def public(why: str) -> Callable[[View], View]:
    """For everyone, for the reason given."""

    def mark(view: View) -> View:
        @wraps(view)
        def public_view(**values: Any) -> Any:
            refuse_foreign_posts()
            return view(**values)

        public_view.guard = f"public: {why}"  # type: ignore[attr-defined]
        return public_view

    return mark


def demo_only(view: View) -> View:
    """Outside the demonstration the page does not exist."""

    @wraps(view)
    def demo_view(**values: Any) -> Any:
        if not current_app.config["DEMO"]:
            abort(404)
        return view(**values)

    return demo_view


def refuse_foreign_posts() -> None:
    """A form on another site must not act here. Browsers say where a POST comes from; one that says nothing is refused."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if not _is_ours(request.headers.get("Origin", "")):
        abort(403, "This was sent from another site or by something that hides where it comes from.")


def _is_ours(origin: str) -> bool:
    """Our public address, whatever Host was claimed; in a demonstration on this machine every one of its names."""
    base = urlsplit(current_app.config["PUBLIC_BASE_URL"])
    given = urlsplit(origin)
    if (given.scheme, given.netloc) == (base.scheme, base.netloc):
        return True
    local = current_app.config["DEMO"] and not current_app.config["DEMO_PUBLIC"]
    return bool(local and origin == f"{request.scheme}://{request.host}")  # the wall let only loopback names in


def signed_in() -> Actor | None:
    """The member of staff whom the cookie names, while they still have that role."""
    try:
        named, since = _signer().loads(request.cookies.get(COOKIE, ""), max_age=WORKING_DAY_S, return_timestamp=True)
    except BadSignature:
        return None
    kind, staff_id, clinic_id = named
    who = still_staff(Actor(kind, UUID(staff_id), UUID(clinic_id)))
    return who if who is not None and not _signed_out(who, since) else None


def _signed_out(who: Actor, since: datetime) -> bool:
    """Whether they signed out after this cookie was made, here or anywhere; cookies count in whole seconds."""
    at = db.session.get_one(Staff, (who.clinic_id, who.id)).signed_out_at
    return at is not None and since < at.replace(microsecond=0)


def still_staff(who: Actor) -> Actor | None:
    """The actor, when the clinic has such a person in that role; the transaction then acts for that clinic."""
    name_clinic(who.clinic_id)
    found = db.session.get(Staff, (who.clinic_id, who.id))
    return who if found is not None and found.role == who.kind else None


def sign_in(who: Actor, answer: Response) -> Response:
    named = _signer().dumps([who.kind, str(who.id), str(who.clinic_id)])
    secure = current_app.config["PUBLIC_BASE_URL"].startswith("https:")
    answer.set_cookie(COOKIE, named, max_age=WORKING_DAY_S, httponly=True, secure=secure, samesite="Strict")
    return answer


def sign_out(who: Actor, answer: Response) -> Response:
    """Out of every browser: a cookie that somebody copied opens nothing from now on."""
    db.session.get_one(Staff, (who.clinic_id, who.id)).signed_out_at = machine_now()
    answer.delete_cookie(COOKIE, httponly=True, samesite="Strict")
    return answer


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="console")


def _afterwards() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None


def local_path(path: str | None, otherwise: str) -> str:
    """A path of the console to go to next, never another site."""
    if path is None or not path.isprintable() or "\\" in path:
        return otherwise
    return path if path.startswith("/console") else otherwise
