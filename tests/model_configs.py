"""Tiny models of every kind: configs for hypothesis to draw, a list of single variants, weights for them.

In these weights no bias is near 0 and no norm near 1, so that a mix-up shows.
"""

from dataclasses import replace
from typing import get_args

import numpy as np
from hypothesis import strategies as st

from dragoman.architecture import DecoderCell, Experiment, ModelConfig, parameters

PLAIN = ModelConfig(
    vocab_size=11, d_model=8, encoder_layers=2, decoder_layers=2, heads=2, feed_forward=12, max_positions=16
)

VARIANTS = {
    "default": PLAIN,
    "paper": replace(PLAIN, norm="post"),
    "deep_shallow": replace(PLAIN, encoder_layers=3, decoder_layers=1),
    "norm_none": replace(PLAIN, norm="none"),
    "rms": replace(PLAIN, norm_kind="rms"),
    "rms_post": replace(PLAIN, norm="post", norm_kind="rms"),
    "epsilon": replace(PLAIN, norm_epsilon=0.1),
    "gelu": replace(PLAIN, activation="gelu"),
    "swiglu": replace(PLAIN, activation="swiglu"),
    "learned": replace(PLAIN, positions="learned"),
    "rotary": replace(PLAIN, positions="rotary"),
    "alibi": replace(PLAIN, positions="alibi"),
    "alibi_three_heads": replace(PLAIN, positions="alibi", d_model=12, heads=3),
    "table": replace(PLAIN, positions="table"),
    "positions_none": replace(PLAIN, positions="none"),
    "tie_target": replace(PLAIN, tie="target", target_vocab_size=7),
    "tie_none": replace(PLAIN, tie="none", target_vocab_size=7),
    "no_biases": replace(PLAIN, biases=False),
    "grouped": replace(PLAIN, heads=4, key_value_heads=2),
    "multi_query": replace(PLAIN, heads=4, key_value_heads=1),
    "grouped_rotary": replace(PLAIN, heads=4, key_value_heads=2, positions="rotary"),
    "no_residual": replace(PLAIN, experiment=Experiment(residual=False)),
    "no_score_scale": replace(PLAIN, experiment=Experiment(scale_scores=False)),
    "no_embedding_scale": replace(PLAIN, experiment=Experiment(scale_embeddings=False)),
    "modern": replace(
        PLAIN,
        heads=4,
        key_value_heads=2,
        norm_kind="rms",
        activation="swiglu",
        positions="rotary",
        biases=False,
    ),
    "silu": replace(PLAIN, activation="silu"),
}
# A cell in the place of the decoder's self-attention.
RECURRENT = {
    "ssru": replace(PLAIN, decoder_cell="ssru"),
    "ssru_post": replace(PLAIN, decoder_cell="ssru", norm="post", decoder_layers=1),
    "ssru_lean": replace(PLAIN, decoder_cell="ssru", biases=False, heads=4, key_value_heads=1, norm_kind="rms"),
}
EVERY = VARIANTS | RECURRENT


@st.composite
def model_configs(draw: st.DrawFn, experiments: bool = True) -> ModelConfig:
    """Any valid config of a tiny model, without the experiments' missing parts on request.

    Dropout rates are drawn too: in evaluation they change nothing.
    """
    switch = st.booleans() if experiments else st.just(True)
    vocab_size = draw(st.integers(5, 12))
    tie = draw(st.sampled_from(["all", "target", "none"]))
    heads = draw(st.sampled_from([1, 2, 3, 4]))
    rates = st.sampled_from([0.0, 0.3])
    return ModelConfig(
        vocab_size=vocab_size,
        target_vocab_size=draw(st.none() | (st.just(vocab_size) if tie == "all" else st.integers(5, 12))),
        d_model=heads * draw(st.sampled_from([w for w in (2, 4, 6, 8) if heads * w >= 8])),  # LayerNorm of 2: a sign
        encoder_layers=draw(st.integers(1, 3)),
        decoder_layers=draw(st.integers(1, 3)),
        heads=heads,
        key_value_heads=draw(st.sampled_from([None, *(n for n in range(1, heads + 1) if heads % n == 0)])),
        feed_forward=draw(st.integers(1, 12)),
        norm=draw(st.sampled_from(["pre", "post", "none"] if experiments else ["pre", "post"])),
        norm_kind=draw(st.sampled_from(["layer", "rms"])),
        norm_epsilon=draw(st.sampled_from([1e-5, 1e-6, 1e-2])),
        activation=draw(st.sampled_from(["relu", "gelu", "swiglu", "silu"])),
        positions=draw(st.sampled_from(["sinusoidal", "learned", "rotary", "alibi", "table", "none"])),
        max_positions=draw(st.integers(8, 20)),
        tie=tie,
        decoder_cell=draw(st.sampled_from(get_args(DecoderCell))),
        biases=draw(st.booleans()),
        dropout=draw(rates),
        attention_dropout=draw(rates),
        activation_dropout=draw(rates),
        experiment=Experiment(residual=draw(switch), scale_scores=draw(switch), scale_embeddings=draw(switch)),
    )


def random_weights(config: ModelConfig, seed: int, dtype: type[np.floating] = np.float64) -> dict[str, np.ndarray]:
    """Every parameter: matrices that keep the size of what passes, biases far from 0, norms far from 1."""
    generator = np.random.default_rng(seed)
    weights = {}
    for name, shape in parameters(config).items():
        if len(shape) == 2:  # the last dimension is the width of a linear map's input, and of an embedding
            tensor = generator.normal(size=shape) / np.sqrt(shape[1])
        elif "norm" in name and name.endswith(".weight"):
            tensor = generator.uniform(0.4, 1.8, shape)
        else:
            tensor = generator.choice([-1.0, 1.0], shape) * generator.uniform(0.1, 0.6, shape)
        weights[name] = tensor.astype(dtype)
    return weights


def random_batch(
    config: ModelConfig, seed: int, batch: int = 3, source: int = 7, target: int = 6
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Source ids [B, S], real [B, S], target ids [B, T]; sentence 0 is full, others end in padding."""
    generator = np.random.default_rng(seed)
    source_BS = generator.integers(1, config.vocab_size, (batch, source))
    target_BT = generator.integers(1, config.target_vocabulary, (batch, target))
    lengths_B = np.concatenate([[source], generator.integers(1, source + 1, batch - 1)])
    real_BS = np.arange(source) < lengths_B[:, None]
    return np.where(real_BS, source_BS, 0), real_BS, target_BT
