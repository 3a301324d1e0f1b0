"""Byte-pair encoding (Sennrich et al. 2016): vocabulary, merges, their file, and merge-dropout.

A text gets one blank put in front, every blank is written U+2581, and a word begins at each of them. The
smallest symbols are the letters of the vocabulary; any other character is spelled as its UTF-8 bytes,
U+2581 itself included, so that nothing is ever unknown. The `tokenizers` library's compiled code does the
plain encoding; SentencePiece gives the same ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray
from tokenizers import models, pre_tokenizers

from dragoman import _native
from dragoman.options import FIRST_PIECE, SPECIALS, UNK
from dragoman.text.family import CHUNK, Rows, Spans, checked_merges, checked_model, checked_vocab, written
from dragoman.text.spelling import (
    BLANK,
    PIPELINE,
    RESERVED,
    RESERVED_NAMED,
    Letters,
    check_spelling,
    encode_parts,
    spelled_offsets,
    spelled_text,
    spelling,
)

SETTINGS: dict[str, Any] = {
    "type": "BPE",
    "dropout": None,
    "unk_token": SPECIALS[UNK],
    "continuing_subword_prefix": None,
    "end_of_word_suffix": None,
    "fuse_unk": True,
    "byte_fallback": True,
    "ignore_merges": False,
}


@dataclass(frozen=True, eq=False)
class BytePairs:
    """The pieces by id and the merges by rank; made by `training.train` or read by `from_table`.

    By hand, with the letters of "low lower newest widest" and the merges (e s) (es t) (l o) (▁ lo) (▁lo w):

        lowest  →  ▁ l o w e s t  →  ▁ l o w es t  →  ▁ l o w est  →  ▁ lo w est  →  ▁lo w est  →  ▁low est
        fox     →  ▁ <0x66> o <0x78>          (f and x are no letters of this vocabulary)
    """

    pieces: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]

    kind = "bpe"
    lossless = True

    @classmethod
    def from_table(cls, described: Any) -> "BytePairs":
        """Take what stands in a tokenizer.json; a CheckpointError says what in it is not of this project."""
        model = checked_model(described, PIPELINE, SETTINGS)
        pieces = checked_vocab(model.get("vocab"), RESERVED, RESERVED_NAMED)
        check_spelling(pieces)
        return cls(pieces=pieces, merges=checked_merges(model.get("merges"), set(pieces[FIRST_PIECE:])))

    def to_json(self) -> str:
        """Write the text of a tokenizer.json, which does not depend on the library's version."""
        vocab = {piece: index for index, piece in enumerate(self.pieces)}
        return written(PIPELINE, SETTINGS, vocab, merges=[list(pair) for pair in self.merges])

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
        """Return the ids of each text: all merges made, lowest rank first, leftmost among equals."""
        return encode_parts(self.library, texts)

    def dropout_ids(self, texts: Sequence[str], keys: NDArray[np.int64], dropout: float) -> Rows:
        """Return the ids of each text with merges passed over at random, by the key of the text.

        BPE-dropout (Provilkov et al. 2020); the draws are those of `native/merges.h`. `keys` is [n] for n
        texts; `dropout` 0 gives the ids of `encode_ids`, 1 only letters and bytes.
        """
        rows: Rows = []
        for start in range(0, len(texts), CHUNK):
            chunk = slice(start, start + CHUNK)
            ids, starts, blanks = self._letters.symbols([" " + text if text else "" for text in texts[chunk]])
            word_offsets = np.searchsorted(blanks, starts).astype(np.int64)
            word_starts = (blanks - np.repeat(starts[:-1], np.diff(word_offsets))).astype(np.int32)
            own = np.ascontiguousarray(keys[chunk])
            merged, offsets = self.native_merges.apply_many(ids, starts, word_starts, word_offsets, own, dropout)
            rows += [merged[first:last] for first, last in pairwise(offsets.tolist())]
        return rows

    @cached_property
    def native_merges(self) -> _native.Merges:
        """The merges as ids, in compiled code."""
        return native_merges(self.pieces, self.merges)

    @cached_property
    def _spelled(self) -> list[bytes]:
        return spelling(self.pieces)

    @cached_property
    def _letters(self) -> Letters:
        return Letters(self.pieces)

    @cached_property
    def library(self) -> tokenizers.Tokenizer:
        """The library's tokenizer, which puts no blank in front of a text."""
        vocab = {piece: index for index, piece in enumerate(self.pieces)}
        merges = list(self.merges)
        model = models.BPE(vocab=vocab, merges=merges, unk_token=SPECIALS[UNK], fuse_unk=True, byte_fallback=True)
        library = tokenizers.Tokenizer(model)
        # No normalizer: `cut` puts the blank in front, for of the parts of a text only the first one has it.
        library.pre_tokenizer = pre_tokenizers.Metaspace(BLANK, prepend_scheme="never", split=True)
        # The file does not keep this: a special that is ever registered is still not found in a user's text.
        library.encode_special_tokens = True
        return library


def native_merges(pieces: Sequence[str], merges: Sequence[tuple[str, str]]) -> _native.Merges:
    """Return merges as ids, in compiled code."""
    index = {piece: number for number, piece in enumerate(pieces)}
    pairs = np.array([(index[left], index[right]) for left, right in merges], dtype=np.int32)
    joined = np.array([index[left + right] for left, right in merges], dtype=np.int32)
    return _native.Merges(pairs.reshape(-1, 2), joined)
