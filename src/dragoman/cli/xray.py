"""`dragoman xray`: what a smaller model costs, from scores down to layers."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.files import output, read_pair, refuse_replaced
from dragoman.cli.translate import Threads, load

if TYPE_CHECKING:
    from dragoman.cli.xray_report import Report

LAYER_PAIRS = 100  # whose layers are compared


def xray(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The model with float weights.")],
    small: Annotated[Path, typer.Argument(metavar="SMALLER", help="The model with fewer bits.")],
    source: Annotated[Path, typer.Option(help="Source texts, one a line.")],
    reference: Annotated[Path, typer.Option(help="Human translations, one a line.")],
    page: Annotated[Path | None, typer.Option("-o", "--out", help="Write an HTML page, too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
    threads: Threads = None,
) -> None:
    """Show what fewer bits cost.

    Scores and their significance, probabilities, speed, sizes, the error after each layer, where translations part.
    """
    from dragoman.cli.xray_report import make, print_report, to_html

    refuse_replaced(page, source, reference, model, small)
    sources, references = read_pair(source, reference)
    whole, smaller = load(model, None, threads), load(small, None, threads)
    report: Report = make(model, small, whole, smaller, sources.lines, references.lines, LAYER_PAIRS)
    if page is not None:
        with output(page) as file:
            file.write(to_html(report))
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print_report(report)
