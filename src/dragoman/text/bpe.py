"""Byte-pair encoding (Sennrich et al. 2016): vocabulary, merges, their file, and merge-dropout.

A text gets one blank put in front, every blank is written U+2581, and a word begins at each of them. The
smallest symbols are the letters of the vocabulary; any other character is spelled as its UTF-8 bytes,
U+2581 itself included, so that nothing is ever unknown. The file is a `tokenizer.json` of the Hugging Face
`tokenizers` library, whose compiled code does the plain encoding; SentencePiece gives the same ids.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray
from tokenizers import models, pre_tokenizers

from dragoman import _native
from dragoman.errors import CheckpointError
from dragoman.options import FIRST_BYTE, FIRST_PIECE, SPECIALS, UNK

BLANK = "▁"  # U+2581, which stands for a blank inside a piece
BYTES = tuple(f"<0x{value:02X}>" for value in range(256))
RESERVED = (*SPECIALS, *BYTES)
# Characters that no piece holds: always bytes. A search that must stay on one line bars the byte of the line
# feed, which would be in vain were there another piece with one; and SentencePiece knows no piece with a NUL.
BARRED = "\n\0"

_SPELLED_BLANK = [FIRST_BYTE + value for value in BLANK.encode()]  # a U+2581 that the user wrote
_CHUNK = 4096  # texts handed over at once, so that memory stays bounded

# Everything in tokenizer.json but the model. Specials and byte pieces are plain vocabulary, never "added
# tokens": those would be found inside a text in which somebody typed "</s>" or "<0x41>".
_PIPELINE: dict[str, Any] = {
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
_SETTINGS: dict[str, Any] = {
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
    """The pieces by id and the merges by rank; made by `training.train` or read by `from_json`.

    By hand, with the letters of "low lower newest widest" and the merges (e s) (es t) (l o) (▁ lo) (▁lo w):

        lowest  →  ▁ l o w e s t  →  ▁ l o w es t  →  ▁ l o w est  →  ▁ lo w est  →  ▁lo w est  →  ▁low est
        fox     →  ▁ <0x66> o <0x78>          (f and x are no letters of this vocabulary)
    """

    pieces: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]

    kind = "bpe"
    lossless = True

    @classmethod
    def from_json(cls, text: str) -> "BytePairs":
        """Read the text of a tokenizer.json; a CheckpointError says what in it is not of this project."""
        try:
            described = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _refusal(f"it is no JSON ({error})") from None
        model = _checked_pipeline(described)
        pieces = _checked_pieces(model.get("vocab"))
        return cls(pieces=pieces, merges=_checked_merges(model.get("merges"), pieces))

    def to_json(self) -> str:
        """Write the text of a tokenizer.json, which does not depend on the library's version."""
        vocab = {piece: index for index, piece in enumerate(self.pieces)}
        model = {**_SETTINGS, "vocab": vocab, "merges": [list(pair) for pair in self.merges]}
        return json.dumps({**_PIPELINE, "model": model}, ensure_ascii=False, separators=(",", ":"))

    def spelling(self) -> list[bytes]:
        """Return what each id adds to a text, in UTF-8: nothing for a special, one byte for a byte piece."""
        specials = [b""] * len(SPECIALS)
        single = [bytes([value]) for value in range(256)]
        return specials + single + [piece.replace(BLANK, " ").encode() for piece in self.pieces[FIRST_PIECE:]]

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text: all merges made, lowest rank first, leftmost among equals."""
        rows = []
        for chunk in _chunks(texts):
            parts = [part for text in chunk for part in cut(text)]
            encoded = iter(self._library.encode_batch_fast(parts, add_special_tokens=False))
            for text in chunk:
                ids: list[int] = next(encoded).ids if text else []
                for _ in range(text.count(BLANK)):
                    ids += _SPELLED_BLANK + next(encoded).ids
                rows.append(ids)
        return rows

    def dropout_ids(self, texts: Sequence[str], keys: NDArray[np.int64], dropout: float) -> list[NDArray[np.int32]]:
        """Return the ids of each text with merges passed over at random, by the key of the text.

        BPE-dropout (Provilkov et al. 2020); the draws are those of `native/merges.h`. `keys` is [n] for n
        texts; `dropout` 0 gives the ids of `encode_ids`, 1 only letters and bytes.
        """
        rows = []
        for start in range(0, len(texts), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            symbols = self._smallest_symbols(texts[chunk])
            own = np.ascontiguousarray(keys[chunk])
            ids, offsets = self._native_merges.apply_many(*symbols, own, dropout)
            rows += [ids[first:last] for first, last in pairwise(offsets.tolist())]
        return rows

    def _smallest_symbols(
        self, texts: Sequence[str]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
        """Return ids, text starts, word starts and word offsets as `Merges.apply_many` takes them."""
        marked = [" " + text if text else "" for text in texts]
        points = np.frombuffer("".join(marked).encode("utf-32-le"), dtype=np.uint32)
        letters = self._letters[points]
        strange = letters < 0
        widths = np.where(strange, 1 + (points > 0x7F) + (points > 0x7FF) + (points > 0xFFFF), 1)
        firsts = _running(widths)  # where the symbols of a character begin

        ids = np.repeat(letters, widths)
        spelled = points[strange].tobytes().decode("utf-32-le").encode()
        ids[ids < 0] = np.frombuffer(spelled, dtype=np.uint8).astype(np.int32) + FIRST_BYTE

        text_points = _running([len(text) for text in marked])
        text_starts = firsts[text_points]
        blanks = np.flatnonzero(points == ord(" "))
        word_offsets = np.searchsorted(blanks, text_points)
        word_starts = firsts[blanks] - np.repeat(text_starts[:-1], np.diff(word_offsets))
        return ids, text_starts, word_starts.astype(np.int32), word_offsets.astype(np.int64)

    @cached_property
    def _library(self) -> tokenizers.Tokenizer:
        vocab = {piece: index for index, piece in enumerate(self.pieces)}
        merges = list(self.merges)
        model = models.BPE(vocab=vocab, merges=merges, unk_token=SPECIALS[UNK], fuse_unk=True, byte_fallback=True)
        library = tokenizers.Tokenizer(model)
        # No normalizer: `cut` puts the blank in front, for of the parts of a text only the first one has it.
        library.pre_tokenizer = pre_tokenizers.Metaspace(BLANK, prepend_scheme="never", split=True)
        # The file does not keep this: a special that is ever registered is still not found in a user's text.
        library.encode_special_tokens = True
        return library

    @cached_property
    def _native_merges(self) -> _native.Merges:
        index = {piece: number for number, piece in enumerate(self.pieces)}
        pairs = np.array([(index[left], index[right]) for left, right in self.merges], dtype=np.int32)
        joined = np.array([index[left + right] for left, right in self.merges], dtype=np.int32)
        return _native.Merges(pairs.reshape(-1, 2), joined)

    @cached_property
    def _letters(self) -> NDArray[np.int32]:
        """Id of every code point, -1 for those that are spelled as bytes."""
        letters = np.full(0x110000, -1, dtype=np.int32)
        for index, piece in enumerate(self.pieces):
            if len(piece) == 1:
                letters[ord(piece)] = index
        letters[ord(" ")] = letters[ord(BLANK)]
        letters[ord(BLANK)] = -1
        return letters


def cut(text: str) -> list[str]:
    """Put the blank in front and cut at each U+2581 that the user wrote, which no piece may hold."""
    if not text:
        return []
    first, *others = text.split(BLANK)
    return [BLANK + first, *others]


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _CHUNK):
        yield texts[start : start + _CHUNK]


def _running(lengths: Any) -> NDArray[np.int64]:
    """Return 0 and the running sums: n + 1 offsets of n lengths."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _checked_pipeline(described: Any) -> dict[str, Any]:
    """Return the model of a tokenizer.json after a look at everything around it."""
    if not isinstance(described, dict) or not isinstance(described.get("model"), dict):
        raise _refusal("it has no model")
    model: dict[str, Any] = described["model"]
    for name, given, expected in (("", described, _PIPELINE), ("model.", model, _SETTINGS)):
        for key in sorted((given.keys() | expected.keys()) - {"model", "vocab", "merges"}):
            if key not in given or key not in expected or given[key] != expected[key]:
                raise _refusal(f"{name}{key} is {given.get(key)!r:.80}, and {expected.get(key)!r} is wanted")
    return model


def _checked_pieces(vocab: Any) -> tuple[str, ...]:
    """Return the pieces in the order of their ids, which must be 0, 1, 2 and so on without a gap."""
    if not isinstance(vocab, dict) or any(type(index) is not int for index in vocab.values()):
        raise _refusal("model.vocab is no table from pieces to ids")
    pieces = tuple(sorted(vocab, key=lambda piece: vocab[piece]))
    for index, piece in enumerate(pieces):
        if vocab[piece] != index:
            raise _refusal(f"model.vocab has no piece with the id {index}")
        if not piece or find_surrogate(piece) is not None:
            raise _refusal(f"the piece {index} is no text")
        if not set(BARRED).isdisjoint(piece):
            raise _refusal(f"the piece {index} holds a line feed or a NUL, which are always spelled as bytes")
    if pieces[:FIRST_PIECE] != RESERVED:
        raise _refusal(f"the ids 0 to {FIRST_PIECE - 1} are not <pad> <unk> <s> </s> and <0x00> to <0xFF>")
    if BLANK not in vocab:
        raise _refusal("no piece is the blank U+2581 alone")
    return pieces


def _checked_merges(merges: Any, pieces: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the merges, each of two pieces whose join is a piece; none reaches a special or a byte piece."""
    known = set(pieces[FIRST_PIECE:])
    if not isinstance(merges, list):
        raise _refusal("model.merges is no list")
    for rank, pair in enumerate(merges):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(side, str) for side in pair):
            raise _refusal(f"merge {rank} is no pair of pieces")
        if not known.issuperset([*pair, pair[0] + pair[1]]):
            raise _refusal(f"merge {rank} joins {pair[0]!r} and {pair[1]!r} to what is no piece of its own")
    pairs = tuple((left, right) for left, right in merges)
    if len(set(pairs)) < len(pairs):
        raise _refusal("a merge is given twice")
    return pairs


def find_surrogate(text: str) -> int | None:
    """Return the index of the first lone surrogate, which is no character and has no UTF-8, or None."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def _refusal(what: str) -> CheckpointError:
    return CheckpointError(
        f"this is no tokenizer.json that dragoman wrote: {what}; restore the file, or train a tokenizer anew"
    )
