"""The tokenizers of a foreign model: what its vocabulary says, what lies beside it, and what the user names."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from dragoman.errors import CheckpointError, RequestError
from dragoman.interchange.importing import Given, Rows, content, fault, ordered
from dragoman.text.sentencepiece import parse
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.tokens import Cut, Tokens


@dataclass(frozen=True, slots=True)
class Side:
    """One side's tokenizer, the foreign row of each of its ids, and which of these only repeat a row of another."""

    tokenizer: Tokenizer
    rows: Rows
    repeated: tuple[int, ...] = ()
    exported: bool = False  # whether the folder is what `dragoman export` wrote


def side(given: Given, pieces: Sequence[str], specials: Sequence[int | None], path: Path, beside: str) -> Side:
    """Return the tokenizer of a vocabulary that was read from `path`.

    `specials` are the foreign ids of padding, unknown, start and end. A file `beside` the vocabulary is one that
    dragoman exported. Raises CheckpointError, and RequestError where nothing says how text is cut.
    """
    exported = path.with_name(beside)
    if given.tokenizer is None and exported.is_file():
        tokenizer = Tokenizer.load(exported)
        own = [tokenizer.piece(index) for index in range(tokenizer.vocab_size)]
        if own != list(pieces):
            raise fault(exported, f"its pieces are not those of {path.name}", "take both from one export")
        return Side(tokenizer, Rows(tuple(range(len(pieces)))), exported=True)
    ours, rows = ordered(pieces, specials, path)
    if given.tokenizer is None:
        raise RequestError(
            f"{given.path}: it brings no tokenizer, so how to cut text is not known; write --tokenizer characters "
            "(each one a piece), --tokenizer blanks (what stands between blanks), or --tokenizer FILE.model"
        )
    if given.tokenizer in get_args(Cut):
        try:
            return Side(Tokenizer.from_json(Tokens(pieces=ours, cut=cast(Cut, given.tokenizer)).to_json()), rows)
        except CheckpointError as error:
            raise fault(path, f"--tokenizer {given.tokenizer}: {error}") from None
    model = Path(given.tokenizer)
    if not model.is_file():
        raise RequestError(f"--tokenizer {model}: allowed are {', '.join(get_args(Cut))}, or a SentencePiece .model")
    cut = set(pieces_of(model))
    if 2 * sum(piece in cut for piece in pieces) < len(pieces):
        what = f"it has less than half of the pieces of {path.name}"
        raise RequestError(f"--tokenizer {model}: {what}; give the one that the model was trained with")
    return Side(sentencepiece(model, ours), rows)


def sentencepiece(path: Path, pieces: Sequence[str]) -> Tokenizer:
    """Return the tokenizer of a .model for pieces by our ids; raises CheckpointError that names the file."""
    try:
        return Tokenizer.from_foreign_sentencepiece(content(path), pieces)
    except CheckpointError as error:
        raise fault(path, str(error)) from None


def pieces_of(path: Path) -> list[str]:
    """Return the pieces of a .model by their ids there; raises CheckpointError that names the file."""
    try:
        return [piece.text for piece in parse(content(path)).pieces]
    except CheckpointError as error:
        raise fault(path, str(error)) from None
