"""The unigram model (Kudo 2018): every piece has a probability, and a text is cut in its most likely way.

Blanks and bytes are those of `bpe`. A "<" is always a piece alone: the library looks for all pieces of the
vocabulary in a text, and would else find "</s>" or "<0x41>" where somebody typed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray

from dragoman import _native
from dragoman.options import FIRST_PIECE, UNK
from dragoman.text.family import CHUNK, Rows, Spans, checked_model, code_points, refusal, written
from dragoman.text.spelling import (
    BLANK,
    RESERVED,
    check_spelling,
    encode_parts,
    spelled_offsets,
    spelled_text,
    spelling,
)
from dragoman.text.spelling import PIPELINE as BLANKS

ALONE = "<"  # the letter that specials and byte pieces begin with

PIPELINE = {
    **BLANKS,
    "pre_tokenizer": {
        "type": "Sequence",
        "pretokenizers": [
            BLANKS["pre_tokenizer"],
            {"type": "Split", "pattern": {"String": ALONE}, "behavior": "Isolated", "invert": False},
        ],
    },
}
SETTINGS: dict[str, Any] = {"type": "Unigram", "unk_id": UNK, "byte_fallback": True}

_SPELLED_BLANK = 0x110000  # no code point: how native/lattice.h is told of a U+2581 that is no blank


@dataclass(frozen=True, eq=False)
class Unigram:
    """The pieces by id, the most likely first, and the log-probability of each from id 260 on.

    By hand, with ▁ -2, l -3, o -3, w -3, ▁low -4, lo -4:    low  →  ▁low (-4), before ▁ lo w (-9) and ▁ l o w (-11)
    """

    pieces: tuple[str, ...]
    scores: tuple[float, ...]  # of the pieces from FIRST_PIECE on

    kind = "unigram"
    lossless = True

    @classmethod
    def from_table(cls, described: Any) -> "Unigram":
        """Take what stands in a tokenizer.json; raises CheckpointError."""
        vocab = checked_model(described, PIPELINE, SETTINGS).get("vocab")
        if not isinstance(vocab, list) or not all(_is_entry(entry) for entry in vocab):
            raise refusal("model.vocab is no list of pieces with numbers")
        pieces = tuple(piece for piece, _ in vocab)
        check_spelling(pieces)
        if len(set(pieces)) < len(pieces):
            raise refusal("a piece is given twice")
        for index, piece in enumerate(pieces[FIRST_PIECE:], start=FIRST_PIECE):
            if len(piece) > 1 and (ALONE in piece or BLANK in piece[1:]):
                raise refusal(f"the piece {index} holds a blank or a {ALONE}, at which a text is always cut")
        if any(score != 0 for _, score in vocab[:FIRST_PIECE]):
            raise refusal("a special or a byte has a probability")
        if not all(-1e6 < score <= 0 for _, score in vocab[FIRST_PIECE:]):
            raise refusal("a score is no logarithm of a probability")
        return cls(pieces=pieces, scores=tuple(float(score) for _, score in vocab[FIRST_PIECE:]))

    def to_json(self) -> str:
        """Write the text of a tokenizer.json, which does not depend on the library's version."""
        scores = [0.0] * FIRST_PIECE + list(self.scores)
        return written(PIPELINE, SETTINGS, [list(entry) for entry in zip(self.pieces, scores, strict=True)])

    def spelling(self) -> list[bytes]:
        """Return what each id adds to a text, in UTF-8: nothing for a special, one byte for a byte piece."""
        return spelling(self.pieces)

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text without the blank in front."""
        return spelled_text(self._spelled, ids).removeprefix(" ")

    def offsets(self, text: str, ids: Sequence[int]) -> Spans:
        """Return the characters of each id, byte pieces having the whole character."""
        return spelled_offsets(self._spelled, ids, 1)

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of the most likely cut of each text."""
        return encode_parts(self._library, texts)

    def sample_ids(self, texts: Sequence[str], keys: NDArray[np.int64], alpha: float) -> Rows:
        """Return the ids of a cut of each text, drawn by its key: P(cut)^alpha, normalized.

        Subword regularization (Kudo 2018, section 3.3) over all cuts; the draws are those of `native/lattice.h`.
        """
        rows: Rows = []
        for start in range(0, len(texts), CHUNK):
            chunk = slice(start, start + CHUNK)
            points, offsets = code_points([self.marked(text) for text in texts[chunk]])
            ids, ends = self.lattice.sample_many(
                self.with_blanks(points), offsets, np.ascontiguousarray(keys[chunk]), alpha
            )
            rows += [ids[first:last] for first, last in pairwise(ends.tolist())]
        return rows

    def marked(self, text: str) -> str:
        """Put the blank in front of a text that is not empty."""
        return " " + text if text else ""

    def with_blanks(self, points: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Write the code points of a text as the lattice wants them."""
        spelled = np.where(points == ord(BLANK), np.uint32(_SPELLED_BLANK), points)
        return np.where(points == ord(" "), np.uint32(ord(BLANK)), spelled)

    @cached_property
    def lattice(self) -> _native.Lattice:
        """All cuts of a text, in compiled code."""
        return _native.Lattice(*code_points(self.pieces[FIRST_PIECE:]), np.array(self.scores, dtype=np.float64))

    @cached_property
    def _spelled(self) -> list[bytes]:
        return spelling(self.pieces)

    @cached_property
    def _library(self) -> tokenizers.Tokenizer:
        library = tokenizers.Tokenizer.from_str(self.to_json())
        library.normalizer = None  # `cut` puts the blank in front
        library.encode_special_tokens = True
        return library


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, list)
        and len(entry) == 2
        and isinstance(entry[0], str)
        and isinstance(entry[1], int | float)
        and not isinstance(entry[1], bool)
    )


assert all(piece.startswith(ALONE) for piece in RESERVED)
