"""What `train --from` trains: another model's weights and tokenizers, for text of one's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.bundle import Bundle
from dragoman.cli.card import card
from dragoman.cli.origin import refuse_untagged
from dragoman.cli.recipe import Recipe
from dragoman.cli.trained import provenance
from dragoman.cli.training_data import Note, Reports
from dragoman.cli.widening import widened
from dragoman.errors import ConfigError
from dragoman.train.memory import refuse_large
from dragoman.weights import digest

BARRED = np.float32(-100)  # exp of it is 0 beside any other logit, and smoothed labels do not make it a loss of 1e8

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
