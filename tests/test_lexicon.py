"""The lexicon: it recovers planted dictionaries, equals a plain loop, and one sentence knows nothing of its batch."""

import math
from collections import Counter

import numpy as np
import pytest

from dragoman.data.lexicon import EMPTY, NARROW, learn
from dragoman.errors import DataError


def shuffled_pairs(count: int, words: int, seed: int = 1) -> list[tuple[list[int], list[int]]]:
    """Source word w is target word 100 + w; the order of the target is another one."""
    rng = np.random.default_rng(seed)
    sources = [list(rng.choice(words, size=rng.integers(2, 7), replace=False)) for _ in range(count)]
    return [(s, [100 + s[i] for i in rng.permutation(len(s))]) for s in sources]


def test_a_bijective_dictionary_is_found_whatever_the_order():
    pairs = shuffled_pairs(600, 20)
    lexicon = learn(pairs)
    for source, target in pairs[:100]:
        assert set(lexicon.links(source, target)) == {(source.index(word - 100), t) for t, word in enumerate(target)}


def test_a_repeated_word_is_linked_to_its_neighbour_by_place():
    pairs = [([1, 2, 1, 3], [101, 102, 101, 103]), ([2, 3], [102, 103]), ([1, 3], [101, 103]), ([2, 1], [102, 101])] * 9
    assert set(learn(pairs).links([1, 2, 1, 3], [101, 102, 101, 103])) == {(0, 0), (1, 1), (2, 2), (3, 3)}


def test_the_chances_are_those_of_a_plain_loop():
    pairs = shuffled_pairs(12, 7)
    lexicon = learn(pairs, rounds=3)
    together = Counter((s, t) for source, target in pairs for s in source for t in target)
    heads = Counter(s for source, target in pairs for s in source for _ in target)
    chance = {(s, t): count / heads[s] for (s, t), count in together.items()}
    targets = [t for _, target in pairs for t in target]
    frequency = {t: count / len(targets) for t, count in Counter(targets).items()}
    for _ in range(3):
        counts: Counter[tuple[int, int]] = Counter()
        for source, target in pairs:
            for j, t in enumerate(target):
                near = [
                    math.exp(-NARROW * abs((j + 0.5) / len(target) - (i + 0.5) / len(source)))
                    for i in range(len(source))
                ]
                claims = [chance[s, t] * (1 - EMPTY) * close / sum(near) for s, close in zip(source, near, strict=True)]
                whole = sum(claims) + EMPTY * frequency[t]
                for s, claim in zip(source, claims, strict=True):
                    counts[s, t] += claim / whole
        sums = Counter[int]()
        for (s, _), count in counts.items():
            sums[s] += count
        chance = {(s, t): count / sums[s] for (s, t), count in counts.items()}
    found = dict(zip(lexicon.keys.tolist(), lexicon.forward.tolist(), strict=True))
    assert found == pytest.approx({s * lexicon.pieces + t: value for (s, t), value in chance.items()})


def test_padding_and_batch_mates_change_no_belief():
    pairs = shuffled_pairs(200, 12)
    lexicon = learn(pairs)
    rows = pairs[:3]
    source = np.full((3, 9), -1)
    target = np.full((3, 8), -1)
    for row, (s, t) in enumerate(rows):
        source[row, : len(s)], target[row, : len(t)] = s, t
    together = lexicon.beliefs(source, target)
    for row, (s, t) in enumerate(rows):
        alone = lexicon.beliefs(np.array([s]), np.array([t]))[0]
        np.testing.assert_allclose(together[row, : len(t), : len(s)], alone)
        assert not together[row, len(t) :].any() and not together[row, :, len(s) :].any()


def test_what_was_never_seen_is_not_linked():
    lexicon = learn(shuffled_pairs(50, 6))
    assert lexicon.links([55], [77]) == () and lexicon.links([], [101]) == ()


def test_pairs_are_wanted():
    with pytest.raises(DataError, match="pieces on both sides"):
        learn([([], [5]), ([5], [])])
