"""`dragoman evaluate`: translate a test set and score it, with the signatures that make scores comparable."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.files import output, read_pair, refuse_replaced
from dragoman.cli.translate import Model, Precision, Threads, To, load
from dragoman.errors import RequestError

if TYPE_CHECKING:
    from dragoman.evaluate.quality import Quality
    from dragoman.options import DecodeOptions
    from dragoman.translator import Translator


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
    card: Annotated[bool, typer.Option("--card", help="Write the scores into the model's card.md too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Scores and signatures as JSON.")] = False,
    precision: Precision = None,
    threads: Threads = None,
) -> None:
    """Score a model on a test set.

    BLEU, chrF2++ and TER as sacreBLEU computes them, with their signatures, and the share of exact matches.
    """
    from dragoman.evaluate.quality import score
    from dragoman.translator import decode_options

    if card:
        _refuse_card(model)
    refuse_replaced(out, source, reference, alignment, model)
    sources, references = read_pair(source, reference)
    translator = load(model, precision, threads, "cpu" if card else None)
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
    if card:
        _write_card(model, (source, reference), translator, options, quality)
    if as_json:
        print(json.dumps(quality.as_json() | {"alignment_error_rate": error_rate}, ensure_ascii=False))
    else:
        print(quality.as_table())
        if error_rate is not None:
            heads = ", ".join(f"layer {layer + 1} head {head + 1}" for layer, head in translator.bundle.alignment_heads)
            print(f"alignment error {100 * error_rate:>7.2f}  % of the gold word links, by decoder {heads}")


def _refuse_card(model: Path) -> None:
    """Refuse what is no folder of one's own, or is still written by a training run; raises RequestError."""
    run = model / "training" / "run.json"
    if not model.is_dir():
        raise RequestError(f"--card: {model} is no model folder of yours, so its card stays as it is")
    if run.exists() and json.loads(run.read_bytes())["ending"] is None:
        raise RequestError(f"--card: the training of {model} has not ended; evaluate it then")


def _write_card(
    model: Path, files: tuple[Path, Path], translator: "Translator", options: "DecodeOptions", quality: "Quality"
) -> None:
    """Put the scores into the model's card, in the place of those of the same files and settings."""
    import hashlib
    from dataclasses import replace

    from dragoman import bundle
    from dragoman.cli.card import with_scores
    from dragoman.cli.files import note
    from dragoman.engine.model import Engine

    assert isinstance(translator.runner, Engine)
    names = [path.name.encode(errors="replace").decode() for path in files]
    heading = f"`{names[0]}` to `{names[1]}`, {translator.runner.precision}, {_search(options)}"
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in zip(names, files, strict=True)}
    known = bundle.load(model)
    bundle.save(replace(known, card=with_scores(known.card, heading, digests, quality)), model, plain=True)
    note(f"{model / bundle.CARD}: {heading}")


def _search(options: "DecodeOptions") -> str:
    """Return the settings of a search in words."""
    if options.beam == 1:
        return "greedy"
    exponent = f" {options.alpha}" if options.penalty == "paper" else ""
    return f"beam {options.beam or 4}, length penalty {options.penalty}{exponent}"
