"""A recipe: the tables of a TOML file, the flags and `--set`, put together and checked before anything runs."""

import dataclasses
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dragoman import bundle
from dragoman.architecture import ModelConfig, preset_settings, to_table
from dragoman.bundle import Bundle
from dragoman.cli.origin import ENDS, FREE, fixed
from dragoman.config import Tables, apply_settings, build, read_recipe, setting_names, table_of
from dragoman.data.augmentation import AugmentOptions
from dragoman.data.mixture import check_weight
from dragoman.directions import Direction, is_code, tags
from dragoman.errors import ConfigError
from dragoman.options import DecodeOptions
from dragoman.text.family import check_variation, find_surrogate
from dragoman.train.options import TrainOptions

MOST_NEW = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenizerOptions:
    """The `[tokenizer]` table."""

    algorithm: str = "bpe"  # bpe, byte_bpe, unigram, wordpiece, character, word
    vocab_size: int | None = None  # None: by the amount of text, at most 8,000
    joint: bool = True  # one vocabulary for both sides
    extend: int = 0  # pieces at most that a model to go on from gets behind its own

    def __post_init__(self) -> None:
        """Refuse what cannot be; raises ConfigError."""
        if not 0 <= self.extend <= MOST_NEW:
            raise ConfigError(f"tokenizer.extend={self.extend}: a whole number from 0 to {MOST_NEW:,} is allowed")


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusOptions:
    """A further corpus, in `data.more`."""

    source: Path
    target: Path | None = None
    valid_source: Path | None = None
    valid_target: Path | None = None
    languages: Direction | None = None  # None: those of `data.languages`
    weight: float = 1.0
    share: float | None = None  # of the pairs of an epoch, in the place of a weight

    def __post_init__(self) -> None:
        """Refuse what cannot be; raises ConfigError."""
        check_weight(self.weight, "data.more.weight")
        if self.share is not None and (self.weight != 1.0 or not 0 < self.share < 1):
            raise ConfigError(
                f"data.more.share={self.share}: a number between 0 and 1 is allowed, and no weight beside it"
            )
        _check_languages(self.languages, "data.more.languages")
        if self.valid_target is not None and self.valid_source is None:
            raise ConfigError(f"data.more.valid_target={self.valid_target} without its source; give valid_source too")


@dataclass(frozen=True, kw_only=True, slots=True)
class DataOptions:
    """The `[data]` table."""

    source: Path
    target: Path | None = None  # None: `source` is a .tsv or .jsonl with both sides
    valid_source: Path | None = None
    valid_target: Path | None = None
    languages: Direction | None = None  # codes of source and target
    attribution: str | None = None  # whose the data are and under which licence, for the model's card
    max_characters: int = 10_000  # longer lines are named and left out
    weight: float = 1.0  # how often a pair of `source` comes in an epoch: 2 twice, 0.5 in every other one
    more: tuple[CorpusOptions, ...] = ()  # further corpora, each with a weight of its own

    def __post_init__(self) -> None:
        """Refuse what cannot be; raises ConfigError."""
        check_weight(self.weight)
        if self.max_characters < 1:
            raise ConfigError(f"data.max_characters={self.max_characters}: a whole number from 1 is allowed")
        _check_languages(self.languages, "data.languages")
        if self.languages is None and any(corpus.languages for corpus in self.more):
            raise ConfigError('data.more names languages and data.languages does not; write it, such as ["en", "de"]')
        if self.valid_target is not None and self.valid_source is None:
            raise ConfigError(f"data.valid_target={self.valid_target} without its source; write --valid-source FILE")
        for name in (self.source, self.target, self.valid_source, self.valid_target):
            if find_surrogate(str(name)) is not None:
                raise ConfigError(f"{str(name)!a}: no UTF-8, so no model could say that it is of it; rename the file")

    @property
    def corpora(self) -> tuple[CorpusOptions, ...]:
        """Return all corpora to train on, each with its languages."""
        first = CorpusOptions(
            source=self.source,
            target=self.target,
            valid_source=self.valid_source,
            valid_target=self.valid_target,
            languages=self.languages,
            weight=self.weight,
        )
        return (first, *(replace(corpus, languages=corpus.languages or self.languages) for corpus in self.more))

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Return the directions to train, each once; none where no languages are given."""
        return tuple(dict.fromkeys(corpus.languages for corpus in self.corpora if corpus.languages is not None))


def _check_languages(codes: Direction | None, name: str) -> None:
    """Refuse what are no two codes; raises ConfigError."""
    if codes is not None and not all(map(is_code, codes)):
        raise ConfigError(
            f'{name}={list(codes)!r:.100}: write two codes of letters, digits, _ and -, such as ["en", "de"]'
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """Everything that decides what a training run gives."""

    model: dict[str, Any]  # ModelConfig but its vocabulary sizes, preset included; or `from`, a model
    tokenizer: TokenizerOptions
    data: DataOptions
    augment: AugmentOptions
    train: TrainOptions
    decode: dict[str, Any]
    origin: Bundle | None = None  # the model that `model.from` names

    def table(self) -> Tables:
        """Return the recipe as plain JSON tables, to be stored with the run."""
        return {
            "model": self.model,
            "tokenizer": table_of(self.tokenizer),
            "data": {name: _plain(value) for name, value in dataclasses.asdict(self.data).items()},
            "augment": table_of(self.augment),
            "train": table_of(self.train),
            "decode": self.decode,
        }

    @staticmethod
    def defaults() -> Tables:
        """Return the settings that a stored recipe had where it does not name them, for it is of an older version."""
        later = {"tokenizer": TokenizerOptions(), "augment": AugmentOptions(), "train": TrainOptions()}
        return {name: table_of(options) for name, options in later.items()}

    def model_config(self, source_pieces: int, target_pieces: int) -> ModelConfig:
        """Return the model for tokenizers of these sizes; that of `from` has its own. Raises ConfigError."""
        if self.origin is not None:
            free = {name: self.model[name] for name in FREE if name in self.model and name != "from"}
            return build(ModelConfig, to_table(self.origin.model) | free, "model")
        with_tags = source_pieces + len(tags(self.data.directions))
        sizes = {"vocab_size": with_tags, "target_vocab_size": None if self.tokenizer.joint else target_pieces}
        tie = {} if self.tokenizer.joint or "tie" in self.model else {"tie": "target"}
        settings = {name: value for name, value in self.model.items() if name != "preset"}
        return build(ModelConfig, preset_settings(self.model["preset"]) | tie | settings | sizes, "model")


def read(path: Path | None, settings: list[str], flags: Tables) -> Recipe:
    """Put a recipe file, `--set` and the command's flags together, the later over the earlier; raises ConfigError."""
    names = {
        "model": ["preset", "from", *setting_names(ModelConfig)],
        "tokenizer": setting_names(TokenizerOptions),
        "data": setting_names(DataOptions),
        "augment": setting_names(AugmentOptions),
        "train": setting_names(TrainOptions),
        "decode": setting_names(DecodeOptions),
    }
    tables = {} if path is None else read_recipe(path, list(names))
    tables = apply_settings(tables, settings, names)
    for name, table in flags.items():
        given = {key: value for key, value in table.items() if value is not None}
        if name == "train" and ("steps" in given or "minutes" in given):  # a flag replaces the recipe's length
            tables["train"] = {k: v for k, v in tables.get("train", {}).items() if k not in ("steps", "minutes")}
        tables[name] = tables.get(name, {}) | given
    model, origin = tables.get("model", {}), None
    if "vocab_size" in model or "target_vocab_size" in model:
        raise ConfigError("model.vocab_size follows from the tokenizer; write --set tokenizer.vocab_size=8000")
    for name, such in (("preset", "tiny"), ("from", "de-en")):
        if not isinstance(model.get(name, such), str):
            raise ConfigError(f"model.{name}={model[name]!r}: text is wanted, such as {such}")
    if "source" not in tables.get("data", {}):
        raise ConfigError("no training text is given; write --source FILE --target FILE, or [data] in a recipe")
    if "from" in model:
        origin = bundle.load(model["from"])
        tables = fixed(origin, tables)
    else:
        model = {"preset": "tiny"} | model
    recipe = Recipe(
        model=model,
        tokenizer=build(TokenizerOptions, tables.get("tokenizer", {}), "tokenizer"),
        data=build(DataOptions, tables["data"], "data"),
        augment=build(AugmentOptions, tables.get("augment", {}), "augment"),
        train=build(TrainOptions, tables.get("train", {}), "train"),
        decode=tables.get("decode", {}),
        origin=origin,
    )
    for name, value in (("train.lora_rank", recipe.train.lora_rank), ("tokenizer.extend", recipe.tokenizer.extend)):
        if origin is None and value:
            raise ConfigError(f"{name}={value} wants a model to begin with; write --from MODEL")
    _check_shape(recipe)
    least, longest = build(DecodeOptions, recipe.decode, "decode").min_length, _positions(recipe) - 1
    if least > longest:
        raise ConfigError(f"decode.min_length={least}: the model can give {longest} pieces; lower it")
    return recipe


def _positions(recipe: Recipe) -> int:
    return recipe.model_config(1000, 1000).max_positions


def _check_shape(recipe: Recipe) -> None:
    """Refuse an impossible model before the data are read; raises ConfigError."""
    check_variation(recipe.tokenizer.algorithm, recipe.train.merge_dropout, recipe.train.sampling_alpha)
    config, pieces = recipe.model_config(1000, 1000), recipe.train.max_pieces
    room = config.max_positions - ENDS
    if pieces > room:
        raise ConfigError(
            f"train.max_pieces={pieces} and the ends of a sentence do not fit into model.max_positions="
            f"{config.max_positions}; write --set model.max_positions={pieces + ENDS} or --set train.max_pieces="
            f"{max(1, room)}"
        )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Path) else value
