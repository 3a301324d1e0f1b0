"""The torch model: steps equal one pass, padding and batch mates change nothing, kernels agree."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.architecture import parameters
from dragoman.errors import RequestError
from dragoman.randomness import Randomness
from model_configs import EVERY, PLAIN, model_configs, random_batch, random_weights

torch = pytest.importorskip("torch")
from dragoman.model import attention  # noqa: E402  (only where torch is)
from dragoman.model.attention import View, fastest, fused, plain  # noqa: E402
from dragoman.model.dropout import RowNoise  # noqa: E402
from dragoman.model.initialization import from_numpy, initialize, to_numpy  # noqa: E402
from dragoman.model.transformer import Transformer  # noqa: E402

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


@pytest.fixture(autouse=True)
def no_gradients():
    with torch.no_grad():
        yield


def made(config, seed=1, dtype=torch.float64):
    model = Transformer(config).to(dtype)
    model.load_state_dict({n: torch.from_numpy(t).to(dtype) for n, t in random_weights(config, seed).items()})
    return model


def batch_of(config, seed=1, **sizes):
    return tuple(torch.from_numpy(array) for array in random_batch(config, seed, **sizes))


def stepwise(model, source_BS, real_BS, target_BT, cuts):
    """The logits when the target comes in pieces that end at `cuts`."""
    state = model.start(model.encode(source_BS, real_BS), real_BS, target_BT.shape[1])
    return torch.cat([model.decode(part, state) for part in target_BT.tensor_split(cuts, dim=1)], dim=1)


@pytest.mark.parametrize("variant", EVERY)
def test_steps_equal_one_pass(variant):
    model = made(EVERY[variant])
    batch = batch_of(EVERY[variant])
    whole = model.forward(*batch)
    for cuts in ([1, 2, 3, 4, 5], [3], [1, 4]):
        torch.testing.assert_close(stepwise(model, *batch, cuts), whole, **CLOSE)


@given(model_configs(), st.integers(0, 2**32 - 1), st.lists(st.integers(1, 5), unique=True))
@settings(max_examples=30)
def test_steps_of_any_model_equal_one_pass(config, seed, cuts):
    model, batch = made(config, seed), batch_of(config, seed)
    whole = model.forward(*batch)
    scale = max(1.0, float(whole.abs().max()))
    torch.testing.assert_close(stepwise(model, *batch, sorted(cuts)) / scale, whole / scale, **CLOSE)


@pytest.mark.parametrize("variant", EVERY)
def test_padding_and_batch_mates_change_nothing(variant):
    model = made(EVERY[variant])
    source_BS, real_BS, target_BT = batch_of(EVERY[variant], batch=4)
    together = model.forward(source_BS, real_BS, target_BT)
    for row, length in enumerate(real_BS.sum(1).tolist()):
        one = slice(row, row + 1)
        alone = model.forward(source_BS[one, :length], real_BS[one, :length], target_BT[one])
        torch.testing.assert_close(alone, together[one], **CLOSE)
    wider = torch.nn.functional.pad(source_BS, (0, 5), value=3)  # whatever stands there is not read
    padded = model.forward(wider, torch.nn.functional.pad(real_BS, (0, 5)), target_BT)
    torch.testing.assert_close(padded, together, **CLOSE)
    shorter = model.forward(source_BS, real_BS, target_BT[:, :3])  # nor is what comes later in the target
    torch.testing.assert_close(shorter, together[:, :3], **CLOSE)


@pytest.mark.parametrize("variant", EVERY)
def test_hypotheses_that_share_a_memory_equal_separate_rows(variant):
    model = made(EVERY[variant])
    source_BS, real_BS, target_BT = batch_of(EVERY[variant], batch=3)
    sentence = torch.arange(3).repeat_interleave(2)
    target_RT = torch.cat([target_BT, target_BT.flip(1)]).view(2, 3, -1).transpose(0, 1).flatten(0, 1)
    separate = model.forward(source_BS[sentence], real_BS[sentence], target_RT)
    for cuts in ([1, 2, 3, 4, 5], [2]):
        assert torch.allclose(stepwise_shared(model, source_BS, real_BS, target_RT, cuts), separate, **CLOSE)


def stepwise_shared(model, source_BS, real_BS, target_RT, cuts):
    state = model.start(model.encode(source_BS, real_BS), real_BS, target_RT.shape[1])
    return torch.cat([model.decode(part, state) for part in target_RT.tensor_split(cuts, dim=1)], dim=1)


@pytest.mark.parametrize("variant", ["default", "grouped_rotary", "alibi", "learned"])
def test_a_state_goes_on_from_other_rows_and_fewer_sentences(variant):
    """3 sentences; rows grow from 1 to 2 a sentence, change places, then one sentence leaves."""
    model = made(EVERY[variant])
    source_BS, real_BS, target_BT = batch_of(EVERY[variant], batch=3)
    state = model.start(model.encode(source_BS, real_BS), real_BS, 6)
    rows = target_BT[:, :2]
    model.decode(rows, state)
    for picked in ([0, 0, 1, 1, 2, 2], [1, 0, 2, 2, 5, 4]):
        state.reorder(torch.tensor(picked))
        new = torch.arange(6)[:, None] % model.config.target_vocabulary
        rows = torch.cat([rows[picked], new], 1)
        sentence = torch.arange(3).repeat_interleave(2)
        wanted = model.forward(source_BS[sentence], real_BS[sentence], rows)[:, -1:]
        torch.testing.assert_close(model.decode(new, state), wanted, **CLOSE)
    state.keep(torch.tensor([2, 0]))
    new = torch.tensor([[1], [4], [2], [3]])
    rows = torch.cat([rows[[4, 5, 0, 1]], new], 1)
    sentence = torch.tensor([2, 2, 0, 0])
    wanted = model.forward(source_BS[sentence], real_BS[sentence], rows)[:, -1:]
    torch.testing.assert_close(model.decode(new, state), wanted, **CLOSE)


def test_a_state_may_lose_sentences_before_the_first_piece():
    model = made(PLAIN)
    source_BS, real_BS, target_BT = batch_of(PLAIN, batch=3)
    state = model.start(model.encode(source_BS, real_BS), real_BS, 6)
    state.keep(torch.tensor([1]))
    wanted = model.forward(source_BS, real_BS, target_BT)[1:2]
    torch.testing.assert_close(model.decode(target_BT[1:2], state), wanted, **CLOSE)


def test_keys_and_values_over_the_memory_are_computed_once():
    model = made(PLAIN)
    calls = []
    for layer in model.decoder.layers:
        for part in (layer.cross_attention.key, layer.cross_attention.value):
            part.register_forward_hook(lambda *_: calls.append(1))
    stepwise(model, *batch_of(PLAIN), [1, 2, 3, 4, 5])
    assert len(calls) == 2 * PLAIN.decoder_layers


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("mask", ["none", "padding", "causal"])
@pytest.mark.parametrize("keys", [5, 300])  # `fastest` picks by the number of keys
def test_the_kernels_equal_each_other(mask, bias, keys):
    generator = torch.Generator().manual_seed(1)
    q, k, v = (torch.randn(2, 4, n, 6, generator=generator, dtype=torch.float64) for n in (keys, keys, keys))
    masks = {
        "none": None,
        "padding": (torch.arange(keys) < torch.tensor([[keys], [2]]))[:, None, None, :],
        "causal": torch.ones(keys, keys, dtype=torch.bool).tril(),
    }
    view = View(masks[mask], torch.randn(4, keys, keys, generator=generator) if bias else None)
    wanted = plain(q, k, v, view)
    torch.testing.assert_close(fused(q, k, v, view), wanted, **CLOSE)
    torch.testing.assert_close(fastest(q, k, v, view), wanted, **CLOSE)
    torch.testing.assert_close(wanted, attention.weights(q, k, view) @ v, **CLOSE)


@pytest.mark.parametrize("variant", ["default", "alibi", "grouped", "multi_query", "grouped_rotary"])
def test_a_model_is_the_same_with_each_kernel(variant):
    model, batch = made(EVERY[variant]), batch_of(EVERY[variant])
    noise = RowNoise(torch.arange(3))
    found = []
    for kernel in (plain, fused, fastest):
        for module in model.modules():
            if isinstance(module, attention.Attention):
                module.attend = kernel
        found.append((model.forward(*batch), model.forward(*batch, noise), stepwise(model, *batch, [1, 3])))
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            torch.testing.assert_close(one, two, **CLOSE)


@given(model_configs())
@settings(max_examples=60)
def test_parameters_are_those_of_the_architecture(config):
    found = {name: tuple(value.shape) for name, value in Transformer(config).named_parameters()}
    assert found == parameters(config)
    assert set(Transformer(config).state_dict()) == set(found)  # nothing computed is stored


@given(model_configs(), st.integers(0, 2**40))
@settings(max_examples=20)
def test_first_weights_hang_on_seed_and_name_alone(config, seed):
    model, same, other = Transformer(config), Transformer(config), Transformer(config)
    initialize(model, Randomness(seed))
    torch.manual_seed(seed % 7)
    initialize(same, Randomness(seed))
    initialize(other, Randomness(seed + 1))
    weights = to_numpy(model)
    assert all(np.array_equal(value, to_numpy(same)[name]) for name, value in weights.items())
    drawn = [name for name in weights if not name.endswith("bias") and "norm" not in name]
    assert all(not np.array_equal(weights[name], to_numpy(other)[name]) for name in drawn)
    from_numpy(other, weights)
    assert all(np.array_equal(value, weights[name]) for name, value in to_numpy(other).items())


def test_first_weights_have_their_sizes():
    config = replace(PLAIN, vocab_size=500, d_model=64, feed_forward=256, positions="learned", max_positions=100)
    model = Transformer(config)
    initialize(model, Randomness(1))
    weights = to_numpy(model)
    assert weights["embedding.weight"].std() == pytest.approx(64**-0.5, rel=0.05)
    assert weights["encoder.positions.weight"].std() == pytest.approx(0.02, rel=0.05)
    up = weights["encoder.layers.0.feed_forward.up.weight"]
    assert np.abs(up).max() <= (6 / (64 + 256)) ** 0.5 and up.std() == pytest.approx((2 / (64 + 256)) ** 0.5, rel=0.05)
    assert (weights["encoder.norm.weight"] == 1).all() and not weights["output.bias"].any()


@pytest.mark.parametrize("variant", EVERY)
def test_the_gradient_is_the_slope(variant):
    """Along a random direction through all weights, tied ones in both their places, by central differences."""
    config = EVERY[variant]
    config = replace(config, activation="gelu" if config.activation == "relu" else config.activation)  # no kinks
    model, (source_BS, real_BS, target_BT) = made(config), batch_of(config)
    wanted = torch.randn(*target_BT.shape, model.config.target_vocabulary, dtype=torch.float64)
    before = [value.detach().clone() for value in model.parameters()]
    direction = [torch.randn_like(value) for value in before]

    def along(step):
        for value, start, way in zip(model.parameters(), before, direction, strict=True):
            value.copy_(start + step * way)
        return (model.forward(source_BS, real_BS, target_BT) * wanted).sum()

    slope = (along(1e-6) - along(-1e-6)) / 2e-6
    along(0)
    with torch.enable_grad():
        loss = (model.forward(source_BS, real_BS, target_BT) * wanted).sum()
        gradients = torch.autograd.grad(loss, list(model.parameters()))
    found = sum((gradient * way).sum() for gradient, way in zip(gradients, direction, strict=True))
    torch.testing.assert_close(found, slope, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("wrong", [-1, 11, 10**9])
def test_an_id_outside_the_vocabulary_is_refused_with_words(wrong):
    model = made(PLAIN)
    source_BS, real_BS, target_BT = batch_of(PLAIN)
    source_BS[0, 2], target_BT[1, 3] = wrong, wrong
    for call in (
        lambda: model.encode(source_BS, real_BS),
        lambda: model.forward(source_BS.clamp(0, 10), real_BS, target_BT),
    ):
        with pytest.raises(RequestError, match=rf"id {wrong} is outside the vocabulary; allowed are 0 to 10; encode"):
            call()


def test_a_sentence_without_a_piece_and_one_of_too_many_are_refused_with_words():
    model = made(PLAIN)
    source_BS, real_BS, target_BT = batch_of(PLAIN)
    with pytest.raises(RequestError, match=r"no pieces was given; it holds </s>"):
        model.encode(source_BS, real_BS & torch.tensor([[True], [False], [True]]))
    longest = PLAIN.max_positions
    model.forward(source_BS, real_BS, target_BT[:, :1].expand(-1, longest))
    with pytest.raises(RequestError, match=f"{longest + 1} pieces is longer than model.max_positions={longest}"):
        model.forward(source_BS, real_BS, target_BT[:, :1].expand(-1, longest + 1))
    state = model.start(model.encode(source_BS, real_BS), real_BS, longest + 1)
    for _ in range(longest):
        model.decode(target_BT[:, :1], state)
    with pytest.raises(RequestError, match="max_positions"):
        model.decode(target_BT[:, :1], state)
