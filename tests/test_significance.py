"""The paired bootstrap: sacrebleu's own scores, no difference where there is none, a clear one where it is clear."""

import numpy as np
import pytest

pytest.importorskip("sacrebleu")
from sacrebleu.metrics import BLEU, CHRF

from dragoman.errors import DataError
from dragoman.evaluate.significance import paired

WORDS = [
    "the",
    "a",
    "cat",
    "dog",
    "sees",
    "hears",
    "house",
    "book",
    "water",
    "likes",
    "red",
    "old",
    "my",
    "friend",
    "child",
    "and",
]


def sentences(count, seed=1):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(4, 12))) for _ in range(count)]


def spoiled(lines, share, seed):
    """Another word in that share of the places."""
    rng = np.random.default_rng(seed)
    return [
        " ".join(str(rng.choice(WORDS)) if rng.random() < share else word for word in line.split()) for line in lines
    ]


def test_scores_are_sacrebleu_s_and_lie_in_the_interval():
    references = sentences(200)
    first, second = spoiled(references, 0.2, 2), spoiled(references, 0.25, 3)
    for found, metric in zip(paired(first, second, references), (BLEU(force=True), CHRF(word_order=2)), strict=True):
        assert found.first == pytest.approx(metric.corpus_score(first, [references]).score)
        assert found.second == pytest.approx(metric.corpus_score(second, [references]).score)
        assert found.low < found.difference < found.high
    assert paired(first, second, references) == paired(first, second, references)  # the draws are fixed


def test_the_same_system_twice_differs_by_nothing():
    references = sentences(50)
    for found in paired(references, references, references):
        assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_few_sentences_say_nothing_of_chance():
    references = sentences(29)
    for found in paired(spoiled(references, 0.1, 2), spoiled(references, 0.9, 3), references):
        assert found.difference < 0 and found.low is found.high is found.p is None


def test_a_clear_difference_is_significant_and_noise_mostly_is_not():
    references = sentences(300)
    clear = paired(spoiled(references, 0.1, 2), spoiled(references, 0.4, 3), references)
    assert all(found.p < 0.01 and found.high < 0 for found in clear)
    chance = [
        paired(spoiled(references, 0.2, seed), spoiled(references, 0.2, seed + 50), references)[0] for seed in range(10)
    ]
    assert sum(found.p < 0.05 for found in chance) <= 3
    assert sum(found.low < 0 < found.high for found in chance) >= 7


def test_unequal_counts_are_refused():
    with pytest.raises(DataError, match="1 and 2 translations, 2 references"):
        paired(["a"], ["a", "b"], ["a", "b"])
    with pytest.raises(DataError, match="no sentences"):
        paired([], [], [])
