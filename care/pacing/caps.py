"""How many texts are too many, and until when does that hold back what may wait?

A day's cap counts every text. A week's cap counts the texts that were sent to ask or to advise: what has to be said anyway
(windows, changes, safety, what is said back) fills a week with two doses by itself, so that counting it there would
silence every reminder of the integration session. Only advisory texts and soft nudges are ever held.
"""

from datetime import datetime, timedelta

from care.facts import UNDER_WAY, PatientFacts, SessionKind, Status
from care.kinds import Load
from care.pacing.values import ContactState, Fate, Stay, Waiting
from care.pacing.waking import quiet_over
from care.times import local_date, wall

WEEK = timedelta(days=7)

_AHEAD = UNDER_WAY | {Status.PLANNED, Status.BOOKED}
_ASKED_OR_ADVISED = frozenset({Load.QUESTION, Load.ADVISORY})


def caps_free_at(state: ContactState, now: datetime, *, more: int = 0) -> datetime | None:
    """When the caps next let a text through that they may hold; None when they do now. `more` texts go at this moment."""
    frees = [at for at in (_day_frees_at(state, now, more), _week_frees_at(state, now)) if at is not None]
    return quiet_over(max(frees), state.zone, state.quiet) if frees else None


def in_induction(facts: PatientFacts) -> bool:
    """Is the patient's present dose one of the first phase of its course? The next that has a time, else the last."""
    doses = sorted((each for each in facts.sessions if each.kind is SessionKind.DOSING), key=lambda each: each.number)
    ahead = [each for each in doses if each.status in _AHEAD]
    booked, over = [each for each in ahead if each.starts_at], [each for each in doses if each not in ahead]
    present = booked[:1] or over[-1:] or ahead[:1]
    return all(each.phase == each.protocol.phases[0].name for each in present)


def held_by_cap(each: Waiting, frees_at: datetime, now: datetime) -> Stay:
    """Until its last useful moment it may still ride along with a text that goes anyway."""
    if now >= each.not_after:
        return Stay(Fate.SUPPRESSED, "cap")
    return Stay(Fate.HELD, "cap", min(frees_at, each.not_after))


def _day_frees_at(state: ContactState, now: datetime, more: int) -> datetime | None:
    today = local_date(now, state.zone)
    sent = sum(at <= now and local_date(at, state.zone) == today for at, _ in state.sent)
    return wall(today + timedelta(days=1), state.quiet.end, state.zone) if sent + more >= state.caps.per_day else None


def _week_frees_at(state: ContactState, now: datetime) -> datetime | None:
    most = state.caps.per_week_induction if state.phase_is_induction else state.caps.per_week_later
    week = sorted(at for at, load in state.sent if now - WEEK < at <= now and load in _ASKED_OR_ADVISED)
    if len(week) < most:
        return None
    return week[len(week) - most] + WEEK if most else now + WEEK
