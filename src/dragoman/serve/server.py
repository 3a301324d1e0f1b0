"""The server itself: a socket, uvicorn on it with deadlines of our own, and an end by signals.

uvicorn waits without end for a header that never comes (measured with 0.54), so the protocol here does not.
"""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from dragoman.errors import RequestError
from dragoman.serve.guard import App
from dragoman.serve.limits import Limits

STOPPING = (signal.SIGINT, signal.SIGTERM)
BACKLOG = 128


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address, an IPv4 one where a name has both; raises RequestError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise RequestError(f"--host {host}: no address of this machine; write one, such as 127.0.0.1") from None
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise RequestError(
            f"port {port} at {host} cannot be had: {error.strerror}; choose another --port, 0 for any that is free"
        ) from None
    return made


def address_of(listening: socket.socket) -> str:
    """Return the address at which a listening socket is found, as a browser writes it."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def server(app: App, limits: Limits, ready: Callable[[], None] | None = None) -> "Server":
    """Return a server whose `run` answers requests until SIGINT or SIGTERM, `ready` called when it can.

    What is begun is finished; a second signal ends the process at once.
    """
    config = uvicorn.Config(
        app,
        http=partial(Deadlines, limits.header_seconds),  # type: ignore[arg-type]
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        timeout_graceful_shutdown=limits.closing_seconds,
    )
    return Server(config, ready)


class Deadlines(H11Protocol):
    """A connection that is closed where the header of its next request does not come in time."""

    def __init__(self, seconds: float, *arguments: Any, **named: Any) -> None:
        """Take the seconds from the beginning, or the last answer, to the end of a header."""
        super().__init__(*arguments, **named)
        self._seconds = seconds
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        super().connection_lost(exc)
        self._stop()

    def handle_events(self) -> None:
        """Stop waiting where a request's header has come."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()

    def on_response_complete(self) -> None:
        """Wait for the next request, if it has not come yet."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._wait()

    def _wait(self) -> None:
        self._stop()
        self._deadline = self.loop.call_later(self._seconds, self.transport.close)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()


class Server(uvicorn.Server):
    """uvicorn's server, which a signal ends without being raised again: that is how a server is meant to end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        """Take what is called when requests are answered."""
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self._ready is not None:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that stop, while the block runs; in the main thread alone, which gets them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._stop) for number in STOPPING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, _: FrameType | None) -> None:
        if self.should_exit:
            os._exit(128 + number)
        self.should_exit = True
