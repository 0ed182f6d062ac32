"""When must something not be done, or should it be, around the sessions of one patient?

Fasting, alcohol, driving, integration and observation count elapsed hours; "the next morning" is a wall clock. Actual
times count as soon as they are known. Windows of one kind are united over sessions before anyone is told of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from care.facts import ENDED_WITHOUT_HAPPENING, SessionFacts, SessionKind, Status
from care.times import hours, local_date, wall


class WindowKind(StrEnum):
    SOLIDS = "solids"
    LIGHT_MEAL = "light_meal"
    ANY_LIQUID = "any_liquid"
    CLEAR_LIQUID = "clear_liquid"
    ALCOHOL = "alcohol"
    OBSERVATION = "observation"
    DRIVING = "driving"
    INTEGRATION = "integration"  # the only one in which something should happen


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` until, not including, `end`, for the sessions named in order of their time."""

    kind: WindowKind
    start: datetime
    end: datetime
    session_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Fasting:
    """From when each is over until the dose; None where the protocol does not use that clock."""

    solids_at: datetime | None
    light_meal_at: datetime | None
    any_liquid_at: datetime | None
    clear_liquid_at: datetime | None


def fasting(session: SessionFacts) -> Fasting:
    """The four clocks before a dose, counted back in elapsed hours. ValueError when the session has no time yet."""
    rules = session.protocol.preparation
    return Fasting(
        _before(session, rules.solids_h),
        _before(session, rules.light_meal_h),
        _before(session, rules.any_liquid_h),
        _before(session, rules.clear_liquid_h),
    )


def alcohol_windows(sessions: Iterable[SessionFacts]) -> list[Window]:
    """From before each dose until after its session's end, neighbours that meet or overlap as one window."""
    return _united(_alcohol(session) for session in _doses(sessions) if _forbids_alcohol(session))


def driving_until(session: SessionFacts, zone: str) -> datetime:
    """The later of the elapsed hours after the end and the clock time of the next local day."""
    rule, end = session.protocol.driving, _end(session)
    rested = end + hours(rule.hours)
    if rule.next_day_at_hour is None:
        return rested
    next_day = local_date(end, zone) + timedelta(days=1)
    return max(rested, wall(next_day, time(rule.next_day_at_hour), zone, late=True))


def integration_window(session: SessionFacts) -> tuple[datetime, datetime]:
    """Between which instants the integration session of this dose should start."""
    rule, end = session.protocol.integration, _end(session)
    return end + hours(rule.window_from_h), end + hours(rule.window_until_h)


def observation_window(session: SessionFacts) -> tuple[datetime, datetime]:
    """From the end of the dose block until the end of the session."""
    return _dose(session) + timedelta(minutes=session.protocol.dose_block_minutes), _end(session)


def belongs_integration(session: SessionFacts) -> bool:
    """Whether the protocol puts an integration session after this dose."""
    every = session.protocol.integration.after_each
    return session.kind is SessionKind.DOSING and every > 0 and session.number % every == 0


def all_windows(sessions: Sequence[SessionFacts], zone: str) -> list[Window]:
    """Every window of every kind, in order of start: what the day and the timeline show."""
    doses = _doses(sessions)
    single = [window for dose in doses for window in (*_fasting_windows(dose), _driving(dose, zone), _observed(dose))]
    united = [window for kind in WindowKind for window in _united(each for each in single if each.kind is kind)]
    waiting = [_integration(dose) for dose in doses if belongs_integration(dose) and not _integrated(dose, sessions)]
    whole = [*united, *alcohol_windows(doses), *waiting]
    return sorted((window for window in whole if window.start < window.end), key=_in_order)


def windows_now(sessions: Sequence[SessionFacts], zone: str, now: datetime) -> list[Window]:
    """The windows in force at `now`."""
    return [window for window in all_windows(sessions, zone) if window.start <= now < window.end]


def _doses(sessions: Iterable[SessionFacts]) -> list[SessionFacts]:
    """The dosing sessions that have a time and were or will be given, in order of time."""
    timed = [session for session in sessions if session.kind is SessionKind.DOSING and session.dose_at and session.end]
    return sorted((one for one in timed if one.status not in ENDED_WITHOUT_HAPPENING), key=_dose)


def _dose(session: SessionFacts) -> datetime:
    if session.dose_at is None:
        raise ValueError(f"session {session.id} has no time yet")
    return session.dose_at


def _end(session: SessionFacts) -> datetime:
    if session.end is None:
        raise ValueError(f"session {session.id} has no end yet")
    return session.end


def _before(session: SessionFacts, count: float) -> datetime | None:
    return _dose(session) - hours(count) if count else None


def _forbids_alcohol(session: SessionFacts) -> bool:
    rules = session.protocol.preparation
    return rules.alcohol_before_h > 0 or rules.alcohol_after_h > 0


def _alcohol(session: SessionFacts) -> Window:
    rules = session.protocol.preparation
    start, end = _dose(session) - hours(rules.alcohol_before_h), _end(session) + hours(rules.alcohol_after_h)
    return Window(WindowKind.ALCOHOL, start, end, (session.id,))


def _fasting_windows(session: SessionFacts) -> list[Window]:
    clocks = fasting(session)
    starts = {
        WindowKind.SOLIDS: clocks.solids_at,
        WindowKind.LIGHT_MEAL: clocks.light_meal_at,
        WindowKind.ANY_LIQUID: clocks.any_liquid_at,
        WindowKind.CLEAR_LIQUID: clocks.clear_liquid_at,
    }
    return [Window(kind, start, _dose(session), (session.id,)) for kind, start in starts.items() if start]


def _driving(session: SessionFacts, zone: str) -> Window:
    return Window(WindowKind.DRIVING, _dose(session), driving_until(session, zone), (session.id,))


def _observed(session: SessionFacts) -> Window:
    return Window(WindowKind.OBSERVATION, *observation_window(session), (session.id,))


def _integration(session: SessionFacts) -> Window:
    return Window(WindowKind.INTEGRATION, *integration_window(session), (session.id,))


def _integrated(dose: SessionFacts, sessions: Iterable[SessionFacts]) -> bool:
    bound = [one for one in sessions if one.of_session_id == dose.id]
    return any(one.status is Status.ATTENDED or one.elsewhere_on is not None for one in bound)


def _united(windows: Iterable[Window]) -> list[Window]:
    """Windows of one kind, those that touch or overlap joined, with all their sessions."""
    joined: list[Window] = []
    for window in sorted(windows, key=_in_order):
        if joined and window.start <= joined[-1].end:
            joined[-1] = _join(joined[-1], window)
        else:
            joined.append(window)
    return joined


def _join(earlier: Window, later: Window) -> Window:
    ids = earlier.session_ids + later.session_ids
    return replace(earlier, end=max(earlier.end, later.end), session_ids=ids)


def _in_order(window: Window) -> tuple[datetime, datetime, WindowKind]:
    return window.start, window.end, window.kind
