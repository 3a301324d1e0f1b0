"""`dragoman tokenizer compare`: all families of tokenizers side by side on the user's own text."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.errors import ConfigError

if TYPE_CHECKING:
    from dragoman.text.comparison import Comparison
    from dragoman.text.tokenizer import Tokenizer

BEFORE, AFTER = 20, 40  # characters shown around a difference


def compare(
    source: Annotated[Path, typer.Option(help="Source texts, one a line; or .tsv, .jsonl with both sides.")],
    tokenizers: Annotated[
        list[Path] | None, typer.Argument(metavar="TOKENIZER", help="Compare these; all families if none.")
    ] = None,
    target: Annotated[Path | None, typer.Option(help="Their translations, one a line.")] = None,
    vocab_size: Annotated[int | None, typer.Option(help="Pieces of each; by the amount of text.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write one HTML page here, too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The comparison as one JSON object.")] = False,
) -> None:
    """Compare tokenizers on your own text.

    Without TOKENIZERs each family learns from nine tenths of the lines. All are measured on the last tenth:
    size, pieces a word and a line, bytes, unknowns, speed, and what does not come back.
    """
    from contextlib import nullcontext

    from dragoman.cli.files import note, output, refuse_replaced
    from dragoman.cli.measures import cells, comparison_lines
    from dragoman.cli.tables import print_table
    from dragoman.cli.tokenizer_page import page
    from dragoman.data.corpus import PairFiles, read_lines, read_pairs
    from dragoman.text.comparison import compare as lay_side_by_side

    if tokenizers and vocab_size is not None:
        raise ConfigError(f"--vocab-size {vocab_size} with tokenizers that are learned already; leave one of them out")
    refuse_replaced(out, source, target, *(tokenizers or []))
    given = named(tokenizers or [])
    files = PairFiles(source, target) if target or (source.suffixes and _holds_pairs(source)) else None
    rows = (
        ((line,) for line in read_lines(source))
        if files is None
        else ((pair.source, pair.target) for pair in read_pairs(files))
    )
    sides = ("text",) if files is None else ("source", "target")
    with nullcontext() if out is None else output(out) as file:
        found = lay_side_by_side(rows, sides, given, vocab_size)
        if file is not None:
            file.write(page(found))
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
        return
    note(summary(found))
    print_table(("", *(entry.name for entry in found.entries)), cells(comparison_lines(found)))
    for entry in found.entries:
        for side, measures in zip(found.sides, entry.sides, strict=True):
            if measures.failure is not None:
                text, restored = around_difference(measures.failure.text, measures.failure.restored)
                print(f"{entry.name}, {side}: {text!r} becomes {restored!r}")
    for refusal in found.refusals:
        print(f"{refusal.name}: not learned: {refusal.reason}")


def around_difference(text: str, restored: str) -> tuple[str, str]:
    """Return of two unequal texts what stands around the first place where they differ."""
    pairs = zip(text, restored, strict=False)  # one may be the other's beginning
    same = next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(text), len(restored)))
    start = max(0, same - BEFORE)
    dots = "... " if start else ""
    return dots + text[start : same + AFTER], dots + restored[start : same + AFTER]


def summary(found: "Comparison") -> str:
    """Return in a sentence what was learned from and measured on."""
    learned = f"learned from {found.training:,} and " if found.training else ""
    return f"{found.total:,} lines, {learned}measured on {found.measured:,} others; speeds are of one pass"


def named(paths: list[Path]) -> "dict[str, Tokenizer]":
    """Return the tokenizers by the shortest ends of their paths that tell them apart; raises ConfigError."""
    from dragoman.text.tokenizer import Tokenizer

    loaded = [Tokenizer.load(path) for path in paths]
    whole = [path.absolute() for path in paths]
    parts = [path.parts if path.is_dir() else (*path.parts[:-1], path.name.removesuffix(".json")) for path in whole]
    for depth in range(1, max(map(len, parts), default=1) + 1):
        names = ["/".join(part[-depth:]) for part in parts]
        if len(set(names)) == len(names):
            return dict(zip(names, loaded, strict=True))
    twice = next(path for path, part in zip(paths, parts, strict=True) if parts.count(part) > 1)
    raise ConfigError(f"{twice} is given twice; name each tokenizer once")


def _holds_pairs(path: Path) -> bool:
    name = path.name.lower()
    return any(name.endswith(kind + packed) for kind in (".tsv", ".jsonl") for packed in ("", ".gz", ".zst"))
