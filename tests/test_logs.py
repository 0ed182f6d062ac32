"""Do the logs tell what happened, and nothing about anybody?"""

import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask

import logs

PRIVATE = "Ada Example"


@pytest.fixture
def app_of_our_own() -> Iterator[Flask]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    app = Flask("logs")
    app.config.update(DEMO=False, LOG_LEVEL="INFO")
    yield app
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_is_json_with_allowed_facts_alone(app_of_our_own: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    logs.init_app(app_of_our_own)
    logging.getLogger("jobs").info(
        "text posted", extra={"message_id": "m1", "body": "Ada's words", "to": "+12125550101"}
    )
    line = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert (line["event"], line["message_id"], line["level"]) == ("text posted", "m1", "info")
    assert "Ada" not in str(line)
    assert "555" not in str(line)


@pytest.mark.parametrize("demo", [False, True])
def test_a_fault_is_told_without_the_values_it_met(
    app_of_our_own: Flask, capsys: pytest.CaptureFixture[str], *, demo: bool
) -> None:
    app_of_our_own.config["DEMO"] = demo
    logs.init_app(app_of_our_own)
    try:
        _break(PRIVATE)
    except RuntimeError:
        logging.getLogger("jobs").exception("left for the next round", extra={"row_id": "r1"})
    told = capsys.readouterr().err
    assert "something broke" in told
    assert PRIVATE not in told


def _break(name: str) -> None:
    if name:
        raise RuntimeError("something broke")
