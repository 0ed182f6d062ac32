"""What happens when an address that somebody gave us is slow, endless, elsewhere than it says, or leads inside?"""

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network

import pytest

from jobs import outbound
from jobs.outbound import Outbound, Unanswered, Why

HERE = (ip_network("127.0.0.0/8"),)
OURS = Outbound(2.0, HERE)


class Odd(BaseHTTPRequestHandler):
    """One address for each oddity."""

    def do_GET(self):
        getattr(self, f"_{self.path.strip('/').partition('?')[0]}")()

    def do_POST(self):
        self.server.heard.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self._say(b"thanks")

    def _say(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _plain(self):
        self._say(b"hello", ETag='"1"')

    def _elsewhere(self):
        self._say(b"", status=302, Location="http://169.254.169.254/latest")

    def _large(self):
        self._say(b"x" * 5_000)

    def _short(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")

    def _nonsense(self):
        self.wfile.write(b"220 smtp ready\r\n")

    def _drip(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        self._drop(b"x")

    def _drip_head(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-")
        self._drop(b"a")

    def _drop(self, byte):
        for _ in range(100):
            try:
                self.wfile.write(byte)
            except OSError:
                return
            time.sleep(0.05)

    def _hangs(self):
        time.sleep(2)

    def log_message(self, *_):
        pass


@contextmanager
def served():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    server.heard, server.daemon_threads = [], True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def odd():
    with served() as (server, url):
        yield server, url


def why(call, url, **more):
    with pytest.raises(Unanswered) as said:
        call(url, **more)
    return said.value.why


def test_a_plain_answer_comes_with_its_headers(odd):
    got = OURS.get(f"{odd[1]}/plain")
    assert (got.status, got.body, got.headers["etag"]) == (200, b"hello", '"1"')


def test_what_is_posted_arrives_whole(odd):
    server, url = odd
    assert (
        OURS.post(f"{url}/x", b'{"a": 1}', {"content-type": "application/json", "webhook-id": "m1"}).body == b"thanks"
    )
    headers, body = server.heard[-1]
    assert (body, headers["webhook-id"], headers["Host"]) == (b'{"a": 1}', "m1", f"127.0.0.1:{server.server_port}")


def test_a_redirect_is_an_answer_and_is_not_followed(odd):
    assert OURS.get(f"{odd[1]}/elsewhere").status == 302


def test_too_much_is_not_read(odd):
    assert why(OURS.get, f"{odd[1]}/large", most_bytes=1_000) is Why.TOO_LARGE


@pytest.mark.parametrize("path", ["short", "nonsense"])
def test_half_an_answer_is_none(odd, path):
    assert why(OURS.get, f"{odd[1]}/{path}") is Why.BROKEN


@pytest.mark.parametrize("path", ["drip", "drip_head", "hangs"])
def test_the_deadline_is_for_the_whole_answer(odd, path):
    began = time.monotonic()
    assert why(Outbound(0.4, HERE).get, f"{odd[1]}/{path}") is Why.SLOW
    assert time.monotonic() - began < 1.5


def test_nobody_there(odd):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{found.getsockname()[1]}/"
    assert why(OURS.get, url) is Why.UNREACHABLE


@pytest.mark.parametrize(
    "inside",
    ["http://127.0.0.1:9/", "https://127.0.0.1:9/", "https://localhost/", "https://[::1]/", "https://2130706433/"],
)
def test_this_machine_and_its_network_are_not_called(inside):
    assert why(Outbound(2.0).get, inside) is Why.FORBIDDEN


def test_an_address_that_is_none_is_not_called():
    assert why(OURS.get, "gopher://127.0.0.1/") is Why.ADDRESS


def test_the_name_is_asked_once_and_that_place_is_called(odd, monkeypatch):
    """A name that leads elsewhere the second time it is asked (DNS rebinding) is never asked a second time."""
    server, _ = odd
    asked = []

    def resolve(where):
        asked.append(where.host)
        return [ip_address("127.0.0.1")]

    monkeypatch.setattr(outbound, "_resolve", resolve)
    got = OURS.get(f"http://feeds.example.com:{server.server_port}/plain")
    assert (got.status, asked) == (200, ["feeds.example.com"])


def test_a_resolver_that_hangs_is_left_behind(monkeypatch):
    monkeypatch.setattr(outbound, "_resolve", lambda where: time.sleep(1))
    assert why(Outbound(0.2, HERE).get, "https://feeds.example.com/") is Why.SLOW


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path):
    import ssl

    from tests.jobs.certificate import self_signed

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet():
            raw, _ = listening.accept()
            try:
                context.wrap_socket(raw, server_side=True).close()
            except OSError:
                raw.close()

        threading.Thread(target=greet, daemon=True).start()
        assert why(OURS.get, f"https://127.0.0.1:{listening.getsockname()[1]}/") is Why.UNTRUSTED
