"""Training runs small enough to repeat: a corpus of letters, its tokenizer, a loop, a watcher that listens."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from dragoman.architecture import ModelConfig
from dragoman.data.batching import BatchPlan
from dragoman.data.corpus import PairFiles, check
from dragoman.data.mixture import single
from dragoman.data.store import PairStore, prepare
from dragoman.model.initialization import initialize
from dragoman.model.transformer import Transformer
from dragoman.randomness import Randomness
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train
from dragoman.train.loop import Loop
from dragoman.train.options import TrainOptions
from dragoman.train.progress import Progress, Validation

LETTERS = "abcdefghijkl"  # each with its blank is a piece
CONFIG = ModelConfig(
    vocab_size=300, d_model=8, encoder_layers=1, decoder_layers=1, heads=2, feed_forward=12, max_positions=40,
    dropout=0.1, attention_dropout=0.1,
)  # fmt: skip
# All that a resume could lose: averaging, accumulation, smoothing, both kinds of dropout, several epochs.
OPTIONS = TrainOptions(
    optimizer="muon",
    steps=24,
    batch_tokens=120,
    accumulate=2,
    warmup=4,
    rate=0.02,
    average=0.5,
    merge_dropout=0.1,
    validate_every=6,
)
TIMES = ("seconds", "tokens_per_second")


def letters(count: int, seed: int, shortest: int = 1, longest: int = 6) -> list[str]:
    """Different rows of letters with blanks between."""
    chance = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(chance.choices(LETTERS, k=chance.randint(shortest, longest)))] = None
    return list(found)


def tokenizer() -> Tokenizer:
    return train([*letters(200, 0), " ".join("mnopqrstuvwxyz")], 300)


def store_of(pairs: list[tuple[str, str]], folder: Path, pieces: Tokenizer) -> PairStore:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pairs.tsv").write_text("".join(f"{source}\t{target}\n" for source, target in pairs))
    files = PairFiles(folder / "pairs.tsv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        return prepare(files, pieces, pieces, check(files), 60)


@dataclass
class Listener:
    """Validates by a number that every weight has a part in, or by those given; stops after some steps if asked."""

    stop_after: int | None = None
    qualities: Iterator[float] | None = None
    step: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    kept: list[tuple[int, dict[str, torch.Tensor]]] = field(default_factory=list)

    def validate(self, model: Transformer) -> Validation:
        if self.qualities is not None:
            return Validation(loss=-next(self.qualities))
        total = sum(float(p.detach().double().abs().sum()) for p in model.parameters())
        return Validation(loss=total, samples=(("é", "b", "c"),))

    def keep(self, model: Transformer, validation: Validation, progress: Progress) -> None:
        self.kept.append((progress.step, weights_of(model)))

    def watch(self, event: dict[str, Any]) -> None:
        self.step = event["step"]
        self.events.append(event)

    def interrupted(self) -> bool:
        return self.stop_after is not None and self.step >= self.stop_after

    def kind(self, kind: str) -> list[int]:
        """The steps of the events of a kind."""
        return [event["step"] for event in self.events if event["kind"] == kind]


def weights_of(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in model.named_parameters()}


@dataclass
class Bench:
    """A corpus in a store, from which runs are made."""

    store: PairStore
    pieces: Tokenizer

    def loop(
        self,
        folder: Path,
        listener: Listener | None = None,
        config: ModelConfig = CONFIG,
        low_precision: bool = False,
        began: float | None = None,
        **settings: Any,
    ) -> Loop:
        """A run in `folder` with some settings changed, from the beginning or its newest checkpoint."""
        options = replace(OPTIONS, **settings)
        model = Transformer(config)
        initialize(model, Randomness(options.seed))
        randomness, pieces = Randomness(options.seed), (self.pieces, self.pieces)
        plan = BatchPlan(single(self.store), options.batch_tokens, randomness, options.merge_dropout, pieces)
        return Loop(model, plan, options, listener or Listener(), folder, low_precision, began)


def make_bench(folder: Path, count: int = 110) -> Bench:
    """Some rows of letters, to be turned round."""
    pieces = tokenizer()
    return Bench(store_of([(text, text[::-1]) for text in letters(count, 1)], folder, pieces), pieces)


def journal(folder: Path) -> list[dict[str, Any]]:
    """The events in metrics.jsonl, without times."""
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [{name: value for name, value in json.loads(line).items() if name not in TIMES} for line in lines]


def same_bits(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())
