"""Models of every variant with real tokenizers and random weights, small enough to compare every number of a trace."""

from dataclasses import replace

import numpy as np

from dragoman.bundle import Bundle
from model_configs import EVERY, random_weights
from tiny_bundle import other_tokenizer, tokenizer

TEXT = "the black cat ▁ sat, 🙂"


def traced_model(name: str, seed: int = 1, **decode) -> Bundle:
    plain = EVERY[name]
    source, target = tokenizer(), tokenizer() if plain.tie == "all" else other_tokenizer()
    config = replace(
        plain,
        vocab_size=source.vocab_size,
        target_vocab_size=None if plain.tie == "all" else target.vocab_size,
        max_positions=64,
    )
    return Bundle(
        model=config,
        weights=random_weights(config, seed, np.float32),
        source_tokenizer=source,
        target_tokenizer=target,
        languages=("en", "de"),
        decode={"beam": 3, "n_best": 2, "max_length": 7, **decode},
        alignment_heads=((0, 1),),
    )
