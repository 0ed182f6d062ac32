"""How do staff book a whole phase at once? What the patient likes best, a proposal with other times beside each, and one yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from uuid import UUID

from flask import g, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from actions.courses.plan import preferences_of
from actions.sessions.slots import slot_of, token
from actions.sessions.together.booking import Choices, Conflict, book_together
from actions.sessions.together.proposing import PhaseWish, ProposedSlot, TogetherProposal, propose_together
from care.course.slots import Slot
from care.facts import Status
from models import Course, Patient, Session, db
from web import rows, show
from web.auth import staff
from web.forms import Form
from web.pages import pages
from web.trouble import again

LEFT_OUT = "-"


@dataclass(frozen=True, slots=True)
class Line:
    """One session of the proposal: the slots to choose from by their tokens, the proposed one first, and what is chosen.

    `as_wished`: the proposed time is the one wished for. `conflict`: why the choice that was sent was refused.
    """

    proposed: ProposedSlot
    slots: tuple[tuple[Slot, str], ...]
    chosen: str
    as_wished: bool
    conflict: Conflict | None

    @property
    def session(self) -> Session:
        return self.proposed.session


@pages.get("/console/courses/<uuid:course_id>/book")
@staff
def show_phase(course_id: UUID) -> str:
    course = rows.own(Course, course_id)
    patient = db.session.get_one(Patient, (course.clinic_id, course.patient_id))
    phases = _phases(course)
    form = Form(request.values)
    asked = "phase" in request.values and bool(phases)
    wish = _wish(form, phases) if asked else None
    proposal = _proposal(course, wish) if wish and not form.complaints else None
    g.complaints = {**g.get("complaints", {}), **form.complaints}
    usual = preferences_of(course.preferences)
    return show.console(
        "phase.html",
        course=course,
        patient=patient,
        phases=[(name, name) for name in phases],
        usual=usual,
        ticked=set(request.values.getlist("weekdays")) if asked else {str(day) for day in usual.weekdays},
        integration=not asked or form.ticked("integration"),
        home=rows.contact_of(patient).zone,
        proposal=proposal,
        lines=_lines(proposal) if proposal else [],
        stale="proposal" in request.form and not _conflicts(),
        filled=request.values,
    )


@pages.post("/console/courses/<uuid:course_id>/book")
@staff
@again(show_phase)
def book_phase(course_id: UUID) -> Response:
    course, form = rows.own(Course, course_id), Form(request.form)
    wish, proposal = _wish(form, _phases(course)), form.words("proposal", ask="Please look at the times first.")
    reason = form.words_or_none("reason", most=500)
    form.refuse_if_wrong()
    choices = _choices(request.form, course)
    book_together(course, wish, proposal, choices, by=g.who, now=g.now, reason=reason)
    return redirect(url_for("pages.patient", patient_id=course.patient_id, done="phase"), 303)


def _phases(course: Course) -> list[str]:
    """The phases that have sessions without a time, the one under way first."""
    planned = db.select(Session.phase).where(
        Session.clinic_id == course.clinic_id,
        Session.course_id == course.id,
        Session.status == Status.PLANNED,
        Session.elsewhere_on.is_(None),
    )
    names = dict.fromkeys(db.session.scalars(planned.order_by(Session.target_on, Session.number)))
    return sorted(names, key=lambda name: name != course.phase)


def _wish(form: Form, phases: Sequence[str]) -> PhaseWish:
    return PhaseWish(
        weekdays=form.numbers("weekdays", range(7)),
        around=time.fromisoformat(form.clock("around")),
        zone=form.zone_or_none("zone"),
        phase=form.one_of("phase", phases) if phases else None,
        integration=form.ticked("integration"),
    )


def _proposal(course: Course, wish: PhaseWish) -> TogetherProposal:
    """As it is now; after a refusal the one that came with it."""
    with_refusal = getattr(g.get("refused"), "proposal", None)
    reason = request.values.get("reason", "").strip() or None
    return with_refusal or propose_together(course, wish, by=g.who, now=g.now, reason=reason)


def _conflicts() -> dict[UUID, Conflict]:
    return {each.session.id: each for each in getattr(g.get("refused"), "conflicts", ())}


def _lines(proposal: TogetherProposal) -> list[Line]:
    against = _conflicts()
    return [_line(each, against.get(each.session.id)) for each in proposal.sessions]


def _line(each: ProposedSlot, conflict: Conflict | None) -> Line:
    found = (*((each.slot,) if each.slot else ()), *each.alternatives)
    slots = tuple((slot, token(slot)) for slot in found)
    sent = request.form.get(f"slot-{each.session.id}", "")
    known = {word for _, word in slots} | {LEFT_OUT}
    usual = slots[0][1] if each.slot else LEFT_OUT
    as_wished = each.slot is not None and each.slot.starts_at == each.wished_at
    return Line(each, slots, sent if sent in known and not conflict else usual, as_wished, conflict)


def _choices(form: MultiDict[str, str], course: Course) -> Choices:
    """What was chosen for each session; a session of another course is none of ours. Raises `Refused` for made-up slots."""
    choices: dict[UUID, Slot | None] = {}
    for name, word in form.items():
        session = _named(name, course)
        if session is not None:
            choices[session.id] = None if word == LEFT_OUT else slot_of(word, session)
    return choices


def _named(name: str, course: Course) -> Session | None:
    if not name.startswith("slot-"):
        return None
    try:
        session_id = UUID(name.removeprefix("slot-"))
    except ValueError:
        return None
    session = db.session.get(Session, (course.clinic_id, session_id))
    return session if session is not None and session.course_id == course.id else None
