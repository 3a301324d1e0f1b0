"""SentencePiece models of other people, id for id: their pieces by ids of ours, their cuts by a library.

The ids are those of the model that came with the vocabulary: 0 to 3 are our specials, and behind them stand its
pieces in an order of their own. A piece of a text that is not among them is `<unk>`, and there may be pieces that
no text is cut into: two .model files can share a vocabulary.
"""

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dragoman import strict_json
from dragoman.errors import CheckpointError
from dragoman.options import FIRST_BYTE, SPECIALS, UNK
from dragoman.text import charsmap
from dragoman.text.cutters import Cutter, Library, Package, Through, denormalizer, library_merges
from dragoman.text.family import SPECIALS_NAMED, Spans, find_surrogate, refusal
from dragoman.text.sentencepiece import (
    BPE,
    BYTE,
    BYTE_FALLBACK,
    CHAR,
    CHARSMAP,
    CONTROL,
    DECODED_CHARSMAP,
    EXTRA_BLANKS,
    MODEL_TYPE,
    NORMAL,
    PREFIX,
    SUFFIX,
    UNIGRAM,
    UNKNOWN,
    USER_DEFINED,
    WORD,
    Model,
    parse,
)
from dragoman.text.spelling import BLANK, BYTES

TYPE = "SentencePiece"  # of the model in the tokenizer.json, which no library but this one reads
VERSION = "1.0"
MOST_BYTES = 64 << 20  # of a .model
MOST_SYMBOLS = 64  # user-defined ones that begin one another, for which the package has room


@dataclass(frozen=True, eq=False)
class SentencePieces:
    """The pieces by our ids, the .model as it came, what it says, and who cuts for it."""

    pieces: tuple[str, ...]
    proto: bytes
    model: Model
    cutter: Cutter

    kind = "sentencepiece"
    lossless = False

    @classmethod
    def of(cls, proto: bytes, pieces: Sequence[str] | None = None) -> "SentencePieces":
        """Take a .model, and the pieces by our ids, else its own behind the specials; raises CheckpointError."""
        model = checked(proto)
        if pieces is None:
            own = [piece.text for piece in model.pieces if piece.type not in (CONTROL, UNKNOWN)]
            pieces = [*SPECIALS, *(text for text in own if text not in SPECIALS)]
        _check_pieces(pieces)
        merges = library_merges(model)
        return cls(tuple(pieces), proto, model, Package(model) if merges is None else Library(model, merges))

    @classmethod
    def from_table(cls, described: Any) -> "SentencePieces":
        """Take what stands in a tokenizer.json; raises CheckpointError."""
        table = _envelope(described)
        try:
            proto = base64.b64decode(table["proto"], validate=True)
        except (binascii.Error, ValueError):
            raise refusal("model.proto is no base64") from None
        _check_pieces(table["vocab"])
        model = checked(proto)
        cutter: Cutter
        if table["through"] == Package.through:
            cutter = Package(model)
        elif (merges := library_merges(model)) is not None:
            cutter = Library(model, merges)
        else:
            raise refusal(f"model.through is {Library.through}, which does not cut as this model does")
        return cls(tuple(table["vocab"]), proto, model, cutter)

    @property
    def through(self) -> Through:
        """Name the library that cuts."""
        return self.cutter.through

    def to_json(self) -> str:
        """Write the text of a tokenizer.json."""
        model = {
            "type": TYPE,
            "through": self.through,
            "proto": base64.b64encode(self.proto).decode(),
            "vocab": list(self.pieces),
        }
        return json.dumps({"version": VERSION, "model": model}, ensure_ascii=False, separators=(",", ":"))

    def spelling(self) -> list[bytes]:
        """Return what each id adds to a text, in UTF-8: nothing for a special or a control, one byte for a byte."""
        return [
            bytes([self._bytes[index]]) if index in self._bytes else text.replace(BLANK, " ").encode()
            for index, text in enumerate(self._texts)
        ]

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, `<unk>` for what is no piece."""
        ids = self._ids
        rows = self.cutter.rows(texts)
        if not self._strangers:
            return [[ids[index] for index in row] for row in rows]
        return [
            self._with_strangers(text) if self._unknown in row else [ids[index] for index in row]
            for text, row in zip(texts, rows, strict=True)
        ]

    def offsets(self, text: str, ids: Sequence[int]) -> Spans:
        """Return the characters that each id came from, whole ones, whatever the normaliser made of them."""
        normalized, places = self.cutter.normalized(text)
        in_front = int(self.model.flag(PREFIX) and not self.model.flag(SUFFIX))
        spans = []
        at = seen = 0  # in the normalised text; bytes of the character that stands there
        for index, piece in self.cutter.pieces(text):
            is_byte = self.model.pieces[index].type == BYTE
            end = at + (1 if is_byte else len(piece))
            after = at if end == in_front else bisect_right(places, places[end - 1])
            spans.append((places[at], places[min(after, len(places) - 1)]))
            seen += is_byte
            if not is_byte or seen == len(normalized[at].encode()):
                at, seen = end, 0
        return tuple(spans)

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text without the blank in front, and with a U+FFFD for each byte that is no UTF-8."""
        parts: list[str] = []
        run = bytearray()  # bytes that wait for the rest of their character
        dropping = self.model.flag(PREFIX) or self.model.flag(EXTRA_BLANKS)
        for index in ids:
            if index in self._bytes:
                run.append(self._bytes[index])
                dropping = False
                continue
            if run:
                parts.append(_characters(run))
                run.clear()
            text = self._texts[index]
            if dropping and text.startswith(BLANK):
                text = text.removeprefix(BLANK)
                dropping = self.model.flag(EXTRA_BLANKS) and not text
            elif text:
                dropping = False
            parts.append(text.replace(BLANK, " "))
        text = "".join([*parts, _characters(run)])
        return text if self._denormalized is None else self._denormalized(text)

    def _with_strangers(self, text: str) -> list[int]:
        """Return the ids of a text in which something unknown to the .model may be a piece all the same."""
        return [
            self._strangers.get(piece, UNK) if index == self._unknown else self._ids[index]
            for index, piece in self.cutter.pieces(text)
        ]

    @cached_property
    def _types(self) -> dict[str, int]:
        return {piece.text: piece.type for piece in self.model.pieces}

    @cached_property
    def _unknown(self) -> int:
        return next(index for index, piece in enumerate(self.model.pieces) if piece.type == UNKNOWN)

    @cached_property
    def _ids(self) -> list[int]:
        """Our id of each id of the .model."""
        known = {text: index for index, text in enumerate(self.pieces) if index >= FIRST_BYTE}
        return [
            UNK if index == self._unknown else known.get(piece.text, UNK)
            for index, piece in enumerate(self.model.pieces)
        ]

    @cached_property
    def _strangers(self) -> dict[str, int]:
        """The pieces that the .model does not have."""
        return {
            text: index for index, text in enumerate(self.pieces) if index >= FIRST_BYTE and text not in self._types
        }

    @cached_property
    def _bytes(self) -> dict[int, int]:
        """The byte of each piece that is one."""
        return {index: int(text[3:5], 16) for index, text in enumerate(self.pieces) if self._types.get(text) == BYTE}

    @cached_property
    def _texts(self) -> list[str]:
        """What each id but a byte adds to a text, its blanks as U+2581."""
        return [
            "" if index < FIRST_BYTE or self._types.get(text) in (CONTROL, UNKNOWN) else text
            for index, text in enumerate(self.pieces)
        ]

    @cached_property
    def _denormalized(self) -> Callable[[str], str] | None:
        return denormalizer(self.model)


def through(json_text: str) -> Through:
    """Return who cuts for the tokenizer of a tokenizer.json, without loading it; raises CheckpointError."""
    try:
        described: Any = strict_json.loads(json_text)
    except ValueError as error:
        raise refusal(f"it is no JSON ({error})") from None
    found: Through = _envelope(described)["through"]
    return found


def checked(proto: bytes) -> Model:
    """Return what a .model says when nothing in it can lead a library astray; raises CheckpointError."""
    if len(proto) > MOST_BYTES:
        raise CheckpointError(f"a SentencePiece .model of {len(proto):,} bytes; at most {MOST_BYTES:,} are allowed")
    model = parse(proto)
    try:
        _check(model)
        charsmap.check(model.table(CHARSMAP))
        charsmap.check(model.table(DECODED_CHARSMAP))
    except ValueError as error:
        raise CheckpointError(f"this SentencePiece .model is damaged: {error}; restore the file") from None
    return model


def _check(model: Model) -> None:
    texts = [piece.text for piece in model.pieces]
    types = [piece.type for piece in model.pieces]
    if model.settings[MODEL_TYPE] not in (UNIGRAM, BPE, WORD, CHAR):
        raise ValueError(f"its type of model is {model.settings[MODEL_TYPE]!r}, and 1 to 4 are known")
    if len(set(texts)) < len(texts):
        raise ValueError("a piece is given twice")
    if types.count(UNKNOWN) != 1:
        raise ValueError(f"{types.count(UNKNOWN)} of its pieces stand for what is unknown, and one is wanted")
    if not {NORMAL, USER_DEFINED}.intersection(types):
        raise ValueError("none of its pieces is text")
    spelled = {text for text, kind in zip(texts, types, strict=True) if kind == BYTE}
    if spelled != (set(BYTES) if model.flag(BYTE_FALLBACK) else set()):
        raise ValueError("its pieces for bytes are not <0x00> to <0xFF>")
    begun: list[str] = []
    for symbol in sorted(text for text, kind in zip(texts, types, strict=True) if kind == USER_DEFINED):
        while begun and not symbol.startswith(begun[-1]):
            begun.pop()
        begun.append(symbol)
        if len(begun) > MOST_SYMBOLS:
            raise ValueError(f"more than {MOST_SYMBOLS} user-defined symbols begin one another")


def _envelope(described: Any) -> dict[str, Any]:
    """Return the model of a tokenizer.json after a look at the types of what is in it."""
    model = described.get("model") if isinstance(described, dict) else None
    if not isinstance(model, dict) or set(model) != {"type", "through", "proto", "vocab"} or model["type"] != TYPE:
        raise refusal("its model is not type, through, proto and vocab")
    if set(described) != {"version", "model"} or described["version"] != VERSION:
        raise refusal(f"version is {described.get('version')!r:.80}, and {VERSION!r} is wanted, beside model alone")
    if model["through"] not in (Library.through, Package.through):
        raise refusal(f"model.through is {model['through']!r:.80}; {Library.through} and {Package.through} are known")
    if not isinstance(model["proto"], str) or len(model["proto"]) > 2 * MOST_BYTES:
        raise refusal("model.proto is no base64")
    if not isinstance(model["vocab"], list) or not all(isinstance(piece, str) for piece in model["vocab"]):
        raise refusal("model.vocab is no list of pieces")
    return model


def _check_pieces(pieces: Sequence[str]) -> None:
    if tuple(pieces[: len(SPECIALS)]) != SPECIALS:
        raise CheckpointError(f"the ids 0 to {len(SPECIALS) - 1} of the vocabulary are not {SPECIALS_NAMED}")
    if len(set(pieces)) < len(pieces):
        raise CheckpointError("a piece is given twice in the vocabulary; every id needs a name of its own")
    for index, piece in enumerate(pieces):
        if not piece or find_surrogate(piece) is not None:
            raise CheckpointError(f"the piece {index} of the vocabulary is no text")


def _characters(run: bytearray) -> str:
    """Return the text of bytes, a U+FFFD for each that belongs to no character."""
    text, at = "", 0
    while True:
        try:
            return text + run[at:].decode()
        except UnicodeDecodeError as error:
            text += run[at : at + error.start].decode() + "\ufffd"
            at += error.start + 1
