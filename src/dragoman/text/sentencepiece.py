"""SentencePiece `.model` files: a `bpe` of ours written as one, and one read, where both give the same ids.

The file is a small protobuf message (ModelProto of sentencepiece_model.proto), read and written here field by
field. SentencePiece scores pieces, not pairs: it joins any two neighbours whose join is a piece, the best score
first. What would not be exact is refused, by the name of the setting.
"""

import itertools
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dragoman.errors import CheckpointError, ConfigError
from dragoman.options import BOS, EOS, FIRST_BYTE, FIRST_PIECE, PAD, UNK
from dragoman.text.bpe import BytePairs
from dragoman.text.family import Family
from dragoman.text.spelling import BARRED, BLANK, RESERVED

NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
KINDS = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}
TYPES = {1: "normal", 2: "unknown", 3: "control", 4: "user-defined", 5: "unused", 6: "byte"}
BPE = 2

# (message, field): name, default of the .proto, value wanted. Settings that only guide training are not read.
_SETTINGS: dict[tuple[int, int], tuple[str, Any, Any]] = {
    (2, 3): ("trainer_spec.model_type", 1, BPE),
    (2, 24): ("trainer_spec.treat_whitespace_as_suffix", 0, 0),
    (2, 35): ("trainer_spec.byte_fallback", 0, 1),
    (2, 40): ("trainer_spec.unk_id", 0, UNK),
    (2, 41): ("trainer_spec.bos_id", 1, BOS),
    (2, 42): ("trainer_spec.eos_id", 2, EOS),
    (2, 43): ("trainer_spec.pad_id", -1, PAD),
    (3, 1): ("normalizer_spec.name", b"", b"identity"),
    (3, 2): ("normalizer_spec.precompiled_charsmap", b"", b""),
    (3, 3): ("normalizer_spec.add_dummy_prefix", 1, 1),
    (3, 4): ("normalizer_spec.remove_extra_whitespaces", 1, 0),
    (3, 5): ("normalizer_spec.escape_whitespaces", 1, 1),
    (3, 6): ("normalizer_spec.normalization_rule_tsv", b"", b""),
    (5, 2): ("denormalizer_spec.precompiled_charsmap", b"", b""),
}


@dataclass(slots=True)
class _Piece:
    text: str
    score: float
    type: int


@dataclass(slots=True)
class _Model:
    pieces: list[_Piece] = field(default_factory=list)
    settings: dict[tuple[int, int], Any] = field(default_factory=dict)


def written(model: Family) -> bytes:
    """Return the content of a .model; raises ConfigError for a kind but bpe, and for merges that it cannot express."""
    if not isinstance(model, BytePairs):
        raise ConfigError(f"a {model.kind} tokenizer cannot be written as a SentencePiece .model exactly; only bpe can")
    _check_merges(model)
    rank: dict[str, int] = {}
    for left, right in model.merges:
        rank.setdefault(left + right, len(rank))
    letters = itertools.count(len(rank))
    message = b""
    for index, piece in enumerate(model.pieces):
        kind = UNKNOWN if index == UNK else CONTROL if index < FIRST_BYTE else BYTE if index < FIRST_PIECE else NORMAL
        score = 0.0 if index < FIRST_PIECE else -float(rank[piece] if piece in rank else next(letters))
        message += _entry(1, _entry(1, piece.encode()) + _entry(2, score) + _entry(3, kind))
    for number in (2, 3):
        inner = _entry(4, len(model.pieces)) if number == 2 else b""
        for (message_number, field_number), (_, default, wanted) in sorted(_SETTINGS.items()):
            if message_number == number and wanted != default:
                inner += _entry(field_number, wanted)
        message += _entry(number, inner)
    return message


def read(path: Path) -> BytePairs:
    """Read a .model; raises CheckpointError for one that a bpe of ours would not equal."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); give the path of a .model") from None
    try:
        model = _parse(data)
    except (ValueError, IndexError, struct.error):
        raise CheckpointError(f"{path}: is no SentencePiece .model, or a damaged one; restore the file") from None
    try:
        return _pairs(model)
    except ValueError as error:
        raise CheckpointError(
            f"{path}: {error}; only a bpe model trained with --byte_fallback --normalization_rule_name=identity "
            "--remove_extra_whitespaces=false --pad_id=0 --unk_id=1 --bos_id=2 --eos_id=3 is read exactly"
        ) from None


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


def _pairs(model: _Model) -> BytePairs:
    """Return the bpe that equals a model; raises ValueError that says what stands against it."""
    for place, (name, default, wanted) in _SETTINGS.items():
        given = model.settings.get(place, default)
        if given != wanted:
            shown = [KINDS.get(value, value) if place == (2, 3) else _shown(value) for value in (given, wanted)]
            raise ValueError(f"{name} is {shown[0]}, and {shown[1]} is wanted")
    texts = tuple(piece.text for piece in model.pieces)
    if texts[:FIRST_PIECE] != RESERVED:
        raise ValueError("the ids 0 to 259 are not <pad> <unk> <s> </s> and <0x00> to <0xFF>")
    if len(set(texts)) < len(texts):
        raise ValueError("a piece is given twice")
    for index, piece in enumerate(model.pieces):
        wanted = UNKNOWN if index == UNK else CONTROL if index < FIRST_BYTE else BYTE if index < FIRST_PIECE else NORMAL
        if piece.type != wanted:
            given = TYPES.get(piece.type, piece.type)
            raise ValueError(f"the piece {index} ({piece.text!r}) is {given}, and {TYPES[wanted]} is wanted")
    return _checked_pieces(model, texts)


def _checked_pieces(model: _Model, texts: tuple[str, ...]) -> BytePairs:
    own = model.pieces[FIRST_PIECE:]
    letters = {piece.text for piece in own if len(piece.text) == 1}
    joined = [piece for piece in own if len(piece.text) > 1]
    if BLANK not in letters:
        raise ValueError("no piece is the blank U+2581 alone")
    for piece in own:
        if not piece.text or not set(BARRED).isdisjoint(piece.text):
            raise ValueError(f"the piece {piece.text!r} is empty, or holds a line feed or a NUL")
        if len(piece.text) > 1 and (BLANK in piece.text[1:] or not letters.issuperset(piece.text)):
            raise ValueError(f"the piece {piece.text!r} holds a blank, or a letter that is no piece")
        if not math.isfinite(piece.score):
            raise ValueError(f"the score of {piece.text!r} is no number")
    if len({piece.score for piece in joined}) < len(joined):
        raise ValueError("two pieces have the same score, so which of them goes first is not said")
    order = [piece.text for piece in sorted(joined, key=lambda piece: -piece.score)]
    merges = every_merge(texts, order)
    unmade = set(order).difference(left + right for left, right in merges)
    if unmade:
        raise ValueError(f"no two pieces join to {min(unmade)!r}")
    return BytePairs(pieces=texts, merges=merges)


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace") if 0 < len(value) < 40 else "a table" if value else "empty"
    return str(value)


def _parse(data: bytes) -> _Model:
    model = _Model()
    for number, value in _fields(data):
        if number == 1:
            piece = _Piece("", 0.0, NORMAL)
            for inner, content in _fields(value):
                if inner == 1:
                    piece.text = content.decode()
                elif inner == 2:
                    (piece.score,) = struct.unpack("<f", content)
                elif inner == 3:
                    piece.type = content
            model.pieces.append(piece)
        elif number in (2, 3, 5):
            for inner, content in _fields(value):
                model.settings[number, inner] = content
    if not model.pieces:
        raise ValueError("no pieces")
    return model


def _fields(data: Any) -> Iterator[tuple[int, Any]]:
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
    return _number(number << 3) + _number(value)
