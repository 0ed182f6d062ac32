"""Does one request tell an app all that its start page needs, in the patient's own words?"""

from datetime import UTC, datetime, timedelta
from itertools import product

from care.facts import Part, SessionKind, Step
from care.readiness import State
from care.windows import Window, WindowKind
from care.words import screen
from models import Contact, Question, Resource, db
from models.clock import set_care_clock
from tests.api.conftest import booked


def at(when):
    set_care_clock(when)
    db.session.commit()


def now_for(cast):
    got = cast.ada.get("/v1/me/now")
    assert got.status_code == 200, got.json
    return got.json


def test_before_anything_is_booked_it_says_what_has_no_time_yet(cast):
    now = now_for(cast)
    assert (now["next_session"], now["windows"], now["questions"], now["missing"], now["today"]) == (
        None,
        [],
        [],
        [],
        [],
    )
    doses = [session for session in now["to_book"] if session["kind"] == "dosing"]
    assert [session["number"] for session in doses] == [1, 2, 3, 4, 5, 6]
    assert (now["course"]["id"], now["course"]["status"]) == (str(cast.course.id), "active")
    assert now["call"] == {"name": "Harbor", "phone": "212-555-0100"}
    assert now["change_no"] == cast.ada.get("/v1/me/snapshot").json["last"]


def test_the_next_session_says_where_when_to_arrive_and_with_whom(cast):
    session = booked(cast)
    coming = now_for(cast)["next_session"]
    assert coming["id"] == session["id"]
    assert {**coming, "place": 0, "support": 0} == {**session, "place": 0, "support": 0}, "a session as everywhere"
    assert coming["place"] == {
        "name": "Harbor",
        "address": None,
        "room": "chair of Harbor",
        "online": False,
        "at_home": False,
        "people": [
            {"kind": "clinician", "name": "clinician of Harbor"},
            {"kind": "monitor", "name": "monitor of Harbor"},
        ],
    }
    assert coming["support"]["name"] == "Sam Sample"
    chair = db.session.scalars(
        db.select(Resource).where(Resource.clinic_id == cast.home.clinic.id, Resource.kind == "chair")
    ).one()
    chair.address = "12 Elm St"
    db.session.commit()
    assert now_for(cast)["next_session"]["place"]["address"] == "12 Elm St"


def test_on_the_day_each_line_is_said_as_a_text_would(cast):
    booked(cast)
    starts_at = cast.dose().starts_at
    at(starts_at - timedelta(hours=4))
    now = now_for(cast)
    kinds = {window["kind"] for window in now["windows"]}
    assert {"solids", "alcohol"} <= kinds
    assert {"driving", "observation"} <= {window["kind"] for window in now["coming"]}
    said = [line["say"] for line in now["today"]]
    assert said[0] == "Your visit is Tue, Jan 12 at 9:00 AM. Please arrive by 8:45 AM."
    assert any(line.startswith("No alcohol until") for line in said)
    assert any(line.startswith("Nothing to eat until your visit") for line in said)
    assert any(line.startswith("No driving from 9:00 AM Tuesday until") for line in said)
    assert all(line["at"]["say"] for line in now["today"] if line["at"])


def test_what_is_missing_says_whose_word_is_needed_by_when_and_what_may_be_answered(cast):
    session = booked(cast)
    missing = {one["step"]: one for one in now_for(cast)["missing"]}
    ride = missing["transport"]
    assert (ride["whose"], ride["answers"], ride["gate"]) == ("patient", ["yes", "no", "call"], "hard")
    assert ride["say"] == "Do you have a ride home on Tue, Jan 12?"
    assert ride["deadline"]["at"] < session["starts_at"]["at"]
    assert (ride["role"], ride["state"]) == ("coordinator", State.WAITING)
    for answer in ride["answers"]:
        said = {"value": answer, "version": ride["version"]}
        assert cast.ada.put(f"/v1/me/sessions/{ride['session_id']}/answers/transport", said).status_code == 200
    said = {"value": "yes", "version": ride["version"]}
    cast.ada.put(f"/v1/me/sessions/{ride['session_id']}/answers/transport", said)
    assert "transport" not in {one["step"] for one in now_for(cast)["missing"]}


def test_an_open_question_can_be_answered_as_it_says(cast):
    session = booked(cast)
    question = db.session.scalars(
        db.select(Question).where(Question.step == "attendance", Question.session_id == cast.dose().id)
    ).one()
    question.state, question.contact_id = "open", cast.home.patient(cast.course).contact_id
    db.session.commit()
    now = now_for(cast)
    (asked,) = now["questions"]
    assert (asked["step"], asked["say"]) == ("attendance", "Can you make it on Tue, Jan 12?")
    assert {"about": "question", "at": None, "say": asked["say"]} in now["today"]
    said = {"value": asked["answers"][0], "version": asked["version"]}
    assert cast.ada.put(f"/v1/me/sessions/{session['id']}/answers/attendance", said).status_code == 200
    assert now_for(cast)["questions"] == []


def test_everything_is_said_in_the_patients_language_and_zone(cast):
    booked(cast)
    contact = db.session.get_one(Contact, (cast.home.clinic.id, cast.home.patient(cast.course).contact_id))
    contact.language, contact.zone = "es", "America/Chicago"
    db.session.commit()
    at(cast.dose().starts_at - timedelta(hours=2))
    now = now_for(cast)
    assert now["now"]["zone"] == "America/Chicago"
    assert now["today"][0]["say"].startswith("Su visita es el martes 12 de enero a las 8:00 a.m.")
    assert "¿Tiene quien le lleve a casa el martes 12 de enero?" in {one["say"] for one in now["missing"]}


def test_every_sentence_is_there_in_both_languages_for_all_that_can_be_asked_or_forbidden():
    assert screen.ENGLISH.keys() == screen.SPANISH.keys()
    starts = datetime(2027, 1, 12, 15, tzinfo=UTC)
    for language in screen.WORDS:
        for step in set(Step) - {Step.INVITATION}:
            for whose in Part if step in screen.THEIRS else (Part.PATIENT,):
                assert screen.say_step(step, whose, starts, "UTC", language)
        for kind, at_home, now in product(WindowKind, (True, False), (starts, starts - timedelta(days=1))):
            window = Window(kind, starts, starts + timedelta(hours=1), ())
            assert screen.say_window(window, set(), at_home=at_home, now=now, zone="UTC", language=language)
        for visit in SessionKind:
            assert screen.say_visit(visit, starts, starts, at_home=False, zone="UTC", language=language)
