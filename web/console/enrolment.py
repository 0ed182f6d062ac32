"""How does a coordinator enrol somebody? A form, then every session and text it would bring, and only then the yes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app, g, redirect, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from actions.courses.enrol import enrol, protocol_rules
from actions.courses.rehearse import DryRun, dry_run
from actions.courses.wish import Enrolment
from actions.protocols.versions import names
from care.course.given import GivenBefore
from care.facts import Part
from care.importing import cells
from care.rehearse import RehearsedGate
from care.words.sayings import say_refusal
from care.words.segments import segments
from models import Course, db
from models.columns import uuid7
from web import rows, show
from web.auth import staff
from web.console.patients import support_in
from web.forms import Form
from web.pages import pages
from web.say import Times
from web.trouble import again

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the dry run as the page lists it."""

    at: datetime
    to: str
    body: str
    segments: int


@pages.get("/console/enrol")
@staff
def show_enrol() -> str:
    return _page(None, [])


@pages.post("/console/enrol/preview")
@staff
@again(show_enrol)
def preview_enrol() -> str:
    wish = _wish()
    run = dry_run(rows.own_clinic(), wish, base_url=current_app.config["PUBLIC_BASE_URL"], now=g.now)
    return _page(run, _texts(run, wish))


@pages.post("/console/enrol")
@staff
@again(show_enrol)
def enrol_patient() -> Response:
    """A form that is sent twice enrols once: its course has the id that the form was given when it was shown."""
    course = _enrolled() or _enrol_once()
    return redirect(url_for("pages.patient", patient_id=course.patient_id, done="enrol"), 303)


def _enrolled() -> Course | None:
    form = Form(request.form)
    course_id = form.key("once")
    return None if form.complaints else db.session.get(Course, (g.who.clinic_id, course_id))


def _enrol_once() -> Course:
    try:
        return enrol(rows.own_clinic(), _wish(), by=g.who, now=g.now)
    except IntegrityError:  # its twin was quicker by a moment
        db.session.rollback()
        twin = _enrolled()
        if twin is None:
            raise
        return twin


def _refuse_shared(form: Form, number: str) -> None:
    """Two patients at one number hear each other's texts: somebody has to mean it."""
    others = rows.patients_at(g.who.clinic_id, number)
    if others and not form.ticked("shared"):
        form.complaints["shared"] = f"This number already belongs to {' and '.join(others)}. Is it theirs, too?"


def _page(run: DryRun | None, texts: list[Text]) -> str:
    clinic = rows.own_clinic()
    tomorrow = Times(clinic.zone).local_date(g.now) + timedelta(days=1)
    return show.console(
        "enrol.html",
        protocols=[("", "Choose one"), *((name, protocol_rules(clinic, name).title["en"]) for name in names(clinic))],
        weekdays=tuple(enumerate(WEEKDAYS)),
        ticked=request.form.getlist("weekdays"),
        tomorrow=tomorrow,
        run=run,
        once=request.form.get("once") or uuid7(),
        texts=texts,
        gates=_gates(run),
        warnings=[say_refusal(each, "en", rows.own_clinic().zone) for each in run.warnings] if run else [],
    )


def _wish() -> Enrolment:
    form = Form(request.form)
    wish = Enrolment(
        name=form.person("name"),
        number=form.number("number"),
        zone=form.zone("zone"),
        language=form.one_of("language", ("en", "es")),
        consented=form.ticked("consented"),
        protocol=form.one_of("protocol", names(rows.own_clinic())),
        starts_on=form.day("starts_on"),
        weekdays=form.numbers("weekdays", range(7)),
        around=form.clock("around"),
        given=_given(form),
        supports=(support_in(form),) if form.given.get("support_name", "").strip() else (),
        course_id=form.key("once"),
    )
    _refuse_shared(form, wish.number)
    form.refuse_if_wrong()
    return wish


def _given(form: Form) -> tuple[GivenBefore, ...]:
    """A line each, written as in a file that is imported."""
    lines = (form.words_or_none("given", most=4000) or "").splitlines()
    try:
        found: tuple[GivenBefore, ...] = cells.given(rows.own_clinic().zone)(cells.LIST.join(lines))
    except ValueError as error:
        form.complaints["given"] = f"Each line {error}."
        return ()
    return found


def _gates(run: DryRun | None) -> dict[UUID | None, list[RehearsedGate]]:
    """What is to be settled, by session; about the whole course under None."""
    found: dict[UUID | None, list[RehearsedGate]] = defaultdict(list)
    for gate in run.rehearsal.gates if run else ():
        found[gate.session_id].append(gate)
    return found


def _texts(run: DryRun, wish: Enrolment) -> list[Text]:
    names = {Part.PATIENT: wish.name, Part.SUPPORT: wish.supports[0].name if wish.supports else ""}
    return [
        Text(
            text.at,
            " and ".join(dict.fromkeys(names[said.person.part] for said in text.said)),
            text.body,
            segments(text.body).count,
        )
        for text in run.rehearsal.texts
    ]
