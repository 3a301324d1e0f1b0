"""What a tokenizer makes of a text: how many pieces, how evenly used, what is torn, unknown or lost.

Everything is counted through the public face of `Tokenizer`, so the measures are the same for every algorithm.
A word is what stands between blanks. `docs/laboratory.md` says what each measure is good for and who found it.
"""

import math
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from time import perf_counter

from dragoman.errors import DataError
from dragoman.options import FIRST_BYTE, FIRST_PIECE, UNK
from dragoman.text.tokenizer import Encoding, Tokenizer

MEASURED = 5000  # lines that are measured of a longer text: shares are then right to about one in a hundred
RENYI = 2.5  # the order at which Zouhar et al. (2023) found the closest tie to BLEU

Row = tuple[str, ...]  # a line, or the lines of a pair


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution by values that occur in it: the middle, the long ones, the longest."""

    median: int
    p90: int
    p99: int
    longest: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A text that does not come back, and what comes instead."""

    text: str
    restored: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Measures:
    """The measures of one text; shares are from 0 to 1."""

    lines: int
    words: int
    characters: int
    pieces: int
    pieces_a_word: float  # fertility, blanks included (Rust et al. 2021)
    pieces_a_line: float
    characters_a_piece: float
    word_lengths: Spread  # pieces of a word
    line_lengths: Spread  # pieces of a line
    whole_words: float  # share of the words that are one known piece
    coverage: float  # share of the characters but blanks that stand whole in one known piece
    byte_share: float  # share of the pieces that are byte pieces
    unknown_share: float  # share of the pieces that are <unk>
    vocabulary_use: float  # share of the vocabulary but specials and bytes that occurs
    renyi_efficiency: float
    failures: int  # lines that do not come back exactly
    failure: Failure | None  # the first of them


@dataclass(frozen=True, slots=True)
class Speed:
    """Lines a second on this machine, measured once: an order of magnitude, no benchmark."""

    encode: float
    decode: float


@dataclass(frozen=True, slots=True)
class Split:
    """The rows of a corpus: to learn from and to measure on, and how many there were."""

    training: tuple[Row, ...]
    held_out: tuple[Row, ...]
    total: int


def measure(tokenizer: Tokenizer, lines: Sequence[str]) -> Measures:
    """Return the measures of a text; raises DataError where it holds nothing but blanks."""
    encodings = [tokenizer.encode(line) for line in lines]
    ids: Counter[int] = Counter()
    for found in encodings:
        ids.update(found.ids)
    words = Counter(word for line in lines for word in line.split())
    pieces = ids.total()
    if not words or not pieces:
        raise DataError("the text to measure a tokenizer on is empty; give at least some lines")
    word_lengths: Counter[int] = Counter()
    whole = 0
    for row, count in zip(inside_text(tokenizer, list(words)), words.values(), strict=True):
        word_lengths[len(row)] += count
        whole += count * (len(row) == 1 and row[0] != UNK)
    failures = find_failures(tokenizer, lines, [found.ids for found in encodings])
    characters = sum(map(len, lines))
    first = first_piece(tokenizer)
    own = tokenizer.vocab_size - first
    return Measures(
        lines=len(lines),
        words=words.total(),
        characters=characters,
        pieces=pieces,
        pieces_a_word=pieces / words.total(),
        pieces_a_line=pieces / len(lines),
        characters_a_piece=characters / pieces,
        word_lengths=spread(word_lengths),
        line_lengths=spread(Counter(len(found.ids) for found in encodings)),
        whole_words=whole / words.total(),
        coverage=_coverage(lines, encodings),
        byte_share=sum(count for index, count in ids.items() if FIRST_BYTE <= index < first) / pieces,
        unknown_share=ids[UNK] / pieces,
        vocabulary_use=sum(index >= first for index in ids) / own if own > 0 else 0.0,
        renyi_efficiency=renyi_efficiency(ids.values(), tokenizer.vocab_size),
        failures=len(failures),
        failure=failures[0] if failures else None,
    )


def first_piece(tokenizer: Tokenizer) -> int:
    """Return the first id that is neither a special nor a byte; families that lose text have no bytes."""
    if tokenizer.vocab_size < FIRST_PIECE:
        return FIRST_BYTE
    spelled = [tokenizer.decode([FIRST_BYTE + value]) for value in (0xC0, 0xFF)]  # alone, no UTF-8
    return FIRST_PIECE if spelled == ["\ufffd", "\ufffd"] else FIRST_BYTE


def inside_text(tokenizer: Tokenizer, words: Sequence[str]) -> list[list[int]]:
    """Return the ids of each word as it stands behind another, the blank before it included."""
    (before,) = tokenizer.encode_ids(["a"])
    return [row[len(before) :] for row in tokenizer.encode_ids([f"a {word}" for word in words])]


def speed(tokenizer: Tokenizer, lines: Sequence[str]) -> Speed:
    """Time one pass over the lines in each direction."""
    start = perf_counter()
    rows = tokenizer.encode_ids(lines)
    middle = perf_counter()
    for row in rows:
        tokenizer.decode(row)
    end = perf_counter()
    return Speed(encode=len(lines) / max(middle - start, 1e-9), decode=len(lines) / max(end - middle, 1e-9))


def renyi_efficiency(counts: Iterable[int], vocab_size: int) -> float:
    """Return how evenly a vocabulary is used, from 0 (one piece alone) to 1 (all pieces equally often).

    The Rényi entropy of order 2.5 of the pieces over that of a uniform use of the vocabulary (Zouhar et al.
    2023, "Tokenization and the Noiseless Channel"): H(p) = log(Σ p^2.5) / (1 - 2.5), over log |V|.
    """
    numbers = [count for count in counts if count]
    total = sum(numbers)
    entropy = math.log(math.fsum((count / total) ** RENYI for count in numbers)) / (1 - RENYI)
    return max(0.0, entropy) / math.log(vocab_size)


def find_failures(tokenizer: Tokenizer, lines: Sequence[str], rows: Sequence[Sequence[int]]) -> list[Failure]:
    """Return the lines that their ids do not give back."""
    restored = (tokenizer.decode(row) for row in rows)
    return [Failure(line, found) for line, found in zip(lines, restored, strict=True) if found != line]


def spread(counts: Counter[int]) -> Spread:
    """Return the values below which a half, nine tenths, ... lie (nearest rank: each value occurs)."""
    total = counts.total()
    values = sorted(counts)
    running = list(accumulate(counts[value] for value in values))
    return Spread(*(values[bisect_left(running, share * total)] for share in (0.5, 0.9, 0.99, 1.0)))


def torn(text: str, encoding: Encoding) -> set[int]:
    """Return the characters of a text, by index, that no known piece holds alone: in bytes, or unknown."""
    holders = Counter(at for start, end in encoding.offsets for at in range(start, end))
    lost = {
        at
        for index, (start, end) in zip(encoding.ids, encoding.offsets, strict=True)
        if index == UNK
        for at in range(start, end)
    }
    return {at for at in range(len(text)) if not text[at].isspace() and (holders[at] != 1 or at in lost)}


def keep(rows: Iterable[Row], most: int) -> tuple[list[Row], int]:
    """Return at most `most` rows, and how many came; none that is empty on all sides is kept or counted.

    Of more a half is kept, a quarter, ...; the checksum of a row decides, so equal rows stay or go together
    and the order changes nothing. Memory is bounded by `most`.
    """
    kept: list[tuple[int, Row]] = []
    total, ceiling = 0, 1 << 32
    for row in rows:
        if not any(row):
            continue
        total += 1
        code = _code(row)
        if code < ceiling:
            kept.append((code, row))
        while len(kept) > most and ceiling > 1:
            ceiling //= 2
            kept = [(code, row) for code, row in kept if code < ceiling]
    return [row for _, row in kept], total


def hold_out(rows: Iterable[Row], most: int) -> Split:
    """Part at most `most` rows into nine tenths to learn from and a tenth to measure on; raises DataError.

    Equal rows are never on both sides, and what is held out depends on the rows alone.
    """
    kept, total = keep(rows, most)
    held_out = tuple(row for row in kept if _code(row) % 10 == 0)
    training = tuple(row for row in kept if _code(row) % 10)
    if not held_out or not training:
        raise DataError(
            f"{total:,} lines are too few to learn from nine tenths and measure one; give some hundred, not all alike"
        )
    return Split(training, held_out, total)


def _code(row: Row) -> int:
    return zlib.crc32("\n".join(row).encode(errors="surrogatepass"))


def _coverage(lines: Sequence[str], encodings: Sequence[Encoding]) -> float:
    visible = sum(not letter.isspace() for line in lines for letter in line)
    broken = sum(len(torn(line, found)) for line, found in zip(lines, encodings, strict=True))
    return 1 - broken / visible
