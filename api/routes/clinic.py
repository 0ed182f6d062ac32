"""How is the clinic set up, whom does it page, and, in the demonstration, what time is it?"""

from typing import Any

from flask import current_app, g

from actions.clinics.setting_up import name_on_call, switch_safety_check
from api.auth import caller, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse
from api.contract.problems import INVALID, Problem
from api.editions import etag, expects_edition, judge_edition
from api.repeats import repeatable
from api.shapes.clinic import ClinicChange, ClinicShown, ClockMove, ClockShown, OnCallGiven, OnCallShown
from care.refusals import Code
from models import Clinic, OnCall, db
from models.clock import care_now

clinics = Blueprint("clinic", "The clinic's settings and whom it pages")
demo = Blueprint("demo", "The demonstration's clock", prefix="/v1/demo")


@clinics.route("/clinic")
@staff
@clinics.response(200, ClinicShown)
def get_clinic() -> tuple[dict[str, Any], dict[str, str]]:
    """Your clinic

    As it is named in texts, with its zone and its switches.
    """
    clinic = caller().clinic
    return _shown(clinic), etag(clinic)


@clinics.route("/clinic", methods=["PATCH"])
@staff
@expects_edition
@clinics.arguments(ClinicChange)
@clinics.response(200, ClinicShown)
@may_refuse(Code.NO_ON_CALL)
def change_clinic(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Switch the safety check on or off

    On, patients are asked on the evening of a dose and the next day how they are. It needs somebody on call to page about
    an urgent answer.
    """
    clinic = caller().clinic
    db.session.refresh(clinic, with_for_update=True)
    judge_edition(clinic)
    switch_safety_check(clinic, on=given["safety_check"], by=caller().actor, now=g.now)
    return _shown(clinic), etag(clinic)


@clinics.route("/on-call", methods=["POST"])
@staff
@repeatable
@clinics.arguments(OnCallGiven)
@clinics.response(201, OnCallShown)
def add_on_call(given: dict[str, Any]) -> OnCall:
    """Name somebody to page

    They come after those already named, in order of position.
    """
    return name_on_call(caller().clinic, given["name"], given["number"], by=caller().actor, now=g.now)


@demo.route("/clock")
@staff
@demo.response(200, ClockShown)
def read_clock() -> dict[str, Any]:
    """What time is it in the demonstration?

    The care clock: what people live through. Only in the demonstration may it be moved.
    """
    return {"now": care_now()}


@demo.route("/clock", methods=["POST"])
@staff
@demo.arguments(ClockMove)
@demo.response(200, ClockShown)
def advance_clock(given: dict[str, Any]) -> dict[str, Any]:
    """Move the demonstration's clock forward

    Everything that falls due on the way happens in its order. The clock never goes back, because what was said stays said.
    """
    if given["to"] < g.now:
        say = "Must not be earlier than the clock's present time."
        raise Problem(INVALID, f"to: {say}", fields=[{"where": "json", "field": "to", "say": say}])
    db.session.commit()  # the advance works in transactions of its own
    current_app.extensions["steadfast.advance"](given["to"])
    return {"now": care_now()}


def _shown(clinic: Clinic) -> dict[str, Any]:
    names = ("id", "short_name", "zone", "language", "phone", "edition")
    return {name: getattr(clinic, name) for name in names} | {"safety_check": clinic.safety_on_call_id is not None}
