"""Is every change of a course shown first and done as shown, by staff and by patients, for one session or all that follow?"""

from datetime import timedelta

import pytest

from models import Course, RecordEntry, Session, TaskReason, db
from models.clock import set_care_clock
from tests.api.changing import changed, previewed, wished
from tests.people import NOW


@pytest.fixture
def doses(cast):
    """Every dose of Ada's course has its time."""
    return cast.home.book_all(cast.course)


def path_of(session, door="/v1/sessions"):
    return f"{door}/{session.id}"


def slot_at(speaker, session, start, door="/v1/sessions"):
    end = start + timedelta(hours=10)
    found = speaker.get(f"{door}/{session.id}/slots?from={start:%Y-%m-%dT%H:%M:%SZ}&until={end:%Y-%m-%dT%H:%M:%SZ}")
    return next(slot for slot in found.json["items"] if not slot.get("refusals"))["id"]


def codes(answer):
    return [refusal["code"] for refusal in answer.json["refusals"]]


def test_this_and_the_following_move_together_and_back_again(cast, doses):
    second, was = doses[1], [dose.starts_at for dose in doses]
    slot = slot_at(cast.cora, second, second.starts_at + timedelta(hours=2))
    shown = previewed(cast.cora, path_of(second), "move", scope="following", slot=slot).json
    assert [move["number"] for move in shown["moves"] if move["kind"] == "dosing"] == [2, 3, 4, 5, 6]
    assert (shown["refusals"], shown["unplaced"], shown["optimal"]) == ([], [], True)
    done = changed(cast.cora, path_of(second), "move", scope="following", slot=slot)
    assert (done.status_code, done.json["moves"]) == (200, shown["moves"])
    db.session.expire_all()
    assert [dose.starts_at - at for dose, at in zip(doses, was, strict=True)] == [timedelta(0)] + [
        timedelta(hours=2)
    ] * 5
    back = slot_at(cast.cora, second, was[1])
    assert changed(cast.cora, path_of(second), "move", scope="following", slot=back).status_code == 200
    db.session.expire_all()
    assert [dose.starts_at for dose in doses] == was


def test_from_a_day_on_other_weekdays_are_preferred_also_by_what_is_planned_later(cast, doses):
    path = f"/v1/courses/{cast.course.id}"
    wish = {"from_on": "2027-01-19", "weekdays": [0, 3], "around": "14:00"}
    done = changed(cast.cora, path, "move", **wish)
    assert done.status_code == 200, done.json
    assert {move["to"]["say"][:3] for move in done.json["moves"] if move["kind"] == "dosing"} == {"Mon", "Thu"}
    db.session.expire_all()
    assert db.session.get_one(Course, (cast.course.clinic_id, cast.course.id)).preferences == {
        "weekdays": [0, 3],
        "around": "14:00",
    }
    lacking = cast.cora.post(f"{path}/changes/preview", {"verb": "move", "from_on": "2027-01-19"})
    assert (lacking.status_code, lacking.json["fields"][0]["field"]) == (422, "around")


def test_two_weeks_of_illness_push_all_back_and_lose_none(cast, doses):
    was = [dose.starts_at for dose in doses]
    done = changed(cast.cora, path_of(doses[2]), "defer", scope="following", by_days=14, cause="patient")
    assert (done.status_code, done.json["ends"]) == (200, [])
    db.session.expire_all()
    assert [(dose.starts_at - at).days for dose, at in zip(doses, was, strict=True)] == [0, 0, 14, 14, 14, 14]
    verbs = db.session.scalars(db.select(RecordEntry.verb).order_by(RecordEntry.change_no)).all()
    assert verbs.count("defer") >= 4


def test_all_from_a_day_on_end_together_or_not_at_all(cast, doses):
    set_care_clock(doses[3].starts_at - timedelta(minutes=30))
    path = f"/v1/courses/{cast.course.id}"
    shown = previewed(cast.cora, path, "cancel", from_on="2027-01-26").json
    assert {end["becomes"] for end in shown["ends"]} == {"cancelled"}
    late = previewed(cast.cora, path, "cancel", from_on="2028-01-26")
    assert codes(late) == ["nothing_in_scope"]
    assert changed(cast.cora, path, "cancel", from_on="2028-01-26").status_code == 409
    assert changed(cast.cora, path, "cancel", from_on="2027-01-26").status_code == 200
    db.session.expire_all()
    assert [dose.status for dose in doses] == ["booked"] * 4 + ["cancelled"] * 2


def test_a_miss_shows_what_the_protocol_proposes_and_a_clinician_may_decide_otherwise(cast, doses):
    first = doses[0]
    set_care_clock(first.starts_at + timedelta(minutes=20))
    db.session.commit()
    shown = previewed(cast.cora, path_of(first), "miss", cause="patient").json
    assert (shown["follows"]["policy"], shown["follows"]["usual"]) == ("append", "append")
    assert [(add["kind"], add["number"]) for add in shown["adds"]] == [("dosing", 7), ("integration", 7)]
    assert [asked["code"] for asked in shown["asks"]] == ["missed_call"]
    assert codes(previewed(cast.cora, path_of(first), "miss", then="continue")) == ["wrong_clinician_role"]
    assert codes(previewed(cast.clive, path_of(first), "miss", scope="following")) == ["wrong_scope"]
    done = changed(cast.clive, path_of(first), "miss", then="continue", cause="patient")
    assert (done.status_code, done.json["adds"], done.json["follows"]["policy"]) == (200, [], "continue")
    db.session.expire_all()
    assert first.status == "missed"
    assert db.session.query(Session).filter_by(course_id=cast.course.id, kind="dosing").count() == 6
    assert "missed_call" in db.session.scalars(db.select(TaskReason.code)).all()


def test_what_was_shown_before_something_changed_is_shown_anew_and_says_where_they_part(cast, doses):
    first, fourth = doses[0], doses[3]
    slot = slot_at(cast.cora, first, first.starts_at + timedelta(hours=1))
    plan = previewed(cast.cora, path_of(first), "move", slot=slot).json["token"]
    assert changed(cast.cora, path_of(fourth), "omit").status_code == 200
    agreed = wished("move", slot=slot, plan=plan, reason="later")
    stale = cast.cora.post(f"{path_of(first)}/changes", agreed)
    assert (stale.status_code, stale.json["type"]) == (412, "urn:steadfast:problem:plan-stale")
    differing = {each["session_id"]: (each["row"], each["plan"]) for each in stale.json["differs"]}
    assert differing[str(fourth.id)] == (True, False)
    assert str(first.id) not in differing
    fresh = cast.cora.post(f"{path_of(first)}/changes", agreed | {"plan": stale.json["preview"]["token"]})
    assert fresh.status_code == 200
    nonsense = cast.cora.post(f"{path_of(first)}/changes", agreed | {"plan": "x"})
    assert (nonsense.status_code, nonsense.json["differs"]) == (412, [])


def test_one_more_session_is_planned_and_booked_by_the_usual_rules(cast, doses):
    path = f"/v1/courses/{cast.course.id}"
    wish = {"kind": "consult", "target_on": "2027-02-10", "latest_on": "2027-02-12"}
    (add,) = previewed(cast.cora, path, "add", **wish).json["adds"]
    assert (add["kind"], add["number"], add["days"]["latest_on"]) == ("consult", 1, "2027-02-12")
    assert changed(cast.cora, path, "add", **wish).status_code == 200
    consult = cast.home.session(cast.course, 1, "consult")
    taken = cast.cora.put(
        f"{path_of(consult)}/booking",
        {"slot": slot_at(cast.cora, consult, cast.home.first_slot(consult).starts_at)},
        If_Match=f'"{consult.edition}"',
    )
    assert taken.status_code == 200, taken.json
    dose = {"kind": "integration", "of_session_id": str(doses[0].id), "target_on": "2027-01-13"}
    assert codes(previewed(cast.cora, path, "add", **dose)) == ["already_there"]


def test_another_chair_for_all_that_follow_tells_nobody(cast, doses):
    second = doses[1]
    slot = slot_at(cast.cora, second, second.starts_at)
    before = [dose.version for dose in doses]
    done = changed(cast.cora, path_of(second), "reseat", scope="following", slot=slot)
    assert (done.status_code, done.json["told"], done.json["void"]) == (200, [], [])
    db.session.expire_all()
    assert [dose.version for dose in doses] == before


def test_patients_move_and_cancel_their_own_within_the_clinics_limits(cast, doses):
    cast.home.clinic.settings = {
        "late_change": {"en": "Free until 24 hours before.", "es": "Gratis hasta 24 horas antes."}
    }
    db.session.commit()
    mine, third = "/v1/me/sessions", doses[2]
    slot = slot_at(cast.ada, third, third.starts_at + timedelta(hours=3), mine)
    shown = cast.ada.post(f"{mine}/{third.id}/changes/preview", {"verb": "move", "slot": slot}).json
    assert (shown["late_change"], shown["refusals"]) == ("Free until 24 hours before.", [])
    agreed = {"verb": "move", "slot": slot, "plan": shown["token"]}
    assert cast.ada.post(f"{mine}/{third.id}/changes", agreed).status_code == 200
    assert cast.ada.post(f"{mine}/{third.id}/changes/preview", {"verb": "omit"}).status_code == 422
    set_care_clock(third.starts_at - timedelta(hours=20))
    db.session.commit()
    late = cast.ada.post(f"{mine}/{third.id}/changes/preview", {"verb": "cancel"})
    assert codes(late) == ["inside_freeze"]
    off = cast.ada.post(f"{mine}/{doses[4].id}/changes/preview", {"verb": "cancel"}).json
    done = cast.ada.post(f"{mine}/{doses[4].id}/changes", {"verb": "cancel", "plan": off["token"]})
    assert done.status_code == 200, done.json
    db.session.expire_all()
    assert (doses[4].status, doses[4].cause) == ("cancelled", "patient")
    foreign = cast.their_ada.post(f"{mine}/{doses[4].id}/changes/preview", {"verb": "cancel"})
    assert foreign.status_code == 404


def test_a_preview_writes_nothing_and_a_repeat_changes_nothing(cast, doses):
    before = db.session.query(RecordEntry).count()
    shown = previewed(cast.cora, path_of(doses[5]), "cancel").json
    assert db.session.query(RecordEntry).count() == before
    agreed = {**wished("cancel"), "plan": shown["token"], "reason": "away"}
    first = cast.cora.post(f"{path_of(doses[5])}/changes", agreed, Idempotency_Key="once")
    again = cast.cora.post(f"{path_of(doses[5])}/changes", agreed, Idempotency_Key="once")
    assert (first.status_code, again.json) == (200, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert doses[5].starts_at > NOW
