"""How a lossless vocabulary spells: 4 specials, 256 bytes, then pieces, in which U+2581 stands for a blank.

Every character that is no piece is spelled as its UTF-8 bytes, and so is a U+2581 that the user wrote. Byte b
has the id 4 + b in every lossless family, so a search can see to it that bytes make whole characters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray

from dragoman.options import FIRST_BYTE, FIRST_PIECE, SPECIALS
from dragoman.text.family import SPECIALS_NAMED, Spans, check_pieces, chunks, refusal, running

BLANK = "▁"  # U+2581, which stands for a blank inside a piece
BYTES = tuple(f"<0x{value:02X}>" for value in range(256))
RESERVED = (*SPECIALS, *BYTES)
RESERVED_NAMED = f"{SPECIALS_NAMED} and <0x00> to <0xFF>"
# Characters that no piece holds: always bytes. A search that must stay on one line bars the byte of the line
# feed, which would be in vain were there another piece with one; and SentencePiece knows no piece with a NUL.
BARRED = "\n\0"
SPELLED_BLANK = [FIRST_BYTE + value for value in BLANK.encode()]  # a U+2581 that the user wrote

# Everything in tokenizer.json but the model. Specials and byte pieces are plain vocabulary, never "added
# tokens": those would be found inside a text in which somebody typed "</s>" or "<0x41>".
PIPELINE: dict[str, Any] = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": {"type": "Prepend", "prepend": BLANK},
    "pre_tokenizer": {"type": "Metaspace", "replacement": BLANK, "prepend_scheme": "never", "split": True},
    "post_processor": None,
    "decoder": {
        "type": "Sequence",
        "decoders": [
            {"type": "Replace", "pattern": {"String": BLANK}, "content": " "},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        ],
    },
}


def spelling(pieces: Sequence[str]) -> list[bytes]:
    """Return what each id adds to a text: nothing for a special, one byte for a byte piece."""
    single = [bytes([value]) for value in range(256)]
    return [b""] * len(SPECIALS) + single + [piece.replace(BLANK, " ").encode() for piece in pieces[FIRST_PIECE:]]


def spelled_text(spelled: Sequence[bytes], ids: Sequence[int]) -> str:
    """Join what the ids add, with U+FFFD for bytes that are no UTF-8."""
    return b"".join([spelled[index] for index in ids]).decode(errors="replace")


def spelled_offsets(spelled: Sequence[bytes], ids: Sequence[int], in_front: int) -> Spans:
    """Return the characters that each id touches, when `in_front` characters were put before the text."""
    offsets = []
    begun = 0  # characters that have begun before a piece
    for index in ids:
        own = spelled[index]
        start = begun - _continues(own[0])
        begun += len(own) - sum(map(_continues, own))
        offsets.append((max(start - in_front, 0), begun - in_front))
    return tuple(offsets)


def cut(text: str) -> list[str]:
    """Put the blank in front and cut at each U+2581 that the user wrote, which no piece may hold."""
    if not text:
        return []
    first, *others = text.split(BLANK)
    return [BLANK + first, *others]


def encode_parts(library: tokenizers.Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Return the ids of each text by a library that gets the parts of `cut`."""
    rows = []
    for chunk in chunks(texts):
        parts = [part for text in chunk for part in cut(text)]
        encoded = iter(library.encode_batch_fast(parts, add_special_tokens=False))
        for text in chunk:
            ids: list[int] = next(encoded).ids if text else []
            for _ in range(text.count(BLANK)):
                ids += SPELLED_BLANK + next(encoded).ids
            rows.append(ids)
    return rows


def check_spelling(pieces: Sequence[str]) -> None:
    """Refuse pieces that are not 4 specials, 256 bytes and then text with the blank alone among it."""
    check_pieces(pieces, RESERVED, RESERVED_NAMED)
    if BLANK not in pieces:
        raise refusal("no piece is the blank U+2581 alone")


@dataclass(frozen=True, eq=False)
class Letters:
    """Texts as their smallest symbols: the letters that are pieces, and the bytes of all others."""

    pieces: Sequence[str]

    @cached_property
    def ids(self) -> NDArray[np.int32]:
        """Id of every code point, -1 for those that are spelled as bytes."""
        letters = np.full(0x110000, -1, dtype=np.int32)
        for index, piece in enumerate(self.pieces):
            if len(piece) == 1:
                letters[ord(piece)] = index
        letters[ord(" ")] = letters[ord(BLANK)]
        letters[ord(BLANK)] = -1
        return letters

    def symbols(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
        """Return the ids of all texts, where each text begins in them, and where each blank stands.

        Texts come with their blank in front, if they have one.
        """
        points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
        letters = self.ids[points]
        strange = letters < 0
        widths = np.where(strange, 1 + (points > 0x7F) + (points > 0x7FF) + (points > 0xFFFF), 1)
        firsts = running(widths)  # where the symbols of a character begin

        ids = np.repeat(letters, widths)
        spelled = points[strange].tobytes().decode("utf-32-le").encode()
        ids[ids < 0] = np.frombuffer(spelled, dtype=np.uint8).astype(np.int32) + FIRST_BYTE
        starts = firsts[running([len(text) for text in texts])]
        return ids, starts, firsts[np.flatnonzero(points == ord(" "))]


def _continues(byte: int) -> bool:
    """Whether a byte of UTF-8 goes on with a character that has begun."""
    return byte & 0xC0 == 0x80
