"""Whether two systems differ by more than chance: the paired bootstrap (Koehn 2004), with sacrebleu's statistics.

The sentences of the test set are drawn again with replacement, the same ones for both systems, a thousand times;
how the difference of the scores varies over these test sets tells how far to trust the one that was seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.errors import DataError
from dragoman.evaluate.quality import metrics

RESAMPLES = 1000
FEWEST = 30  # sentences from which drawing them again says anything
SEED = 12345
CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One metric of two systems on the same sentences; `low` to `high` holds the true difference in 95 of 100 cases."""

    name: str
    first: float
    second: float
    # Of second - first; None, as `p`, of a difference this large where there is none, for fewer than 30 sentences.
    low: float | None
    high: float | None
    p: float | None

    @property
    def difference(self) -> float:
        """Return by how much the second is higher."""
        return self.second - self.first


def paired(first: Sequence[str], second: Sequence[str], references: Sequence[str]) -> list[Difference]:
    """Compare two systems' translations of the same sentences by BLEU and chrF2++; raises DataError."""
    if not len(first) == len(second) == len(references):
        raise DataError(
            f"{len(first)} and {len(second)} translations, {len(references)} references; give as many of all"
        )
    if not references:
        raise DataError("no sentences to compare; give at least one line")
    found = []
    for name, metric in zip(("BLEU", "chrF2++"), metrics(), strict=True):
        stats = [_statistics(metric, system, references) for system in (first, second)]
        whole = [_score(metric, stats_NK.sum(0)) for stats_NK in stats]
        low = high = p = None
        if len(references) >= FEWEST:
            differences = _resampled(metric, stats)
            low, high = map(float, np.quantile(differences, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]))
            beyond = int((np.abs(differences - differences.mean()) >= abs(whole[1] - whole[0])).sum())
            p = (beyond + 1) / (RESAMPLES + 1)
        found.append(Difference(name=name, first=whole[0], second=whole[1], low=low, high=high, p=p))
    return found


def _resampled(metric: Any, stats: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Return the difference of the scores on each of the drawn test sets, the same for every metric."""
    rng, count = np.random.default_rng(SEED), len(stats[0])
    differences = np.empty(RESAMPLES)
    for resample in range(RESAMPLES):
        times_N = np.bincount(rng.integers(0, count, count), minlength=count)
        one, two = (_score(metric, times_N @ stats_NK) for stats_NK in stats)
        differences[resample] = two - one
    return differences


def _statistics(metric: Any, system: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
    """Return what sacrebleu counts in each sentence [N, K]; the counts of a set are their sums."""
    return np.array(metric._extract_corpus_statistics(list(system), [list(references)]), dtype=np.int64)


def _score(metric: Any, counts_K: NDArray[np.int64]) -> float:
    return float(metric._compute_score_from_stats(counts_K.tolist()).score)
