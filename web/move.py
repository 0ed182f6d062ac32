"""How do staff give a session its time, or another one? A list of free times by day, what would follow, and the yes to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import g, request
from werkzeug.wrappers import Response

from actions.book import book, refusals_to_book
from actions.move import Move, MovePreview, move, preview, reseat
from actions.offer import offered
from actions.slots import slot_of, token
from care.refusals import Refusal, Refused
from care.slots import Slot
from care.times import wall
from models import Session
from web import rows, show
from web.auth import staff
from web.forms import Form, day_or
from web.pages import pages
from web.say import Times
from web.trouble import again
from web.visits import back_to_session

DAYS = 7
SOME_REASON = "asked"  # stands for the reason that the form will ask for


@dataclass(frozen=True, slots=True)
class Day:
    """One local day with its free times and their tokens, those apart that the rules speak against."""

    on: date
    free: list[tuple[Slot, str]] = field(default_factory=list)
    refused: list[tuple[Slot, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a slot would bring. `against` stands even with a reason; `needs_reason` yields to one."""

    slot: Slot
    word: str
    against: list[Refusal]
    needs_reason: list[Refusal]
    preview: MovePreview | None


@pages.get("/console/sessions/<uuid:session_id>/move")
@staff
def show_move(session_id: UUID) -> str:
    visit = rows.own(Session, session_id)
    patient = rows.patient_of(visit)
    first, word = _first_day(visit), request.values.get("slot", "")
    plan = _plan(visit, word) if word else None
    return show.console(
        "move.html",
        session=visit,
        patient=patient,
        moving=visit.starts_at is not None,
        days=_days(visit, first),
        first=first,
        earlier=first - timedelta(days=DAYS),
        later=first + timedelta(days=DAYS),
        plan=plan,
        names={row.id: row.name for row in (patient, *rows.supports(patient))},
        differs=_differs(plan),
    )


@pages.post("/console/sessions/<uuid:session_id>/move")
@staff
@again(show_move)
def move_session(session_id: UUID) -> Response:
    form = Form(request.form)
    word, plan = form.words("slot", ask="Please choose a time."), form.words("plan")
    reason = form.words("reason", most=500, ask="Please say why it moves, for the record.")
    form.refuse_if_wrong()
    visit = rows.own(Session, session_id)
    move(visit, slot_of(word, visit), plan, by=g.who, now=g.now, reason=reason)
    return back_to_session(session_id, "move")


@pages.post("/console/sessions/<uuid:session_id>/book")
@staff
@again(show_move)
def book_session(session_id: UUID) -> Response:
    form = Form(request.form)
    word, reason = form.words("slot", ask="Please choose a time."), form.words_or_none("reason", most=500)
    form.refuse_if_wrong()
    visit = rows.own(Session, session_id)
    book(visit, slot_of(word, visit), by=g.who, now=g.now, reason=reason)
    return back_to_session(session_id, "book")


@pages.post("/console/sessions/<uuid:session_id>/reseat")
@staff
@again(show_move)
def reseat_session(session_id: UUID) -> Response:
    form = Form(request.form)
    word = form.words("slot", ask="Please choose a time.")
    form.refuse_if_wrong()
    visit = rows.own(Session, session_id)
    reseat(visit, slot_of(word, visit), by=g.who, now=g.now)
    return back_to_session(session_id, "reseat")


def _first_day(visit: Session) -> date:
    """The week of days to choose from: the one asked for, else around the session, and never before today."""
    times = Times(rows.own_clinic().zone)
    today = times.local_date(g.now)
    around = times.local_date(visit.starts_at) - timedelta(days=2) if visit.starts_at else visit.earliest_on
    return max(day_or(request.values.get("from"), around), today)


def _days(visit: Session, first: date) -> list[Day]:
    zone = rows.own_clinic().zone
    from_at, until_at = wall(first, time(), zone), wall(first + timedelta(days=DAYS), time(), zone)
    times = Times(zone)
    days = {day: Day(day) for day in (first + timedelta(days=count) for count in range(DAYS))}
    for slot, refusals in offered(visit, max(from_at, g.now), until_at, by=g.who, now=g.now):
        day = days[times.local_date(slot.starts_at)]
        (day.refused if refusals else day.free).append((slot, token(slot)))
    return list(days.values())


def _plan(visit: Session, word: str) -> Plan | None:
    """What the chosen slot would bring; a slot that never was one is said to be refused."""
    try:
        slot = slot_of(word, visit)
    except Refused as refused:
        g.refusals = refused.refusals
        return None
    return _move_plan(visit, slot, word) if visit.starts_at else _book_plan(visit, slot, word)


def _move_plan(visit: Session, slot: Slot, word: str) -> Plan:
    found = g.get("new_plan") or preview(visit, slot, by=g.who, now=g.now)
    with_reason = preview(visit, slot, by=g.who, now=g.now, reason=SOME_REASON) if found.refusals else found
    return _sorted(slot, word, found.refusals, with_reason.refusals, found)


def _book_plan(visit: Session, slot: Slot, word: str) -> Plan:
    patient = rows.patient_of(visit)
    against = refusals_to_book(visit, slot, patient, by=g.who, now=g.now)
    with_reason = refusals_to_book(visit, slot, patient, by=g.who, now=g.now, reason=SOME_REASON)
    return _sorted(slot, word, against, with_reason, None)


def _sorted(
    slot: Slot, word: str, found: Sequence[Refusal], standing: Sequence[Refusal], plan: MovePreview | None
) -> Plan:
    lasting = {refusal.code for refusal in standing}
    yielding = [refusal for refusal in found if refusal.code not in lasting]
    return Plan(slot, word, list(standing), yielding, plan)


def _differs(plan: Plan | None) -> list[tuple[Move, datetime | None]]:
    """Where a plan that went stale and the new one part: each move with what the form showed before."""
    if plan is None or plan.preview is None or g.get("new_plan") is None:
        return []
    seen = dict(part.split(" ", 1) for part in request.form.getlist("seen") if " " in part)
    return [
        (each, _instant(seen.get(str(each.session_id), "")))
        for each in plan.preview.moves
        if seen.get(str(each.session_id)) != _shown(each)
    ]


def _shown(each: Move) -> str:
    return each.to.isoformat() if each.to else "-"


def _instant(shown: str) -> datetime | None:
    try:
        return datetime.fromisoformat(shown)
    except ValueError:
        return None
