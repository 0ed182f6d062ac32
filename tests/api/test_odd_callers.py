"""Does what nobody ordinary sends break nothing, and reach nobody else?"""

import base64
import struct
import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from actions.courses.enrol import enrol
from actions.courses.support import name_support
from actions.courses.wish import Enrolment, SupportNamed
from care.names import is_a_name
from care.refusals import Code, Refused
from models import Contact, Protocol, RecordEntry, Reply, Sender, Task, db
from tests.api.test_webhooks import ACCOUNT, SERVICE, TOKEN, post, receipt, reply, sender, sent  # noqa: F401  fixtures
from tests.people import ADA, NOW, harbor


def test_odd_words_of_the_network_are_refused_and_break_nothing(cast, sent):  # noqa: F811
    path = f"/twilio/receipts?a={'t' * 22}"
    for form, status in (
        (receipt(AccountSid="AC\x00"), 403),
        (receipt(MessagingServiceSid="MG\x00"), 403),
        (receipt(sid="S" * 35), 400),
        (receipt(sid="SM\x00"), 400),
        (receipt(status="d" * 41), 400),
        (receipt(ErrorCode="9" * 30), 204),
    ):
        assert post(cast, path, form).status_code == status
    assert post(cast, "/twilio/receipts?a=%00", receipt()).status_code == 204
    assert post(cast, f"/twilio/receipts?a={'t' * 99}", receipt("sent")).status_code == 204
    assert post(cast, "/twilio/replies", reply(NumMedia="9" * 30)).status_code == 200


@pytest.fixture
def shared(cast, sender):  # noqa: F811
    """Both clinics send by one account; its replies do not say by which service they came."""
    for row in db.session.scalars(db.select(Sender)):
        row.account_sid, row.messaging_service_sid, row.auth_token = ACCOUNT, SERVICE, TOKEN
    db.session.commit()
    return {name: word for name, word in reply().items() if name != "MessagingServiceSid"}


def test_a_reply_on_a_shared_account_goes_to_the_clinic_that_knows_the_number(cast, shared):
    for home in (cast.home, cast.elsewhere):
        number = f"+1212555017{len(home.clinic.short_name)}"
        wish = Enrolment(name="Bo Sample", number=number, protocol="iv_6", starts_on=NOW.date())
        enrol(home.clinic, wish, by=home.cora, now=NOW)
        db.session.commit()
        assert (
            post(cast, "/twilio/replies", shared | {"From": number, "MessageSid": f"SM{number[1:]}"}).status_code == 200
        )
        (heard,) = [row for row in db.session.scalars(select(Reply)) if row.number == number]
        assert heard.clinic_id == home.clinic.id
        assert heard.contact_id is not None


def test_a_reply_that_two_clinics_could_be_meant_by_is_read_by_a_person(cast, shared):
    assert post(cast, "/twilio/replies", shared).status_code == 200
    heard = db.session.scalars(select(Reply)).one()
    assert (heard.meaning, heard.contact_id) == ("stranger", None)
    assert db.session.scalars(select(Task.state).where(Task.clinic_id == heard.clinic_id)).one() == "open"


def test_if_match_names_an_edition(cast):
    session = cast.dose()
    path = f"/v1/sessions/{session.id}"
    slot = next(each for each in cast.cora.get(f"{path}/slots?from=2027-01-12T14:00:00Z").json["items"])
    assert cast.cora.put(f"{path}/booking", {"slot": slot["id"]}, If_Match="*").status_code == 428
    assert cast.dose().status == "planned"


@pytest.mark.parametrize("later", [13, 60, 600])
def test_a_slot_that_no_search_offers_cannot_be_made_up(cast, later):
    path = f"/v1/me/sessions/{cast.dose().id}"
    offered = cast.ada.get(f"{path}/slots?from=2027-01-12T14:00:00Z").json["items"][0]["id"]
    packed = base64.urlsafe_b64decode(offered + "=" * (-len(offered) % 4))
    (seconds,) = struct.unpack(">I", packed[:4])
    made_up = base64.urlsafe_b64encode(struct.pack(">I", seconds + later) + packed[4:]).rstrip(b"=").decode()
    answer = cast.ada.put(f"{path}/booking", {"slot": made_up}, If_Match='"1"')
    assert (answer.status_code, answer.json["refusals"][0]["code"]) == (409, "slot_not_offered")
    assert cast.ada.put(f"{path}/booking", {"slot": offered}, If_Match='"1"').status_code == 200


def test_who_only_looks_waits_for_no_writer(cast):
    closing = {"from": "2027-01-12T14:00:00Z", "until": "2027-01-13T14:00:00Z"}
    course = f"/v1/courses/{cast.course.id}"
    db.session.commit()
    with db.engine.connect() as writer, writer.begin():
        writer.execute(text("UPDATE clinic SET edition = edition WHERE 1 = 0"))
        assert cast.ada.post("/v1/me/course/bookings/proposal", {}).status_code == 200
        assert cast.cora.post(f"{course}/bookings/proposal", {}).status_code == 200
        assert cast.cora.post("/v1/closures/preview", closing).status_code == 200


@pytest.mark.parametrize("name", ["iv%00", "%00", "a%20b", "iv_6%0a", "n" * 300])
def test_what_is_no_name_of_a_protocol_is_not_found(cast, name):
    for path in (f"/v1/protocols/{name}", f"/v1/protocols/{name}/versions"):
        assert cast.cora.get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("Ada Example", True), ("J.R. O'Neil-Ng", True), ("Dr. Sam Reyes", True), ("علی‌رضا", True), ("李娜", True),
        ("\u00a0", False), ("\u2003\u3000", False), ("...", False), ("Ada\u202eelpmaxE", False), ("A\u200bda", False),
        ("Ada https://evil.example", False), ("evil.example", False), ("www.evil.example/x", False), ("ada@evil", False),
    ],
)  # fmt: skip
def test_a_name_is_what_a_person_is_called(name, good):
    assert is_a_name(name) is good


@pytest.mark.parametrize("name", ["\u00a0", "Ada \u202eelpmaxE", "evil.example"])
def test_no_door_takes_what_is_no_name(cast, name):
    patient = {"name": name, "number": "+12125550120", "consented": True}
    answer = cast.cora.post("/v1/courses", {"patient": patient, "protocol": "iv_6", "starts_on": "2027-02-01"})
    assert [field["field"] for field in answer.json["fields"]] == ["patient.name"]
    answer = cast.cora.post(f"/v1/courses/{cast.course.id}/support-people", {"name": name, "number": "+12125550121"})
    assert answer.status_code == 422, answer.json


def test_a_course_begins_today_or_later(cast):
    patient = {"name": "Bo Sample", "number": "+12125550120", "consented": True}
    answer = cast.cora.post("/v1/courses", {"patient": patient, "protocol": "iv_6", "starts_on": "2027-01-03"})
    assert [refusal["code"] for refusal in answer.json["refusals"]] == ["in_the_past"]


def test_a_support_person_is_named_for_an_active_course_only(cast):
    cast.course.status, cast.course.ended_at = "discontinued", NOW
    db.session.commit()
    with pytest.raises(Refused) as refused:
        name_support(cast.course, SupportNamed("Sue", "+12125550121"), by=cast.home.cora, now=NOW)
    assert [each.code for each in refused.value.refusals] == [Code.COURSE_NOT_ACTIVE]


def test_enrolments_at_one_number_at_the_same_moment_all_count(app):
    home = harbor()
    clinic_id, cora = home.clinic.id, home.cora
    db.session.remove()
    start, outcomes = threading.Barrier(4), []

    def want() -> None:
        with app.app_context():
            clinic = db.session.get_one(type(home.clinic), clinic_id)
            db.session.rollback()
            start.wait()
            wish = Enrolment(name="Ada Example", number=ADA, protocol="iv_6", starts_on=NOW.date())
            try:
                enrol(clinic, wish, by=cora, now=NOW)
                db.session.commit()
                outcomes.append("enrolled")
            except IntegrityError as refused:
                outcomes.append(str(refused.orig))

    threads = [threading.Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes == ["enrolled"] * 4
    assert db.session.query(Contact).count() == db.session.query(Protocol).count() == 1


def test_the_record_is_neither_emptied_nor_replaced(app):
    harbor().enrol_ada()
    before = db.session.query(RecordEntry).count()
    statements = {
        "postgresql": ["TRUNCATE record_entry", "TRUNCATE clinic CASCADE", "TRUNCATE consent_event CASCADE"],
        "sqlite": [
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"
            for table in ("record_entry", "consent_event")
        ],
    }[db.engine.dialect.name]
    for statement in statements:
        with pytest.raises((IntegrityError, OperationalError), match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()
    assert db.session.query(RecordEntry).count() == before
