"""Does every door ask who is there, and does nobody reach what is not theirs?"""

import hashlib
import hmac
import json
import re
import uuid

from joserfc import jwt
from joserfc.jwk import OctKey

from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment
from models import Staff, SupportPerson, Task, db
from models.clock import machine_now
from tests.api.conftest import Speaker, booked, each
from tests.people import NOW

ANY_ID = "0197a3c2-5b1e-7d40-8a31-6c2f0e9d4b17"
PUBLIC = {
    "requestCode", "tradeCode", "refreshTokens", "takeReceipt", "takeReply", "isAlive", "isReady", "getOpenapi",
    "showReference", "showReferenceStyle", "readCalendar",
}  # fmt: skip


def operations(client):
    document = client.get("/openapi.json").json
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield method.upper(), path, operation


def filled(path, **ids):
    return re.sub(
        r"\{(\w+)\}",
        lambda name: str(ids.get(name[1], {"step": "attendance", "name": "iv_6"}.get(name[1], ANY_ID))),
        path,
    )


def test_every_operation_lets_in_exactly_its_roles(cast, client, speak):
    support = db.session.scalars(db.select(SupportPerson).where(SupportPerson.clinic_id == cast.home.clinic.id)).first()
    people = {
        "patient": cast.ada,
        "coordinator": cast.cora,
        "clinician": cast.clive,
        "support": speak("support", support.id, cast.home.clinic.id),
    }
    seen, wrong = set(), []
    for method, path, operation in operations(client):
        name = operation["operationId"]
        seen.add(name)
        if name in PUBLIC:
            assert operation["security"] == [], name
            continue
        assert cast.stranger.say(method, filled(path)).status_code == 401, name
        for kind, person in people.items():
            status = person.say(method, filled(path), {} if method != "GET" else None).status_code
            if (status == 403) == (kind in operation["x-roles"]) or status == 401:
                wrong.append((name, kind, status))
    assert not wrong
    assert len(seen) > 45


def test_a_stranger_is_told_how_to_come_in(cast):
    answer = cast.stranger.get("/v1/tasks")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == "urn:steadfast:problem:not-signed-in"


def forged(app, cast, *, header=None, key=None, **claims):
    now = int(machine_now().timestamp())
    secret = app.config["SECRET_KEY"].encode()
    usual = {
        "iss": "steadfast", "aud": "steadfast-api", "sub": str(cast.home.cora.id), "clinic": str(cast.home.clinic.id),
        "kind": "coordinator", "iat": now, "exp": now + 60,
    }  # fmt: skip
    signing = key or OctKey.import_key(hmac.new(secret, b"steadfast access tokens 1", hashlib.sha256).digest())
    whole = {name: word for name, word in (usual | claims).items() if word is not None}
    return jwt.encode({"alg": "HS256", "typ": "at+jwt"} | (header or {}), whole, signing)


def test_the_forger_of_the_next_test_can_forge(app, cast):
    assert Speaker(cast.cora.client, forged(app, cast)).get("/v1/tasks").status_code == 200


@each(
    "change",
    [
        {"exp": 1_700_000_000}, {"exp": None}, {"aud": "another"}, {"aud": None}, {"iss": "another"}, {"sub": "nobody"},
        {"sub": 5}, {"clinic": "none"}, {"kind": None}, {"kind": "owner"}, {"kind": "clinician"}, {"sub": ANY_ID},
        {"clinic": ANY_ID}, {"header": {"typ": "JWT"}}, {"key": OctKey.import_key(b"0" * 32)},
    ],
)  # fmt: skip
def test_a_token_that_is_not_quite_ours_opens_nothing(cast, change):
    token = forged(cast.cora.client.application, cast, **change)
    assert Speaker(cast.cora.client, token).get("/v1/tasks").status_code == 401


@each("word", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer a.b.c", "Bearer é", "bearer eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_opens_nothing(cast, word):
    answer = cast.stranger.client.get("/v1/tasks", headers={"Authorization": word.encode().decode("latin-1")})
    assert answer.status_code == 401


def test_somebody_who_left_is_out_at_once(cast, speak):
    member = db.session.get_one(Staff, (cast.home.clinic.id, cast.home.cora.id))
    assert cast.cora.get("/v1/tasks").status_code == 200
    member.role = "clinician"
    db.session.commit()
    assert cast.cora.get("/v1/tasks").status_code == 401
    support = db.session.scalars(db.select(SupportPerson)).first()
    door = speak("support", support.id, support.clinic_id)
    assert door.get("/v1/tasks").status_code == 403
    support.state = "removed"
    db.session.commit()
    assert door.get("/v1/tasks").status_code == 401


def test_another_clinics_ids_answer_like_missing_ones(cast, client):
    """Every operation with an id, once with the other clinic's row and once with nobody's: the same problem."""
    theirs = cast.elsewhere.session(cast.their_course)
    task = Task(
        clinic_id=cast.elsewhere.clinic.id, role="coordinator", about_id=theirs.id, session_id=theirs.id,
        patient_id=theirs.patient_id, due_at=NOW, made_at=NOW,
    )  # fmt: skip
    db.session.add(task)
    db.session.commit()
    ids = {
        "session_id": theirs.id, "patient_id": theirs.patient_id, "course_id": theirs.course_id, "task_id": task.id,
    }  # fmt: skip
    tried = 0
    for method, path, operation in operations(client):
        if "_id}" not in path:
            continue
        tried += 1
        doors = {"patient": cast.ada, "clinician": cast.clive, "coordinator": cast.cora}
        who = next(door for role, door in doors.items() if role in operation["x-roles"])
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        foreign = who.say(method, filled(path, **ids), body, If_Match='"1"')
        missing = who.say(method, filled(path), body, If_Match='"1"')
        assert (foreign.status_code, foreign.json) == (missing.status_code, missing.json), operation["operationId"]
        assert foreign.status_code == 404, (operation["operationId"], foreign.json)
    assert tried > 25


@each("path", ["/v1/messages", "/v1/reminders", "/v1/record"])
def test_another_clinics_patient_has_no_history_here(cast, path):
    foreign = cast.cora.get(f"{path}?patient={cast.their_course.patient_id}")
    assert (foreign.status_code, foreign.json) == (404, cast.cora.get(f"{path}?patient={ANY_ID}").json)


def test_a_patient_sees_only_their_own(cast, speak):
    wish = Enrolment(name="Bo Sample", number="+12125550120", protocol="iv_6", starts_on=NOW.date())
    other = enrol(cast.home.clinic, wish, by=cast.home.cora, now=NOW)
    db.session.commit()
    mine = booked(cast)
    bo = speak("patient", other.patient_id, cast.home.clinic.id)
    assert bo.get(f"/v1/me/sessions/{mine['id']}").status_code == 404
    assert bo.get(f"/v1/me/sessions/{mine['id']}/slots").status_code == 404
    answer = {"value": "yes", "version": mine["version"]}
    assert bo.put(f"/v1/me/sessions/{mine['id']}/answers/attendance", answer).status_code == 404
    shown = json.dumps(
        [bo.get(f"/v1/me/{what}").json for what in ("now", "course", "sessions", "reminders", "changes")]
    )
    for private in (mine["id"], str(cast.course.patient_id), str(cast.course.id)):
        assert private not in shown


def test_lists_hold_only_the_clinics_own(cast):
    ids = {each["id"] for each in cast.cora.get("/v1/patients").json["items"]}
    assert ids == {str(cast.course.patient_id)}
    assert cast.cora.get(f"/v1/sessions?patient={cast.their_course.patient_id}").json == {"items": []}
    assert cast.cora.get(f"/v1/sessions?course={cast.their_course.id}").json == {"items": []}
    assert cast.cora.get(f"/v1/tasks?patient={cast.their_course.patient_id}").json["items"] == []


def test_a_course_for_another_clinics_patient_is_not_begun(cast):
    wish = {"patient_id": str(cast.their_course.patient_id), "protocol": "iv_6", "starts_on": "2027-02-01"}
    assert cast.cora.post("/v1/courses", wish).status_code == 404
    assert cast.cora.post("/v1/courses", wish | {"patient_id": str(uuid.uuid4())}).status_code == 404
