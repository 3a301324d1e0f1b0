"""The Transformer of the page, which is TypeScript, computes what the reference says, and tells every number."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.architecture import ModelConfig, to_table
from dragoman.model.initialization import from_numpy
from dragoman.model.recording import recording
from dragoman.model.transformer import Transformer as Torch
from dragoman.reference.transformer import Transformer as Reference
from model_configs import EVERY, model_configs, random_weights

TOLERANCE = 1e-4  # times the largest logit, where that is above 1
SOURCE, TARGET = [4, 3, 4, 1, 3], [2, 4, 3, 4]


def asked(page, config, weights, source=SOURCE, target=TARGET, **more):
    flat = {name: tensor.ravel().tolist() for name, tensor in weights.items()}
    return page.ask("logits", config=to_table(config), weights=flat, source=source, target=target, **more)


def check(page, config, seed):
    """The logits of one pass and of single steps, and the memory, are those of the reference in float64."""
    weights = random_weights(config, seed, np.float32)
    answer = asked(page, config, weights)
    reference = Reference(config, weights)
    real_BS = np.ones((1, len(SOURCE)), dtype=np.bool_)
    memory_SD = reference.encode(np.array([SOURCE]), real_BS)[0]
    logits_TV = reference.forward(np.array([SOURCE]), real_BS, np.array([TARGET]))[0]
    bound = TOLERANCE * max(1, np.abs(logits_TV).max())
    assert np.abs(np.array(answer["memory"]) - memory_SD.ravel()).max() < TOLERANCE * max(1, np.abs(memory_SD).max())
    assert np.abs(np.array(answer["together"]) - logits_TV.ravel()).max() < bound
    assert np.abs(np.array(answer["steps"]) - logits_TV).max() < bound


@pytest.mark.parametrize("config", EVERY.values(), ids=EVERY)
def test_a_config_is_read_as_in_python(page, config):
    """What is left out has the same default."""
    plain = to_table(ModelConfig(vocab_size=config.vocab_size))
    given = {name: value for name, value in to_table(config).items() if name == "vocab_size" or value != plain[name]}
    assert page.ask("config", config=given) == to_table(config)


@pytest.mark.parametrize("name", EVERY)
def test_every_variant_gives_the_logits_of_the_reference(page, name):
    for seed in range(3):
        check(page, EVERY[name], seed)


def test_any_config_gives_the_logits_of_the_reference(page):
    @settings(max_examples=60)
    @given(model_configs(), st.integers(0, 1000))
    def any_config(config, seed):
        check(page, config, seed)

    any_config()


@pytest.mark.parametrize("name", EVERY)
def test_what_is_told_on_the_way_is_what_torch_records(page, name):
    config = EVERY[name]
    weights = random_weights(config, 4, np.float32)
    told = asked(page, config, weights)["recorded"]
    model = Torch(config).eval()
    from_numpy(model, weights)
    with torch.inference_mode(), recording(model) as record:
        model(torch.tensor([SOURCE]), torch.ones(1, len(SOURCE), dtype=torch.bool), torch.tensor([TARGET]))
    assert set(record) <= set(told)
    for part, (wanted,) in record.items():
        assert told[part]["shape"] == list(wanted.shape[1:]), part
        given = np.array(told[part]["values"]).reshape(told[part]["shape"])
        assert np.abs(given - wanted[0].numpy()).max() < TOLERANCE * max(1, float(wanted.abs().max())), part


def check_told(answer, config, weights, changed=lambda name, value: None):
    """All that the page tells is what the reference tells, with the same changes on the way."""
    wanted = {}

    def record(name, value):
        wanted[name] = value if (instead := changed(name, value)) is None else instead
        return wanted[name]

    model = Reference(config, weights).recorded(record)
    logits = model.forward(np.array([SOURCE]), np.ones((1, len(SOURCE)), dtype=np.bool_), np.array([TARGET]))
    assert answer["recorded"].keys() == wanted.keys()
    for name, one in answer["recorded"].items():
        value = wanted[name] if name.endswith((".places", ".positions")) else wanted[name][0]
        given = np.array(one["values"], dtype=float)  # null, which stands for -inf, becomes NaN
        assert one["shape"] == list(value.shape), name
        value = np.where(np.isinf(value), np.nan, value).ravel()
        bound = TOLERANCE * max(1, np.nanmax(np.abs(value)))
        np.testing.assert_allclose(given, value, rtol=0, atol=bound, err_msg=name)
    return logits


@pytest.mark.parametrize("name", EVERY)
def test_what_is_told_on_the_way_is_what_the_reference_tells(page, name):
    config = EVERY[name]
    weights = random_weights(config, 6, np.float32)
    check_told(asked(page, config, weights), config, weights)


CHANGES = {
    "a head off": ("decoder.layers.1.cross_attention.seen", {"first": 0, "end": 2, "value": 0}),
    "a feed-forward off": ("encoder.layers.1.feed_forward.down", {"first": 0, "end": 8, "value": 0}),
    "uniform attention": ("encoder.layers.0.self_attention.weights", {"first": 0, "end": 5, "value": 0.2}),
    "other places": ("encoder.places", {"values": [3, 1, 4, 0, 2]}),
    "other places of the target": ("decoder.places", {"values": [2, 0, 3, 1]}),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["default", "paper", "learned", "rotary", "alibi", "grouped_rotary", "ssru"])
def test_a_change_on_the_way_changes_the_same_as_in_the_reference(page, name, change):
    config = EVERY[name]
    weights = random_weights(config, 7, np.float32)
    part, wanted = CHANGES[change]

    def changed(told, value):
        if told != part:
            return None
        if "values" in wanted:
            return np.array(wanted["values"], dtype=float)
        instead = value.copy()
        instead[..., wanted["first"] : wanted["end"]] = wanted["value"]
        return instead

    answer = asked(page, config, weights, changes={part: wanted})
    logits = check_told(answer, config, weights, changed)
    np.testing.assert_allclose(answer["together"], logits.ravel(), atol=TOLERANCE * max(1, np.abs(logits).max()))
    plain = asked(page, config, weights)["together"]
    assert np.abs(np.array(plain) - answer["together"]).max() > 1e-3


@pytest.mark.parametrize("name", ["default", "paper", "modern", "alibi"])
def test_every_number_follows_from_those_told_before(page, name):
    """What a page shows can be computed again by hand: products, scores, shares, sums."""
    config = EVERY[name]
    weights = random_weights(config, 5, np.float32)
    answer = asked(page, config, weights)
    told = {
        part: np.array(one["values"], dtype=float).reshape(one["shape"]) for part, one in answer["recorded"].items()
    }

    def linear(x, part):
        return x @ weights[f"{part}.weight"].T + weights.get(f"{part}.bias", 0)

    for side, layers in (("encoder", config.encoder_layers), ("decoder", config.decoder_layers)):
        before = told[f"{side}.embedded"]
        for index in range(layers):
            layer = f"{side}.layers.{index}"
            for kind in ("self_attention", "cross_attention") if side == "decoder" else ("self_attention",):
                part = f"{layer}.{kind}"
                inner = told[f"{part}_norm.output"] if config.norm == "pre" else before
                memory = inner if kind == "self_attention" else np.array(answer["memory"]).reshape(len(SOURCE), -1)
                turned = "_turned" if config.positions == "rotary" and kind == "self_attention" else ""
                for own, x in (("query", inner), ("key", memory), ("value", memory)):
                    np.testing.assert_allclose(told[f"{part}.{own}"], linear(x, f"{part}.{own}"), atol=1e-5)
                width, share = config.head_width, config.heads // config.kv_heads
                query, key, value = (
                    told[f"{part}.{own}"].reshape(len(x), -1, width)
                    for own, x in ((f"query{turned}", inner), (f"key{turned}", memory), ("value", memory))
                )
                scores, shares = told[f"{part}.scores"], told[f"{part}.weights"]
                sees = ~np.isnan(scores)  # JSON has no -inf
                if config.positions != "alibi":
                    products = np.einsum("lnh,knh->nlk", query, key.repeat(share, axis=1)) / np.sqrt(width)
                    np.testing.assert_allclose(scores[sees], products[sees], atol=1e-5)
                exp = np.where(sees, np.exp(scores), 0)
                np.testing.assert_allclose(shares, exp / exp.sum(-1, keepdims=True), atol=1e-5)
                seen = np.einsum("nlk,knh->lnh", shares, value.repeat(share, axis=1))
                np.testing.assert_allclose(told[f"{part}.seen"], seen.reshape(len(inner), -1), atol=1e-5)
                np.testing.assert_allclose(told[f"{part}.out"], linear(told[f"{part}.seen"], f"{part}.out"), atol=1e-5)
                np.testing.assert_allclose(told[f"{part}.sum"], before + told[f"{part}.out"], atol=1e-5)
                before = told[f"{part}_norm.output"] if config.norm == "post" else told[f"{part}.sum"]
            part = f"{layer}.feed_forward"
            np.testing.assert_allclose(told[f"{part}.down"], linear(told[f"{part}.hidden"], f"{part}.down"), atol=1e-5)
            np.testing.assert_allclose(told[f"{part}.sum"], before + told[f"{part}.down"], atol=1e-5)
            before = told[f"{layer}.output"]
