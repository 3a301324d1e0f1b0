"""Characters as pieces: the letters of the text, the most frequent first, and bytes for all others.

The file is that of a byte-pair encoding without a single merge, in which nothing is put in front of a text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from dragoman.options import FIRST_PIECE
from dragoman.text.bpe import SETTINGS
from dragoman.text.family import Spans, checked_model, checked_vocab, chunks, refusal, written
from dragoman.text.spelling import (
    BLANK,
    RESERVED,
    RESERVED_NAMED,
    Letters,
    check_spelling,
    spelled_offsets,
    spelled_text,
    spelling,
)
from dragoman.text.spelling import PIPELINE as BLANKS

PIPELINE = {
    **BLANKS,
    "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": BLANK},
    "pre_tokenizer": None,
    "decoder": {
        "type": "Sequence",
        "decoders": [
            {"type": "Replace", "pattern": {"String": BLANK}, "content": " "},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
        ],
    },
}


@dataclass(frozen=True, eq=False)
class Characters:
    """The letters by id.   By hand:   "a fox"  →  a ▁ <0x66> o <0x78>   where f and x are no letters."""

    pieces: tuple[str, ...]

    kind = "character"
    lossless = True

    @classmethod
    def from_table(cls, described: Any) -> "Characters":
        """Take what stands in a tokenizer.json; raises CheckpointError."""
        model = checked_model(described, PIPELINE, SETTINGS)
        pieces = checked_vocab(model.get("vocab"), RESERVED, RESERVED_NAMED)
        check_spelling(pieces)
        if model.get("merges") != []:
            raise refusal("model.merges is not empty, and characters are never merged")
        if any(len(piece) > 1 for piece in pieces[FIRST_PIECE:]):
            raise refusal("a piece has more than one character")
        return cls(pieces=pieces)

    def to_json(self) -> str:
        """Write the text of a tokenizer.json, which does not depend on the library's version."""
        return written(PIPELINE, SETTINGS, {piece: index for index, piece in enumerate(self.pieces)}, merges=[])

    def spelling(self) -> list[bytes]:
        """Return what each id adds to a text, in UTF-8: nothing for a special, one byte for a byte piece."""
        return spelling(self.pieces)

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text."""
        return spelled_text(self._spelled, ids)

    def offsets(self, text: str, ids: Sequence[int]) -> Spans:
        """Return the character of each id."""
        return spelled_offsets(self._spelled, ids, 0)

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text: one a character, or its bytes."""
        rows: list[list[int]] = []
        for chunk in chunks(texts):
            ids, starts, _ = self._letters.symbols(chunk)
            rows += [ids[first:last].tolist() for first, last in pairwise(starts.tolist())]
        return rows

    @cached_property
    def _spelled(self) -> list[bytes]:
        return spelling(self.pieces)

    @cached_property
    def _letters(self) -> Letters:
        return Letters(self.pieces)
