"""How does a patient's app sign in and stay signed in?"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import current_app

from actions.clinics.sign_in import (
    Trusted,
    begin_family,
    challenge,
    count_guess,
    follow,
    ids_in,
    patient_behind,
    word_of,
)
from api.auth import public, who_is
from api.contract.blueprint import Blueprint
from api.contract.documented import says
from api.contract.problems import SIGN_IN_FAILED, Problem
from api.shapes.access import ChallengeShown, CodeGiven, CodeWished, RefreshGiven, TokensShown
from api.tokens import Claim, access_token
from models import Clinic, db
from models.clock import care_now, machine_now
from models.database import name_clinic

logins = Blueprint("logins", "One-time codes, access tokens, refresh tokens", prefix="/v1/auth")


@logins.route("/codes", methods=["POST"])
@public("whoever wants to sign in has nothing to show yet")
@logins.arguments(CodeWished)
@logins.response(202, ChallengeShown)
def request_code(wished: dict[str, Any]) -> dict[str, Any]:
    """Text a one-time code

    The answer is the same for every number, so that nobody learns whose patients we know. A code is sent only when the
    number belongs to exactly one patient of the clinic and to nobody else, at most ten times a day and not within thirty
    seconds of the one before. It has eight digits
    and works once, with this challenge alone.
    """
    lasts = timedelta(seconds=current_app.config["LOGIN_CODE_S"])
    name_clinic(wished["clinic"])
    if db.session.get(Clinic, wished["clinic"]) is None:
        code_id = uuid4()
    else:
        code_id = challenge(wished["clinic"], wished["number"], lasts=lasts, now=care_now(), machine_now=machine_now())
    return {"challenge": word_of(wished["clinic"].bytes, code_id.bytes), "expires_in": lasts.seconds}


@logins.route("/tokens", methods=["POST"])
@public("the code is what they show")
@says(401)
@logins.arguments(CodeGiven)
@logins.response(200, TokensShown)
def trade_code(given: dict[str, Any]) -> dict[str, Any]:
    """Trade a code for tokens

    Five guesses a challenge, fifty a day for one number; each is counted before it is compared. What is wrong, over,
    used or unknown answers alike.
    """
    ids = ids_in(given["challenge"])
    if len(ids) != 2:
        raise _closed()
    clinic_id, code_id = ids
    name_clinic(clinic_id)
    counted = count_guess(clinic_id, code_id, machine_now=machine_now())
    db.session.commit()  # a counted guess stays counted, whatever comes of it
    code = given["code"] if counted else ""
    patient = patient_behind(clinic_id, code_id, code, now=care_now(), machine_now=machine_now())
    if patient is None:
        raise _closed()
    lasts = timedelta(days=current_app.config["REFRESH_TOKEN_DAYS"])
    return _tokens(begin_family(patient, lasts=lasts, machine_now=machine_now()))


@logins.route("/refresh", methods=["POST"])
@public("the refresh token is what they show")
@says(401)
@logins.arguments(RefreshGiven)
@logins.response(200, TokensShown)
def refresh_tokens(given: dict[str, Any]) -> dict[str, Any]:
    """Trade a refresh token for the next pair

    Each works once. One that comes a second time ends its whole family, because one of the two who hold it is not you;
    only for ten seconds may it be sent again, when the answer was lost. The family ends 30 days after sign-in.
    """
    ids = ids_in(given["refresh_token"])
    name_clinic(ids[0] if ids else None)
    trusted = follow(given["refresh_token"], machine_now=machine_now())
    db.session.commit()  # a family that ended stays ended, whatever is answered
    if trusted is None or who_is(Claim(trusted.kind, trusted.id, trusted.clinic_id)) is None:
        raise _closed()
    return _tokens(trusted)


def _tokens(trusted: Trusted) -> dict[str, Any]:
    return {
        "access_token": access_token(trusted.kind, trusted.id, trusted.clinic_id),
        "token_type": "Bearer",
        "expires_in": current_app.config["ACCESS_TOKEN_S"],
        "refresh_token": trusted.refresh_token,
    }


def _closed() -> Problem:
    return Problem(
        SIGN_IN_FAILED, "This does not sign you in. Ask for a new code.", headers={"WWW-Authenticate": "Bearer"}
    )
