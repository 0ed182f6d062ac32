"""How is a calendar written, so that every calendar app reads it? RFC 5545, in UTC, the same bytes as long as nothing changed."""

from datetime import timedelta

from icalendar import Calendar, vDuration
from icalendar import Event as Component

from actions.apps.calendar import Event, Feed

AGAIN_AFTER = timedelta(hours=1)


def written(feed: Feed, host: str) -> bytes:
    """The feed as text/calendar. `host` makes the events' names unique in the world."""
    calendar = Calendar()
    calendar.add("prodid", "-//Steadfast//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", feed.name)
    calendar.add("x-wr-calname", feed.name)
    calendar.add("refresh-interval", vDuration(AGAIN_AFTER), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(AGAIN_AFTER))
    for event in feed.events:
        calendar.add_component(_component(event, host))
    return bytes(calendar.to_ical())


def _component(event: Event, host: str) -> Component:
    shown = Component()
    shown.add("uid", f"{event.session_id}@{host}")
    shown.add("sequence", event.sequence)
    shown.add("dtstamp", event.changed_at)
    shown.add("last-modified", event.changed_at)
    shown.add("dtstart", event.starts_at)
    shown.add("dtend", event.ends_at)
    shown.add("summary", event.title)
    if event.place:
        shown.add("location", event.place)
    shown.add("status", "CANCELLED" if event.off else "CONFIRMED")
    shown.add("transp", "TRANSPARENT" if event.off else "OPAQUE")
    shown.add("class", "PRIVATE")
    return shown
