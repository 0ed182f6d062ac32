"""Which instant does a wall clock mean, and what does a wall clock show at an instant?

Elapsed time is UTC arithmetic; only dates and clock times of people pass through here. Zones are IANA names.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from care.refusals import Code, Refusal, Refused


def utc(at: datetime) -> datetime:
    """The same instant in UTC. A naive time is nobody's instant: ValueError."""
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} names no instant: it has no offset")
    return at.astimezone(UTC)


def local(at: datetime, zone: str) -> datetime:
    """The instant as a clock in `zone` shows it."""
    return utc(at).astimezone(ZoneInfo(zone))


def local_date(at: datetime, zone: str) -> date:
    return local(at, zone).date()


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@lru_cache(maxsize=16_384)  # a course asks thousands of times about the same few hundred clock times
def wall(day: date, clock: time, zone: str, *, late: bool = False) -> datetime:
    """The UTC instant at which clocks in `zone` show `clock` on `day`.

    Shown twice: the earlier instant, or with `late` the later one. Never shown: the first instant after the gap.
    """
    instants = _instants(datetime.combine(day, clock), zone)
    if not instants:
        return _after_gap(datetime.combine(day, clock), zone)
    return instants[-1] if late else instants[0]


def exact(day: date, clock: time, zone: str) -> datetime:
    """The one UTC instant of a wall time; `Refused` when clocks never show it, or show it twice."""
    wanted = datetime.combine(day, clock)
    instants = _instants(wanted, zone)
    known = {"local": wanted.isoformat(timespec="minutes"), "zone": zone}
    if not instants:
        raise Refused([Refusal(Code.IMPOSSIBLE_LOCAL_TIME, {**known, "next": _after_gap(wanted, zone)})])
    if len(instants) > 1:
        raise Refused([Refusal(Code.AMBIGUOUS_LOCAL_TIME, {**known, "instants": instants})])
    return instants[0]


def _instants(wanted: datetime, zone: str) -> list[datetime]:
    """Every instant, in order, at which clocks show the naive time `wanted`."""
    readings = {wanted.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(at for at in readings if _shown(at, zone) == wanted)


def _after_gap(wanted: datetime, zone: str) -> datetime:
    """The first instant whose clock reading is past `wanted`, to the second, by halving the gap."""
    low, high = sorted(wanted.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (low, middle) if _shown(middle, zone) > wanted else (middle, high)
    return high


def _shown(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
