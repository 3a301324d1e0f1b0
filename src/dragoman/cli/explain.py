"""`dragoman explain`: a page that holds a model and shows how it works."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.translate import Model
from dragoman.errors import RequestError

if TYPE_CHECKING:
    from dragoman.explain.laboratory import Named


def explain(
    model: Model,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="A sentence to begin with.")] = "",
    with_film: Annotated[
        bool, typer.Option("--film/--no-film", help="With TEXT: how it learned that, where its folder has snapshots.")
    ] = True,
    bench: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your machine in the page, by dragoman bench MODEL --json.")
    ] = None,
    tokenizers: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A tokenizer.json to cut texts with beside the model's own; repeat it."),
    ] = None,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Or learn a small tokenizer of each family from this text; repeat it."),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The HTML file to write; stdout if none.")] = None,
) -> None:
    """Write a page in which the model works.

    One HTML file that holds the weights, the tokenizers and a program that runs them: it translates as one types, in
    any browser, from a disk or a web server, without a network. Nothing in it leaves the machine that shows it.
    Of a model with more than 15 MB of int8 weights, or with a SentencePiece tokenizer of another program, it holds a
    record of TEXT's translation; see `dragoman serve`.

    Of a training folder it shows a film too: how the model learned to translate TEXT, from the snapshots of its way.
    """
    from dragoman import shipped
    from dragoman.cli.files import note, output, refuse_replaced

    if out is None and sys.stdout.isatty():
        raise RequestError("the page is a large file; write -o page.html, or send it on with > or |")
    given = [*([] if bench is None else [bench]), *(tokenizers or []), *(corpus or [])]
    refuse_replaced(out, shipped.locate(model), *given)
    with output(out) as file:  # before the work, so that a place where nothing can be written is known at once
        made = _page(model, text, with_film, bench, tokenizers or [], corpus or [])
        file.write(made)
    if out is not None:
        note(f"{out}: {len(made.encode()) / 1e6:,.1f} MB; open it in a browser, no network is needed")


def _page(
    model: Path, text: str, with_film: bool, bench: Path | None, tokenizers: list[Path], corpus: list[Path]
) -> str:
    """Return the page, and say on the way what takes a while and what cannot be in it; raises DragomanError."""
    from dragoman import bundle, shipped
    from dragoman.architecture import from_table
    from dragoman.cli.files import note
    from dragoman.explain import benchmark
    from dragoman.explain import film as films
    from dragoman.explain import page as pages
    from dragoman.explain.snapshots import snapshots
    from dragoman.text.tokenizer import refuse_surrogate

    pages.skeleton()  # what cannot be is said before the weights are read
    measured = None if bench is None else benchmark.read(bench)
    name = os.path.basename(os.path.abspath(model))
    described = bundle.describe(model)
    config, kinds = from_table(described["model"]), described["tokenizer"]["kinds"]
    pages.refuse_without_text(config, kinds, name, text)
    refuse_surrogate(text, 1)
    others = _others(tokenizers, corpus)
    loaded, film = bundle.load(model), None
    if with_film and text.strip() and (kept := snapshots(shipped.locate(model))):
        note(f"film: {len(kept)} snapshots of the training are looked at, which takes a while")
        film = films.film(loaded, shipped.locate(model), text)
    made = pages.page(loaded, name, text, film, measured, others)
    if (why := pages.obstacle(config, kinds)) is not None:
        note(f"{name}: {why}. So it holds the record of one translation; dragoman serve {model} translates any text")
    return made


def _others(tokenizers: list[Path], corpus: list[Path]) -> "list[Named] | None":
    """Return the tokenizers that are asked for beside the model's; None where none are. Raises DragomanError."""
    from dragoman.cli.compare_tokenizers import named
    from dragoman.data.corpus import read_lines
    from dragoman.explain.laboratory import Named, learned

    if not tokenizers and not corpus:
        return None
    found = [Named(name, "file", tokenizer) for name, tokenizer in named(tokenizers).items()]
    if corpus:
        found += learned(line for path in corpus for line in read_lines(path))
    return found
