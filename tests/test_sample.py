"""Sampling draws from the distribution that the options ask for, and from keyed numbers alone."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from dragoman.decode.sample import distribution, draw  # noqa: E402  (only where torch is)
from dragoman.decode.search import search  # noqa: E402
from dragoman.options import BOS, EOS, DecodeOptions  # noqa: E402
from toy_models import (  # noqa: E402
    LONGEST,
    Markov,
    assert_equal,
    in_order,
    next_log_probabilities,
    next_logits,
    tiny_transformer,
)

VOCABULARY = 12
SOURCE = [4, 5, 6, EOS]
SOURCES = [SOURCE, [6, EOS], [5, 5, 4, 4, 6, 5, EOS], [4, EOS]]
# The chi-square value that is passed once in ten thousand, by degrees of freedom.
RARE = {1: 15.14, 2: 18.42, 3: 21.11, 4: 23.51, 5: 25.74, 6: 27.86, 7: 29.88, 8: 31.83}


def wanted_distribution(logits, options) -> np.ndarray:
    """The same distribution in plain Python: a list of (probability, id), sorted and cut."""
    ways = [(float(logit) / (options.temperature or 1.0), i) for i, logit in enumerate(logits) if i > BOS]
    ways = sorted(((math.exp(x), i) for x, i in ways), key=lambda way: (-way[0], way[1]))
    if options.top_k is not None:
        ways = ways[: options.top_k]
    if options.top_p is not None:
        total, taken = sum(p for p, _ in ways), 0
        while taken < len(ways) and sum(p for p, _ in ways[:taken]) < options.top_p * total:
            taken += 1
        ways = ways[:taken]
    wanted = np.zeros(len(logits))
    for p, i in ways:
        wanted[i] = p
    return wanted / wanted.sum()


CUTS = {
    "softmax": DecodeOptions(temperature=1.0, max_length=1),
    "cold": DecodeOptions(temperature=0.5, max_length=1),
    "hot": DecodeOptions(temperature=3.0, max_length=1),
    "top_k": DecodeOptions(top_k=3, max_length=1),
    "top_p": DecodeOptions(top_p=0.6, max_length=1),
    "all_three": DecodeOptions(temperature=1.5, top_k=6, top_p=0.8, max_length=1),
}


@pytest.mark.parametrize("name", CUTS)
def test_frequencies_are_those_of_the_distribution(name):
    """Chi-square over 4,000 draws, one for each of 4,000 sentences with the same source."""
    options, model, count = CUTS[name], Markov(3, VOCABULARY), 4000
    wanted = count * wanted_distribution(next_logits(model, SOURCE, []), options)
    found = search(model, [SOURCE] * count, options, LONGEST)
    counts = np.bincount([h.ids[0] for (h,) in found], minlength=VOCABULARY)
    possible = wanted > 0
    assert counts[~possible].sum() == 0
    assert float(((counts - wanted)[possible] ** 2 / wanted[possible]).sum()) < RARE[int(possible.sum()) - 1]


@pytest.mark.parametrize("name", CUTS)
def test_the_distribution_is_cut_as_written(name):
    logits_RV = torch.randn(50, VOCABULARY) * 2
    logits_RV[25:] = logits_RV[25:].round()  # equal ones at the edges
    logits_RV[:, : BOS + 1] = -torch.inf
    for logits, p in zip(logits_RV, distribution(logits_RV, CUTS[name]).numpy(), strict=True):
        np.testing.assert_allclose(p, wanted_distribution(logits, CUTS[name]), rtol=1e-9, atol=1e-15)


def test_a_draw_is_the_inverse_of_the_cumulative_distribution():
    p = torch.tensor([[0.0, 0.25, 0.0, 0.5, 0.25, 0.0]], dtype=torch.float64)
    for u, wanted in ((0.0, 1), (0.2499, 1), (0.25, 3), (0.7499, 3), (0.75, 4), (1 - 2.0**-53, 4)):
        assert draw(p, torch.tensor([u], dtype=torch.float64)).item() == wanted
    thirds = torch.full((1, 7), 1 / 7, dtype=torch.float64).masked_fill(torch.arange(7) == 6, 0)
    assert draw(thirds, torch.tensor([1 - 2.0**-53], dtype=torch.float64)).item() == 5


@pytest.mark.parametrize(
    "model", [Markov(4, VOCABULARY), tiny_transformer(4, VOCABULARY)], ids=["markov", "transformer"]
)
def test_batch_mates_change_no_sample(model):
    options = DecodeOptions(temperature=1.2, n_best=3, min_length=2, seed=5)
    numbers = [70, 3, 41, 12]
    together = search(model, SOURCES, options, LONGEST, sentences=numbers)
    assert len({h.ids for found in together for h in found}) > 9
    for source, number, found in zip(SOURCES, numbers, together, strict=True):
        (alone,) = search(model, [source], options, LONGEST, sentences=[number])
        assert_equal(found, alone)
        assert list(found) == in_order(found)


def test_samples_hang_on_seed_sentence_and_number():
    model, options = Markov(4, 40), DecodeOptions(temperature=1.0, n_best=2, max_length=12)
    same, other = search(model, [SOURCE] * 2, options, LONGEST)
    assert len({h.ids for h in (*same, *other)}) == 4
    assert search(model, [SOURCE], options, LONGEST)[0] == same
    assert search(model, [SOURCE], DecodeOptions(temperature=1.0, n_best=2, max_length=12, seed=2), LONGEST)[0] != same


def test_more_samples_keep_the_first_ones():
    model = Markov(4, 40)
    few, many = (
        search(model, [SOURCE], DecodeOptions(temperature=1.0, n_best=n, max_length=12), LONGEST)[0] for n in (2, 5)
    )
    assert {h.ids for h in few} < {h.ids for h in many}


@pytest.mark.parametrize(
    "model", [Markov(6, VOCABULARY), tiny_transformer(6, VOCABULARY)], ids=["markov", "transformer"]
)
def test_temperature_towards_nothing_is_greedy(model):
    greedy = search(model, SOURCES, DecodeOptions(beam=1), LONGEST)
    for options in (DecodeOptions(temperature=1e-4), DecodeOptions(top_k=1), DecodeOptions(top_p=1e-6)):
        for one, other in zip(search(model, SOURCES, options, LONGEST), greedy, strict=True):
            assert_equal(one, other)
    hot = search(model, SOURCES, DecodeOptions(temperature=1.0), LONGEST)
    assert [h.ids for (h,) in hot] != [h.ids for (h,) in greedy]


def test_probabilities_are_the_models_own():
    model = Markov(7, VOCABULARY)
    options = DecodeOptions(temperature=0.3, top_k=4, min_length=4, max_length=8, n_best=4)
    for h in search(model, [SOURCE], options, LONGEST, prefixes=[[9, 9]])[0]:
        assert h.ids[:2] == (9, 9) and 4 <= len(h.ids) <= 8
        rows = [next_log_probabilities(model, SOURCE, h.ids[:t])[piece] for t, piece in enumerate(h.ids)]
        assert h.token_log_probabilities == pytest.approx(rows, abs=1e-6)
