"""What does the API say of a course on its way: paused, resumed, reviewed, ended, asked for more?"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from actions.courses.follow import follow
from care.facts import Cause, Status
from models import Review, Session, db
from tests.api.conftest import Cast, booked
from tests.people import NOW


def path(cast: Cast, rest: str = "") -> str:
    return f"/v1/courses/{cast.course.id}{rest}"


def edition(cast: Cast) -> dict[str, str]:
    return {"If_Match": cast.cora.get(path(cast)).headers["ETag"]}


def codes(answer: Any) -> list[str]:
    return [each["code"] for each in answer.json["refusals"]]


def test_a_course_is_paused_shown_and_goes_on_by_the_plan_that_was_shown(cast: Cast) -> None:
    first = booked(cast)
    assert cast.cora.post(path(cast, "/pause"), {"reason": "travels"}).status_code == 428
    paused = cast.cora.post(path(cast, "/pause"), {"reason": "travels", "until": "2027-02-01"}, **edition(cast))
    assert paused.status_code == 200, paused.json
    assert (paused.json["course"]["status"], paused.json["course"]["paused_until"]) == ("paused", "2027-02-01")
    assert [(each["id"], each["status"]) for each in paused.json["sessions"]] == [(first["id"], "planned")]
    again = cast.cora.post(path(cast, "/pause"), {"reason": "travels"}, **edition(cast))
    assert (again.status_code, codes(again)) == (409, ["course_not_active"])
    assert cast.ada.get("/v1/me/course").json["status"] == "paused"

    late = cast.cora.post(path(cast, "/resume/preview"), {"from_on": "2026-12-01"}).json
    assert [each["code"] for each in late["refusals"]] == ["in_the_past"]
    shown = cast.cora.post(path(cast, "/resume/preview"), {"from_on": "2027-02-09"}).json
    assert (shown["refusals"], shown["reviews"]) == ([], [])
    assert min(each["target_on"] for each in shown["sessions"]) == "2027-02-09"
    agreed = {"from_on": "2027-02-09", "plan": "another"}
    stale = cast.cora.post(path(cast, "/resume"), agreed)
    assert (stale.status_code, stale.json["preview"]["token"]) == (412, shown["token"])
    going = cast.cora.post(path(cast, "/resume"), {**agreed, "plan": shown["token"]})
    assert (going.status_code, going.json["course"]["status"]) == (200, "active")
    assert {each["id"] for each in going.json["sessions"]} == {each["session_id"] for each in shown["sessions"]}
    assert cast.their_cora.post(path(cast, "/resume"), agreed).status_code == 404


def test_reviews_name_what_may_be_chosen_and_only_a_clinician_decides(cast: Cast) -> None:
    doses = db.session.scalars(db.select(Session).filter_by(course_id=cast.course.id, kind="dosing")).all()
    for place, row in enumerate(sorted(doses, key=lambda each: each.number)[:3]):
        at = NOW + timedelta(days=3 * place)
        row.starts_at = row.arrived_at = row.dosed_at = at
        row.status, row.ends_at, row.discharged_at = Status.DISCHARGED, at + timedelta(hours=2), at + timedelta(hours=2)
    later = NOW + timedelta(days=7)
    follow(cast.course, cast.home.patient(cast.course), by=cast.home.cora, now=later)
    db.session.commit()
    found = cast.cora.get(path(cast, "/reviews")).json
    (waiting,) = found["items"]
    assert (waiting["kind"], waiting["after"], waiting["decision"]) == ("doses", 3, None)
    assert found["cadence"] == {"every_days": None, "per_week": 2}
    decision = path(cast, f"/reviews/{waiting['id']}/decision")
    said = {"decision": "continue", "note": "better"}
    assert cast.cora.post(decision, said).status_code == 403
    odd = cast.clive.post(decision, {**said, "per_week": 7})
    assert (odd.status_code, codes(odd)) == (409, ["not_a_choice"])
    assert cast.clive.post(decision, {**said, "per_week": 2, "every_days": 7}).status_code == 422
    assert cast.clive.post(decision, said).status_code == 200
    assert codes(cast.clive.post(decision, said)) == ["already_decided"]
    assert cast.cora.get(path(cast, "/reviews")).json["items"][0]["note"] == "better"
    assert db.session.query(Review).count() == 1


def test_a_clinician_chooses_how_often_and_goes_on_to_the_next_phase(cast: Cast) -> None:
    wish = {"reason": "strong", "per_week": 3}
    assert cast.cora.post(path(cast, "/interval"), wish, **edition(cast)).status_code == 403
    assert cast.clive.post(path(cast, "/interval"), {"reason": "none"}, **edition(cast)).status_code == 422
    changed = cast.clive.post(path(cast, "/interval"), wish, **edition(cast))
    assert (changed.status_code, changed.json["course"]["per_week"]) == (200, 3)
    advanced = cast.clive.post(path(cast, "/advance"), {"reason": "early", "every_days": 21}, **edition(cast))
    assert advanced.status_code == 200, advanced.json
    assert (advanced.json["course"]["every_days"], advanced.json["course"]["per_week"]) == (21, None)
    assert advanced.json["course"]["phase"] != "induction"
    none = cast.clive.post(path(cast, "/advance"), {"reason": "more"}, **edition(cast))
    assert codes(none) == ["no_next_phase"]


def test_a_course_is_ended_once_and_its_people_are_free(cast: Cast) -> None:
    booked(cast)
    ended = cast.cora.post(
        path(cast, "/discontinue"), {"cause": Cause.PATIENT, "reason": "moves away"}, **edition(cast)
    )
    assert (ended.status_code, ended.json["course"]["status"]) == (200, "discontinued")
    assert {each["status"] for each in ended.json["sessions"]} == {"cancelled"}
    again = cast.cora.post(path(cast, "/discontinue"), {"cause": "patient", "reason": "again"}, **edition(cast))
    assert codes(again) == ["course_not_active"]


def test_a_patient_asks_for_a_session_where_they_come_as_needed(cast: Cast, speak: Any) -> None:
    refused = cast.ada.post("/v1/me/course/requests", {"words": "Please."})
    assert codes(refused) == ["not_as_needed"]
    wish = {"name": "Bea Example", "number": "+12125550111", "consented": True}
    body = {"patient": wish, "protocol": "home_seed_2_3w", "starts_on": "2027-01-12"}
    course = cast.cora.post("/v1/courses", body).json
    bea = speak("patient", UUID(course["patient_id"]), cast.home.clinic.id)
    here = f"/v1/courses/{course['id']}"
    moved = cast.clive.post(f"{here}/advance", {"reason": "comes from elsewhere"}, If_Match=f'"{course["edition"]}"')
    assert moved.status_code == 200, moved.json
    asked = bea.post("/v1/me/course/requests", {"words": "It is getting harder."})
    assert (asked.status_code, asked.json["granted"]) == (201, None)
    assert codes(bea.post("/v1/me/course/requests", {})) == ["request_open"]
    (seen,) = cast.cora.get(f"{here}/requests").json["items"]
    assert seen["words"] == "It is getting harder."
    answer = f"{here}/requests/{seen['id']}/decision"
    assert cast.cora.post(answer, {"granted": True, "note": "yes"}).status_code == 403
    granted = cast.clive.post(answer, {"granted": True, "note": "yes", "from_on": "2027-02-02"})
    assert granted.status_code == 200, granted.json
    (mine,) = bea.get("/v1/me/course/requests").json["items"]
    assert (mine["granted"], mine["session_id"]) == (True, granted.json["session_id"])
    assert "words" not in mine
