"""Can a clinic keep its own protocols over the API, and can one course follow another version or a number of its own?"""

from tests.api.conftest import booked

WISH = {"name": "iv_6", "base": "iv_6", "differences": {"preparation": {"solids_h": 9}}}
WHY = {"reason": "Our own rooms."}


def test_a_clinician_makes_a_version_and_a_course_adopts_it_as_it_was_shown(cast):
    names = [one["name"] for one in cast.cora.get("/v1/protocols").json["items"]]
    assert {"home_kap_2w", "home_sl_weekly", "im_sc_clinic", "spravato_mdsi"} < set(names)
    assert cast.cora.get("/v1/protocols/nothing").status_code == 404

    wrong = {**WISH, "differences": {"preparation": {"solids_h": 99}, "colour": 1, "spacing": {"min_gap_days": "2"}}}
    answer = cast.cora.post("/v1/protocols/preview", wrong)
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json["fields"]} == {"preparation.solids_h", "colour", "spacing.min_gap_days"}
    shown = cast.cora.post("/v1/protocols/preview", WISH).json
    assert shown["from_base"] == [
        {"path": "preparation.solids_h", "before": 8.0, "after": 9.0, "source": "clinic default"}
    ]
    assert (shown["version"], shown["running"]) == (2, 1)

    assert cast.cora.post("/v1/protocols", {**WISH, **WHY}).status_code == 403
    made = cast.clive.post("/v1/protocols", {**WISH, **WHY, "safety": True})
    assert made.status_code == 201
    assert (made.json["version"], made.json["reason"], made.json["safety"]) == (2, "Our own rooms.", True)
    again = cast.clive.post("/v1/protocols", {**WISH, **WHY, "safety": True})
    assert [one["code"] for one in again.json["refusals"]] == ["nothing_changes"]
    behind = cast.clive.post("/v1/protocols", {**WISH, **WHY, "differences": {}, "follows": 1})
    assert behind.json["refusals"][0]["data"] == {"version": 2}
    versions = cast.cora.get("/v1/protocols/iv_6/versions").json["items"]
    assert [(one["version"], len(one["changes"])) for one in versions] == [(2, 1), (1, 0)]
    whole = cast.cora.get("/v1/protocols/iv_6").json
    assert whole["rules"]["preparation"]["solids_h"] == {"value": 9.0, "source": "clinic default"}

    booked(cast)
    course = f"/v1/courses/{cast.course.id}"
    rules = cast.cora.get(f"{course}/rules").json
    assert (rules["version"], rules["safety_version"]["version"]) == (1, 2)
    assert {one["path"]: one["bound"] for one in rules["overridable"]}["preparation.solids_h"] == 8.0
    version = {"protocol": "iv_6", "version": 2}
    effects = cast.cora.post(f"{course}/adoptions/preview", version).json
    assert {one["kind"] for one in effects["texts"]} >= {"solids_stop"}
    assert {one["kind"] for one in effects["windows"]} == {"solids"}
    assert cast.clive.post(f"{course}/adoptions", {**version, **WHY, "plan": "stale"}).json["preview"] == effects
    adopted = cast.clive.post(f"{course}/adoptions", {**version, **WHY, "plan": effects["token"]})
    assert (adopted.status_code, adopted.json["version"]) == (200, 2)
    assert [one["adopted"] for one in cast.cora.get(f"{course}/adoptions").json["items"]] == [True]
    assert cast.clive.post(f"{course}/declines", WHY).json["refusals"][0]["code"] == "nothing_to_decline"
    assert cast.cora.post(f"{course}/adoptions/preview", {"protocol": "iv_6", "version": 9}).status_code == 404
    assert cast.their_cora.get(f"{course}/rules").status_code == 404
    assert [one["version"] for one in cast.their_cora.get("/v1/protocols/iv_6/versions").json["items"]] == [1]


def test_a_number_is_overridden_for_one_course_and_taken_back(cast):
    booked(cast)
    path = f"/v1/courses/{cast.course.id}/overrides"
    wish = {"path": "preparation.solids_h", "value": 24}
    refused = cast.cora.post(f"{path}/preview", {**wish, "value": 4})
    assert (refused.status_code, refused.json["fields"][0]["field"]) == (422, "preparation.solids_h")
    for odd in (None, [24], {"value": 24}, float("1e400"), "x" * 3000):
        assert cast.cora.post(f"{path}/preview", {**wish, "value": odd}).status_code in (400, 422)
    effects = cast.cora.post(f"{path}/preview", wish).json
    assert cast.cora.post(path, {**wish, **WHY, "plan": effects["token"]}).status_code == 403
    made = cast.clive.post(path, {**wish, **WHY, "plan": effects["token"]})
    assert (made.status_code, made.json["override"]["value"]) == (201, 24)
    assert (
        cast.clive.post(path, {**wish, **WHY, "plan": effects["token"]}).json["refusals"][0]["code"]
        == "nothing_changes"
    )
    rules = cast.cora.get(f"/v1/courses/{cast.course.id}/rules").json
    assert rules["rules"]["preparation"]["solids_h"] == {"value": 24.0, "source": "for this course"}

    one = f"{path}/{made.json['override']['id']}"
    assert cast.their_cora.post(f"{one}/end/preview").status_code == 404
    ending = cast.cora.post(f"{one}/end/preview").json
    assert [(each["before"], each["after"]) for each in ending["rules"]] == [(24.0, 6.0), (24.0, 8.0)]
    assert cast.clive.post(f"{one}/end", {**WHY, "plan": ending["token"]}).status_code == 200
    assert cast.cora.get(path).json["items"][0]["ended_at"] is not None
    assert (
        cast.clive.post(f"{one}/end", {**WHY, "plan": ending["token"]}).json["refusals"][0]["code"] == "already_ended"
    )
