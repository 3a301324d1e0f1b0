"""What stands in front of every route: who may ask, how much may be sent and how long that may take.

A page of another origin gets nothing unless it was named: no header of CORS, no answer to a POST. A name in `Host`
that is not this server's is refused too, for so would a page ask that has bent its own name to this address.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from dragoman.errors import RequestError
from dragoman.serve.answers import refused
from dragoman.serve.limits import Limits
from dragoman.serve.refusal import Refusal, shortened

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Mapping[str, str]

LOCAL = ("localhost", "127.0.0.1", "::1")
EVERY = "*"
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9.:_\[\]-]+")  # small letters, no path

# Of every answer; the page brings a policy of its own.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask: `hosts` are names of this server, `addresses` says that any number for it will do.

    `origins` are those of other pages, such as https://example.org, or * for all of them.
    """

    hosts: frozenset[str] = frozenset(LOCAL)
    addresses: bool = False
    origins: frozenset[str] = frozenset()

    @classmethod
    def bound_to(cls, host: str, hosts: Collection[str] = (), origins: Collection[str] = ()) -> "Access":
        """Return who may ask a server at this address: by its local names, the address, and those given.

        Raises RequestError for what is no name and no origin, since it would never be met.
        """
        for name in hosts:
            if not name or any(sign in name for sign in "/@ ") or host_of(name) != name.lower().strip("[]"):
                raise RequestError(
                    f"--allow-host {name}: a name without a port is wanted, such as translate.example.org"
                )
        for origin in origins:
            if origin != EVERY and not ORIGIN.fullmatch(origin):
                raise RequestError(
                    f"--allow-origin {origin}: write it as browsers do, such as https://example.org, or *"
                )
        named = frozenset(name.lower().strip("[]") for name in (*LOCAL, host, *hosts))
        return cls(named, _everywhere(host), frozenset(origins))

    def check(self, method: str, headers: Headers) -> None:
        """Refuse a request for another host, or of another origin; raises Refusal."""
        host = headers.get("host", "")
        if not self._is_ours(host_of(host)):
            raise Refusal(421, f"this server is not {shortened(host) or 'named'}; start it with --allow-host NAME")
        origin = headers.get("origin")
        if method in ("GET", "HEAD") or origin is None or self.allows(origin):
            return
        if urlsplit(origin).netloc.lower() != host.lower() or not host:
            raise Refusal(403, f"pages of {shortened(origin)} may not ask; start the server with --allow-origin")

    def allows(self, origin: str | None) -> bool:
        """Whether pages of another origin may ask and read the answer."""
        return origin is not None and not self.origins.isdisjoint({origin, EVERY})

    def _is_ours(self, host: str) -> bool:
        return host in self.hosts or (self.addresses and _is_address(host))


class Guard:
    """An application with `Access` and `Limits` in front of it; it gets each body whole."""

    def __init__(self, app: App, access: Access, limits: Limits) -> None:
        """Stand in front of an application."""
        self._app = app
        self._access = access
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope["method"]
        send = self._dressed(send, headers.get("origin"))
        try:
            self._access.check(method, headers)
            if method == "OPTIONS" and self._access.allows(headers.get("origin")):
                await _empty(send)
                return
            body = await self._body(headers, receive)
        except Refusal as error:
            await refused(error, close=True)(scope, receive, send)
            return
        except asyncio.IncompleteReadError:  # the client has left
            return
        await self._app(scope, _replayed(body, receive), send)

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        """Return the body of a request; raises Refusal for one that is too large or comes too slowly."""
        most, seconds = self._limits.body_bytes, self._limits.body_seconds
        too_large = Refusal(413, f"the request has more than {most} bytes; send less at once")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 15 or int(length) > most:
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise asyncio.IncompleteReadError(bytes(body), None)
                    body += message.get("body", b"")
                    if len(body) > most:
                        raise too_large
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            raise Refusal(408, f"the request did not come within {seconds:g} seconds") from None

    def _dressed(self, send: Send, origin: str | None) -> Send:
        """Return a `send` that adds the headers of every answer, and those for an origin that may ask."""
        more = dict(HEADERS)
        if self._access.allows(origin) and origin is not None:
            more |= {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Headers": "Authorization, Content-Type",
                "Access-Control-Allow-Methods": "GET, POST",
                "Access-Control-Max-Age": "86400",
                "Vary": "Origin",
            }

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name.lower() for name, _ in message["headers"]}
                pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in more.items()]
                message["headers"] = [*message["headers"], *(pair for pair in pairs if pair[0] not in known)]
            await send(message)

        return dressed


def host_of(header: str) -> str:
    """Return the name in a Host header, without its port."""
    host = header.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the whole body first, and then what comes: that the client has left."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


async def _empty(send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _everywhere(host: str) -> bool:
    """Whether an address stands for all of this machine."""
    return _is_address(host) and ip_address(host).is_unspecified
