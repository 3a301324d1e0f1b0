"""`dragoman phrasebook`: write the corpus that dragoman makes itself."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def phrasebook(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write the files.")],
    pairs: Annotated[int, typer.Option(help="Training pairs.")] = 60_000,
    seed: Annotated[int, typer.Option(help="Other seeds give other pairs.")] = 1,
) -> None:
    """Write an English-German phrasebook to train on: train, valid and two test sets with gold alignments."""
    from dragoman.data.phrasebook import write

    write(out, train=pairs, seed=seed)
    print(f"{out}: {', '.join(sorted(path.name for path in out.iterdir()))}", file=sys.stderr)
