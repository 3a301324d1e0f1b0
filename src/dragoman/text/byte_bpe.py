"""Byte-level byte-pair encoding (GPT-2; Radford et al. 2019, section 2.2): merges of bytes, not of letters.

A text is cut by GPT-2's rule into words (with the blank before them), numbers, marks and blanks, each is taken
as its UTF-8 bytes, and bytes are merged. In the file a byte is written as a visible letter: A is A, a blank is
Ġ, a line feed Ċ. A piece may hold a part of a character, so it is the bytes that a search must watch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray
from tokenizers import pre_tokenizers

from dragoman import _native
from dragoman.options import FIRST_BYTE, FIRST_PIECE, SPECIALS
from dragoman.text.bpe import SETTINGS as PAIRS
from dragoman.text.bpe import native_merges
from dragoman.text.family import (
    CHUNK,
    SPECIALS_NAMED,
    Rows,
    Spans,
    checked_merges,
    checked_model,
    checked_vocab,
    encode_whole,
    library_of,
    refusal,
    running,
    written,
)
from dragoman.text.spelling import PIPELINE as BLANKS
from dragoman.text.spelling import spelled_offsets, spelled_text

_BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
PIPELINE = {**BLANKS, "normalizer": None, "pre_tokenizer": _BYTE_LEVEL, "decoder": _BYTE_LEVEL}
SETTINGS = {**PAIRS, "unk_token": None, "fuse_unk": False, "byte_fallback": False}


def _visible() -> str:
    """Return the letter for each byte, as GPT-2 has them: itself where it is visible, else one from U+0100 on."""
    shown = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = iter(range(0x100, 0x200))
    return "".join(chr(byte if byte in shown else next(others)) for byte in range(256))


LETTERS = _visible()
RESERVED = (*SPECIALS, *LETTERS)
_BYTE = {letter: byte for byte, letter in enumerate(LETTERS)}


@dataclass(frozen=True, eq=False)
class ByteLevelPairs:
    """The pieces by id, the 256 bytes first, and the merges by rank.

    By hand, with the merges (e r) (Ġ l) (Ġl o):   "low lower"  →  l o w | Ġ l o w e r  →  l o w Ġlo w er
    """

    pieces: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]

    kind = "byte_bpe"
    lossless = True

    @classmethod
    def from_table(cls, described: Any) -> "ByteLevelPairs":
        """Take what stands in a tokenizer.json; raises CheckpointError."""
        model = checked_model(described, PIPELINE, SETTINGS)
        pieces = checked_vocab(model.get("vocab"), RESERVED, f"{SPECIALS_NAMED} and the letters of 256 bytes")
        merges = checked_merges(model.get("merges"), set(pieces[FIRST_BYTE:]))
        unmade = set(pieces[FIRST_PIECE:]) - {left + right for left, right in merges}
        if unmade:
            raise refusal(f"no merge makes the piece {min(unmade)!r}")
        return cls(pieces=pieces, merges=merges)

    def to_json(self) -> str:
        """Write the text of a tokenizer.json, which does not depend on the library's version."""
        vocab = {piece: index for index, piece in enumerate(self.pieces)}
        return written(PIPELINE, SETTINGS, vocab, merges=[list(pair) for pair in self.merges])

    def spelling(self) -> list[bytes]:
        """Return the bytes of each id, which need not be whole characters."""
        return [b""] * len(SPECIALS) + [bytes(map(_BYTE.__getitem__, piece)) for piece in self.pieces[FIRST_BYTE:]]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of the bytes."""
        return spelled_text(self._spelled, ids)

    def offsets(self, text: str, ids: Sequence[int]) -> Spans:
        """Return the characters that each id touches; two ids that share a character both have it."""
        return spelled_offsets(self._spelled, ids, 0)

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text: all merges made, lowest rank first, leftmost among equals."""
        return encode_whole(self._library, texts)

    def dropout_ids(self, texts: Sequence[str], keys: NDArray[np.int64], dropout: float) -> Rows:
        """Return the ids of each text with merges passed over at random, as `BytePairs.dropout_ids` does."""
        rows: Rows = []
        for start in range(0, len(texts), CHUNK):
            chunk = slice(start, start + CHUNK)
            cuts = [self.words(text) for text in texts[chunk]]
            words = [word for cut in cuts for word in cut]
            points = np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.uint32)
            word_ends = running([len(word) for word in words])
            word_offsets = running([len(cut) for cut in cuts])
            starts = word_ends[word_offsets]
            word_starts = (word_ends[:-1] - np.repeat(starts[:-1], np.diff(word_offsets))).astype(np.int32)
            own = np.ascontiguousarray(keys[chunk])
            ids = _IDS[points]
            merged, offsets = self.native_merges.apply_many(ids, starts, word_starts, word_offsets, own, dropout)
            rows += [merged[first:last] for first, last in pairwise(offsets.tolist())]
        return rows

    def words(self, text: str) -> list[str]:
        """Cut a text as GPT-2 does; each word in the letters of its bytes."""
        return [word for word, _ in _CUTTER.pre_tokenize_str(text)]

    @cached_property
    def native_merges(self) -> _native.Merges:
        """The merges as ids, in compiled code."""
        return native_merges(self.pieces, self.merges)

    @cached_property
    def _spelled(self) -> list[bytes]:
        return self.spelling()

    @cached_property
    def _library(self) -> tokenizers.Tokenizer:
        return library_of(self.to_json())


_CUTTER = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
_IDS = np.zeros(0x200, dtype=np.int32)  # id of each byte's letter
_IDS[[ord(letter) for letter in LETTERS]] = FIRST_BYTE + np.arange(256)
