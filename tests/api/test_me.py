"""What does a patient's app get: the course, free times, an answer taken once, what was said?"""

from models import Answer, Question, db
from tests.api.conftest import booked


def test_the_course_comes_with_its_sessions(cast):
    course = cast.ada.get("/v1/me/course").json
    assert course["id"] == str(cast.course.id)
    assert course["sessions"] == cast.ada.get("/v1/me/sessions").json["items"]


def test_only_times_that_can_be_taken_are_offered(cast):
    booked(cast, 2)
    path = f"/v1/me/sessions/{cast.dose().id}/slots"
    for slot in cast.ada.get(f"{path}?from=2027-01-11T00:00:00Z&until=2027-01-20T00:00:00Z").json["items"]:
        assert set(slot) >= {"id", "starts_at", "ends_at"}
        assert slot["starts_at"]["at"] < "2027-01-14", "two days before the second dose"


def test_an_answer_in_the_app_counts_once_and_for_its_version(cast):
    session = booked(cast)
    path = f"/v1/me/sessions/{session['id']}/answers/transport"
    said = {"value": "yes", "version": session["version"]}
    first = cast.ada.put(path, said, Idempotency_Key="ride")
    assert (first.status_code, first.json["how"], first.json["value"]) == (200, "app", "yes")
    assert cast.ada.put(path, said, Idempotency_Key="ride").json == first.json
    assert db.session.query(Answer).count() == 1
    late = cast.ada.put(path, said | {"version": 7})
    assert (late.status_code, late.json["refusals"][0]["code"]) == (409, "version_changed")
    assert "transport" not in {step["step"] for step in cast.ada.get("/v1/me/now").json["missing"]}
    asked = db.session.scalars(db.select(Question).where(Question.step == "transport")).all()
    assert {question.state for question in asked} == {"answered"}


def test_urgent_is_for_the_safety_steps(cast):
    session = booked(cast)
    path = f"/v1/me/sessions/{session['id']}/answers"
    said = {"value": "urgent", "version": session["version"]}
    wrong = cast.ada.put(f"{path}/transport", said)
    assert (wrong.status_code, wrong.json["fields"][0]["field"]) == (422, "value")
    assert cast.ada.put(f"{path}/safety_evening", said).status_code == 200
    task = cast.cora.get("/v1/tasks?role=clinician").json["items"][0]
    assert (task["urgent"], task["reasons"][0]["code"]) == (True, "urgent_answer")


def test_reminders_are_the_patients_own(cast):
    booked(cast)
    mine = cast.ada.get("/v1/me/reminders?limit=200").json["items"]
    assert {"session_confirm", "solids_stop"} <= {one["kind"] for one in mine}
    everyones = cast.cora.get(f"/v1/reminders?patient={cast.course.patient_id}&limit=200").json["items"]
    assert {one["id"] for one in mine} == {one["id"] for one in everyones if one["part"] == "patient"}


def test_a_patient_without_a_course_hears_404(cast, speak):
    from models import Contact, Patient

    number = "+12125550150"
    contact = Contact(
        clinic_id=cast.home.clinic.id,
        number=number,
        number_index=Contact.index_of(number),
        zone="America/Chicago",
        language="es",
    )
    patient = Patient(clinic_id=cast.home.clinic.id, name="New Sample", contact_id=contact.id, change_no=0, stale=False)
    db.session.add_all([contact, patient])
    db.session.commit()
    new = speak("patient", patient.id, cast.home.clinic.id)
    assert new.get("/v1/me/course").status_code == 404
    assert new.get("/v1/me/now").json["now"]["zone"] == "America/Chicago"
