"""Can coordinators keep chairs and people, their hours and their closures over the API, and is nobody's session lost by it?"""

from datetime import timedelta

import pytest

from models import Closure, Resource, Session, db
from tests.people import NOW


@pytest.fixture
def chair(cast):
    return db.session.scalars(db.select(Resource).filter_by(clinic_id=cast.home.clinic.id, kind="chair")).one()


def edition(speaker, path):
    return speaker.get(path).headers["ETag"]


def z(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def codes(answer):
    return [each["code"] for each in answer.json["refusals"]]


def test_resources_are_added_changed_and_retired(cast):
    wish = {
        "kind": "therapist",
        "name": "Noor Haddad",
        "address": "12 Elm Street",
        "busy_feed": "https://cal.example.com/a.ics",
    }
    added = cast.cora.post("/v1/resources", wish)
    assert (added.status_code, added.json["lanes"], added.json["has_busy_feed"]) == (201, 1, True)
    assert "cal.example.com" not in added.text
    path = f"/v1/resources/{added.json['id']}"
    changed = cast.cora.say(
        "PATCH", path, {"name": "Noor H.", "online": True, "busy_feed": None}, If_Match=added.headers["ETag"]
    )
    assert (changed.json["name"], changed.json["online"], changed.json["has_busy_feed"]) == ("Noor H.", True, False)
    stale = cast.cora.say("PATCH", path, {"name": "N"}, If_Match=added.headers["ETag"])
    assert stale.status_code == 412
    assert cast.cora.say("PATCH", path, {"name": "N"}).status_code == 428
    retired = cast.cora.say("PATCH", path, {"retired_on": "2027-02-01"}, If_Match=changed.headers["ETag"])
    assert retired.json["retired_on"] == "2027-02-01"
    assert {one["kind"] for one in cast.cora.get("/v1/resources?kind=therapist").json["items"]} == {"therapist"}
    assert cast.ada.get("/v1/resources").status_code == 403
    assert cast.clive.post("/v1/resources", wish).status_code == 403
    odd = cast.cora.post("/v1/resources", wish | {"busy_feed": "file:///etc/passwd"})
    assert (odd.status_code, odd.json["fields"][0]["field"]) == (422, "busy_feed")


def test_lanes_and_hours_never_go_from_under_booked_sessions_in_silence(cast, chair):
    doses = cast.home.book_all(cast.course)
    path = f"/v1/resources/{chair.id}"
    retired = cast.cora.say("PATCH", path, {"retired_on": "2027-01-20"}, If_Match=edition(cast.cora, path))
    assert (codes(retired), retired.json["refusals"][0]["data"]["count"]) == (["still_booked"], 3)
    week = {
        "week": [
            {"weekday": 1, "opens": "07:00", "closes": "12:00"},
            {"weekday": 1, "opens": "12:00", "closes": "19:00"},
        ]
    }
    refused = cast.cora.say("PUT", f"{path}/availability", week, If_Match=edition(cast.cora, path))
    named = [one["session_id"] for one in refused.json["refusals"][0]["data"]["sessions"]]
    assert (codes(refused), named) == (["outside_new_hours"], [str(doses[n].id) for n in (1, 3, 5)])
    done = cast.cora.say("PUT", f"{path}/availability", week | {"despite": named}, If_Match=edition(cast.cora, path))
    assert done.status_code == 200
    assert [(one["weekday"], one["opens"], one["closes"]) for one in done.json["week"]] == [(1, "07:00", "19:00")]
    assert [one["session_id"] for one in done.json["outside"]] == named
    tasks = cast.cora.get("/v1/tasks").json["items"]
    assert {reason["code"] for task in tasks for reason in task["reasons"]} >= {"outside_hours"}
    again = cast.cora.say("PUT", f"{path}/availability", week, If_Match=done.headers["ETag"])
    assert again.json["outside"] == []  # they lay outside before
    shut = {"on": doses[2].starts_at.date().isoformat(), "open": []}
    refused = cast.cora.say("PUT", f"{path}/other-hours", shut, If_Match=again.headers["ETag"])
    assert codes(refused) == ["outside_new_hours"]
    open_ = {"on": shut["on"], "open": [{"opens": "07:00", "closes": "18:00"}]}
    done = cast.cora.say("PUT", f"{path}/other-hours", open_, If_Match=again.headers["ETag"])
    assert done.json["other_hours"] == [{"on": shut["on"], "opens": "07:00", "closes": "18:00"}]
    back = cast.cora.say("PUT", f"{path}/other-hours", {"on": shut["on"], "open": None}, If_Match=done.headers["ETag"])
    assert back.json["other_hours"] == []


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ([{"weekday": 1, "opens": "12:00", "closes": "09:00"}], "closes"),
        ([{"weekday": 7, "opens": "09:00", "closes": "12:00"}], "weekday"),
        ([{"weekday": 1, "opens": "9", "closes": "12:00"}], "opens"),
    ],
)
def test_hours_that_cannot_be_are_refused_by_field(cast, chair, rules, says):
    path = f"/v1/resources/{chair.id}"
    wrong = cast.cora.say("PUT", f"{path}/availability", {"week": rules}, If_Match=edition(cast.cora, path))
    assert wrong.status_code == 422
    assert wrong.json["fields"][0]["field"].endswith(says)


def test_two_rules_that_overlap_for_different_dates_are_refused(cast, chair):
    path = f"/v1/resources/{chair.id}"
    rules = [
        {"weekday": 1, "opens": "09:00", "closes": "12:00", "valid_until": "2027-06-30"},
        {"weekday": 1, "opens": "11:00", "closes": "15:00", "valid_from": "2027-06-01"},
    ]
    refused = cast.cora.say("PUT", f"{path}/availability", {"week": rules}, If_Match=edition(cast.cora, path))
    assert (refused.status_code, codes(refused)) == (409, ["hours_overlap"])


def test_a_closure_is_previewed_carried_out_once_listed_and_lifted(cast, chair):
    doses = cast.home.book_all(cast.course)
    at = doses[1].starts_at
    wish = {"from": z(at - timedelta(hours=12)), "until": z(at + timedelta(hours=12)), "resource_id": str(chair.id)}
    shown = cast.cora.post("/v1/closures/preview", wish, Idempotency_Key=None)
    assert shown.status_code == 200
    assert [one["number"] for one in shown.json["moves"]] == [2]
    assert db.session.query(Closure).count() == 0
    agreed = wish | {"plan": shown.json["token"], "reason": "Water damage"}
    done = cast.cora.post("/v1/closures", agreed, Idempotency_Key="shut")
    assert (done.status_code, done.json["done"]["token"]) == (201, shown.json["token"])
    assert cast.cora.post("/v1/closures", agreed, Idempotency_Key="shut").json == done.json
    assert db.session.query(Closure).count() == 1
    moved = cast.cora.get(f"/v1/sessions/{doses[1].id}").json
    assert moved["starts_at"] == shown.json["moves"][0]["to"]
    listed = cast.cora.get("/v1/closures").json["items"]
    assert [one["reason"] for one in listed] == ["Water damage"]
    path = f"/v1/closures/{listed[0]['id']}"
    assert cast.cora.say("DELETE", path, If_Match=edition(cast.cora, path)).status_code == 204
    again = cast.cora.say("DELETE", path, If_Match=edition(cast.cora, path))
    assert codes(again) == ["already_lifted"]


def test_a_stale_closure_answers_412_with_the_new_preview(cast):
    doses = cast.home.book_all(cast.course)
    at = doses[1].starts_at
    wish = {"from": z(at - timedelta(hours=12)), "until": z(at + timedelta(hours=12))}
    shown = cast.cora.post("/v1/closures/preview", wish, Idempotency_Key=None).json
    other = {"verb": "cancel", "cause": "patient", "reason": "Travels"}
    path = f"/v1/sessions/{doses[5].id}/changes"
    token = cast.cora.post(f"{path}/preview", other, Idempotency_Key=None).json["token"]
    assert cast.cora.post(path, other | {"plan": token}).status_code == 200
    stale = cast.cora.post("/v1/closures", wish | {"plan": shown["token"], "reason": "Water damage"})
    assert (stale.status_code, stale.json["type"]) == (412, "urn:steadfast:problem:plan-stale")
    assert stale.json["preview"]["token"] != shown["token"]
    assert db.session.query(Closure).count() == 0
    db.session.expire_all()
    assert db.session.get(Session, (doses[1].clinic_id, doses[1].id)).starts_at == at


def test_odd_wishes_for_a_closure_are_refused(cast, chair):
    wish = {"from": z(NOW), "until": z(NOW - timedelta(hours=1))}
    assert cast.cora.post("/v1/closures/preview", wish, Idempotency_Key=None).status_code == 422
    elsewhere = {
        "from": z(NOW),
        "until": z(NOW + timedelta(hours=1)),
        "resource_id": "0197a3c2-5b1e-7d40-8a31-6c2f0e9d4b17",
    }
    assert cast.cora.post("/v1/closures/preview", elsewhere, Idempotency_Key=None).status_code == 404
    past = {"from": z(NOW - timedelta(hours=5)), "until": z(NOW - timedelta(hours=1))}
    assert codes(cast.cora.post("/v1/closures/preview", past, Idempotency_Key=None)) == ["in_the_past"]
