"""What does the start page of a patient's app ask for? One request, with everything that matters now."""

from typing import Any

from flask import g

from actions.apps.now import Now, now_of
from api.auth import caller, patient_only
from api.contract.blueprint import Blueprint
from api.shapes.now import NowShown
from api.shapes.sessions import SessionShown

now = Blueprint("now", "The start page of a patient's app", prefix="/v1/me")

NAMES = ("course", "windows", "coming", "questions", "missing", "to_book", "today")


@now.route("/now")
@patient_only
@now.response(200, NowShown)
def get_now() -> dict[str, Any]:
    """What matters now

    The next session with its place and people, windows in force and coming, what was asked and what is missing with what
    you may answer, which sessions have no time yet, today in sentences, and whom to call. Ask again when `changes` or a
    push says that something changed, when the app comes to the front, and at the next `start` or `end` of a window.
    """
    known = caller()
    patient = known.patient
    if patient is None:
        raise LookupError("only patients come through this door")
    matters = now_of(patient, now=g.now)
    clinic = known.clinic
    return {name: getattr(matters, name) for name in NAMES} | {
        "now": g.now,
        "change_no": patient.change_no,
        "next_session": _next(matters),
        "call": {"name": clinic.short_name, "phone": clinic.phone},
    }


def _next(matters: Now) -> dict[str, Any] | None:
    session = matters.next_session
    if session is None:
        return None
    row = {name: getattr(session, field.attribute or name) for name, field in SessionShown().fields.items()}
    return row | {"place": matters.place, "support": matters.support}
