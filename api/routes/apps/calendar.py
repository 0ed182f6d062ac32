"""How do visits get into people's own calendars? A feed behind a link that only its reader has, and can end."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, current_app, g, request

from actions.apps.calendar import end_calendar, feed_behind, link_behind, link_of, share_calendar
from api.auth import caller, patient_only, public, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import says
from api.contract.problems import NOT_FOUND, Problem
from api.ics import written
from api.reach import find
from api.repeats import repeatable
from api.shapes.apps import CalendarLinkMade, CalendarLinkShown
from models import Reader, Resource
from models.clock import care_now
from models.database import name_clinic

calendar = Blueprint("calendar", "Visits in people's own calendars", prefix="")

FRESH_S = 300
NONE = "There is no calendar here."


@calendar.route("/v1/me/calendar-link", methods=["POST"])
@patient_only
@repeatable
@calendar.response(201, CalendarLinkMade)
def make_own_calendar_link() -> dict[str, Any]:
    """Make a link to your calendar

    Shown once. Whoever has it sees when and where your visits are, and nothing of what they are for. An earlier link ends.
    """
    return _made(Reader.PATIENT, caller().actor.id)


@calendar.route("/v1/me/calendar-link")
@patient_only
@says(404)
@calendar.response(200, CalendarLinkShown)
def get_own_calendar_link() -> Any:
    """Is there a link to your calendar?

    404 when there is none. The link itself is never shown again.
    """
    return _known(caller().actor.id)


@calendar.route("/v1/me/calendar-link", methods=["DELETE"])
@patient_only
@calendar.response(204)
def end_own_calendar_link() -> str:
    """End the link to your calendar

    Calendars that follow it find nothing there any more.
    """
    return _ended(caller().actor.id)


@calendar.route("/v1/resources/<uuid:resource_id>/calendar-link", methods=["POST"])
@staff
@says(404)
@repeatable
@calendar.response(201, CalendarLinkMade)
def make_resource_calendar_link(resource_id: UUID) -> dict[str, Any]:
    """Make a link to a resource's calendar

    A clinician's, therapist's or guide's own working day, without a word about patients. Shown once; an earlier link ends.
    """
    return _made(Reader.RESOURCE, find(Resource, resource_id).id)


@calendar.route("/v1/resources/<uuid:resource_id>/calendar-link")
@staff
@says(404)
@calendar.response(200, CalendarLinkShown)
def get_resource_calendar_link(resource_id: UUID) -> Any:
    """Is there a link to this resource's calendar?

    404 when there is none. The link itself is never shown again.
    """
    return _known(find(Resource, resource_id).id)


@calendar.route("/v1/resources/<uuid:resource_id>/calendar-link", methods=["DELETE"])
@staff
@says(404)
@calendar.response(204)
def end_resource_calendar_link(resource_id: UUID) -> str:
    """End the link to a resource's calendar

    Calendars that follow it find nothing there any more.
    """
    return _ended(find(Resource, resource_id).id)


@calendar.route("/calendar/<token>.ics")
@public("the link itself is the key, to one person's times only")
@says(404)
@calendar.response(
    200,
    {"type": "string"},
    content_type="text/calendar",
    description="RFC 5545; answers If-None-Match with 304",
)
def read_calendar(token: str) -> Response:
    """A calendar to subscribe to

    Each visit keeps its UID; SEQUENCE grows with its changes; what is off stays, as cancelled, at the time it had. An unknown
    link and one that was ended answer alike.
    """
    link = link_behind(token)
    if link is None:
        raise Problem(NOT_FOUND, NONE)
    name_clinic(link.clinic_id)
    feed = feed_behind(link, now=care_now())
    if feed is None:
        raise Problem(NOT_FOUND, NONE)
    response = Response(written(feed, _host()), mimetype="text/calendar")
    response.headers["Cache-Control"] = f"private, max-age={FRESH_S}"
    response.headers["Content-Disposition"] = 'inline; filename="visits.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    response.make_conditional(request)
    return response


def _made(reader: Reader, reader_id: UUID | None) -> dict[str, Any]:
    if reader_id is None:
        raise LookupError("a calendar is somebody's")
    token = share_calendar(reader, reader_id, by=caller().actor, now=g.now)
    url = f"{current_app.config['PUBLIC_BASE_URL']}/calendar/{token}.ics"
    return {
        "url": url,
        "webcal": url.replace("https://", "webcal://").replace("http://", "webcal://"),
        "made_at": g.now,
    }


def _known(reader_id: UUID | None) -> Any:
    link = link_of(caller().clinic.id, reader_id) if reader_id else None
    if link is None:
        raise Problem(NOT_FOUND, "There is no link.")
    return link


def _ended(reader_id: UUID | None) -> str:
    if reader_id is not None:
        end_calendar(reader_id, by=caller().actor, now=g.now)
    return ""


def _host() -> str:
    return urlsplit(current_app.config["PUBLIC_BASE_URL"]).hostname or "steadfast"
