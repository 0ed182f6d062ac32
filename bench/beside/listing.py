"""What is served beside ours? The same list by row objects and marshmallow, and bare Flask with the same bytes."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from api.auth import staff
from api.contract.blueprint import Blueprint
from api.reach import find, reachable
from api.shapes.sessions import SessionList, SessionShown
from models import Session, db
from wsgi import create_app

usual = Blueprint("usual", "As flask-smorest shows row objects", prefix="/usual")


@usual.route("/sessions/of/<uuid:patient_id>")
@staff
@usual.response(200, SessionList)
def list_usually(patient_id: UUID) -> dict[str, Any]:
    """The sessions of a patient"""
    mine = reachable(Session).where(Session.patient_id == patient_id)
    return {"items": db.session.scalars(mine.order_by(Session.target_on, Session.kind, Session.number)).all()}


@usual.route("/sessions/<uuid:session_id>")
@staff
@usual.response(200, SessionShown)
def get_usually(session_id: UUID) -> Session:
    """One session"""
    return find(Session, session_id)


bare = Flask("bare")


@bare.route("/<name>")
def same_bytes(name: str) -> Response:
    return Response(_bodies[name], mimetype="application/json")


_bodies = {file.name: file.read_bytes() for file in Path(os.environ["BENCH_BODIES"]).iterdir()}
_ours = create_app()
_ours.register_blueprint(usual)
app = DispatcherMiddleware(_ours, {"/bare": bare})
