"""`dragoman explain`: a page that holds a model and shows how it works."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.translate import Model
from dragoman.errors import RequestError


def explain(
    model: Model,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="A sentence to begin with.")] = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The HTML file to write; stdout if none.")] = None,
) -> None:
    """Write a page in which the model works.

    One HTML file that holds the weights, the tokenizers and a program that runs them: it translates as one types, in
    any browser, from a disk or a web server, without a network. Nothing in it leaves the machine that shows it.
    """
    from dragoman import bundle, shipped
    from dragoman.cli.files import note, output, refuse_replaced
    from dragoman.explain import page as pages

    if out is None and sys.stdout.isatty():
        raise RequestError("the page is a large file; write -o page.html, or send it on with > or |")
    refuse_replaced(out, shipped.locate(model))
    pages.skeleton()  # what cannot be is said before the weights are read
    name = os.path.basename(os.path.abspath(model))
    pages.refuse_large(name, bundle.describe(model)["parameters"])
    made = pages.page(bundle.load(model), name, text)
    with output(out) as file:
        file.write(made)
    if out is not None:
        note(f"{out}: {len(made.encode()) / 1e6:,.1f} MB; open it in a browser, no network is needed")
