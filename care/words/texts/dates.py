"""How is an instant said to a person? Weekday, date and local clock time, in their language and zone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_timezone_name

SMALL_HOURS_END = 4  # "1:30 AM Tuesday" is Monday night to the person who is still up
WEEK = timedelta(days=6)  # beyond it a weekday alone is ambiguous


@dataclass(frozen=True, slots=True)
class Style:
    """The order of the parts of a date in one language; the parts themselves come from CLDR."""

    locale: str
    when: str
    clock: str
    day: str
    time: str
    time_at_one: str
    noon: str
    night_before: str
    before_clocks_go_back: str
    after_clocks_go_back: str
    city_zone: str


STYLES = {
    "en": Style(
        locale="en_US",
        when="{short_weekday}, {short_month} {day} at {time}",
        clock="{time} {weekday}",
        day="{short_weekday}, {short_month} {day}",
        time="{digits}",
        time_at_one="{digits}",
        noon="12:00 noon",
        night_before="{eve} night",
        before_clocks_go_back="before the clocks go back",
        after_clocks_go_back="after the clocks go back",
        city_zone="{city} time",
    ),
    "es": Style(
        locale="es_US",
        when="{weekday} {day} de {month} a {time}",
        clock="{time} del {weekday}",
        day="{weekday} {day} de {month}",
        time="las {digits}",
        time_at_one="la {digits}",
        noon="12:00 de la tarde",
        night_before="{eve} por la noche",
        before_clocks_go_back="antes de que se atrase el reloj",
        after_clocks_go_back="después de que se atrase el reloj",
        city_zone="hora de {city}",
    ),
}

LANGUAGES = tuple(STYLES)
_ABBREVIATION_AT_THE_END = re.compile(r"\b([ap]\.m)\.\.")


def spoken(language: str) -> str:
    """The language we can write for someone who reads `language` ("es-MX" is "es"); English where we have none."""
    short = language.replace("_", "-").split("-")[0].lower()
    return short if short in STYLES else "en"


def say(at: datetime, zone: str, language: str, *, clinic_zone: str | None = None) -> str:
    """The instant in full, "Tue, Mar 9 at 10:00 AM"; the zone is named when the clinic's clock shows another time."""
    moment = Moment(at, zone, spoken(language))
    return f"{moment.when} {moment.zone_name}" if clinic_zone and moment.differs_from(clinic_zone) else moment.when


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant with the ways a text may say it, for use in format strings. `at` is aware."""

    at: datetime
    zone: str
    language: str

    def __str__(self) -> str:
        return self.when

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.zone))

    @property
    def when(self) -> str:
        """The date and the time, for a visit."""
        return self._styled(self._style.when) + self._aside

    @property
    def clock(self) -> str:
        """The time and the weekday, for something to do at that time."""
        return self._styled(self._style.clock) + self._aside

    @property
    def day(self) -> str:
        return self._styled(self._style.day)

    @property
    def time(self) -> str:
        """The time alone, beside another time of the same day."""
        return self._styled("{time}") + self._aside

    @property
    def needs_words(self) -> bool:
        """Whether the clock time alone would be misread: in the small hours, or when it comes twice."""
        return bool(self._aside)

    @property
    def zone_name(self) -> str:
        """The zone as people there call it ("ET"); where they have no short name, by its city."""
        short = get_timezone_name(self.local, width="short", locale=self._style.locale, zone_variant="generic")
        if short.isascii() and short.isupper() and len(short) <= 5:
            return short
        city = format_datetime(self.local, "VVV", tzinfo=ZoneInfo(self.zone), locale=self._style.locale)
        return self._style.city_zone.format(city=city)

    def differs_from(self, zone: str) -> bool:
        return self.local.utcoffset() != self.at.astimezone(ZoneInfo(zone)).utcoffset()

    @property
    def _style(self) -> Style:
        return STYLES[self.language]

    @property
    def _aside(self) -> str:
        words = [*self._night_words(), *self._fold_words()]
        return f" ({', '.join(words)})" if words else ""

    def _night_words(self) -> list[str]:
        if self.local.hour >= SMALL_HOURS_END:
            return []
        eve = self._cldr(self.local - timedelta(days=1), "EEEE")
        return [self._style.night_before.format(eve=eve)]

    def _fold_words(self) -> list[str]:
        local = self.local
        if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
            return []
        return [self._style.after_clocks_go_back if local.fold else self._style.before_clocks_go_back]

    def _styled(self, pattern: str) -> str:
        local = self.local
        time = self._style.time_at_one if local.hour % 12 == 1 else self._style.time
        return pattern.format(
            weekday=self._cldr(local, "EEEE"),
            short_weekday=self._cldr(local, "EEE"),
            month=self._cldr(local, "MMMM"),
            short_month=self._cldr(local, "MMM"),
            day=local.day,
            time=time.format(digits=self._digits(local)),
        )

    def _digits(self, local: datetime) -> str:
        """Many read "12:00 PM" as midnight."""
        return self._style.noon if (local.hour, local.minute) == (12, 0) else self._cldr(local, "h:mm a")

    def _cldr(self, local: datetime, pattern: str) -> str:
        """CLDR puts narrow no-break spaces into times; one of them would double the cost of a text."""
        words = format_datetime(local.replace(tzinfo=None), pattern, locale=self._style.locale)
        return words.replace("\u202f", " ").replace("\u00a0", " ")


def one_full_stop(text: str) -> str:
    """ "10:00 a.m." closes its sentence by itself."""
    return _ABBREVIATION_AT_THE_END.sub(r"\1.", text)


def in_a_row(moments: Sequence[Moment]) -> list[str]:
    """Clock times said one after the other: neighbours of one day share its weekday, except in the small hours."""
    following = [*moments[1:], None]
    return [_beside(moment, later) for moment, later in zip(moments, following, strict=True)]


def _beside(moment: Moment, later: Moment | None) -> str:
    if later is None or later.day != moment.day or moment.needs_words or later.needs_words:
        return moment.clock
    return moment.time
