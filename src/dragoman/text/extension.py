"""More pieces for a vocabulary that a model knows: behind the old ones, whose ids and cuts stay as they are.

A new piece stands for old ids in a row, always the same ones: the bytes of a letter, two pieces that a new merge
joins, or `<unk>`. So a text in new pieces, each spelled out, is the text in old ones. That holds where old merges
come before new ones, and for lists of letters or words; a new piece in a `unigram` or `wordpiece` vocabulary would
change cuts that have nothing to do with it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dragoman.errors import ConfigError, DataError
from dragoman.options import FIRST_BYTE, FIRST_PIECE, UNK
from dragoman.text.borders import border, cut_words, is_mark, letters_by_frequency, words
from dragoman.text.bpe import BytePairs
from dragoman.text.byte_bpe import LETTERS, ByteLevelPairs
from dragoman.text.character import Characters
from dragoman.text.family import Family
from dragoman.text.merging import Pairs, learn_behind
from dragoman.text.spelling import BARRED
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import SAMPLE, Lines, sample, word_counts
from dragoman.text.word import Words

EXTENSIBLE = ("bpe", "byte_bpe", "character", "word")
TWICE = 2  # a word or a joined pair that occurs once teaches nothing


@dataclass(frozen=True, slots=True)
class Extension:
    """A tokenizer with more pieces, and for each new id, in their order, the old ids that stood there before."""

    tokenizer: Tokenizer
    spelled: tuple[tuple[int, ...], ...]


def extend(tokenizer: Tokenizer, texts: Iterable[str], most: int) -> Extension:
    """Return the tokenizer with at most `most` pieces more, learned from texts that it cuts too small.

    Letters that it spells as bytes come first, the most frequent ones, and take half of the room where there are
    merges to learn too. Raises ConfigError for a family whose old cuts would change, DataError for no text.
    """
    check_extensible(tokenizer.kind)
    lines = sample(texts, SAMPLE)
    if not lines:
        raise DataError("the text to learn more pieces from is empty; give at least some hundred lines")
    family = tokenizer.family
    made: Family
    if isinstance(family, BytePairs):
        made = _more_pairs(family, lines, most)
    elif isinstance(family, ByteLevelPairs):
        made = _more_byte_pairs(family, lines, most)
    elif isinstance(family, Characters):
        made = replace(family, pieces=(*family.pieces, *_missing(family.pieces, lines, "")[:most]))
    else:
        assert isinstance(family, Words)
        counts, known = word_counts(lines), set(family.pieces)
        ranked = sorted(counts, key=lambda found: (-counts[found], found))
        new = [found for found in ranked if counts[found] >= TWICE and found not in known]
        made = replace(family, pieces=(*family.pieces, *new[:most]))
    return Extension(Tokenizer.from_json(made.to_json()), _spelled(family, made))


def check_extensible(kind: str) -> None:
    """Raise ConfigError for a family that cannot get pieces without changing other cuts."""
    if kind not in EXTENSIBLE:
        raise ConfigError(
            f"tokenizer.extend with a {kind} tokenizer, whose old cuts would change; allowed are "
            f"{', '.join(EXTENSIBLE)}: leave it out"
        )


def _missing(pieces: Sequence[str], lines: Lines, in_front: str) -> list[str]:
    """Return the letters of texts that are no pieces, the most frequent first."""
    known = set(pieces)
    return [letter for letter in letters_by_frequency(lines, in_front) if letter not in known]


def _more_pairs(model: BytePairs, lines: Lines, most: int) -> BytePairs:
    missing = _missing(model.pieces, lines, " ")
    letters, others = missing[: (most + 1) // 2], missing[(most + 1) // 2 :]
    lettered = BytePairs((*model.pieces, *letters), model.merges)
    marks = "".join(letter for letter in letters_by_frequency(lines) if is_mark(letter))
    parts = cut_words(words(lines), border(BARRED + "".join(others), marks).split)
    encoded = lettered.library.encode_batch_fast(list(parts), add_special_tokens=False)
    counts: Counter[tuple[int, ...]] = Counter()
    for found, count in zip(encoded, parts.values(), strict=True):
        if min(found.ids, default=0) >= FIRST_PIECE:
            counts[tuple(found.ids)] += count
    merges = learn_behind(counts, lettered.pieces, most - len(letters))
    more = others[: most - len(letters) - len(merges)]
    new = (left + right for left, right in merges)
    return BytePairs((*lettered.pieces, *new, *more), (*model.merges, *merges))


def _more_byte_pairs(model: ByteLevelPairs, lines: Lines, most: int) -> ByteLevelPairs:
    found: Counter[str] = Counter()
    for line, count in lines.items():
        for word in model.words(line):
            found[word] += count
    texts = [bytes(map(LETTERS.index, word)).decode() for word in found]
    counts = Counter(
        {tuple(ids): count for ids, count in zip(model.encode_ids(texts), found.values(), strict=True) if ids}
    )
    merges = learn_behind(counts, model.pieces, most)
    return ByteLevelPairs((*model.pieces, *(left + right for left, right in merges)), (*model.merges, *merges))


def _spelled(old: Family, made: Family) -> tuple[tuple[int, ...], ...]:
    """Return the old ids of each new piece."""
    size = len(old.pieces)
    index = {piece: number for number, piece in enumerate(made.pieces)}
    merges: Pairs = []
    if isinstance(old, BytePairs | ByteLevelPairs) and isinstance(made, BytePairs | ByteLevelPairs):
        merges = list(made.merges[len(old.merges) :])
    parts = {index[left + right]: (index[left], index[right]) for left, right in merges}
    spelled: dict[int, tuple[int, ...]] = {}
    for number in sorted(range(size, len(made.pieces)), key=lambda number: (number in parts, number)):
        if number in parts:  # whose parts were made before it
            spelled[number] = tuple(
                own for part in parts[number] for own in (spelled[part] if part >= size else (part,))
            )
        elif old.lossless:
            spelled[number] = tuple(FIRST_BYTE + byte for byte in made.pieces[number].encode())
        else:
            spelled[number] = (UNK,)
    return tuple(spelled[number] for number in range(size, len(made.pieces)))
