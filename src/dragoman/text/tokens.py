"""A list of tokens, for foreign models that bring no tokenizer: characters, or what stands between blanks.

Lossy: what is not in the list is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from dragoman.options import FIRST_BYTE, SPECIALS, UNK
from dragoman.text.family import SPECIALS_NAMED, Spans, checked_model, checked_vocab, refusal, written

Cut = Literal["characters", "blanks"]

SETTINGS: dict[str, Any] = {"type": "WordLevel", "unk_token": SPECIALS[UNK]}
_SPLIT = {"type": "Split", "pattern": {"Regex": r"[\s\S]"}, "behavior": "Isolated", "invert": False}
_CUTTERS: dict[Cut, dict[str, Any]] = {"characters": _SPLIT, "blanks": {"type": "WhitespaceSplit"}}


def pipeline(cut: Cut) -> dict[str, Any]:
    """Return everything in tokenizer.json but the model."""
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": _CUTTERS[cut],
        "post_processor": None,
        "decoder": {"type": "Fuse"} if cut == "characters" else None,
    }


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens by id.   By hand, characters:   "no"  →  n o;   blanks:   "no way"  →  no way."""

    pieces: tuple[str, ...]
    cut: Cut

    kind = "tokens"
    lossless = False

    @classmethod
    def knows(cls, described: Any) -> bool:
        """Whether a tokenizer.json is of this family."""
        return described.get("pre_tokenizer") in _CUTTERS.values()

    @classmethod
    def from_table(cls, described: Any) -> "Tokens":
        """Take what stands in a tokenizer.json; raises CheckpointError."""
        (cut,) = (cut for cut in get_args(Cut) if _CUTTERS[cut] == described.get("pre_tokenizer"))
        model = checked_model(described, pipeline(cut), SETTINGS)
        pieces = checked_vocab(model.get("vocab"), SPECIALS, SPECIALS_NAMED)
        for index, piece in enumerate(pieces[FIRST_BYTE:], start=FIRST_BYTE):
            if any(letter.isspace() for letter in piece) if cut == "blanks" else len(piece) > 1:
                raise refusal(f"the piece {index} ({piece!r:.80}) is cut by {cut}")
        return cls(pieces=pieces, cut=cut)

    def to_json(self) -> str:
        """Write the text of a tokenizer.json."""
        return written(pipeline(self.cut), SETTINGS, {piece: index for index, piece in enumerate(self.pieces)})

    def spelling(self) -> list[bytes]:
        """Return what each id adds to a text, in UTF-8: nothing for a special."""
        blank = "" if self.cut == "characters" else " "
        return [b""] * len(SPECIALS) + [f"{blank}{piece}".encode() for piece in self.pieces[FIRST_BYTE:]]

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text, without its unknown tokens."""
        return ("" if self.cut == "characters" else " ").join(
            self.pieces[index] for index in ids if index >= FIRST_BYTE
        )

    def offsets(self, text: str, ids: Sequence[int]) -> Spans:
        """Return the characters of each id."""
        spans, at = [], 0
        for token in self._tokens(text):
            start = text.index(token, at)
            at = start + len(token)
            spans.append((start, at))
        return tuple(spans)

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, `<unk>` for a token that is not in the list."""
        return [[self._ids.get(token, UNK) for token in self._tokens(text)] for text in texts]

    def _tokens(self, text: str) -> Sequence[str]:
        return text if self.cut == "characters" else text.split()

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {piece: index for index, piece in enumerate(self.pieces) if index >= FIRST_BYTE}
