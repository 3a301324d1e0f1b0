"""Keyed random numbers: the published mixer, equal in NumPy and torch, uniform, and a function of the key alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.randomness import Randomness, mix, uniform

int64 = st.integers(-(2**63), 2**63 - 1)
MASK = 2**64 - 1


def splitmix64(x):
    """Steele, Lea and Flood 2014, figure 16, as it stands there: unsigned 64-bit numbers."""
    z = (x + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


@given(st.lists(int64, min_size=1, max_size=9))
def test_the_mixer_is_splitmix64_in_numpy_and_in_torch(numbers):
    found = mix(np.array(numbers, np.int64))
    assert [int(x) & MASK for x in found] == [splitmix64(x & MASK) for x in numbers]
    torch = pytest.importorskip("torch")
    assert mix(torch.tensor(numbers)).tolist() == found.tolist()


def test_the_mixer_gives_the_published_numbers():
    """The first outputs of splitmix64 seeded with 1234567, whose state grows by the constant each time."""
    states = [(1234567 + n * 0x9E3779B97F4A7C15) & MASK for n in range(3)]
    found = [int(x) & MASK for x in mix(np.array(states, np.uint64).astype(np.int64))]
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(st.integers(0, 2**63 - 1), st.integers(0, 1000), st.lists(st.integers(0, 2**40), min_size=1, unique=True))
def test_a_sample_s_key_does_not_hang_on_its_batch(seed, epoch, samples):
    randomness = Randomness(seed)
    keys = randomness.keys("x", epoch, np.array(samples))
    assert [int(randomness.keys("x", epoch, np.array([s]))[0]) for s in samples] == keys.tolist()
    assert len(set(keys.tolist())) == len(samples)


def test_seed_purpose_epoch_and_sample_all_change_the_key():
    found = {
        int(Randomness(seed).keys(purpose, epoch, np.array([sample]))[0])
        for seed in range(5)
        for purpose in ("a", "b", "ab")
        for epoch in range(5)
        for sample in range(5)
    }
    assert len(found) == 5 * 3 * 5 * 5
    assert len({Randomness(1).key("a"), Randomness(1).key("a", 0), Randomness(1).key("a", 0, 0)}) == 3


@given(st.integers(0, 2**63 - 1), st.integers(0, 100), st.integers(0, 300))
def test_an_order_is_a_permutation(seed, epoch, count):
    order = Randomness(seed).order("order", epoch, count)
    assert sorted(order.tolist()) == list(range(count))
    assert np.array_equal(order, Randomness(seed).order("order", epoch, count))


def test_every_place_of_an_order_is_as_likely():
    counts = np.zeros((4, 4))
    for epoch in range(4000):
        counts[np.arange(4), Randomness(3).order("order", epoch, 4)] += 1
    assert ((counts - 1000) ** 2 / 1000).sum() < 40  # chi-square, 9 degrees of freedom: p < 1e-5


def test_uniform_numbers_are_uniform_and_independent():
    keys = Randomness(1).keys("draw", 0, np.arange(20_000))
    one, two = uniform(keys, 0), uniform(keys, 1)
    for drawn in (one, two):
        assert drawn.min() >= 0 and drawn.max() < 1
        counts, _ = np.histogram(drawn, 20, (0, 1))
        assert ((counts - 1000) ** 2 / 1000).sum() < 60  # 19 degrees of freedom: p < 1e-5
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.04
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.04
