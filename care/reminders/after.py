"""What do people hear after a dose? Kinds post_rules, with clock times from what really happened, and safety_check."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from care.facts import PatientFacts, Person, SessionFacts, Status
from care.kinds import Quiet
from care.people import supporter
from care.questions import QuestionWanted
from care.questions.after import safety as asked_about
from care.reminders.moments import Anchor, Ear, place
from care.reminders.preparation import doses, latest_change
from care.reminders.telling import repeats, tell
from care.reminders.wanted import Wanted, iso
from care.windows import alcohol_windows, driving_until

AT_DISCHARGE = timedelta(hours=1)  # a later change of the times is news, and news waits for the morning


def after(facts: PatientFacts) -> Iterator[Wanted]:
    given = [each for each in doses(facts) if each.status is Status.DISCHARGED]
    for session in given:
        yield from _rules(facts, session)
        for question in asked_about(facts, session):
            yield from _check(facts, session, question)


def _rules(facts: PatientFacts, session: SessionFacts) -> Iterator[Wanted]:
    """Told to the patient and the support person as soon as the end is known, and anew when a time in it changes."""
    end, until = session.discharged_at, _restrictions(facts, session)
    if end is None or until is None:
        return
    changed = latest_change(facts, session.since)
    since = changed if changed > end + AT_DISCHARGE else end
    last = max(until.values())
    if since != end and session.since <= end + AT_DISCHARGE:
        last = until.get("alcohol_until", end)
    if since >= last:
        return
    fills = {name: iso(at) for name, at in until.items()}
    for person in _hearers(facts, session):
        listener = Ear(facts, person, Quiet.EXEMPT if since == end else Quiet.LATER)
        moment = place(end, listener, anchor=Anchor("discharge", end), since=since, until=last)
        told = tell("post_rules", person, session.id, fills, moment, sessions=[session.id])
        yield told if since == end else _told_anew(told, session, since, end)


def _told_anew(whole: Wanted, session: SessionFacts, since: datetime, end: datetime) -> Wanted:
    """Days later only what a neighbour can have changed, and never an instant that is past.

    It keeps the key of the whole, so that rules which did not change are not said again.
    """
    own = session.since > end + AT_DISCHARGE
    fills = {
        name: at
        for name, at in whole.fills.items()
        if (own or name == "alcohol_until") and datetime.fromisoformat(at) > since
    }
    return replace(whole, fills={**fills, "changed": True})


def _restrictions(facts: PatientFacts, session: SessionFacts) -> dict[str, datetime] | None:
    """What ends when. None when a later dose of the same alcohol window was given since: its own rules tell the end."""
    end = session.discharged_at
    if end is None:
        return None
    until = {"driving_until": driving_until(session, facts.patient.zone)}
    for window in alcohol_windows(doses(facts)):
        if session.id in window.session_ids:
            if _given_later(facts, session, window.session_ids[window.session_ids.index(session.id) + 1 :]):
                return None
            until["alcohol_until"] = window.end
    stay = session.protocol.support_stay_minutes
    if stay and supporter(facts, session) is not None:
        until["stay_until"] = end + timedelta(minutes=stay)
    return until


def _given_later(facts: PatientFacts, session: SessionFacts, later: tuple[object, ...]) -> bool:
    return any(each.id in later and each.status is Status.DISCHARGED for each in facts.sessions)


def _hearers(facts: PatientFacts, session: SessionFacts) -> list[Person]:
    support = supporter(facts, session)
    return [facts.patient, support.person] if support else [facts.patient]


def _check(facts: PatientFacts, session: SessionFacts, question: QuestionWanted) -> list[Wanted]:
    end = session.discharged_at or question.since
    fills = {"starts_at": iso(session.starts_at or end)}
    return repeats(facts, "safety_check", question, fills, Anchor("end", end), early=False)
