"""May staff, and they alone, say where an app backend hears of changes?"""

from models import Endpoint, db

HTTPS = {"url": "https://app.example.com/changed"}


def test_the_secret_is_shown_once(cast):
    added = cast.cora.post("/v1/endpoints", HTTPS, Idempotency_Key="add")
    assert (added.status_code, added.json["secret"][:6]) == (201, "whsec_")
    assert cast.cora.post("/v1/endpoints", HTTPS, Idempotency_Key="add").json == added.json, "a lost answer is repeated"
    (listed,) = cast.cora.get("/v1/endpoints").json["items"]
    assert "secret" not in listed
    one = cast.cora.get(f"/v1/endpoints/{added.json['id']}").json
    assert (one["calls"], "secret" in one) == ([], False)
    row = db.session.scalars(db.select(Endpoint)).one()
    assert added.json["secret"].encode() not in row.secret_sealed


def test_only_https_is_taken(cast):
    for url in (
        "http://app.example.com/",
        "ftp://app.example.com/",
        "https://me:word@app.example.com/",
        "app.example.com",
        "",
    ):
        wrong = cast.cora.post("/v1/endpoints", {"url": url})
        assert (wrong.status_code, wrong.json["fields"][0]["field"]) == (422, "url"), url


def test_a_new_secret_a_test_and_the_end(cast):
    added = cast.cora.post("/v1/endpoints", HTTPS).json
    door = f"/v1/endpoints/{added['id']}"
    fresh = cast.cora.post(f"{door}/secret")
    assert fresh.status_code == 201
    assert fresh.json["secret"] != added["secret"]
    assert fresh.json["old_until"] is not None
    tried = cast.cora.post(f"{door}/ping")
    assert (tried.status_code, tried.json["patient_id"], tried.json["tries"]) == (202, None, 0)
    assert [call["id"] for call in cast.cora.get(door).json["calls"]] == [tried.json["id"]]
    assert cast.cora.delete(door).status_code == 204
    assert cast.cora.delete(door).status_code == 204
    for what in ("secret", "ping"):
        assert cast.cora.post(f"{door}/{what}").json["refusals"][0]["code"] == "endpoint_ended"
    assert cast.cora.get(door).json["ended_why"] == "removed"


def test_there_are_not_endlessly_many(cast):
    for _ in range(5):
        assert cast.cora.post("/v1/endpoints", HTTPS).status_code == 201
    refused = cast.cora.post("/v1/endpoints", HTTPS)
    assert refused.json["refusals"][0]["data"] == {"most": 5}


def test_another_clinics_is_not_there_and_patients_have_no_business_here(cast):
    added = cast.cora.post("/v1/endpoints", HTTPS).json
    for method, path in (("GET", ""), ("POST", "/secret"), ("POST", "/ping"), ("DELETE", "")):
        assert cast.their_cora.say(method, f"/v1/endpoints/{added['id']}{path}").status_code == 404
    assert cast.their_cora.get("/v1/endpoints").json["items"] == []
    assert cast.ada.get("/v1/endpoints").status_code == 403
    assert cast.ada.post("/v1/endpoints", HTTPS).status_code == 403
