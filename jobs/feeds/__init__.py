"""When are people busy elsewhere, by their own calendars?"""

from jobs.feeds.reading import Feeds, init_app

__all__ = ["Feeds", "init_app"]
