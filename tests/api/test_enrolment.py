"""Enrolling over the wire with what was given before, finding courses again by their name elsewhere, and dry runs."""

from tests.api.conftest import Cast, booked

BO = {"name": "Bo Sample", "number": "+12125550120", "consented": True, "external_ref": "p-17"}
WISH = {
    "patient": BO,
    "protocol": "iv_6",
    "starts_on": "2027-01-05",
    "preferences": {"weekdays": [1, 4]},
    "supports": [{"name": "Kim Sample", "number": "+12125550121"}],
    "given": [{"on": "2026-12-29"}, {"at": "2027-01-01T10:00:00-05:00"}],
    "external_ref": "c-17",
}


def test_a_course_goes_on_from_what_was_given_and_says_nothing_of_it(cast: Cast) -> None:
    course = cast.cora.post("/v1/courses", WISH).json
    doses = [each for each in course["sessions"] if each["kind"] == "dosing"]
    assert [each["status"] for each in doses] == ["discharged"] * 2 + ["planned"] * 4
    assert [each["target_on"] for each in doses[:4]] == ["2026-12-29", "2027-01-01", "2027-01-05", "2027-01-08"]
    assert doses[1]["dosed_at"]["local"] == "2027-01-01T10:00:00-05:00"
    assert (course["external_ref"], course["phase"], course["starts_on"]) == ("c-17", "induction", "2026-12-29")
    kinds = {each["kind"] for each in cast.clive.get(f"/v1/reminders?patient={course['patient_id']}").json["items"]}
    assert kinds <= {"support_invite"}


def test_a_name_in_another_system_finds_its_course_and_its_patient_and_is_given_once(cast: Cast) -> None:
    course = cast.cora.post("/v1/courses", WISH).json
    found = cast.cora.get("/v1/courses?external_ref=c-17").json["items"]
    assert [each["id"] for each in found] == [course["id"]]
    assert cast.cora.get("/v1/courses?external_ref=c-18").json["items"] == []
    assert [each["name"] for each in cast.cora.get("/v1/patients?external_ref=p-17").json["items"]] == ["Bo Sample"]
    assert len(cast.cora.get("/v1/courses").json["items"]) == 2
    again = cast.cora.post("/v1/courses", {**WISH, "patient": {**BO, "external_ref": "p-18"}})
    assert [each["code"] for each in again.json["refusals"]] == ["ref_taken"]
    assert cast.their_cora.get("/v1/courses?external_ref=c-17").json["items"] == []


def test_what_cannot_have_been_is_refused_with_every_reason(cast: Cast) -> None:
    told = [{"on": "2027-01-20"}, {"on": "2026-12-29"}, {"on": "2026-12-29"}]
    answer = cast.cora.post("/v1/courses", {**WISH, "given": told})
    assert answer.status_code == 409
    assert [each["code"] for each in answer.json["refusals"]] == ["out_of_time", "given_twice"]
    for wrong, field in (
        ({"given": [{"kind": "dosing"}]}, "given.0"),
        ({"given": [{"on": "2026-12-29", "at": "2026-12-29T10:00:00Z"}]}, "given.0"),
        ({"given": [{"on": "2026-12-29", "kind": "consult", "number": 2}]}, "given.0.number"),
        ({"phase": "afterwards"}, "phase"),
        ({"external_ref": "x" * 81}, "external_ref"),
    ):
        answer = cast.cora.post("/v1/courses", {**WISH, **wrong})
        assert answer.status_code == 422
        assert answer.json["fields"][0]["field"] == field
    assert cast.cora.get("/v1/courses?external_ref=c-17").json["items"] == []


def test_a_dry_run_shows_sessions_texts_tasks_and_gates_and_writes_nothing(cast: Cast) -> None:
    run = cast.cora.post("/v1/courses/dry-run", {**WISH, "overrides": {"preparation.solids_h": 9}}).json
    doses = [each for each in run["sessions"] if each["kind"] == "dosing"]
    assert [each["given_before"] for each in doses[:3]] == [True, True, False]
    assert [each["phase"] for each in doses[6:]] != []  # boosters, as far as the clinic plans ahead
    assert all(text["at"]["at"] > "2027-01-04" and text["segments"] >= 1 for text in run["texts"])
    gates = {(each["name"], each["gate"], each["of"]) for each in run["gates"]}
    assert {("transport", "hard", "patient"), ("support", "soft", "support"), ("consent", "hard", None)} <= gates
    assert ("review", "hard", None) in gates  # after the third dose
    assert all(each["asked_at"] for each in run["gates"] if each["name"] == "attendance")
    third = [each for each in run["gates"] if each["session"] == {"kind": "dosing", "number": 3}]
    assert "attendance" in {each["name"] for each in third}
    assert not [each for each in run["gates"] if each["session"] == {"kind": "dosing", "number": 2}]
    assert cast.cora.get("/v1/courses?external_ref=c-17").json["items"] == []
    refused = cast.cora.post("/v1/courses/dry-run", {**WISH, "overrides": {"spacing.colour": 9}})
    assert refused.status_code == 422


def test_broken_spacing_of_the_past_is_a_warning(cast: Cast) -> None:
    run = cast.cora.post("/v1/courses/dry-run", {**WISH, "given": [{"on": "2026-12-29"}, {"on": "2026-12-30"}]}).json
    assert [each["code"] for each in run["warnings"]] == ["too_soon"]


def test_the_rest_of_a_running_course_is_rehearsed_as_it_is_booked(cast: Cast) -> None:
    first = booked(cast)
    run = cast.cora.get(f"/v1/courses/{cast.course.id}/dry-run").json
    doses = [each for each in run["sessions"] if each["kind"] == "dosing"]
    assert doses[0]["starts_at"] == first["starts_at"]
    assert [each["assumed"] for each in doses] == [False] + [True] * 5
    assert run["texts"]
    assert run["gates"]
    assert cast.their_cora.get(f"/v1/courses/{cast.course.id}/dry-run").status_code == 404
    assert cast.ada.get(f"/v1/courses/{cast.course.id}/dry-run").status_code == 403


CSV = """external_ref,name,number,protocol,starts_on,consent
c-1,Bo Sample,+12125550120,iv_6,2027-01-12,yes
c-2,Cy Sample,+12125550121,iv_6,2026-01-12,yes
"""


def test_a_file_of_courses_is_brought_in_by_staff(cast: Cast) -> None:
    def bring(body: str, query: str = "", kind: str = "text/csv", by: object = cast.cora) -> object:
        headers = {"Authorization": f"Bearer {by.token}", "Idempotency-Key": f"{len(body)}{query}{kind}"}
        return cast.cora.client.post(f"/v1/courses/import{query}", data=body, content_type=kind, headers=headers)

    tried = bring(CSV, "?dry_run=true")
    assert tried.status_code == 200
    assert [each["state"] for each in tried.json["items"]] == ["new", "refused"]
    held = bring(CSV)
    assert held.status_code == 422
    assert [(each["where"], each["field"]) for each in held.json["fields"]] == [("line 3", "starts_on")]
    assert cast.cora.get("/v1/courses?external_ref=c-1").json["items"] == []
    assert bring(CSV, "?skip_refused=true").json["written"] is True
    assert len(cast.cora.get("/v1/courses?external_ref=c-1").json["items"]) == 1
    assert bring(CSV, kind="application/json").status_code == 415
    assert bring(CSV + "\n" * 300).status_code == 422
    assert bring(CSV, by=cast.ada).status_code == 403
