"""The routes: LibreTranslate's that clients need, the trace, and the page."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from dragoman.errors import DragomanError
from dragoman.serve.answers import answer, refused
from dragoman.serve.guard import Access, App, Guard
from dragoman.serve.limits import Limits
from dragoman.serve.refusal import Refusal, shortened
from dragoman.serve.scheduler import Scheduler
from dragoman.serve.schema import asked, fields_of, read_json, shown, traced
from dragoman.serve.service import Service

T = TypeVar("T")

UNPACKED = 4  # a trace of plain numbers takes so much more time and room than a packed one
UNDETECTED = 0.0  # the confidence in a source language that nobody looked for


class Routes:
    """What is answered at which address."""

    def __init__(self, service: Service, page: str | None, limits: Limits) -> None:
        """Take what answers, the page (None: this installation has none), and the limits."""
        self._service = service
        self._page = page
        self._limits = limits
        self._scheduler = Scheduler(limits)

    async def page(self, _: Request) -> Response:
        """Return the page in which the model is looked at."""
        if self._page is None:
            return refused(
                Refusal(404, "there is no page, and the server said why when it began; POST /translate works")
            )
        response = Response(self._page.encode(), media_type="text/html")
        response.headers["Content-Security-Policy"] = policy_of(self._page)
        return response

    async def health(self, _: Request) -> Response:
        """Say that the server is there."""
        return answer({"status": "ok"})

    async def languages(self, _: Request) -> Response:
        """Return what is translated into what."""
        return answer(self._service.languages.listed())

    async def translate(self, request: Request) -> Response:
        """Translate a text or a list of texts, as LibreTranslate does."""
        content_type = request.headers.get("content-type", "")
        fields = fields_of(content_type, await request.body(), request.scope["query_string"])
        wanted = asked(fields, self._service.languages, self._limits)
        source, target = wanted.direction
        found = await self._ask(
            request,
            lambda: self._service.translate(wanted.texts, target, wanted.alternatives),
            sum(map(len, wanted.texts)),
        )
        result: dict[str, Any] = {"translatedText": [one.text for one in found]}
        if wanted.alternatives:
            result["alternatives"] = [list(one.others) for one in found]
        if wanted.detect:
            result["detectedLanguage"] = [{"confidence": UNDETECTED, "language": source} for _ in found]
        return answer({name: value[0] for name, value in result.items()} if wanted.single else result)

    async def trace(self, request: Request) -> Response:
        """Return the trace of a text, as JSON that `explain.trace_json` and the page read."""
        text, packed, options = traced(read_json(await request.body()), self._service.translator.defaults, self._limits)
        most = self._limits.traced_numbers // (1 if packed else UNPACKED)
        found = await self._ask(request, lambda: self._service.trace(text, options, packed, most), len(text))
        return Response(found.encode(), media_type="application/json")

    async def translated(self, request: Request) -> Response:
        """Return a translation as the page shows it, piece by piece."""
        defaults = self._service.translator.defaults
        text, options, to = shown(read_json(await request.body()), defaults, self._limits)
        return answer(await self._ask(request, lambda: self._service.translated(text, options, to), len(text)))

    async def file(self, request: Request) -> Response:
        """Return a file of the model, which the page runs by itself for what is not asked of the server."""
        name = request.path_params["name"]
        found = await self._ask(request, lambda: [self._service.file(name)], 0)
        if found[0] is None:
            return refused(Refusal(404, f"the model has no file {shortened(name)}, or cannot be in a page"))
        return Response(found[0], media_type="application/octet-stream")

    async def _ask(self, request: Request, work: Callable[[], T], characters: int) -> T:
        found = await self._scheduler.ask(work, characters, _left(request))
        if found is None:
            raise Refusal(400, "the client has left")  # so nobody reads this
        return found

    def close(self) -> None:
        """Leave what has not begun."""
        self._scheduler.close()


def application(routes: Routes, access: Access, limits: Limits) -> App:
    """Return the routes behind their guard, as an ASGI application."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for path, method, endpoint in (
        ("/", "GET", routes.page),
        ("/health", "GET", routes.health),
        ("/languages", "GET", routes.languages),
        ("/translate", "POST", routes.translate),
        ("/v1/trace", "POST", routes.trace),
        ("/v1/translate", "POST", routes.translated),
        ("/v1/model/{name}", "GET", routes.file),
    ):
        app.add_route(path, endpoint, methods=[method])
    app.add_exception_handler(DragomanError, _refuse)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(500, _fault)
    return Guard(app, access, limits)


def policy_of(page: str) -> str:
    """Return the policy of a page, as a header says it: no other page may frame it."""
    _, _, behind = page.partition('<meta http-equiv="Content-Security-Policy" content="')
    policy, _, _ = behind.partition('"')
    return f"{policy}; frame-ancestors 'none'"


async def _refuse(_: Request, error: Exception) -> Response:
    return refused(error)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        words = f"this address takes no {request.method[:10]}"
    else:
        words = "there is nothing at this address; POST /translate, GET /languages, GET /health"
    response = refused(Refusal(error.status_code, words))
    response.headers.update(error.headers or {})
    return response


async def _fault(_: Request, __: Exception) -> Response:
    return answer({"error": "a fault of the server, which its log tells of"}, 500)


def _left(request: Request) -> Callable[[], Awaitable[None]]:
    """Return what waits until the client has left."""

    async def left() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    return left
