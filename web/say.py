"""How does a page say a time? In a zone and a language, as people write it, with the instant kept for machines."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from markupsafe import Markup

LOCALES = {"en": "en_US", "es": "es_US"}
DAY = {"en": "EEE, MMM d", "es": "EEE d 'de' MMM"}
LONG_DAY = {"en": "EEEE, MMMM d", "es": "EEEE d 'de' MMMM"}


@dataclass(frozen=True, slots=True)
class Times:
    """Times as clocks in `zone` show them, in the words of `language`; templates know this as `t`."""

    zone: str
    language: str = "en"

    def clock(self, at: datetime) -> Markup:
        """ "9:30 AM"."""
        return _marked(self.clock_words(at), at)

    def day(self, on: date | datetime) -> Markup:
        """ "Tue, Dec 1"."""
        return _marked(self._date(on, DAY), on)

    def long_day(self, on: date | datetime) -> Markup:
        """ "Tuesday, December 1"."""
        return _marked(self._date(on, LONG_DAY), on)

    def when(self, at: datetime) -> Markup:
        """ "Tue, Dec 1, 9:30 AM"."""
        return _marked(f"{self._date(at, DAY)}, {self.clock_words(at)}", at)

    def local_date(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def clock_words(self, at: datetime) -> str:
        return _narrow(format_datetime(at.astimezone(ZoneInfo(self.zone)), "h:mm a", locale=LOCALES[self.language]))

    def _date(self, on: date | datetime, patterns: dict[str, str]) -> str:
        day = self.local_date(on) if isinstance(on, datetime) else on
        return _narrow(format_date(day, patterns[self.language], locale=LOCALES[self.language]))


def _marked(words: str, at: date) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), words)


def _narrow(words: str) -> str:
    return words.replace("\u202f", " ").replace("\u00a0", " ")
