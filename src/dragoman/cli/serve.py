"""`dragoman serve`: a model behind HTTP, and the page that shows it."""

import os
from functools import partial
from typing import Annotated

import typer

from dragoman.cli.translate import Model, Precision, Threads, load
from dragoman.errors import RequestError

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    model: Model,
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 is every one of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at; 0 is any that is free.")] = 5000,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Another name by which this server is asked.")
    ] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Pages that may ask it, such as https://example.org.")
    ] = None,
    precision: Precision = None,
    threads: Threads = None,
) -> None:
    """Answer translations over HTTP, and show the page.

    At / a page in which one sees the model work; at /translate, /languages and /health what clients of
    LibreTranslate ask; at /v1/trace every number of a translation. It answers this machine alone unless --host says
    otherwise, and pages of other servers never unless they are named. Ctrl-C ends it.
    """
    from dragoman import bundle
    from dragoman.cli.files import note, shown
    from dragoman.explain import page as pages
    from dragoman.serve.app import Routes, application
    from dragoman.serve.guard import Access
    from dragoman.serve.limits import Limits
    from dragoman.serve.server import address_of, listen, server
    from dragoman.serve.service import Service

    if not 0 <= port <= 65535:
        raise RequestError(f"--port {port}: a whole number from 0 to 65535 is wanted, such as 5000")
    access = Access.bound_to(host, allow_host or (), allow_origin or ())
    with listen(host, port) as listening:
        translator = load(model, precision, threads, "cpu")
        name = os.path.basename(os.path.abspath(model))
        limits = Limits()
        page = None
        try:
            page = pages.served_page(translator.bundle, name)
        except RequestError as error:
            note(f"no page, only answers: {error}")
        routes = Routes(Service(translator, lambda: bundle.load(model)), page, limits)
        app = application(routes, access, limits)
        if host not in LOOPBACK:
            note(f"whoever reaches {host} can use it: there are no keys and no limits for each client")
        ready = partial(note, f"{shown(name)} answers at {address_of(listening)}; Ctrl-C ends")
        server(app, limits, ready).run(sockets=[listening])
        routes.close()
