"""`dragoman evaluate`: translate a test set and score it, with the signatures that make scores comparable."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.files import output, read_pair, refuse_replaced
from dragoman.cli.translate import Model, Precision, Threads, To, decode_options, load


def evaluate(
    model: Model,
    source: Annotated[Path, typer.Option(help="Source texts, one a line.")],
    reference: Annotated[Path, typer.Option(help="Human translations, one a line.")],
    to: To = None,
    beam: Annotated[int | None, typer.Option(help="Hypotheses kept side by side; 1 is greedy.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the translations here.")] = None,
    alignment: Annotated[
        Path | None, typer.Option(help="Gold word links, a line a pair: 'i-j', source-target, from 0.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Scores and signatures as JSON.")] = False,
    precision: Precision = None,
    threads: Threads = None,
) -> None:
    """Score a model on a test set.

    BLEU, chrF2++ and TER as sacreBLEU computes them, with their signatures, and the share of exact matches.
    """
    from dragoman.evaluate.quality import score

    refuse_replaced(out, source, reference, *([] if alignment is None else [alignment]), model)
    sources, references = read_pair(source, reference)
    translator = load(model, precision, threads)
    options = decode_options(translator.defaults, {} if beam is None else {"beam": beam})
    with nullcontext() if out is None else output(out) as file:
        translations = [found.text for found in translator.stream(sources.lines, options, sources.where, to)]
        if file is not None:
            file.writelines(f"{line}\n" for line in translations)
    quality = score(translations, references.lines)
    error_rate = None
    if alignment is not None:
        from dragoman.cli.gold import alignment_error_rate

        error_rate = alignment_error_rate(translator, sources.lines, references.lines, alignment, to)
    if as_json:
        print(json.dumps(quality.as_json() | {"alignment_error_rate": error_rate}, ensure_ascii=False))
    else:
        print(quality.as_table())
        if error_rate is not None:
            heads = ", ".join(f"layer {layer + 1} head {head + 1}" for layer, head in translator.bundle.alignment_heads)
            print(f"alignment error {100 * error_rate:>7.2f}  % of the gold word links, by decoder {heads}")
