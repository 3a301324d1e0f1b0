"""Models of other programs become bundles: what is given, which reader knows it, and what all readers share.

A reader is a module with `read(given) -> Bundle`. It names what it does not know, file and field, and never guesses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman import manifest
from dragoman.bundle import Bundle
from dragoman.errors import CheckpointError, RequestError
from dragoman.options import SPECIALS

MAX_JSON = 64 << 20  # bytes of a foreign table, vocabularies among them
IMPOSSIBLE = -1e9  # output bias of an id that the foreign model does not have

FORMATS = {
    "ctranslate2": "dragoman.interchange.ctranslate2_import",
    "marian": "dragoman.interchange.marian_import",
    "huggingface": "dragoman.interchange.huggingface_import",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What a user says of a foreign model."""

    path: Path
    languages: tuple[str, str] | None = None
    tokenizer: str | None = None  # "characters", "blanks", or a SentencePiece .model, where the model brings none
    trust_torch_file: bool = False


def read(given: Given, form: str | None = None) -> Bundle:
    """Return a foreign model as a bundle; `form` is one of FORMATS, None: what its files say.

    Raises CheckpointError for files that are damaged or unknown, RequestError for what cannot be expressed.
    """
    if form is not None and form not in FORMATS:
        raise RequestError(f"--format {form}: allowed are {', '.join(FORMATS)}")
    if not given.path.exists():
        raise CheckpointError(f"{given.path}: there is no such file or folder; give the path of a model")
    form = form or recognized(given.path)
    if given.trust_torch_file and form != "huggingface":
        raise RequestError(
            f"--trust-torch-file: {given.path} is a model of {form}, which has no such file; leave it out"
        )
    found: Bundle = import_module(FORMATS[form]).read(given)
    return found


def recognized(path: Path) -> str:
    """Return which of FORMATS a file or folder has; raises CheckpointError."""
    if (path / manifest.MANIFEST).is_file():
        raise CheckpointError(f"{path}: this is a model of dragoman already; write dragoman translate {path}")
    bins = [path] if path.suffix == ".bin" else sorted(path.glob("*.bin"))
    if path.suffix == ".npz" or any(path.glob("*.npz")) or any(map(_begins_as_marian, bins)):
        return "marian"
    if any(file.name == "model.bin" for file in bins):
        return "ctranslate2"
    if (path / "config.json").is_file():
        return "huggingface"
    raise CheckpointError(
        f"{path}: no model that is known here by its files; say whose it is: --format {' or '.join(FORMATS)}"
    )


def _begins_as_marian(path: Path) -> bool:
    if not path.is_file():  # a pipe would be waited for
        return False
    try:
        with path.open("rb") as file:
            return file.read(8) == (1).to_bytes(8, "little")  # the version of its files
    except OSError:
        return False


def fault(path: Path, what: str, mend: str = "copy the file again from where it came") -> CheckpointError:
    """Return the error for a foreign file: what is wrong with it and what to do, on one line."""
    return CheckpointError(f"{path}: {' '.join(what.split())[:600]}; {mend}")


def content(path: Path, limit: int | None = MAX_JSON) -> bytes:
    """Return the bytes of a file of at most `limit`, None: of any size; raises CheckpointError."""
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise fault(path, "not a file")
    try:
        with path.open("rb") as file:
            data = file.read() if limit is None else file.read(limit + 1)
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror}") from None
    if limit is not None and len(data) > limit:
        raise fault(path, f"more than {limit:,} bytes")
    return data


def json_file(path: Path) -> Any:
    """Return what a foreign JSON file holds; raises CheckpointError."""
    return manifest.parse_json(content(path), path)


@dataclass(frozen=True, slots=True)
class Rows:
    """Where each id of ours stands in a foreign vocabulary; None: nowhere."""

    foreign: tuple[int | None, ...]

    @property
    def known(self) -> int:
        """Return how many rows of the foreign vocabulary have a place in ours: all of them, each once."""
        return len({place for place in self.foreign if place is not None})

    def of(self, table: NDArray[Any], missing: float = 0) -> NDArray[Any]:
        """Return rows of a table [foreign ids, ...] by our ids, `missing` for those that it lacks."""
        found = np.full((len(self.foreign), *table.shape[1:]), missing, dtype=table.dtype)
        known = [index for index, place in enumerate(self.foreign) if place is not None]
        found[known] = table[[place for place in self.foreign if place is not None]]
        return found


def ordered(pieces: Sequence[str], specials: Sequence[int | None], path: Path) -> tuple[tuple[str, ...], Rows]:
    """Return a foreign vocabulary in our order, and the row of each of our ids; raises CheckpointError.

    `specials` are the foreign ids of padding, unknown, start and end: our first four ids. All others follow in
    their own order.
    """
    others = [index for index in range(len(pieces)) if index not in specials]
    ours = (*SPECIALS, *(pieces[index] for index in others))
    seen: set[str] = set()
    for piece in ours:
        if piece in seen:
            raise fault(path, f"the piece {piece!r:.80} stands there twice, or has a use of its own here")
        seen.add(piece)
    return ours, Rows((*specials, *others))


def provenance(given: Given, program: str) -> dict[str, Any]:
    """Return where an imported model comes from, for its config.json."""
    return {"imported": {"from": program, "path": given.path.resolve().name}}


def card(given: Given, program: str) -> str:
    """Return the card of an imported model, which can say little."""
    direction = f" ({given.languages[0]} to {given.languages[1]})" if given.languages else ""
    return (
        f"# {given.path.resolve().name}{direction}\n\n"
        f"Imported from {program}. Its makers, data and licence are not known to dragoman: look where it came from, "
        "and write them here.\n"
    )
