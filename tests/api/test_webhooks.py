"""Do receipts and replies count only when their own account signed them, once, and are they never lost?"""

import pytest
from twilio.request_validator import RequestValidator

from models import (
    Attempt,
    Message,
    Outcome,
    Purpose,
    Question,
    QuestionState,
    Receipt,
    Reply,
    Sender,
    Stage,
    Task,
    Transport,
    db,
)
from models.clock import care_now, machine_now
from models.columns import uuid7
from tests.api.conftest import booked
from tests.people import ADA, NOW

ACCOUNT, SERVICE, TOKEN = "AC" + "1" * 32, "MG" + "2" * 32, "an-invented-auth-token"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def sender(cast):
    """Harbor sends by Twilio; Cove does so with an account of its own."""
    for clinic, digit in ((cast.home.clinic, "1"), (cast.elsewhere.clinic, "9")):
        for row in db.session.scalars(db.select(Sender).where(Sender.clinic_id == clinic.id)):
            row.account_sid, row.messaging_service_sid = "AC" + digit * 32, "MG" + "2" * 32
            row.auth_token = TOKEN if digit == "1" else "their-own-auth-token"
            db.session.flush()
            row.transport = Transport.TWILIO
    db.session.commit()
    return db.session.scalars(
        db.select(Sender).where(Sender.clinic_id == cast.home.clinic.id, Sender.purpose == Purpose.CARE)
    ).one()


def post(cast, path, form, *, token=TOKEN, url=None, signature=None):
    signed = (
        signature
        if signature is not None
        else RequestValidator(token).compute_signature(url or f"http://localhost{path}", form)
    )
    return cast.stranger.client.post(path, data=form, headers={"X-Twilio-Signature": signed} if signed else {})


def reply(body="1", sid="SM" + "a" * 32, number=ADA, **more):
    return {
        "MessageSid": sid, "AccountSid": ACCOUNT, "MessagingServiceSid": SERVICE, "From": number, "To": "+12125550100",
        "Body": body, "NumMedia": "0", **more,
    }  # fmt: skip


def receipt(status="delivered", sid="SM" + "b" * 32, **more):
    return {
        "MessageSid": sid, "MessageStatus": status, "AccountSid": ACCOUNT, "MessagingServiceSid": SERVICE, "To": ADA, **more,
    }  # fmt: skip


@pytest.fixture
def sent(cast, sender):
    """A text of ours that the provider took in, with its attempt."""
    patient = cast.home.patient(cast.course)
    message = Message(
        clinic_id=sender.clinic_id, contact_id=patient.contact_id, patient_id=patient.id, sender_id=sender.id, body="Hello",
        segments=1, load="change", stage=Stage.SENT, sent_at=NOW, made_at=NOW, not_after=NOW.replace(day=9), claim=uuid7(),
        lease_until=machine_now(), looks=0,
    )  # fmt: skip
    attempt = Attempt(
        clinic_id=sender.clinic_id, message_id=message.id, sender_id=sender.id, number=1, token="t" * 22,
        verdict="accepted", sid="SM" + "b" * 32, posted_at=machine_now(), answered_at=machine_now(),
    )  # fmt: skip
    db.session.add_all([message, attempt])
    db.session.commit()
    return message


def test_a_signed_receipt_is_stored_and_understood_at_once(cast, sent):
    answer = post(cast, f"/twilio/receipts?a={'t' * 22}", receipt())
    assert (answer.status_code, answer.data) == (204, b"")
    db.session.refresh(sent)
    assert sent.outcome == Outcome.DELIVERED
    assert db.session.scalars(db.select(Receipt.interpreted_at)).one() is not None


def test_receipts_may_come_again_and_in_any_order(cast, sent):
    path = f"/twilio/receipts?a={'t' * 22}"
    for status in ("delivered", "sent", "delivered", "queued", "sent"):
        assert post(cast, path, receipt(status)).status_code == 204
    db.session.refresh(sent)
    assert sent.outcome == Outcome.DELIVERED
    assert db.session.query(Receipt).count() == 3


def test_a_failure_comes_with_its_code(cast, sent):
    form = receipt("undelivered", ErrorCode="30003", ErrorMessage="Unreachable", RawDlrDoneDate="2701041000")
    assert post(cast, f"/twilio/receipts?a={'t' * 22}", form).status_code == 204
    db.session.refresh(sent)
    assert (sent.outcome, sent.error_code) == (Outcome.UNDELIVERED, 30003)


def test_a_signed_reply_answers_and_nothing_is_texted_back_here(cast, sender):
    answer = post(cast, "/twilio/replies", reply("what time again?"))
    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    assert answer.data.endswith(b"<Response/>")
    heard = db.session.scalars(db.select(Reply)).one()
    assert (heard.body, heard.understood_at is not None) == ("what time again?", True)
    assert db.session.query(Task).filter_by(patient_id=cast.course.patient_id).count() == 1
    assert post(cast, "/twilio/replies", reply("what time again?")).status_code == 200
    assert db.session.query(Reply).count() == 1


def test_replies_show_in_the_conversation(cast, sender):
    post(cast, "/twilio/replies", reply("running late 🚗"))
    texts = cast.cora.get(f"/v1/messages?patient={cast.course.patient_id}").json["items"]
    assert [(text["direction"], text["body"]) for text in texts] == [("in", "running late 🚗")]
    assert cast.their_cora.get(f"/v1/messages?patient={cast.their_course.patient_id}").json["items"] == []


@pytest.mark.parametrize("path", ["/twilio/receipts?a=x", "/twilio/replies"])
def test_a_wrong_signature_opens_nothing(cast, sender, path):
    form = receipt() if "receipts" in path else reply()
    for answer in (
        post(cast, path, form, signature=""),
        post(cast, path, form, signature="c29tZXRoaW5nIGVsc2U="),
        post(cast, path, form, token="another-auth-token"),
        post(cast, path, form, url=f"https://localhost{path}"),
        post(cast, path, form, url=f"http://localhost{path}&more=1"),
        post(cast, path, form | {"AccountSid": "AC" + "9" * 32}),
        post(cast, path, form | {"AccountSid": "AC" + "5" * 32}),
        post(cast, path, {"Body": "1"}),
        cast.stranger.client.post(path, data=form, headers={"X-Forwarded-Host": "localhost"}),
    ):
        assert answer.status_code == 403
        assert answer.mimetype == "application/problem+json"
    assert db.session.query(Receipt).count() == db.session.query(Reply).count() == 0


def test_a_changed_form_does_not_fit_its_signature(cast, sender):
    signature = RequestValidator(TOKEN).compute_signature("http://localhost/twilio/replies", reply("1"))
    assert post(cast, "/twilio/replies", reply("2"), signature=signature).status_code == 403


def test_one_account_cannot_speak_for_another_clinics_text(cast, sent):
    """Cove's account signs a receipt that names Harbor's attempt."""
    form = receipt() | {"AccountSid": "AC" + "9" * 32}
    answer = post(cast, f"/twilio/receipts?a={'t' * 22}", form, token="their-own-auth-token")
    assert answer.status_code == 204
    db.session.refresh(sent)
    assert sent.outcome is None


def test_the_address_is_judged_as_it_was_sent(cast, sent):
    path = f"/twilio/receipts?a={'t' * 22}&x=%20+%C3%A9"
    assert post(cast, path, receipt()).status_code == 204


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_only_forms_are_read(cast, sender, content_type):
    answer = cast.stranger.client.post("/twilio/replies", data=b"{}", content_type=content_type)
    assert answer.status_code == 415


def test_what_was_stored_is_not_lost_when_understanding_fails(cast, sender, monkeypatch, caplog):
    import api.routes.webhooks as door

    def fails(*_, **__):
        raise RuntimeError("while reading +12125550101")

    monkeypatch.setattr(door, "understand_reply", fails)
    assert post(cast, "/twilio/replies", reply("1")).status_code == 200
    heard = db.session.scalars(db.select(Reply)).one()
    assert heard.understood_at is None
    assert ADA not in caplog.text


def test_a_yes_to_the_open_question_confirms_the_step(cast, sent):
    session = booked(cast)
    patient = cast.home.patient(cast.course)
    question = db.session.scalars(db.select(Question).where(Question.step == "attendance")).first()
    question.state, question.contact_id, question.asked_at = QuestionState.OPEN, patient.contact_id, care_now()
    sent.question_id = question.id
    db.session.commit()
    assert post(cast, "/twilio/replies", reply("Yes!")).status_code == 200
    db.session.refresh(question)
    assert question.state == QuestionState.ANSWERED
    steps = {step["step"]: step for step in cast.cora.get(f"/v1/sessions/{session['id']}/readiness").json["steps"]}
    assert (steps["attendance"]["state"], steps["attendance"]["how"]) == ("yes", "text")


def test_a_nul_or_a_huge_field_breaks_nothing(cast, sender):
    assert post(cast, "/twilio/replies", reply("a\x00b")).status_code == 200
    assert db.session.scalars(db.select(Reply)).one().body == "ab"
    assert post(cast, "/twilio/replies", reply(sid="S" * 100)).status_code == 400
    assert post(cast, "/twilio/replies", reply(number="+1" * 400)).status_code == 400
