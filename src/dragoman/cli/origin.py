"""The model that a training goes on from, `train --from`: what it fixes, and what a recipe then may not say."""

from collections.abc import Mapping
from typing import Any

from dragoman.architecture import to_table
from dragoman.bundle import Bundle
from dragoman.config import Tables
from dragoman.directions import Direction, tags
from dragoman.errors import ConfigError
from dragoman.text.extension import check_extensible
from dragoman.train.options import TUNED_WARMUP, TrainOptions

ENDS = 2  # <s> and </s> around the pieces of a sentence
FREE = ("from", "dropout", "attention_dropout", "activation_dropout")  # settings that are no part of a model's shape


def fixed(origin: Bundle, tables: Tables) -> Tables:
    """Return a recipe's tables with what follows from the model that it names.

    Raises ConfigError for a setting that contradicts the model, and for a model that cannot be trained on.
    """
    model, tokenizer, data = (tables.get(table, {}) for table in ("model", "tokenizer", "data"))
    name, config, translates = model["from"], origin.model, origin.translates
    if not origin.source_ended and tables.get("train", {}).get("guided_alignment"):
        raise ConfigError(
            f"train.guided_alignment with model.from={name}, whose sources have no </s> to look at where a piece has "
            "no word of its own; leave it out"
        )
    if "preset" in model:
        raise ConfigError(f"model.preset={model['preset']} with model.from={name}, which has its own shape: drop one")
    shape = to_table(config)
    for setting in model.keys() - set(FREE):
        _refuse_other(name, f"model.{setting}", model[setting], shape[setting])
    cut = {
        "algorithm": origin.source_tokenizer.kind,
        "vocab_size": origin.source_tokenizer.vocab_size,
        "joint": origin.source_tokenizer is origin.target_tokenizer,
    }
    for setting in cut.keys() & tokenizer.keys():
        _refuse_other(name, f"tokenizer.{setting}", tokenizer[setting], cut[setting])
    if tokenizer.get("extend"):
        _refuse_extension(origin, tables)
    if data.get("languages") is None and translates:
        if len(translates) > 1:
            known = ", ".join("-".join(direction) for direction in translates)
            raise ConfigError(f"model.from={name} is for {known}; say which the text is of, as data.languages")
        data = data | {"languages": list(translates[0])}
    options, train = TrainOptions(), tables.get("train", {})
    low_rank = train.get("lora_rank") is not None
    usual = {
        # The few numbers of an adapter begin with none, and Hu et al. move them by Adam.
        "rate": options.peak_rate(config.d_model) if low_rank else options.tuned_rate(config.d_model),
        **({"optimizer": "adamw"} if low_rank else {}),
        "warmup": TUNED_WARMUP,
        "max_pieces": min(options.max_pieces, config.max_positions - ENDS),
    }
    return tables | {
        "tokenizer": tokenizer | cut | {"vocab_size": None},
        "data": data,
        "train": usual | train,
    }


def _refuse_extension(origin: Bundle, tables: Tables) -> None:
    """Refuse more pieces where the family has no room for them, and beside an adapter, which would not hold them."""
    for tokenizer in (origin.source_tokenizer, origin.target_tokenizer):
        check_extensible(tokenizer.kind)
    if tables.get("train", {}).get("lora_rank") is not None:
        raise ConfigError(
            "tokenizer.extend with train.lora_rank, which trains no rows of an embedding; leave one of them out"
        )


def refuse_untagged(name: str, known: tuple[Direction, ...], wanted: tuple[Direction, ...]) -> None:
    """Refuse languages to translate into that the model has no tag for; raises ConfigError.

    A model of one target language may be tuned to another one, which is then its only one.
    """
    missing = [direction for direction in wanted if direction not in known]
    if missing and (tags(known) or tags(wanted)):
        have = ", ".join("-".join(direction) for direction in known) or "no language that it names"
        raise ConfigError(
            f"data.languages={list(missing[0])}: model.from={name} is for {have} and has no tag for more; "
            "give text of its directions, or train without --from"
        )


def _refuse_other(name: str, setting: str, value: Any, own: Any) -> None:
    """Refuse a setting that is not the model's own; a table may name a part of it."""
    if value != own and not (isinstance(value, Mapping) and isinstance(own, Mapping) and value.items() <= own.items()):
        raise ConfigError(f"{setting}={value} contradicts model.from={name}, which has {own}; leave one of them out")
