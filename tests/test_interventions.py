"""A model that is told to go on with other numbers is the model in which those parts are otherwise."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dragoman.architecture import Experiment
from dragoman.errors import RequestError
from dragoman.reference.transformer import Transformer
from model_configs import VARIANTS, random_batch, random_weights


def made(variant, **changes):
    config = replace(VARIANTS[variant], **changes)
    return config, random_weights(config, 3), random_batch(config, 3)


def within(config, weights):
    """The weights that a model without some of the parts still has."""
    return {name: tensor for name, tensor in weights.items() if name in random_weights(config, 3)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_telling_changes_nothing_and_what_was_told_changes_no_more(variant):
    config, weights, batch = made(variant)
    told, copies = {}, {}

    def record(name, value):
        assert name not in told
        told[name], copies[name] = value, value.copy()

    model = Transformer(config, weights)
    assert_array_equal(model.recorded(record).forward(*batch), model.forward(*batch))
    for name, value in told.items():
        assert_array_equal(value, copies[name])


@pytest.mark.parametrize("variant", ["default", "paper", "grouped_rotary", "alibi"])
def test_a_head_that_is_off_gives_nothing_to_the_projection(variant):
    config, weights, batch = made(variant)
    own = slice(config.head_width, 2 * config.head_width)  # of head 1
    name = "decoder.layers.1.cross_attention"

    def off(told, value):
        if told != f"{name}.seen":
            return None
        changed = value.copy()
        changed[..., own] = 0
        return changed

    without = {**weights, f"{name}.out.weight": weights[f"{name}.out.weight"].copy()}
    without[f"{name}.out.weight"][:, own] = 0
    found = Transformer(config, weights).recorded(off).forward(*batch)
    assert_allclose(found, Transformer(config, without).forward(*batch), atol=1e-12)
    assert np.abs(found - Transformer(config, weights).forward(*batch)).max() > 1e-3


@pytest.mark.parametrize("variant", ["default", "paper"])
def test_without_residuals_it_is_the_model_that_has_none(variant):
    config, weights, batch = made(variant)
    last = {}

    def record(name, value):
        last[name] = value
        if name.endswith(".sum"):
            part = name.removesuffix(".sum")
            return last[f"{part}.down" if part.endswith("feed_forward") else f"{part}.out"]
        return None

    wanted = Transformer(replace(config, experiment=Experiment(residual=False)), weights).forward(*batch)
    assert_allclose(Transformer(config, weights).recorded(record).forward(*batch), wanted, atol=1e-12)


@pytest.mark.parametrize("variant", ["default", "paper", "rms"])
def test_without_norms_it_is_the_model_that_has_none(variant):
    config, weights, batch = made(variant)
    last = {}

    def record(name, value):
        last[name] = value
        return last[name.replace("output", "input")] if name.endswith("norm.output") else None

    bare = replace(config, norm="none")
    wanted = Transformer(bare, within(bare, weights)).forward(*batch)
    assert_allclose(Transformer(config, weights).recorded(record).forward(*batch), wanted, atol=1e-12)


@pytest.mark.parametrize("variant", ["default", "paper"])
def test_a_layer_that_is_off_is_not_there(variant):
    config, weights, batch = made(variant)
    last = {}

    def record(name, value):
        last[name] = value
        return last["encoder.layers.1.input"] if name == "encoder.layers.1.output" else None

    fewer = replace(config, encoder_layers=1)
    wanted = Transformer(fewer, within(fewer, weights)).forward(*batch)
    assert_allclose(Transformer(config, weights).recorded(record).forward(*batch), wanted, atol=1e-12)


@pytest.mark.parametrize("variant", ["default", "learned", "rotary", "alibi"])
def test_a_model_without_positions_sees_all_pieces_at_one_place(variant):
    config, weights, batch = made(variant)
    bare = replace(config, positions="none")
    wanted = Transformer(bare, within(bare, weights)).forward(*batch)

    def record(name, value):
        return 0 * value if name.endswith((".places", ".positions")) else None

    assert_allclose(Transformer(config, weights).recorded(record).forward(*batch), wanted, atol=1e-12)


@pytest.mark.parametrize("variant", ["default", "learned", "rotary", "alibi"])
def test_pieces_that_keep_their_places_may_come_in_any_order(variant):
    """What the encoder makes of a piece depends on its place, not on its row."""
    config, weights, (source_BS, _, _) = made(variant)
    every = np.ones_like(source_BS, dtype=bool)
    order = np.random.default_rng(4).permutation(source_BS.shape[1])
    model = Transformer(config, weights)
    shuffled = model.recorded(lambda name, value: value[order] if name == "encoder.places" else None)
    assert_allclose(shuffled.encode(source_BS[:, order], every), model.encode(source_BS, every)[:, order], atol=1e-12)


def test_attention_can_be_drawn_by_hand():
    """Weights that are the same for all take the mean of the values; a mask takes keys away before the shares."""
    config, weights, (source_BS, _, _) = made("default")
    every, told = np.ones_like(source_BS, dtype=bool), {}
    name = "encoder.layers.0.self_attention"

    def record(which, value):
        told[which] = value
        if which == f"{name}.weights":
            return np.full_like(value, 1 / value.shape[-1])
        if which == "encoder.layers.1.self_attention.scores":
            return np.where(np.arange(value.shape[-1]) == 2, value, -np.inf)
        return None

    Transformer(config, weights).recorded(record).encode(source_BS, every)
    means = told[f"{name}.value"].mean(1, keepdims=True)
    assert_allclose(told[f"{name}.seen"], np.broadcast_to(means, told[f"{name}.seen"].shape), atol=1e-12)
    second = told["encoder.layers.1.self_attention.weights"]
    assert_array_equal(second, np.broadcast_to(np.arange(second.shape[-1]) == 2, second.shape))


def test_another_shape_is_refused_in_words():
    config, weights, batch = made("default")
    model = Transformer(config, weights).recorded(lambda name, value: value[:1] if name == "encoder.embedded" else None)
    with pytest.raises(RequestError, match=r"encoder.embedded has the shape \[3, 7, 8\], not \[1, 7, 8\]"):
        model.forward(*batch)
