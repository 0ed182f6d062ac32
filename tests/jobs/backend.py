"""An app backend on this machine: it verifies what it hears by the library, remembers it, and answers as it is told."""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

LOST, HANGS = "lost", "hangs"


@dataclass
class Backend:
    """`script`: what the next calls come to, a status or an oddity; then `usually`."""

    url: str = ""
    secret: str = ""
    usually: int | str = 204
    script: list[int | str] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    hang_s: float = 5.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, body: bytes, headers: dict[str, str]) -> int | str:
        with self.lock:
            try:
                Webhook(self.secret).verify(body, headers)
            except WebhookVerificationError as wrong:
                self.unverified.append(str(wrong))
            self.heard.append(json.loads(body))
            self.ids.append({name.lower(): value for name, value in headers.items()}["webhook-id"])
            return self.script.pop(0) if self.script else self.usually

    @property
    def numbers(self) -> list[int]:
        return [said["data"].get("change_no") for said in self.heard]


class Door(BaseHTTPRequestHandler):
    def do_POST(self):
        backend = self.server.backend
        answer = backend.hear(self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers))
        if answer == LOST:
            self.connection.close()
            return
        if answer == HANGS:
            time.sleep(backend.hang_s)
            return
        self.send_response(answer)
        for name, value in backend.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """The other side went away; that is what some tests are about."""


@contextmanager
def backend():
    """The backend, listening, until the block ends."""
    ours = Backend()
    server = Server(("127.0.0.1", 0), Door)
    server.backend, ours.url = ours, f"http://127.0.0.1:{server.server_port}/changed"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield ours
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
