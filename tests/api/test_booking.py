"""Does an app book, and is every repeat, race and stale view judged?"""

import base64
import threading
from datetime import timedelta
from uuid import UUID

from models import Booking, Course, IdempotencyKey, RecordEntry, Session, db
from models.clock import machine_now
from tests.api.changing import changed
from tests.api.conftest import booked, each


def slots_of(speaker, session, hours=("14", "23")):
    day = session.target_on.isoformat()
    whose = "me/" if speaker.get("/v1/me/now").status_code == 200 else ""
    path = f"/v1/{whose}sessions/{session.id}/slots?from={day}T{hours[0]}:00:00Z&until={day}T{hours[1]}:00:00Z"
    return speaker.get(path).json["items"]


def test_a_patient_books_with_one_put(cast):
    session = booked(cast)
    assert session["status"] == "booked"
    assert set(session["starts_at"]) == {"at", "local", "zone", "say"}
    assert session["starts_at"]["zone"] == "America/New_York"
    again = cast.ada.get(f"/v1/me/sessions/{session['id']}")
    assert again.json == session
    assert again.headers["ETag"] == f'"{session["edition"]}"'


def test_a_repeat_after_the_edition_moved_on_gets_the_first_answer(cast):
    session = cast.dose()
    wish, first_seen = {"slot": slots_of(cast.ada, session)[0]["id"]}, f'"{session.edition}"'
    path = f"/v1/me/sessions/{session.id}/booking"
    first = cast.ada.put(path, wish, If_Match=first_seen, Idempotency_Key="once")
    changes = db.session.query(RecordEntry).count()
    again = cast.ada.put(path, wish, If_Match=first_seen, Idempotency_Key="once")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert db.session.query(RecordEntry).count() == changes
    other = cast.ada.put(path, wish, If_Match=first_seen, Idempotency_Key="twice")
    assert other.status_code == 412


def test_a_key_belongs_to_one_request(cast):
    session = cast.dose()
    first, second = slots_of(cast.ada, session)[:2]
    path, seen = f"/v1/me/sessions/{session.id}/booking", f'"{session.edition}"'
    assert cast.ada.put(path, {"slot": first["id"]}, If_Match=seen, Idempotency_Key="k").status_code == 200
    other = cast.ada.put(path, {"slot": second["id"]}, If_Match=seen, Idempotency_Key="k")
    assert other.status_code == 422
    assert other.json["type"] == "urn:steadfast:problem:idempotency-key-reused"


def test_keys_are_each_persons_own(cast):
    path = "/v1/courses"
    wish = {
        "patient": {"name": "Bo Sample", "number": "+12125550120", "consented": True},
        "protocol": "iv_6",
        "starts_on": "2027-02-01",
    }
    assert cast.cora.post(path, wish, Idempotency_Key="same").status_code == 201
    assert cast.clive.post(path, wish | {"starts_on": "2027-02-02"}, Idempotency_Key="same").status_code == 201


def test_a_refusal_is_not_kept_under_its_key(cast):
    session = cast.dose(2)
    free = slots_of(cast.cora, session)
    path, seen = f"/v1/sessions/{session.id}/booking", f'"{session.edition}"'
    refused = cast.cora.put(path, {"slot": "AAAA"}, If_Match=seen, Idempotency_Key="k")
    assert refused.status_code == 409
    assert db.session.query(IdempotencyKey).count() == 0
    slot = next(each for each in free if not each["refusals"])
    assert cast.cora.put(path, {"slot": slot["id"]}, If_Match=seen, Idempotency_Key="k").status_code == 200


def test_a_key_is_forgotten_after_two_days(cast):
    booked(cast)
    kept = db.session.scalars(db.select(IdempotencyKey)).one()
    assert b"starts_at" not in bytes(kept.answer_sealed), "the answer is sealed"
    kept.made_at = machine_now() - timedelta(hours=49)
    db.session.commit()
    key = kept.key
    session = cast.dose(2)
    slot = slots_of(cast.ada, session)[0]["id"]
    seen = f'"{session.edition}"'
    answer = cast.ada.put(f"/v1/me/sessions/{session.id}/booking", {"slot": slot}, If_Match=seen, Idempotency_Key=key)
    assert answer.status_code == 200


def test_a_running_twin_is_told_to_wait(cast, database_kind):
    if database_kind == "sqlite":
        return  # one writer at a time: the twin waits and then gets the answer of the first
    session = cast.dose()
    wish = {"slot": slots_of(cast.ada, session)[0]["id"]}
    name = f"{cast.home.clinic.id}:patient:{cast.course.patient_id}:twin"
    with db.engine.begin() as other:
        other.execute(db.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
        twin = cast.ada.put(
            f"/v1/me/sessions/{session.id}/booking", wish, If_Match=f'"{session.edition}"', Idempotency_Key="twin"
        )
    assert twin.status_code == 409
    assert twin.json["type"] == "urn:steadfast:problem:same-key-running"
    assert twin.headers["Retry-After"] == "1"


@each(
    "headers, status, kind",
    [
        ({"Idempotency_Key": None}, 400, "idempotency-key-missing"),
        ({"Idempotency_Key": "with blank"}, 400, "unreadable"),
        ({"Idempotency_Key": "k" * 81}, 400, "unreadable"),
        ({"If_Match": None}, 428, "if-match-missing"),
        ({"If_Match": '"99"'}, 412, "stale"),
        ({"If_Match": "nonsense"}, 412, "stale"),
    ],
)
def test_a_booking_says_what_it_saw_and_carries_a_key(cast, headers, status, kind):
    session = cast.dose()
    wish = {"slot": slots_of(cast.ada, session)[0]["id"]}
    usual = {"If_Match": f'"{session.edition}"'}
    answer = cast.ada.put(f"/v1/me/sessions/{session.id}/booking", wish, **{**usual, **headers})
    assert answer.status_code == status
    assert answer.json["type"] == f"urn:steadfast:problem:{kind}"
    assert answer.mimetype == "application/problem+json"
    assert db.session.query(Booking).count() == 0


def test_every_reason_comes_at_once_with_words_and_what_to_act_on(cast):
    booked(cast, 2)
    session = cast.dose(1)
    taken = db.session.scalars(
        db.select(Session.starts_at).where(Session.number == 2, Session.status == "booked")
    ).one()
    at = taken + timedelta(days=1)
    slots = cast.cora.get(f"/v1/sessions/{session.id}/slots?from={at:%Y-%m-%dT%H:%M:%SZ}&until={at:%Y-%m-%d}T23:00:00Z")
    slot = slots.json["items"][0]
    assert {refusal["code"] for refusal in slot["refusals"]} >= {"too_soon", "out_of_order"}
    seen = f'"{session.edition}"'
    refused = cast.cora.put(f"/v1/sessions/{session.id}/booking", {"slot": slot["id"]}, If_Match=seen)
    assert refused.status_code == 409
    assert refused.json["type"] == "urn:steadfast:problem:refused"
    assert refused.json["refusals"] == slot["refusals"]
    soon = next(refusal for refusal in refused.json["refusals"] if refusal["code"] == "too_soon")
    assert soon["say"]
    assert set(soon["data"]["neighbour"]) == {"at", "local", "zone", "say"}


def test_refusals_speak_the_callers_language(cast):
    session = booked(cast)
    spanish = cast.cora.post(f"/v1/sessions/{session['id']}/attend", {}, Accept_Language="es")
    english = cast.cora.post(f"/v1/sessions/{session['id']}/attend", {}, Accept_Language="fr, en;q=0.5")
    assert spanish.status_code == english.status_code == 409
    assert spanish.json["refusals"][0]["code"] == english.json["refusals"][0]["code"]
    assert spanish.json["refusals"][0]["say"] != english.json["refusals"][0]["say"]


def test_two_apps_that_take_the_same_slot_are_judged_by_the_database(app, cast, speak):
    """Both see the last free chair; both ask at the same moment; exactly one gets it."""
    wish = {
        "patient": {"name": "Bo Sample", "number": "+12125550120", "consented": True},
        "protocol": "iv_6",
        "starts_on": "2027-01-12",
        "preferences": {"weekdays": [1, 4], "around": "10:00"},
    }
    other = cast.cora.post("/v1/courses", wish).json
    bo = speak("patient", other["patient_id"], cast.home.clinic.id)
    theirs = next(one for one in other["sessions"] if one["kind"] == "dosing" and one["number"] == 1)
    mine = cast.dose()
    slot = slots_of(cast.ada, mine)[0]["id"]
    assert slot in {
        each["id"]
        for each in slots_of(
            bo, cast.home.session(db.session.get_one(Course, (cast.home.clinic.id, UUID(other["id"]))))
        )
    }
    answers = []

    def ask(who, session_id, edition):
        client = app.test_client()
        path = f"/v1/me/sessions/{session_id}/booking"
        headers = {"Authorization": f"Bearer {who.token}", "If-Match": f'"{edition}"', "Idempotency-Key": "race"}
        answers.append(client.put(path, json={"slot": slot}, headers=headers))

    racers = [
        threading.Thread(target=ask, args=(cast.ada, mine.id, mine.edition)),
        threading.Thread(target=ask, args=(bo, theirs["id"], theirs["edition"])),
    ]
    db.session.commit()  # a test that holds SQLite's one pen would keep both from writing
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert [refusal["code"] for refusal in lost.json["refusals"]] == ["slot_taken"]


def test_a_hold_keeps_a_slot_until_it_is_let_go(cast):
    session = cast.dose()
    slot = slots_of(cast.ada, session)[0]["id"]
    held = cast.ada.post(f"/v1/me/sessions/{session.id}/hold", {"slot": slot})
    assert held.status_code == 201
    assert held.json["held_until"]["at"] > "2027-01-04T15:09"
    assert db.session.query(Booking).filter(Booking.held_until.is_not(None)).count() == 3  # chair, clinician, monitor
    assert cast.ada.delete(f"/v1/me/sessions/{session.id}/hold").status_code == 204
    assert db.session.query(Booking).count() == 0


def test_staff_book_hold_and_reseat(cast):
    session = cast.dose()
    slot = next(each for each in slots_of(cast.cora, session) if not each["refusals"])
    held = cast.cora.post(f"/v1/sessions/{session.id}/hold", {"slot": slot["id"]})
    assert held.status_code == 201
    taken = cast.cora.put(f"/v1/sessions/{session.id}/booking", {"slot": slot["id"]}, If_Match=f'"{session.edition}"')
    assert taken.status_code == 200
    assert cast.cora.delete(f"/v1/sessions/{session.id}/hold").status_code == 204
    assert changed(cast.cora, f"/v1/sessions/{session.id}", "reseat", slot=slot["id"]).status_code == 200
    assert cast.cora.get(f"/v1/sessions/{session.id}").json["version"] == taken.json["version"]


def test_a_slot_word_that_was_never_given_is_refused_not_a_fault(cast):
    session = cast.dose()
    seen = f'"{session.edition}"'
    for word in ("AAAA", "_" * 40, "f" * 599, "gICAgICAgIA", "AAA6_0QXfwCZ"):
        answer = cast.cora.put(f"/v1/sessions/{session.id}/booking", {"slot": word}, If_Match=seen)
        assert answer.status_code == 409, (word, answer.json)
        assert answer.json["refusals"][0]["code"] == "slot_not_offered"


def test_a_slot_word_from_the_end_of_time_is_refused_not_a_fault(cast):
    session = cast.dose()
    real = slots_of(cast.cora, session)[0]["id"]
    seats = base64.urlsafe_b64decode(real + "=" * (-len(real) % 4))[4:]
    for start in (b"\0" * 4, b"\xff" * 4, b"\xff" * 8, b"\0" * 8, b"\x7f" + b"\xff" * 7, b"\x80" + b"\0" * 7):
        word = base64.urlsafe_b64encode(start + seats).rstrip(b"=").decode()
        for path, more in (("hold", {}), ("changes/preview", {"verb": "move"})):
            answer = cast.cora.post(f"/v1/sessions/{session.id}/{path}", {"slot": word} | more)
            assert answer.status_code == 409, (start, answer.json)
