"""The tokenizers that a page cuts texts with: the model's own, in front of others.

They stand in the page as their tokenizer.json, whatever it holds of the model, so that any text can be cut there, and
weaknesses be looked for as `text/pathologies.py` does. What others there are is a choice: given ones, one of each
family learned from a text, or those that come with the program, learned from its phrasebook (`web/write_families.py`).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from dragoman.bundle import Bundle
from dragoman.errors import ConfigError, DataError
from dragoman.text import probes
from dragoman.text.laboratory import keep
from dragoman.text.pathologies import PATHOLOGIES
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import ALGORITHMS, SAMPLE, automatic_size, sample, train

FAMILIES = Path(__file__).with_name("families.json")
SIZE = 1000  # ids of a learned family, of each the same, for what is compared is the rule
LINES = 20_000  # that are learned from, of more a sample

# What the page's symptoms, as those of `text/symptoms.py`, are looked for on.
_PROBES = {
    "plain": probes.PLAIN,
    "scripts": probes.SCRIPTS,
    "emoji": probes.EMOJI,
    "code": probes.CODE,
    "json": probes.JSON,
    "yaml": probes.YAML,
    "controls": probes.CONTROLS,
    "fragile": probes.FRAGILE,
}
Laboratory = dict[str, Any]  # JSON; web/src/page/laboratory/embedded.ts reads it
Origin = Literal["model", "phrasebook", "corpus", "file"]


@dataclass(frozen=True, slots=True)
class Named:
    """A tokenizer of a page, by a name that no other one there has."""

    name: str
    origin: Origin
    tokenizer: Tokenizer


def laboratory(model: Bundle, others: Sequence[Named] | None = None) -> Laboratory:
    """Return the tokenizers of a page, the model's source first; without others, with those of the program.

    Own ones of a kind that a page does not read are left out, and their kinds told. Raises ConfigError for others of
    such a kind, and where two have one name.
    """
    sides = {"source": model.source_tokenizer, "target": model.target_tokenizer}
    if model.target_tokenizer is model.source_tokenizer:
        sides = {"model": model.source_tokenizer}
    own = [Named(name, "model", tokenizer) for name, tokenizer in sides.items() if tokenizer.kind in ALGORITHMS]
    found = [*own, *(shipped_families() if others is None else others)]
    for one in found:
        if (kind := one.tokenizer.kind) not in ALGORITHMS:
            known = ", ".join(ALGORITHMS)
            raise ConfigError(f"{one.name}: of the kind {kind}, a laboratory reads {known}; leave it out")
    names = [one.name for one in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"two tokenizers of the page would be called {twice}; rename the file of one")
    written = [{"name": one.name, "origin": one.origin, "json": one.tokenizer.to_json()} for one in found]
    return {
        "tokenizers": written,
        "unread": sorted({tokenizer.kind for tokenizer in sides.values()} - set(ALGORITHMS)),
        "probes": _PROBES,
        "bounds": {one.name: [one.good, one.fair] for one in PATHOLOGIES},
    }


@cache
def shipped_families() -> tuple[Named, ...]:
    """Return a tokenizer of each family, learned from the phrasebook."""
    written: dict[str, str] = json.loads(FAMILIES.read_text(encoding="utf-8"))
    return tuple(Named(name, "phrasebook", Tokenizer.from_json(text)) for name, text in written.items())


def learned(lines: Iterable[str], origin: Origin = "corpus") -> tuple[Named, ...]:
    """Return a tokenizer of each family, learned from these lines: of `SIZE` ids, or as many as they are worth.

    Raises DataError for a text that is too short.
    """
    kept, total = keep(((line,) for line in lines), LINES)
    texts = [line for (line,) in kept]
    found = []
    for family in ALGORITHMS:
        size = SIZE if texts and automatic_size(sample(texts, SAMPLE), family) > SIZE else None
        try:
            found.append(Named(family, origin, train(texts, size, family)))
        except DataError as error:
            raise DataError(f"{total:,} lines to learn {family} from: {error}") from None
    return tuple(found)
