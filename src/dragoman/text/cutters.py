"""Who cuts a text as a SentencePiece model does: the `tokenizers` library where that is exact, else the package.

The library walks the same merges as SentencePiece does. For the rest it is not exact: its unigram adds logarithms
in another precision, so that of two cuts that are equally good it takes the other one ("22202": 222 02, 22 202),
and its table of characters replaces whole clusters, where SentencePiece takes the longest key.
"""

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Literal, Protocol

from dragoman.errors import CheckpointError, RequestError
from dragoman.options import SPECIALS, UNK
from dragoman.text import bpe
from dragoman.text.family import encode_whole, library_of, written
from dragoman.text.sentencepiece import (
    BPE,
    BYTE,
    BYTE_FALLBACK,
    CHAR,
    CHARSMAP,
    CONTROL,
    DECODED_CHARSMAP,
    DENORMALIZER,
    ESCAPE,
    EXTRA_BLANKS,
    MODEL_TYPE,
    NORMAL,
    NORMALIZER,
    PREFIX,
    SUFFIX,
    UNKNOWN,
    UNUSED,
    USER_DEFINED,
    Model,
    Piece,
    exact_merges,
    message,
)
from dragoman.text.spelling import BLANK, PIPELINE

Through = Literal["tokenizers", "sentencepiece"]
# What the package is told: all by which it cuts a text.
_KEPT = (MODEL_TYPE, SUFFIX, BYTE_FALLBACK, CHARSMAP, PREFIX, EXTRA_BLANKS, ESCAPE)


class Cutter(Protocol):
    """Cuts texts without lone surrogates into the pieces of a .model, by their ids there."""

    through: Through

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text."""

    def pieces(self, text: str) -> list[tuple[int, str]]:
        """Return the pieces of a text, what is unknown as it stands in the normalised text."""

    def normalized(self, text: str) -> tuple[str, list[int]]:
        """Return what is cut, and where in the text each of its characters begins and the last of them ends."""


def library_merges(model: Model) -> tuple[tuple[str, str], ...] | None:
    """Return the merges with which the `tokenizers` library cuts exactly as a model, or None where it does not.

    It does for bpe and char that replace no characters, write blanks as U+2581 and in front of words, and have
    neither user-defined nor unused pieces; of a bpe `exact_merges` wants to see the pieces too.
    """
    if model.table(CHARSMAP) or model.table(DECODED_CHARSMAP):
        return None
    if model.flag(SUFFIX) or not model.flag(ESCAPE):
        return None
    if any(piece.type in (USER_DEFINED, UNUSED) for piece in model.pieces):
        return None
    normal = {piece.text for piece in model.pieces if piece.type == NORMAL}
    if BLANK not in normal or SPECIALS[UNK] in normal:  # the name that the library has for what is unknown
        return None
    if model.settings[MODEL_TYPE] == BPE:
        return exact_merges(model)
    return () if model.settings[MODEL_TYPE] == CHAR else None


class Library:
    """The `tokenizers` library, on texts whose blanks are already as the model wants them."""

    through: Through = "tokenizers"

    def __init__(self, model: Model, merges: Sequence[tuple[str, str]]) -> None:
        """Take a model and its `library_merges`."""
        self._prefix, self._extra = model.flag(PREFIX), not model.flag(EXTRA_BLANKS)
        self._pieces = [piece.text for piece in model.pieces]
        (self._unknown,) = [index for index, piece in enumerate(model.pieces) if piece.type == UNKNOWN]
        vocab = {piece.text: index for index, piece in enumerate(model.pieces) if piece.type in (NORMAL, BYTE)}
        split = not any(BLANK in piece.text[1:] for piece in model.pieces if piece.type == NORMAL)
        pipeline = {**PIPELINE, "normalizer": None, "decoder": None}
        pipeline["pre_tokenizer"] = PIPELINE["pre_tokenizer"] if split else None
        settings = {**bpe.SETTINGS, "byte_fallback": model.flag(BYTE_FALLBACK)}
        vocab[SPECIALS[UNK]] = self._unknown
        self._library = library_of(written(pipeline, settings, vocab, merges=[list(pair) for pair in merges]))

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text."""
        return encode_whole(self._library, [self._normalized(text) for text in texts])

    def pieces(self, text: str) -> list[tuple[int, str]]:
        """Return the pieces of a text."""
        normalized = self._normalized(text)
        found = self._library.encode(normalized, add_special_tokens=False)
        return [
            (index, normalized[start:end] if index == self._unknown else self._pieces[index])
            for index, (start, end) in zip(found.ids, found.offsets, strict=True)
        ]

    def normalized(self, text: str) -> tuple[str, list[int]]:
        """Return what is cut, and where it comes from."""
        start = 0 if self._extra else len(text) - len(text.lstrip(" "))
        kept = [at for at in range(start, len(text)) if self._extra or text[at - 1 : at + 1] != "  "]
        places = [*([start] if self._prefix and kept else []), *kept, len(text)]
        normalized = self._normalized(text)
        return normalized, places[: len(normalized) + 1]

    def _normalized(self, text: str) -> str:
        """Return a text with its blanks as the model has them: one in front, others squeezed, all as U+2581."""
        if not self._extra:
            text = re.sub(" {2,}", " ", text.lstrip(" "))
        text = (" " + text if text and self._prefix else text).replace(" ", BLANK)
        return text if self._extra else text.rstrip(BLANK)


class Package:
    """The `sentencepiece` package, on a model of what was read and looked at, and of nothing else."""

    through: Through = "sentencepiece"

    def __init__(self, model: Model) -> None:
        """Take a model; raises RequestError without the package, CheckpointError where it refuses the model."""
        # No text is a control; a word model of sentencepiece 0.2.1 finds one that is typed, and then gives nothing.
        self._ids = [index for index, piece in enumerate(model.pieces) if piece.type != CONTROL]
        kept = [model.pieces[index] for index in self._ids]
        self._processor = _processor(message(kept, {place: model.settings[place] for place in _KEPT}))

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text."""
        ids = self._ids
        return [[ids[index] for index in row] for row in self._processor.encode(list(texts))]

    def pieces(self, text: str) -> list[tuple[int, str]]:
        """Return the pieces of a text."""
        (row,) = self.rows([text])
        return list(zip(row, self._processor.encode(text, out_type=str), strict=True))

    def normalized(self, text: str) -> tuple[str, list[int]]:
        """Return what is cut, and where it comes from."""
        normalized, places = self._processor.normalize(text, with_offsets=True)
        return normalized, list(places)


def denormalizer(model: Model) -> Callable[[str], str] | None:
    """Return what a model does to a text at the end of decoding, where it does anything."""
    if not model.table(DECODED_CHARSMAP):
        return None
    own = {place: value for place, value in model.settings.items() if place[0] == DENORMALIZER}
    vocabulary = [Piece(SPECIALS[UNK], 0.0, UNKNOWN), Piece(BLANK, 0.0, NORMAL)]  # of no matter
    processor = _processor(message(vocabulary, {(NORMALIZER, field): value for (_, field), value in own.items()}))
    return lambda text: str(processor.normalize(text))


def _processor(data: bytes) -> Any:
    try:
        package = import_module("sentencepiece")  # an extra, and wanted by few
    except ImportError:
        raise RequestError(
            "this tokenizer is a SentencePiece model that only the sentencepiece package cuts exactly, and it is not "
            "installed; install dragoman[sentencepiece]"
        ) from None
    try:
        return package.SentencePieceProcessor(model_proto=data, num_threads=1)
    except (RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"SentencePiece refuses this model ({' '.join(str(error).split())[:200]}); restore the file"
        ) from None
