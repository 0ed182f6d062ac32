"""Can an app book a whole phase with two requests, and does nothing stay half done?"""

from datetime import timedelta

from models import Booking, Session, db
from tests.api.changing import changed
from tests.api.conftest import each

WISH = {"weekdays": [1, 4], "around": "10:00"}
OWN = "/v1/me/course/bookings"


def planned(cast):
    return db.session.query(Session).filter_by(course_id=cast.course.id, status="planned", phase="induction").count()


def test_a_patient_books_an_induction_with_two_requests(cast):
    proposal = cast.ada.post(f"{OWN}/proposal", WISH, Idempotency_Key=None)
    assert proposal.status_code == 200, proposal.json
    doses = [one["slot"]["starts_at"]["local"] for one in proposal.json["sessions"] if one["kind"] == "dosing"]
    assert [at[:16] for at in doses[:3]] == ["2027-01-12T10:00", "2027-01-15T10:00", "2027-01-19T10:00"]
    agreed = WISH | {"proposal": proposal.json["token"]}
    booked = cast.ada.post(OWN, agreed, Idempotency_Key="induction")
    assert booked.status_code == 201, booked.json
    assert {one["status"] for one in booked.json["items"]} == {"booked"}
    assert len(booked.json["items"]) == len(proposal.json["sessions"])
    assert planned(cast) == 0
    again = cast.ada.post(OWN, agreed, Idempotency_Key="induction")
    assert (again.status_code, again.json) == (201, booked.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    late = cast.ada.post(OWN, agreed)
    assert (late.status_code, late.json["type"]) == (412, "urn:steadfast:problem:plan-stale")
    assert late.json["proposal"]["sessions"] == []


def test_staff_exchange_one_slot_and_leave_one_out(cast):
    path = f"/v1/courses/{cast.course.id}/bookings"
    wish = WISH | {"integration": False, "reason": "As agreed by telephone."}
    proposal = cast.cora.post(f"{path}/proposal", wish, Idempotency_Key=None).json
    first, last = proposal["sessions"][0], proposal["sessions"][-1]
    day = first["slot"]["starts_at"]["at"][:10]
    other = cast.cora.get(f"/v1/sessions/{first['session_id']}/slots?from={day}T19:00:00Z&until={day}T20:00:00Z")
    choices = [
        {"session_id": first["session_id"], "slot": other.json["items"][0]["id"]},
        {"session_id": last["session_id"], "slot": None},
    ]
    booked = cast.cora.post(path, wish | {"proposal": proposal["token"], "choices": choices})
    assert booked.status_code == 201, booked.json
    assert booked.json["items"][0]["starts_at"]["local"] == "2027-01-12T14:00:00-05:00"
    assert len(booked.json["items"]) == len(proposal["sessions"]) - 1


def test_every_conflict_of_every_session_comes_at_once_with_what_is_free_instead(cast):
    first, second = cast.dose(1), cast.dose(2)
    day = second.target_on.isoformat()
    free = cast.cora.get(f"/v1/sessions/{second.id}/slots?from={day}T14:00:00Z&until={day}T23:00:00Z").json["items"]
    choices = [{"session_id": str(one.id), "slot": free[0]["id"]} for one in (first, second)]
    refused = cast.ada.post(OWN, {"choices": choices})
    assert refused.status_code == 409
    assert {one["number"] for one in refused.json["conflicts"]} == {1, 2}
    assert all(one["alternatives"] and one["refusals"] for one in refused.json["conflicts"])
    assert refused.json["proposal"]["token"]
    assert db.session.query(Booking).count() == 0


def test_a_refused_booking_says_which_times_can_be_had_instead(cast):
    session = cast.dose()
    day = cast.dose(4).target_on.isoformat()
    late = cast.cora.get(f"/v1/sessions/{session.id}/slots?from={day}T15:00:00Z&until={day}T16:00:00Z").json["items"]
    path = f"/v1/me/sessions/{session.id}/booking"
    refused = cast.ada.put(path, {"slot": late[0]["id"]}, If_Match=f'"{session.edition}"')
    assert refused.status_code == 409
    instead = refused.json["alternatives"][0]
    assert set(instead) == {"id", "starts_at", "ends_at"}
    taken = cast.ada.put(path, {"slot": instead["id"]}, If_Match=f'"{session.edition}"')
    assert taken.status_code == 200, taken.json


@each(
    "body, status",
    [
        ({}, 422),
        ({"choices": []}, 422),
        ({"proposal": "x", "weekdays": [7]}, 422),
        ({"choices": [{"session_id": "0197a3c2-5b1e-7d40-8a31-6c2f0e9d4b17", "slot": None}]}, 404),
        ({"proposal": "never shown"}, 412),
    ],
)
def test_what_was_never_proposed_is_not_booked(cast, body, status):
    assert cast.ada.post(OWN, body).status_code == status
    assert db.session.query(Booking).count() == 0


def test_another_clinics_course_is_like_none(cast):
    path = f"/v1/courses/{cast.their_course.id}/bookings"
    assert cast.cora.post(f"{path}/proposal", WISH).status_code == 404
    assert cast.cora.post(path, WISH | {"proposal": "x"}).status_code == 404
    theirs = [{"session_id": str(cast.elsewhere.session(cast.their_course).id), "slot": None}]
    assert cast.ada.post(OWN, {"choices": theirs}).status_code == 404


# With one's own therapist


def test_a_patient_says_that_integration_is_elsewhere_and_takes_it_back(cast):
    cast.home.book_all(cast.course)
    follow = cast.home.session(cast.course, 1, "integration")
    path = f"/v1/me/sessions/{follow.id}/elsewhere"
    too_late = cast.ada.put(path, {"on": "2027-03-30"}, If_Match=f'"{follow.edition}"')
    assert [one["code"] for one in too_late.json["refusals"]] == ["day_out_of_range"]
    said = cast.ada.put(path, {"on": "2027-01-14"}, If_Match=f'"{follow.edition}"')
    assert (said.status_code, said.json["elsewhere_on"], said.json["status"]) == (200, "2027-01-14", "planned")
    assert str(follow.id) not in {one["id"] for one in cast.ada.get("/v1/me/now").json["to_book"]}
    back = cast.cora.delete(f"/v1/sessions/{follow.id}/elsewhere", If_Match=said.headers["ETag"])
    assert (back.status_code, back.json["elsewhere_on"]) == (200, None)
    assert str(follow.id) in {one["id"] for one in cast.ada.get("/v1/me/now").json["to_book"]}
    stale = cast.cora.put(f"/v1/sessions/{follow.id}/elsewhere", {"on": "2027-01-14"}, If_Match=said.headers["ETag"])
    assert stale.status_code == 412


def test_when_the_dose_moves_away_from_that_day_the_patient_is_asked_again(cast):
    cast.home.book_all(cast.course)
    follow = cast.home.session(cast.course, 6, "integration")
    dose = db.session.get_one(Session, (follow.clinic_id, follow.of_session_id))
    on = (dose.starts_at.date() + timedelta(days=1)).isoformat()
    path = f"/v1/me/sessions/{follow.id}/elsewhere"
    assert cast.ada.put(path, {"on": on}, If_Match=f'"{follow.edition}"').status_code == 200
    near, far = dose.starts_at + timedelta(hours=1), dose.starts_at + timedelta(days=4)
    for at, kept in ((near, on), (far, None)):
        later = f"from={at:%Y-%m-%dT%H:%M:%SZ}&until={at + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
        slot = cast.cora.get(f"/v1/sessions/{dose.id}/slots?{later}").json["items"][0]["id"]
        assert changed(cast.cora, f"/v1/sessions/{dose.id}", "move", slot=slot).status_code == 200
        assert cast.ada.get(f"/v1/me/sessions/{follow.id}").json["elsewhere_on"] == kept
