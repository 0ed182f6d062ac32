"""What do the demonstration's people see on their phones, what do they answer, and what does their clock say?"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from flask import abort, current_app, g, redirect, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from actions.texts.hear import hear_reply
from actions.texts.understand import understand_reply
from care.times import wall
from models import Clinic, Contact, Patient, Purpose, Reminder, Sender, Stage, db
from models.clock import care_now
from models.database import name_clinic
from web import rows, show
from web.auth import demo_only, public
from web.forms import Form
from web.pages import pages
from web.rows import Said
from web.say import Times
from web.trouble import again

SHOWN = 80
MORNING = time(8)
LONGEST_TEXT = 1600
DEMO = "the demonstration shows every side"


@dataclass(frozen=True, slots=True)
class Phone:
    """One number's phone: whose it is, and what it shows."""

    contact: Contact
    names: str
    parts: str
    texts: list[Said]

    @property
    def times(self) -> Times:
        return Times(self.contact.zone)


@pages.get("/phones")
@public(DEMO)
@demo_only
def phones() -> Response | str:
    everyone = _everyone()
    if everyone:
        return redirect(url_for("pages.phones_of", patient_id=everyone[0].id), 303)
    return show.plain(
        "phones.html", everyone=[], patient=None, phones=[], t=Times("UTC"), next_text=None, now=care_now()
    )


@pages.get("/phones/<uuid:patient_id>")
@public(DEMO)
@demo_only
def phones_of(patient_id: UUID) -> str:
    everyone = _everyone()
    patient = next((each for each in everyone if each.id == patient_id), None)
    if patient is None:
        abort(404)
    clinic = _act_for(patient)
    return show.plain(
        "phones.html",
        everyone=everyone,
        patient=patient,
        clinic=clinic,
        phones=_phones(patient),
        t=Times(clinic.zone),
        next_text=_next_text(patient),
        now=care_now(),
    )


@pages.get("/phones/of")
@public(DEMO)
@demo_only
def choose_phones() -> Response:
    form = Form(request.args)
    patient_id = form.key("patient")
    return redirect(url_for("pages.phones_of", patient_id=patient_id), 303)


@pages.post("/phones/<uuid:patient_id>/texts")
@public(DEMO)
@demo_only
@again(phones_of)
def write_text(patient_id: UUID) -> Response:
    """A person answers: the text is stored, then understood, and what it calls for goes out."""
    form = Form(request.form)
    body, contact_id = form.words("body", most=LONGEST_TEXT, ask="Please write something."), form.key("contact")
    form.refuse_if_wrong()
    patient = _patient(patient_id)
    contact = next((phone.contact for phone in _phones(patient) if phone.contact.id == contact_id), None)
    if contact is None:
        abort(404)
    sender, now = _care_sender(patient.clinic_id), care_now()
    sid = "SM" + secrets.token_hex(16)
    reply = hear_reply(sender, sid, contact.number, body, now=now)
    db.session.commit()  # what was said is kept, even if it cannot be understood
    if reply is not None:
        understand_reply(reply, now=now)
    _dispatch()
    return redirect(url_for("pages.phones_of", patient_id=patient_id), 303)


@pages.post("/phones/<uuid:patient_id>/clock")
@public(DEMO)
@demo_only
@again(phones_of)
def move_clock(patient_id: UUID) -> Response:
    patient, now = _patient(patient_id), care_now()
    advance: Callable[[datetime], None] = current_app.extensions["steadfast.advance"]
    advance(max(_goal(patient, now), now))
    return redirect(url_for("pages.phones_of", patient_id=patient_id), 303)


def _goal(patient: Patient, now: datetime) -> datetime:
    """Where a button of the clock leads; the clock never goes back."""
    form, clinic = Form(request.form), _act_for(patient)
    by = form.one_of("by", ("hour", "day", "morning", "text", "date"))
    if by == "date":
        to = form.local_moment("to", clinic.zone)
        if to > now + timedelta(days=366):
            form.complaints.setdefault("to", "Please go at most a year ahead at once.")
    else:
        to = _jump(by, patient, clinic.zone, now)
    form.refuse_if_wrong()
    return to


def _jump(by: str, patient: Patient, zone: str, now: datetime) -> datetime:
    if by == "morning":
        return wall(Times(zone).local_date(now) + timedelta(days=1), MORNING, zone)
    if by == "text":
        return _next_text(patient) or now
    return now + (timedelta(hours=1) if by == "hour" else timedelta(days=1))


def _dispatch() -> None:
    dispatch: Callable[[], None] | None = current_app.extensions.get("steadfast.dispatch")
    if dispatch is not None:
        dispatch()


def _everyone() -> list[Patient]:
    """Every patient of the demonstration."""
    found: list[Patient] = []
    for clinic_id in db.session.scalars(select(Clinic.id).order_by(Clinic.id)).all():
        name_clinic(clinic_id)
        found += rows.patients(clinic_id)
    return found


def _patient(patient_id: UUID) -> Patient:
    patient = next((each for each in _everyone() if each.id == patient_id), None)
    if patient is None:
        abort(404)
    return patient


def _act_for(patient: Patient) -> Clinic:
    name_clinic(patient.clinic_id)
    clinic = db.session.get_one(Clinic, patient.clinic_id)
    g.zone = clinic.zone
    return clinic


def _phones(patient: Patient) -> list[Phone]:
    """The patient's phone and those of their support people; one number is one phone."""
    name_clinic(patient.clinic_id)
    people: list[tuple[rows.Person, str]] = [(patient, "patient")]
    people += [(row, "support person") for row in rows.standing_by(patient)]
    return [
        _phone(patient.clinic_id, contact_id, people)
        for contact_id in dict.fromkeys(row.contact_id for row, _ in people)
    ]


def _phone(clinic_id: UUID, contact_id: UUID, people: list[tuple[rows.Person, str]]) -> Phone:
    answering = [(row.name, part) for row, part in people if row.contact_id == contact_id]
    return Phone(
        db.session.get_one(Contact, (clinic_id, contact_id)),
        " and ".join(dict.fromkeys(name for name, _ in answering)),
        " and ".join(dict.fromkeys(part for _, part in answering)),
        rows.conversation(clinic_id, [contact_id], most=SHOWN),
    )


def _next_text(patient: Patient) -> datetime | None:
    """When something for these phones is next looked at."""
    waiting = select(func.min(Reminder.look_at)).where(
        Reminder.clinic_id == patient.clinic_id, Reminder.patient_id == patient.id, Reminder.stage == Stage.WAITING
    )
    return db.session.scalar(waiting)


def _care_sender(clinic_id: UUID) -> Sender:
    return db.session.scalars(select(Sender).where(Sender.clinic_id == clinic_id, Sender.purpose == Purpose.CARE)).one()
