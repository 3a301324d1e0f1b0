"""Checks of a pair by itself: what is too long, of an unusual ratio, copied, or in the wrong letters.

A filter is a small value: its name, why it exists, its settings, and `find`, which says in words what is wrong
with some pairs of a block. What is usual is learned from the corpus before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dragoman.data.block import Block, Counts, Side
from dragoman.data.letters import LETTER, letters

Found = dict[int, str]  # index in the block: what is wrong, in words
SIDES = ("source", "target")


class Filter(Protocol):
    """A check of pairs."""

    @property
    def name(self) -> str:
        """Return the word that reports and settings use."""
        ...

    @property
    def why(self) -> str:
        """Return a sentence: what such pairs do to a translator."""
        ...

    def find(self, block: Block) -> Found:
        """Return what is wrong with pairs of a block."""
        ...


@dataclass(frozen=True, slots=True)
class Length:
    """Texts without a word, and texts too long to be a sentence."""

    max_words: int
    max_characters: int
    name: str = "length"
    why: str = "A side without a word teaches nothing; a very long one is a paragraph whose parts may not match."

    def find(self, block: Block) -> Found:
        """Return the pairs with a side out of bounds."""
        found: Found = {}
        for side, what in zip(block.sides, SIDES, strict=True):
            words = side.words.counts
            for index in np.flatnonzero(side.lengths > self.max_characters):
                found[int(index)] = f"{what} has {side.lengths[index]:,} characters, at most {self.max_characters:,}"
            for index in np.flatnonzero(words > self.max_words):
                found.setdefault(int(index), f"{what} has {words[index]:,} words, at most {self.max_words:,}")
            for index in np.flatnonzero(words == 0):
                found.setdefault(int(index), f"{what} has no word")
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """Pairs whose lengths fit each other far worse than the others of the same length do.

    The logarithm of target characters over source characters, around its median, with the usual deviation
    (half of all pairs) of pairs of a like length: short texts vary more (after Gale and Church 1993).
    """

    edges: NDArray[np.float64]  # of the bins, in characters of both sides
    middle: NDArray[np.float64]  # median logarithm of each bin
    spread: NDArray[np.float64]  # of each bin
    strictness: float  # spreads that are still usual
    max_ratio: float | None
    name: str = "ratio"
    why: str = "Where one side is much longer than usual, one of them lacks a part or holds another sentence."

    def find(self, block: Block) -> Found:
        """Return the pairs whose ratio is unusual."""
        measured, bins = self.log_ratios(block), self.bins(block)
        limit = self.strictness * self.spread[bins]
        out = np.abs(measured - self.middle[bins]) > limit
        if self.max_ratio is not None:
            out |= np.abs(measured) > np.log(self.max_ratio)
        return {
            index: f"ratio {np.exp(measured[index]):.2f}, usual {low:.2f} to {high:.2f}"
            for index in np.flatnonzero(out).tolist()
            for low, high in [np.exp(self.middle[bins[index]] + limit[index] * np.array([-1, 1]))]
        }

    def bins(self, block: Block) -> Counts:
        """Return the bin of each pair."""
        return np.searchsorted(self.edges, block.source.lengths + block.target.lengths)

    @staticmethod
    def log_ratios(block: Block) -> NDArray[np.float64]:
        """Return the logarithm of each ratio; a character more on each side keeps empty ones finite."""
        ratios: NDArray[np.float64] = np.log((block.target.lengths + 1.0) / (block.source.lengths + 1.0))
        return ratios

    def deviations(self, block: Block) -> NDArray[np.float64]:
        """Return how many spreads each pair lies from its middle."""
        bins = self.bins(block)
        return (self.log_ratios(block) - self.middle[bins]) / self.spread[bins]


def learn_ratio(sample: Sequence[Block], strictness: float, max_ratio: float | None) -> Ratio:
    """Learn what ratios are usual from some blocks."""
    edges = np.array([20, 28, 40, 56, 80, 113, 160, 226, 320, 640], np.float64)
    plain = Ratio(edges, np.zeros(len(edges) + 1), np.ones(len(edges) + 1), strictness, max_ratio)
    ratios = np.concatenate([plain.log_ratios(block) for block in sample])
    bins = np.concatenate([plain.bins(block) for block in sample])
    everything = float(np.median(ratios))
    middle, spread = plain.middle.copy(), plain.spread.copy()
    lengths = np.concatenate([[14], edges])
    for bin_ in range(len(middle)):
        inside = ratios[bins == bin_]
        known = len(inside) / (len(inside) + 30.0 + 0.03 * len(ratios))
        middle[bin_] = known * (np.median(inside) if len(inside) else 0.0) + (1 - known) * everything
        expected = 1.0 / np.sqrt(lengths[bin_])  # where there are too few pairs to see
        seen = 1.4826 * float(np.median(np.abs(inside - middle[bin_]))) if len(inside) else 0.0
        spread[bin_] = max(known * seen + (1 - known) * expected, 0.06)
    spread = np.minimum.accumulate(spread)  # longer texts never vary more; where they seem to, they are faults
    return Ratio(edges, middle, spread, strictness, max_ratio)


@dataclass(frozen=True, slots=True)
class Copy:
    """Pairs whose sides are the same text, or nearly."""

    share: float  # of the words of both sides that stand on the other too
    least: int  # words of a text that may not be a copy: "Taxi!" may
    name: str = "copy"
    why: str = "A text that was left untranslated teaches the model to copy."

    def find(self, block: Block) -> Found:
        """Return the pairs whose sides are copies."""
        source, target = block.sides
        same = (source.loose == target.loose) & (source.loose != 0) & (source.words.counts >= self.least)
        words = source.words.counts + target.words.counts
        both = source.words.per_text(block.shared[0]) + target.words.per_text(block.shared[1])
        near = (both >= self.share * words) & (words >= 8) & ~same
        found: Found = {}
        for index in np.flatnonzero(same).tolist():
            identical = source.texts[index] == target.texts[index]
            found[index] = "both sides are the same" + ("" if identical else " but for marks and capitals")
        for index in np.flatnonzero(near).tolist():
            found[index] = f"{both[index] / words[index]:.0%} of the words stand on both sides"
        return found


@dataclass(frozen=True, slots=True)
class Script:
    """Texts whose letters are of other scripts than the rest of their side, and words of two scripts."""

    usual: tuple[frozenset[int], frozenset[int]]  # numbers of scripts
    share: float  # of its letters that a text must have in the usual scripts
    name: str = "script"
    why: str = "Letters of another alphabet mean another language, or letters that only look right."

    def find(self, block: Block) -> Found:
        """Return the pairs with a side in unusual letters."""
        found: Found = {}
        for side, usual, what in zip(block.sides, self.usual, SIDES, strict=True):
            scripts = letters().script[side.codes]
            foreign = (scripts != 0) & ~np.isin(scripts, list(usual))
            if not foreign.any():
                continue
            count, known = side.sums(foreign), side.sums(scripts != 0)
            mixed = side.sums(_mixed(scripts))
            names = letters().scripts
            for index in np.flatnonzero((count > 0) & ((count > (1 - self.share) * known) | (mixed > 0))).tolist():
                start = side.starts[index]
                other = scripts[start : start + side.lengths[index]]
                name = names[int(np.bincount(other[foreign[start : start + side.lengths[index]]]).argmax())].lower()
                kind = "letters" if count[index] > (1 - self.share) * known[index] else "letters inside a word"
                found.setdefault(index, f"{what} has {count[index]} {name} {kind}, of {known[index]} letters")
        return found


def _mixed(scripts: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return where a letter follows one of another script, both of the scripts that look alike."""
    alike = [number for number, name in enumerate(letters().scripts) if name in ("LATIN", "CYRILLIC", "GREEK")]
    taken = np.isin(scripts, alike)
    mixed = np.zeros(len(scripts), bool)
    mixed[1:] = taken[1:] & taken[:-1] & (scripts[1:] != scripts[:-1])
    return mixed


def learn_scripts(sample: Sequence[Block], share: float) -> Script:
    """Learn which scripts each side uses: those of a tenth of its letters or more."""
    usual = []
    for place in (0, 1):
        counts = np.zeros(256, np.int64)
        for block in sample:
            side: Side = block.sides[place]
            counts += np.bincount(letters().script[side.codes][(side.kinds & LETTER) != 0], minlength=256)
        counts[0] = 0
        usual.append(frozenset(np.flatnonzero((counts > 0) & (counts * 10 >= counts.sum())).tolist()))
    return Script((usual[0], usual[1]), share)
