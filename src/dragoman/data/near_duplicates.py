"""Pairs that repeat an earlier one but for marks, capitals or one letter of one side, by hashes alone.

A changed letter changes one word, so that the first or the second half of the words stays as it was: pairs are
compared that share this half and the other side. Two texts are one letter apart when the sums of their letters'
random numbers differ by one number, or by the difference of two. Some 50 bytes a pair are kept.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.data.block import Block, Hashes, Side
from dragoman.data.duplicates import Repeats, pair_hashes, repeats
from dragoman.data.letters import SIZE, letters, mix

LEAST_LETTERS = 12  # of a text in which a changed letter is a slip and not another word
NEIGHBOURS = 4  # earlier pairs of the same half that a pair is compared with
ALPHABET = 150  # the commonest letters of the corpus

Keys = NDArray[np.uint32]


class Fingerprints:
    """What is kept of each pair in order to find it again."""

    def __init__(self) -> None:
        """Begin with no pair."""
        self.exact: list[Hashes] = []
        self.loose: list[Hashes] = []
        self.halves: tuple[list[Keys], ...] = ([], [], [], [])  # source first and second, target first and second
        self.bags: tuple[list[Hashes], ...] = ([], [])
        self.seen = np.zeros(SIZE, np.int64)  # how often each letter came

    def add(self, block: Block) -> None:
        """Remember the pairs of a block."""
        source, target = block.sides
        self.exact.append(pair_hashes(source.exact, target.exact))
        self.loose.append(pair_hashes(source.loose, target.loose))
        for place, (side, other) in enumerate(((source, target), (target, source))):
            self.seen += np.bincount(side.folded, minlength=SIZE)
            self.bags[place].append(_bag(side))
            for half, hashes in enumerate(_halves(side)):
                key = (mix(hashes) ^ other.loose) >> np.uint64(32)
                key[(other.loose == 0) | (side.sums(side.folded != 0) < LEAST_LETTERS)] = 0
                self.halves[2 * place + half].append(key.astype(np.uint32))

    def duplicates(self) -> Repeats:
        """Return the pairs whose both sides stood earlier as they are; call it once, it lets go of what it needs."""
        return repeats(_joined(self.exact))

    def near_duplicates(self, duplicates: Repeats) -> Repeats:
        """Return the pairs that nearly repeat an earlier one, the exact ones left out; call it once."""
        found = repeats(_joined(self.loose))
        indexes, firsts = [found.indexes], [found.firsts]
        slips = self._slips()
        for place in (0, 1):
            bags = _joined(self.bags[place])
            for half in (0, 1):
                later, earlier = _one_letter_apart(_joined(self.halves[2 * place + half]), bags, slips)
                indexes.append(later)
                firsts.append(earlier)
        every, first = np.concatenate(indexes), np.concatenate(firsts)
        kept, at = np.unique(every, return_index=True)
        new = ~np.isin(kept, duplicates.indexes)
        return Repeats(kept[new], first[at[new]])

    def _slips(self) -> Hashes:
        """Return by what the letters of two texts may differ: nothing, one letter, one for another; sorted."""
        self.seen[0] = 0
        common = np.argsort(-self.seen, kind="stable")[:ALPHABET]
        values = letters().random[common[self.seen[common] > 0]]
        nothing = np.zeros(1, np.uint64)
        one = np.concatenate([nothing, values])
        return np.unique((one[:, None] - one[None, :]).ravel())


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """Return the parts as one array and let go of them."""
    if not parts:
        return np.zeros(0, np.uint64)
    whole = np.concatenate(parts)
    parts.clear()
    return whole


def _bag(side: Side) -> Hashes:
    """Return the sum of the random numbers of the letters and digits of each text [N]."""
    values = np.where(side.skeleton != 0, letters().random[side.skeleton], np.uint64(0))
    return np.add.reduceat(values, side.starts) if len(side.texts) else values[:0]


def _halves(side: Side) -> tuple[Hashes, Hashes]:
    """Return a hash of the first half of the words of each text, and one of the others [N]."""
    words = side.words
    if not len(words):
        nothing = np.zeros(len(side.texts), np.uint64)
        return nothing, nothing
    middle = words.counts // 2
    place = np.arange(len(words)) - words.starts[words.text]
    later = place >= middle[words.text]
    values = mix(words.hashes ^ mix((place + 1).astype(np.uint64)))
    ends = words.starts + words.counts
    halves = []
    for chosen in (~later, later):
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(np.where(chosen, values, np.uint64(0)))])
        halves.append(mix(sums[ends] - sums[words.starts] + words.counts.astype(np.uint64)))
    return halves[0], halves[1] ^ np.uint64(1)


def _one_letter_apart(keys: Keys, bags: Hashes, slips: Hashes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the later and the earlier of the pairs of like keys whose bags differ by a slip."""
    order = np.argsort(keys, kind="stable")
    order = order[np.searchsorted(keys[order], 1) :]
    ordered = keys[order]
    later, earlier = [], []
    for distance in range(1, NEIGHBOURS + 1):
        same = np.flatnonzero(ordered[distance:] == ordered[:-distance])
        one, other = order[same + distance], order[same]
        difference = bags[one] - bags[other]
        slip = slips[np.minimum(np.searchsorted(slips, difference), len(slips) - 1)] == difference
        later.append(one[slip])
        earlier.append(other[slip])
    return np.concatenate(later), np.concatenate(earlier)
