"""Who may ask for what over HTTP? The REST API under /v1, what the text network tells us, health, and the reference."""

from flask import Flask

from api.auth import actor_of
from api.contract.spec import Api
from api.routes.apps import calendar, endpoints
from api.routes.attendance import attendance
from api.routes.bookings import bookings
from api.routes.changes import changes
from api.routes.clinic import clinics, demo
from api.routes.courses import courses
from api.routes.elsewhere import elsewhere
from api.routes.health import health
from api.routes.life import own_requests, requests, steering
from api.routes.logins import logins
from api.routes.own import me, now, own_bookings, own_changes, store
from api.routes.protocols import protocols
from api.routes.reference import reference
from api.routes.resources import closures, resources
from api.routes.sessions import sessions
from api.routes.webhooks import webhooks
from api.routes.worklist import worklist
from api.tokens import access_token

ROUTES = (
    logins, now, me, store, courses, protocols, sessions, bookings, own_bookings, elsewhere, changes, own_changes,
    attendance, worklist, steering, requests, own_requests, clinics, resources, closures,
    endpoints, calendar, webhooks, health, reference,
)  # fmt: skip


def init_app(app: Flask) -> None:
    api = Api(app)
    for blueprint in ROUTES if not app.config["DEMO"] else (*ROUTES, demo):
        api.register_blueprint(blueprint)
    app.extensions["steadfast.token"] = access_token
    app.extensions["steadfast.read_token"] = actor_of
