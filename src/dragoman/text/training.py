"""Learning a vocabulary from the user's own text.

The result depends on the lines and how often each occurs, and on nothing else: not on their order, on threads
or on chance. Of more text than `SAMPLE` characters a sample is used, so memory is bounded.
"""

import json
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

import tokenizers
from tokenizers import models, pre_tokenizers, trainers

from dragoman.errors import ConfigError, DataError, suggestion
from dragoman.options import FIRST_PIECE
from dragoman.text.bpe import BARRED, BLANK, RESERVED, BytePairs, cut
from dragoman.text.tokenizer import Tokenizer, refuse_surrogate

SMALLEST, LARGEST = 300, 1_000_000
AUTOMATIC, WORDS_A_PIECE = 8000, 40
SAMPLE = 50_000_000  # characters of distinct lines

# An apostrophe may begin a piece with the letters after it: "'s".
_APOSTROPHES = "'\u2019"


def train(texts: Iterable[str], vocab_size: int | None, algorithm: str = "bpe") -> Tokenizer:
    """Learn a tokenizer of exactly `vocab_size` ids: 4 specials, 256 bytes, then merged pieces and letters.

    None: as many as the text is worth, at most 8,000 (see `automatic_size`).

    Raises ConfigError for a size or an algorithm that cannot be, DataError for a text that is empty or holds
    a lone surrogate.
    """
    if algorithm not in _ALGORITHMS:
        near = suggestion(algorithm, _ALGORITHMS)
        raise ConfigError(f"tokenizer.algorithm={algorithm!r} is not there{near}")
    if vocab_size is not None and not SMALLEST <= vocab_size <= LARGEST:
        raise ConfigError(
            f"tokenizer.vocab_size={vocab_size}: allowed are {SMALLEST} to {LARGEST}; "
            "write --set tokenizer.vocab_size=8000 for some ten thousand sentences"
        )
    lines = sample(texts, SAMPLE)
    if not lines:
        raise DataError("the text to learn a tokenizer from is empty; give at least some hundred lines")
    return _ALGORITHMS[algorithm](lines, automatic_size(lines) if vocab_size is None else vocab_size)


def automatic_size(lines: Mapping[str, int]) -> int:
    """Return a size that leaves each piece some forty words to be learned from: small text, small vocabulary."""
    words = sum(count * len(line.split()) for line, count in lines.items())
    letters = len(set().union(*lines))
    return min(AUTOMATIC, max(SMALLEST, FIRST_PIECE + letters + words // WORDS_A_PIECE))


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


def learn(lines: Mapping[str, int], room: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Return letters, the most frequent first, and merges by rank, which together give at most `room` pieces.

    The most frequent pair becomes a piece, again and again (Sennrich et al. 2016, algorithm 1); among equals
    the pair whose parts were known first, letters by code point. Half of the room is left to merges, as long
    as there is something to merge: the rarest letters go without a piece and are spelled as bytes. A word and
    the punctuation beside it are never merged, or "house" and "house." would be learned as two words (and a text
    that spells "</s>" would make a piece that is taken for the special). By hand, for the lines "low" (5 times),
    "lower" (2), "newest" (6) and "widest" (3) the first merges are

        (e s) 9   (es t) 9   (l o) 7   (▁ lo) 7   (▁lo w) 7   (e w) 6   (n ew) 6   ...
    """
    frequency: Counter[str] = Counter()
    for line, count in lines.items():
        for letter, times in Counter((BLANK + line).replace(" ", BLANK)).items():
            frequency[letter] += count * times
    # A blank stands in front of every text, so its piece stays, however rare.
    by_rank = sorted(frequency, key=lambda letter: (letter != BLANK, -frequency[letter], letter))
    by_rank = [letter for letter in by_rank if letter not in BARRED]
    marks = "".join(letter for letter in by_rank if _is_mark(letter))

    kept = room // 2
    while True:
        letters, others = by_rank[:kept], by_rank[kept:]
        merges = _merges(_learnable(lines, BARRED + "".join(others), marks), room)
        free = room - len(letters) - len(_joined(merges))
        if not free or not others:
            return letters, merges
        kept += free


def _merges(parts: Iterator[str], room: int) -> list[tuple[str, str]]:
    """Return what the library learns from parts that have their blank in front already."""
    library = tokenizers.Tokenizer(models.BPE())
    library.pre_tokenizer = pre_tokenizers.Metaspace(BLANK, prepend_scheme="never", split=True)
    trainer = trainers.BpeTrainer(vocab_size=room, special_tokens=[], show_progress=False)
    library.train_from_iterator(parts, trainer)
    return [(left, right) for left, right in json.loads(library.to_str())["model"]["merges"]]


def _joined(merges: Iterable[tuple[str, str]]) -> list[str]:
    """Return the pieces that merges make, each once: two merges may make the same one."""
    return list(dict.fromkeys(left + right for left, right in merges))


def _is_mark(letter: str) -> bool:
    """Return whether it is punctuation or a symbol (Unicode categories P and S)."""
    return letter != BLANK and unicodedata.category(letter)[0] in "PS"


def _learnable(lines: Mapping[str, int], barred: str, marks: str) -> Iterator[str]:
    """Give the parts of the lines that pieces may be learned from, as often as they occur."""
    borders = [f"[{re.escape(barred)}]"]
    if marks:
        closed = re.escape("".join(letter for letter in marks if letter not in _APOSTROPHES))
        mark = re.escape(marks)
        borders.append(f"(?<=[^ {BLANK}{mark}])(?=[{mark}])")
        if closed:
            borders.append(f"(?<=[{closed}])(?=[^ {mark}])")
    border = re.compile("|".join(borders))
    for line, count in lines.items():
        parts = [piece for part in cut(line) for piece in border.split(part) if piece]
        for _ in range(count):
            yield from parts


def _train_bpe(lines: Mapping[str, int], vocab_size: int) -> Tokenizer:
    letters, merges = learn(lines, vocab_size - FIRST_PIECE)
    pieces = (*RESERVED, *_joined(merges), *letters)
    largest = len(pieces)
    if largest < SMALLEST:
        raise DataError(
            f"the text to learn a tokenizer from gives no more than {largest} pieces, and the smallest "
            f"vocabulary has {SMALLEST}; give more text"
        )
    if largest < vocab_size:
        raise ConfigError(
            f"tokenizer.vocab_size={vocab_size} is more than this text can give; the largest is {largest}; "
            f"write --set tokenizer.vocab_size={largest} or less"
        )
    return Tokenizer.from_json(BytePairs(pieces=pieces, merges=tuple(merges)).to_json())


_ALGORITHMS: dict[str, Callable[[Mapping[str, int], int], Tokenizer]] = {"bpe": _train_bpe}
