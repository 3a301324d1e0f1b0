"""Some thousand pairs at a time as arrays, so that a check costs microseconds a pair: characters, words, hashes.

A side is one array of characters with a newline after each text. Words are runs of letters and digits in
lower case, each a 64-bit hash; ideographs and letters of scripts without blanks are words of their own.
"""

# Shapes.  N pairs, C characters of all texts of a side with their newlines, W words of all texts.

from collections.abc import Iterable, Iterator
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from dragoman.data.corpus import Pair
from dragoman.data.letters import ALONE, DIGIT, LETTER, letters, mix, narrow

PAIRS, CHARACTERS = 4096, 1 << 20  # in a block, at most

Hashes = NDArray[np.uint64]
Counts = NDArray[np.int64]
_BASE = 0xD1342543DE82EF95  # odd: a hash is the sum of random(character) x BASE^position, modulo 2^64


class Side:
    """The texts of one side of a block."""

    def __init__(self, texts: list[str]) -> None:
        """Hold texts; what is derived is computed when it is asked for."""
        self.texts = texts
        self.lengths: Counts = np.fromiter(map(len, texts), np.int64, len(texts))
        self.starts: Counts = np.concatenate([[0], np.cumsum(self.lengths + 1)])[:-1].astype(np.int64)
        joined = "\n".join([*texts, ""])
        self.codes = narrow(np.frombuffer(joined.encode("utf-32-le"), np.uint32))

    @cached_property
    def kinds(self) -> NDArray[np.uint8]:
        """Return the kind of each character [C]."""
        return letters().kind[self.codes]

    @cached_property
    def folded(self) -> NDArray[np.uint32]:
        """Return each letter in lower case, 0 for other characters [C]."""
        return letters().fold[self.codes]

    def count(self, kind: int) -> Counts:
        """Return how many characters of a kind each text has [N]."""
        return self.sums((self.kinds & kind) != 0)

    def sums(self, values: NDArray[np.generic]) -> Counts:
        """Return the sum of a number a character over each text [N]."""
        if not len(self.texts):
            return np.zeros(0, np.int64)
        return np.add.reduceat(values.astype(np.int64), self.starts)

    @cached_property
    def exact(self) -> Hashes:
        """Return a hash of each whole text [N]."""
        return self._hash(self.codes, np.ones(len(self.codes), bool))

    @cached_property
    def skeleton(self) -> NDArray[np.uint32]:
        """Return each letter in lower case, of doubled ones the first, and each digit; 0 for the rest [C]."""
        skeleton = np.where((self.kinds & DIGIT) != 0, self.codes, self.folded)
        skeleton[1:][(self.folded[1:] != 0) & (self.folded[1:] == self.folded[:-1])] = 0
        return skeleton

    @cached_property
    def loose(self) -> Hashes:
        """Return a hash of the letters and digits alone, capitals aside; 0 where there is no letter [N]."""
        hashes = self._hash(self.skeleton, self.skeleton != 0)
        hashes[self.sums(self.folded != 0) == 0] = 0
        return hashes

    def _hash(self, codes: NDArray[np.uint32], kept: NDArray[np.bool_]) -> Hashes:
        if not len(self.texts):
            return np.zeros(0, np.uint64)
        place: Counts = (np.cumsum(kept) - kept).astype(np.int64)
        place -= np.repeat(place[self.starts], self.lengths + 1)
        values = np.where(kept, letters().random[codes] * _powers(int(place.max()) + 1)[place], np.uint64(0))
        return mix(np.add.reduceat(values, self.starts))

    @cached_property
    def words(self) -> "Words":
        """Return the words of all texts."""
        return Words(self)


class Words:
    """The words of one side of a block: their hashes and the texts they stand in."""

    def __init__(self, side: Side) -> None:
        """Cut the texts of `side` into words."""
        inside = (side.kinds & (LETTER | DIGIT)) != 0
        before = np.concatenate([[False], inside[:-1]])
        alone = (side.kinds & ALONE) != 0
        after_alone = np.concatenate([[False], alone[:-1]])
        self.begins: Counts = np.flatnonzero(inside & (~before | alone | after_alone))
        of_text = np.repeat(np.arange(len(side.texts)), side.lengths + 1)
        self.text: Counts = of_text[self.begins]
        self.inside = inside
        self.counts: Counts = np.bincount(self.text, minlength=len(side.texts)).astype(np.int64)
        self.starts: Counts = np.cumsum(self.counts) - self.counts
        self.hashes = self._hash(side)

    def __len__(self) -> int:
        """Return how many words there are."""
        return len(self.begins)

    def _hash(self, side: Side) -> Hashes:
        if not len(self.begins):
            return np.zeros(0, np.uint64)
        codes = np.where(side.folded != 0, side.folded, side.codes)
        which = np.zeros(len(codes), np.int64)
        which[self.begins] = 1
        which = np.maximum(np.cumsum(which) - 1, 0)
        place = np.where(self.inside, np.arange(len(codes)) - self.begins[which], 0)
        values = np.where(self.inside, letters().random[codes] * _powers(int(place.max()) + 1)[place], np.uint64(0))
        return mix(np.add.reduceat(values, self.begins))

    def per_text(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return the sum of a number a word over each text [N]."""
        return np.bincount(self.text, values, minlength=len(self.counts)).astype(np.float64)


class Block:
    """Some pairs with their line numbers, and both sides as arrays."""

    def __init__(self, pairs: list[Pair]) -> None:
        """Hold pairs."""
        self.pairs = pairs
        self.source = Side([pair.source for pair in pairs])
        self.target = Side([pair.target for pair in pairs])

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.pairs)

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return source and target."""
        return self.source, self.target

    @cached_property
    def shared(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return for each word of each side whether it stands on the other side of its pair too [W]."""
        keys = [mix(side.words.text.astype(np.uint64)) ^ side.words.hashes for side in self.sides]
        return np.isin(keys[0], keys[1]), np.isin(keys[1], keys[0])


def blocks(pairs: Iterable[Pair]) -> Iterator[Block]:
    """Yield the pairs in blocks."""
    held: list[Pair] = []
    characters = 0
    for pair in pairs:
        held.append(pair)
        characters += len(pair.source) + len(pair.target)
        if len(held) == PAIRS or characters >= CHARACTERS:
            yield Block(held)
            held, characters = [], 0
    if held:
        yield Block(held)


@cache
def _power_table(count: int) -> Hashes:
    steps = np.full(count, _BASE, np.uint64)
    steps[0] = 1
    return np.cumprod(steps, dtype=np.uint64)


def _powers(count: int) -> Hashes:
    """Return at least `count` powers of BASE."""
    return _power_table(1 << max(12, count.bit_length()))
