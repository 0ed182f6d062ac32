"""How does one session stand, and what can staff do with it? Its page, and the buttons that move it along."""

from typing import Any
from uuid import UUID

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from actions.facts import patient_facts
from actions.sessions.attend import arrive, attend, correct, discharge, dose
from actions.sessions.confirm import confirm
from actions.sessions.elsewhere import come_back, days_of, go_elsewhere
from actions.sessions.readiness import readiness
from care.facts import How, Step, Value
from care.windows import Window, all_windows
from models import Session, SupportPerson, db
from web import rows, show
from web.auth import guarded, local_path, staff
from web.forms import Form
from web.pages import pages
from web.trouble import again

GO_ON = {"arrive": arrive, "attend": attend}
ALONG = "any(arrive, attend)"


@pages.get("/console/sessions/<uuid:session_id>")
@staff
def session(session_id: UUID) -> str:
    visit = rows.own(Session, session_id)
    return show.console(
        "session.html",
        session=visit,
        patient=rows.patient_of(visit),
        readiness=readiness(visit, now=g.now),
        windows=windows_of(visit),
        seats=rows.seats(visit),
        support=_support_of(visit),
        own_days=days_of(visit),
        back=url_for("pages.session", session_id=session_id),
    )


@pages.post(f"/console/sessions/<uuid:session_id>/<{ALONG}:verb>")
@staff
@again(session)
def go_on(session_id: UUID, verb: str) -> Response:
    GO_ON[verb](rows.own(Session, session_id), by=g.who, now=g.now)
    return back_to_session(session_id, verb)


@pages.post("/console/sessions/<uuid:session_id>/dose")
@guarded("clinician")
@again(session)
def note_dose(session_id: UUID) -> Response:
    dose(rows.own(Session, session_id), by=g.who, now=g.now)
    return back_to_session(session_id, "dose")


@pages.post("/console/sessions/<uuid:session_id>/discharge")
@guarded("clinician")
@again(session)
def note_discharge(session_id: UUID) -> Response:
    """Before the observation is over only with a reason."""
    form = Form(request.form)
    reason = form.words_or_none("why_early", most=500)
    form.refuse_if_wrong()
    discharge(rows.own(Session, session_id), by=g.who, now=g.now, reason=reason)
    return back_to_session(session_id, "discharge")


@pages.post("/console/sessions/<uuid:session_id>/steps/<step>")
@staff
@again(session)
def confirm_step(session_id: UUID, step: str) -> Response:
    form = Form(request.form)
    version, value = form.whole("version"), form.one_of("value", (Value.YES, Value.NO))
    form.refuse_if_wrong()
    if step not in set(Step):
        abort(404)
    visit = rows.own(Session, session_id)
    confirm(visit, Step(step), Value(value), by=g.who, how=How.STAFF, now=g.now, version=version)
    return back_to_session(session_id, "confirm")


@pages.post("/console/sessions/<uuid:session_id>/correct")
@staff
@again(session)
def correct_session(session_id: UUID) -> Response:
    form = Form(request.form)
    reason = form.words("reason", most=500, ask="Please say what was wrong.")
    form.refuse_if_wrong()
    correct(rows.own(Session, session_id), reason, by=g.who, now=g.now)
    return back_to_session(session_id, "correct")


@pages.post("/console/sessions/<uuid:session_id>/elsewhere")
@staff
@again(session)
def note_elsewhere(session_id: UUID) -> Response:
    """Integration is with the patient's own therapist on a day, or here after all."""
    form, visit = Form(request.form), rows.own(Session, session_id)
    if "here" in request.form:
        come_back(visit, by=g.who, now=g.now)
        return back_to_session(session_id, "here")
    on = form.day("on")
    form.refuse_if_wrong()
    go_elsewhere(visit, on, by=g.who, now=g.now)
    return back_to_session(session_id, "elsewhere")


def back_to_session(session_id: UUID, done: str) -> Response:
    """Where the button was pressed, or the session's own page, with what was done."""
    there = local_path(request.form.get("back"), url_for("pages.session", session_id=session_id))
    return redirect(f"{there}{'&' if '?' in there else '?'}done={done}", 303)


def windows_of(visit: Session) -> list[Window]:
    """The windows of this session, also those it shares with its neighbours."""
    facts = patient_facts(rows.patient_of(visit))
    return [window for window in all_windows(facts.sessions, facts.clinic.zone) if visit.id in window.session_ids]


def _support_of(visit: Session) -> Any:
    if visit.support_person_id is None:
        return None
    return db.session.get(SupportPerson, (visit.clinic_id, visit.support_person_id))
