"""Who can reach a demonstration, whose forms act, and where can a text lead?"""

import pytest

from models import Reply, Sender, db
from tests.databases import app_on
from tests.people import ADA, NOW
from web.show import linked


@pytest.mark.parametrize(
    ("host", "address", "status"),
    [
        ("localhost", "127.0.0.1", 200),
        ("127.0.0.1:8000", "127.0.0.1", 200),
        ("[::1]:8000", "::1", 200),
        ("clinic.example", "127.0.0.1", 403),
        ("localhost.example", "127.0.0.1", 403),
        ("localhost", "192.0.2.7", 403),
        ("localhost", "", 403),
    ],
)
def test_a_demonstration_answers_its_own_machine_alone(client, host, address, status):
    for path in ("/", "/healthz"):
        answer = client.get(path, headers={"Host": host}, environ_overrides={"REMOTE_ADDR": address})
        assert answer.status_code == status


def test_a_public_demonstration_answers_others(database):
    with app_on(database.url, DEMO="1", DEMO_PUBLIC="1") as app:
        there = {"REMOTE_ADDR": "192.0.2.7"}
        answer = app.test_client().get("/healthz", headers={"Host": "clinic.example"}, environ_overrides=there)
        assert answer.status_code == 200


def test_forms_of_a_public_place_come_from_its_own_address_whatever_the_host_says(database):
    with app_on(database.url, DEMO="1", DEMO_PUBLIC="1", PUBLIC_BASE_URL="https://clinic.example") as app:
        for origin, status in (
            ("https://clinic.example", 422),  # let in; the form itself is empty
            ("https://evil.example", 403),
            ("http://clinic.example", 403),
            ("null", 403),
        ):
            headers = {"Origin": origin, "Host": origin.partition("//")[2] or "x"}
            answer = app.test_client().post("/console/sign-in", data={}, headers=headers)
            assert answer.status_code == status, origin


@pytest.mark.parametrize(
    "body",
    [
        "http://localhostjavascript:alert(1)",
        "http://localhost//evil.example/x",
        "http://localhost.evil.example/x",
        "http://localhost/\\evil.example",
        "http://localhost@evil.example/",
        "https://evil.example/go/abc",
        "javascript:alert(1)",
    ],
)
def test_a_text_links_to_nothing_but_ourselves(app, body):
    assert "href" not in linked(body)


def test_our_own_links_work_under_whatever_name_the_browser_knows_us(app):
    shown = linked("Choose: http://localhost/go/aB-_9. <b>")
    assert shown == 'Choose: <a href="/go/aB-_9">http://localhost/go/aB-_9</a>. &lt;b&gt;'


def test_what_a_patient_writes_is_never_a_link(clinic, course, console):
    sender = db.session.scalars(db.select(Sender).filter_by(clinic_id=clinic.clinic.id, purpose="care")).one()
    patient = clinic.patient(course)
    for number, body in enumerate(("see http://localhost/go/abc", "see https://evil.example/x")):
        reply = Reply(
            clinic_id=sender.clinic_id, sender_id=sender.id, sid=f"SM{number}", contact_id=patient.contact_id, number=ADA,
            body=body, received_at=NOW,
        )  # fmt: skip
        db.session.add(reply)
    db.session.commit()
    page = console.open(f"/console/patients/{patient.id}")
    assert "evil.example/x" in page.text
    assert not [link for link in page.links if "evil" in link or "/go/" in link]
