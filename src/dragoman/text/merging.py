"""Learning by merging: the most frequent pair becomes a piece, again and again (Sennrich et al. 2016, algorithm 1).

The `tokenizers` library does the merging; among pairs that are equally frequent it takes the one whose parts were
known first.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import tokenizers
from tokenizers import models, pre_tokenizers, trainers

from dragoman.text import wordpiece
from dragoman.text.borders import cut_words, is_mark, learnable, letters_by_frequency, words
from dragoman.text.spelling import BARRED, BLANK
from dragoman.text.wordpiece import INSIDE, LONGEST

Pairs = list[tuple[str, str]]

_PRIVATE, _SYMBOLS = 0xF0000, 0x1FFFE  # the planes of Unicode for private use


def learn(lines: Mapping[str, int], room: int) -> tuple[list[str], Pairs]:
    """Return letters, the most frequent first, and merges by rank, which together give at most `room` pieces.

    Letters go by code point where they are equally frequent. Half of the room is left to merges, as long as there
    is something to merge: the rarest letters go without a piece and are spelled as bytes. By hand, for the lines
    "low" (5 times), "lower" (2), "newest" (6) and "widest" (3) the first merges are

        (e s) 9   (es t) 9   (l o) 7   (▁ lo) 7   (▁lo w) 7   (e w) 6   (n ew) 6   ...
    """
    by_rank = letters_by_frequency(lines)
    marks = "".join(letter for letter in by_rank if is_mark(letter))
    kept = room // 2
    while True:
        letters, others = by_rank[:kept], by_rank[kept:]
        library = tokenizers.Tokenizer(models.BPE())
        library.pre_tokenizer = pre_tokenizers.Metaspace(BLANK, prepend_scheme="never", split=True)
        merges = _merges(library, learnable(lines, BARRED + "".join(others), marks), room)
        free = room - len(letters) - len(joined(merges))
        if not free or not others:
            return letters, merges
        kept += free


def learn_bytes(lines: Mapping[str, int], room: int) -> Pairs:
    """Return merges of bytes, written as GPT-2 does, that give at most `room` pieces."""
    library = tokenizers.Tokenizer(models.BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    texts = (line for line, count in lines.items() for _ in range(count))
    return _merges(library, texts, room + 256, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())


def learn_wordpieces(lines: Mapping[str, int], room: int) -> list[str]:
    """Return at most `room` pieces: what merges make, then the letters, the most frequent first.

    BERT's own learner was never published; as in the `tokenizers` library, pieces are those of byte-pair
    encoding. A letter that begins a word and one inside are two. Half of the room is left to merges, as in `learn`.
    """
    library = wordpiece.cutter()
    normalizer: Any = library.normalizer
    pre_tokenizer: Any = library.pre_tokenizer

    def cut(word: str) -> list[str]:
        clean = normalizer.normalize_str(word.removeprefix(BLANK))
        return [part for part, _ in pre_tokenizer.pre_tokenize_str(clean) if len(part) <= LONGEST]

    counts = cut_words(words(lines), cut)
    frequency: Counter[str] = Counter()
    for word, count in counts.items():
        for symbol in _symbols(word):
            frequency[symbol] += count
    by_rank = sorted(frequency, key=lambda symbol: (-frequency[symbol], symbol))
    # Each symbol is one private letter for the library, which numbers what begins with ## by chance.
    private = {symbol: chr(_PRIVATE + number) for number, symbol in enumerate(by_rank[:_SYMBOLS])}
    public = {letter: symbol for symbol, letter in private.items()}
    kept = min(room // 2, _SYMBOLS)
    while True:
        letters, others = by_rank[:kept], set(by_rank[kept:])
        library = tokenizers.Tokenizer(models.BPE())
        library.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        cuts = ((_symbols(word), count) for word, count in counts.items())
        known = {"".join(map(private.__getitem__, cut)): count for cut, count in cuts if others.isdisjoint(cut)}
        made = [_written(map(public.__getitem__, piece)) for piece in joined(_merges(library, _repeated(known), room))]
        made = made[: room - len(letters)]
        free = room - len(letters) - len(made)
        if not free or not others or kept == _SYMBOLS:
            return [*made, *letters]
        kept = min(kept + free, _SYMBOLS)


def learn_behind(counts: Mapping[tuple[int, ...], int], pieces: Sequence[str], room: int) -> Pairs:
    """Return at most `room` merges of pieces, learned from words that are cut into them already, by their ids.

    Each makes a piece that was not there, of a pair that occurs at least twice. Behind the merges that cut the words
    they change no other cut: none of these has anything to do with a new piece.
    """
    frequency: Counter[int] = Counter()
    for word, count in counts.items():
        for index in word:
            frequency[index] += count
    by_rank = sorted(frequency, key=lambda index: (-frequency[index], index))[:_SYMBOLS]
    private = {index: chr(_PRIVATE + number) for number, index in enumerate(by_rank)}
    known: Counter[str] = Counter()
    for word, count in counts.items():
        if private.keys() >= set(word):
            known["".join(map(private.__getitem__, word))] += count
    library = tokenizers.Tokenizer(models.BPE())
    library.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    public = {letter: pieces[index] for index, letter in private.items()}
    taken, merges = set(pieces), []
    for left, right in _merges(library, _repeated(known), len(private) + room, min_frequency=2):
        if left in public and right in public and (piece := public[left] + public[right]) not in taken:
            taken.add(piece)
            public[left + right] = piece
            merges.append((public[left], public[right]))
    return merges


def joined(merges: Iterable[tuple[str, str]]) -> list[str]:
    """Return the pieces that merges make, each once: two merges may make the same one."""
    return list(dict.fromkeys(left + right for left, right in merges))


def _merges(library: tokenizers.Tokenizer, texts: Iterator[str], room: int, **more: Any) -> Pairs:
    """Return what the library learns from texts, in the order of the merges."""
    trainer = trainers.BpeTrainer(vocab_size=room, special_tokens=[], show_progress=False, **more)
    library.train_from_iterator(texts, trainer)
    return [(left, right) for left, right in json.loads(library.to_str())["model"]["merges"]]


def _symbols(word: str) -> list[str]:
    return [word[0], *(INSIDE + letter for letter in word[1:])]


def _written(symbols: Iterable[str]) -> str:
    first, *others = symbols
    return first + "".join(symbol.removeprefix(INSIDE) for symbol in others)


def _repeated(counts: Mapping[str, int]) -> Iterator[str]:
    """Give texts that hold each word as often as it occurs."""
    for word, count in counts.items():
        for start in range(0, count, 1000):
            yield " ".join([word] * min(1000, count - start))
