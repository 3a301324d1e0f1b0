"""What int8 takes from each matrix: by brute force, as the page measures it, and as rounding is expected to."""

import dataclasses

import numpy as np
import pytest

from dragoman.architecture import ModelConfig, to_table
from dragoman.compress.quantize import quantized
from dragoman.compress.rounding import losses
from dragoman.weights import Dequantized, matrices
from model_configs import VARIANTS, random_weights

WIDE = dataclasses.replace(VARIANTS["learned"], d_model=64, feed_forward=96, vocab_size=200)


def small(config: ModelConfig, seed: int = 1):
    weights = random_weights(config, seed, np.float32)
    int8 = quantized(config, weights)
    return weights, int8, losses(config, weights, int8)


@pytest.mark.parametrize("name", ["default", "tie_none", "grouped", "swiglu", "table"])
def test_losses_are_those_that_one_counts(name):
    config = VARIANTS[name]
    weights, int8, found = small(config)
    assert [loss.name for loss in found] == matrices(config)
    for loss in found:
        weight = weights[loss.name].astype(float)
        error = weight - Dequantized(int8)[loss.name]
        assert loss.error == pytest.approx(np.sqrt((error**2).sum() / (weight**2).sum()), rel=1e-4)
        rows = np.sqrt((error**2).sum(1) / (weight**2).sum(1))
        assert (loss.spread[0], loss.spread[-1]) == pytest.approx((rows.min(), rows.max()), rel=1e-4)
        assert loss.spread[2] == pytest.approx(np.sort(rows)[int((len(rows) - 1) / 2 + 0.5)], rel=1e-4)
        assert (loss.rows, loss.columns) == weight.shape


def test_the_page_measures_the_same(page):
    weights, int8, found = small(WIDE)
    plain = Dequantized(int8)
    rounded = {name: plain[name].flatten().tolist() for name in plain}
    given = {name: tensor.flatten().tolist() for name, tensor in weights.items()}
    for other in (rounded, None):  # None: rounded by the page itself
        told = page.ask("losses", config=to_table(WIDE), weights=given, rounded=other)["measured"]
        for loss, own in zip(found, told, strict=True):
            assert own["name"] == loss.name and (own["rows"], own["columns"]) == (loss.rows, loss.columns)
            assert own["error"] == pytest.approx(loss.error, rel=2e-3)
            assert own["spread"] == pytest.approx(loss.spread, rel=2e-2)


def test_what_is_expected_where_the_float_weights_are_not_there_is_about_right(page):
    _, int8, found = small(WIDE)
    plain = Dequantized(int8)
    only = {name: plain[name].flatten().tolist() for name in plain}
    told = page.ask("losses", config=to_table(WIDE), weights=only, rounded=None)["expected"]
    for loss, own in zip(found, told, strict=True):
        assert own["error"] == pytest.approx(loss.error, rel=0.1)


def test_a_row_of_zeros_loses_nothing():
    config = VARIANTS["default"]
    weights = random_weights(config, 1, np.float32)
    weights["embedding.weight"][0] = 0
    (loss, *_) = losses(config, weights, quantized(config, weights))
    assert loss.name == "embedding.weight" and loss.spread[0] == 0
