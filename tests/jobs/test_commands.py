"""What do an operator's commands do, and do processes stop when they are told to?"""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta

import pytest

from models import db
from models.clock import machine_now
from models.database import reading
from tests.databases import SETTINGS
from tests.jobs.fake_provider import refused_url
from tests.jobs.sending import on_phones, reasons, texts


@pytest.fixture
def scene(database):
    with on_phones(database) as scene:
        yield scene


def run(scene, *words: str) -> str:
    said = scene.app.test_cli_runner().invoke(args=list(words))
    assert said.exit_code == 0, said.output
    db.session.expire_all()
    return said.output


def test_pausing_stops_sending_with_one_task_and_resuming_lifts_both(scene):
    scene.invite()
    assert "paused" in run(scene, "pause-sends", "--why", "the network is being repaired")
    scene.send()
    assert texts() == []
    assert reasons() == {"sending_paused"}
    run(scene, "resume-sends", "--clinic", "Harbor")
    scene.send()
    assert len(texts()) == 1
    assert reasons() == set()


def test_an_unknown_clinic_is_said_to_be_unknown(scene):
    said = scene.app.test_cli_runner().invoke(args=["pause-sends", "--clinic", "Nowhere"])
    assert said.exit_code != 0
    assert "Nowhere" in said.output


def test_outcomes_say_of_every_reminder_what_became_of_it_and_why(scene):
    course = scene.enrol()
    scene.harbor.book_all(course, now=scene.now)
    scene.send(after=timedelta(minutes=2))
    lines = run(scene, "outcomes").splitlines()
    notices = [line for line in lines if "booked_notice" in line]
    assert any("delivered" in line for line in notices)
    assert any("waiting" in line and "-72 h" in line for line in lines)
    assert all("Ada" not in line and "+1212555" not in line for line in lines)


def test_a_token_is_made_for_one_person_and_nobody_else(scene):
    scene.enrol()
    made: list[tuple[str, object, object]] = []

    def make(*who):
        made.append(who)
        return "the-token"

    scene.app.extensions["steadfast.token"] = make
    assert run(scene, "token", "--role", "coordinator", "--who", "Cora Coordinator").strip() == "the-token"
    assert run(scene, "token", "--role", "patient", "--who", "Ada Example").strip() == "the-token"
    assert made[0] == ("coordinator", scene.harbor.cora.id, scene.clinic_id)
    said = scene.app.test_cli_runner().invoke(args=["token", "--role", "patient", "--who", "Nobody"])
    assert said.exit_code != 0


# Real processes


def environment(database, port: int = 8000) -> dict[str, str]:
    texts_of = {name: str(value) for name, value in SETTINGS.items() if name != "TESTING"}
    own = {
        "DATABASE_URL": database.url,
        "TICK_S": "1",
        "PORT": str(port),
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
    }
    return {**os.environ, **texts_of, **own}


def start(root, environment: dict[str, str], *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.Popen(
        command, cwd=root, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def wait_for(happened, seconds: float = 40) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.1)
    return False


def stop(process: "subprocess.Popen[str]", number: int = signal.SIGTERM) -> str:
    process.send_signal(number)
    said, _ = process.communicate(timeout=30)
    return said


def test_a_dispatcher_process_sends_what_is_due_and_stops_when_told(database, root):
    with on_phones(database) as scene:
        scene.now = machine_now()
        scene.greet("+12125550120")
        db.session.commit()
        process = start(root, environment(database), "dispatch")
        try:
            arrived = wait_for(lambda: _outcomes() == ["delivered"])
        finally:
            said = stop(process)
        assert arrived, said
        assert process.returncode == 0, said
        assert "+1212555" not in said


def _outcomes() -> list[str | None]:
    """Read without keeping the database to ourselves."""
    with reading():
        outcomes = [text.outcome for text in texts()]
        db.session.rollback()
    return outcomes


def test_one_process_serves_everything_and_stops_when_told(blank_database, root, unused_tcp_port):
    settings = environment(blank_database, unused_tcp_port) | {
        "SMS_TRANSPORT": "twilio",
        "TWILIO_ACCOUNT_SID": "AC" + "a" * 32,
        "TWILIO_AUTH_TOKEN": "not-a-secret-token",
        "TWILIO_MESSAGING_SERVICE_SID": "MG" + "b" * 32,
        "TWILIO_BASE_URL": refused_url(),
        "EMBEDDED_DISPATCHER": "1",
    }
    process = start(root, settings, "serve")
    try:
        address = f"http://127.0.0.1:{unused_tcp_port}/healthz"
        assert wait_for(lambda: _answers(address) or process.poll() is not None)
    finally:
        said = stop(process)
    assert "Steadfast is running" in said
    assert process.returncode == 0, said


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return answer.status == 200
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.fixture
def unused_tcp_port() -> int:
    return int(refused_url().rpartition(":")[2])
