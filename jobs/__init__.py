"""What happens by itself: sending, following up, and the commands of an operator."""

from flask import Flask

from jobs import commands, feeds, outbound, provider, webhooks
from jobs.clock import advance, round_at
from jobs.dispatch import Dispatcher


def init_app(app: Flask) -> None:
    provider.init_app(app)
    outbound.init_app(app)
    webhooks.init_app(app)
    feeds.init_app(app)
    app.extensions["steadfast.dispatcher"] = Dispatcher(app)
    app.extensions["steadfast.dispatch"] = round_at
    app.extensions["steadfast.advance"] = advance
    commands.init_app(app)
