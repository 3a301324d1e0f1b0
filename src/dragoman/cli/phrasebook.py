"""`dragoman phrasebook`: write the corpus that dragoman makes itself."""

from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli.files import note
from dragoman.errors import DataError


def phrasebook(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write the files.")],
    pairs: Annotated[int, typer.Option(help="Training pairs.")] = 60_000,
    seed: Annotated[int, typer.Option(help="Other seeds give other pairs.")] = 1,
    size: Annotated[
        str, typer.Option(help="core (some 400 words, for make demo) or full (twice the grammar, 750 words).")
    ] = "full",
) -> None:
    """Write an English-German phrasebook.

    A corpus to train on in either direction: train, valid and two test sets with gold word alignments, each
    with the parse trees of its English side (.tree).
    """
    from dragoman.data.phrasebook import write

    if out.exists() and not out.is_dir():
        raise DataError(f"{out}: a file; write the name of a folder")
    try:
        write(out, train=pairs, seed=seed, size=size)
    except OSError as error:
        raise DataError(f"{out}: cannot be written: {error.strerror}; choose another folder") from None
    note(f"{out}: {', '.join(sorted(path.name for path in out.iterdir()))}")
