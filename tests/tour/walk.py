"""Who takes part in the walk, what they remember, and how its time passes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.tour.client import Client
from tests.tour.report import Report
from tests.tour.words import parsed, sent
from tests.tour.world import World

ADA, SAM = "+12125550101", "+12125550102"
PATIENCE_S = 10
NOT_YET = datetime.max.replace(tzinfo=UTC)  # until the clock stands on its first Monday


@dataclass
class Walk:
    """Cora coordinates, Clive is the clinician, Ada the patient, Sam stands by her."""

    world: World
    report: Report
    cora: Client
    clive: Client
    milo: Client
    ada: Client
    weeks: int = 0
    patient_id: str = ""
    sam_id: str = ""
    begins: datetime = NOT_YET

    def now(self) -> datetime:
        return parsed(self.cora.get("/v1/demo/clock")["now"]["at"])

    def go_to(self, at: datetime) -> None:
        """Move the clock through everything that falls due on the way; every text is out when this returns."""
        self.cora.ask("POST", "/v1/demo/clock", {"to": sent(at)})

    def pass_time(self, **how_long: float) -> None:
        self.go_to(self.now() + timedelta(**how_long))

    def doses(self) -> list[dict[str, Any]]:
        """Ada's doses in order of their number, as staff see them."""
        items = self.cora.get("/v1/sessions", patient=self.patient_id)["items"]
        return sorted((each for each in items if each["kind"] == "dosing"), key=lambda each: each["number"])

    def dose(self, number: int) -> dict[str, Any]:
        return self.doses()[number - 1]

    def session(self, session_id: str) -> dict[str, Any]:
        return dict(self.cora.get(f"/v1/sessions/{session_id}"))

    def slot(self, session_id: str, at: datetime) -> dict[str, Any]:
        """The free time at this instant, with every reason against it, as staff see it."""
        found = self.cora.get(
            f"/v1/sessions/{session_id}/slots", **{"from": sent(at), "until": sent(at + timedelta(minutes=1))}
        )
        return dict(found["items"][0])

    def steps(self, session_id: str) -> dict[str, str]:
        """How far each thing to confirm is: yes, no, waiting or not_asked."""
        readiness = self.cora.get(f"/v1/sessions/{session_id}/readiness")
        return {each["step"]: each["state"] for each in readiness["steps"]} | {"verdict": readiness["verdict"]}

    def reasons(self, role: str) -> dict[str, bool]:
        """What is open on this role's worklist, and whether it is urgent."""
        tasks = self.cora.all("/v1/tasks", role=role, state="open")
        open_ones = [(reason, task) for task in tasks for reason in task["reasons"] if reason["met_at"] is None]
        return {reason["code"]: task["urgent"] for reason, task in open_ones}

    def reply(self, number: str, words: str) -> None:
        """Somebody answers by text; what is said back to them is out when this returns."""
        self.report.shows(f"{'Ada' if number == ADA else 'Sam'} texts: {words}")
        self.report.same("the signed webhook is taken", self.world.text_in(number, words), 200)
        self.pass_time(seconds=5)

    def reply_to_what_was_asked(self, texts: list[str]) -> None:
        """Ada says yes when one of these texts asks something."""
        if any("Reply 1" in text for text in texts):
            self.reply(ADA, "1")

    def texts_to(self, number: str) -> list[str]:
        return self.world.texts_to(number)


def eventually(found: Callable[[], Any]) -> Any:
    """The first true value of something that another process brings about."""
    until = time.monotonic() + PATIENCE_S
    while not (value := found()) and time.monotonic() < until:
        time.sleep(0.1)
    return value
