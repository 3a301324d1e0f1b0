"""The reference is right by sums a reader can do by hand, and by what must hold for any model."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from dragoman.architecture import Experiment, ModelConfig
from dragoman.errors import CheckpointError, RequestError
from dragoman.reference.attention import attention_scores, join_heads, masked, share_heads, softmax, split_heads
from dragoman.reference.layers import embed, feed_forward, gelu, int8_product, layer_norm, linear, relu, rms_norm, silu
from dragoman.reference.positions import alibi_bias, alibi_slopes, frequencies, rotate, sinusoids
from dragoman.reference.transformer import Transformer
from model_configs import EVERY, PLAIN, model_configs, random_batch, random_weights

SEEDS = st.integers(0, 2**32 - 1)


def test_softmax_by_hand():
    """e^0 = 1 and e^(ln 3) = 3: shares 1/4 and 3/4; a key out of sight has none, however high its score."""
    shares = softmax(masked(np.array([0.0, math.log(3), 1000.0]), np.array([True, True, False])))
    assert_allclose(shares, [0.25, 0.75, 0.0])


def test_softmax_of_large_scores_does_not_overflow():
    assert_allclose(softmax(np.array([1000.0, 1000.0])), [0.5, 0.5])


def test_softmax_with_nothing_to_look_at_is_zeros():
    assert_array_equal(softmax(masked(np.array([[1.0, 2.0]]), np.array([[False, False]]))), [[0.0, 0.0]])
    assert softmax(np.zeros((2, 0))).shape == (2, 0)


def test_attention_by_hand():
    """Query (1, 1), keys (0, 0) and (2 ln 3, 0), scale 1/2: scores 0 and ln 3, shares 1/4 and 3/4.

    From the values (4, 0) and (0, 8) it takes (1, 6).
    """
    query = np.array([[[[1.0, 1.0]]]])
    key = np.array([[[[0.0, 0.0], [2 * math.log(3), 0.0]]]])
    value = np.array([[[[4.0, 0.0], [0.0, 8.0]]]])
    shares = softmax(attention_scores(query, key, scale=0.5))
    assert_allclose(shares, [[[[0.25, 0.75]]]])
    assert_allclose(shares @ value, [[[[1.0, 6.0]]]])
    bias = np.array([[[0.0, -math.log(3)]]])  # takes the second key's advantage away
    assert_allclose(softmax(attention_scores(query, key, scale=0.5, bias_NLK=bias)), 0.5)


def test_heads_are_split_in_order():
    """Width 6, 3 heads: head 1 is dimensions 2 and 3."""
    x_BLD = np.arange(12.0).reshape(1, 2, 6)
    assert_array_equal(split_heads(x_BLD, 3)[0, 1], [[2.0, 3.0], [8.0, 9.0]])
    assert_array_equal(join_heads(split_heads(x_BLD, 3)), x_BLD)


def test_a_key_value_head_serves_its_neighbours():
    """2 key/value heads for 4 heads: the heads 0 and 1 share the first, 2 and 3 the second."""
    assert_array_equal(share_heads(np.array([[[[5.0]], [[7.0]]]]), 4)[0, :, 0, 0], [5.0, 5.0, 7.0, 7.0])


def test_layer_norm_by_hand():
    """[1, 2, 3]: mean 2, variance (1 + 0 + 1)/3, so (-1, 0, 1) · √(3/2); then weight and bias."""
    ones, zeros, root = np.ones(3), np.zeros(3), math.sqrt(1.5)
    assert_allclose(layer_norm(np.array([1.0, 2.0, 3.0]), ones, zeros, 0.0), [-root, 0.0, root])
    assert_allclose(layer_norm(np.array([1.0, 2.0, 3.0]), 2 * ones, ones, 0.0), [1 - 2 * root, 1.0, 1 + 2 * root])
    # ε stands under the root: variance 2/3 + 1/3 = 1
    assert_allclose(layer_norm(np.array([1.0, 2.0, 3.0]), ones, zeros, 1 / 3), [-1.0, 0.0, 1.0])


def test_rms_norm_by_hand():
    """[1, 7]: mean of squares (1 + 49)/2 = 25, so a fifth of each; with ε = 11 a sixth."""
    assert_allclose(rms_norm(np.array([1.0, 7.0]), np.array([1.0, 10.0]), 0.0), [0.2, 14.0])
    assert_allclose(rms_norm(np.array([1.0, 7.0]), np.ones(2), 11.0), [1 / 6, 7 / 6])


def test_activations_by_hand():
    """Φ(0) = 1/2, Φ(1) = 0.841344746...; sigmoid(ln 3) = 3/4."""
    assert_array_equal(relu(np.array([-2.0, 0.0, 3.0])), [0.0, 0.0, 3.0])
    assert_allclose(gelu(np.array([[0.0, 1.0, -1.0]])), [[0.0, 0.8413447460685429, -0.1586552539314571]])
    assert_allclose(silu(np.array([0.0, math.log(3), -math.log(3)])), [0.0, 0.75 * math.log(3), -0.25 * math.log(3)])
    assert_allclose(silu(np.array([-1e4, 1e4])), [0.0, 1e4])


def test_linear_is_out_by_in():
    weights = {
        "a.weight": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        "a.bias": np.array([0.5, 0.0, 0.0]),
    }
    assert_array_equal(linear(np.array([1.0, 10.0]), weights, "a"), [21.5, 43.0, 65.0])
    del weights["a.bias"]
    assert_array_equal(linear(np.array([1.0, 10.0]), weights, "a"), [21.0, 43.0, 65.0])


def test_int8_by_hand():
    """Steps of 1/127 and 2/127: (127, -64) · (127, 64) = 12,033 of them; a row of zeros stays 0."""
    found = int8_product(np.array([[1.0, -0.5]]), np.array([[2.0, 1.0], [0.0, 0.0]]))
    assert_allclose(found, [[12033 * 2 / 127**2, 0.0]])


def test_feed_forward_by_hand():
    """up(1) = 3, down doubles: relu gives 6, gelu 6 · Φ(3); with gate(1) = ln 3 swiglu gives 6 · ¾ ln 3.

    silu gives 6 · sigmoid(3).
    """
    weights = {name: np.array([[value]]) for name, value in (("f.up.weight", 3.0), ("f.down.weight", 2.0))}
    one = np.array([1.0])
    assert_allclose(feed_forward(one, weights, "f", "relu"), [6.0])
    assert_allclose(feed_forward(one, weights, "f", "gelu"), [6 * 0.9986501019683699])
    assert_allclose(feed_forward(one, weights, "f", "silu"), [6 / (1 + math.exp(-3))])
    weights["f.gate.weight"] = np.array([[math.log(3)]])
    assert_allclose(feed_forward(one, weights, "f", "swiglu"), [4.5 * math.log(3)])


def test_embeddings_are_scaled_by_the_root_of_the_width():
    table = np.arange(12.0).reshape(3, 4)
    assert_array_equal(embed(np.array([[2, 0]]), table), [[[16.0, 18.0, 20.0, 22.0], [0.0, 2.0, 4.0, 6.0]]])
    assert_array_equal(embed(np.array([[2, 0]]), table, scaled=False), [[table[2], table[0]]])


def test_sinusoids_by_hand():
    """Width 4: frequencies 1 and 10000^(-2/4) = 1/100; position 0 is sin 0, cos 0."""
    assert_allclose(frequencies(4), [1.0, 0.01])
    assert_allclose(
        sinusoids(np.arange(3), 4),
        [
            [0.0, 1.0, 0.0, 1.0],
            [math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)],
            [math.sin(2), math.cos(2), math.sin(0.02), math.cos(0.02)],
        ],
    )


def test_rotation_by_hand():
    """Position 0 stays; at position 1 the pair (1, 0) becomes (cos 1, sin 1), the second turns by 1/100."""
    x_TH = np.array([[1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0]])
    turned = [math.cos(1), math.sin(1), -math.sin(0.01), math.cos(0.01)]
    assert_allclose(rotate(x_TH, np.arange(2)), [x_TH[0], turned])


@given(st.sampled_from([2, 4, 6]), SEEDS)
def test_rotation_keeps_lengths_and_sees_only_distance(width, seed):
    query, key = np.random.default_rng(seed).normal(size=(2, width))
    queries, keys = (rotate(np.tile(row, (9, 1)), np.arange(9)) for row in (query, key))
    assert_allclose(np.linalg.norm(queries, axis=-1), np.linalg.norm(query))
    products = queries @ keys.T
    for distance in range(-8, 9):
        diagonal = np.diagonal(products, distance)
        assert_allclose(diagonal, diagonal[0], rtol=1e-9, atol=1e-12)


def test_alibi_by_hand():
    """8 heads: slopes 1/2, 1/4 .. 1/256 (Press et al. 2022); the bias grows with the distance, both ways."""
    assert_array_equal(alibi_slopes(8), [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256])
    assert_array_equal(alibi_bias(8, np.arange(3))[1], [[0.0, -0.25, -0.5], [-0.25, 0.0, -0.25], [-0.5, -0.25, 0.0]])


def zero_layers(config: ModelConfig) -> dict[str, np.ndarray]:
    """Random embeddings and positions, norms that change nothing but scale, and layers that give zero."""
    weights = random_weights(config, 5)
    return {n: np.zeros_like(w) if ".layers." in n and "norm" not in n else w for n, w in weights.items()}


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "table", "none", "rotary", "alibi"])
def test_without_layers_the_memory_is_embedding_and_position(positions):
    """Layers of zeros and no norms leave what goes in: embedding · √D + what the place adds, from 0 on."""
    config = replace(PLAIN, norm="none", positions=positions)
    weights = zero_layers(config)
    ids, real = np.array([[3, 5, 3]]), np.ones((1, 3), bool)
    wanted = weights["embedding.weight"][ids] * math.sqrt(8)
    if positions == "sinusoidal":
        wanted = wanted + sinusoids(np.arange(3), 8)
    if positions in ("learned", "table"):
        wanted = wanted + weights["encoder.positions.weight"][:3]
    assert_allclose(Transformer(config, weights).encode(ids, real), wanted)


@pytest.mark.parametrize("tie", ["all", "target", "none"])
def test_without_layers_the_logits_are_products_with_the_output_table(tie):
    """As above for the decoder: its own positions, then the table that `tie` says, then the output bias."""
    config = replace(PLAIN, norm="none", positions="learned", tie=tie)
    weights = zero_layers(config)
    target = weights["embedding.weight" if tie == "all" else "target_embedding.weight"]
    output = weights["output.weight"] if tie == "none" else target
    ids = np.array([[2, 9]])
    x_BTD = target[ids] * math.sqrt(8) + weights["decoder.positions.weight"][:2]
    logits = Transformer(config, weights).forward(np.array([[4]]), np.ones((1, 1), bool), ids)
    assert_allclose(logits, x_BTD @ output.T + weights["output.bias"])


@pytest.mark.parametrize("place", ["pre", "post", "none"])
@pytest.mark.parametrize("residual", [True, False])
def test_norms_stand_where_the_config_says(place, residual):
    """A layer whose attention gives zero and whose feed-forward gives its constant c, written out."""
    config = replace(PLAIN, encoder_layers=1, norm=place, positions="none", experiment=Experiment(residual=residual))
    weights = zero_layers(config)
    c = weights["encoder.layers.0.feed_forward.down.bias"] = np.linspace(-1, 2, 8)
    ids, real = np.array([[3, 5]]), np.ones((1, 2), bool)

    def norm(name, x):
        return layer_norm(x, weights[f"encoder.{name}.weight"], weights[f"encoder.{name}.bias"], 1e-5)

    x = weights["embedding.weight"][ids] * math.sqrt(8)
    after_attention, after = "layers.0.self_attention_norm", "layers.0.feed_forward_norm"
    if not residual:
        x = np.zeros_like(x)
    if place == "post":
        x = norm(after_attention, x)
    x = x + c if residual else np.broadcast_to(c, x.shape)
    if place == "post":
        x = norm(after, x)
    if place == "pre":
        x = norm("norm", x)
    assert_allclose(Transformer(config, weights).encode(ids, real), x)


# Without residuals attention makes all rows alike (Dong et al. 2021), and then no query matters.
@pytest.mark.parametrize("variant", [name for name in EVERY if name != "no_residual"])
def test_every_parameter_matters(variant):
    """Changing any tensor changes the logits, so none is forgotten."""
    config = EVERY[variant]
    weights, batch = random_weights(config, 3), random_batch(config, 3)
    logits = Transformer(config, weights).forward(*batch)
    for name, tensor in weights.items():
        turned = config.positions == "rotary" and "self_attention" in name
        if name.endswith("key.bias") and not turned:
            continue  # adds the same to all scores of a row: softmax takes it away
        changed = weights | {name: tensor + np.random.default_rng(0).normal(size=tensor.shape)}
        assert np.abs(Transformer(config, changed).forward(*batch) - logits).max() > 1e-6, name


@given(model_configs(), SEEDS, st.integers(0, 5))
@settings(max_examples=30)
def test_a_later_target_piece_changes_no_earlier_logits(config, seed, place):
    model = Transformer(config, random_weights(config, seed))
    source_BS, real_BS, target_BT = random_batch(config, seed)
    changed_BT = target_BT.copy()
    changed_BT[:, place:] = (changed_BT[:, place:] + 1) % config.target_vocabulary
    logits, others = (
        model.forward(source_BS, real_BS, target_BT),
        model.forward(source_BS, real_BS, changed_BT),
    )
    assert_allclose(others[:, :place], logits[:, :place], rtol=1e-9, atol=1e-12)
    assert_allclose(
        model.forward(source_BS, real_BS, target_BT[:, : place + 1]),
        logits[:, : place + 1],
        rtol=1e-9,
        atol=1e-12,
    )


@given(model_configs(), SEEDS)
@settings(max_examples=30)
def test_padding_and_batch_mates_change_nothing(config, seed):
    model = Transformer(config, random_weights(config, seed))
    source_BS, real_BS, target_BT = random_batch(config, seed)
    logits_BTV = model.forward(source_BS, real_BS, target_BT)
    junk_BS = np.where(real_BS, source_BS, config.vocab_size - 1)  # what stands on padding is never seen
    assert_allclose(model.forward(junk_BS, real_BS, target_BT), logits_BTV, rtol=1e-9, atol=1e-12)
    for source_S, real_S, target_T, logits_TV in zip(source_BS, real_BS, target_BT, logits_BTV, strict=True):
        alone = model.forward(source_S[real_S][None], np.ones((1, real_S.sum()), bool), target_T[None])
        assert_allclose(alone[0], logits_TV, rtol=1e-9, atol=1e-12)


@given(model_configs(), SEEDS)
@settings(max_examples=20)
def test_without_positions_the_source_is_a_bag(config, seed):
    """Permuting the source permutes the memory and changes no logits."""
    config = replace(config, positions="none")
    model = Transformer(config, random_weights(config, seed))
    source_BS, real_BS, target_BT = random_batch(config, seed)
    order = np.random.default_rng(seed).permutation(source_BS.shape[1])
    memory_BSD = model.encode(source_BS, real_BS)
    assert_allclose(model.encode(source_BS[:, order], real_BS[:, order]), memory_BSD[:, order], rtol=1e-9, atol=1e-12)
    assert_allclose(
        model.forward(source_BS[:, order], real_BS[:, order], target_BT),
        model.forward(source_BS, real_BS, target_BT),
        rtol=1e-9,
        atol=1e-12,
    )


@pytest.mark.parametrize("variant", EVERY)
def test_cross_attention_knows_no_positions(variant):
    """The order of the memory changes no logits, rotary and ALiBi included."""
    config = EVERY[variant]
    model = Transformer(config, random_weights(config, 1))
    source_BS, real_BS, target_BT = random_batch(config, 1)
    memory_BSD = model.encode(source_BS, real_BS)
    turned = model.decode(target_BT, memory_BSD[:, ::-1], real_BS[:, ::-1])
    assert_allclose(turned, model.decode(target_BT, memory_BSD, real_BS), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "table", "rotary", "alibi"])
def test_positions_make_order_matter(positions):
    config = replace(PLAIN, positions=positions)
    model = Transformer(config, random_weights(config, 1))
    ids, real = np.array([[5, 6, 7, 8]]), np.ones((1, 4), bool)
    memory = model.encode(ids[:, [1, 0, 2, 3]], real)[:, [1, 0, 2, 3]]
    assert np.abs(memory - model.encode(ids, real)).max() > 1e-3


@given(SEEDS)
@settings(max_examples=10)
def test_grouped_heads_are_full_heads_with_repeated_rows(seed):
    """A grouped model equals the full one whose key and value rows stand once for each head they serve."""
    grouped = replace(PLAIN, heads=4, key_value_heads=2)
    weights = random_weights(grouped, seed)
    full = {}
    for name, tensor in weights.items():
        if ".key." in name or ".value." in name:
            heads = tensor.reshape(2, grouped.head_width, *tensor.shape[1:])
            tensor = np.repeat(heads, 2, axis=0).reshape(-1, *tensor.shape[1:])
        full[name] = tensor
    batch = random_batch(grouped, seed)
    wanted = Transformer(replace(grouped, key_value_heads=None), full).forward(*batch)
    assert_allclose(Transformer(grouped, weights).forward(*batch), wanted)


def test_scales_are_those_of_the_paper():
    """Width 8, head width 4: without switches, embeddings √8 times and queries half as large do the same."""
    config = replace(PLAIN, tie="none")
    plain = replace(config, experiment=Experiment(scale_scores=False, scale_embeddings=False))
    weights, batch = random_weights(config, 1), random_batch(config, 1)
    scaled = {
        name: w * (math.sqrt(8) if "embedding" in name else 0.5 if ".query." in name else 1.0)
        for name, w in weights.items()
    }
    assert_allclose(Transformer(plain, scaled).forward(*batch), Transformer(config, weights).forward(*batch))


def test_logits_are_computed_in_the_dtype_asked_for():
    weights, batch = random_weights(PLAIN, 1, np.float32), random_batch(PLAIN, 1)
    assert Transformer(PLAIN, weights).forward(*batch).dtype == np.float64
    assert Transformer(PLAIN, weights, dtype=np.float32).forward(*batch).dtype == np.float32


def test_a_missing_tensor_is_named():
    weights = random_weights(PLAIN, 1)
    del weights["decoder.layers.1.cross_attention.key.weight"]
    with pytest.raises(CheckpointError, match=r"decoder\.layers\.1\.cross_attention\.key\.weight is missing.*\[8, 8\]"):
        Transformer(PLAIN, weights)


def test_an_unknown_tensor_is_named():
    weights = random_weights(PLAIN, 1) | {"encoder.layers.2.feed_forward.up.weight": np.zeros((12, 8))}
    with pytest.raises(CheckpointError, match=r"encoder\.layers\.2\.feed_forward\.up\.weight is unknown"):
        Transformer(PLAIN, weights)


def test_a_tensor_of_another_shape_is_named():
    weights = random_weights(PLAIN, 1)
    weights["encoder.layers.0.feed_forward.up.weight"] = weights["encoder.layers.0.feed_forward.up.weight"].T
    with pytest.raises(CheckpointError, match=r"feed_forward\.up\.weight has shape \[8, 12\].*\[12, 8\]"):
        Transformer(PLAIN, weights)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary", "alibi", "none"])
def test_a_text_beyond_max_positions_is_refused(positions):
    config = replace(PLAIN, positions=positions, max_positions=4)
    model = Transformer(config, random_weights(config, 1))
    real = np.ones((1, 4), bool)
    assert model.forward(np.full((1, 4), 5), real, np.full((1, 4), 5)).shape == (1, 4, 11)
    with pytest.raises(RequestError, match=r"source of 5 pieces.*max_positions=4"):
        model.encode(np.full((1, 5), 5), np.ones((1, 5), bool))
    with pytest.raises(RequestError, match=r"target of 5 pieces.*max_positions=4"):
        model.forward(np.full((1, 4), 5), real, np.full((1, 5), 5))


@pytest.mark.parametrize("wrong", [-1, 11])
def test_an_id_outside_the_vocabulary_is_refused(wrong):
    config = replace(PLAIN, tie="none", target_vocab_size=7)
    model = Transformer(config, random_weights(config, 1))
    real = np.ones((1, 2), bool)
    with pytest.raises(RequestError, match=f"source id {wrong} .*0 to 10"):
        model.encode(np.array([[3, wrong]]), real)
    with pytest.raises(RequestError, match=f"target id {wrong} .*0 to 6"):
        model.forward(np.array([[3, 4]]), real, np.array([[wrong, 3]]))
