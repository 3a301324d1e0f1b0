"""What `train --from` trains: another model's weights and tokenizers, for text of one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.bundle import Bundle
from dragoman.cli.card import card
from dragoman.cli.origin import ENDS, refuse_untagged
from dragoman.cli.recipe import Recipe
from dragoman.cli.trained import provenance
from dragoman.cli.training_data import Held, Note, Reports, ended
from dragoman.cli.widening import widened
from dragoman.decode.runner import TorchRunner
from dragoman.errors import ConfigError
from dragoman.model.transformer import Transformer
from dragoman.options import EOS
from dragoman.train.memory import refuse_large
from dragoman.weights import digest

BARRED = np.float32(-100)  # exp of it is 0 beside any other logit, and smoothed labels do not make it a loss of 1e8
PROBED = 64  # pairs that tell whether the sides are swapped
CLEAR = 0.5  # of the mean log-probability of a piece, by which the other way round must be likelier

Weights = dict[str, NDArray[np.float32]]


def tuned(recipe: Recipe, reports: Reports, precision: str, note: Note) -> Bundle:
    """Return the model before its first step: what the recipe names, with the recipe's languages.

    Raises ConfigError where its languages are others, or its weights too many.
    """
    origin, name = recipe.origin, recipe.model["from"]
    assert origin is not None
    wanted = recipe.data.directions
    refuse_untagged(name, origin.translates, wanted)
    if recipe.train.lora_rank is not None and not set(wanted) <= set(origin.translates):
        raise ConfigError(
            f"train.lora_rank={recipe.train.lora_rank}: an adapter is for the languages of model.from={name}; "
            "give text of these, or train without it"
        )
    start = widened(origin, recipe, reports, note) if recipe.tokenizer.extend else origin
    config = replace(
        recipe.model_config(0, 0),
        vocab_size=start.model.vocab_size,
        target_vocab_size=start.model.target_vocab_size,
    )
    refuse_large(config, recipe.train)
    if origin.master is None:
        note(f"{name} holds int8 weights alone; they are trained on as the float32 that they stand for")
    weights = _trainable(start.weights, note)
    found = provenance(recipe.table(), reports, precision) | {
        "from": {
            "model": name,
            "sha256": digest(origin.model, origin.weights),
            "card": origin.card,
            "provenance": dict(origin.provenance),
        }
    }
    directions = origin.translates if set(wanted) <= set(origin.translates) else wanted
    return replace(
        start,
        model=config,
        weights=weights,
        int8=None,
        master="float32",
        languages=directions[0] if directions else None,
        directions=directions if len(directions) > 1 else (),
        decode={**origin.decode, **recipe.decode},
        usual_pieces=None,
        provenance=found,
        card=card(config, directions, found),
    )


def seems_swapped(model: Transformer, first: Bundle, pairs: Sequence[Held]) -> bool:
    """Whether the model, with the weights of `first`, finds pairs clearly likelier with their sides exchanged."""
    runner, longest = TorchRunner(model), first.model.max_positions - ENDS
    means = []
    texts = [pair[0] for pair in pairs[:PROBED]], [pair[1] for pair in pairs[:PROBED]]
    for given, wanted in (texts, texts[::-1]):
        sources, targets = first.source_tokenizer.encode_ids(given), first.target_tokenizer.encode_ids(wanted)
        fitting = [
            (ended(s, pair[2]), [*t, EOS])
            for s, t, pair in zip(sources, targets, pairs, strict=False)
            if max(len(s), len(t)) <= longest
        ]
        rows = runner.score([s for s, _ in fitting], [t for _, t in fitting])
        means.append(np.mean([np.mean(row) for row in rows]) if rows else np.nan)
    return bool(means[1] > means[0] + CLEAR)  # false where one is no number


def refuse_changed(name: str, begun: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to go on from another model than a run began with, by their provenance; raises ConfigError."""
    if begun.get("from", {}).get("sha256") != now["from"]["sha256"]:
        raise ConfigError(f"model.from={name}: its weights have changed since the run began; choose a new --out")


def _trainable(weights: Mapping[str, NDArray[np.float32]], note: Note) -> Weights:
    """Return a copy of the weights, with no output bias so low that a smoothed label is a loss of millions."""
    found = {name: np.array(tensor) for name, tensor in weights.items()}
    bias = found.get("output.bias")
    if bias is not None and (low := int((bias < BARRED).sum())):
        note(f"{low} pieces that the model bars have the output bias {BARRED:.0f} in training")
        np.maximum(bias, BARRED, out=bias)
    return found
