"""`dragoman translate` and `dragoman score`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from dragoman.cli.files import decode, note, output, read_pair, read_texts, refuse_replaced, shown
from dragoman.errors import ConfigError, DragomanError, RequestError

if TYPE_CHECKING:
    from dragoman.options import DecodeOptions, Hypothesis, Translation
    from dragoman.translator import Translator

Model = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL", help="A folder, as `dragoman train --out` makes it, or en-de or de-en, which ship."
    ),
]
To = Annotated[str | None, typer.Option(help="Language to translate into, where the model has several.")]
Threads = Annotated[int | None, typer.Option(help="Processor threads; all by default.")]
Precision = Annotated[
    str | None, typer.Option(help="Numbers to compute with on the CPU: int8 (fastest), bf16 or float32.")
]

MAX_THREADS = 512
MOST_WARNED = 20  # lines whose warnings are said one by one


def translate(
    model: Model,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Texts, one a line; stdin if none.")
    ] = None,
    to: To = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write here instead of stdout.")] = None,
    beam: Annotated[int | None, typer.Option(help="Hypotheses kept side by side; 1 is greedy.")] = None,
    n_best: Annotated[
        int | None, typer.Option(help="Translations a line; above 1: lines of number, score, text.")
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="Draw pieces at random, flatter above 1.")] = None,
    top_k: Annotated[int | None, typer.Option(help="Draw among the K likeliest pieces.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Draw among the likeliest pieces that sum to P.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the draws.")] = None,
    penalty: Annotated[str | None, typer.Option(help="How length counts: paper, average or none.")] = None,
    alpha: Annotated[float | None, typer.Option(help="Exponent of the paper's length penalty.")] = None,
    min_length: Annotated[int | None, typer.Option(help="Fewest pieces, the end included.")] = None,
    max_length: Annotated[int | None, typer.Option(help="Most pieces, the end included.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Translate sentence by sentence: auto (a long line), always or never.")
    ] = None,
    capitals: Annotated[
        str | None, typer.Option(help="What the model reads of a line in CAPITALS: keep, or lower for small letters.")
    ] = None,
    shortlist: Annotated[
        bool | None,
        typer.Option("--shortlist", help="Only pieces of the model's lexical shortlist: faster, a bit worse."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, with scores, alignments and segments.")
    ] = False,
    precision: Precision = None,
    threads: Threads = None,
) -> None:
    """Translate texts: one line in, one line out."""
    from dragoman.translator import decode_options

    refuse_replaced(out, model, *(files or []))
    translator = load(model, precision, threads)
    given = {
        "beam": beam, "n_best": n_best, "temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed,
        "penalty": penalty, "alpha": alpha, "min_length": min_length, "max_length": max_length, "split": split,
        "capitals": capitals, "shortlist": shortlist,
    }  # fmt: skip
    options = decode_options(translator.defaults, {name: value for name, value in given.items() if value is not None})
    if seed is not None and not options.sampling:
        raise RequestError(f"--seed {seed} without sampling; give --temperature, --top-k or --top-p too")
    if alpha is not None and options.penalty != "paper":
        raise RequestError(f"--alpha {alpha} with penalty {options.penalty}, which has none; leave one of the two out")
    if not files and sys.stdin.isatty():
        translator.source_ids([], to=to)  # a wrong language is refused before anything is typed
        with output(out) as file:
            _converse(translator, options, to, as_json, file)
        return
    texts = read_texts(files or [])
    if not texts.lines:
        raise RequestError("no text was given; write it on stdin, one a line, or name a FILE")
    with output(out) as file:
        warned = 0
        for index, translation in enumerate(translator.stream(texts.lines, options, texts.where, to)):
            warned += bool(translation.warnings)
            if warned <= MOST_WARNED:
                _warn(texts.where(index), translation)
            _print(index + 1, translation, options, as_json, file)
    if warned > MOST_WARNED:
        note(f"{warned - MOST_WARNED:,} more lines have warnings; --json gives those of every line")


def score(
    model: Model,
    source: Annotated[Path, typer.Option(help="Source texts, one a line.")],
    target: Annotated[Path, typer.Option(help="Their translations, one a line.")],
    to: To = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, piece by piece.")] = False,
    precision: Precision = None,
    threads: Threads = None,
) -> None:
    """Tell how likely given translations are.

    One line a pair: the mean log-probability of a piece of the target, its end included.
    """
    translator = load(model, precision, threads)
    sources, targets = read_pair(source, target)
    for found in translator.score(sources.lines, targets.lines, sources.where, targets.where, to):
        print(json.dumps(_hypothesis(found), ensure_ascii=False) if as_json else f"{found.score:.6f}")


def load(
    model: Path, precision: str | None = None, threads: int | None = None, device: str | None = None
) -> "Translator":
    """Load a model folder, and say so where it has learned nothing yet; raises CheckpointError and RequestError."""
    from dragoman.translator import Translator

    if threads is not None and not 1 <= threads <= MAX_THREADS:  # many thousands end the process
        raise ConfigError(f"--threads {threads}: a whole number from 1 to {MAX_THREADS} is allowed")
    translator = Translator.load(model, device, precision, threads)
    provenance = translator.bundle.provenance
    if "recipe" in provenance and "trained" not in provenance:
        note(f"{model} is untrained: its training was stopped before the first validation; the same command goes on")
    return translator


def _converse(translator: "Translator", options: "DecodeOptions", to: str | None, as_json: bool, file: TextIO) -> None:
    """Answer the lines that a person types; a line that cannot be translated is no reason to leave."""
    note("type a line to translate it; Ctrl-D ends")
    for number, line in enumerate(_typed(), 1):
        try:
            found = translator.translate(decode(line.rstrip(b"\r\n"), number), options, to)
            _warn(f"line {number}", found)
            _print(number, found, options, as_json, file)
        except DragomanError as error:
            note(f"dragoman: {error}")
        file.flush()


def _typed() -> Iterator[bytes]:
    """Yield the lines that a person types after a prompt."""
    while True:
        print("> ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.buffer.readline()
        if not line:
            print(file=sys.stderr)
            return
        yield line


def _warn(where: str, translation: "Translation") -> None:
    for warning in translation.warnings:
        note(f"{where}: {warning}: {shown(translation.source[:60])}")


def _print(number: int, translation: "Translation", options: "DecodeOptions", as_json: bool, file: TextIO) -> None:
    if as_json:
        record = {
            "source": translation.source,
            "text": translation.text,
            "score": round(translation.score, 6),
            "source_pieces": translation.source_pieces,
            "hypotheses": [_hypothesis(hypothesis) for hypothesis in translation.hypotheses],
            "segments": [
                {
                    "source": part.source,
                    "target": part.target,
                    "score": None if part.hypothesis is None else round(part.hypothesis.score, 6),
                    "finished": None if part.hypothesis is None else part.hypothesis.finished,
                }
                for part in translation.segments
            ],
            "warnings": translation.warnings,
        }
        print(json.dumps(record, ensure_ascii=False), file=file)
    elif options.n_best > 1:
        for hypothesis in translation.hypotheses:
            print(f"{number}\t{hypothesis.score:.4f}\t{hypothesis.text}", file=file)
    else:
        print(translation.text, file=file)


def _hypothesis(hypothesis: "Hypothesis") -> dict[str, Any]:
    alignment = hypothesis.alignment
    return {
        "text": hypothesis.text,
        "score": round(hypothesis.score, 6),
        "log_probability": round(hypothesis.log_probability, 6),
        "finished": hypothesis.finished,
        "pieces": hypothesis.pieces,
        "token_log_probabilities": [round(value, 6) for value in hypothesis.token_log_probabilities],
        "alignment": None if alignment is None else [list(link) for link in alignment.links],
    }
