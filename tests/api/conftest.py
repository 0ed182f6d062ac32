"""What do tests of the API find ready? Harbor clinic, its staff and Ada behind their tokens, and another clinic beside it."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest

from models import db
from models.clock import set_care_clock
from tests.people import NOW, Harbor, harbor


@dataclass
class Speaker:
    """Somebody with a bearer token; every POST and PUT gets a key of its own unless the test gives one."""

    client: Any
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def say(self, method: str, path: str, body: Any = None, **headers: str | None) -> Any:
        """`headers` by their names with underscores; None leaves a usual one out."""
        usual = {"Idempotency_Key": f"test-{uuid.uuid4()}"} if method in ("POST", "PUT") else {}
        if self.token:
            usual["Authorization"] = f"Bearer {self.token}"
        named = {name.replace("_", "-"): word for name, word in {**usual, **headers}.items() if word is not None}
        return self.client.open(path, method=method, json=body, headers=named)

    def get(self, path: str, **headers: str | None) -> Any:
        return self.say("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str | None) -> Any:
        return self.say("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any, **headers: str | None) -> Any:
        return self.say("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str | None) -> Any:
        return self.say("DELETE", path, **headers)

    def patch(self, path: str, body: Any, **headers: str | None) -> Any:
        return self.say("PATCH", path, body, **headers)


@dataclass
class Cast:
    """Harbor with Ada enrolled, everybody's door, and Cove: another clinic with a coordinator and a patient."""

    home: Harbor
    course: Any
    ada: Speaker
    cora: Speaker
    clive: Speaker
    stranger: Speaker
    elsewhere: Harbor
    their_course: Any
    their_cora: Speaker
    their_ada: Speaker

    def dose(self, number: int = 1) -> Any:
        return self.home.session(self.course, number)


def each(names: str, cases: list[Any]) -> Any:
    """Run the test's body once for each case on one cast; every failing case is reported by itself."""

    def mark(test: Any) -> Any:
        def looped(cast: Cast, subtests: Any) -> None:
            for case in cases:
                given = dict(zip(names.split(", "), case if "," in names else (case,), strict=True))
                with subtests.test(**{name: repr(word)[:60] for name, word in given.items()}):
                    test(cast, **given)

        looped.__name__, looped.__doc__ = test.__name__, test.__doc__
        return looped

    return mark


@pytest.fixture
def speak(app: Any, client: Any) -> Any:
    """A speaker for an actor of a kind."""

    def make(kind: str, actor_id: Any, clinic_id: Any) -> Speaker:
        return Speaker(client, app.extensions["steadfast.token"](kind, actor_id, clinic_id))

    return make


@pytest.fixture
def cast(app: Any, client: Any, speak: Any) -> Cast:
    set_care_clock(NOW)
    home, elsewhere = harbor(), harbor("Cove")
    course, theirs = home.enrol_ada(), elsewhere.enrol_ada()
    db.session.commit()
    return Cast(
        home=home,
        course=course,
        ada=speak("patient", course.patient_id, home.clinic.id),
        cora=speak("coordinator", home.cora.id, home.clinic.id),
        clive=speak("clinician", home.clive.id, home.clinic.id),
        stranger=Speaker(client),
        elsewhere=elsewhere,
        their_course=theirs,
        their_cora=speak("coordinator", elsewhere.cora.id, elsewhere.clinic.id),
        their_ada=speak("patient", theirs.patient_id, elsewhere.clinic.id),
    )


def booked(cast: Cast, number: int = 1) -> Any:
    """Dose `number` of Ada's course, booked by the app."""
    session = cast.dose(number)
    day = session.target_on.isoformat()
    path = f"/v1/me/sessions/{session.id}"
    free = cast.ada.get(f"{path}/slots?from={day}T14:00:00Z&until={day}T23:00:00Z").json["items"]
    answer = cast.ada.put(f"{path}/booking", {"slot": free[0]["id"]}, If_Match=f'"{session.edition}"')
    assert answer.status_code == 200, answer.json
    return answer.json
