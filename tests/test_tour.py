"""Does the walk through the main job notice what is wrong? That it passes is seen by running it: `./run tour`."""

import itertools
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.tour.report import Mismatch, Report


def test_a_mismatch_names_what_was_expected_and_what_was_found() -> None:
    with pytest.raises(Mismatch, match=r"the dose\n +expected: given\n +found: +refused"):
        Report().same("the dose", "refused", "given")


@pytest.mark.parametrize("texts", [[], ["10:00 AM", "10:00 AM"], ["11:00 AM"]])
def test_one_text_is_exactly_one_with_all_its_words(texts: list[str]) -> None:
    with pytest.raises(Mismatch, match="10:00 AM"):
        Report().one_text("the time", texts, "10:00 AM")


def test_a_walk_that_is_stopped_leaves_no_process_behind(root: Path) -> None:
    command = [sys.executable, "-m", "tests.tour"]
    with subprocess.Popen(command, cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as walk:
        addresses = _first_addresses(walk)
        assert all(_answers(address) for address in addresses)
        walk.send_signal(signal.SIGTERM)
        assert walk.wait(timeout=60) == 1
    assert not any(_answers(address) for address in addresses)


def _first_addresses(walk: "subprocess.Popen[str]") -> list[str]:
    """Where the walk's own provider and server are, as it says itself."""
    assert walk.stdout is not None
    said = (re.search(r"http://\S+", line) for line in walk.stdout)
    return [match[0] for match in itertools.islice((match for match in said if match), 2)]


def _answers(address: str) -> bool:
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname, parts.port), timeout=5):
            return True
    except ConnectionRefusedError:
        return False
