"""What does a patient hear of food, drink and alcohol? Kinds prep_bundle, alcohol_window, solids_stop and liquids_stop.

Windows are told as they are planned: once a dose is given, the rules for after it tell the actual times. A start that
could not be told in time is a person's to tell, so these never vanish: without a lawful moment they are wanted unlawful.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from care.facts import UNDER_WAY, PatientFacts, SessionFacts, SessionKind, Status
from care.people import is_booked
from care.reminders.attendance import dose_of
from care.reminders.moments import Anchor, Moment, place
from care.reminders.telling import before, ear, tell
from care.reminders.wanted import Wanted, iso
from care.times import hours
from care.windows import Window, alcohol_windows, fasting

_GIVEN_OR_COMING = UNDER_WAY | {Status.BOOKED, Status.DISCHARGED}


def preparation(facts: PatientFacts) -> Iterator[Wanted]:
    windows = planned_alcohol_windows(facts)
    for window in windows:
        yield from _alcohol(facts, window)
    for session in facts.sessions:
        if is_booked(session) and session.kind is SessionKind.DOSING:
            yield _bundle(facts, session, windows)
            yield from _solids(facts, session)
            yield from _liquids(facts, session)


def doses(facts: PatientFacts) -> list[SessionFacts]:
    """The doses that have a time and are to come, under way or given here: of those given before nothing is said."""
    timed = (each for each in facts.sessions if each.kind is SessionKind.DOSING and each.starts_at is not None)
    return [each for each in timed if each.status in _GIVEN_OR_COMING and not each.given_before]


def planned_alcohol_windows(facts: PatientFacts) -> list[Window]:
    return alcohol_windows(replace(each, dosed_at=None, discharged_at=None) for each in doses(facts))


def latest_change(facts: PatientFacts, otherwise: datetime) -> datetime:
    """When a window over several doses may last have changed: any of them can have left it or joined it."""
    changes = [each.since for each in facts.sessions if each.kind is SessionKind.DOSING and each.starts_at is not None]
    return max([otherwise, *changes])


def _alcohol(facts: PatientFacts, window: Window) -> Iterator[Wanted]:
    """One text for the whole union: at its start, and anew with the new end when a session leaves or joins it later.

    Late is better than never until the next dose in it, because staff ask there. After the first dose of the union the
    rules for after that dose carry its end.
    """
    members = [each for each in facts.sessions if each.id in window.session_ids]
    coming = [each.starts_at for each in members if is_booked(each) and each.starts_at is not None]
    since = latest_change(facts, members[0].since)
    if not coming or since >= window.end or any(each.status is Status.DISCHARGED for each in members):
        return
    listener = ear(facts, facts.patient, "alcohol_window")
    next_dose = min((at for at in coming if at > since), default=window.end)
    moment = place(
        window.start - hours(1),
        listener,
        anchor=Anchor("alcohol_window", window.start),
        since=listener.needs_from(since, next_dose),
        until=next_dose,
    )
    fills = {
        "from": iso(window.start),
        "until": iso(window.end),
        "starts_at": iso(min(dose_of(each).at for each in members)),
    }
    yield tell("alcohol_window", facts.patient, window.session_ids[0], fills, moment, sessions=window.session_ids)


def _bundle(facts: PatientFacts, session: SessionFacts, windows: Iterable[Window]) -> Wanted:
    """All preparation at once, three hours before the first of it; useful until the first stop."""
    patient, dose = facts.patient, dose_of(session)
    rules = session.protocol.preparation
    lead = max(rules.alcohol_before_h, rules.solids_h, rules.light_meal_h, rules.any_liquid_h, rules.clear_liquid_h)
    clocks = stops(session)
    ride = session.protocol.transport_gate is not None
    fills = {"starts_at": iso(dose.at), **_alcohol_from(session, windows), **_said(clocks), "ride": ride}
    listener = ear(facts, patient, "prep_bundle")
    moment = place(
        dose.at - hours(lead + 3),
        listener,
        anchor=dose,
        since=listener.needs_from(latest_change(facts, session.since), dose.at),
        until=min(clocks.values(), default=dose.at),
    )
    return tell("prep_bundle", patient, session.id, fills, moment, sessions=[session.id])


def _alcohol_from(session: SessionFacts, windows: Iterable[Window]) -> dict[str, str]:
    """From when on no alcohol: where windows join, from the start of them all."""
    if not session.protocol.preparation.alcohol_before_h:
        return {}
    joined = [window.start for window in windows if session.id in window.session_ids]
    alone = dose_of(session).at - hours(session.protocol.preparation.alcohol_before_h)
    return {"alcohol_from": iso(min([alone, *joined]))}


def _solids(facts: PatientFacts, session: SessionFacts) -> Iterator[Wanted]:
    if meals := _meals(session):
        fills = {"starts_at": iso(dose_of(session).at), **_said(stops(session))}
        moment = _before_stop(facts, session, "solids_stop", min(meals.values()), minutes=60)
        yield tell("solids_stop", facts.patient, session.id, fills, moment, sessions=[session.id])


def _liquids(facts: PatientFacts, session: SessionFacts) -> Iterator[Wanted]:
    if drinks := _drinks(session):
        fills = {"starts_at": iso(dose_of(session).at), **_said(stops(session))}
        moment = _before_stop(facts, session, "liquids_stop", min(drinks.values()), minutes=20)
        yield tell("liquids_stop", facts.patient, session.id, fills, moment, sessions=[session.id])


def _before_stop(facts: PatientFacts, session: SessionFacts, kind: str, stop: datetime, *, minutes: int) -> Moment:
    """Shortly before its first stop, which is also its last useful moment."""
    since = before(facts, facts.patient, kind, session)
    nominal = stop - hours(minutes / 60)
    return place(nominal, ear(facts, facts.patient, kind), anchor=Anchor(kind, stop), since=since, until=stop)


def stops(session: SessionFacts) -> dict[str, datetime]:
    """Every clock of food and drink: whoever missed an earlier text reads them all in a later one."""
    return {**_meals(session), **_drinks(session)}


def _meals(session: SessionFacts) -> dict[str, datetime]:
    clocks = fasting(session)
    return _used({"solids_at": clocks.solids_at, "light_meal_at": clocks.light_meal_at})


def _drinks(session: SessionFacts) -> dict[str, datetime]:
    clocks = fasting(session)
    return _used({"any_liquid_at": clocks.any_liquid_at, "clear_liquid_at": clocks.clear_liquid_at})


def _used(stops: dict[str, datetime | None]) -> dict[str, datetime]:
    """The clocks in use. Equal ones are all told: a stop for any liquid alone would leave clear ones allowed."""
    return {name: at for name, at in stops.items() if at is not None}


def _said(stops: dict[str, datetime]) -> dict[str, Any]:
    return {name: iso(at) for name, at in stops.items()}
