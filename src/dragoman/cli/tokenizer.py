"""`dragoman tokenizer train` and `dragoman tokenizer inspect`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.files import read_input

app = typer.Typer(help="Learn a vocabulary from text, and see how it cuts text into pieces.", rich_markup_mode=None)


@app.command("train")
def train(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Texts, one a line; .gz and .zst too.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The tokenizer.json to write.")],
    vocab_size: Annotated[int | None, typer.Option(help="Pieces; by the amount of text, at most 8,000.")] = None,
    algorithm: Annotated[str, typer.Option(help="How to learn.")] = "bpe",
) -> None:
    """Learn a tokenizer from text files."""
    import sys

    from dragoman.data.corpus import read_lines
    from dragoman.text.training import train as learn

    tokenizer = learn((line for path in files for line in read_lines(path)), vocab_size, algorithm)
    tokenizer.save(out)
    print(f"{out}: {tokenizer.vocab_size:,} pieces ({tokenizer.kind})", file=sys.stderr)


@app.command("inspect")
def inspect(
    tokenizer: Annotated[Path, typer.Argument(metavar="TOKENIZER", help="A tokenizer.json or a model folder.")],
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help="Texts; stdin if none.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line: ids, pieces, offsets.")] = False,
) -> None:
    """Show how lines of text are cut into pieces, with their ids and places."""
    from dragoman.text.tokenizer import Tokenizer

    loaded = Tokenizer.load(tokenizer)
    for line in read_input(files or []):
        found = loaded.encode(line)
        if as_json:
            record = {"text": line, "ids": found.ids, "pieces": found.pieces, "offsets": found.offsets}
            print(json.dumps(record, ensure_ascii=False))
        else:
            print(" ".join(f"{piece}/{index}" for piece, index in zip(found.pieces, found.ids, strict=True)))
