"""Can a clinician keep protocols and a course's own rules on pages, and does a coordinator see where each number comes from?"""

from urllib.parse import quote

from actions.facts import rules_of
from actions.protocols.safety import open_safety_version
from models import Course, Override, Protocol, db


def test_a_clinician_makes_a_safety_version_and_adopts_it_for_a_course(clinic, course, console, practice):
    page = console.open("/console/protocols")
    assert "Clinic course: 6 sessions, then as agreed" in page.text
    assert "/console/protocols/home_kap_2w" in page.links
    page = console.open("/console/protocols/iv_6")
    assert "preparation.solids_h 8 G [S58]" in page.text
    assert "Show the version" not in page.text

    wrong = practice.open("/console/protocols/iv_6?lines=" + quote("preparation.solids_h = 99\ncolour = 1"))
    assert "preparation.solids_h must be a number from 0 to 24" in wrong.text
    assert "colour is not a field" in wrong.text
    assert "is not written as" in practice.open("/console/protocols/iv_6?lines=solids").text
    shown = practice.open("/console/protocols/iv_6?lines=" + quote("preparation.solids_h = 9 | G [S58]"))
    assert "preparation.solids_h 8 9 G [S58]" in shown.text
    assert "1 running course follows an earlier version" in shown.text
    form = {"lines": "preparation.solids_h = 9 | G [S58]", "follows": "1", "safety": "yes", "reason": "Our rooms."}
    assert practice.post("/console/protocols/iv_6", {**form, "reason": ""}).status == 422
    assert console.post("/console/protocols/iv_6", form).status == 403
    made = practice.post("/console/protocols/iv_6", form)
    assert "Version 2 safety version" in made.text
    assert "changes nothing" in practice.post("/console/protocols/iv_6", {**form, "safety": "", "follows": "2"}).text

    version = db.session.scalars(db.select(Protocol).filter_by(version=2)).one()
    path = f"/console/courses/{course.id}"
    assert f"{path}/rules" in console.open(path).links
    assert "A clinician decides" in console.open(f"{path}/rules").text
    page = practice.open(f"{path}/rules?adopt={version.id}")
    assert "preparation.solids_h 8 9" in page.text
    token = page.form(f"{path}/adopt").fields["plan"][0]
    agreed = {"adopt": str(version.id), "plan": token, "phase": "", "reason": "safer"}
    again = practice.post(f"{path}/adopt", {**agreed, "plan": "x"})
    assert (again.status, again.form(f"{path}/adopt").fields["plan"][0]) == (409, token)
    assert "goes on under the new rules" in practice.post(f"{path}/adopt", agreed).text
    db.session.expire_all()
    assert rules_of(db.session.get_one(Course, (course.clinic_id, course.id))).preparation.solids_h == 9


def test_a_clinician_declines_and_overrides_on_pages(clinic, course, practice, console):
    form = {"lines": "lapse_days = 30", "follows": "1", "safety": "yes", "reason": "Look sooner."}
    assert practice.post("/console/protocols/iv_6", form).status == 200
    path = f"/console/courses/{course.id}"
    assert console.post(f"{path}/decline", {"decline_reason": "no"}).status == 403
    assert "Declined" in practice.post(f"{path}/decline", {"decline_reason": "sees us weekly"}).text
    assert open_safety_version(course) is None

    assert "must not be below 8" in practice.open(f"{path}/rules?path=preparation.solids_h&value=4").text
    page = practice.open(f"{path}/rules?path=preparation.solids_h&value=24")
    token = page.form(f"{path}/overrides").fields["plan"][0]
    agreed = {"path": "preparation.solids_h", "value": "24", "plan": token, "reason": "a slow stomach"}
    assert "another one for this course" in practice.post(f"{path}/overrides", agreed).text
    row = db.session.scalars(db.select(Override)).one()
    page = practice.open(f"{path}/rules?end={row.id}")
    agreed = {"end": str(row.id), "plan": page.form("/end").fields["plan"][0], "reason": "stopped it"}
    assert "own number holds again" in practice.post(f"{path}/overrides/{row.id}/end", agreed).text
    assert practice.open("/console/protocols/nothing").status == 404
