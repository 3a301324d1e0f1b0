"""From text to pieces to ids, and back: the one path that training, evaluation and translation share.

The algorithm is a value, a `Family` such as `BytePairs`. With a lossless one `decode(encode(text).ids) == text`
for every valid Unicode string and nothing is ever `<unk>`; with none is a part of a text a control piece,
whatever a user types.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dragoman import shipped, strict_json
from dragoman.errors import CheckpointError, ConfigError, DataError, RequestError
from dragoman.manifest import check_file, locate, read_manifest
from dragoman.text import sentencepiece
from dragoman.text.bpe import BytePairs
from dragoman.text.byte_bpe import ByteLevelPairs
from dragoman.text.character import Characters
from dragoman.text.family import MERGING, SAMPLING, Family, find_surrogate, plain_rows, refusal
from dragoman.text.foreign import TYPE, SentencePieces
from dragoman.text.history import Candidates, Merge, candidates, merge_steps
from dragoman.text.spelling import BYTES
from dragoman.text.tokens import Tokens
from dragoman.text.unigram import Unigram
from dragoman.text.word import Words
from dragoman.text.wordpiece import WordPieces

NAME = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Encoding:
    """The ids of a text, their pieces, and where in the text each piece stands.

    `offsets` are [start, end) in characters of the text. The pieces of a lossless tokenizer cover the text from
    the left to the right without a gap; pieces that share a character all have it, and the blank that some put
    in front of every text takes no room: alone it has the span (0, 0).
    """

    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]


class Tokenizer:
    """A vocabulary and the rule that cuts text into its pieces; immutable.

    Get one by `Tokenizer.load("model/tokenizer.json")` or `training.train(texts, vocab_size)`.
    """

    def __init__(self, model: Family, json: str | None = None) -> None:
        """Take the model, and the text of its file where it was read from one."""
        self._model = model
        self._json = model.to_json() if json is None else json
        self.fingerprint = hashlib.sha256(self._json.encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> "Tokenizer":
        """Read the text of a tokenizer.json; raises CheckpointError for any that dragoman did not write."""
        return cls(_family(text), text)

    @classmethod
    def load(cls, path: str | Path, side: Literal["source", "target"] | None = None) -> "Tokenizer":
        """Read a tokenizer.json, or that of a model; raises CheckpointError.

        A model is a folder, or the name of one that ships with the package; one that has a tokenizer for each
        `side` wants to know which is meant.
        """
        path = shipped.locate(path)
        if path.is_dir():
            manifest = read_manifest(path)
            name = NAME if NAME in manifest or side is None else f"{side}.{NAME}"
            if name not in manifest:
                raise CheckpointError(f'{path}: has a tokenizer for each side; write side="source" or side="target"')
            check_file(path, manifest, name)
            path, _ = locate(path, manifest, name)
        _refuse_pipe(path)
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
        """Write the tokenizer.json, which the `tokenizers` library reads too, but that of a `sentencepiece`."""
        Path(path).write_bytes(self._json.encode())

    @classmethod
    def load_sentencepiece(cls, path: str | Path) -> "Tokenizer":
        """Read a SentencePiece .model: a `bpe` that cuts every text alike, else a `sentencepiece`; CheckpointError."""
        _refuse_pipe(Path(path))
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise CheckpointError(f"{path}: cannot be read ({error.strerror}); give the path of a .model") from None
        try:
            pairs = sentencepiece.as_pairs(sentencepiece.parse(data))
            return cls(pairs or SentencePieces.of(data))
        except CheckpointError as error:
            raise CheckpointError(f"{path}: {error}") from None

    @classmethod
    def from_foreign_sentencepiece(cls, proto: bytes, pieces: Sequence[str] | None = None) -> "Tokenizer":
        """Read the content of a .model for a vocabulary that came with it: `pieces` by our ids, the specials first.

        What it cuts that is not among them is `<unk>`. Without `pieces` its own follow the specials, in their
        order, but for its controls. Raises CheckpointError, and RequestError where the package for it is missing.
        """
        return cls(SentencePieces.of(proto, pieces))

    def save_sentencepiece(self, path: str | Path) -> None:
        """Write `to_sentencepiece` into a file."""
        Path(path).write_bytes(self.to_sentencepiece())

    def to_sentencepiece(self) -> bytes:
        """Return the content of a .model: of a `bpe` one with its ids, of a `sentencepiece` the one that it was.

        Raises ConfigError for another kind.
        """
        if isinstance(self._model, SentencePieces):
            return self._model.proto
        return sentencepiece.written(self._model)

    @property
    def family(self) -> Family:
        """Return the vocabulary with the rule of its algorithm."""
        return self._model

    @property
    def kind(self) -> str:
        """Name the algorithm, such as `bpe`."""
        return self._model.kind

    @property
    def through(self) -> str | None:
        """Name the library that cuts as a foreign SentencePiece model does; None for the other kinds."""
        return self._model.through if isinstance(self._model, SentencePieces) else None

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
        return Encoding(ids=tuple(ids), pieces=pieces, offsets=self._model.offsets(text, ids))

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, without `<s>` and `</s>`; an empty text has none. Raises DataError."""
        _refuse_surrogates(texts)
        return self._model.encode_ids(texts)

    def dropout_ids(self, texts: Sequence[str], keys: NDArray[np.int64], dropout: float) -> list[NDArray[np.int32]]:
        """Return ids of each text with merges left out at random: other cuts of the same text, for training.

        `keys` is int64 [n]: the ids of a text depend on its own key alone (see `randomness`). `dropout` 0
        gives the ids of `encode_ids`, 1 the smallest pieces. Raises DataError, and ConfigError for a `dropout`
        above 0 where there are no merges.
        """
        if not 0 <= dropout <= 1:
            raise ConfigError(f"merge-dropout {dropout}: a number from 0 to 1 is wanted, such as 0.1")
        _refuse_surrogates(texts)
        if isinstance(self._model, BytePairs | ByteLevelPairs):
            return self._model.dropout_ids(texts, keys, dropout)
        if dropout:
            raise ConfigError(f"merge-dropout {dropout}: a {self.kind} tokenizer has no merges; {_those(MERGING)} have")
        return plain_rows(self._model.encode_ids(texts))

    def sample_ids(self, texts: Sequence[str], keys: NDArray[np.int64], alpha: float) -> list[NDArray[np.int32]]:
        """Return ids of each text, its cut drawn by its key with probability proportional to P(cut) ** alpha.

        `alpha` 0 makes all cuts equal, a large one leaves the best (Kudo 2018, section 3.3). Raises DataError,
        and ConfigError for another kind than `unigram`.
        """
        if not 0 <= alpha < np.inf:
            raise ConfigError(f"sampling alpha {alpha}: a number from 0 is wanted, such as 0.2")
        if not isinstance(self._model, Unigram):
            raise ConfigError(f"the cuts of a {self.kind} tokenizer cannot be drawn; those of {_those(SAMPLING)} can")
        _refuse_surrogates(texts)
        return self._model.sample_ids(texts, keys, alpha)

    def history(self, text: str) -> tuple[Merge, ...] | Candidates:
        """Return how a text came to its pieces: the merges in their order, or all that a unigram model chose from.

        Raises DataError, and RequestError for a kind that has no such history.
        """
        refuse_surrogate(text, 1)
        if isinstance(self._model, BytePairs | ByteLevelPairs):
            return merge_steps(self._model, text)
        if isinstance(self._model, Unigram):
            return candidates(self._model, text)
        raise RequestError(f"a {self.kind} tokenizer cuts in one step; {_those((*MERGING, *SAMPLING))} have a history")

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids but specials, U+FFFD for bytes that are no UTF-8; raises RequestError."""
        return self._model.decode([self._checked(index) for index in ids])

    @cached_property
    def byte_pieces(self) -> dict[int, int]:
        """The byte of each piece that stands for one, such as <0xE2>; of a `byte_bpe` none, whose letters are bytes."""
        return {
            index: own[0]
            for index, own in enumerate(self.spelling)
            if len(own) == 1 and self._model.pieces[index] == BYTES[own[0]]
        }

    @cached_property
    def spelling(self) -> tuple[bytes, ...]:
        """What each id adds to a text, in UTF-8: nothing for a special, a part of a character for some."""
        return tuple(self._model.spelling())

    def __repr__(self) -> str:
        """Name the algorithm, the size and the fingerprint."""
        return f"Tokenizer({self.kind}, vocab_size={self.vocab_size}, fingerprint={self.fingerprint[:12]})"

    def _checked(self, index: int) -> int:
        if not 0 <= index < self.vocab_size:
            raise RequestError(f"id {index} is not in the vocabulary; allowed are 0 to {self.vocab_size - 1}")
        return index


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


def _those(kinds: Sequence[str]) -> str:
    return " and ".join((", ".join(kinds[:-1]), kinds[-1]) if kinds[1:] else kinds)


def _family(text: str) -> Family:
    """Return the family that wrote the text of a tokenizer.json; raises CheckpointError."""
    try:
        described: Any = strict_json.loads(text)
    except ValueError as error:
        raise refusal(f"it is no JSON ({error})") from None
    if not isinstance(described, dict) or not isinstance(described.get("model"), dict):
        raise refusal("it has no model")
    kind = described["model"].get("type")
    if kind == "Unigram":
        return Unigram.from_table(described)
    if kind == "WordPiece":
        return WordPieces.from_table(described)
    if kind == "WordLevel" and Tokens.knows(described):
        return Tokens.from_table(described)
    if kind == "WordLevel":
        return Words.from_table(described)
    if kind == TYPE:
        return SentencePieces.from_table(described)
    if kind != "BPE":
        raise refusal(f"model.type is {kind!r:.80}; BPE, Unigram, WordPiece, WordLevel and {TYPE} are known")
    # Three families are a BPE for the library. They differ in what cuts a text before it.
    cutter = described.get("pre_tokenizer")
    if cutter is None:
        return Characters.from_table(described)
    if isinstance(cutter, dict) and cutter.get("type") == "ByteLevel":
        return ByteLevelPairs.from_table(described)
    return BytePairs.from_table(described)


def _refuse_pipe(path: Path) -> None:
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise CheckpointError(f"{path}: not a file; give a tokenizer.json, a .model, or a model folder")
