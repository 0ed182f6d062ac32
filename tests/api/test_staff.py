"""Can a coordinator run a day over the API: enrol, look, move, write down what happened, and read why?"""

import json
from datetime import timedelta

import pytest

from actions.ask import ask
from care.facts import Role
from care.protocols import shipped
from models import OnCall, Patient, RecordEntry, Reminder, Session, Task, db
from models.clock import set_care_clock
from tests.api.changing import WHY, changed, previewed
from tests.api.conftest import booked
from tests.people import NOW, harbor

BO = {
    "patient": {"name": "Bo Sample", "number": "+12125550120", "language": "es", "consented": True},
    "protocol": "iv_6",
    "starts_on": "2027-01-12",
    "preferences": {"weekdays": [1, 4], "around": "13:00"},
    "supports": [{"name": "Kim Sample", "number": "+12125550121", "language": "es"}],
}


def test_enrolling_answers_with_the_whole_course(cast):
    answer = cast.cora.post("/v1/courses", BO)
    assert answer.status_code == 201
    course = answer.json
    assert [one["number"] for one in course["sessions"] if one["kind"] == "dosing"] == [1, 2, 3, 4, 5, 6]
    assert {one["status"] for one in course["sessions"]} == {"planned"}
    assert [(one["name"], one["state"]) for one in course["supports"]] == [("Kim Sample", "named")]
    again = cast.cora.get(answer.headers["Location"])
    assert again.json == course
    assert again.headers["ETag"] == answer.headers["ETag"] == f'"{course["edition"]}"'
    patient = cast.cora.get(f"/v1/patients/{course['patient_id']}").json
    assert (patient["contact"]["number"], patient["contact"]["language"]) == ("+12125550120", "es")
    assert [one["id"] for one in patient["courses"]] == [course["id"]]
    kinds = [one["kind"] for one in cast.cora.get(f"/v1/reminders?patient={patient['id']}").json["items"]]
    assert "support_invite" in kinds


def test_a_dry_run_lists_every_text_and_writes_nothing(cast):
    before = [db.session.query(table).count() for table in (Patient, Session, Reminder, RecordEntry)]
    answer = cast.cora.post("/v1/courses/dry-run", BO, Idempotency_Key=None)
    assert answer.status_code == 200
    texts = answer.json["texts"]
    assert len(texts) > 20
    assert {part for text in texts for part in text["to"]} == {"patient", "support"}
    assert all(text["body"] and text["kinds"] and text["at"]["say"] for text in texts)
    assert [text["at"]["at"] for text in texts] == sorted(text["at"]["at"] for text in texts)
    assert [db.session.query(table).count() for table in (Patient, Session, Reminder, RecordEntry)] == before


def test_another_support_person_is_named_and_invited(cast):
    path = f"/v1/courses/{cast.course.id}/support-people"
    answer = cast.cora.post(path, {"name": "Lee Sample", "number": "+12125550122"}, Idempotency_Key="lee")
    assert (answer.status_code, answer.json["position"], answer.json["state"]) == (201, 2, "named")
    again = cast.cora.post(path, {"name": "Lee Sample", "number": "+12125550122"}, Idempotency_Key="lee")
    assert again.json == answer.json
    assert len(cast.cora.get(f"/v1/courses/{cast.course.id}").json["supports"]) == 2


def test_protocols_show_every_number_with_its_source(cast):
    names = {one["name"] for one in cast.cora.get("/v1/protocols").json["items"]}
    assert names == set(shipped())
    whole = cast.cora.get("/v1/protocols/iv_6").json
    assert whole["sources"]
    assert all(whole["sources"].values())
    assert cast.cora.get("/v1/protocols/none").status_code == 404


@pytest.fixture
def all_booked(cast):
    """Every dose of Ada's course has its time."""
    return cast.home.book_all(cast.course)


def slots_at(cast, session, start, hours=10):
    end = start + timedelta(hours=hours)
    path = f"/v1/sessions/{session.id}/slots?from={start:%Y-%m-%dT%H:%M:%SZ}&until={end:%Y-%m-%dT%H:%M:%SZ}"
    return [slot for slot in cast.cora.get(path).json["items"] if not slot["refusals"]]


def test_a_move_is_shown_agreed_to_and_carried_out(cast, all_booked):
    first = all_booked[0]
    slot = slots_at(cast, first, first.starts_at + timedelta(days=2))[0]["id"]
    before = db.session.query(RecordEntry).count()
    shown = previewed(cast.cora, f"/v1/sessions/{first.id}", "move", slot=slot)
    assert shown.status_code == 200, shown.json
    assert db.session.query(RecordEntry).count() == before
    plan = shown.json
    assert plan["moves"][0]["session_id"] == str(first.id)
    assert len(plan["moves"]) > 1
    assert plan["refusals"] == plan["unplaced"] == []
    assert str(cast.course.patient_id) in plan["told"]
    wish = {"verb": "move", "slot": slot, "plan": plan["token"], "reason": "Away that day"}
    moved = cast.cora.post(f"/v1/sessions/{first.id}/changes", wish, Idempotency_Key="move")
    assert (moved.status_code, moved.json["moves"]) == (200, plan["moves"])
    session = cast.cora.get(f"/v1/sessions/{first.id}").json
    assert session["starts_at"] == plan["moves"][0]["to"]
    assert session["version"] == 2
    assert cast.cora.post(f"/v1/sessions/{first.id}/changes", wish, Idempotency_Key="move").json == moved.json


def test_a_day_is_written_down_as_it_happens_and_can_be_mended(cast, all_booked):
    session = all_booked[0]
    set_care_clock(session.starts_at)
    db.session.commit()
    path = f"/v1/sessions/{session.id}"
    came = {"at": "2027-01-12T14:45:00Z"}
    assert cast.cora.post(f"{path}/arrive", came).json["status"] == "arrived"
    closed = cast.clive.post(f"{path}/dose")
    assert closed.status_code == 409
    assert {refusal["code"] for refusal in closed.json["refusals"]} == {"gate_open"}
    missing = cast.cora.get(f"{path}/readiness").json
    assert missing["verdict"] == "not_ready"
    for step in [one["step"] for one in missing["missing"]]:
        said = {"value": "yes", "version": session.version, "note": "at the desk"}
        assert cast.cora.put(f"{path}/answers/{step}", said).status_code == 200
    assert cast.cora.get(f"{path}/readiness").json["verdict"] == "ready"
    assert cast.cora.post(f"{path}/dose").status_code == 403, "a dose is written down by a clinician"
    assert (
        cast.clive.post(f"{path}/dose", {"at": "2027-01-12T14:59:00Z"})
        .json["dosed_at"]["local"]
        .startswith("2027-01-12T09:59")
    )
    too_soon = cast.clive.post(f"{path}/discharge")
    assert [one["code"] for one in too_soon.json["refusals"]] == ["observation_not_over"]
    early = {"reason": "Went by ambulance"}
    done = cast.clive.post(f"{path}/discharge", early, Idempotency_Key="bye")
    assert done.json["status"] == "discharged"
    assert cast.clive.post(f"{path}/discharge", early, Idempotency_Key="bye").json == done.json
    again = cast.clive.post(f"{path}/discharge")
    assert (again.status_code, again.json["refusals"][0]["code"]) == (409, "wrong_status")
    mended = cast.clive.post(f"{path}/correct", {"reason": "Still here"})
    assert mended.json["status"] == "dosed"
    verbs = [
        entry["verb"] for entry in cast.cora.get(f"/v1/record?patient={cast.course.patient_id}&limit=200").json["items"]
    ]
    assert verbs[-3:] == ["dose", "discharge", "correct"]


def test_readiness_names_what_it_does_not_check_and_what_is_unsettled(cast, all_booked):
    session = all_booked[0]
    eve = session.starts_at - timedelta(hours=20)
    set_care_clock(eve)
    ask(Role.COORDINATOR, "not_told", session, subject_id=session.id, step="solids_stop", now=eve)
    db.session.commit()
    shown = cast.cora.get(f"/v1/sessions/{session.id}/readiness").json
    assert shown["unchecked"] == ["consent", "clearance"]
    assert [(one["code"], one["step"]) for one in shown["unsettled"]] == [("not_told", "solids_stop")]
    changed(cast.cora, f"/v1/sessions/{session.id}", "cancel")
    db.session.expire_all()
    over = cast.cora.get(f"/v1/sessions/{session.id}/readiness").json
    assert (over["verdict"], over["missing"], over["unchecked"]) == (None, [], [])


def test_what_does_not_happen_has_a_cause_and_a_reason(cast, all_booked):
    for number, verb in ((5, "omit"), (4, "defer"), (3, "cancel")):
        path = f"/v1/sessions/{all_booked[number].id}"
        if verb == "defer":
            set_care_clock(all_booked[number].starts_at)
            db.session.commit()
            cast.cora.post(f"{path}/arrive")
        seen = cast.cora.get(path).headers["ETag"]
        assert changed(cast.cora, path, verb).status_code == 200
        ended = cast.cora.get(path)
        assert (ended.json["cause"], ended.headers["ETag"] != seen) == ("clinic", True)
    first = f"/v1/sessions/{all_booked[0].id}"
    assert changed(cast.cora, first, "miss", cause="patient").status_code == 200
    assert cast.cora.get(first).json["status"] == "missed"
    assert WHY in [
        e["reason"] for e in cast.cora.get(f"/v1/record?patient={cast.course.patient_id}&limit=200").json["items"]
    ]
    wrong = previewed(cast.cora, f"/v1/sessions/{all_booked[1].id}", "miss", cause="weather")
    assert wrong.json["fields"][0]["field"] == "cause"
    lacking = cast.cora.post(f"/v1/sessions/{all_booked[1].id}/changes/preview", {"verb": "miss"})
    assert lacking.json["fields"][0]["field"] == "cause"


def test_an_answer_about_an_older_version_does_not_count(cast, all_booked):
    path = f"/v1/sessions/{all_booked[0].id}/answers/transport"
    late = cast.cora.put(path, {"value": "yes", "version": 9})
    assert (late.status_code, late.json["refusals"][0]["code"]) == (409, "version_changed")
    assert late.json["refusals"][0]["data"]["version"] == 1


def test_the_board_shows_a_day(cast, all_booked):
    day = all_booked[0].starts_at.date().isoformat()
    board = cast.cora.get(f"/v1/board?day={day}").json
    assert (board["day"], len(board["items"])) == (day, 1)
    line = board["items"][0]
    assert line["patient_name"] == "Ada Example"
    assert line["session"]["id"] == str(all_booked[0].id)
    assert line["readiness"]["verdict"] == "waiting"
    assert {"step", "gate", "state", "deadline", "role"} <= set(line["readiness"]["missing"][0])
    assert cast.cora.get("/v1/board").json["day"] == "2027-01-04"
    assert cast.their_cora.get(f"/v1/board?day={day}").json["items"] == []
    assert len(cast.cora.get(f"/v1/sessions?day={day}").json["items"]) == 1


def test_a_task_is_closed_by_someone_who_saw_all_of_it(cast, all_booked):
    path = f"/v1/sessions/{all_booked[0].id}/answers/transport"
    cast.cora.put(path, {"value": "no", "version": 1})
    task = cast.cora.get("/v1/tasks?role=coordinator").json["items"][0]
    assert [reason["code"] for reason in task["reasons"]] == ["transport_problem"]
    seen = cast.cora.get(f"/v1/tasks/{task['id']}").headers["ETag"]
    close = f"/v1/tasks/{task['id']}/close"
    assert cast.cora.post(close, {"reason": "x"}).status_code == 428
    assert cast.cora.post(close, {"reason": "x"}, If_Match='"9"').status_code == 412
    done = cast.cora.post(close, {"reason": "A neighbour drives"}, If_Match=seen)
    assert (done.status_code, done.json["state"]) == (200, "closed")
    assert all(reason["met_at"] for reason in done.json["reasons"])
    again = cast.cora.post(close, {"reason": "x"}, If_Match=done.headers["ETag"])
    assert again.status_code == 409
    assert cast.cora.get(f"/v1/tasks?patient={cast.course.patient_id}").json["items"] == []
    assert [one["id"] for one in cast.cora.get("/v1/tasks?state=closed").json["items"]] == [task["id"]]


def test_pages_follow_each_other_without_gaps(cast, all_booked):
    path = f"/v1/reminders?patient={cast.course.patient_id}"
    whole = cast.cora.get(f"{path}&limit=200").json
    assert whole["next"] is None
    pages, after = [], ""
    while True:
        page = cast.cora.get(f"{path}&limit=7{after}").json
        pages += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert pages == whole["items"]
    assert all(one["why"] for one in pages)


def test_reading_the_same_edition_again_costs_nothing(cast):
    path = f"/v1/sessions/{cast.dose().id}"
    first = cast.cora.get(path)
    assert cast.cora.get(path, If_None_Match=first.headers["ETag"]).status_code == 304
    assert cast.cora.get(path, If_None_Match='"0"').status_code == 200


def test_the_safety_check_needs_somebody_on_call(app, client, speak):
    home = harbor(on_call=False)
    cora = speak("coordinator", home.cora.id, home.clinic.id)
    shown = cora.get("/v1/clinic")
    assert shown.json["safety_check"] is False
    on = {"safety_check": True}
    assert cora.patch("/v1/clinic", on).status_code == 428
    refused = cora.patch("/v1/clinic", on, If_Match=shown.headers["ETag"])
    assert (refused.status_code, refused.json["refusals"][0]["code"]) == (409, "no_on_call")
    page = {"name": "Dr. Olive", "number": "+12125550190"}
    named = cora.post("/v1/on-call", page, Idempotency_Key="olive")
    assert (named.status_code, named.json["position"]) == (201, 1)
    assert cora.post("/v1/on-call", page, Idempotency_Key="olive").json == named.json
    assert db.session.query(OnCall).count() == 1
    switched = cora.patch("/v1/clinic", on, If_Match=shown.headers["ETag"])
    assert (switched.status_code, switched.json["safety_check"]) == (200, True)
    stale = cora.patch("/v1/clinic", {"safety_check": False}, If_Match=shown.headers["ETag"])
    assert stale.status_code == 412
    assert (
        cora.patch("/v1/clinic", {"safety_check": False}, If_Match=switched.headers["ETag"]).json["safety_check"]
        is False
    )


def test_the_demonstrations_clock_goes_forward_only(cast):
    assert cast.cora.get("/v1/demo/clock").json["now"]["at"].startswith("2027-01-04T15:0")
    moved = cast.cora.post("/v1/demo/clock", {"to": "2027-01-04T18:00:00Z"})
    assert moved.status_code == 200, moved.json
    assert moved.json["now"]["local"].startswith("2027-01-04T13:00")
    back = cast.cora.post("/v1/demo/clock", {"to": "2027-01-04T17:00:00Z"})
    assert back.status_code == 422
    texts = cast.cora.get(f"/v1/messages?patient={cast.course.patient_id}").json["items"]
    assert texts
    assert {"out"} == {text["direction"] for text in texts}
    assert all(text["body"] and text["kinds"] for text in texts)


def test_no_answer_names_what_is_private(cast):
    session = booked(cast)
    told = json.dumps([cast.ada.get(f"/v1/me/{what}").json for what in ("now", "sessions", "reminders", "changes")])
    assert session["id"] in told
    for word in ("ketamine", "depress", "psychiat", "spravato"):
        assert word not in told.lower()


def test_a_task_of_another_role_is_asked_for_by_its_role(cast, all_booked):
    set_care_clock(NOW + timedelta(days=30))
    db.session.commit()
    cast.cora.put(f"/v1/sessions/{all_booked[0].id}/answers/transport", {"value": "call", "version": 1})
    assert len(cast.cora.get("/v1/tasks?role=coordinator").json["items"]) == db.session.query(Task).count()
    assert cast.cora.get("/v1/tasks?role=clinician").json["items"] == []


def test_a_longer_list_asks_the_database_no_more_often(cast, all_booked):
    """Ten tasks with their reasons, or one: the same number of questions."""
    from sqlalchemy import event

    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    for path in ("/v1/tasks?limit=", "/v1/patients?limit="):
        for session in all_booked:
            said = {"value": "no", "version": session.version}
            cast.cora.put(f"/v1/sessions/{session.id}/answers/transport", said)
        cast.cora.post("/v1/courses", {**BO, "patient": BO["patient"] | {"number": "+12125550131"}})
        counts = []
        for limit in (1, 10):
            asked.clear()
            assert cast.cora.get(f"{path}{limit}").json["items"]
            counts.append(len(asked))
        assert counts[0] == counts[1], (path, counts, asked)
