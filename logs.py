"""What is written down as the processes run? Ids, codes and counts from an allow-list; never a word, name or number of anyone."""

import logging
import sys

import structlog
from flask import Flask

TOLD = frozenset(
    {"attempt_id", "code", "count", "kind", "message_id", "reminder_ids", "row_id", "sender_id", "verb", "verdict"}
)
CHATTY = (
    "alembic",
    "apscheduler",
    "twilio.http_client",
    "urllib3",
    "waitress.queue",
)  # the provider's client would log numbers


def init_app(app: Flask) -> None:
    """One line of JSON an event on standard error; readable lines in a demonstration."""
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=TOLD),
        stamp,
    ]
    shown: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if app.config["DEMO"]
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shown]
    )
    lines = logging.StreamHandler()
    lines.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, type(lines))] + [lines]
    root.setLevel(app.config["LOG_LEVEL"])
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that finds the last one still at work is no news
