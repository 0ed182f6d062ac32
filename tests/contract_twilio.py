"""Are our calls and our reading of the answers what the provider's own description says? Run by tests/contract_twilio.sh.

Prism refuses a request that does not fit the description, so an accepted one was judged by somebody else's words. It does so
twice: with answers of its own, and standing between our client and our stand-in provider, whose answers it judges too.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import requests
from twilio.http.http_client import TwilioHttpClient

from actions.texts.send import Account, Envelope
from jobs.provider import Sought, Twilio
from models import Verdict

ACCOUNT = Account(transport="twilio", sid="AC" + "0" * 32, auth_token="t" * 32, service_sid="MG" + "0" * 32)
TO = "+13125550100"
PROBLEMS = {
    "code=400, example=21610": (Verdict.REJECTED, 21610),
    "code=400, example=21211": (Verdict.REJECTED, 21211),
    "code=400, example=21614": (Verdict.REJECTED, 21614),
    "code=401, example=20003": (Verdict.REJECTED, 20003),
    "code=429, example=20429": (Verdict.NOT_SENT, 20429),
    "code=503, example=20503": (Verdict.UNKNOWN, 20503),
}
FAULTS = (
    ({"status": 400, "code": 21610}, (Verdict.REJECTED, 21610)),
    ({"status": 400, "code": 21211}, (Verdict.REJECTED, 21211)),
    ({"status": 429, "code": 20429}, (Verdict.NOT_SENT, 20429)),
    ({"status": 503, "code": 20503}, (Verdict.UNKNOWN, 20503)),
)


@contextmanager
def prefer(answer: str) -> Iterator[None]:
    """Ask Prism for one of the description's own examples."""
    plain = TwilioHttpClient.request

    def request(self: TwilioHttpClient, method: str, url: str, *args: Any, **more: Any) -> Any:
        more["headers"] = {**(more.get("headers") or {}), "Prefer": answer}
        return plain(self, method, url, *args, **more)

    with patch.object(TwilioHttpClient, "request", request):
        yield


def envelope(**changes: Any) -> Envelope:
    ids = {name: uuid4() for name in ("clinic_id", "sender_id", "attempt_id")}
    values = {**ids, "account": ACCOUNT, "to": TO, "body": "Harbor: see you.", "token": "t" * 43, "validity_s": 3_600}
    return Envelope(**{**values, **changes})


def judged(base_url: str) -> Iterator[tuple[str, bool, object]]:
    """What was tried, whether it went as it must, and what came back."""
    ours = Twilio(base_url=base_url, public_url="https://clinic.example", timeout_s=10)
    posted = ours.post(envelope())
    yield "a text as we send it fits the description", posted.verdict is Verdict.ACCEPTED and bool(posted.sid), posted
    refused = ours.post(envelope(validity_s="soon"))
    yield "a text that does not fit is refused, so the judge is awake", refused.verdict is Verdict.REJECTED, refused
    found = ours.find(Sought(ACCOUNT, TO, "Harbor: see you.", datetime(2026, 1, 1, tzinfo=UTC)))
    yield "looking for a lost answer fits the description", isinstance(found, list), found
    fetched = ours.fetch(ACCOUNT, "SM" + "0" * 32)
    yield "asking what became of a text fits the description", bool(fetched.sid), fetched
    for example, expected in PROBLEMS.items():
        with prefer(example):
            answer = ours.post(envelope())
        yield f"{example}: {expected[0].value}", (answer.verdict, answer.code) == expected, answer


def judged_between(base_url: str, stand_in: str) -> Iterator[tuple[str, bool, object]]:
    """The same calls, answered by the stand-in behind Prism: an answer that does not fit comes back as a fault."""
    ours, words = Twilio(base_url=base_url, public_url="https://clinic.example", timeout_s=10), f"Harbor: {uuid4()}"
    _control(stand_in, "receipts", {"on": False})
    posted = ours.post(envelope(body=words))
    yield "the stand-in takes a text in as the provider would", posted.verdict is Verdict.ACCEPTED, posted
    found = ours.find(Sought(ACCOUNT, TO, words, datetime(2026, 1, 1, tzinfo=UTC)))
    yield "lists it", [each.sid for each in found] == [posted.sid], found
    fetched = ours.fetch(ACCOUNT, posted.sid or "")
    yield "and shows it", (fetched.sid, fetched.status) == (posted.sid, "accepted"), fetched
    for fault, expected in FAULTS:
        _control(stand_in, "faults", {"next": [fault]})
        answer = ours.post(envelope())
        yield f"its answer to {fault}: {expected[0].value}", (answer.verdict, answer.code) == expected, answer


def _control(stand_in: str, what: str, said: dict[str, Any]) -> None:
    requests.post(f"{stand_in}/stand-in/{what}", json=said, timeout=10).raise_for_status()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mock", help="where Prism answers by itself")
    parser.add_argument("proxy", help="where Prism stands before the stand-in")
    parser.add_argument("stand_in", help="where the stand-in is")
    asked = parser.parse_args()
    outcomes = [*judged(asked.mock), *judged_between(asked.proxy, asked.stand_in)]
    for tried, right, answer in outcomes:
        print(f"{'ok   ' if right else 'WRONG'} {tried}" + ("" if right else f": {answer}"))
    return 0 if all(right for _, right, _ in outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main())
