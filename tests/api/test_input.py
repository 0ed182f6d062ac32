"""Is what comes in taken exactly as it was meant, or refused with every reason?"""

from models import Course, Patient, db
from tests.api.conftest import each

PATIENT = {"name": "Bo Sample", "number": "+12125550120", "consented": True}
WISH = {"patient": PATIENT, "protocol": "iv_6", "starts_on": "2027-02-01"}


def wrong_fields(answer):
    assert answer.status_code == 422, answer.json
    assert answer.mimetype == "application/problem+json"
    return {each["field"]: each["say"] for each in answer.json["fields"]}


def test_every_wrong_field_is_named_at_once(cast):
    wish = {
        "patient": {"name": "Bo\x00", "number": "555-0120", "language": "fr", "zone": "Mars/Olympus",
            "consented": "yes", "age": 7},
        "protocol": 7,
        "starts_on": "2027-02-30",
        "preferences": {"weekdays": [7, "1", 1.5, True], "around": "25:00"},
        "extra": 1,
    }  # fmt: skip
    assert set(wrong_fields(cast.cora.post("/v1/courses", wish))) == {
        "patient.name", "patient.number", "patient.language", "patient.zone", "patient.consented", "patient.age", "protocol",
        "starts_on", "preferences.weekdays.0", "preferences.weekdays.1", "preferences.weekdays.2", "preferences.weekdays.3",
        "preferences.around", "extra",
    }  # fmt: skip
    assert db.session.query(Patient).count() == 2


@each(
    "number, say",
    [
        ("2125550120", "+ and country code"),
        ("+1 212 555 0120", "digits only"),
        ("+1212555012", "cannot exist|can exist"),
        ("+999212555012", "No country"),
        ("+12125550120\x00", "digits only"),
        ("", "+ and country code"),
        ("+१२१२५५५०१२०", "digits only"),
    ],
)
def test_a_number_that_nobody_can_have_is_refused_clearly(cast, number, say):
    answer = cast.cora.post("/v1/courses", WISH | {"patient": PATIENT | {"number": number}})
    words = wrong_fields(answer)["patient.number"]
    assert any(part in words for part in say.split("|"))


@each("name", ["", " ", "\t", " Bo", "Bo\nSample", "B\x00", "B" * 121, 5, None, ["Bo"], {"a": 1}])
def test_a_name_is_one_line_of_text(cast, name):
    answer = cast.cora.post("/v1/courses", WISH | {"patient": PATIENT | {"name": name}})
    assert "patient.name" in wrong_fields(answer)


@each("name", ["Zoë Ñandú", "李雷", "O'Brien-Smith", "👩‍⚕️ Bo", "ﷺ" * 120])
def test_people_have_all_kinds_of_names(cast, name):
    answer = cast.cora.post("/v1/courses", WISH | {"patient": PATIENT | {"name": name}})
    assert answer.status_code == 201
    assert cast.cora.get(f"/v1/patients/{answer.json['patient_id']}").json["name"] == name


@each("zone", ["", "EST5EDT", "Etc/GMT+5", "america/new_york", "../../etc/passwd", 5])
def test_a_zone_has_places_in_it(cast, zone):
    assert "patient.zone" in wrong_fields(cast.cora.post("/v1/courses", WISH | {"patient": PATIENT | {"zone": zone}}))


@each(
    "day",
    [
        "2027-2-1",
        "20270201",
        "2027-W05-1",
        "2027-02-29",
        "1999-01-01",
        "2100-01-01",
        "9999-12-31",
        20270201,
        "2027-02-01T00:00",
    ],
)
def test_a_day_is_a_day_of_our_years(cast, day):
    assert "starts_on" in wrong_fields(cast.cora.post("/v1/courses", WISH | {"starts_on": day}))


@each(
    "at, say",
    [
        ("2027-01-12T10:00:00", "offset"),
        ("2027-01-12T10:00", "offset"),
        ("20270112T100000Z", "offset, such as"),
        ("2027-W02-2T10:00Z", "offset, such as"),
        ("2027-01-12T10Z", "offset, such as"),
        ("2027-01-12T25:00:00Z", "No calendar"),
        ("2027-02-29T10:00:00Z", "No calendar"),
        ("2027-01-12T10:00:60Z", "No calendar"),
        ("2027-01-12T10:00:00+25:00", "No calendar"),
        ("0001-01-01T00:00:00+14:00", "2000"),
        ("9999-12-31T23:59:59-14:00", "2000"),
        ("2027-01-12T10:00:00.1234567Z", "offset, such as"),
        ("2027-01-12T10:00:00 05:00", "%2B"),
        ("٢٠٢٧-01-12T10:00:00Z", "offset, such as"),
        ("now", "offset, such as"),
        ("", "offset, such as"),
    ],
)
def test_a_time_comes_with_its_offset(cast, at, say):
    session = cast.dose()
    body = wrong_fields(cast.cora.post(f"/v1/sessions/{session.id}/arrive", {"at": at}))["at"]
    query = wrong_fields(
        cast.cora.client.get(
            f"/v1/sessions/{session.id}/slots",
            query_string={"from": at},
            headers={"Authorization": f"Bearer {cast.cora.token}"},
        )
    )["from"]
    assert say in body
    assert say in query


def test_what_happened_did_not_happen_later_than_now(cast):
    session = cast.dose()
    late = cast.cora.post(f"/v1/sessions/{session.id}/arrive", {"at": "2027-01-04T15:01:00Z"})
    assert "at" in wrong_fields(late)


@each(
    "local, code",
    [("2027-03-14T02:30", "impossible_local_time"), ("2027-11-07T01:30", "ambiguous_local_time")],
)
def test_a_clock_time_that_never_comes_or_comes_twice_is_refused(cast, local, code):
    for path, who in ((f"/v1/sessions/{cast.dose().id}", cast.cora), (f"/v1/me/sessions/{cast.dose().id}", cast.ada)):
        answer = who.get(f"{path}/slots?local={local}")
        assert answer.status_code == 422
        assert answer.json["type"] == "urn:steadfast:problem:wrong-local-time"
        assert [refusal["code"] for refusal in answer.json["refusals"]] == [code]
        assert answer.json["refusals"][0]["say"]


def test_one_clock_time_shows_the_slots_of_that_time(cast):
    session = cast.dose()
    found = cast.cora.get(f"/v1/sessions/{session.id}/slots?local={session.target_on}T10:00").json["items"]
    assert {slot["starts_at"]["local"] for slot in found} == {f"{session.target_on}T10:00:00-05:00"}


@each(
    "query",
    [
        "from=2027-01-12T00:00:00Z&until=2027-01-12T00:00:00Z",
        "from=2027-01-12T00:00:00Z&until=2027-01-11T00:00:00Z",
        "from=2027-01-01T00:00:00Z&until=2027-04-20T00:00:00Z",
        "form=2027-01-12T00:00:00Z",
        "from=2027-01-12T00:00:00Z&from=2027-01-13T00:00:00Z",
        "local=2027-01-12T10:00:00Z",
        "local=2027-13-12T10:00",
    ],
)
def test_a_query_is_as_strict_as_a_body(cast, query):
    assert wrong_fields(cast.cora.get(f"/v1/sessions/{cast.dose().id}/slots?{query}"))


@each(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=-1",
        "limit=1.5",
        "after=zzz",
        "after=%00",
        "limit=99999999999999999999",
    ],
)
def test_pages_have_bounds(cast, query):
    assert wrong_fields(cast.cora.get(f"/v1/patients?{query}"))


def test_a_list_of_sessions_is_of_somebody_or_of_a_day(cast):
    assert wrong_fields(cast.cora.get("/v1/sessions"))
    assert cast.cora.get("/v1/sessions?day=2027-01-12").json == {"items": []}


def send(cast, body, content_type="application/json", path="/v1/courses"):
    headers = {"Authorization": f"Bearer {cast.cora.token}", "Idempotency-Key": "k"}
    if content_type:
        headers["Content-Type"] = content_type
    return cast.cora.client.post(path, data=body, headers=headers)


@each(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/vnd.api+json",
        "",
        "json",
    ],
)
def test_a_body_says_that_it_is_json(cast, content_type):
    answer = send(cast, b'{"a": 1}', content_type)
    assert answer.status_code == 415, answer.json
    assert answer.json["type"] == "urn:steadfast:problem:wrong-media-type"


def test_a_charset_does_no_harm_and_no_body_is_an_empty_one(cast):
    assert send(cast, b"{}", "application/json; charset=utf-8").status_code == 422
    assert cast.cora.client.post(
        "/v1/courses", headers={"Authorization": f"Bearer {cast.cora.token}", "Idempotency-Key": "k"}
    ).status_code in (415, 422)


@each(
    "body",
    [
        b"{", b"", b"nonsense", b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1, "a": 2}', b'{"a": "\\ud800"}', b"\xff\xfe",
        b"[" * 100_000, b'{"a":' * 50_000, b'{"a": ' + b"9" * 5_000 + b"}", b"\x00",
    ],
)  # fmt: skip
def test_what_is_not_json_is_not_guessed(cast, body):
    answer = send(cast, body)
    assert answer.status_code == 400, answer.json
    assert answer.json["type"] == "urn:steadfast:problem:unreadable"


@each("body", [b"[]", b"null", b'"text"', b"5", b"true", b'[{"protocol": "iv_6"}]'])
def test_a_body_is_an_object(cast, body):
    assert send(cast, body).status_code == 422


def test_a_body_has_a_largest_size(cast):
    answer = send(cast, b'{"a": "' + b"x" * 1_100_000 + b'"}')
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


def test_nothing_half_written_remains(cast):
    before = db.session.query(Course).count()
    wish = WISH | {"supports": [{"name": "Sam", "number": "+12125550121"}] * 6}
    assert cast.cora.post("/v1/courses", wish).status_code == 422
    assert db.session.query(Course).count() == before


def test_a_course_is_for_one_patient_and_a_known_protocol(cast):
    assert "protocol" in wrong_fields(cast.cora.post("/v1/courses", WISH | {"protocol": "secret"}))
    both = WISH | {"patient_id": str(cast.course.patient_id)}
    assert "patient" in wrong_fields(cast.cora.post("/v1/courses", both))
    neither = {name: word for name, word in WISH.items() if name != "patient"}
    assert "patient" in wrong_fields(cast.cora.post("/v1/courses", neither))
    again = neither | {"patient_id": str(cast.course.patient_id)}
    refused = cast.cora.post("/v1/courses", again)
    assert (refused.status_code, refused.json["refusals"][0]["code"]) == (409, "already_active")


@each(
    "method, path, status",
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/sessions/not-an-id", 404),
        ("GET", "/v1/sessions/0197a3c2-5b1e-7d40-8a31-6c2f0e9d4b17/answers/attendance", 405),
        ("DELETE", "/v1/patients", 405),
        ("PUT", "/v1/me/sessions/0197a3c2-5b1e-7d40-8a31-6c2f0e9d4b17/answers/mood", 404),
        ("GET", "/v1/patients/", 404),
    ],
)
def test_what_is_not_there_is_a_problem_too(cast, method, path, status):
    answer = cast.cora.say(method, path)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert set(answer.json) >= {"type", "title", "status", "detail"}
    if status == 405:
        assert answer.headers["Allow"]


def test_pages_keep_pages_for_errors(client):
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
