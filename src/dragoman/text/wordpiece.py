"""WordPiece as BERT has it (Devlin et al. 2019): the longest piece that a word begins with, then the next one.

BERT's cleaning takes control characters out, makes every blank space a blank and puts blanks around Chinese
characters; case and accents stay. Words end at blanks and at marks, which are words of their own; pieces inside
a word are written with ## before them. Lossy: blanks beside marks are not recorded, so `decode` puts them
where they usually stand, and a word that cannot be cut is unknown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import tokenizers

from dragoman.options import FIRST_BYTE, SPECIALS, UNK
from dragoman.text.family import SPECIALS_NAMED, Spans, checked_model, checked_vocab, encode_whole, library_of, written
from dragoman.text.spelling import PIPELINE as BLANKS
from dragoman.text.spelling import spelled_text

INSIDE = "##"  # before a piece that does not begin a word
LONGEST = 100  # letters of a word, else it is unknown

# Blanks that are taken out between words and marks: regular expressions that Python and the library read alike.
_NO_BLANK = (
    r" (?=[.,;:!?%)\]}»”’…])",
    r"(?<=[(\[{«„“‚¿¡]) ",
    r"(?<=[^\W\d_]) (?=['’-] [^\W\d_])",
    r"(?<=[^\W\d_]['’-]) (?=[^\W\d_])",
    r"(?<=\d[.,:]) (?=\d)",
)
PIPELINE = {
    **BLANKS,
    "normalizer": {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": False,
        "lowercase": False,
    },
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "decoder": {
        "type": "Sequence",
        "decoders": [
            {"type": "WordPiece", "prefix": INSIDE, "cleanup": False},
            {"type": "Fuse"},
            *({"type": "Replace", "pattern": {"Regex": blank}, "content": ""} for blank in _NO_BLANK),
        ],
    },
}
SETTINGS: dict[str, Any] = {
    "type": "WordPiece",
    "unk_token": SPECIALS[UNK],
    "continuing_subword_prefix": INSIDE,
    "max_input_chars_per_word": LONGEST,
}


@dataclass(frozen=True, eq=False)
class WordPieces:
    """The pieces by id.   By hand, with un, ##aff and ##able:   unaffable  →  un ##aff ##able;   fox  →  <unk>"""

    pieces: tuple[str, ...]

    kind = "wordpiece"
    lossless = False

    @classmethod
    def from_table(cls, described: Any) -> "WordPieces":
        """Take what stands in a tokenizer.json; raises CheckpointError."""
        model = checked_model(described, PIPELINE, SETTINGS)
        return cls(pieces=checked_vocab(model.get("vocab"), SPECIALS, SPECIALS_NAMED))

    def to_json(self) -> str:
        """Write the text of a tokenizer.json, which does not depend on the library's version."""
        return written(PIPELINE, SETTINGS, {piece: index for index, piece in enumerate(self.pieces)})

    def spelling(self) -> list[bytes]:
        """Return what each id adds to a text before blanks are taken out, in UTF-8: nothing for a special."""
        return [b""] * len(SPECIALS) + [
            (piece.removeprefix(INSIDE) if piece.startswith(INSIDE) else " " + piece).encode()
            for piece in self.pieces[FIRST_BYTE:]
        ]

    def decode(self, ids: Sequence[int]) -> str:
        """Return words and marks with the blanks between them that are usual."""
        text = spelled_text(self._spelled, ids).removeprefix(" ")
        for blank in _NO_BLANK:
            text = re.sub(blank, "", text)
        return text

    def offsets(self, text: str, ids: Sequence[int]) -> Spans:
        """Return the characters of each id; blanks belong to none."""
        return tuple(self._library.encode(text, add_special_tokens=False).offsets) if text else ()

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, `<unk>` for a word that cannot be cut."""
        return encode_whole(self._library, texts)

    @cached_property
    def _spelled(self) -> list[bytes]:
        return self.spelling()

    @cached_property
    def _library(self) -> tokenizers.Tokenizer:
        return library_of(self.to_json())


def cutter() -> tokenizers.Tokenizer:
    """Return a library that cleans texts and cuts them into words and marks, and knows none of them."""
    return WordPieces(pieces=SPECIALS)._library
