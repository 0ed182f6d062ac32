"""Does the stand-in answer the real client as the provider would?"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.standin.ledger import taken_in

ACCOUNT, TOKEN, SERVICE = "AC" + "a" * 32, "a-token-of-tests", "MG" + "b" * 32
TO = "+12125550101"


class StandIn:
    def __init__(self, address: str, ledger: Path) -> None:
        self.address, self.ledger = address, ledger
        self.client = Client(ACCOUNT, TOKEN, http_client=TwilioHttpClient(timeout=1))
        self.client.api.base_url = address

    def control(self, name: str, **said: Any) -> None:
        body = json.dumps(said).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.address}/stand-in/{name}", body), timeout=5).close()

    def send(self) -> Any:
        return self.client.messages.create(to=TO, body="Harbor: hello", messaging_service_sid=SERVICE)


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[StandIn]:
    ledger = tmp_path / "ledger"
    words = ["--ledger", str(ledger), "--account", ACCOUNT, "--token", TOKEN, "--service", SERVICE]
    command = [sys.executable, "-m", "tests.standin", *words, "--replies-url", "http://127.0.0.1:9/"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield StandIn(process.stdout.readline().strip(), ledger)
        process.kill()


def test_what_is_sent_is_taken_in_once_fetched_and_listed(standin: StandIn) -> None:
    sent = standin.send()
    assert (sent.status, sent.num_segments) == ("accepted", "1")
    assert [entry["sid"] for entry in taken_in(standin.ledger)] == [sent.sid]
    assert standin.client.messages(sent.sid).fetch().body == "Harbor: hello"
    assert [each.sid for each in standin.client.messages.list(to=TO, limit=5)] == [sent.sid]


def test_an_error_code_reaches_the_client_and_nothing_is_taken_in(standin: StandIn) -> None:
    standin.control("faults", next=[{"code": 21610, "status": 400}])
    with pytest.raises(TwilioRestException) as refused:
        standin.send()
    assert refused.value.code == 21610
    assert taken_in(standin.ledger) == []


@pytest.mark.parametrize("fault", [{"lost": True}, {"half": True}, {"hang": 2}])
def test_an_answer_that_is_lost_leaves_a_message_that_was_taken_in(standin: StandIn, fault: dict[str, Any]) -> None:
    standin.control("faults", next=[fault])
    with pytest.raises((requests.RequestException, ValueError)):
        standin.send()
    assert len(taken_in(standin.ledger)) == 1


def test_a_wrong_token_is_turned_away(standin: StandIn) -> None:
    standin.client = Client(ACCOUNT, "someone-elses", http_client=TwilioHttpClient(timeout=1))
    standin.client.api.base_url = standin.address
    with pytest.raises(TwilioRestException) as refused:
        standin.send()
    assert refused.value.status == 401
