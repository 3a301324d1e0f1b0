"""Which source piece became which target piece, learned from pairs alone: a lexicon in both directions.

IBM model 1 (Brown et al. 1993) with a preference for the diagonal (Dyer et al. 2013), by expectation
maximization. A link is believed as far as both directions believe it. It chooses the attention heads that
align, and guides them in training (Garg et al. 2019).
"""

# Shapes.  B pairs, S source pieces, T target pieces, P pairs of positions of all sentences.

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.errors import DataError

ROUNDS = 6
NARROW = 2.0  # how fast belief falls off the diagonal: exp(-NARROW x distance), distances of 0 to 1
EMPTY = 0.08  # chance that a piece comes from nothing

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Link = tuple[int, int]
Row = Sequence[int] | NDArray[Any]  # ids of one text


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The chance of each pair of pieces seen together, in both directions."""

    pieces: int  # above every id
    keys: Ids  # source id x pieces + target id, sorted
    forward: Floats  # t(target | source) of each key
    backward: Floats  # t(source | target)

    def beliefs(self, source_BS: Ids, target_BT: Ids) -> Floats:
        """Return how much is believed that target piece T comes from source piece S, [B, T, S], from 0 to 1.

        Ids below 0 are padding on the right and are never linked. It is the geometric mean of what each
        direction gives this link among all of its row, and of its column.
        """
        key = source_BS[:, None, :] * self.pieces + target_BT[:, :, None]
        place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        near = _diagonal((source_BS >= 0).sum(1), (target_BT >= 0).sum(1), source_BS.shape[1], target_BT.shape[1])
        known = (self.keys[place] == key) & (source_BS >= 0)[:, None, :] & (target_BT >= 0)[:, :, None]
        forward = np.where(known, self.forward[place], 0.0) * near
        backward = np.where(known, self.backward[place], 0.0) * near
        forward /= np.maximum(forward.sum(2, keepdims=True), 1e-12)
        backward /= np.maximum(backward.sum(1, keepdims=True), 1e-12)
        return np.sqrt(forward * backward)

    def links(self, source: Sequence[int], target: Sequence[int], least: float = 0.2) -> tuple[Link, ...]:
        """Return (source, target) for each target piece, to what is believed most, where that is at least `least`."""
        if not len(source) or not len(target):
            return ()
        beliefs_TS = self.beliefs(np.asarray(source)[None, :], np.asarray(target)[None, :])[0]
        return tuple((int(row.argmax()), t) for t, row in enumerate(beliefs_TS) if row.max() >= least)


def learn(pairs: Sequence[tuple[Row, Row]], rounds: int = ROUNDS) -> Lexicon:
    """Return the lexicon of pairs of ids; some thousand suffice. Raises DataError when none has pieces on both sides.

    Memory is about 100 bytes for each pair of positions of a sentence.
    """
    whole = [(np.asarray(s, np.int64), np.asarray(t, np.int64)) for s, t in pairs if len(s) and len(t)]
    if not whole:
        raise DataError("no sentence pair with pieces on both sides; a few hundred are wanted to align words")
    source, target = np.concatenate([s for s, _ in whole]), np.concatenate([t for _, t in whole])
    pieces = int(max(source.max(), target.max())) + 1
    source_at, target_at, near = _positions(whole)
    keys, pair = np.unique(source[source_at] * pieces + target[target_at], return_inverse=True)
    together = np.bincount(pair).astype(np.float64)
    forward = _improve(together, keys // pieces, pair, (target, target_at, near), rounds)
    backward = _improve(together, keys % pieces, pair, (source, source_at, near), rounds)
    return Lexicon(pieces, keys, forward, backward)


def _improve(together: Floats, given: Ids, pair: Ids, explained: tuple[Ids, Ids, Floats], rounds: int) -> Floats:
    """Return t(explained | given) of each key: share out each explained piece, count, and again."""
    ids, at, near = explained
    share = near / np.bincount(at, near)[at] * (1 - EMPTY)
    frequency = np.bincount(ids) / len(ids)
    chances = together / np.bincount(given, together)[given]
    for _ in range(rounds):
        claims = chances[pair] * share
        claims /= (np.bincount(at, claims) + EMPTY * frequency[ids])[at]
        counts = np.bincount(pair, claims)
        chances = counts / np.bincount(given, counts)[given]
    return chances


def _positions(whole: list[tuple[Ids, Ids]]) -> tuple[Ids, Ids, Floats]:
    """Return, for every pair of positions [P]: which source and target piece of all, and how near the diagonal."""
    sources, targets, near = [], [], []
    source_before = target_before = 0
    for s, t in whole:
        sources.append(np.tile(np.arange(source_before, source_before + len(s)), len(t)))
        targets.append(np.repeat(np.arange(target_before, target_before + len(t)), len(s)))
        near.append(_diagonal(np.array([len(s)]), np.array([len(t)]), len(s), len(t)).ravel())
        source_before, target_before = source_before + len(s), target_before + len(t)
    return np.concatenate(sources), np.concatenate(targets), np.concatenate(near)


def _diagonal(source_B: Ids, target_B: Ids, width_S: int, width_T: int) -> Floats:
    """Return exp(-NARROW x distance) [B, T, S]; positions count from 0 to 1 along the real length of their side."""
    along_BS = (np.arange(width_S) + 0.5) / np.maximum(source_B, 1)[:, None]
    along_BT = (np.arange(width_T) + 0.5) / np.maximum(target_B, 1)[:, None]
    near: Floats = np.exp(-NARROW * np.abs(along_BT[:, :, None] - along_BS[:, None, :]))
    return near
