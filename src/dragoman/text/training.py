"""Learning a vocabulary from the user's own text, by one of six algorithms.

The result depends on the lines and how often each occurs, and on nothing else: not on their order, on threads
or on chance. Of more text than `SAMPLE` characters a sample is used, so memory is bounded.
"""

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from dragoman import _native
from dragoman.errors import ConfigError, DataError, suggestion
from dragoman.options import FIRST_BYTE, FIRST_PIECE, SPECIALS
from dragoman.text import byte_bpe, word
from dragoman.text.borders import border, cut_words, is_mark, letters_by_frequency, words
from dragoman.text.bpe import BytePairs
from dragoman.text.byte_bpe import ByteLevelPairs
from dragoman.text.character import Characters
from dragoman.text.family import Family, code_points
from dragoman.text.merging import joined, learn, learn_bytes, learn_wordpieces
from dragoman.text.spelling import BARRED, RESERVED
from dragoman.text.tokenizer import Tokenizer, refuse_surrogate
from dragoman.text.unigram import ALONE, Unigram
from dragoman.text.word import Words
from dragoman.text.wordpiece import WordPieces

LARGEST = 1_000_000
AUTOMATIC, WORDS_A_PIECE = 8000, 40
SAMPLE = 50_000_000  # characters of distinct lines
LEARNED = 8_000_000  # characters of distinct words that a unigram model is learned from

Lines = Mapping[str, int]


def train(texts: Iterable[str], vocab_size: int | None, algorithm: str = "bpe") -> Tokenizer:
    """Learn a tokenizer of exactly `vocab_size` ids: 4 specials, 256 bytes where it is lossless, then pieces.

    None: as many as the text is worth, at most 8,000 (see `automatic_size`).

    Raises ConfigError for a size or an algorithm that cannot be, DataError for a text that is empty or holds
    a lone surrogate.
    """
    if algorithm not in ALGORITHMS:
        near = suggestion(algorithm, ALGORITHMS)
        raise ConfigError(f"tokenizer.algorithm={algorithm!r} is not there{near}")
    way = ALGORITHMS[algorithm]
    if vocab_size is not None and not way.smallest <= vocab_size <= LARGEST:
        raise ConfigError(
            f"tokenizer.vocab_size={vocab_size}: allowed are {way.smallest} to {LARGEST}; "
            "8000 are usual for some ten thousand sentences"
        )
    lines = sample(texts, SAMPLE)
    if not lines:
        raise DataError("the text to learn a tokenizer from is empty; give at least some hundred lines")
    found = way.learn(lines, automatic_size(lines, algorithm) if vocab_size is None else vocab_size)
    largest = len(found.pieces)
    if largest < way.smallest:
        raise DataError(
            f"the text to learn a tokenizer from gives no more than {largest} pieces, and the smallest "
            f"vocabulary has {way.smallest}; give more text"
        )
    if vocab_size is not None and largest < vocab_size:
        raise ConfigError(
            f"tokenizer.vocab_size={vocab_size} is more than this text can give; the largest is {largest}; "
            f"write --set tokenizer.vocab_size={largest} or less"
        )
    return Tokenizer.from_json(found.to_json())


def automatic_size(lines: Lines, algorithm: str = "bpe") -> int:
    """Return a size that leaves each piece some forty words to be learned from: small text, small vocabulary.

    Of characters all are taken, of words those that occur at least twice; at most 8,000.
    """
    if algorithm == "word":
        size = FIRST_BYTE + sum(count > 1 for count in word_counts(lines).values())
    else:
        letters = len(set().union(*lines))
        size = FIRST_PIECE + letters
        if algorithm == "character":
            size = FIRST_PIECE + len(letters_by_frequency(lines, ""))
        else:
            size += sum(count * len(line.split()) for line, count in lines.items()) // WORDS_A_PIECE
    return min(AUTOMATIC, max(ALGORITHMS[algorithm].smallest, size))


def sample(texts: Iterable[str], limit: int) -> Counter[str]:
    """Count the distinct texts but empty ones; of more than `limit` characters keep a half, a quarter, ...

    Which ones are kept is decided by the checksum of each, so the order in which they come changes nothing.
    """
    counts: Counter[str] = Counter()
    size, ceiling = 0, 1 << 32
    for number, text in enumerate(texts, start=1):
        if text in counts:
            counts[text] += 1
        elif text:
            refuse_surrogate(text, number)
            if zlib.crc32(text.encode()) < ceiling:
                counts[text] = 1
                size += len(text)
        while size > limit and len(counts) > 1:
            ceiling //= 2
            counts = Counter({text: n for text, n in counts.items() if zlib.crc32(text.encode()) < ceiling})
            size = sum(map(len, counts))
    return counts


def learn_unigram(lines: Lines, room: int) -> tuple[list[str], list[float]]:
    """Return at most `room` pieces, the most likely first, and their log-probabilities.

    Half of the room is left to pieces of several letters, as in `merging.learn`. Of very many words the rare
    ones are left out.
    """
    by_rank = letters_by_frequency(lines)
    marks = "".join(letter for letter in by_rank if is_mark(letter))
    plain = words(lines)
    kept = room // 2
    while True:
        letters, others = by_rank[:kept], by_rank[kept:]
        counts = _bounded(cut_words(plain, _cutter(border(BARRED + "".join(others), marks))))
        known = sorted(counts)
        missing = [letter for letter in letters if letter not in set().union(*known)]  # such as a blank never alone
        points, offsets = code_points([*known, *missing])
        numbers = np.array([*(counts[word] for word in known), *(1 for _ in missing)], dtype=np.int64)
        spelled, ends, scores = _native.learn_unigram(points, offsets, numbers, room)
        text = spelled.tobytes().decode("utf-32-le")
        pieces = [text[first:last] for first, last in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]
        free = room - len(pieces)
        if not free or not others:
            return pieces, [round(score, 6) for score in scores.tolist()]  # which every reader of JSON reads alike
        kept += free


def _cutter(pattern: re.Pattern[str]) -> Callable[[str], list[str]]:
    """Return what cuts a word at a pattern, and before and after each letter that is always a piece alone."""
    return lambda found: [
        part for piece in pattern.split(found) for part in piece.replace(ALONE, f"\n{ALONE}\n").split("\n")
    ]


def _bounded(counts: Counter[str]) -> Counter[str]:
    if sum(map(len, counts)) <= LEARNED:
        return counts
    kept: Counter[str] = Counter()
    size = 0
    for found in sorted(counts, key=lambda found: (-counts[found], found)):
        size += len(found)
        if size > LEARNED:
            break
        kept[found] = counts[found]
    return kept


def _train_bpe(lines: Lines, vocab_size: int) -> Family:
    letters, merges = learn(lines, vocab_size - FIRST_PIECE)
    return BytePairs(pieces=(*RESERVED, *joined(merges), *letters), merges=tuple(merges))


def _train_byte_bpe(lines: Lines, vocab_size: int) -> Family:
    merges = learn_bytes(lines, vocab_size - FIRST_PIECE)
    return ByteLevelPairs(pieces=(*byte_bpe.RESERVED, *joined(merges)), merges=tuple(merges))


def _train_unigram(lines: Lines, vocab_size: int) -> Family:
    pieces, scores = learn_unigram(lines, vocab_size - FIRST_PIECE)
    return Unigram(pieces=(*RESERVED, *pieces), scores=tuple(scores))


def _train_wordpiece(lines: Lines, vocab_size: int) -> Family:
    return WordPieces(pieces=(*SPECIALS, *learn_wordpieces(lines, vocab_size - FIRST_BYTE)))


def _train_character(lines: Lines, vocab_size: int) -> Family:
    return Characters(pieces=(*RESERVED, *letters_by_frequency(lines, "")[: vocab_size - FIRST_PIECE]))


def _train_word(lines: Lines, vocab_size: int) -> Family:
    counts = word_counts(lines)
    by_rank = sorted(counts, key=lambda found: (-counts[found], found))
    return Words(pieces=(*SPECIALS, *by_rank[: vocab_size - FIRST_BYTE]))


def word_counts(lines: Lines) -> Counter[str]:
    """Count the words and marks that a `word` vocabulary may hold."""
    cutter = word.cutter().pre_tokenizer
    counts = cut_words(words(lines), lambda found: [part for part, _ in cutter.pre_tokenize_str(found)])
    return Counter({found: count for found, count in counts.items() if set(BARRED).isdisjoint(found)})


@dataclass(frozen=True, slots=True)
class _Way:
    smallest: int  # vocabulary
    learn: Callable[[Lines, int], Family]


ALGORITHMS: dict[str, _Way] = {
    "bpe": _Way(300, _train_bpe),
    "byte_bpe": _Way(300, _train_byte_bpe),
    "unigram": _Way(300, _train_unigram),
    "wordpiece": _Way(FIRST_BYTE + 1, _train_wordpiece),
    "character": _Way(FIRST_PIECE + 1, _train_character),
    "word": _Way(FIRST_BYTE + 1, _train_word),
}
