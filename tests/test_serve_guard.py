"""Who may ask a server, how much, how fast and how many at once; what it refuses leaves it as it was."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest

import tiny_bundle
from dragoman.serve.guard import Access, host_of
from dragoman.serve.limits import Limits
from served import service_of, serving

Q = {"q": "the cat", "source": "en", "target": "de"}
QUICK = Limits(body_bytes=5000, header_seconds=0.6, body_seconds=0.6)


@pytest.fixture(scope="module")
def service():
    return service_of(tiny_bundle.make())


@pytest.fixture(scope="module")
def client(service):
    """A server that waits for nobody long."""
    with serving(service, QUICK) as found:
        yield found


def exchange(port: int, *parts: bytes | float) -> bytes:
    """Send parts of a request, or wait so many seconds; return all that comes until the server closes."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as connection:
        found = b""
        with suppress(ConnectionResetError, BrokenPipeError):  # it closed before all was sent or read
            for part in parts:
                if isinstance(part, bytes):
                    connection.sendall(part)
                else:
                    time.sleep(part)
            while data := connection.recv(65536):
                found += data
        return found


def post(*headers: str) -> bytes:
    return "\r\n".join(["POST /translate HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:5000", "localhost"),
        ("127.0.0.1:5000", "127.0.0.1"),
        ("[::1]:5000", "::1"),
        ("[::1]", "::1"),
        ("", ""),
        (":80", ""),
        ("a:b:c", "a:b:c"),
        ("localhost.evil.example:80", "localhost.evil.example"),
    ],
)
def test_a_host_is_read_without_its_port(host, name):
    assert host_of(host) == name


def test_another_name_is_refused(client):
    for host in ("localhost", "127.0.0.1:1", "[::1]:80"):
        assert client.ask("GET", "/health", Host=host).status == 200
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example:5000", "10.0.0.1", "0.0.0.0", ""):
        for method, path in (("GET", "/"), ("GET", "/languages"), ("POST", "/translate")):
            found = client.ask(method, path, Q if method == "POST" else None, Host=host)
            assert found.status == 421 and "--allow-host" in found.json["error"]
    assert b" 400 " in exchange(client.port, b"GET /health HTTP/1.1\r\n\r\n").split(b"\r\n")[0]
    assert b" 421 " in exchange(client.port, b"GET /health HTTP/1.0\r\n\r\n").split(b"\r\n")[0]


def test_a_server_of_the_whole_machine_is_asked_by_number_or_given_name():
    access = Access.bound_to("0.0.0.0", ["Translator.lan"])
    for host in ("10.0.0.1:5000", "[fe80::1]:5000", "localhost", "translator.LAN:80"):
        access.check("GET", {"host": host})
    with pytest.raises(ValueError, match="evil"):
        _check(access, "evil.example")
    with pytest.raises(ValueError, match=r"10\.0\.0\.2"):
        _check(Access.bound_to("10.0.0.1"), "10.0.0.2")


def _check(access, host):
    try:
        access.check("GET", {"host": host})
    except Exception as error:
        raise ValueError(str(error)) from error


def test_other_origins_get_nothing(client):
    own = f"http://localhost:{client.port}"
    assert client.ask("POST", "/translate", Q, Host=own[7:], Origin=own).status == 200
    for origin in ("https://evil.example", "null", f"http://localhost:{client.port + 1}", "http://localhost", "x", ""):
        found = client.ask("POST", "/translate", Q, Host=own[7:], Origin=origin)
        assert found.status == 403 and "access-control-allow-origin" not in found.headers
        preflight = client.ask("OPTIONS", "/translate", Origin=origin, Access_Control_Request_Method="POST")
        assert preflight.status == 403
        assert "access-control-allow-origin" not in client.ask("GET", "/languages", Origin=origin).headers


def test_an_origin_that_is_named_may_ask(service):
    with serving(service, access=Access.bound_to("127.0.0.1", (), ["https://example.org"])) as client:
        asked = {"Origin": "https://example.org", "Access_Control_Request_Method": "POST"}
        for found in (client.ask("OPTIONS", "/translate", **asked), client.ask("POST", "/translate", Q, **asked)):
            assert found.status in (200, 204)
            assert found.headers["access-control-allow-origin"] == "https://example.org"
            assert found.headers["vary"] == "Origin" and "access-control-allow-credentials" not in found.headers
        assert client.ask("POST", "/translate", Q, Origin="https://example.org.evil.example").status == 403
    with serving(service, access=Access.bound_to("127.0.0.1", (), ["*"])) as client:
        assert client.ask("POST", "/translate", Q, Origin="https://any.example").status == 200


def test_every_answer_has_the_headers_that_protect(client):
    for method, path, body in (
        ("GET", "/health", None),
        ("GET", "/nowhere", None),
        ("PUT", "/translate", {}),
        ("POST", "/translate", Q),
        ("POST", "/translate", {}),
        ("POST", "/translate", b"x" * 6000),
    ):
        found = client.ask(method, path, body)
        assert "default-src 'none'" in found.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in found.headers["content-security-policy"]
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert found.headers["cross-origin-resource-policy"] == "same-origin"
        assert found.headers["cache-control"] == "no-store"
        assert "server" not in found.headers


def test_what_is_not_there_is_said(client):
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/translate", 405),
        ("DELETE", "/", 405),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/%00", 404),
        ("POST", "/translate/", 404),
    ):
        found = client.ask(method, path)
        assert found.status == status and found.json["error"]


def test_a_body_that_is_too_large_is_not_read(client):
    found = exchange(client.port, post("Content-Length: 9999999999", "Content-Type: application/json"))
    assert b" 413 " in found.split(b"\r\n")[0] and b"more than 5000 bytes" in found
    chunk = b"400\r\n" + b"x" * 0x400 + b"\r\n"
    found = exchange(client.port, post("Transfer-Encoding: chunked"), chunk * 6)
    assert b" 413 " in found.split(b"\r\n")[0]
    for length in ("-1", "1e3", "9" * 5000, "x"):
        found = exchange(client.port, post(f"Content-Length: {length}"))
        assert found.split(b" ")[1] in (b"400", b"413")
    assert client.ask("POST", "/translate", Q).status == 200


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="silent"),
        pytest.param([b"GET /health HTTP/1.1\r\nHost: localhost\r\nX"], id="half-a-header"),
        pytest.param([b"GET /health HTTP/1.1\r\nX: ", *[b"x", 0.1] * 12], id="slow-header"),
        pytest.param([post("Content-Length: 100"), b"abc"], id="half-a-body"),
        pytest.param([post("Content-Length: 100"), *[b"x", 0.1] * 12], id="slow-body"),
        pytest.param([b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"], id="idle-after-an-answer"),
        pytest.param([b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n", b"abc"], id="get"),
    ],
)
def test_a_slow_client_is_left(client, parts):
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as other:
        slow = other.submit(exchange, client.port, *parts)
        while not slow.done():  # meanwhile others are answered
            assert client.ask("POST", "/translate", Q).status == 200
            time.sleep(0.05)
    assert time.monotonic() - begun < 5
    if len(parts) == 2 and parts[0].startswith(b"POST"):  # who is still sending may not get to read it
        assert b" 408 " in slow.result().split(b"\r\n")[0]


@pytest.mark.parametrize(
    "data", [b"\x16\x03\x01\x02\x00\x01", b"\0\0\0\0\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"x" * 99999]
)
def test_what_is_no_http_is_closed(client, data):
    found = exchange(client.port, data)
    assert found == b"" or b" 4" in found.split(b"\r\n")[0]
    assert client.ask("GET", "/health").status == 200


class Held:
    """A service whose translations wait until they are let go."""

    def __init__(self, service):
        self._service = service
        self.translator, self.languages = service.translator, service.languages
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.asked = []

    def translate(self, texts, to, alternatives=0):
        self.asked.append(texts[0])
        self.begun.release()
        assert self.go.wait(30)
        return self._service.translate(texts, to, alternatives)


def test_too_many_at_once_are_told_so_and_the_others_are_answered(service):
    held = Held(service)
    limits = Limits(waiting=3, waiting_characters=40)
    with serving(held, limits) as client, ThreadPoolExecutor(3) as others:
        waiting = [others.submit(_asked_until_taken, client, f"cat {number}") for number in range(3)]
        assert held.begun.acquire(timeout=30)
        _until(lambda: not _is_free(client))
        begun = time.monotonic()
        found = client.ask("POST", "/translate", Q)
        assert time.monotonic() - begun < 2
        assert found.status == 503 and found.headers["retry-after"] and "ask again" in found.json["error"]
        assert client.ask("GET", "/health").status == 200
        assert len(held.asked) == 1  # one at a time
        held.go.set()
        for number, answer in enumerate(waiting):
            assert answer.result(30)["translatedText"] == service.translate([f"cat {number}"], "de")[0].text
        assert client.translate(q="x" * 100)  # more than may wait, but nobody waits
        assert sorted(held.asked[:3]) == ["cat 0", "cat 1", "cat 2"]


def test_what_a_client_that_left_had_asked_is_not_translated(service):
    held = Held(service)
    with serving(held, Limits(waiting=2)) as client, ThreadPoolExecutor(1) as others:
        first = others.submit(client.translate, q="first")
        assert held.begun.acquire(timeout=30)
        body = b'{"q": "left", "source": "en", "target": "de"}'
        for _ in range(5):  # each leaves its place to the next one
            with closing(socket.create_connection(("127.0.0.1", client.port), timeout=10)) as connection:
                connection.sendall(post("Content-Type: application/json", f"Content-Length: {len(body)}") + body)
                _until(lambda: client.ask("POST", "/translate", Q | {"q": "probe"}).status == 503)
            _until(lambda: _is_free(client))
        held.go.set()
        first.result(30)
        assert client.translate(q="last")
        assert "left" not in held.asked


def _asked_until_taken(client, text):
    """Ask until there is room: a probe may have it for a moment."""
    while (found := client.ask("POST", "/translate", Q | {"q": text})).status == 503:
        time.sleep(0.05)
    return found.json


def _is_free(client):
    """Whether one more may wait: what asks leaves again at once."""
    with closing(socket.create_connection(("127.0.0.1", client.port), timeout=0.3)) as connection:
        body = b'{"q": "free?", "source": "en", "target": "de"}'
        connection.sendall(post("Content-Type: application/json", f"Content-Length: {len(body)}") + body)
        try:
            return b"503" not in connection.recv(100)
        except TimeoutError:
            return True


def _until(condition):
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("not within ten seconds")


def test_a_fault_is_an_answer_and_no_traceback(service, caplog):
    class Broken(Held):
        def translate(self, texts, to, alternatives=0):
            raise KeyError("/home/anna/secret")

    with serving(Broken(service)) as client:
        found = client.ask("POST", "/translate", Q)
        assert found.status == 500 and list(found.json) == ["error"] and b"anna" not in found.body
        assert client.ask("GET", "/health").status == 200
