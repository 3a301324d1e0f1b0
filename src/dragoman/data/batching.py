"""Batches under a token budget: every pair once an epoch, neighbours of like length, little padding.

The order is a pure function of (seed, epoch, pair): pairs are permuted, cut into windows, sorted by
length and cut to the budget within a window, and the batches of a window are shuffled. The number of
workers, a restart or an earlier draw cannot change it.
"""

# Shapes.  B rows, S source positions, T target positions.

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dragoman.data.augmentation import Augmentation
from dragoman.data.corpus import Side
from dragoman.data.mixture import Mixture
from dragoman.data.store import CHUNK_PAIRS, SIDES, Rows
from dragoman.errors import ConfigError
from dragoman.options import BOS, EOS, PAD
from dragoman.randomness import Randomness
from dragoman.text.family import check_variation
from dragoman.text.tokenizer import Tokenizer

EVEN = 16  # rows
WINDOW = 100_000  # pairs sorted together: enough of each length, and far less than a big corpus


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Pairs side by side, padded with PAD on the right.

    A row of `source_BS` is ids + `</s>` or a language's tag, of `target_BT` `<s>` + ids + `</s>`; both int64.
    """

    source_BS: NDArray[np.int64]
    target_BT: NDArray[np.int64]
    samples: NDArray[np.int64]  # [B] the numbers of the pairs in their mixture
    epoch: int
    tokens: int  # entries of both sides that are not PAD


class Shape(NamedTuple):
    """How large a batch is, without its ids."""

    rows: int
    source: int  # positions of the longest row, `</s>` included
    target: int  # the same with `<s>` and `</s>`
    source_tokens: int  # entries that are not PAD
    target_tokens: int

    @property
    def tokens(self) -> int:
        """Return the entries of both sides that are not PAD, as `Batch.tokens` does."""
        return self.source_tokens + self.target_tokens

    @property
    def places(self) -> int:
        """Return the entries of both sides, padding included."""
        return self.rows * (self.source + self.target)


@dataclass(frozen=True, slots=True, eq=False)
class BatchPlan:
    """How the pairs of a store become batches of at most `batch_tokens`.

    A batch has rows x max(S, T) <= batch_tokens, padding, `<s>` and `</s>` included. With `merge_dropout`
    above 0 (Provilkov et al. 2020) or a `sampling_alpha` (Kudo 2018) every pair is cut into other pieces each
    epoch, with `augmentation` some get another text. A side that would then have more than the store's
    `max_pieces`, or no room in a batch, keeps its plain pieces that epoch; so does the other one where the text
    is another. The pairs numbered in `held_out` are never in a batch.
    """

    store: Mixture
    batch_tokens: int
    randomness: Randomness
    merge_dropout: float
    tokenizers: tuple[Tokenizer, Tokenizer]  # of source and target
    held_out: Sequence[int] = ()
    augmentation: Augmentation | None = None
    sampling_alpha: float | None = None

    def __post_init__(self) -> None:
        """Refuse a budget that some pair exceeds, before any work; raises ConfigError."""
        if not 0 <= self.merge_dropout < 1:
            raise ConfigError(f"train.merge_dropout={self.merge_dropout}: from 0 to below 1, such as 0.1")
        for tokenizer in self.tokenizers:
            check_variation(tokenizer.kind, self.merge_dropout, self.sampling_alpha)
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
        for number, samples in enumerate(self._windows(epoch)):
            window = self._window(epoch, samples)
            shuffled = self.randomness.order(f"batches.{number}", epoch, len(window.groups))
            for which in shuffled[start:]:
                yield self._batch(epoch, window, window.groups[which])
            start = max(0, start - len(shuffled))
            del window  # before the next one takes the same room again

    def shapes(self, epoch: int) -> Iterator[list[Shape]]:
        """Yield how large the batches of an epoch are, a window of them at a time, from the shortest rows on."""
        for samples in self._windows(epoch):
            window = self._window(epoch, samples)
            yield [
                Shape(len(group), int(source.max()), int(target.max()), int(source.sum()), int(target.sum()))
                for group in window.groups
                for source, target in [(window.source[group], window.target[group])]
            ]

    @property
    def trained(self) -> int:
        """Return how many pairs the first epoch holds, a pair that comes twice counted twice."""
        return sum(map(len, self._windows(0)))

    def _windows(self, epoch: int) -> list[NDArray[np.int64]]:
        """Return the pairs of an epoch in its order, cut into windows."""
        numbers = self.store.epoch(epoch, self.randomness)
        order = numbers[self.randomness.order("order", epoch, len(numbers))]
        order = order[self._trained()[order % len(self.store)]]
        return np.array_split(order, -(-len(order) // WINDOW))

    def _trained(self) -> NDArray[np.bool_]:
        """Return which pairs are trained on."""
        trained = np.ones(len(self.store), np.bool_)
        trained[np.asarray(self.held_out, np.int64)] = False
        return trained

    def _window(self, epoch: int, samples: NDArray[np.int64]) -> "_Window":
        """Cut some pairs into batches, by the lengths that they have in this epoch."""
        varied = self.merge_dropout or self.augmentation or self.sampling_alpha is not None
        own = self._own(epoch, samples) if varied else None
        pairs = samples % len(self.store)
        source, target = (self.store.lengths(side)[pairs] if own is None else own[side].lengths() for side in SIDES)
        source, target = source + 1, target + 2
        return _Window(samples, own, source, target, _groups(source, target, self.batch_tokens))

    def _own(self, epoch: int, samples: NDArray[np.int64]) -> dict[Side, Rows]:
        """Return the ids of some pairs as they are in this epoch only."""
        flat: dict[Side, list[NDArray[np.int32]]] = {side: [np.zeros(0, np.int32)] for side in SIDES}
        lengths: dict[Side, list[NDArray[np.int64]]] = {side: [np.zeros(1, np.int64)] for side in SIDES}
        others = np.flatnonzero(self._trained())
        for start in range(0, len(samples), CHUNK_PAIRS):
            chunk = samples[start : start + CHUNK_PAIRS]
            for side, rows in self._cut(epoch, chunk, others).items():
                flat[side].append(np.concatenate(rows))
                lengths[side].append(_lengths(rows).astype(np.int64))
        return {side: Rows(np.concatenate(flat[side]), np.cumsum(np.concatenate(lengths[side]))) for side in SIDES}

    def _cut(
        self, epoch: int, samples: NDArray[np.int64], others: NDArray[np.int64]
    ) -> dict[Side, list[NDArray[np.int32]]]:
        """Change the texts of some pairs, and cut them with merges left out; both keyed by pair and epoch."""
        texts = {side: self.store.texts(side, samples) for side in SIDES}
        changed = np.zeros(len(samples), np.bool_)
        if self.augmentation is not None:
            pairs = samples % len(self.store)
            for first, last in self.store.corpora():  # a pair is joined with others of its own corpus
                own = np.flatnonzero((first <= pairs) & (pairs < last))
                behind = others[slice(*np.searchsorted(others, (first, last)))]
                which, new = self.augmentation.changed(epoch, samples[own], self._pairs, behind)
                changed[own[which]] = True
                for at, pair in zip(own[which], new, strict=True):
                    texts["source"][at], texts["target"][at] = pair
        rows, over = {}, {}
        for side, tokenizer in zip(SIDES, self.tokenizers, strict=True):
            keys = self.randomness.keys(f"merge-dropout.{side}", epoch, samples)
            if self.sampling_alpha is None:
                rows[side] = tokenizer.dropout_ids(texts[side], keys, self.merge_dropout)
            else:
                rows[side] = tokenizer.sample_ids(texts[side], keys, self.sampling_alpha)
            room = min(self.store.max_pieces, self.batch_tokens - (1 if side == "source" else 2))
            over[side] = _lengths(rows[side]) > room
        either = changed & (over["source"] | over["target"])  # another text on one side needs the other's
        for side in SIDES:
            back = np.flatnonzero(over[side] | either)
            for row, plain in zip(back, self.store.ids(side, samples[back]), strict=True):
                rows[side][row] = plain.astype(np.int32)
        return rows

    def _pairs(self, samples: NDArray[np.int64]) -> list[tuple[str, str]]:
        return list(zip(*(self.store.texts(side, samples) for side in SIDES), strict=True))

    def _batch(self, epoch: int, window: "_Window", group: NDArray[np.int64]) -> Batch:
        samples = window.samples[group]
        source, target = (
            self.store.ids(side, samples) if window.own is None else [window.own[side][row] for row in group]
            for side in SIDES
        )
        ends = self.store.ends_of(samples).tolist()
        source_BS, real_BS = pad([(*row.tolist(), end) for row, end in zip(source, ends, strict=True)])
        target_BT, real_BT = pad([(BOS, *row.tolist(), EOS) for row in target])
        return Batch(source_BS, target_BT, samples, epoch, int(real_BS.sum() + real_BT.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """Pairs that are sorted together, and the batches cut from them."""

    samples: NDArray[np.int64]
    own: dict[Side, Rows] | None  # their ids of this epoch, where these are not the stored ones
    source: NDArray[np.int32]  # their lengths, ends included
    target: NDArray[np.int32]
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

    A batch of many rows has a multiple of 16, so that rows x length takes few values: on a CPU each new one costs
    the compilation of some kernels.
    """
    longest, lead = np.maximum(source, target), source - target
    order = np.lexsort((np.where(longest % 2, -lead, lead), longest))
    cuts: list[int] = []
    start = 0
    for at, width in enumerate(longest[order].tolist()):  # never falls
        while (at - start + 1) * width > budget:
            rows = at - start
            start += rows - rows % EVEN if rows >= 2 * EVEN else rows
            cuts.append(start)
    return np.split(order, cuts)
