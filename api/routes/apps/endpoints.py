"""Where does a clinic's app backend hear that something changed? Standard Webhooks, set up by staff."""

from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import select

from actions.apps.endpoints import add_endpoint, end_endpoint, ping, rotate_secret
from api.auth import caller, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import may_refuse, says
from api.reach import find, reachable
from api.repeats import repeatable
from api.shapes.apps import (
    EndpointCallShown,
    EndpointGiven,
    EndpointList,
    EndpointWithCalls,
    EndpointWithSecret,
)
from care.refusals import Code
from models import Call, Endpoint, db

endpoints = Blueprint("endpoints", "Where a clinic's app backend hears that a patient changed (Standard Webhooks)")

SHOWN_CALLS = 50
NAMES = ("id", "url", "made_at", "failing_since", "old_until", "ended_at", "ended_why")


@endpoints.route("/endpoints", methods=["POST"])
@staff
@repeatable
@endpoints.arguments(EndpointGiven)
@endpoints.response(201, EndpointWithSecret)
@may_refuse(Code.TOO_MANY_ENDPOINTS)
def add_app_endpoint(given: dict[str, Any]) -> dict[str, Any]:
    """Add an app backend

    It hears `{"type": "changed", "timestamp", "data": {"patient_id", "change_no"}}` soon after each change of a patient,
    at least once, signed by the secret that is shown here and never again.
    """
    return _with_secret(add_endpoint(given["url"], by=caller().actor, now=g.now))


@endpoints.route("/endpoints")
@staff
@endpoints.response(200, EndpointList)
def list_endpoints() -> dict[str, Any]:
    """The clinic's app backends

    Ended ones too, the oldest first.
    """
    return {"items": db.session.scalars(reachable(Endpoint).order_by(Endpoint.id)).all()}


@endpoints.route("/endpoints/<uuid:endpoint_id>")
@staff
@says(404)
@endpoints.response(200, EndpointWithCalls)
def get_endpoint(endpoint_id: UUID) -> dict[str, Any]:
    """One app backend with its latest calls

    What it was told, what it answered, and when it is tried again.
    """
    endpoint = find(Endpoint, endpoint_id)
    latest = select(Call).where(Call.clinic_id == endpoint.clinic_id, Call.endpoint_id == endpoint.id)
    calls = db.session.scalars(latest.order_by(Call.id.desc()).limit(SHOWN_CALLS)).all()
    return {name: getattr(endpoint, name) for name in NAMES} | {"calls": calls}


@endpoints.route("/endpoints/<uuid:endpoint_id>/secret", methods=["POST"])
@staff
@says(404)
@repeatable
@endpoints.response(201, EndpointWithSecret)
@may_refuse(Code.ENDPOINT_ENDED)
def rotate_endpoint_secret(endpoint_id: UUID) -> dict[str, Any]:
    """Give an app backend a new secret

    For a day both sign: `webhook-signature` then holds two signatures, and one that fits is enough.
    """
    return _with_secret(rotate_secret(_locked(endpoint_id), by=caller().actor, now=g.now))


@endpoints.route("/endpoints/<uuid:endpoint_id>/ping", methods=["POST"])
@staff
@says(404)
@repeatable
@endpoints.response(202, EndpointCallShown)
@may_refuse(Code.ENDPOINT_ENDED)
def ping_endpoint(endpoint_id: UUID) -> Call:
    """Send a test

    `{"type": "ping", "timestamp", "data": {}}`, signed and tried like any other. Read the endpoint to see what came of it.
    """
    return ping(_locked(endpoint_id), now=g.now)


@endpoints.route("/endpoints/<uuid:endpoint_id>", methods=["DELETE"])
@staff
@says(404)
@endpoints.response(204)
def end_app_endpoint(endpoint_id: UUID) -> str:
    """Take an app backend off

    It hears nothing more, not even what already waited.
    """
    end_endpoint(_locked(endpoint_id), by=caller().actor, now=g.now)
    return ""


def _locked(endpoint_id: UUID) -> Endpoint:
    endpoint = find(Endpoint, endpoint_id)
    db.session.refresh(endpoint, with_for_update={"key_share": True})
    return endpoint


def _with_secret(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in (*NAMES, "secret")}
