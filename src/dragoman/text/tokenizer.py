"""From text to pieces to ids, and back: the one path that training, evaluation and translation share.

Nothing is lost: `decode(encode(text).ids) == text` for every valid Unicode string, and no part of a text is
ever `<unk>` or a control piece, whatever a user types. The algorithm itself is a value (`BytePairs`).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dragoman.errors import CheckpointError, ConfigError, DataError, RequestError
from dragoman.manifest import locate, read_manifest
from dragoman.text.bpe import BytePairs, find_surrogate

NAME = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Encoding:
    """The ids of a text, their pieces, and where in the text each piece stands.

    `offsets` are [start, end) in characters of the text. The pieces cover the text from the left to the right
    without a gap; the byte pieces of one character all have the span of that character, and the blank that is
    put in front of every text takes no room: alone it has the span (0, 0).
    """

    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]


class Tokenizer:
    """A vocabulary and the rule that cuts text into its pieces; immutable.

    Get one by `Tokenizer.load("model/tokenizer.json")` or `training.train(texts, vocab_size)`.
    """

    def __init__(self, model: BytePairs, json: str | None = None) -> None:
        """Take the model, and the text of its file where it was read from one."""
        self._model = model
        self._json = model.to_json() if json is None else json
        self._spelling = model.spelling()
        self.fingerprint = hashlib.sha256(self._json.encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> "Tokenizer":
        """Read the text of a tokenizer.json; raises CheckpointError for any that dragoman did not write."""
        return cls(BytePairs.from_json(text), text)

    @classmethod
    def load(cls, path: str | Path) -> "Tokenizer":
        """Read a tokenizer.json, or that of a model folder with one for both sides; raises CheckpointError."""
        path = Path(path)
        if path.is_dir():
            manifest = read_manifest(path)
            if NAME not in manifest:
                raise CheckpointError(f"{path}: has a tokenizer for each side; name source.tokenizer.json in it")
            path, _ = locate(path, manifest, NAME)
        try:
            return cls.from_json(path.read_bytes().decode())
        except OSError as error:
            raise CheckpointError(
                f"{path}: cannot be read ({error.strerror}); give the path of a tokenizer.json"
            ) from None
        except UnicodeDecodeError as error:
            raise CheckpointError(f"{path}: byte {error.start} is no UTF-8; restore the file") from None
        except CheckpointError as error:
            raise CheckpointError(f"{path}: {error}") from None

    def to_json(self) -> str:
        """Return the text of the tokenizer.json, character for character as it was read."""
        return self._json

    def save(self, path: str | Path) -> None:
        """Write the tokenizer.json, which the `tokenizers` library reads too."""
        Path(path).write_bytes(self._json.encode())

    @property
    def kind(self) -> str:
        """Name the algorithm, such as `bpe`."""
        return self._model.kind

    @property
    def lossless(self) -> bool:
        """Whether every text comes back exactly."""
        return self._model.lossless

    @property
    def vocab_size(self) -> int:
        """Return the number of ids: specials, bytes and pieces."""
        return len(self._model.pieces)

    def piece(self, index: int) -> str:
        """Return the piece of an id as it is written in the vocabulary; raises RequestError."""
        return self._model.pieces[self._checked(index)]

    def encode(self, text: str) -> Encoding:
        """Cut a text into pieces; raises DataError at a lone surrogate, which is no character."""
        (ids,) = self.encode_ids([text])
        pieces = tuple(self._model.pieces[index] for index in ids)
        return Encoding(ids=tuple(ids), pieces=pieces, offsets=self._offsets(ids))

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, without `<s>` and `</s>`; an empty text has none. Raises DataError."""
        _refuse_surrogates(texts)
        return self._model.encode_ids(texts)

    def dropout_ids(self, texts: Sequence[str], keys: NDArray[np.int64], dropout: float) -> list[NDArray[np.int32]]:
        """Return ids of each text with merges left out at random: other cuts of the same text, for training.

        `keys` is int64 [n]: the ids of a text depend on its own key alone (see `randomness`). `dropout` 0
        gives the ids of `encode_ids`, 1 the smallest pieces. Raises ConfigError and DataError.
        """
        if not 0 <= dropout <= 1:
            raise ConfigError(f"merge-dropout {dropout}: a number from 0 to 1 is wanted, such as 0.1")
        _refuse_surrogates(texts)
        return self._model.dropout_ids(texts, keys, dropout)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids but specials, U+FFFD for bytes that are no UTF-8; raises RequestError."""
        spelled = b"".join([self._spelling[self._checked(index)] for index in ids])
        return spelled.decode(errors="replace").removeprefix(" ")

    def __repr__(self) -> str:
        """Name the algorithm, the size and the fingerprint."""
        return f"Tokenizer({self.kind}, vocab_size={self.vocab_size}, fingerprint={self.fingerprint[:12]})"

    def _checked(self, index: int) -> int:
        if not 0 <= index < self.vocab_size:
            raise RequestError(f"id {index} is not in the vocabulary; allowed are 0 to {self.vocab_size - 1}")
        return index

    def _offsets(self, ids: Sequence[int]) -> tuple[tuple[int, int], ...]:
        # `begun` characters have begun before a piece, among them the blank put in front of the text.
        offsets = []
        begun = 0
        for index in ids:
            spelled = self._spelling[index]
            start = begun - _continues(spelled[0])
            begun += len(spelled) - sum(map(_continues, spelled))
            offsets.append((max(start - 1, 0), begun - 1))
        return tuple(offsets)


def refuse_surrogate(text: str, number: int) -> None:
    """Raise DataError for a lone surrogate in the text that is the `number`-th of its caller."""
    at = find_surrogate(text)
    if at is not None:
        raise DataError(
            f"character {at + 1} of text {number} is U+{ord(text[at]):04X}, half of a surrogate pair; "
            "only valid Unicode is allowed: read the text as UTF-8 and write the whole character"
        )


def _refuse_surrogates(texts: Iterable[str]) -> None:
    for number, text in enumerate(texts, start=1):
        refuse_surrogate(text, number)


def _continues(byte: int) -> bool:
    """Whether a byte of UTF-8 goes on with a character that has begun."""
    return byte & 0xC0 == 0x80
