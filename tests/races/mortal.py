"""A server that can die in the instant between its commit and its answer, when a request asks for that."""

import os
import signal
from collections.abc import Iterable
from typing import Any

from tests.races.rush import DIE
from wsgi import create_app

_app = create_app()


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The application, which has committed when it returns; then, if asked, this process is killed as by a power cut."""
    answer = _app(environ, start_response)
    if f"HTTP_{DIE.upper().replace('-', '_')}" in environ:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
