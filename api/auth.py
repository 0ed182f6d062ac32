"""Who is speaking, and may they come in here? Every view says so in its guard, or says why it needs none."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import g, request

from actions.record import STAFF, Actor
from api.contract.documented import noted
from api.contract.problems import NOT_ALLOWED, NOT_SIGNED_IN, Problem
from api.contract.voice import speak
from api.tokens import Claim, claim_of
from care.words.texts import LANGUAGES
from models import Clinic, Patient, Staff, SupportPerson, SupportState, db
from models.clock import care_now
from models.database import name_clinic

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, in which clinic; `patient` is themselves, for patients."""

    actor: Actor
    clinic: Clinic
    patient: Patient | None


def caller() -> Caller:
    """Who is behind the present request. Only guarded views may ask."""
    known: Caller = g.caller
    return known


def guarded(*kinds: str) -> Callable[[View], View]:
    """Only for actors of these kinds who still exist; everything the view reads is their clinic's."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded_view(*args: Any, **kwargs: Any) -> Any:
            admit(kinds)
            return view(*args, **kwargs)

        guarded_view.guard = " or ".join(kinds)  # type: ignore[attr-defined]
        return noted(guarded_view, says=[401, 403], more={"security": [{"bearer": []}], "x-roles": list(kinds)})

    return mark


staff = guarded("coordinator", "clinician")
patient_only = guarded("patient")


def public(why: str) -> Callable[[View], View]:
    """For everyone, for the reason given."""

    def mark(view: View) -> View:
        @wraps(view)
        def public_view(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        public_view.guard = f"public: {why}"  # type: ignore[attr-defined]
        return noted(public_view, more={"security": [], "x-public": why})

    return mark


def admit(kinds: tuple[str, ...]) -> None:
    """Let the caller in, or raise 401 (who are you?) or 403 (not your door)."""
    claim = claim_of(_bearer())
    known = who_is(claim) if claim else None
    if known is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="steadfast", error="invalid_token"'}
        raise Problem(NOT_SIGNED_IN, "The access token is missing, over or not ours.", headers=challenge)
    g.caller, g.now = known, care_now()
    speak(*_voice_of(known))
    if known.actor.kind not in kinds:
        raise Problem(NOT_ALLOWED, f"This is for: {', '.join(kinds)}.")


def actor_of(token: str) -> Actor | None:
    """Whom an access token names, while they exist; for pages, where staff paste theirs to sign in."""
    claim = claim_of(token)
    known = who_is(claim) if claim else None
    return known.actor if known else None


def who_is(claim: Claim) -> Caller | None:
    """The claimed actor, when the clinic still has such a person in that role."""
    name_clinic(claim.clinic_id)
    clinic = db.session.get(Clinic, claim.clinic_id)
    if clinic is None or not _exists(claim):
        return None
    patient = db.session.get(Patient, (claim.clinic_id, claim.id)) if claim.kind == "patient" else None
    return Caller(Actor(claim.kind, claim.id, claim.clinic_id), clinic, patient)


def _exists(claim: Claim) -> bool:
    place = (claim.clinic_id, claim.id)
    if claim.kind in STAFF:
        member = db.session.get(Staff, place)
        return member is not None and member.role == claim.kind
    if claim.kind == "support":
        support = db.session.get(SupportPerson, place)
        return support is not None and support.state != SupportState.REMOVED
    return claim.kind == "patient" and db.session.get(Patient, place) is not None


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _voice_of(known: Caller) -> tuple[str, str]:
    """A patient hears their own zone and language; staff the clinic's zone and what their browser or app asks for."""
    if known.patient is not None:
        contact = known.patient.contact
        return contact.zone, contact.language
    return known.clinic.zone, request.accept_languages.best_match(LANGUAGES) or known.clinic.language
