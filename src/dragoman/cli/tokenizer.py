"""`dragoman tokenizer`: train, inspect, export and import; doctor and compare stand in files of their own."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dragoman import shipped
from dragoman.cli.compare_tokenizers import compare
from dragoman.cli.doctor import chosen, doctor
from dragoman.cli.files import note, output, outputs, read_texts, refuse_replaced

if TYPE_CHECKING:
    from dragoman.text.tokenizer import Tokenizer

app = typer.Typer(help="Learn a vocabulary, see its pieces, find its weaknesses.", rich_markup_mode=None)


@app.command("train")
def train(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Texts, one a line; .gz and .zst too.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The tokenizer.json to write.")],
    vocab_size: Annotated[int | None, typer.Option(help="Pieces; by the amount of text, at most 8,000.")] = None,
    algorithm: Annotated[str, typer.Option(help="bpe, byte_bpe, unigram, wordpiece, character or word.")] = "bpe",
) -> None:
    """Learn a tokenizer from text files."""
    from dragoman.data.corpus import read_lines
    from dragoman.text.training import train as learn

    refuse_replaced(out, *files)
    tokenizer = learn((line for path in files for line in read_lines(path)), vocab_size, algorithm)
    with output(out) as file:
        file.write(tokenizer.to_json())
    lossy = "" if tokenizer.lossless else ", lossy: not every text comes back exactly"
    note(f"{out}: {tokenizer.vocab_size:,} pieces ({tokenizer.kind}{lossy})")


@app.command("inspect")
def inspect(
    tokenizer: Annotated[Path, typer.Argument(metavar="TOKENIZER", help="A tokenizer.json or a model folder.")],
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Texts; stdin if none.")] = None,
    target: Annotated[bool, typer.Option("--target", help="Of a model with two vocabularies, the target's.")] = False,
    offsets: Annotated[bool, typer.Option("--offsets", help="Where in the text each piece stands, too.")] = False,
    history: Annotated[bool, typer.Option("--history", help="How the pieces came to be, step by step.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line: ids, pieces, offsets.")] = False,
) -> None:
    """Show how texts are cut into pieces.

    One line a text: each piece with its id; on a terminal in colour, the ids below. With --json or --offsets,
    its place in the text too.
    """
    from rich.console import Console

    from dragoman.cli.pieces import coloured, history_as_json, plain, told

    console = Console(highlight=False)
    loaded = _load(tokenizer, target)
    for line in read_texts(files or []).lines:
        found = loaded.encode(line)
        steps = loaded.history(line) if history else None
        if as_json:
            record: dict[str, Any] = {
                "text": line,
                "ids": found.ids,
                "pieces": found.pieces,
                "offsets": found.offsets,
            }
            if steps is not None:
                record["history"] = history_as_json(steps)
            print(json.dumps(record, ensure_ascii=False))
            continue
        for step in told(steps) if steps is not None else ():
            print(step)
        if console.is_terminal:
            console.print(coloured(found, offsets))
        else:
            print(plain(found, offsets))


@app.command("export")
def export(
    tokenizer: Annotated[Path, typer.Argument(metavar="TOKENIZER", help="A tokenizer.json or a model folder.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The SentencePiece .model to write.")],
    target: Annotated[bool, typer.Option("--target", help="Of a model with two vocabularies, the target's.")] = False,
) -> None:
    """Write a bpe as a SentencePiece .model, exactly.

    A tokenizer that was read from one gives it back as it came.
    """
    refuse_replaced(out, shipped.locate(tokenizer))
    loaded = _load(tokenizer, target)
    with outputs(out) as (file,):
        file.write(loaded.to_sentencepiece())
    note(f"{out}: {loaded.vocab_size:,} pieces")


@app.command("import")
def import_(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A SentencePiece .model, of any kind.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The tokenizer.json to write.")],
) -> None:
    """Read a SentencePiece .model.

    It is a bpe where one cuts every text alike, else a tokenizer of its own kind.
    """
    from dragoman.text.tokenizer import Tokenizer

    refuse_replaced(out, model)
    loaded = Tokenizer.load_sentencepiece(model)
    with output(out) as file:
        file.write(loaded.to_json())
    through = f", through {loaded.through}" if loaded.through else ""
    note(f"{out}: {loaded.vocab_size:,} pieces ({loaded.kind}{through})")


def _load(path: Path, target: bool) -> "Tokenizer":
    """Return the tokenizer of a file or of a model folder; raises CheckpointError."""
    from dragoman import bundle
    from dragoman.text.tokenizer import Tokenizer

    path = shipped.locate(path)
    if not path.is_dir():
        return Tokenizer.load(path)
    return chosen(bundle.load(path), target, path.name)


app.command("doctor")(doctor)
app.command("compare")(compare)
