"""`dragoman xray`: what a smaller model costs, from scores down to layers."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.files import output, read_pair, refuse_replaced
from dragoman.cli.translate import Threads, To, load

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
    to: To = None,
    threads: Threads = None,
) -> None:
    """Show what fewer bits cost.

    Scores and their significance, probabilities, speed, sizes, the error after each layer, where translations part.
    """
    from dragoman.cli.xray_report import make, print_report, to_html

    refuse_replaced(page, source, reference, model, small)
    sources, references = read_pair(source, reference)
    whole, smaller = (load(folder, None, threads, "cpu") for folder in (model, small))
    whole.source_ids(sources.lines, sources.where, to)  # what is too long to score is refused before the work
    whole.target_ids(references.lines, references.where)
    with nullcontext() if page is None else output(page) as file:
        report: Report = make(model, small, whole, smaller, sources.lines, references.lines, LAYER_PAIRS, to)
        if file is not None:
            file.write(to_html(report))
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False, allow_nan=False))
    else:
        print_report(report)
