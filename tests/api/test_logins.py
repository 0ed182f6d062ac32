"""Does a one-time code open one door once, and does a stolen refresh token close the house?"""

import re
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine

from actions.clinics.sign_in import ids_in
from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment
from models import LoginCode, Message, Patient, Purpose, RefreshToken, Reminder, Sender, db
from models.clock import care_now, machine_now
from tests.api.conftest import Speaker
from tests.people import ADA, NOW, SAM

AGAINST = {"Idempotency_Key": None}


def ask(cast, number=ADA, clinic=None, *, later=0):
    """A challenge, asked for `later` seconds from now."""
    with time_machine.travel(machine_now() + timedelta(seconds=later), tick=False):
        return ask_now(cast, number, clinic)


def ask_now(cast, number=ADA, clinic=None):
    answer = cast.stranger.post(
        "/v1/auth/codes", {"clinic": str(clinic or cast.home.clinic.id), "number": number}, **AGAINST
    )
    assert answer.status_code == 202, answer.json
    return answer.json["challenge"]


def code_of(challenge):
    return LoginCode.digits(ids_in(challenge)[1])


def trade(cast, challenge, code):
    return cast.stranger.post("/v1/auth/tokens", {"challenge": challenge, "code": code}, **AGAINST)


def refresh(cast, token):
    return cast.stranger.post("/v1/auth/refresh", {"refresh_token": token}, **AGAINST)


def wrong(code):
    return f"{(int(code) + 1) % 10**8:08d}"


def closed(answer):
    return answer.status_code == 401 and answer.json["type"] == "urn:steadfast:problem:sign-in-failed"


def sent_codes():
    return db.session.scalars(db.select(Reminder).where(Reminder.kind == "login_code")).all()


def test_a_code_from_a_text_signs_the_patient_in(app, cast):
    challenge = ask(cast)
    (reminder,) = sent_codes()
    sender = db.session.get_one(Sender, reminder.sender_id)
    assert sender.purpose == Purpose.LOGIN
    db.session.commit()
    app.extensions["steadfast.dispatch"](care_now)
    message = db.session.scalars(db.select(Message).where(Message.sender_id == sender.id)).one()
    assert code_of(challenge) in message.body
    tokens = trade(cast, challenge, re.search(r"\d{8}", message.body)[0]).json
    assert tokens["token_type"] == "Bearer"
    assert Speaker(cast.stranger.client, tokens["access_token"]).get("/v1/me/course").json["id"] == str(cast.course.id)


def test_the_code_is_nowhere_in_the_table(cast):
    challenge = ask(cast)
    row = db.session.scalars(db.select(LoginCode)).one()
    assert code_of(challenge).encode() not in bytes(row.code_digest)
    assert code_of(challenge) not in str(sent_codes()[0].fills)


def test_an_unknown_number_hears_exactly_the_same(cast):
    known = cast.stranger.post("/v1/auth/codes", {"clinic": str(cast.home.clinic.id), "number": ADA}, **AGAINST)
    for clinic, number in ((cast.home.clinic.id, "+12125550177"), (UUID(int=5), ADA), (cast.home.clinic.id, SAM)):
        other = cast.stranger.post("/v1/auth/codes", {"clinic": str(clinic), "number": number}, **AGAINST)
        assert other.status_code == known.status_code
        assert {name: len(str(word)) for name, word in other.json.items()} == {
            name: len(str(word)) for name, word in known.json.items()
        }
        assert closed(trade(cast, other.json["challenge"], code_of(other.json["challenge"])))
    assert len(sent_codes()) == 1


def test_a_number_that_two_people_answer_never_signs_in_by_text(cast):
    enrol(
        cast.home.clinic,
        Enrolment(name="Bo Sample", number=ADA, protocol="iv_6", starts_on=NOW.date()),
        by=cast.home.cora,
        now=NOW,
    )
    db.session.commit()
    challenge = ask(cast)
    assert not sent_codes()
    assert closed(trade(cast, challenge, code_of(challenge)))


def test_a_code_works_once_with_its_own_challenge(cast):
    first, second = ask(cast), ask(cast, later=31)
    assert closed(trade(cast, first, code_of(second)))
    assert trade(cast, first, code_of(first)).status_code == 200
    assert closed(trade(cast, first, code_of(first)))
    assert trade(cast, second, code_of(second)).status_code == 200


def test_five_guesses_and_the_right_code_comes_too_late(cast):
    challenge = ask(cast)
    for _ in range(5):
        assert closed(trade(cast, challenge, wrong(code_of(challenge))))
    assert closed(trade(cast, challenge, code_of(challenge)))
    assert db.session.scalars(db.select(LoginCode.guesses)).one() == 5, "a guess counts although its answer was no"


def test_fifty_guesses_a_day_over_all_challenges(cast):
    challenges = [ask(cast, later=31 * count) for count in range(10)]
    for row in db.session.scalars(db.select(LoginCode)):
        row.guesses = 5
    db.session.commit()
    db.session.execute(db.update(LoginCode).where(LoginCode.id == ids_in(challenges[0])[1]).values(guesses=4))
    db.session.commit()
    assert trade(cast, challenges[0], code_of(challenges[0])).status_code == 200
    assert closed(trade(cast, challenges[0], code_of(challenges[0])))


def test_ten_codes_a_day_and_no_more_texts(cast):
    challenges = [ask(cast, later=31 * count) for count in range(11)]
    assert len(sent_codes()) == 10
    assert closed(trade(cast, challenges[10], code_of(challenges[10])))


def test_codes_do_not_follow_on_each_others_heels(cast):
    ask(cast)
    too_soon = ask(cast, later=29)
    assert len(sent_codes()) == 1
    assert closed(trade(cast, too_soon, code_of(too_soon)))
    assert closed(trade(cast, ask(cast, later=29), "12345678"))
    ask(cast, later=31)
    assert len(sent_codes()) == 2


def test_of_a_number_that_nobody_has_nothing_is_kept(cast):
    for number in ("+12125550177", SAM):
        ask(cast, number)
    assert db.session.query(LoginCode).count() == 0


def test_a_code_is_over_after_ten_minutes(cast):
    challenge = ask(cast)
    with time_machine.travel(machine_now() + timedelta(seconds=601), tick=False):
        assert closed(trade(cast, challenge, code_of(challenge)))


@pytest.mark.parametrize("word", ["A", "AAAA", "_" * 43, "a" * 80])
def test_words_that_are_no_challenge_answer_alike(cast, word):
    assert closed(trade(cast, word, "12345678"))


def test_codes_have_eight_digits(cast):
    challenge = ask(cast)
    for code in ("1234567", "123456789", "1234567a", "１２３４５６７８", 12345678):
        answer = trade(cast, challenge, code)
        assert answer.status_code == 422
    assert db.session.scalars(db.select(LoginCode.guesses)).one() == 0


@pytest.fixture
def tokens(cast):
    challenge = ask(cast)
    return trade(cast, challenge, code_of(challenge)).json


def test_a_refresh_token_is_traded_for_the_next(cast, tokens):
    second = refresh(cast, tokens["refresh_token"])
    assert second.status_code == 200
    assert second.json["refresh_token"] != tokens["refresh_token"]
    third = refresh(cast, second.json["refresh_token"])
    assert Speaker(cast.stranger.client, third.json["access_token"]).get("/v1/me/now").status_code == 200


def test_a_spent_token_that_comes_back_ends_the_family(cast, tokens):
    second = refresh(cast, tokens["refresh_token"]).json
    with time_machine.travel(machine_now() + timedelta(seconds=11), tick=False):
        assert closed(refresh(cast, tokens["refresh_token"]))
        assert closed(refresh(cast, second["refresh_token"])), "nobody knows which of the two is the thief"
    assert all(row.revoked_at for row in db.session.scalars(db.select(RefreshToken)))


def test_an_answer_that_was_lost_may_be_asked_for_again_at_once(cast, tokens):
    lost = refresh(cast, tokens["refresh_token"]).json
    again = refresh(cast, tokens["refresh_token"])
    assert again.status_code == 200
    assert closed(refresh(cast, lost["refresh_token"])), "the one that was lost is withdrawn, and who has it is not us"


def test_a_family_ends_thirty_days_after_its_sign_in(cast, tokens):
    with time_machine.travel(machine_now() + timedelta(days=29), tick=False):
        later = refresh(cast, tokens["refresh_token"])
        assert later.status_code == 200
    with time_machine.travel(machine_now() + timedelta(days=30, minutes=1), tick=False):
        assert closed(refresh(cast, later.json["refresh_token"]))


def test_an_access_token_is_over_after_ten_minutes(cast, tokens):
    me = Speaker(cast.stranger.client, tokens["access_token"])
    assert me.get("/v1/me/now").status_code == 200
    with time_machine.travel(machine_now() + timedelta(seconds=600), tick=False):
        assert me.get("/v1/me/now").status_code == 401


def test_refresh_tokens_are_kept_as_digests(cast, tokens):
    assert tokens["refresh_token"].encode() not in b"".join(
        bytes(row.digest) for row in db.session.scalars(db.select(RefreshToken))
    )
    assert closed(refresh(cast, tokens["refresh_token"][:-2] + "AA"))


def test_a_number_that_changed_hands_no_longer_signs_in(cast):
    challenge = ask(cast)
    patient = db.session.get_one(Patient, (cast.home.clinic.id, cast.course.patient_id))
    other = enrol(
        cast.home.clinic,
        Enrolment(name="Bo Sample", number="+12125550120", protocol="iv_6", starts_on=NOW.date()),
        by=cast.home.cora,
        now=NOW,
    )
    patient.contact_id = db.session.get_one(Patient, (cast.home.clinic.id, other.patient_id)).contact_id
    db.session.commit()
    assert closed(trade(cast, challenge, code_of(challenge)))


def test_staff_never_read_a_code_that_would_sign_them_in(app, cast):
    """Neither through the API nor on the patient's page; the patient's own phone shows it."""
    code = code_of(ask(cast))
    app.extensions["steadfast.dispatch"](care_now)
    for speaker in (cast.cora, cast.clive):
        texts = speaker.get(f"/v1/messages?patient={cast.course.patient_id}").json["items"]
        assert any("login_code" in text["kinds"] for text in texts)
        assert code not in str(texts)
    home, browser = cast.home, app.test_client()
    browser.post(
        "/console/open-as",
        data={"clinic": str(home.clinic.id), "staff": str(home.cora.id)},
        headers={"Origin": "http://localhost"},
    )
    page = browser.get(f"/console/patients/{cast.course.patient_id}").text
    assert "is your code" in page
    assert code not in page
    assert code in browser.get(f"/phones/{cast.course.patient_id}").text
