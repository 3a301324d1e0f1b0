"""All families of tokenizers side by side on the user's own text: learned on nine tenths, measured on the last.

`compare` trains what it is not given. A family that cannot be made from this text stands in the result with
the reason, so that none is left out in silence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from dragoman.errors import ConfigError, DataError
from dragoman.text.laboratory import MEASURED, Measures, Row, Speed, Split, hold_out, keep, measure, speed
from dragoman.text.tokenizer import Encoding, Tokenizer
from dragoman.text.training import ALGORITHMS, train

TRAINED = 100_000  # rows that are learned from and measured on; of more a sample
EXAMPLES = 3  # held-out rows that are shown piece by piece


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One tokenizer and what it makes of each side; `cuts` are the examples, side by side and one after the other."""

    name: str
    kind: str
    vocab_size: int
    lossless: bool
    fingerprint: str
    training_seconds: float | None  # None: it was given
    sides: tuple[Measures, ...]
    speed: Speed
    cuts: tuple[Encoding, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A family that could not be learned from this text, and why."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What was compared on which text: `total` rows came, of which some were learned from and some measured."""

    sides: tuple[str, ...]
    total: int
    training: int
    measured: int
    examples: tuple[str, ...]  # texts, as in the `cuts` of each entry
    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return asdict(self)


def compare(
    rows: Iterable[Row],
    sides: tuple[str, ...],
    given: Mapping[str, Tokenizer] | None = None,
    vocab_size: int | None = None,
) -> Comparison:
    """Compare the given tokenizers by name, or all families learned from the rows, one vocabulary for all sides.

    Raises DataError for too little text, ConfigError where no family can be learned with `vocab_size`.
    """
    split = hold_out(rows, TRAINED)
    measured, _ = keep(split.held_out, MEASURED)
    texts = tuple(text for row in _examples(measured) for text in row)
    entries, refusals = [], []
    for name in given or ALGORITHMS:
        start = perf_counter()
        try:
            tokenizer = given[name] if given else _learn(split, vocab_size, name)
        except (ConfigError, DataError) as error:
            refusals.append(Refusal(name, str(error)))
            continue
        seconds = None if given else perf_counter() - start
        entries.append(_entry(name, tokenizer, seconds, measured, texts))
    if not entries:
        raise ConfigError(refusals[0].reason)
    return Comparison(
        sides=sides,
        total=split.total,
        training=0 if given else len(split.training),
        measured=len(measured),
        examples=texts,
        entries=tuple(entries),
        refusals=tuple(refusals),
    )


def _learn(split: Split, vocab_size: int | None, algorithm: str) -> Tokenizer:
    return train((text for row in split.training for text in row), vocab_size, algorithm)


def _entry(name: str, tokenizer: Tokenizer, seconds: float | None, rows: list[Row], texts: tuple[str, ...]) -> Entry:
    columns = [[row[side] for row in rows] for side in range(len(rows[0]))]
    return Entry(
        name=name,
        kind=tokenizer.kind,
        vocab_size=tokenizer.vocab_size,
        lossless=tokenizer.lossless,
        fingerprint=tokenizer.fingerprint,
        training_seconds=seconds,
        sides=tuple(measure(tokenizer, column) for column in columns),
        speed=speed(tokenizer, [text for column in columns for text in column]),
        cuts=tuple(tokenizer.encode(text) for text in texts),
    )


def _examples(rows: list[Row]) -> list[Row]:
    """Return some rows of ordinary length: those in the middle when sorted by it."""
    ordered = sorted(rows, key=lambda row: (len(row[0]), row))
    start = max(0, len(ordered) // 2 - EXAMPLES // 2)
    return ordered[start : start + EXAMPLES]
