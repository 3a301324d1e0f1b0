"""A model with more pieces than it had: which ones its new text needs, and the rows that they begin with."""

# Shapes.  V old pieces and tags, D model width.

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from dragoman.bundle import Bundle
from dragoman.cli.recipe import Recipe
from dragoman.cli.training_data import Note, Reports
from dragoman.data.corpus import read_pairs, usable
from dragoman.errors import ConfigError
from dragoman.text.extension import Extension, extend

SIDES = {
    "source": ("embedding.weight", "source_embedding.weight"),
    "target": ("target_embedding.weight", "output.weight", "output.bias"),
}


def widened(origin: Bundle, recipe: Recipe, reports: Reports, note: Note) -> Bundle:
    """Return the model with the pieces that `tokenizer.extend` asks for.

    They are learned from the text of every corpus that has no `share`, for that is old. Raises ConfigError for
    tokenizers that cannot be extended, and for text that wants no more pieces.
    """
    most = recipe.tokenizer.extend
    joint = origin.source_tokenizer is origin.target_tokenizer
    if not joint and origin.model.tie == "all":
        raise ConfigError(
            f"tokenizer.extend={most}: the two tokenizers of model.from={recipe.model['from']} share one embedding, "
            "whose rows would not be those of both; leave it out"
        )

    def texts(*sides: str) -> Iterator[str]:
        new = (report for report, corpus in zip(reports, recipe.data.corpora, strict=True) if corpus.share is None)
        for pair in chain.from_iterable(read_pairs(report.files) for report in new):
            if usable(pair, recipe.data.max_characters):
                yield from (getattr(pair, side) for side in sides)

    if joint:
        both = extend(origin.source_tokenizer, texts("source", "target"), most)
        found = {"source": both, "target": both}
    else:
        found = {
            "source": extend(origin.source_tokenizer, texts("source"), most),
            "target": extend(origin.target_tokenizer, texts("target"), most),
        }
    if not any(extension.spelled for extension in found.values()):
        raise ConfigError(f"tokenizer.extend={most}: no piece more would cut this text into fewer; leave it out")
    for side, extension in {"pieces": found["source"]}.items() if joint else found.items():
        note(f"{side}: {len(extension.spelled):,} new pieces{_examples(extension)}")
    return _with_rows(origin, found, joint)


def _with_rows(origin: Bundle, found: Mapping[str, Extension], joint: bool) -> Bundle:
    """Return the model with a row for each new piece, before those of the tags."""
    at = {"source": origin.source_tokenizer.vocab_size, "target": origin.target_tokenizer.vocab_size}
    weights = {name: np.array(tensor) for name, tensor in origin.weights.items()}
    for side, names in SIDES.items():
        for name in names:
            if name in weights:
                weights[name] = rows_added(weights[name], at[side], found[side].spelled)
    more = {side: len(extension.spelled) for side, extension in found.items()}
    config = origin.model
    target = config.target_vocab_size
    config = replace(
        config,
        vocab_size=config.vocab_size + more["source"],
        target_vocab_size=None if target is None else target + more["target"],
    )
    return replace(
        origin,
        model=config,
        weights=weights,
        source_tokenizer=found["source"].tokenizer,
        target_tokenizer=found["source" if joint else "target"].tokenizer,
    )


def rows_added(tensor: NDArray[np.float32], at: int, spelled: Sequence[tuple[int, ...]]) -> NDArray[np.float32]:
    """Return a tensor [V, D] or [V] with rows put in before row `at`: each the mean of the rows that it replaces.

    So a new piece has a logit between those of its parts: in step 0 it is never the likeliest one.
    """
    rows = [tensor[list(ids)].mean(0) for ids in spelled]
    return np.concatenate([tensor[:at], np.array(rows, np.float32).reshape(-1, *tensor.shape[1:]), tensor[at:]])


def _examples(extension: Extension, count: int = 5) -> str:
    tokenizer = extension.tokenizer
    first = tokenizer.vocab_size - len(extension.spelled)
    shown = [tokenizer.piece(index) for index in range(first, tokenizer.vocab_size)][:count]
    return f", such as {' '.join(shown)}" if shown else ""
