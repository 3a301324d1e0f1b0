"""The model of a recipe before its first step, which `train` goes on from and `plan` rehearses with."""

import torch

from dragoman.bundle import Bundle
from dragoman.cli.card import card
from dragoman.cli.recipe import Recipe
from dragoman.cli.trained import provenance
from dragoman.cli.training_data import Note, Reports, learn_tokenizers
from dragoman.cli.tuning import tuned
from dragoman.engine.cpu import instruction_sets
from dragoman.model.initialization import from_numpy, initialize, to_numpy
from dragoman.model.transformer import Transformer
from dragoman.randomness import Randomness
from dragoman.train.freezing import choose_trained
from dragoman.train.memory import refuse_large

HALF = {"avx512_bf16", "amx_bf16"}


def untrained(recipe: Recipe, reports: Reports, note: Note) -> Bundle:
    """Learn the tokenizers and make the first weights, or take those of a model; ConfigError if they are too many."""
    precision = "bf16" if in_low_precision(recipe) else "float32"
    if recipe.origin is not None:
        return tuned(recipe, reports, precision, note)
    source, target = learn_tokenizers(recipe, reports)
    config = recipe.model_config(source.vocab_size, target.vocab_size)
    refuse_large(config, recipe.train)
    model = Transformer(config)
    initialize(model, Randomness(recipe.train.seed))
    found, directions = provenance(recipe.table(), reports, precision), recipe.data.directions
    return Bundle(
        model=config,
        weights=to_numpy(model),
        source_tokenizer=source,
        target_tokenizer=target,
        languages=recipe.data.languages,
        directions=directions if len(directions) > 1 else (),
        decode=recipe.decode,
        provenance=found,
        card=card(config, directions, found),
    )


def new_model(recipe: Recipe, first: Bundle) -> Transformer:
    """Return the model with its first weights, on the device that it is trained on."""
    model = Transformer(first.model)
    if recipe.origin is not None:
        from_numpy(model, first.weights)
    else:
        initialize(model, Randomness(recipe.train.seed))
    choose_trained(model, recipe.train)
    return model.to("cuda" if torch.cuda.is_available() else "cpu")


def in_low_precision(recipe: Recipe) -> bool:
    """Return whether products run in bfloat16: as asked, or where the processor has them."""
    if recipe.train.precision != "auto":
        return recipe.train.precision == "bf16"
    return torch.cuda.is_available() or bool(HALF & set(instruction_sets()))
