"""The shape of a model: what cannot be is refused in words, tables go round, parameters are counted by hand."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.architecture import (
    PRESETS,
    from_table,
    parameter_count,
    parameters,
    preset,
    to_table,
)  # fmt: skip
from dragoman.errors import ConfigError
from dragoman.patterns import Causal, Full, dense, pattern
from model_configs import PLAIN, model_configs


@given(model_configs())
def test_a_config_goes_to_json_and_back(config):
    assert from_table(json.loads(json.dumps(to_table(config)))) == config


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"d_model": 10, "heads": 4}, "model.d_model=10 does not split into heads=4; choose a multiple, such as 8"),
        ({"d_model": 2, "heads": 4}, "model.d_model=2 does not split into heads=4; choose a multiple, such as 4"),
        ({"heads": 4, "key_value_heads": 3}, "model.key_value_heads=3 does not divide heads=4; choose a divisor"),
        ({"heads": 2, "key_value_heads": 4}, "model.key_value_heads=4 does not divide heads=2"),
        ({"d_model": 9, "heads": 3}, "model.d_model=9 is odd; sinusoidal positions need an even width"),
        ({"d_model": 9, "heads": 3, "positions": "table"}, "table positions need an even width"),
        ({"d_model": 12, "heads": 4, "positions": "rotary"}, "even head width, not d_model/heads=3; choose heads=2"),
        ({"tie": "all", "target_vocab_size": 7}, "model.tie=all wants one vocabulary, not 11 and 7 pieces"),
        ({"vocab_size": 4}, "model.vocab_size=4: a whole number from 5"),
        ({"vocab_size": 2**40}, "model.vocab_size"),
        ({"target_vocab_size": 0, "tie": "none"}, "model.target_vocab_size=0"),
        ({"d_model": 0}, "model.d_model=0"),
        ({"d_model": -8}, "model.d_model=-8"),
        ({"heads": 0}, "model.heads=0: a whole number from 1"),
        ({"key_value_heads": 0}, "model.key_value_heads=0"),
        ({"encoder_layers": 0}, "model.encoder_layers=0"),
        ({"decoder_layers": 10**6}, "model.decoder_layers=1000000: a whole number from 1 to 1000"),
        ({"feed_forward": 0}, "model.feed_forward=0"),
        ({"max_positions": 1}, "model.max_positions=1"),
        ({"dropout": 1.0}, "model.dropout=1.0: a number from 0 up to, not including, 1"),
        ({"attention_dropout": -0.1}, "model.attention_dropout=-0.1"),
        ({"activation_dropout": math.nan}, "model.activation_dropout=nan"),
        ({"norm_epsilon": 0.0}, "model.norm_epsilon=0.0: a small number above 0 is wanted"),
        ({"norm_epsilon": math.nan}, "model.norm_epsilon=nan"),
        ({"encoder_pattern": "ful"}, "no attention pattern 'ful'; did you mean full?"),
        ({"encoder_pattern": "causal"}, "the encoder and the cross-attention are full, the decoder is causal"),
        ({"decoder_pattern": "full"}, "the decoder is causal"),
    ],
)
def test_an_impossible_shape_is_refused_with_words(settings, words):
    with pytest.raises(ConfigError) as refused:
        replace(PLAIN, **settings)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"norm": "pree"}, "model.norm='pree' is not known; did you mean pre?"),
        ({"head": 2}, "no setting model.head; did you mean model.heads?"),
        ({"d_model": "8"}, "model.d_model='8': a whole number is wanted"),
        (
            {"experiment": {"residul": True}},
            "no setting model.experiment.residul; did you mean model.experiment.residual?",
        ),
        ({"vocab_size": None}, "model.vocab_size=None: a whole number is wanted"),
    ],
)
def test_a_wrong_table_is_refused_with_words(change, words):
    with pytest.raises(ConfigError) as refused:
        from_table(to_table(PLAIN) | change)
    assert words in str(refused.value)


@given(
    st.dictionaries(st.sampled_from(list(to_table(PLAIN))), st.integers(-3, 2**70) | st.floats() | st.text(max_size=3))
)
def test_any_table_gives_a_sound_config_or_an_error_of_ours(change):
    try:
        config = from_table(to_table(PLAIN) | change)
    except ConfigError:
        return
    assert config.head_width * config.heads == config.d_model and config.heads % config.kv_heads == 0
    assert parameter_count(config) == sum(math.prod(shape) for shape in parameters(config).values()) > 0


def test_the_base_model_has_the_papers_size():
    """Vaswani et al. 2017, table 3 (and 5.1 for the pieces): 65 and 213 million."""
    assert parameter_count(preset("base", 37_000)) == pytest.approx(65e6, rel=0.03)
    assert parameter_count(preset("big", 37_000)) == pytest.approx(213e6, rel=0.03)


def test_parameters_counted_by_hand():
    """One layer a side, width 8, feed-forward 16, 11 pieces, everything tied, pre-norm."""
    attention, norm, feed_forward = 4 * (8 * 8 + 8), 2 * 8, 8 * 16 + 16 + 16 * 8 + 8
    encoder, decoder = attention + feed_forward + 2 * norm, 2 * attention + feed_forward + 3 * norm
    assert parameter_count(preset("pocket", 11)) == 11 * 8 + encoder + decoder + 2 * norm + 11
    multi_query = replace(preset("pocket", 11), key_value_heads=1)  # keys and values of one head of width 4
    assert parameter_count(preset("pocket", 11)) - parameter_count(multi_query) == 3 * 2 * (8 * 4 + 4)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_built(name):
    config = preset(name, 8000)
    assert config.vocab_size == config.target_vocabulary == 8000
    assert config.norm == ("post" if name in ("base", "big") else "pre")


def test_an_unknown_preset_is_refused_with_words():
    with pytest.raises(ConfigError, match=r"no preset 'tinny'; did you mean tiny\?"):
        preset("tinny", 8000)


def test_patterns_are_rules_for_arrays_tensors_and_numbers():
    places = np.arange(4)
    assert dense(Full(), places, places[:2]).tolist() == [[True, True]] * 4
    assert dense(Causal(), places, places).tolist() == np.tril(np.ones((4, 4), bool)).tolist()
    assert Causal().may_look(3, 2) and not Causal().may_look(2, 3) and Full().may_look(2, 3)
    torch = pytest.importorskip("torch")
    for rule in (Full(), Causal()):
        found = dense(rule, torch.arange(4), torch.arange(3))
        assert found.dtype == torch.bool and found.tolist() == dense(rule, places, places[:3]).tolist()
    assert (pattern("full"), pattern("causal")) == (Full(), Causal())
