"""Which chairs, clinicians, monitors, therapists and guides does the clinic have? They are added, changed and retired."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import delete

from actions.record import Actor, Verb, note
from actions.resources.booked import booked, counted
from actions.resources.shutting import keep_closed, lock_resources, shorten_closures
from care.refusals import Code, Refusal, refuse_if_any
from care.times import wall
from models import BusyTime, Clinic, Resource, db

CHANGEABLE = ("name", "lanes", "address", "online", "busy_feed", "retired_on")
SHARED = {"key_share": True}  # a lock that lets others book meanwhile


@dataclass(frozen=True, slots=True)
class NewResource:
    """`busy_feed`: the address of a calendar whose times count as taken."""

    kind: str
    name: str
    lanes: int = 1
    address: str | None = None
    online: bool = False
    busy_feed: str | None = None


def add_resource(clinic: Clinic, new: NewResource, *, by: Actor, now: datetime) -> Resource:
    """Something or somebody more. It has no hours yet, and is closed while the clinic is."""
    lock_resources(clinic.id)
    resource = Resource(
        clinic_id=clinic.id,
        kind=new.kind,
        name=new.name,
        lanes=new.lanes,
        address=new.address,
        online=new.online,
        busy_feed=new.busy_feed,
    )
    db.session.add(resource)
    db.session.flush()
    keep_closed(clinic.id, now=now)
    note(Verb.ADD_RESOURCE, by=by, now=now, subject_id=resource.id, facts={"kind": new.kind, "lanes": new.lanes})
    return resource


def change_resource(resource: Resource, changes: Mapping[str, Any], *, by: Actor, now: datetime) -> Resource:
    """Give some of name, lanes, address, online, busy_feed and retired_on other values.

    Raises `Refused` with every reason: places that are booked do not go, and nobody retires from under their sessions.
    """
    lock_resources(resource.clinic_id)
    db.session.refresh(resource, with_for_update=SHARED)
    changed = {
        name: changes[name] for name in CHANGEABLE if name in changes and changes[name] != getattr(resource, name)
    }
    refuse_if_any([*_fewer_lanes(resource, changed, now), *_retiring(resource, changed, now)])
    if "busy_feed" in changed:
        _forget_calendar(resource)
    for name, value in changed.items():
        setattr(resource, name, value)
    db.session.flush()
    shorten_closures(resource)
    keep_closed(resource.clinic_id, now=now)
    if changed:
        _note(resource, changed, by=by, now=now)
    return resource


def _fewer_lanes(resource: Resource, changed: Mapping[str, Any], now: datetime) -> list[Refusal]:
    lanes = changed.get("lanes", resource.lanes)
    homeless = [one for one in booked(resource, now, now=now) if one.lane > lanes]
    return [Refusal(Code.LANES_BOOKED, {"lanes": lanes, **counted(homeless)})] if homeless else []


def _retiring(resource: Resource, changed: Mapping[str, Any], now: datetime) -> list[Refusal]:
    on = changed.get("retired_on")
    if on is None:
        return []
    gone = wall(on, time(), db.session.get_one(Clinic, resource.clinic_id).zone)
    left = booked(resource, max(gone, now), now=now)
    return [Refusal(Code.STILL_BOOKED, {"retired_on": on.isoformat(), **counted(left)})] if left else []


def _forget_calendar(resource: Resource) -> None:
    """What another calendar said holds no longer."""
    db.session.execute(
        delete(BusyTime).where(BusyTime.clinic_id == resource.clinic_id, BusyTime.resource_id == resource.id)
    )
    resource.busy_read_at = resource.busy_tried_at = resource.busy_wrong = None


def _note(resource: Resource, changed: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    """The record names what was changed; a calendar's address is a key to it and is not repeated there."""
    facts: dict[str, Any] = {"changed": sorted(changed)}
    if "lanes" in changed:
        facts["lanes"] = resource.lanes
    if "retired_on" in changed:
        facts["retired_on"] = resource.retired_on.isoformat() if resource.retired_on else None
    verb = Verb.RETIRE_RESOURCE if changed.get("retired_on") else Verb.CHANGE_RESOURCE
    note(verb, by=by, now=now, subject_id=resource.id, facts=facts)
