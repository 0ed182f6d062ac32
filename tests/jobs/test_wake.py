"""Does what a reply calls for go out at once, where the dispatcher shares the process?"""

import threading
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from jobs import clock


def test_a_look_may_be_asked_for_before_the_tick(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Semaphore(0)
    monkeypatch.setattr(clock, "tick", lambda _: looked.release())
    app.config["TICK_S"] = 3600
    scheduler = BackgroundScheduler(timezone="UTC")
    clock.schedule(scheduler, app)
    scheduler.start()
    try:
        assert looked.acquire(timeout=5), "the first look is at the start"
        app.extensions["steadfast.wake"]()
        assert looked.acquire(timeout=5), "the second when it was asked for"
    finally:
        scheduler.shutdown()
