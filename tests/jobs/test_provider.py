"""What does each misbehaviour on the wire prove? The real client against a raw socket."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from twilio.request_validator import RequestValidator

from actions.texts.send import Account, Envelope
from jobs.provider import Phones, Signatures, Sought, Twilio, Unreachable
from models import Verdict
from tests.jobs.fake_provider import (
    ACCOUNT,
    AUTH_TOKEN,
    BROKEN,
    BUSY,
    HALF,
    HANG,
    HTML,
    OK,
    RESET,
    SERVICE,
    provider,
    refused_url,
)

OURS = Account("twilio", ACCOUNT, SERVICE, AUTH_TOKEN)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def envelope(body: str = "Harbor: hello") -> Envelope:
    return Envelope(uuid4(), uuid4(), uuid4(), OURS, "+12125550101", body, "f" * 32, 600)


def twilio(url: str) -> Twilio:
    return Twilio(base_url=url, public_url="https://clinic.example", timeout_s=0.5)


@pytest.fixture
def fake():
    with provider() as fake:
        yield fake


def test_a_text_that_is_taken_in_has_its_sid_and_status(fake):
    posted = twilio(fake.url).post(envelope())
    assert (posted.verdict, posted.sid, posted.status) == (Verdict.ACCEPTED, fake.taken[0]["sid"], "accepted")


def test_the_call_names_our_token_the_service_and_the_time_left(fake):
    twilio(fake.url).post(envelope())
    sent = fake.posts[0]
    assert sent["StatusCallback"].startswith(f"https://clinic.example/twilio/receipts?a={'f' * 32}#")
    assert (sent["MessagingServiceSid"], sent["ValidityPeriod"]) == (SERVICE, "600")
    assert "From" not in sent


@pytest.mark.parametrize("mood", [HANG, RESET, HALF, HTML, BROKEN])
def test_a_lost_answer_proves_nothing_and_is_asked_for_once(fake, mood):
    fake.usually = mood
    assert twilio(fake.url).post(envelope()).verdict is Verdict.UNKNOWN
    assert len(fake.posts) == 1


def test_a_refusal_carries_its_code(fake):
    fake.usually = 21610
    posted = twilio(fake.url).post(envelope())
    assert (posted.verdict, posted.code) == (Verdict.REJECTED, 21610)


def test_too_many_requests_proves_that_nothing_was_taken_in(fake):
    fake.usually = BUSY
    posted = twilio(fake.url).post(envelope())
    assert (posted.verdict, posted.code) == (Verdict.NOT_SENT, 20429)


def test_a_refused_connection_proves_that_nothing_was_taken_in():
    assert twilio(refused_url()).post(envelope()).verdict is Verdict.NOT_SENT


def test_a_name_that_nobody_knows_proves_that_nothing_was_taken_in():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.getaddrinfo", _nobody)
        assert twilio("http://nobody.invalid").post(envelope()).verdict is Verdict.NOT_SENT


def _nobody(*_: object, **__: object) -> None:
    import socket

    raise socket.gaierror(-2, "Name or service not known")


def test_a_list_finds_a_text_by_number_words_and_time(fake):
    client = twilio(fake.url)
    posted = client.post(envelope())
    client.post(envelope("Harbor: something else"))
    recently = datetime.now(UTC) - timedelta(seconds=5)  # noqa: TID251
    found = client.find(Sought(OURS, "+12125550101", "Harbor: hello", recently))
    assert [each.sid for each in found] == [posted.sid]


def test_a_list_leaves_out_what_is_older_than_the_call(fake):
    client = twilio(fake.url)
    client.post(envelope())
    later = datetime.now(UTC) + timedelta(minutes=5)  # noqa: TID251
    assert client.find(Sought(OURS, "+12125550101", "Harbor: hello", later)) == []


def test_a_list_that_cannot_be_read_says_so():
    with pytest.raises(Unreachable):
        twilio(refused_url()).find(Sought(OURS, "+12125550101", "Harbor: hello", LONG_AGO))


def test_the_demonstrations_phones_take_everything_in():
    posted = Phones().post(envelope())
    assert posted.verdict is Verdict.ACCEPTED
    assert posted.status == "delivered"
    assert len(posted.sid or "") == 34


def test_a_signature_holds_for_the_public_address_and_no_other():
    verify, form = Signatures("https://clinic.example"), {"MessageSid": "SM1", "Body": " 1 "}
    signed = RequestValidator(AUTH_TOKEN).compute_signature("https://clinic.example/twilio/receipts?a=x", form)
    assert verify("/twilio/receipts?a=x", form, signed, AUTH_TOKEN)
    assert verify("https://clinic.example/twilio/receipts?a=x", form, signed, AUTH_TOKEN)
    assert not verify("/twilio/receipts?a=y", form, signed, AUTH_TOKEN)
    assert not verify("/twilio/receipts?a=x", {**form, "Body": "1"}, signed, AUTH_TOKEN)


@pytest.mark.parametrize("missing", [None, ""])
def test_a_missing_signature_or_token_never_holds(missing):
    verify = Signatures("https://clinic.example")
    assert not verify("/twilio/replies", {}, missing, AUTH_TOKEN)
    assert not verify("/twilio/replies", {}, "c2lnbmVk", missing)


def test_after_a_good_call_the_same_thread_calls_again(fake):
    client = twilio(fake.url)
    assert [client.post(envelope()).verdict for _ in range(3)] == [Verdict.ACCEPTED] * 3
    assert fake.usually == OK
