"""How do staff give a session its time, or it and all that follow another? Free times by day, what follows, and the yes to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import g, request
from werkzeug.wrappers import Response

from actions.sessions.book import book, refusals_to_book
from actions.sessions.changes.change import change
from actions.sessions.changes.preview import ChangePreview, preview_change
from actions.sessions.offer import offered
from actions.sessions.slots import slot_of, token
from care.course.changes.plans import Move
from care.course.changes.wishes import Change, ChangeVerb
from care.course.slots import Slot
from care.refusals import Refusal, Refused
from care.times import wall
from models import Session
from web import rows, show
from web.auth import staff
from web.console.changes import preview_of, scope_of
from web.console.visits import back_to_session
from web.forms import Form, day_or
from web.pages import pages
from web.say import Times
from web.trouble import again

DAYS = 7
NOWHERE = "-"
SOME_REASON = "asked"  # stands for the reason that the form will ask for


@dataclass(frozen=True, slots=True)
class Day:
    """One local day with its free times and their tokens, those apart that the rules speak against."""

    on: date
    free: list[tuple[Slot, str]] = field(default_factory=list)
    refused: list[tuple[Slot, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a slot would bring. `against` stands even with a reason; `needs_reason` yields to one.

    `previews`: the plan, and where there is one the alternative; none for a session that has no time yet. With the
    `same_time` only chair and staff change.
    """

    slot: Slot
    word: str
    against: list[Refusal]
    needs_reason: list[Refusal]
    previews: tuple[ChangePreview, ...] = ()
    same_time: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One session of which the new plan says something else than the one that was shown."""

    session: Session
    before: datetime | None
    after: datetime | None
    moves: bool


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
        scope=scope_of(request.values.get("scope")).value,
        seats_of=rows.resource_names,
        names={row.id: row.name for row in rows.people(patient)},
        differences=_differences(),
    )


@pages.post("/console/sessions/<uuid:session_id>/move")
@staff
@again(show_move)
def move_session(session_id: UUID) -> Response:
    form = Form(request.form)
    word, plan = form.words("slot", ask="Please choose a time."), form.words("plan", most=4000)
    reason = form.words("reason", most=500, ask="Please say why it moves, for the record.")
    form.refuse_if_wrong()
    visit = rows.own(Session, session_id)
    wish = _wish(visit, slot_of(word, visit))
    change(wish, plan, by=g.who, now=g.now, reason=reason)
    return back_to_session(session_id, wish.verb)


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
    word, plan = form.words("slot", ask="Please choose a time."), form.words("plan", most=4000)
    form.refuse_if_wrong()
    visit = rows.own(Session, session_id)
    change(_wish(visit, slot_of(word, visit)), plan, by=g.who, now=g.now, reason=None)
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


def _wish(visit: Session, slot: Slot) -> Change:
    """To another time; or at the time that it has, to other resources."""
    verb = ChangeVerb.RESEAT if slot.starts_at == visit.starts_at else ChangeVerb.MOVE
    scope = scope_of(request.values.get("scope"))
    return Change(verb, visit.course_id, visit.id, scope, slot=slot)


def _move_plan(visit: Session, slot: Slot, word: str) -> Plan:
    wish = _wish(visit, slot)
    found = preview_of(wish)
    if wish.verb is ChangeVerb.RESEAT:
        return Plan(slot, word, list(found.refusals), [], (found,), same_time=True)
    with_reason = preview_change(wish, by=g.who, now=g.now, reason=SOME_REASON) if found.refusals else found
    previews = tuple(each for each in (with_reason, with_reason.alternative) if each is not None)
    return _sorted(slot, word, found.refusals, with_reason.refusals, previews)


def _book_plan(visit: Session, slot: Slot, word: str) -> Plan:
    patient = rows.patient_of(visit)
    against = refusals_to_book(visit, slot, patient, by=g.who, now=g.now)
    with_reason = refusals_to_book(visit, slot, patient, by=g.who, now=g.now, reason=SOME_REASON)
    return _sorted(slot, word, against, with_reason, ())


def _sorted(
    slot: Slot,
    word: str,
    found: Sequence[Refusal],
    standing: Sequence[Refusal],
    previews: tuple[ChangePreview, ...],
) -> Plan:
    lasting = {refusal.code for refusal in standing}
    yielding = [refusal for refusal in found if refusal.code not in lasting]
    return Plan(slot, word, list(standing), yielding, previews)


def _differences() -> list[Difference] | None:
    """Where a plan that went stale and the new one part; None when nothing went stale."""
    if g.get("new_plan") is None:
        return None
    before = dict(part.split(" ", 1) for part in request.form.getlist("seen") if " " in part)
    after = {str(each.session_id): _shown(each) for each in g.new_plan.moves}
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return [
        Difference(rows.own(Session, UUID(key)), _instant(before.get(key)), _instant(after.get(key)), key in after)
        for key in changed
    ]


def _shown(each: Move) -> str:
    return each.to.isoformat() if each.to else NOWHERE


def _instant(shown: str | None) -> datetime | None:
    return datetime.fromisoformat(shown) if shown and shown != NOWHERE else None
