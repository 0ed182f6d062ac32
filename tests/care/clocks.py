"""Which clock changes must every rule survive?"""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

NEW_YORK = "America/New_York"
ZONES = (
    NEW_YORK,
    "America/Los_Angeles",
    "America/Sao_Paulo",  # no longer changes
    "America/Havana",  # changes at midnight
    "Asia/Beirut",  # changes at midnight
    "Europe/London",
    "Africa/Casablanca",  # four changes around Ramadan
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Apia",
    "Pacific/Chatham",  # at a quarter to
    "Asia/Kathmandu",
)
FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)


def _offset(at: datetime, zone: str) -> timedelta | None:
    return at.astimezone(ZoneInfo(zone)).utcoffset()


def _change(low: datetime, high: datetime, zone: str) -> datetime:
    before = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high


@cache
def transitions(zone: str) -> tuple[datetime, ...]:
    """Every instant from 2025 to 2030 at which the zone's clocks change."""
    step = timedelta(hours=12)
    steps = [FIRST + step * count for count in range((LAST - FIRST) // step)]
    return tuple(_change(at, at + step, zone) for at in steps if _offset(at, zone) != _offset(at + step, zone))


ALL_TRANSITIONS = [(zone, at) for zone in ZONES for at in transitions(zone)]

zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  bounds
near_changes = st.builds(
    lambda change, minutes: (change[0], change[1] + timedelta(minutes=minutes)),
    st.sampled_from(ALL_TRANSITIONS),
    st.integers(-3 * 1440, 3 * 1440),
)
moments = st.one_of(st.tuples(zones, instants), near_changes)  # a zone and an instant, often beside a clock change
