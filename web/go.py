"""What does the one question behind a link say? To choose an integration time, or to accept as support person.

Looking changes nothing, because phones fetch links for their previews; an answered or expired link says so, in the language of
whoever it was sent to.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import abort, current_app, g, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from actions.apps.calendar import share_calendar
from actions.courses.rehearse import first_name
from actions.record import Actor
from actions.sessions.book import book
from actions.sessions.confirm import accept_invitation
from actions.sessions.elsewhere import come_back, days_of, go_elsewhere
from actions.sessions.offer import offered
from actions.sessions.slots import slot_of, token
from care.course.slots import Slot
from care.facts import How, Status, Value
from care.times import wall
from models import Clinic, Contact, Link, LinkPurpose, Patient, Reader, Session, SupportPerson, SupportState, db
from models.clock import care_now
from models.database import name_clinic
from models.sealed import keyed_digest
from web import rows, show
from web.auth import public
from web.forms import Form, Unreadable, day_or
from web.go_words import WORDS
from web.pages import pages
from web.say import Times
from web.trouble import again

Days = list[tuple[Any, list[tuple[Slot, str]]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The question behind one link, with everything its page says."""

    link: Link
    clinic: Clinic
    patient: Patient
    contact: Contact
    session: Session | None = None
    support: SupportPerson | None = None

    @property
    def times(self) -> Times:
        return Times(self.contact.zone, self.contact.language)

    @property
    def actor(self) -> Actor:
        kind = "support" if self.support else "patient"
        return Actor(kind, self.link.person_id, self.clinic.id)


@pages.get("/go/<word>")
@public("the link itself is the key, to one question only")
def go(word: str) -> str:
    asked = _asked(word)
    state = _state(asked)
    days = _days(asked) if state == "open" and asked.session else []
    w = WORDS[asked.contact.language]
    return show.plain(
        "go.html",
        asked=asked,
        state="none" if state == "open" and asked.session and not days else state,
        days=days,
        w=w,
        t=asked.times,
        language=asked.contact.language,
        patient_name=first_name(asked.patient.name),
        phone=_dialling(asked.clinic.phone),
        own_days=days_of(asked.session) if asked.session else None,
        may_undo=state == "elsewhere" and asked.link.expires_at > g.now,
        word=word,
        may_share=_may_share(asked),
    )


@pages.post("/go/<word>")
@public("the link itself is the key, to one question only")
@again(go)
def answer(word: str) -> Response:
    asked = _asked(word)
    state = _state(asked)
    if state == "open":
        _choose(asked) if asked.session else _accept(asked)
    elif state == "elsewhere" and asked.session and "here" in request.form and asked.link.expires_at > g.now:
        come_back(asked.session, by=asked.actor, now=g.now)
    return redirect(url_for("pages.go", word=word), 303)


@pages.post("/go/<word>/calendar")
@public("the link itself is the key, to one question only")
def share_visits(word: str) -> str:
    """A support person who said yes gets the times in their own calendar. The address is shown once."""
    asked = _asked(word)
    if asked.support is None or not _may_share(asked):
        abort(404)
    token = share_calendar(Reader.SUPPORT, asked.support.id, by=asked.actor, now=g.now)
    base = current_app.config["PUBLIC_BASE_URL"].partition("://")[2]
    return show.plain(
        "go_calendar.html",
        asked=asked,
        w=WORDS[asked.contact.language],
        language=asked.contact.language,
        address=f"webcal://{base}/calendar/{token}.ics",
    )


def _may_share(asked: Asked) -> bool:
    accepted = asked.support is not None and asked.support.state == SupportState.ACCEPTED
    return accepted and asked.link.expires_at > g.now


def _dialling(phone: str) -> Markup:
    """The clinic's number, to touch and call."""
    return Markup('<a class="nowrap" href="tel:{}">{}</a>').format("".join(filter(str.isalnum, phone)), phone)


def _choose(asked: Asked) -> None:
    visit, chosen = asked.session, request.form.get("slot", "")
    if visit is not None and "on" in request.form:
        _elsewhere(visit, asked)
        return
    if visit is None or not chosen:
        raise Unreadable({"slot": WORDS[asked.contact.language]["choose_first"]})
    book(visit, slot_of(chosen, visit), by=asked.actor, now=g.now)


def _elsewhere(visit: Session, asked: Asked) -> None:
    """It is with their own therapist on that day."""
    on = day_or(request.form.get("on"), None)
    if on is None:
        raise Unreadable({"on": WORDS[asked.contact.language]["own_day"]})
    go_elsewhere(visit, on, by=asked.actor, now=g.now)


def _accept(asked: Asked) -> None:
    form = Form(request.form)
    value = form.one_of("value", tuple(Value))
    if asked.support is None or form.complaints or value == Value.URGENT:
        raise Unreadable({"value": WORDS[asked.contact.language]["choose_first"]})
    accept_invitation(asked.support, Value(value), by=asked.actor, how=How.LINK, now=g.now)


def _asked(word: str) -> Asked:
    """What the token asks; an unknown one is like any wrong address."""
    g.now = care_now()
    link = db.session.get(Link, keyed_digest("link", word.encode()))
    if link is None:
        abort(404)
    name_clinic(link.clinic_id)
    asked = _about_session(link) if link.purpose == LinkPurpose.INTEGRATION else _about_support(link)
    g.language, g.zone = asked.contact.language, asked.contact.zone
    return asked


def _about_session(link: Link) -> Asked:
    visit = _one(Session, link, link.subject_id)
    patient = _one(Patient, link, visit.patient_id)
    return Asked(link, _clinic(link), patient, _one(Contact, link, patient.contact_id), session=visit)


def _about_support(link: Link) -> Asked:
    support = _one(SupportPerson, link, link.subject_id)
    patient, contact = _one(Patient, link, support.patient_id), _one(Contact, link, support.contact_id)
    return Asked(link, _clinic(link), patient, contact, support=support)


def _one(table: type[rows.Row], link: Link, row_id: UUID) -> rows.Row:
    row = db.session.get(table, (link.clinic_id, row_id))
    if row is None:
        abort(404)
    return row


def _clinic(link: Link) -> Clinic:
    return db.session.get_one(Clinic, link.clinic_id)


def _state(asked: Asked) -> str:
    """open, chosen, elsewhere, accepted, declined, off (no longer asked) or expired."""
    if asked.support is not None:
        settled = {SupportState.ACCEPTED: "accepted", SupportState.DECLINED: "declined", SupportState.REMOVED: "off"}
        known = settled.get(SupportState(asked.support.state))
    else:
        known = _session_state(asked.session)
    return known or ("expired" if asked.link.expires_at <= g.now else "open")


def _session_state(visit: Session | None) -> str | None:
    if visit is None or visit.status in (Status.CANCELLED, Status.OMITTED, Status.DEFERRED, Status.MISSED):
        return "off"
    if visit.elsewhere_on is not None:
        return "elsewhere"
    return None if visit.status == Status.PLANNED else "chosen"


def _days(asked: Asked) -> Days:
    """The free times that nothing speaks against, by the person's own days."""
    visit = asked.session
    if visit is None:
        return []
    from_at = wall(visit.earliest_on, time(), asked.clinic.zone)
    until_at = wall(visit.latest_on + timedelta(days=1), time(), asked.clinic.zone)
    found = offered(visit, max(from_at, g.now), until_at, by=asked.actor, now=g.now)
    free = [(slot, token(slot)) for slot, refusals in found if not refusals]
    return [(day, list(times)) for day, times in groupby(free, lambda each: asked.times.local_date(each[0].starts_at))]
