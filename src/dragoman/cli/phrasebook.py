"""`dragoman phrasebook`: write the corpus that dragoman makes itself."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dragoman.errors import DataError


def phrasebook(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write the files.")],
    pairs: Annotated[int, typer.Option(help="Training pairs.")] = 60_000,
    seed: Annotated[int, typer.Option(help="Other seeds give other pairs.")] = 1,
) -> None:
    """Write an English-German phrasebook.

    A corpus to train on: train, valid and two test sets with gold word alignments.
    """
    from dragoman.data.phrasebook import write

    if out.exists() and not out.is_dir():
        raise DataError(f"{out}: a file; write the name of a folder")
    try:
        write(out, train=pairs, seed=seed)
    except OSError as error:
        raise DataError(f"{out}: cannot be written: {error.strerror}; choose another folder") from None
    print(f"{out}: {', '.join(sorted(path.name for path in out.iterdir()))}", file=sys.stderr)
