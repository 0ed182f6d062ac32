"""Which chairs and people does the clinic have, and when are they there? All staff look; coordinators change."""

from typing import Any
from uuid import UUID

from flask import g

from actions.resources.booked import Booked
from actions.resources.hours import other_hours_of, set_other_hours, set_week, week_of
from actions.resources.keeping import NewResource, add_resource, change_resource
from api.auth import caller, guarded, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.editions import etag, expects_edition, judge_edition
from api.reach import find, reachable
from api.repeats import repeatable
from api.shapes.resources import (
    AvailabilityShown,
    OtherHoursGiven,
    ResourceChange,
    ResourceGiven,
    ResourceList,
    ResourceQuery,
    ResourceShown,
    WeekGiven,
    availability_shown,
)
from care.refusals import Code
from models import Resource, db

resources = Blueprint("resources", "Chairs, clinicians, monitors, therapists and guides, and when they are there")
coordinators = guarded("coordinator")

WithEdition = tuple[dict[str, Any], dict[str, str]]
NAMES = (
    "id", "kind", "name", "lanes", "address", "online", "retired_on", "busy_read_at", "busy_wrong", "edition",
)  # fmt: skip


@resources.route("/resources")
@staff
@resources.arguments(ResourceQuery, location="query")
@resources.response(200, ResourceList)
def list_resources(query: dict[str, Any]) -> dict[str, Any]:
    """Everything and everybody that sessions may need

    Retired ones too, by kind and name.
    """
    rows = reachable(Resource).order_by(Resource.kind, Resource.name, Resource.id)
    if "kind" in query:
        rows = rows.where(Resource.kind == query["kind"])
    return {"items": [_fields(row) for row in db.session.scalars(rows)]}


@resources.route("/resources/<uuid:resource_id>")
@staff
@says(404)
@resources.response(200, ResourceShown)
def get_resource(resource_id: UUID) -> WithEdition:
    """One resource

    Its ETag changes with its hours too.
    """
    return _shown(find(Resource, resource_id))


@resources.route("/resources", methods=["POST"])
@coordinators
@repeatable
@resources.arguments(ResourceGiven)
@resources.response(201, ResourceShown)
def add_one(given: dict[str, Any]) -> WithEdition:
    """Add a resource

    It has no hours until they are set. During a closure of the clinic it is closed as well.
    """
    return _shown(add_resource(caller().clinic, NewResource(**given), by=caller().actor, now=g.now))


@resources.route("/resources/<uuid:resource_id>", methods=["PATCH"])
@coordinators
@says(404)
@expects_edition
@resources.arguments(ResourceChange)
@resources.response(200, ResourceShown)
@may_refuse(Code.LANES_BOOKED, Code.STILL_BOOKED)
def change_one(given: dict[str, Any], resource_id: UUID) -> WithEdition:
    """Change or retire a resource

    Fewer places than are booked, and retiring from under booked sessions, are refused with those sessions named. Another
    calendar address forgets what the one before said.
    """
    resource = _judged(resource_id)
    return _shown(change_resource(resource, given, by=caller().actor, now=g.now))


@resources.route("/resources/<uuid:resource_id>/availability")
@staff
@says(404)
@resources.response(200, AvailabilityShown)
def get_availability(resource_id: UUID) -> WithEdition:
    """When is a resource there?

    Weekly hours with their validity, and other hours on single dates, by the clinic's clocks. The ETag is the resource's.
    """
    return _hours(find(Resource, resource_id))


@resources.route("/resources/<uuid:resource_id>/availability", methods=["PUT"])
@coordinators
@says(404)
@expects_edition
@resources.arguments(WeekGiven)
@resources.response(200, AvailabilityShown)
@may_refuse(Code.HOURS_OVERLAP, Code.OUTSIDE_NEW_HOURS)
def put_availability(given: dict[str, Any], resource_id: UUID) -> WithEdition:
    """Set all weekly hours

    They replace all before; hours that touch are joined. Where booked sessions would lie outside, it is refused with all of
    them, unless `despite` names them; each then becomes a coordinator's task.
    """
    resource = _judged(resource_id)
    left = set_week(resource, given["week"], despite=given["despite"], by=caller().actor, now=g.now)
    return _hours(resource, left)


@resources.route("/resources/<uuid:resource_id>/other-hours", methods=["PUT"])
@coordinators
@says(404)
@expects_edition
@resources.arguments(OtherHoursGiven)
@resources.response(200, AvailabilityShown)
@may_refuse(Code.OUTSIDE_NEW_HOURS)
def put_other_hours(given: dict[str, Any], resource_id: UUID) -> WithEdition:
    """Set other hours on one date

    They hold instead of the weekly ones: none at all when empty, the weekly ones again when null. Booked sessions as with
    weekly hours.
    """
    resource = _judged(resource_id)
    left = set_other_hours(resource, given["on"], given["open"], despite=given["despite"], by=caller().actor, now=g.now)
    return _hours(resource, left)


def _judged(resource_id: UUID) -> Resource:
    """The resource in the edition that was seen; two who change the same one are told apart when it is written."""
    resource = find(Resource, resource_id)
    judge_edition(resource)
    return resource


def _shown(resource: Resource) -> WithEdition:
    return _fields(resource), etag(resource)


def _fields(resource: Resource) -> dict[str, Any]:
    return {name: getattr(resource, name) for name in NAMES} | {"has_busy_feed": resource.busy_feed_sealed is not None}


def _hours(resource: Resource, left: list[Booked] | None = None) -> WithEdition:
    header = etag(resource)
    outside = [one.said() for one in left or []]
    return availability_shown(resource, week_of(resource), other_hours_of(resource), outside), header
