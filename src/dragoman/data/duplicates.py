"""Pairs that come more than once, and test sentences that stand in the training text, by hashes alone.

Three 64-bit numbers a pair are kept: of both sides as they are, of the letters of both sides, of the source.
Among ten million pairs the chance of one false duplicate is 3 in a million. A hash of 0 means: never compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.data.block import Block, Hashes
from dragoman.data.filters import Found
from dragoman.data.letters import mix

Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Repeats:
    """Pairs that repeat an earlier one: their indexes, ascending, and the index of the first of their kind."""

    indexes: Indexes
    firsts: Indexes

    def first(self, index: int) -> int:
        """Return the first pair that is like the pair `index`, which must be among the indexes."""
        return int(self.firsts[np.searchsorted(self.indexes, index)])


def pair_hashes(source: Hashes, target: Hashes) -> Hashes:
    """Return a hash of both sides; 0 where a side has none."""
    both = mix(source) ^ target
    both[(source == 0) | (target == 0)] = 0
    return both


def repeats(hashes: Hashes) -> Repeats:
    """Return every index whose hash stood earlier; takes some 24 bytes a hash while it sorts."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    new = np.ones(len(order), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    again = np.flatnonzero(~new & (ordered != 0))
    starts = np.flatnonzero(new)
    firsts = order[starts[np.searchsorted(starts, again, side="right") - 1]]
    indexes = order[again]
    by_index = np.argsort(indexes, kind="stable")
    return Repeats(indexes[by_index], firsts[by_index])


@dataclass(frozen=True, slots=True, eq=False)
class Leakage:
    """Pairs that share a source or a target with a test set, capitals and marks aside."""

    known: tuple[Hashes, Hashes]  # loose hashes of each side of the test set, sorted
    lines: tuple[Indexes, Indexes]  # where each stands
    places: tuple[str, str]  # the files of the test set
    name: str = "leakage"
    why: str = "A test sentence that was trained on makes every score too good."

    def find(self, block: Block) -> Found:
        """Return the pairs with a side of the test set."""
        found: Found = {}
        for place, what in ((0, "source"), (1, "target")):
            known, hashes = self.known[place], block.sides[place].loose
            if not len(known):
                continue
            at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
            for index in np.flatnonzero((known[at] == hashes) & (hashes != 0)).tolist():
                words = f"{what} stands in {self.places[place]}:{self.lines[place][at[index]]}"
                found[index] = f"{found[index]}; {words}" if index in found else words
        return found


def learn_leakage(test: Iterable[Block], places: tuple[str, str]) -> Leakage:
    """Remember a test set."""
    hashes: tuple[list[Hashes], list[Hashes]] = ([], [])
    numbers: list[int] = []
    for block in test:
        numbers += [pair.line for pair in block.pairs]
        for side, known in zip(block.sides, hashes, strict=True):
            known.append(side.loose)
    lines = np.array(numbers, np.int64)
    every = [np.concatenate(known) if known else np.zeros(0, np.uint64) for known in hashes]
    orders = [np.argsort(known, kind="stable") for known in every]
    return Leakage((every[0][orders[0]], every[1][orders[1]]), (lines[orders[0]], lines[orders[1]]), places)
