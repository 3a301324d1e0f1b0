"""SentencePiece `.model` files: read and written, a `bpe` of ours as one, and one that is a `bpe` of ours.

The file is a small protobuf message (ModelProto of sentencepiece_model.proto), read and written here field by
field. SentencePiece scores pieces, not pairs: it joins any two neighbours whose join is a piece, the best score
first. Models that no `bpe` equals are read by `foreign`.
"""

import itertools
import math
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dragoman.errors import CheckpointError, ConfigError
from dragoman.options import BOS, EOS, FIRST_BYTE, FIRST_PIECE, PAD, UNK
from dragoman.text.bpe import BytePairs
from dragoman.text.family import Family
from dragoman.text.spelling import BARRED, BLANK, RESERVED

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
UNIGRAM, BPE, WORD, CHAR = range(1, 5)
MOST_LETTERS = 256  # of a piece, all of whose cuts are looked at
Place = tuple[int, int]  # (message, field) of a setting
MODEL_TYPE, SUFFIX, BYTE_FALLBACK = (2, 3), (2, 24), (2, 35)
CHARSMAP, PREFIX, EXTRA_BLANKS, ESCAPE = (3, 2), (3, 3), (3, 4), (3, 5)
NORMALIZER, DENORMALIZER = 3, 5  # messages of one form
DECODED_CHARSMAP = (DENORMALIZER, 2)

# Defaults of the .proto, whose type is that of the value. Settings that only guide training are not read.
_DEFAULTS: dict[Place, int | bytes] = {
    MODEL_TYPE: UNIGRAM,
    SUFFIX: 0,
    BYTE_FALLBACK: 0,
    (2, 40): 0,  # ids of <unk>, <s>, </s> and <pad>
    (2, 41): 1,
    (2, 42): 2,
    (2, 43): -1,
    (NORMALIZER, 1): b"",  # its name
    CHARSMAP: b"",
    PREFIX: 1,
    EXTRA_BLANKS: 1,
    ESCAPE: 1,
    DECODED_CHARSMAP: b"",
    (DENORMALIZER, 3): 1,
    (DENORMALIZER, 4): 1,
    (DENORMALIZER, 5): 1,
}
_FLAGS = {place for place in _DEFAULTS if place in (SUFFIX, BYTE_FALLBACK) or (place[0] > 2 and place[1] > 2)}
# What a `bpe` of ours has, where that is not the default.
_BPE: dict[Place, int | bytes] = {
    MODEL_TYPE: BPE,
    BYTE_FALLBACK: 1,
    (2, 40): UNK,
    (2, 41): BOS,
    (2, 42): EOS,
    (2, 43): PAD,
    (NORMALIZER, 1): b"identity",
    EXTRA_BLANKS: 0,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """An entry of the vocabulary."""

    text: str
    score: float
    type: int  # NORMAL, and so on


@dataclass(frozen=True, slots=True)
class Model:
    """What a .model says: its pieces by id, and its settings."""

    pieces: tuple[Piece, ...]
    settings: Mapping[Place, int | bytes]

    def flag(self, place: Place) -> bool:
        """Return whether a setting is on."""
        return bool(self.settings[place])

    def table(self, place: Place) -> bytes:
        """Return a table of characters, empty where there is none."""
        table = self.settings[place]
        assert isinstance(table, bytes)
        return table


def parse(data: bytes) -> Model:
    """Return what a .model says; raises CheckpointError for what is none."""
    try:
        return _parsed(data)
    except (ValueError, IndexError, struct.error) as error:
        raise CheckpointError(f"is no SentencePiece .model, or a damaged one ({error}); restore the file") from None


def message(pieces: Iterable[Piece], settings: Mapping[Place, int | bytes]) -> bytes:
    """Return the content of a .model; settings that are not given have their defaults."""
    data = b"".join(
        _entry(1, _entry(1, piece.text.encode()) + _entry(2, piece.score) + _entry(3, piece.type)) for piece in pieces
    )
    for number in (2, NORMALIZER, DENORMALIZER):
        inner = b"".join(_entry(place[1], settings[place]) for place in sorted(settings) if place[0] == number)
        data += _entry(number, inner) if inner else b""
    return data


def written(model: Family) -> bytes:
    """Return the content of a .model; raises ConfigError for a kind but bpe, and for merges that it cannot express."""
    if not isinstance(model, BytePairs):
        raise ConfigError(f"a {model.kind} tokenizer cannot be written as a SentencePiece .model exactly; only bpe can")
    _check_merges(model)
    rank: dict[str, int] = {}
    for left, right in model.merges:
        rank.setdefault(left + right, len(rank))
    letters = itertools.count(len(rank))
    pieces = [
        Piece(
            piece,
            0.0 if index < FIRST_PIECE else -float(rank[piece] if piece in rank else next(letters)),
            _bpe_type(index),
        )
        for index, piece in enumerate(model.pieces)
    ]
    return message(pieces, {(2, 4): len(pieces), **_BPE})


def every_merge(pieces: Sequence[str], order: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return every pair whose join is a piece, as SentencePiece joins them; `order` has the joins, the best first."""
    known = {piece: index for index, piece in enumerate(pieces)}
    merges: list[tuple[str, str]] = []
    for piece in order:
        pairs = [(piece[:cut], piece[cut:]) for cut in range(1, len(piece))]
        pairs = [pair for pair in pairs if pair[0] in known and pair[1] in known]
        merges += sorted(pairs, key=lambda pair: (known[pair[0]], known[pair[1]]))
    return tuple(merges)


def _check_merges(model: BytePairs) -> None:
    """Refuse merges that give other pieces than scores of pieces do; raises ConfigError.

    SentencePiece also joins pairs that no merge lists. Where the lists differ, all pieces and all that two of
    them give side by side are cut both ways.
    """
    order = list(dict.fromkeys(left + right for left, right in model.merges))
    full = BytePairs(pieces=model.pieces, merges=every_merge(model.pieces, order))
    if full.merges == model.merges:
        return
    pieces = [piece.replace(BLANK, " ") for piece in model.pieces[FIRST_PIECE:]]
    texts = pieces + [left + right for left, right in itertools.pairwise(pieces)]
    texts += [left + right for left, right in zip(pieces, pieces[::-1], strict=True)]
    for text, own, others in zip(texts, model.encode_ids(texts), full.encode_ids(texts), strict=True):
        if own != others:
            raise ConfigError(
                f"SentencePiece would cut {text!r} otherwise than this tokenizer, for it scores pieces and not merges; "
                "keep the tokenizer.json, which the tokenizers library reads exactly"
            )


def as_pairs(model: Model) -> BytePairs | None:
    """Return the bpe of ours that cuts every text as a model does and has its ids, or None where none does."""
    texts = tuple(piece.text for piece in model.pieces)
    wanted = {**_DEFAULTS, **_BPE}
    if any(model.settings[place] != wanted[place] for place in _DEFAULTS) or texts[:FIRST_PIECE] != RESERVED:
        return None
    if any(piece.type != _bpe_type(index) for index, piece in enumerate(model.pieces)):
        return None
    if any(not set(BARRED).isdisjoint(text) or BLANK in text[1:] for text in texts):
        return None
    merges = exact_merges(model)
    return None if merges is None else BytePairs(pieces=texts, merges=merges)


def exact_merges(model: Model) -> tuple[tuple[str, str], ...] | None:
    """Return merges that join as the scores of a model's normal pieces do, or None where none would."""
    own = [piece for piece in model.pieces if piece.type == NORMAL]
    letters = {piece.text for piece in own if len(piece.text) == 1}
    joined = [piece for piece in own if len(piece.text) > 1]
    if any(len(piece.text) > MOST_LETTERS for piece in joined):
        return None
    if BLANK not in letters or any(not letters.issuperset(piece.text) for piece in joined):
        return None  # a letter that is no piece is joined there, and is unknown here
    if len({piece.score for piece in joined}) < len(joined):
        return None  # of equal scores the place decides
    order = [piece.text for piece in sorted(joined, key=lambda piece: -piece.score)]
    merges = every_merge([piece.text for piece in own], order)
    unmade = set(order).difference(left + right for left, right in merges)
    return None if unmade else merges


def _bpe_type(index: int) -> int:
    """Return what type a bpe of ours has at an id."""
    return UNKNOWN if index == UNK else CONTROL if index < FIRST_BYTE else BYTE if index < FIRST_PIECE else NORMAL


def _parsed(data: bytes) -> Model:
    pieces: list[Piece] = []
    settings = dict(_DEFAULTS)
    for number, value in fields(data):
        if number == 1:
            pieces.append(_piece(value))
        elif number in (2, NORMALIZER, DENORMALIZER):
            for inner, content in fields(value):
                place = (number, inner)
                if place in _DEFAULTS:
                    if type(content) is not type(_DEFAULTS[place]):
                        raise ValueError(f"field {inner} of message {number} is of another type")
                    settings[place] = int(content != 0) if place in _FLAGS else content
    if not pieces:
        raise ValueError("no pieces")
    return Model(tuple(pieces), settings)


def _piece(data: Any) -> Piece:
    text, score, kind = b"", 0.0, NORMAL
    for number, content in fields(data):
        if number == 1:
            text = content
        elif number == 2:
            (score,) = struct.unpack("<f", content if isinstance(content, bytes) else b"")
        elif number == 3:
            kind = content
    if not isinstance(text, bytes) or not text or b"\0" in text:
        raise ValueError("a piece is no text")
    if kind not in range(NORMAL, BYTE + 1):
        raise ValueError(f"a piece of the type {kind!r:.20}")
    if not math.isfinite(score):
        raise ValueError("a score is no number")
    return Piece(text.decode(), score, kind)


def fields(data: Any) -> Iterator[tuple[int, Any]]:
    """Give the fields of a message: whole numbers for varints, bytes for all else."""
    if not isinstance(data, bytes):
        raise ValueError("a message is wanted")
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value - (1 << 64) if value >> 63 else value
            continue
        if kind not in (1, 2, 5):
            raise ValueError("a wire type that is not used")
        length, at = _varint(data, at) if kind == 2 else (8 if kind == 1 else 4, at)
        if at + length > len(data):
            raise ValueError("cut off")
        yield key >> 3, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 128:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if shift > 63:
            raise ValueError("a number too long")
    return value | data[at] << shift, at + 1


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _entry(number: int, value: bytes | float) -> bytes:
    """Write a field of a message; its wire type follows from the type of the value."""
    if isinstance(value, bytes):
        return _number(number << 3 | 2) + _number(len(value)) + value
    if isinstance(value, float):
        return _number(number << 3 | 5) + struct.pack("<f", value)
    return _number(number << 3) + _number(value % (1 << 64))
