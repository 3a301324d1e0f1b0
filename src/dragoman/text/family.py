"""What every family of tokenizers can do, and what is checked of the file of any of them.

The file is a `tokenizer.json` of the Hugging Face `tokenizers` library. Its pipeline (normalizer, pre-tokenizer,
decoder) is fixed for a family and says which one wrote it; anything that dragoman did not write is refused.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import tokenizers
from numpy.typing import NDArray

from dragoman.errors import CheckpointError, ConfigError
from dragoman.options import SPECIALS

MERGING = ("bpe", "byte_bpe")  # families whose merges can be left out at random
SAMPLING = ("unigram",)  # families whose cuts can be drawn
CHUNK = 4096  # texts handed over at once, so that memory stays bounded

Rows = list[NDArray[np.int32]]
Spans = tuple[tuple[int, int], ...]


class Family(Protocol):
    """A vocabulary with the rule of one algorithm; immutable. Texts hold no lone surrogate, ids are in range."""

    kind: str  # the setting tokenizer.algorithm
    lossless: bool  # whether every text comes back exactly

    @property
    def pieces(self) -> tuple[str, ...]:
        """The pieces by id, as they stand in the file."""

    def to_json(self) -> str:
        """Write the text of a tokenizer.json, which does not depend on the library's version."""

    def spelling(self) -> list[bytes]:
        """Return what each id adds to a text, in UTF-8: nothing for a special."""

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text."""

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of ids but specials."""

    def offsets(self, text: str, ids: Sequence[int]) -> Spans:
        """Return where in the text each of its ids stands, [start, end) in characters."""


def check_variation(kind: str, merge_dropout: float, sampling_alpha: float | None) -> None:
    """Raise ConfigError where a family has no merges to leave out, or no cuts to draw."""
    if merge_dropout and kind not in MERGING:
        other = "train.sampling_alpha=0.2" if kind in SAMPLING else "train.merge_dropout=0"
        raise ConfigError(
            f"train.merge_dropout={merge_dropout} with tokenizer.algorithm={kind}, which has no merges to leave out; "
            f"{' and '.join(MERGING)} have; write {other} instead"
        )
    if sampling_alpha is not None and kind not in SAMPLING:
        other = "train.merge_dropout=0.1" if kind in MERGING else "no train.sampling_alpha"
        raise ConfigError(
            f"train.sampling_alpha={sampling_alpha} with tokenizer.algorithm={kind}, whose cuts have no probability; "
            f"{' and '.join(SAMPLING)} has them; write {other} instead"
        )


def chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list of texts so that each part is quickly done."""
    for start in range(0, len(texts), CHUNK):
        yield texts[start : start + CHUNK]


def library_of(json_text: str) -> tokenizers.Tokenizer:
    """Return the library's tokenizer of a tokenizer.json, in which no typed text is a special."""
    library = tokenizers.Tokenizer.from_str(json_text)
    library.encode_special_tokens = True  # the file does not keep this
    return library


def encode_whole(library: tokenizers.Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Return the ids of each text where the library does all of the work."""
    return [
        list(encoding.ids)
        for chunk in chunks(texts)
        for encoding in library.encode_batch_fast(list(chunk), add_special_tokens=False)
    ]


def running(lengths: Any) -> NDArray[np.int64]:
    """Return 0 and the running sums: n + 1 offsets of n lengths."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def code_points(strings: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the code points of strings end to end, and their offsets."""
    points = np.frombuffer("".join(strings).encode("utf-32-le"), dtype=np.uint32)
    return points, running([len(string) for string in strings])


def plain_rows(rows: Sequence[Sequence[int]]) -> Rows:
    """Return ids as arrays, as the ways that draw have them."""
    return [np.array(row, dtype=np.int32) for row in rows]


def find_surrogate(text: str) -> int | None:
    """Return the index of the first lone surrogate, which is no character and has no UTF-8, or None."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def refusal(what: str) -> CheckpointError:
    """Return the error for a file of another hand."""
    return CheckpointError(
        f"this is no tokenizer.json that dragoman wrote: {what}; restore the file, or train a tokenizer anew"
    )


def written(pipeline: Mapping[str, Any], settings: Mapping[str, Any], vocab: Any, **more: Any) -> str:
    """Return the text of a tokenizer.json."""
    model = {**settings, "vocab": vocab, **more}
    return json.dumps({**pipeline, "model": model}, ensure_ascii=False, separators=(",", ":"))


def checked_model(described: Any, pipeline: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model of a tokenizer.json after a look at everything but its vocabulary and merges."""
    if not isinstance(described, dict) or not isinstance(described.get("model"), dict):
        raise refusal("it has no model")
    model: dict[str, Any] = described["model"]
    wanted = {"vocab", "merges"} if settings["type"] == "BPE" else {"vocab"}
    for name, given, expected in (("", described, pipeline), ("model.", model, settings)):
        for key in sorted((given.keys() | expected.keys()) - {"model"} - wanted):
            if key not in given or key not in expected or given[key] != expected[key]:
                raise refusal(f"{name}{key} is {given.get(key)!r:.80}, and {expected.get(key)!r} is wanted")
    return model


def checked_vocab(vocab: Any, reserved: Sequence[str], named: str) -> tuple[str, ...]:
    """Return the pieces in the order of their ids, which must be 0, 1, 2 and so on without a gap."""
    if not isinstance(vocab, dict) or any(type(index) is not int for index in vocab.values()):
        raise refusal("model.vocab is no table from pieces to ids")
    pieces = tuple(sorted(vocab, key=lambda piece: vocab[piece]))
    for index, piece in enumerate(pieces):
        if vocab[piece] != index:
            raise refusal(f"model.vocab has no piece with the id {index}")
    check_pieces(pieces, reserved, named)
    return pieces


def check_pieces(pieces: Sequence[str], reserved: Sequence[str], named: str) -> None:
    """Refuse a piece that is no text, and ids below those of the pieces that are not what they must be."""
    for index, piece in enumerate(pieces):
        if not piece or find_surrogate(piece) is not None:
            raise refusal(f"the piece {index} is no text")
        if "\n" in piece or "\0" in piece:
            raise refusal(f"the piece {index} holds a line feed or a NUL, which are always spelled as bytes")
    if tuple(pieces[: len(reserved)]) != tuple(reserved):
        raise refusal(f"the ids 0 to {len(reserved) - 1} are not {named}")


def checked_merges(merges: Any, known: set[str]) -> tuple[tuple[str, str], ...]:
    """Return the merges, each of two known pieces whose join is a known piece."""
    if not isinstance(merges, list):
        raise refusal("model.merges is no list")
    for rank, pair in enumerate(merges):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(side, str) for side in pair):
            raise refusal(f"merge {rank} is no pair of pieces")
        if not known.issuperset([*pair, pair[0] + pair[1]]):
            raise refusal(f"merge {rank} joins {pair[0]!r} and {pair[1]!r} to what is no piece of its own")
    pairs = tuple((left, right) for left, right in merges)
    if len(set(pairs)) < len(pairs):
        raise refusal("a merge is given twice")
    return pairs


SPECIALS_NAMED = " ".join(SPECIALS)
