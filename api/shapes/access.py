"""How does one sign in over the wire? One-time codes, access tokens, refresh tokens."""

from marshmallow import fields

from api.contract.fields import Id, Line, Number, Whole, Word
from api.contract.shape import Given, Shown


class CodeWished(Given):
    clinic = Id(required=True, about="the clinic that treats you; the app knows it")
    number = Number(required=True, about="the number that your clinic has of you")


class ChallengeShown(Shown):
    """The same for every number, known or not."""

    challenge = fields.String(metadata={"example": "AZejwlsefUCKMWwvDp1LFwGXo8JbHn1AijFsLw6dSxc"})
    expires_in = Whole(60, 600, about="seconds")


class CodeGiven(Given):
    challenge = Line(
        80, example="AZejwlsefUCKMWwvDp1LFwGXo8JbHn1AijFsLw6dSxc", pattern="^[A-Za-z0-9_-]+$", required=True
    )
    code = Line(
        8,
        least=8,
        example="04719362",
        pattern="^[0-9]{8}$",
        required=True,
        says="Must be the eight digits of the text.",
    )


class RefreshGiven(Given):
    refresh_token = Line(120, example="AZejwlsefUCKMWwvDp1LFw.c2VjcmV0LXRva2VuLXRoYXQtaXMtbG9uZw", required=True)


class TokensShown(Shown):
    """Use the access token as `Authorization: Bearer ...`; trade the refresh token, once, for the next pair."""

    access_token = fields.String(metadata={"example": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl"})
    token_type = Word(["Bearer"], named="TokenType")
    expires_in = Whole(60, 3600, about="seconds")
    refresh_token = fields.String(metadata={"example": "AZejwlsefUCKMWwvDp1LFw.c2VjcmV0LXRva2VuLXRoYXQtaXMtbG9uZw"})
