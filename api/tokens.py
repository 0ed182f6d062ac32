"""What proves for some minutes who is speaking? A signed access token, by one algorithm and one key (RFC 8725)."""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID, uuid4

from flask import current_app
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from models.clock import machine_now

ALGORITHM, TYPE = "HS256", "at+jwt"
ISSUER, AUDIENCE = "steadfast", "steadfast-api"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a token says is speaking; whether they still exist is asked of the database."""

    kind: str
    id: UUID
    clinic_id: UUID


def access_token(kind: str, actor_id: UUID, clinic_id: UUID) -> str:
    """A token for ACCESS_TOKEN_S seconds of the machine clock."""
    now = int(machine_now().timestamp())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": str(actor_id), "clinic": str(clinic_id), "kind": str(kind),
        "iat": now, "exp": now + current_app.config["ACCESS_TOKEN_S"], "jti": str(uuid4()),
    }  # fmt: skip
    return jwt.encode({"alg": ALGORITHM, "typ": TYPE}, claims, _key())


def claim_of(token: str) -> Claim | None:
    """What the token says, when it is ours, whole and in time."""
    try:
        read = jwt.decode(token, _key(), algorithms=[ALGORITHM])
        _rules().validate(read.claims)
        if read.header.get("typ") != TYPE:
            return None
        return Claim(str(read.claims["kind"]), UUID(read.claims["sub"]), UUID(read.claims["clinic"]))
    except (JoseError, ValueError, TypeError, AttributeError):
        return None


def _rules() -> jwt.JWTClaimsRegistry:
    must: jwt.ClaimsOption = {"essential": True}
    return jwt.JWTClaimsRegistry(
        now=int(machine_now().timestamp()),
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        exp=must, iat=must, sub=must, clinic=must, kind=must,
    )  # fmt: skip


def _key() -> OctKey:
    derived = hmac.new(current_app.config["SECRET_KEY"].encode(), b"steadfast access tokens 1", hashlib.sha256).digest()
    return OctKey.import_key(derived)
