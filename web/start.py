"""What is this, and where does one go? The start page, signing in and signing out."""

from flask import abort, current_app, g, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from actions.record import Actor
from models import Clinic, Staff, db
from models.database import name_clinic
from web import show
from web.auth import demo_only, local_path, public, sign_in, sign_out, staff, still_staff
from web.forms import Form, Unreadable
from web.pages import pages
from web.trouble import again


@pages.get("/")
@public("says what this is")
def start() -> str:
    return show.plain("start.html", colleagues=_colleagues() if current_app.config["DEMO"] else [])


@pages.get("/console/sign-in")
@public("nobody is signed in yet")
def show_sign_in() -> str:
    then = local_path(request.values.get("then"), "")
    return show.plain("sign_in.html", then=then, colleagues=_colleagues() if current_app.config["DEMO"] else [])


@pages.post("/console/sign-in")
@public("nobody is signed in yet; the token says who it is")
@again(show_sign_in)
def enter() -> Response:
    form = Form(request.form)
    token = form.words("token", most=4000, ask="Please paste your token.")
    form.refuse_if_wrong()
    who = current_app.extensions["steadfast.read_token"](token)
    known = still_staff(who) if who is not None and who.is_staff else None
    if known is None:
        raise Unreadable({"token": "This token is not valid, or no longer."})
    return _go_in(known)


@pages.post("/console/open-as")
@public("the demonstration shows every side")
@demo_only
def open_as() -> Response:
    form = Form(request.form)
    clinic_id, staff_id = form.key("clinic"), form.key("staff")
    name_clinic(clinic_id)
    row = db.session.get(Staff, (clinic_id, staff_id))
    if row is None:
        abort(404)
    return _go_in(Actor(row.role, row.id, row.clinic_id))


@pages.post("/console/sign-out")
@staff
def leave() -> Response:
    return sign_out(g.who, redirect(url_for("pages.start"), 303))


def _go_in(who: Actor) -> Response:
    then = local_path(request.form.get("then"), url_for("pages.today"))
    return sign_in(who, redirect(then, 303))


def _colleagues() -> list[Staff]:
    """Everyone of the demonstration's staff, who can be looked over the shoulder."""
    found: list[Staff] = []
    for clinic_id in db.session.scalars(select(Clinic.id).order_by(Clinic.id)).all():
        name_clinic(clinic_id)
        found += db.session.scalars(select(Staff).where(Staff.clinic_id == clinic_id).order_by(Staff.id))
    return found
