"""Several corpora as one, mixed by weight: which pairs an epoch holds, and where each of them is.

A pair of a corpus of weight 2 comes twice in an epoch, at weight 0.5 in every other epoch. Which epochs is a
function of (seed, pair), and over the epochs no pair is ever more than one time ahead of its like.
"""

#   number       0 ... n-1        n ... 2n-1            where n = pairs of all corpora
#   is          pair, once     the same, a second time  so that each copy has keys of its own

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from dragoman.data.corpus import Side
from dragoman.data.store import Indexes, PairStore
from dragoman.errors import ConfigError
from dragoman.options import EOS
from dragoman.randomness import Randomness, uniform

T = TypeVar("T")

MOST = 100.0  # the largest weight
FEWEST = 50  # pairs of an epoch in which each comes by chance: none at all once in exp(50) epochs


@dataclass(frozen=True, eq=False)
class Mixture:
    """The pairs of some stores, numbered one store after the other; a number of n or more is a further copy.

    `ends` are the ids at the end of each store's sources: `</s>`, or the tag of the language to translate into;
    PAD where nothing stands there, for padding is what no one looks at.
    """

    stores: tuple[PairStore, ...]
    weights: tuple[float, ...]
    ends: tuple[int, ...] = ()  # none: `</s>` everywhere

    def __post_init__(self) -> None:
        """Refuse a weight that cannot be; raises ConfigError."""
        assert len(self.stores) == len(self.weights), "a weight a store"
        assert len(self.ends) in (0, len(self.stores)), "an end a store, or none"
        for weight in self.weights:
            check_weight(weight)

    def __len__(self) -> int:
        """Return n, how many pairs there are."""
        return int(self._begins[-1])

    @property
    def max_pieces(self) -> int:
        """Return the most pieces of a side."""
        return max(store.max_pieces for store in self.stores)

    def corpora(self) -> Iterator[tuple[int, int]]:
        """Yield the first pair of each corpus and the one after its last."""
        yield from zip(self._begins[:-1].tolist(), self._begins[1:].tolist(), strict=True)

    def epoch(self, number: int, randomness: Randomness) -> NDArray[np.int64]:
        """Return the numbers of the pairs of an epoch, ascending: once each where every weight is 1."""
        if all(weight == 1.0 for weight in self.weights):
            return np.arange(len(self), dtype=np.int64)
        weights = np.repeat(np.array(self.weights), np.diff(self._begins))
        phase = uniform(randomness.keys("mixture", 0, np.arange(len(self))), 0)
        # How many whole numbers a pair's clock, which gains its weight an epoch, passes in this one.
        times = np.floor(weights * (number + 1) + phase) - np.floor(weights * number + phase)
        copies = [np.flatnonzero(times > copy) + copy * len(self) for copy in range(int(times.max(initial=0)))]
        return np.concatenate([np.zeros(0, np.int64), *copies])

    def lengths(self, side: Side) -> NDArray[np.int32]:
        """Return the pieces of every pair on one side, int32 [n]."""
        return self._lengths[side]

    def ids(self, side: Side, numbers: Indexes) -> list[NDArray[Any]]:
        """Return the ids of some pairs, without `<s>` and `</s>`."""
        return self._gathered(numbers, lambda store, rows: store.ids(side, rows))

    def texts(self, side: Side, numbers: Indexes) -> list[str]:
        """Return the texts of some pairs."""
        return self._gathered(numbers, lambda store, rows: store.texts(side, rows))

    def places(self, numbers: Indexes) -> list[str]:
        """Return file:line of some pairs."""
        return self._gathered(numbers, lambda store, rows: store.places(rows))

    def ends_of(self, numbers: Indexes) -> NDArray[np.int64]:
        """Return the id at the end of the source of some pairs."""
        if not self.ends:
            return np.full(len(numbers), EOS, np.int64)
        stores = np.searchsorted(self._begins, np.asarray(numbers, np.int64) % len(self), side="right") - 1
        return np.array(self.ends, np.int64)[stores]

    def _gathered(self, numbers: Indexes, read: Callable[[PairStore, NDArray[np.int64]], list[T]]) -> list[T]:
        """Return what the stores hold of some pairs, in their order."""
        pairs = np.asarray(numbers, np.int64) % len(self)
        if len(self.stores) == 1:
            return read(self.stores[0], pairs)
        found: dict[int, T] = {}
        for store, (first, last) in zip(self.stores, self.corpora(), strict=True):
            places = np.flatnonzero((first <= pairs) & (pairs < last))
            found |= zip(places.tolist(), read(store, pairs[places] - first), strict=True)
        return [found[place] for place in range(len(pairs))]

    @cached_property
    def _begins(self) -> NDArray[np.int64]:
        return np.cumsum([0, *map(len, self.stores)])

    @cached_property
    def _lengths(self) -> dict[Side, NDArray[np.int32]]:
        sides: Sequence[Side] = ("source", "target")
        return {side: np.concatenate([store.lengths(side) for store in self.stores]) for side in sides}


def check_epochs(stores: Sequence[PairStore], weights: Sequence[float]) -> None:
    """Refuse weights at which some epoch may hold no pair at all; raises ConfigError."""
    pairs = sum(len(store) * weight for store, weight in zip(stores, weights, strict=True))
    if max(weights) < 1 and pairs < FEWEST:
        raise ConfigError(
            f"data.weight={weights[0]}: an epoch would hold {pairs:.1f} of {sum(map(len, stores)):,} pairs, and"
            f" at least {FEWEST} are wanted; raise the weights, such as to 1 for the largest corpus"
        )


def shared_weights(pairs: Sequence[int], weights: Sequence[float], shares: Sequence[float | None]) -> tuple[float, ...]:
    """Return the weights of corpora of so many pairs each, where some shall be a share of all that an epoch holds.

    With w the weights and n the pairs, a corpus of share s has w n = s times the sum of w n over all of them.
    Raises ConfigError for shares of one and more in all, and for a weight that cannot be.
    """
    whole = sum(share for share in shares if share is not None)
    if whole >= 1 or all(share is not None for share in shares):
        raise ConfigError(
            f"the shares of the corpora add up to {whole:g}: below 1 is allowed, for a corpus of a weight has the rest"
        )
    rest = sum(count * weight for count, weight, share in zip(pairs, weights, shares, strict=True) if share is None)
    found = []
    for count, weight, share in zip(pairs, weights, shares, strict=True):
        own = weight if share is None else share / (1 - whole) * rest / max(1, count)
        if share is not None:
            check_weight(own, f"data.more.share={share:g} of {count:,} pairs: data.more.weight")
        found.append(own)
    return tuple(found)


def single(store: PairStore) -> Mixture:
    """Return one corpus as a mixture, every pair once an epoch."""
    return Mixture((store,), (1.0,))


def check_weight(weight: float, name: str = "data.weight") -> None:
    """Refuse a weight that cannot be; raises ConfigError."""
    if not 0 < weight <= MOST:
        raise ConfigError(f"{name}={weight}: a number above 0 and up to {MOST:.0f} is allowed, such as 0.5")
