"""Whole words and marks as pieces; any other word is unknown. Lossy: an unknown word does not come back.

What a reader would call a word is one, with the blank before it; so is each mark, and an ending after an
apostrophe ("'s"). Blanks are kept, so a text of known words comes back exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import tokenizers

from dragoman.options import FIRST_BYTE, SPECIALS, UNK
from dragoman.text.family import (
    SPECIALS_NAMED,
    Spans,
    checked_model,
    checked_vocab,
    encode_whole,
    library_of,
    refusal,
    written,
)
from dragoman.text.spelling import BLANK, spelled_text
from dragoman.text.spelling import PIPELINE as BLANKS

_PATTERN = (
    r"(?<=\p{L})['’][\p{L}\p{M}]+"  # an ending
    rf"|{BLANK}?[^\s{BLANK}\p{{P}}\p{{S}}]+"  # a word
    rf"|{BLANK}?(?!{BLANK})[\p{{P}}\p{{S}}\s]"  # a mark, or blank space of another kind
    rf"|{BLANK}"
)
PIPELINE = {
    **BLANKS,
    "normalizer": {
        "type": "Sequence",
        "normalizers": [
            {"type": "Prepend", "prepend": BLANK},
            {"type": "Replace", "pattern": {"String": " "}, "content": BLANK},
        ],
    },
    "pre_tokenizer": {"type": "Split", "pattern": {"Regex": _PATTERN}, "behavior": "Isolated", "invert": False},
    "decoder": {
        "type": "Sequence",
        "decoders": [
            {"type": "Replace", "pattern": {"String": BLANK}, "content": " "},
            {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        ],
    },
}
SETTINGS: dict[str, Any] = {"type": "WordLevel", "unk_token": SPECIALS[UNK]}


@dataclass(frozen=True, eq=False)
class Words:
    """The words by id, the most frequent first.   By hand:   It's a fox.  →  ▁It 's ▁a <unk> ."""

    pieces: tuple[str, ...]

    kind = "word"
    lossless = False

    @classmethod
    def from_table(cls, described: Any) -> "Words":
        """Take what stands in a tokenizer.json; raises CheckpointError."""
        model = checked_model(described, PIPELINE, SETTINGS)
        pieces = checked_vocab(model.get("vocab"), SPECIALS, SPECIALS_NAMED)
        for index, piece in enumerate(pieces[FIRST_BYTE:], start=FIRST_BYTE):
            if BLANK in piece[1:]:
                raise refusal(f"the piece {index} holds a blank, at which a text is always cut")
        return cls(pieces=pieces)

    def to_json(self) -> str:
        """Write the text of a tokenizer.json, which does not depend on the library's version."""
        return written(PIPELINE, SETTINGS, {piece: index for index, piece in enumerate(self.pieces)})

    def spelling(self) -> list[bytes]:
        """Return what each id adds to a text, in UTF-8: nothing for a special, `<unk>` among them."""
        return [b""] * len(SPECIALS) + [piece.replace(BLANK, " ").encode() for piece in self.pieces[FIRST_BYTE:]]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text, without its unknown words."""
        return spelled_text(self._spelled, ids).removeprefix(" ")

    def offsets(self, text: str, ids: Sequence[int]) -> Spans:
        """Return the characters of each id, with the blank before a word."""
        return tuple(self._library.encode(text, add_special_tokens=False).offsets) if text else ()

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, `<unk>` for a word that is no piece."""
        return encode_whole(self._library, texts)

    @cached_property
    def _spelled(self) -> list[bytes]:
        return self.spelling()

    @cached_property
    def _library(self) -> tokenizers.Tokenizer:
        return library_of(self.to_json())


def cutter() -> tokenizers.Tokenizer:
    """Return a library that cuts texts into words and marks, and knows none of them."""
    return Words(pieces=SPECIALS)._library
