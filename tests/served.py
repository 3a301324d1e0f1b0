"""A server in a thread of its own, on a socket of loopback, and a client that says what it was answered."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from dragoman.bundle import Bundle
from dragoman.engine.model import Engine
from dragoman.serve.app import Routes, application
from dragoman.serve.guard import Access
from dragoman.serve.limits import Limits
from dragoman.serve.server import listen, server
from dragoman.serve.service import Service
from dragoman.translator import Translator


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"] == "application/json", self.body[:200]
        return json.loads(self.body)


@dataclass
class Client:
    port: int

    def ask(self, method: str, path: str, body: Any = None, content_type: str | None = None, **headers: str) -> Answer:
        """Send a request on a connection of its own; a body that is no bytes goes as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = content_type if content_type is not None or body is None else "application/json"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, data, sent | ({} if kind is None else {"Content-Type": kind}))
            found = connection.getresponse()
            return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())
        finally:
            connection.close()

    def translate(self, **fields: Any) -> Any:
        """Return the answer to a request for a translation, which must be one."""
        found = self.ask("POST", "/translate", {"source": "en", "target": "de"} | fields)
        assert found.status == 200, found.body
        return found.json


def service_of(bundle: Bundle) -> Service:
    return Service(Translator(bundle, Engine(bundle.model, bundle.weights, threads=1)), lambda: bundle)


@contextmanager
def serving(
    service: Service, limits: Limits | None = None, access: Access | None = None, page: str | None = None
) -> Iterator[Client]:
    limits = limits or Limits()
    with listen("127.0.0.1", 0) as listening:
        routes = Routes(service, page, limits)
        ready = threading.Event()
        made = server(application(routes, access or Access(), limits), limits, ready.set)
        thread = threading.Thread(target=made.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            assert ready.wait(30)
            yield Client(listening.getsockname()[1])
        finally:
            made.should_exit = True
            thread.join(30)
            routes.close()
        assert not thread.is_alive()
