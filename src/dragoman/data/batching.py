"""Batches under a token budget: every pair once an epoch, neighbours of like length, little padding.

The order is a pure function of (seed, epoch, pair): pairs are permuted, cut into windows, sorted by
length and cut to the budget within a window, and the batches of a window are shuffled. The number of
workers, a restart or an earlier draw cannot change it.
"""

# Shapes.  B rows, S source positions, T target positions.

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.data.corpus import Side
from dragoman.data.store import CHUNK_PAIRS, SIDES, PairStore, Rows
from dragoman.errors import ConfigError
from dragoman.options import BOS, EOS, PAD
from dragoman.randomness import Randomness
from dragoman.text.tokenizer import Tokenizer

WINDOW = 100_000  # pairs sorted together: enough of each length, and far less than a big corpus


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Pairs side by side, padded with PAD on the right.

    A row of `source_BS` is ids + `</s>`, a row of `target_BT` is `<s>` + ids + `</s>`; both int64.
    """

    source_BS: NDArray[np.int64]
    target_BT: NDArray[np.int64]
    samples: NDArray[np.int64]  # [B] the numbers of the pairs in their store
    epoch: int
    tokens: int  # entries of both sides that are not PAD


@dataclass(frozen=True, slots=True, eq=False)
class BatchPlan:
    """How the pairs of a store become batches of at most `batch_tokens`.

    A batch has rows x max(S, T) <= batch_tokens, padding, `<s>` and `</s>` included. With `merge_dropout`
    above 0 every pair is cut into other pieces each epoch (Provilkov et al. 2020); a side that would then
    have more than the store's `max_pieces`, or no room in a batch, keeps its plain pieces that epoch. The
    pairs numbered in `held_out` are never in a batch.
    """

    store: PairStore
    batch_tokens: int
    randomness: Randomness
    merge_dropout: float
    tokenizers: tuple[Tokenizer, Tokenizer]  # of source and target
    held_out: Sequence[int] = ()

    def __post_init__(self) -> None:
        """Refuse a budget that some pair exceeds, before any work; raises ConfigError."""
        if not 0 <= self.merge_dropout < 1:
            raise ConfigError(f"train.merge_dropout={self.merge_dropout}: from 0 to below 1, such as 0.1")
        longest = np.maximum(self.store.lengths("source") + 1, self.store.lengths("target") + 2)
        worst = int(longest.argmax())
        if longest[worst] > self.batch_tokens:
            raise ConfigError(
                f"train.batch_tokens={self.batch_tokens} has no room for the pair at "
                f"{self.store.places([worst])[0]}; write train.batch_tokens={longest[worst]} or more, "
                f"or train.max_pieces={max(1, self.batch_tokens - 2)} to leave it out"
            )
        if len(set(self.held_out)) >= len(self.store):
            raise ConfigError(f"all {len(self.store)} pairs are held out; leave some to train on")

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch from number `start` on.

        Batches that are left out cost the sorting of their window; with merge-dropout, which changes
        lengths, also its tokenizing.
        """
        order = self.randomness.order("order", epoch, len(self.store))
        if self.held_out:
            taken = np.ones(len(self.store), np.bool_)
            taken[np.asarray(self.held_out)] = False
            order = order[taken[order]]
        for number, samples in enumerate(np.array_split(order, -(-len(order) // WINDOW))):
            window = self._window(epoch, samples)
            shuffled = self.randomness.order(f"batches.{number}", epoch, len(window.groups))
            for which in shuffled[start:]:
                yield self._batch(epoch, window, window.groups[which])
            start = max(0, start - len(shuffled))
            del window  # before the next one takes the same room again

    def _window(self, epoch: int, samples: NDArray[np.int64]) -> "_Window":
        """Cut some pairs into batches, by the lengths that they have in this epoch."""
        dropped = {side: self._dropped(side, epoch, samples) for side in SIDES} if self.merge_dropout else None
        source, target = (
            self.store.lengths(side)[samples] if dropped is None else dropped[side].lengths() for side in SIDES
        )
        return _Window(samples, dropped, _groups(source + 1, target + 2, self.batch_tokens))

    def _dropped(self, side: Side, epoch: int, samples: NDArray[np.int64]) -> Rows:
        """Return the ids of one side of some pairs, cut with merges left out, keyed by pair and epoch."""
        tokenizer = self.tokenizers[SIDES.index(side)]
        keys = self.randomness.keys(f"merge-dropout.{side}", epoch, samples)
        room = min(self.store.max_pieces, self.batch_tokens - (1 if side == "source" else 2))
        flat, lengths = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
        for start in range(0, len(samples), CHUNK_PAIRS):
            chunk = slice(start, start + CHUNK_PAIRS)
            texts = self.store.texts(side, samples[chunk])
            rows = tokenizer.dropout_ids(texts, keys[chunk], self.merge_dropout)
            over = np.flatnonzero(_lengths(rows) > room)
            for row, plain in zip(over, self.store.ids(side, samples[chunk][over]), strict=True):
                rows[row] = plain.astype(np.int32)
            flat.append(np.concatenate(rows))
            lengths.append(_lengths(rows).astype(np.int64))
        return Rows(np.concatenate(flat), np.cumsum(np.concatenate(lengths)))

    def _batch(self, epoch: int, window: "_Window", group: NDArray[np.int64]) -> Batch:
        samples = window.samples[group]
        source, target = (
            self.store.ids(side, samples) if window.dropped is None else [window.dropped[side][row] for row in group]
            for side in SIDES
        )
        source_BS, real_BS = pad([(*row.tolist(), EOS) for row in source])
        target_BT, real_BT = pad([(BOS, *row.tolist(), EOS) for row in target])
        return Batch(source_BS, target_BT, samples, epoch, int(real_BS.sum() + real_BT.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """Pairs that are sorted together, and the batches cut from them."""

    samples: NDArray[np.int64]
    dropped: dict[Side, Rows] | None  # their ids of this epoch, where these are not the stored ones
    groups: list[NDArray[np.int64]]  # indexes into samples


def pad(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return rows side by side, PAD to the right of the shorter ones, and a mask, True at their ids."""
    lengths = _lengths(rows)
    real_BS = np.arange(lengths.max(initial=0)) < lengths[:, None]
    ids_BS = np.full(real_BS.shape, PAD, np.int64)
    ids_BS[real_BS] = [index for row in rows for index in row]
    return ids_BS, real_BS


def _lengths(rows: Sequence[Any]) -> NDArray[np.int32]:
    return np.fromiter(map(len, rows), np.int32, len(rows))


def _groups(source: NDArray[np.int32], target: NDArray[np.int32], budget: int) -> list[NDArray[np.int64]]:
    """Cut the pairs of a window into batches by their lengths; each group is indexes into the window.

    Sorted by the longer side, for that is what the budget counts; among equals by how much the source is
    the longer one, up and down in turn, so that a batch over a boundary meets its like. That leaves about
    half the padding of sorting by source and then target. Ties keep the permuted order.
    """
    longest, lead = np.maximum(source, target), source - target
    order = np.lexsort((np.where(longest % 2, -lead, lead), longest))
    cuts = []
    rows = 0
    for at, width in enumerate(longest[order].tolist()):  # never falls
        rows += 1
        if rows * width > budget:
            cuts.append(at)
            rows = 1
    return np.split(order, cuts)
